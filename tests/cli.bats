# What all verbs have in common: help, versions, usage errors, where output goes.
# shellcheck disable=SC2154  # run sets stderr and stderr_lines
# shellcheck disable=SC2016  # inner shells expand what stands in single quotes
# shellcheck disable=SC2086  # $files and the like are lists of words

setup() {
  load helpers
  # bats keeps files of its own one level up.
  mkdir "$BATS_TEST_TMPDIR/here"
  cd "$BATS_TEST_TMPDIR/here" || return 1
}

teardown() {
  screen_stop
}

VERBS="capture show decode diff view stats schema"

# A small degraded report, for verbs that read one.
report() {
  cat <<'JSON'
{"schema":"degraded","vcpu_regs":[null],"reason":"vCPU rendezvous timed out before parked acknowledgement: 500ms; 0/1 vCPUs parked","watchpoint_hit":false,"bss_latch_state":"triggered","exit_kind":1026,"elapsed_ms":500}
JSON
}

# refused ARG...: exit status 2, nothing on stdout, one line on stderr.
refused() {
  run --separate-stderr -2 dumpctl "$@"
  assert_output ""
  assert_equal "${#stderr_lines[@]}" 1
}

@test "without arguments: the verbs on stderr, exit 2" {
  run --separate-stderr -2 dumpctl
  assert_output ""
  assert_equal "${stderr_lines[0]}" "Usage: dumpctl VERB [OPTION]... [ARGUMENT]..."
  for verb in $VERBS; do
    grep -q "^  $verb " <<<"$stderr"
  done
}

@test "--help, -h and help are the same, on stdout, exit 0" {
  run --separate-stderr -0 dumpctl --help
  assert_equal "$stderr" ""
  assert_line --index 0 "Usage: dumpctl VERB [OPTION]... [ARGUMENT]..."
  for verb in $VERBS; do
    assert_line --regexp "^  $verb +[a-z]"
  done
  help=$output
  run -0 dumpctl -h
  assert_output "$help"
  for call in help "help help" "--help --json" "--json --help" "help --help"; do
    run --separate-stderr -0 dumpctl $call
    assert_output "$help"
  done
}

@test "help VERB, VERB --help and --help VERB are the same, exit 0" {
  for verb in $VERBS; do
    run --separate-stderr -0 dumpctl help "$verb"
    assert_equal "$stderr" ""
    assert_line --index 0 --partial "Usage: dumpctl $verb "
    assert_line --regexp "^  -h, --help +Show this text"
    help=$output
    run --separate-stderr -0 dumpctl "$verb" --help
    assert_output "$help"
    run --separate-stderr -0 dumpctl "$verb" -h
    assert_output "$help"
    run --separate-stderr -0 dumpctl --help "$verb"
    assert_output "$help"
  done
}

@test "every option that a help lists is known to its verb" {
  for verb in $VERBS; do
    options=$(dumpctl help "$verb" | grep -oE '^  (-[a-zA-Z],|   ) --[a-z-]+=?' | grep -oE -- '--.*')
    [ -n "$options" ]
    for option in $options; do
      # The help ends the line before anything is done.
      run --separate-stderr dumpctl "$verb" "${option/%=/=1}" --help
      refute [ "$status" -gt 2 ]
      refute grep -q "unknown option" <<<"$stderr"
    done
  done
}

@test "help fits the width that is asked for" {
  for verb in $VERBS; do
    # Examples, which begin with a blank, stay as they are.
    COLUMNS=60 dumpctl help "$verb" | awk '/^[^ ]/ && length > 60 { bad = 1; print } END { exit bad }'
  done
}

@test "--version names the libraries and says whether KVM is usable" {
  run --separate-stderr -0 dumpctl --version
  assert_equal "$stderr" ""
  assert_line --index 0 --regexp '^dumpctl [0-9]+\.[0-9]+\.[0-9]+$'
  assert_line --index 1 --regexp '^jansson [0-9.]+$'
  assert_line --index 2 --regexp '^ncurses [0-9.]+$'
  assert_line --index 3 --regexp '^libelf '
  assert_line --index 4 --regexp '^KVM (usable \(API version 12\)|not usable: .+)$'
  text=$output
  run -0 dumpctl -V
  assert_output "$text"
}

