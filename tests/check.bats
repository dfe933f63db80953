# `decode --check`: all faults of each input, each with its place, and not a byte of output.
# shellcheck disable=SC2154  # run sets output, stderr and lines
# shellcheck disable=SC2016  # inner shells expand what stands in single quotes

setup() {
  load helpers
  # bats keeps files of its own one level up.
  mkdir "$BATS_TEST_TMPDIR/here"
  cd "$BATS_TEST_TMPDIR/here" || return 1
  GOOD=$DATA/samples/degraded-full-x86_64.json
}

# check WANTED ARG...: exit status 2, nothing on stdout, and on stderr the lines of the file WANTED.
check() {
  local wanted=$1
  shift
  run --separate-stderr -2 dumpctl decode --check "$@"
  assert_output ""
  diff "$wanted" <(echo "$stderr")
}

# Several faults on several lines, some deep, some behind text of several bytes.
several() {
  cat <<'JSON'
{
  "schema": "single",
  "x\u00e9é": {"a": 1},
  "maps": [{"name": "é€", "map_type": -1, "value_size": "é", "max_entries": 1, "map_type": 2}, 7,
 {"name":"a","map_type":1,"value_size":1,"max_entries":1,"value":{"kind":"struct","type_name":null,
    "members":[{"name":"m","value":{"kind":"uint","bits":8}}]}}],
  "maps_truncated": null,
  "vcpu_regs": [null, {"instruction_pointer": 1.0}]
}
JSON
}

several_faults() {
  cat <<'TEXT'
dumpctl: bad.json:4:39: /maps/0/map_type: expected an unsigned 32-bit integer, found -1
dumpctl: bad.json:4:57: /maps/0/value_size: expected an unsigned 32-bit integer, found a string
dumpctl: bad.json:4:80: /maps/0/map_type: this member stands twice
dumpctl: bad.json:4:96: /maps/1: expected an object, found 7
dumpctl: bad.json:6:36: /maps/2/value/members/0/value: the required member "value" is missing (uint)
dumpctl: bad.json:7:21: /maps_truncated: expected an unsigned 32-bit integer, found null
dumpctl: bad.json:8:47: /vcpu_regs/1/instruction_pointer: expected an unsigned 64-bit integer, found 1.0
dumpctl: bad.json:8:23: /vcpu_regs/1: the required member "stack_pointer" is missing (VcpuRegs)
dumpctl: bad.json:8:23: /vcpu_regs/1: the required member "page_table_root" is missing (VcpuRegs)
TEXT
}

@test "check: a good file is quiet, whatever it is" {
  for file in "$GOOD" "$DATA"/samples/{single-tolerances,dual-early-present,missing-stats-cancelled}.json; do
    run --separate-stderr -0 dumpctl decode --check "$file"
    assert_output ""
    assert_equal "$stderr" ""
  done
  run --separate-stderr -0 dumpctl decode -c --json "$GOOD" "$GOOD"
  assert_equal "$output$stderr" ""
  run --separate-stderr -0 dumpctl decode -c - <"$GOOD"
  assert_equal "$output$stderr" ""
}

@test "check: every fault of a document is told, with line, column and pointer" {
  several >bad.json
  several_faults >wanted
  check wanted bad.json
  # Without --check it is the first alone.
  run --separate-stderr -2 dumpctl decode bad.json
  assert_equal "$stderr" "$(head -n 1 wanted)"
  # The lines and columns are those of an editor.
  while IFS=: read -r _ _ line column _; do
    text=$(sed -n "${line}p" bad.json)
    case ${text:column-1} in
    -1,* | '"é",'* | '"map_type": 2'* | 2\}* | 7,* | '{"kind":"uint"'* | null,* | 1.0* | '{"instr'*) ;;
    *) fail "$line:$column is at: ${text:column-1}" ;;
    esac
  done <wanted
}

@test "check --json: an object for each fault" {
  several >bad.json
  several_faults >wanted
  run --separate-stderr -2 dumpctl decode --check --json bad.json
  assert_output ""
  jq -r '.error | "dumpctl: \(.file):\(.line):\(.column): \(.pointer): \(.message)"' <<<"$stderr" |
    diff wanted -
  assert_equal "$(jq -r .error.code <<<"$stderr" | sort | uniq -c | xargs)" "1 duplicate 3 missing 5 type"
}

@test "check --strict: unknown members are faults too, each of them" {
  several >bad.json
  {
    echo 'dumpctl: bad.json:3:3: /xéé: unknown member (FailureDumpReport), which --strict refuses'
    several_faults
  } >wanted
  check wanted --strict bad.json
  dumpctl decode --check "$DATA/samples/single-tolerances.json"
  run --separate-stderr -2 dumpctl decode --check --strict "$DATA/samples/single-tolerances.json"
  unknown=$(dumpctl decode "$DATA/samples/single-tolerances.json" | jq .unknown_members)
  [ "$unknown" -gt 1 ]
  assert_equal "${#stderr_lines[@]}" "$unknown"
}

@test "check --assume-single: the oldest reports, and their faults" {
  run --separate-stderr -0 dumpctl decode --check --assume-single "$DATA/samples/legacy-no-schema.json"
  assert_equal "$output$stderr" ""
  run -2 dumpctl decode --check "$DATA/samples/legacy-no-schema.json"
  echo '{"maps":[],"maps_truncated":-1,"is_placeholder":0}' >old.json
  cat >wanted <<'TEXT'
dumpctl: old.json:1:29: /maps_truncated: expected an unsigned 32-bit integer, found -1
dumpctl: old.json:1:49: /is_placeholder: expected true or false, found 0
TEXT
  check wanted --assume-single old.json
}

