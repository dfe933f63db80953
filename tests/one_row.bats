# The tables alone drive everything: a copy of the source gets one row more in lib/tables.h, no
# other line is changed, and every part of what is built from it knows the new member.
# shellcheck disable=SC2154  # run sets output and stderr

# The member that upstream might invent tomorrow.
# shellcheck disable=SC1003  # a backslash ends the row
ROW='    X(DEGRADED, x_new_counter, U32, ONE, DEFAULTED, BYTES, NONE, "what nobody has counted before") \'

setup_file() {
  load helpers
  local copy=$BATS_FILE_TMPDIR/copy
  mkdir "$copy"
  (cd "$ROOT" && cp -r Makefile lib capture cmd view man "$copy")
  ROW=$ROW awk '{ print } /X\(DEGRADED, elapsed_ms,/ { print ENVIRON["ROW"] }' \
    "$ROOT/lib/tables.h" >"$copy/lib/tables.h"
  # A build of the copy's own, and not with the sanitizers of the one under test.
  env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u MAKEOVERRIDES -u O -u SANITIZE -u COVERAGE \
    make -C "$copy" -j2 O=out CFLAGS=-O0 all >"$copy/log" 2>&1 || { cat "$copy/log" && return 1; }
}

setup() {
  load helpers
  mkdir "$BATS_TEST_TMPDIR/here"
  cd "$BATS_TEST_TMPDIR/here" || return 1
  NEW=$BATS_FILE_TMPDIR/copy/out
  # The copy's program as `dumpctl`, the one without the row as `before`.
  BEFORE=$DUMPCTL DUMPCTL=$NEW/dumpctl
  report 7 >seven.json
}

before() {
  "$BEFORE" "$@"
}

# report VALUE [MORE]: a degraded report with the new member, in a place of its own.
report() {
  printf '{"x_new_counter":%s,"schema":"degraded","reason":"r","watchpoint_hit":false,"bss_latch_state":"triggered","elapsed_ms":5%s}\n' \
    "$1" "${2:-}"
}

# Quiet where it should be: `dumpctl` refuses the report with the value and says WORDS.
refuses() { # VALUE WORDS [MORE]
  report "$1" "${3:-}" >bad.json
  for option in "" --check; do
    # shellcheck disable=SC2086  # no option is none
    run --separate-stderr -2 dumpctl decode $option bad.json
    assert_output ""
    [[ $stderr == *"/x_new_counter: $2"* ]] || fail "$stderr"
  done
}

@test "one row: the copy differs from the source in one line, which was added" {
  run diff -r "$ROOT/lib" "$BATS_FILE_TMPDIR/copy/lib"
  assert_equal "$(grep -c '^[<>]' <<<"$output")" 1
  grep -q '^> .*x_new_counter' <<<"$output"
  for folder in cmd capture view man Makefile; do
    diff -r "$ROOT/$folder" "$BATS_FILE_TMPDIR/copy/$folder"
  done
}

@test "one row: the member is read, checked and has its range" {
  dumpctl decode --check --strict seven.json
  refuses -1 "expected an unsigned 32-bit integer, found -1"
  refuses 4294967296 "expected an unsigned 32-bit integer, found 4294967296"
  refuses null "expected an unsigned 32-bit integer, found null"
  refuses 1.0 "expected an unsigned 32-bit integer, found 1.0"
  refuses 7 "this member stands twice" ',"x_new_counter":7'
  # Together with another fault.
  report -1 ',"exit_kind":-1' >bad.json
  run --separate-stderr -2 dumpctl decode --check bad.json
  assert_equal "${#stderr_lines[@]}" 2
  # The program without the row knows nothing of it.
  run -2 before decode --check --strict seven.json
  report null >null.json
  before decode --check null.json
}

@test "one row: it is no unknown member any more" {
  assert_equal "$(before decode seven.json | jq .unknown_members)" 1
  assert_equal "$(dumpctl decode seven.json | jq .unknown_members)" null
  before show seven.json | grep -q '1 unknown member,'
  run -0 dumpctl show seven.json
  refute_output --partial "unknown member"
}

@test "one row: the wire form has it in its place, and omits its default" {
  report 7 ',"dumpctl":{"version":"1"},"a":0' >in.json
  run -0 dumpctl decode --wire in.json
  assert_output '{"schema":"degraded","reason":"r","watchpoint_hit":false,"bss_latch_state":"triggered","elapsed_ms":5,"x_new_counter":7,"a":0,"dumpctl":{"version":"1"}}'
  run -0 before decode --wire in.json
  assert_output --partial '"elapsed_ms":5,"a":0,"x_new_counter":7,"dumpctl"'
  report 0 >zero.json
  run -0 dumpctl decode --wire zero.json
  refute_output --partial x_new_counter
}

@test "one row: the uniform shape has it, with its default" {
  assert_equal "$(dumpctl decode seven.json | jq '.snapshots[0].x_new_counter')" 7
  dumpctl decode "$DATA/samples/degraded-minimal.json" >minimal
  assert_equal "$(jq '.snapshots[0].x_new_counter' minimal)" 0
  assert_equal "$(dumpctl schema --uniform | jq -c '."$defs".UniformSnapshot.properties.x_new_counter')" \
    '{"description":"what nobody has counted before (bytes)","type":"integer","minimum":0,"maximum":4294967295}'
}

@test "one row: the schema has it, with range, default, meaning and unit" {
  for type in degraded --all; do
    assert_equal "$(dumpctl schema $type |
      jq -c '."$defs".DegradedFailureDumpReport.properties.x_new_counter')" \
      '{"description":"what nobody has counted before (bytes)","type":"integer","minimum":0,"maximum":4294967295,"default":0}'
  done
  diff <(before schema degraded) <(dumpctl schema degraded) | grep -c '^<' | grep -qx 0
}

@test "one row: the manual has it" {
  run mandoc -Tutf8 -O width=200 "$NEW/man/dumpctl-report.5"
  # shellcheck disable=SC2001  # a pattern of sed
  [[ $(sed 's/.\x08//g' <<<"$output") == *"     x_new_counter (u32, bytes, default 0, then omitted)
             what nobody has counted before
"* ]]
  diff "${BUILD:-${BEFORE%/*}}/man/dumpctl-report.5" "$NEW/man/dumpctl-report.5" >more.txt || true
  assert_equal "$(grep -c '^>' more.txt) $(grep -c '^<' more.txt || true)" "2 0"
}

@test "one row: diff compares it by its name, and takes its default for absent" {
  report 8 >eight.json
  run -1 dumpctl diff seven.json eight.json
  assert_output --partial x_new_counter
  [[ $output == *"x_new_counter: 7 -> 8 (+1)"* ]] || fail "$output"
  run -1 dumpctl diff --json seven.json eight.json
  jq -e '.. | strings | select(contains("x_new_counter"))' <<<"$output"
  report 0 >zero.json
  report 0 | sed 's/"x_new_counter":0,//' >none.json
  dumpctl diff zero.json none.json
  # Before, nobody knew that it counts something.
  run -1 before diff seven.json eight.json
  assert_output --partial "x_new_counter: 7 -> 8"
  refute_output --partial "(+1)"
}