@test "--version --json is the same as an object, in either order" {
  text=$(dumpctl --version | head -n 4)
  for order in "--version --json" "--json --version"; do
    run --separate-stderr -0 dumpctl $order
    assert_equal "$(jq -r '"dumpctl \(.dumpctl)\njansson \(.jansson)\nncurses \(.ncurses)\nlibelf \(.libelf)"' <<<"$output")" "$text"
    jq -e '.kvm | if .usable then .api_version == 12 and .reason == null
                  else .api_version == null and (.reason | length > 0) end' <<<"$output"
  done
}

@test "--version says why KVM is not usable" {
  require_root
  # A root of its own without /dev/kvm would need a copy of the libraries: another user will do.
  run setpriv --reuid=65534 --regid=65534 --clear-groups "$DUMPCTL" --version
  if [ "$status" -ne 0 ]; then skip "another user cannot run the program"; fi
  if setpriv --reuid=65534 --regid=65534 --clear-groups sh -c ': <>/dev/kvm' 2>/dev/null; then
    skip "anybody may use /dev/kvm here"
  fi
  assert_line --index 4 --regexp '^KVM not usable: .*/dev/kvm'
}

@test "an unknown verb is answered with the nearest, or the list" {
  refused shoow
  assert_equal "$stderr" "dumpctl: unknown verb 'shoow'; did you mean 'show'? (see 'dumpctl --help')"
  refused captrue
  assert_regex "$stderr" "did you mean 'capture'"
  refused hlep
  assert_regex "$stderr" "did you mean 'help'"
  refused help shoow
  assert_regex "$stderr" "did you mean 'show'"
  refused frobnicate
  assert_equal "$stderr" "dumpctl: unknown verb 'frobnicate'; there are capture, show, decode, diff, view, stats, schema and help (see 'dumpctl --help')"
  refused ""
  assert_regex "$stderr" "unknown verb ''"
}

@test "what the command line holds is escaped" {
  refused $'\e[31m\xff\n'
  assert_regex "$stderr" "unknown verb '\\\\x1b\\[31m\\\\xff\\\\x0a'"
  refused show $'--\u202e'
  assert_regex "$stderr" "unknown option '--\\\\u202e'"
  refused show $'no\nfile'
  assert_regex "$stderr" '^dumpctl: no\\x0afile: cannot be opened'
}

@test "options that stand in the wrong place are explained" {
  refused --hlep
  assert_regex "$stderr" "unknown option '--hlep'; did you mean '--help'"
  refused --width 80 show
  assert_regex "$stderr" "'--width' before a verb"
  refused --version show
  assert_regex "$stderr" "'show' behind an option"
  refused help show diff
  assert_regex "$stderr" "help takes one verb"
  refused --json
  assert_regex "$stderr" "behind a verb or --version"
  refused --json show
  assert_regex "$stderr" "'show' behind an option"
}

@test "unknown options of every verb: nearest name, exit 2" {
  for verb in $VERBS; do
    refused "$verb" --hepl
    assert_equal "$stderr" "dumpctl: $verb: unknown option '--hepl'; did you mean '--help'? (see 'dumpctl $verb --help')"
    refused "$verb" --frobnicate
    assert_equal "$stderr" "dumpctl: $verb: unknown option '--frobnicate' (see 'dumpctl $verb --help')"
    refused "$verb" -@
    assert_regex "$stderr" "unknown option '-@'"
  done
}

@test "values of shared options are checked" {
  refused show --width=19 x
  assert_regex "$stderr" "from 20 to 1000, not '19'"
  refused show --color=red x
  assert_regex "$stderr" "auto, always or never, not 'red'"
  refused show --max-size=1.5G x
  assert_regex "$stderr" "a size such as 64K, 16M or 1G, not '1.5G'"
  refused show --max-memory
  assert_regex "$stderr" "option '--max-memory' needs an argument: SIZE"
  refused show --json=yes x
  assert_regex "$stderr" "option '--json' takes no argument"
}

