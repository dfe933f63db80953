# `schema`: what it prints is JSON Schema, and says of documents what dumpctl itself says. The
# validator is not ours; where it is missing, the tests that need it are skipped by name.
# shellcheck disable=SC2154  # run sets output, stderr and lines
# shellcheck disable=SC2016  # inner shells expand what stands in single quotes

setup() {
  load helpers
  # bats keeps files of its own one level up.
  mkdir "$BATS_TEST_TMPDIR/here"
  cd "$BATS_TEST_TMPDIR/here" || return 1
}

# Debian's Python first: another one on the PATH may lack Debian's packages.
require_validator() {
  for PYTHON in /usr/bin/python3 python3; do
    if "$PYTHON" -c 'from jsonschema import Draft202012Validator' 2>/dev/null; then return 0; fi
  done
  skip "no python3-jsonschema"
}

validate() {
  "$PYTHON" "$ROOT/tests/validate" "$@"
}

# The samples that dumpctl accepts: all but the oldest form and the table of texts.
samples() {
  find "$DATA/samples" -maxdepth 1 -name '*.json' ! -name 'legacy-*' ! -name 'rendered-*' | sort
}

# Invalid samples with faults that a schema has no words for: a member twice, and 1.0, which is an
# integer for JSON Schema.
INEXPRESSIBLE="single-dup-known-key.json single-float-for-int.json"
# And those that a validator cannot even be given.
NOT_JSON="not-json.json trailing-garbage.json"

@test "schema --list names each type once, and every one of them has a schema" {
  dumpctl schema --list >list
  [ "$(wc -l <list)" -gt 60 ]
  cut -d' ' -f1 list | sort >names
  assert_equal "$(sort -f names | uniq -di)" ""
  # As many as the tables of the source have, and three unions.
  tables=$(cat "$ROOT"/lib/tables.h "$ROOT"/lib/tables_own.h | grep -cE '^    T\(')
  assert_equal "$(wc -l <names)" $((tables + 3))
  while read -r name; do
    dumpctl schema --compact "$name" >one.json
    [ "$(wc -l <one.json)" -eq 1 ]
    jq -e --arg name "$name" '.title == $name and ."$ref" == "#/$defs/" + $name and
      (."$defs"[$name] | has("description"))' one.json
    # All that is referred to is there, and nothing else.
    jq -r '.. | objects | ."$ref" // empty | ltrimstr("#/$defs/")' one.json | sort -u >refs
    jq -r '."$defs" | keys[]' one.json | sort | diff refs -
  done <names
}

@test "schema: every one of them is valid JSON Schema 2020-12" {
  require_validator
  {
    for option in --all --uniform; do dumpctl schema --compact $option; done
    for name in $(dumpctl schema --list | cut -d' ' -f1); do dumpctl schema -c "$name"; done
  } >schemas
  run -0 validate --schemas <schemas
  assert_output "$(wc -l <schemas) schemas, 0 faults"
}

@test "schema: --all is the default, a variant is found by either name, in any case" {
  dumpctl schema >default
  dumpctl schema --all | cmp - default
  dumpctl schema -a | cmp - default
  [ "$(wc -l <default)" -gt 1000 ]
  dumpctl schema --compact | jq . | cmp - <(jq . default)
  dumpctl schema degraded >degraded.json
  for name in DEGRADED DegradedFailureDumpReport degradedfailuredumpreport; do
    dumpctl schema "$name" | cmp - degraded.json
  done
  jq -e '.properties.schema.const == "degraded"' degraded.json
}

@test "schema: an independent validator accepts every valid sample, as a document and as its variant" {
  require_validator
  dumpctl schema >all
  # shellcheck disable=SC2046  # a list of files
  validate all $(samples) >found
  assert_equal "$(cut -f2- found | sort | uniq -c | xargs)" "$(samples | wc -l) valid"
  [ "$(wc -l <found)" -ge 35 ]
  for file in $(samples); do
    case $(basename "$file") in
    missing-stats-*) type=MissingStatsReason ;;
    snapshot-error-*) type=SnapshotError ;;
    *) type=$(jq -r .schema "$file") ;;
    esac
    if [ ! -e "$type.files" ]; then dumpctl schema "$type" >"$type.json"; fi
    echo "$file" >>"$type.files"
  done
  for list in *.files; do
    # shellcheck disable=SC2046  # a list of files
    validate "${list%.files}.json" $(cat "$list") >found
    assert_equal "$(cut -f2- found | sort -u)" valid
  done
  [ "$(cat ./*.files | wc -l)" -eq "$(samples | wc -l)" ]
  # And a variant's schema is not everybody's.
  validate single.json "$DATA/samples/degraded-minimal.json" | grep -q $'\tinvalid\t'
}