@test "check: JSON Lines, with faults in several documents" {
  cat >lines.json <<'JSON'
{"schema":"single"}
{"schema":"single","maps":[]}
{"schema":"degraded","reason":1,
 "watchpoint_hit":"yes","bss_latch_state":"triggered"}
"Cancelled"
{"schema":"dual","late":{"schema":"single","maps":{}},"early_max_age_jiffies":-1}
JSON
  cat >wanted <<'TEXT'
dumpctl: lines.json:1:1: the required member "maps" is missing (FailureDumpReport)
dumpctl: lines.json:3:31: /reason: expected a string, found 1
dumpctl: lines.json:4:19: /watchpoint_hit: expected true or false, found a string
dumpctl: lines.json:6:51: /late/maps: expected an array, found an object
dumpctl: lines.json:6:79: /early_max_age_jiffies: expected an unsigned 64-bit integer, found -1
TEXT
  check wanted lines.json
}

@test "check: a fault of syntax is told behind those before it, and ends that input alone" {
  printf '{"schema":"single","maps":[7],"maps_truncated":tru}\n"Cancelled"\n' >syntax.json
  echo '{"schema":"single"}' >next.json
  cat >wanted <<'TEXT'
dumpctl: syntax.json:1:28: /maps/0: expected an object, found 7
dumpctl: syntax.json:1:48: /maps_truncated: expected a value, found 't'
dumpctl: next.json:1:1: the required member "maps" is missing (FailureDumpReport)
TEXT
  check wanted syntax.json next.json
  run --separate-stderr -2 dumpctl decode --check "$GOOD" no-such.json next.json
  assert_output ""
  assert_equal "${#stderr_lines[@]}" 2
}

@test "check: every sample that must be refused is" {
  n=0
  for file in "$DATA"/samples/reject/*.json; do
    run --separate-stderr -2 dumpctl decode --check "$file"
    assert_output ""
    [[ $stderr =~ ^"dumpctl: $file:"[0-9]+:[0-9]+:\  ]] || fail "$stderr"
    # The first fault is the one that decode tells.
    first=${stderr_lines[0]}
    run --separate-stderr -2 dumpctl decode "$file"
    assert_equal "$stderr" "$first"
    n=$((n + 1))
  done
  [ "$n" -ge 25 ]
}

@test "check: accepts and refuses as decode does, for every document of the suite" {
  while read -r file; do
    code=0
    dumpctl decode "$file" >/dev/null 2>&1 || code=$?
    run --separate-stderr "-$code" dumpctl decode --check "$file"
    assert_output ""
    if [ "$code" -eq 0 ]; then assert_equal "$stderr" ""; else [ -n "$stderr" ]; fi
  done < <(find "$DATA" -name '*.json' | sort)
}

@test "check: fifty thousand faults in a megabyte, on one line and on as many" {
  # bash has no time for that; awk does.
  awk 'BEGIN { printf "{\"schema\":\"single\",\"maps\":["
    for (i = 0; i < 50000; i++) printf "%s\"%018d\"", i ? "," : "", i
    print "]}" }' >one.json
  sed 's/,"0/,\n"0/g' one.json >many.json
  [ "$(wc -c <one.json)" -gt 1048576 ]
  for file in one many; do
    run -2 timeout 60 bash -c '"$DUMPCTL" decode --check "$1" 2>faults' - $file.json
    assert_equal "$(wc -l <faults)" 50000
    assert_equal "$(cut -d: -f4 faults | sort -u | wc -l)" "$([ $file = one ] && echo 50000 || echo 2)"
    tail -n 1 faults | grep -q ': /maps/49999: expected an object, found a string$'
  done
}

@test "unknown members, at any level and more than once, are counted by show and refused with --strict" {
  cat >more.json <<'JSON'
{"schema":"single","a":1,"a":2,"maps":[{"name":"m","map_type":2,"value_size":4,"max_entries":1,"b":[],
"value":{"c":{"d":1},"kind":"struct","type_name":"t","members":[{"name":"x","e":0,"value":{"kind":"bool","value":true,"f":0}}]}}],
"vcpu_regs":[{"instruction_pointer":1,"stack_pointer":2,"page_table_root":3,"g":null}],
"dumpctl":{"version":"1","h":"i"}}
JSON
  run -0 dumpctl show more.json
  assert_output --partial "8 unknown members, kept by"
  assert_equal "$(dumpctl decode more.json | jq .unknown_members)" 8
  run -2 dumpctl show --strict more.json
  assert_output 'dumpctl: more.json:1:20: /a: unknown member (FailureDumpReport), which --strict refuses'
  run -2 dumpctl decode --check --strict more.json
  assert_equal "${#lines[@]}" 8
  for member in a b c e f g h; do
    [ "$(dumpctl decode --wire more.json | grep -cE "\"$member\":")" -eq 1 ]
  done
}

@test "check: goes with no option of output" {
  for option in --wire --pretty --numbers=exact --output=out.json; do
    run --separate-stderr -2 dumpctl decode --check $option "$GOOD"
    assert_output ""
    [[ $stderr == *"--check"* ]]
    [ ! -e out.json ]
  done
}