@test "with --json every error is an object on stderr, wherever --json stands" {
  refused decode --frobnicate x --json
  jq -e '.error.code == "usage" and .error.file == null' <<<"$stderr"
  refused show --json nowhere.json
  jq -e '.error == {"code": "io", "file": "nowhere.json", "line": null, "column": null,
                    "pointer": null, "message": "cannot be opened: No such file or directory"}' <<<"$stderr"
  refused show $'no\xffwhere' --json
  jq -e '.error.file == "no\ufffdwhere"' <<<"$stderr"
  # Before there is a verb, without one, and with one that does not take it.
  for call in "captur --json" "--json captur" "--json --help captur" "help captur --json"; do
    refused $call
    jq -e '.error.code == "usage" and (.error.message | test("did you mean .capture"))' <<<"$stderr"
  done
  refused view --json nowhere.json
  jq -e '.error.message | test("unknown option .--json")' <<<"$stderr"
  refused --json
  jq -e '.error.code == "usage"' <<<"$stderr"
  # Standard input has one name in JSON.
  run --separate-stderr -2 dumpctl decode --json - <<<'{'
  jq -e '.error.file == "-"' <<<"$stderr"
  run --separate-stderr -2 dumpctl decode - <<<'{'
  assert_regex "$stderr" "^dumpctl: <stdin>:2:1: "
}

@test "inputs that cannot be read: one line, exit 2" {
  for verb in show decode; do
    refused "$verb" .
    assert_equal "$stderr" "dumpctl: .: is a folder; name the report files in it"
    refused "$verb" nowhere.json
    assert_equal "$stderr" "dumpctl: nowhere.json: cannot be opened: No such file or directory"
    refused "$verb" nowhere.json/x
    report >file
    refused "$verb" file/x
    assert_equal "$stderr" "dumpctl: file/x: cannot be opened: Not a directory"
  done
}

@test "an empty name, and files that are compressed" {
  for verb in show decode "decode --check"; do
    refused $verb ""
    assert_equal "$stderr" "dumpctl: the name of the file is empty"
  done
  report | gzip >report.json
  refused show report.json
  assert_equal "$stderr" "dumpctl: report.json: is compressed with gzip; unpack it: zcat FILE | dumpctl VERB -"
  run -0 bash -c 'zcat <report.json | "$DUMPCTL" show -'
  printf '\x28\xb5\x2f\xfd\x00' >packed
  refused decode packed
  assert_regex "$stderr" "zstd; unpack it: zstdcat FILE"
  run --separate-stderr -2 bash -c 'printf "\xfd7zXZ\0" | "$DUMPCTL" decode -'
  assert_regex "$stderr" "<stdin>: is compressed with xz; unpack it: xzcat FILE"
}

@test "--max-size holds for files and for pipes" {
  report >file
  refused show --max-size=50 file
  assert_equal "$stderr" "dumpctl: file: is larger than the limit of 50 bytes; allow more with --max-size=SIZE"
  run --separate-stderr -2 dumpctl show --max-size=50 - < <(report)
  assert_equal "$stderr" "dumpctl: <stdin>: is larger than the limit of 50 bytes; allow more with --max-size=SIZE"
  run --separate-stderr -2 dumpctl decode --max-size=1M - </dev/zero
  assert_regex "$stderr" "larger than the limit of 1M"
  run -0 dumpctl show --max-size="$(report | wc -c)" file
}

@test "a pipe may give a byte at a time" {
  report >file
  run -0 dumpctl decode file
  whole=$output
  run -0 dumpctl decode - < <(report | while IFS= read -r -N 1 byte; do printf '%s' "$byte"; done)
  assert_equal "$(jq -cS 'del(.file)' <<<"$output")" "$(jq -cS 'del(.file)' <<<"$whole")"
}

@test "a full device is told once, exit 2" {
  report >file
  for call in --help --version "help show" "show file" "decode file"; do
    run -2 bash -c "\"\$DUMPCTL\" $call 2>&1 >/dev/full"
    assert_output "dumpctl: cannot write to standard output: No space left on device"
  done
}

@test "a closed stdout is an error, and no file takes its place" {
  report >file
  cp file before
  run -2 bash -c '"$DUMPCTL" show file 2>&1 >&-'
  assert_output "dumpctl: cannot write to standard output: Bad file descriptor"
  cmp file before
  run -0 bash -c '"$DUMPCTL" decode --wire file -o out >&- 2>&-'
  jq -e '.schema == "degraded"' out
}

@test "a reader that goes away is no error" {
  report >file
  files=$(printf 'file %.0s' {1..200})
  for verb in show decode; do
    run -0 bash -c 'set -o pipefail; { "$DUMPCTL" '"$verb $files"' 2>errors; echo $? >status; } | true; cat status errors'
    assert_output 0
  done
}