@test "schema: it refuses every invalid sample, but for those whose fault it cannot express" {
  require_validator
  dumpctl schema >all
  for file in "$DATA"/samples/reject/*.json "$DATA"/samples/legacy-no-schema.json; do
    case " $INEXPRESSIBLE | $NOT_JSON " in
    *" $(basename "$file") "*"|"*) echo "$file"$'\tvalid' ;;
    *"|"*" $(basename "$file") "*) echo "$file"$'\tnot JSON' ;;
    *) echo "$file"$'\tinvalid' ;;
    esac
    # dumpctl refuses them all.
    run -2 dumpctl decode --check "$file"
  done >wanted
  validate all "$DATA"/samples/reject/*.json "$DATA"/samples/legacy-no-schema.json | cut -f1,2 >found
  diff wanted found
  [ "$(grep -c invalid$ found)" -ge 22 ]
}

@test "schema: integers have their exact limits" {
  require_validator
  dumpctl schema >all
  judge() { # MEMBER VALUE: by both
    printf '{"schema":"single","maps":[],"%s":%s}\n' "$1" "$2" >one
    local ours=valid
    dumpctl decode --check one 2>/dev/null || ours=invalid
    assert_equal "$1 $2 $(validate --exact all <one | cut -f2)" "$1 $2 $ours"
    echo "$2 $ours" >>judged
  }
  for value in 0 18446744073709551615 18446744073709551616 -1 9223372036854775808; do
    judge dump_truncated_at_us $value
  done
  for value in 4294967295 4294967296 -1 '"1"' null; do judge maps_truncated "$value"; done
  sample='{"elapsed_ms":0,"select_cpu_fallback":0,"dispatch_local_dsq_offline":0,"dispatch_keep_last":0,"enq_skip_exiting":0,"enq_skip_migration_disabled":0,"reenq_immed":0,"reenq_local_repeat":0,"refill_slice_dfl":0,"bypass_duration":VALUE,"bypass_dispatch":0,"bypass_activate":0,"insert_not_owned":0,"sub_bypass_dispatch":0}'
  for value in -9223372036854775808 -9223372036854775809 9223372036854775807 9223372036854775808; do
    judge event_counter_timeline "[${sample/VALUE/$value}]"
  done
  for value in 2147483647 2147483648 -2147483648 -2147483649; do
    judge scx_sched_state '{"aborting":false,"bypass_depth":'$value',"exit_kind":0}'
  done
  page='{"name":"m","map_type":33,"value_size":0,"max_entries":1,"arena":{"declared_pages":1,"kern_vm_start":0,"user_vm_start":0,"pages":[{"user_addr":0,"bytes":[VALUE]}]}}'
  for value in 255 256 -1; do
    printf '{"schema":"single","maps":[%s]}\n' "${page/VALUE/$value}" >one
    [ "$(validate --exact all <one | cut -f2)" = "$([ $value = 255 ] && echo valid || echo invalid)" ]
  done
  grep -q '^18446744073709551615 valid$' judged
  grep -q '^18446744073709551616 invalid$' judged
}

# Every document of the suite that decode accepts, a line for each.
decoded() {
  find "$DATA" -name '*.json' ! -name 'diff.json' ! -name 'decode.json' | sort |
    while read -r file; do dumpctl decode "$@" "$file" 2>/dev/null || true; done
}

@test "schema --uniform: what decode prints of every sample and capture is valid" {
  require_validator
  dumpctl schema --uniform >uniform
  for option in --numbers=safe --numbers=exact; do
    decoded $option >lines
    [ "$(wc -l <lines)" -ge 70 ]
    for variant in single dual degraded missing_stats; do grep -q "\"variant\":\"$variant\"" lines; done
    grep -q '"detail":{' lines
    validate --exact uniform <lines | cut -f2- | sort | uniq -c >found
    assert_equal "$(xargs <found)" "$(wc -l <lines) valid"
  done
}

@test "schema --uniform: it refuses what decode does not print" {
  require_validator
  dumpctl schema --uniform >uniform
  dumpctl decode "$DATA/samples/single-hash-percpu.json" >good
  refuse() {
    jq -c "$1" good >bad
    run -0 validate uniform bad
    [[ $output == *$'\tinvalid\t'* ]] || fail "accepted: $1"
  }
  run -0 validate uniform good
  assert_output $'good\tvalid'
  refuse '.version = 2'
  refuse 'del(.version)'
  refuse 'del(.snapshots)'
  refuse '.variant = "triple"'
  refuse '.snapshots[0].vcpus[0].state = "running"'
  refuse '.snapshots[0].vcpus[0].regs.instruction_pointer = 1'
  refuse '.snapshots[0].vcpus[0].regs.instruction_pointer = "ffff"'
  refuse 'del(.snapshots[0].vcpus[1].id)'
  refuse '.snapshots[0].phase = "middle"'
  refuse '.snapshots[0].parked = "2"'
  refuse '.snapshots[0].maps[0].map_type = "2"'
  refuse 'del(.snapshots[0].maps[0].entries)'
  refuse '.snapshots[0].prog_runtime_stats[0].cnt = "many"'
  refuse '.exit_kind = {"name": 1, "value": 1026}'
}

@test "schema: a validator of the uniform shape does as the manual says" {
  require_validator
  mkdir bin
  ln -s "$DUMPCTL" bin/dumpctl
  # The module's own program, with the Python that has it.
  printf '#!/bin/sh\nexec %s "$@"\n' "$PYTHON" >bin/python3
  chmod +x bin/python3
  cp "$DATA/samples/degraded-full-x86_64.json" report.json
  mandoc -Tutf8 -O width=200 "$ROOT/man/dumpctl-schema.1" | sed 's/.\x08//g' |
    sed -nE '/^EXAMPLES/,/^SEE/s/^     \$ (.*(uniform).*)/\1/p' >run.sh
  [ "$(wc -l <run.sh)" -eq 3 ]
  run -0 env PATH="$PWD/bin:$PATH" bash -e run.sh
}

# ---- faults ----

refused() { # WORDS ARG...
  local words=$1
  shift
  run --separate-stderr -2 dumpctl schema "$@"
  assert_output ""
  [[ $stderr == *"$words"* ]] || fail "$stderr"
  assert_equal "${#stderr_lines[@]}" 1
}

@test "schema: what is wrong with a call is said" {
  refused "unknown type 'degradde'; did you mean 'degraded'?" degradde
  refused "unknown type 'VcpuReg'; did you mean 'VcpuRegs'?" VcpuReg
  refused "unknown type 'frobnicate'" frobnicate
  refused "schema --list" frobnicate
  refused 'unknown type '"'"'\x1b[31m'"'" $'\e[31m'
  refused "one TYPE" single dual
  refused "exclude each other" --all single
  refused "exclude each other" --all --uniform
  refused "exclude each other" --list --uniform
  refused "exclude each other" --list Map
  refused "--compact" --list --compact
  refused "--frobnicate" --frobnicate
  refused "unknown type ''" ''
}

@test "schema: where its output goes is minded" {
  run --separate-stderr -0 bash -c 'set -o pipefail; "$DUMPCTL" schema | head -n 1'
  assert_output "{"
  assert_equal "$stderr" ""
  run --separate-stderr -2 bash -c '"$DUMPCTL" schema >/dev/full'
  [[ $stderr == *"No space left on device"* ]]
  run --separate-stderr -2 bash -c '"$DUMPCTL" schema --list >&-'
  [ -n "$stderr" ]
  # ASCII, whatever the language, and the same every time.
  dumpctl schema --all >once
  if LC_ALL=C grep -q '[^ -~]' once; then fail "bytes that are not printable ASCII"; fi
  if [ -e "$TEST_LOCPATH/de_DE.UTF-8" ]; then
    decimal_comma "$DUMPCTL" schema --all | cmp - once
  fi
}