@test "-o writes a file whole, and replaces none without --force" {
  report >file
  run --separate-stderr -0 dumpctl decode file -o out
  assert_output ""
  assert_equal "$stderr" ""
  assert_equal "$(cat out)" "$(dumpctl decode file)"
  assert_equal "$(stat -c %a out)" 600
  echo mine >out
  refused decode file -o out
  assert_equal "$stderr" "dumpctl: out: exists already; --force replaces it"
  assert_equal "$(cat out)" mine
  run -0 dumpctl decode file -o out --force
  assert_equal "$(cat out)" "$(dumpctl decode file)"
}

@test "-o leaves nothing behind when it fails" {
  report >file
  echo '{"schema":' >broken
  mkdir folder
  refused decode file -o folder
  assert_equal "$stderr" "dumpctl: folder: is a folder; name a file in it"
  refused decode file -o nowhere/out
  assert_equal "$stderr" "dumpctl: nowhere/out: cannot be created: its folder does not exist"
  refused decode broken -o out
  refused decode file -o /dev/full
  assert_equal "$stderr" "dumpctl: /dev/full: cannot be written: No space left on device"
  run -0 bash -c 'ls -A; ls -A folder'
  assert_output $'broken\nfile\nfolder'
}

@test "a language with a decimal comma changes nothing" {
  report >file
  run -0 dumpctl decode file
  plain=$output
  run -0 decimal_comma "$DUMPCTL" decode file
  assert_output "$plain"
  run -0 decimal_comma "$DUMPCTL" --version
  assert_output "$(dumpctl --version)"
}

# What a process that waits for its input has already given up.
no_new_privileges() {
  grep -qs '^NoNewPrivs:[[:space:]]*1$' "/proc/$1/status"
}

@test "reports are read without a way to new privileges" {
  for verb in show decode; do
    mkfifo "$verb.fifo"
    "$DUMPCTL" "$verb" - <"$verb.fifo" >"$verb.out" 3>&- &
    pid=$!
    exec 4>"$verb.fifo"
    wait_until no_new_privileges "$pid"
    report >&4
    exec 4>&-
    wait "$pid"
    [ -s "$verb.out" ]
  done
}

# on_terminal COMMAND: runs it on a screen of 80x24, with a pager that marks what it shows
# and leaves the file `paged`; `$files` is a report many times.
on_terminal() {
  report >file
  files=$(printf 'file %.0s' {1..20})
  screen_start 80 24 env PAGER="tee paged | sed s/^/paged:/" files="$files" bash -c "$1"
  wait_for_text "[ended 0]"
}

@test "long text on a terminal goes through the pager, to its end" {
  on_terminal '"$DUMPCTL" show $files'
  screen_has "paged:"
  dumpctl show --width=80 --color=always $files >direct
  cmp direct paged
}

@test "text that fits the screen needs no pager" {
  on_terminal '"$DUMPCTL" show file'
  screen_has "triggered"
  refute [ -e paged ]
}

@test "--no-pager, --json and the environment switch the pager off" {
  on_terminal '"$DUMPCTL" show --no-pager $files && "$DUMPCTL" show --json $files &&
    DUMPCTL_PAGER=cat "$DUMPCTL" show $files && DUMPCTL_PAGER= "$DUMPCTL" show $files'
  refute [ -e paged ]
}

@test "a pager that is left early is no error" {
  on_terminal 'DUMPCTL_PAGER="head -n 1" "$DUMPCTL" show $files'
  assert_equal "$(screen_text | grep -c .)" 2
}

@test "a pager that cannot be started is done without" {
  on_terminal 'DUMPCTL_PAGER=there-is-no-such-pager "$DUMPCTL" show $files'
  screen_has "triggered"
}

@test "less, where it is installed, gives the terminal back" {
  command -v less >/dev/null || skip "less is not installed"
  report >file
  files=$(printf 'file %.0s' {1..20})
  screen_start 80 24 bash -c "\"\$DUMPCTL\" show $files; stty -a | grep -o '[-]*icanon'"
  wait_until prompts
  screen_keys C-c
  screen_keys q
  wait_for_text "[ended 0]"
  screen_has "icanon"
  ! screen_has "-icanon" || false
}

# less waits for keys: its prompt stands alone on the last line.
prompts() {
  screen_text | grep -q '^:$'
}

@test "colour: only where it is wanted" {
  report >file
  esc=$'\e['
  run -0 dumpctl show file
  refute_output --partial "$esc"
  run -0 dumpctl show --color=always file
  assert_output --partial "$esc"
  run -0 env NO_COLOR=1 "$DUMPCTL" show --color=always file
  assert_output --partial "$esc"
  run -0 dumpctl show --color=never file
  refute_output --partial "$esc"
}
