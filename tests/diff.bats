# shellcheck shell=bash disable=SC2154,SC2001 # $stderr is set by run --separate-stderr
load helpers

# Every folder tests/data/diff-*/ holds two reports, a.json and b.json, and what diff must say of
# them: diff.txt, diff.json, exit.

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
}

# single REGS [MEMBERS]: a small report of that kind.
single() {
  printf '{"schema":"single","maps":[],"vcpu_regs":%s%s}\n' "$1" "${2:+,$2}"
}

# degraded REASON [MEMBERS]
degraded() {
  printf '{"schema":"degraded","reason":"%s","watchpoint_hit":true,"bss_latch_state":"triggered"%s}\n' \
    "$1" "${2:+,$2}"
}

REGS='{"instruction_pointer":1,"stack_pointer":2,"page_table_root":3}'
TIMED_OUT='vCPU rendezvous timed out before parked acknowledgement'

# nulls N: a list of N nulls.
nulls() {
  printf '['
  head -c $((($1 - 1) * 5)) < <(yes 'null,' | tr -d '\n')
  printf 'null]'
}

@test "diff: every case says what its folder holds" {
  local folder n=0 args
  for folder in "$DATA"/diff-*/; do
    cd "$folder" || return 1
    args=()
    if [ -e args ]; then read -ra args < <(cat args); fi
    run dumpctl diff "${args[@]}" a.json b.json
    assert_equal "$folder $status" "$folder $(cat exit)"
    assert_equal "$(sed 's/ *$//' <<<"$output")" "$(cat diff.txt)"
    if [ ! -e diff.json ]; then continue; fi
    run dumpctl diff --json "${args[@]}" a.json b.json
    assert_equal "$folder $status" "$folder $(cat exit)"
    assert_equal "$output" "$(cat diff.json)"
    n=$((n + 1))
  done
  [ "$n" -ge 14 ]
}

@test "diff: every path that --json lists is in the text, and no other" {
  local folder
  for folder in "$DATA"/diff-*/; do
    dumpctl diff --json --all "$folder/a.json" "$folder/b.json" >all || [ $? -eq 1 ]
    # side by side every row has its whole path on a line of its own
    dumpctl diff --all -y --width=1000 "$folder/a.json" "$folder/b.json" >text || [ $? -eq 1 ]
    jq -r '.differences[] | select(.path) | .path' all | sort >listed
    grep '^  [ +-] ' text | sed -E 's/^  [ +-] //; s/ in another order$//; s/  +.*//' | sort >shown
    run diff listed shown
    assert_equal "$folder $output" "$folder "
  done
}

@test "diff: a report and itself are the same, without a word, whatever is in it" {
  local file
  for file in "$DATA"/samples/*.json "$DATA"/diff-*/[ab].json; do
    case $file in */rendered-text.json | */legacy-no-schema.json) continue ;; esac
    run --separate-stderr dumpctl diff "$file" "$file"
    assert_equal "$file $status $output" "$file 0 "
    run --separate-stderr dumpctl diff --addresses "$file" "$file"
    assert_equal "$file $status $output" "$file 0 "
    run --separate-stderr dumpctl diff --json "$file" "$file"
    assert_equal "$file $status" "$file 0"
    jq -e '(.different | not) and .differences == [] and .ignored == [] and .not_compared == [] and .summary == ""' \
      <<<"$output" >/dev/null
  done
}

@test "diff: as many differences from one side as from the other, and the exit code says whether" {
  local a b one here
  for a in "$DATA"/samples/{d,s,m}*.json; do
    for b in "$DATA"/samples/{degraded-full-x86_64,single-every-field,dual-early-present,missing-stats-cancelled}.json; do
      run dumpctl diff --json "$a" "$b"
      one=$status
      [ "$one" -le 1 ]
      here=$(jq -c '[.differences, .ignored, .not_compared] | map(length)' <<<"$output")
      run dumpctl diff --json "$b" "$a"
      assert_equal "$a $status" "$a $one"
      jq -e --argjson status "$status" '.different == ($status == 1) and ((.differences | length) > 0) == .different' \
        <<<"$output" >/dev/null
      assert_equal "$(jq -c '[.differences, .ignored, .not_compared] | map(length)' <<<"$output")" "$here"
    done
  done
}

@test "diff: parked -> not_parked and back come first, as ranges" {
  degraded "$TIMED_OUT: 9ms; 4/4 vCPUs parked" "\"vcpu_regs\":[$REGS,$REGS,$REGS,$REGS]" >a.json
  degraded "$TIMED_OUT: 9ms; 1/4 vCPUs parked" "\"vcpu_regs\":[$REGS,null,null,null]" >b.json
  run dumpctl diff a.json b.json
  assert_failure 1
  assert_line -n 0 'a.json -> b.json: vCPUs 1-3 parked -> not_parked'
  assert_line -n 1 '  parked -> not_parked: vCPUs 1-3'
  assert_line -n 2 'unchanged: 1 section'
  [ "${#lines[@]}" -eq 3 ]
  run dumpctl diff b.json a.json
  assert_failure 1
  assert_line -n 0 'b.json -> a.json: vCPUs 1-3 not_parked -> parked'
}

@test "diff: unavailable is no not_parked, and dumpctl's own word on a slot is taken" {
  degraded "$TIMED_OUT: 9ms; 1/1 vCPUs parked" '"vcpu_regs":[null],"dumpctl":{"version":"1","vcpus":[{"id":0,"state":"unavailable"}]}' >a.json
  degraded "$TIMED_OUT: 9ms; 1/1 vCPUs parked" '"vcpu_regs":[null],"dumpctl":{"version":"1","vcpus":[{"id":0,"state":"not_parked"}]}' >b.json
  run dumpctl diff a.json b.json
  assert_failure 1
  assert_line '  unavailable -> not_parked: vCPU 0'
}

@test "diff: the number of vCPUs" {
  single "[$REGS]" >a.json
  single "[$REGS,$REGS,null]" >b.json
  run dumpctl diff a.json b.json
  assert_failure 1
  assert_line '  vcpus: 1 -> 3'
  assert_line '  absent -> parked: vCPU 1'
  assert_line '  absent -> unavailable: vCPU 2'
}

@test "diff: slots that are absent are an empty list, members that are absent are default" {
  degraded "$TIMED_OUT" >a.json
  degraded "$TIMED_OUT" '"vcpu_regs":[],"elapsed_ms":0,"exit_kind":null,"dumpctl":null' >b.json
  run dumpctl diff a.json b.json
  assert_success
  assert_output ''
  single '[]' >a.json
  single '[]' '"scx_static_ranges":{"ranges":[],"skipped":0},"maps_truncated":0,"is_placeholder":false,"active_obj_name":null,"dsq_states":[]' >b.json
  run dumpctl diff --addresses a.json b.json
  assert_success
  assert_output ''
  # but not what is none against what is there and empty
  single '[]' '"active_obj_name":""' >b.json
  run dumpctl diff a.json b.json
  assert_failure 1
  assert_line '  + active_obj_name: ""'
}

@test "diff: another cause, the same cause with other times, the same with other counts" {
  degraded "$TIMED_OUT: 9ms; 1/4 vCPUs parked" >a.json
  degraded "guest crashed before capture: 9ms; 1/4 vCPUs parked" >b.json
  run dumpctl diff a.json b.json
  assert_failure 1
  assert_line '  cause: vCPU rendezvous timed out -> guest crashed before capture'
  degraded "$TIMED_OUT: 12345ms; 1/4 vCPUs parked" '"elapsed_ms":12345' >b.json
  run dumpctl diff a.json b.json
  assert_success
  assert_output 'not counted as a difference: elapsed_ms 0 -> 12345'
  degraded "$TIMED_OUT: 9ms; 2/4 vCPUs parked" >b.json
  run dumpctl diff a.json b.json
  assert_failure 1
  assert_line -n 0 'a.json -> b.json: reason differs'
  degraded "something else" >b.json
  run dumpctl diff a.json b.json
  assert_failure 1
  assert_line -n 0 'a.json -> b.json: vCPU rendezvous timed out -> something else'
}

@test "diff: exit kind by name, latch, watchpoint" {
  degraded "$TIMED_OUT" '"exit_kind":0' >a.json
  degraded "$TIMED_OUT" '"exit_kind":4294967295' | sed 's/"triggered"/"x\\u001b[2J"/; s/true/false/' >b.json
  run dumpctl diff a.json b.json
  assert_failure 1
  assert_line '  exit_kind: 0 (SCX_EXIT_NONE) -> 4294967295 (unknown)'
  assert_line '  bss_latch_state: triggered -> x\x1b[2J'
  assert_line '  watchpoint_hit: true -> false'
  degraded "$TIMED_OUT" >b.json
  run dumpctl diff a.json b.json
  assert_failure 1
  assert_line '  exit_kind: 0 (SCX_EXIT_NONE) -> none'
}

@test "diff: registers alone are counted and no difference, --addresses lists them" {
  single '[{"instruction_pointer":18446744073709551615,"stack_pointer":9007199254740993,"page_table_root":0},'"$REGS]" >a.json
  single '[{"instruction_pointer":18446744073709551614,"stack_pointer":9007199254740992,"page_table_root":0},'"$REGS]" >b.json
  run dumpctl diff --width 200 a.json b.json
  assert_success
  assert_output 'not counted as a difference: registers of 1 of 2 vCPUs (instruction_pointer moved on vCPU 0, stood still on vCPU 1) (--addresses counts addresses and registers)'
  run dumpctl diff -q a.json b.json
  assert_success
  assert_output ''
  run dumpctl diff --addresses a.json b.json
  assert_failure 1
  assert_line -n 0 'a.json -> b.json: 2 differences in vcpus'
  assert_line --regexp '^ +instruction_pointer +0xffffffffffffffff -> 0xfffffffffffffffe$'
  assert_line --regexp '^ +stack_pointer +0x20000000000001 +-> 0x20000000000000$'
  refute_line --partial page_table_root
  run dumpctl diff --addresses --json a.json b.json
  assert_failure 1
  assert_equal "$(jq -c '[.differences[] | [.path, .a, .b]]' <<<"$output")" \
    '[["vcpu_regs[0].instruction_pointer","0xffffffffffffffff","0xfffffffffffffffe"],["vcpu_regs[0].stack_pointer","0x20000000000001","0x20000000000000"]]'
}

# detailed ID RAX CS: a report of one vCPU with all its registers.
detailed() {
  local r regs='' control='"cr2":0,"cr3":0,"gdt_base":0,"idt_base":0,"cr0":0,"cr4":0,"cr8":0,"efer":0,"apic_base":0,"gdt_limit":0,"idt_limit":0'
  for r in rbx rcx rdx rsi rdi rsp rbp r8 r9 r10 r11 r12 r13 r14 r15 rip rflags; do regs+="\"$r\":0,"; done
  single "[$REGS]" '"dumpctl":{"version":"1","vcpus":[{"id":0,"state":"parked","park_us":'"$1"',"regs":{'"$regs"'"rax":'"$2"'},"control":{'"$control"'}}]}'
}

@test "diff --addresses: general registers are named with both values" {
  detailed 5 1 >a.json
  detailed 6 18446744073709551615 >b.json
  run dumpctl diff a.json b.json
  assert_success
  run dumpctl diff --addresses a.json b.json
  assert_failure 1
  assert_line '    dumpctl.vcpus[0].regs.rax: 0x1 -> 0xffffffffffffffff'
  refute_line --partial 'park_us:'
  refute_line --partial regs.rbx
  run dumpctl diff --addresses --json a.json b.json
  assert_equal "$(jq -c '[.differences[] | [.path, .a, .b]]' <<<"$output")" \
    '[["dumpctl.vcpus[0].regs.rax","0x1","0xffffffffffffffff"]]'
}

@test "diff --addresses: all that --json lists is in the text, however much it is" {
  local i a=$REGS b='{"instruction_pointer":9,"stack_pointer":2,"page_table_root":3}'
  local one=$b
  for i in {1..299}; do a+=,$REGS b+=,$one; done
  single "[$a]" >a.json
  single "[$b]" >b.json
  run dumpctl diff --addresses a.json b.json
  assert_failure 1
  assert_equal "$(grep -c 'vcpu_regs\[[0-9]*\].instruction_pointer: 0x1 -> 0x9$' <<<"$output")" 300
  run dumpctl diff --addresses --json a.json b.json
  assert_equal "$(jq '.differences | length' <<<"$output")" 300
}

@test "diff: an exit kind that both have is no part of a cause that changed" {
  single "[$REGS]" '"scx_sched_state":{"aborting":false,"bypass_depth":0,"exit_kind":1026}' >a.json
  degraded "$TIMED_OUT: 9ms; 1/1 vCPUs parked" "\"vcpu_regs\":[$REGS],\"exit_kind\":1026" >b.json
  run dumpctl diff a.json b.json
  assert_failure 1
  assert_line -n 0 'a.json -> b.json: single -> degraded; none -> vCPU rendezvous timed out'
  assert_line '  cause: none -> vCPU rendezvous timed out'
  sed -i 's/1026}$/1025}/' b.json
  run dumpctl diff a.json b.json
  assert_line '  exit_kind: 1026 (SCX_EXIT_ERROR_STALL) -> 1025 (SCX_EXIT_ERROR_BPF)'
}

@test "diff: numbers that a double would make equal are not" {
  single '[]' '"rq_scx_states":[{"cpu":0,"nr_running":1,"flags":0,"cpu_released":false,"ops_qseq":18446744073709551615,"runnable_task_kvas":[]}]' >a.json
  sed 's/18446744073709551615/18446744073709551614/' a.json >b.json
  run dumpctl diff a.json b.json
  assert_failure 1
  assert_line '    rq_scx_states[0].ops_qseq: 18446744073709551615 -> 18446744073709551614 (-1)'
  single '[]' '"scx_sched_state":{"aborting":false,"bypass_depth":-2147483648,"exit_kind":0,"watchdog_timeout":9223372036854775808}' >a.json
  single '[]' '"scx_sched_state":{"aborting":false,"bypass_depth":2147483647,"exit_kind":0,"watchdog_timeout":9223372036854775807}' >b.json
  run dumpctl diff --json a.json b.json
  assert_failure 1
  assert_equal "$(jq -c '[.differences[] | [.path, .a, .b]]' <<<"$output")" \
    '[["scx_sched_state.bypass_depth",-2147483648,2147483647],["scx_sched_state.watchdog_timeout","9223372036854775808","9223372036854775807"]]'
}

@test "diff: the order of members, of maps and of entries does not matter, that of vCPUs does" {
  printf '{"schema":"single","vcpu_regs":[%s,null],"maps":[{"name":"a","map_type":1,"value_size":1,"max_entries":1},{"name":"b","map_type":1,"value_size":1,"max_entries":2,"entries":[{"key_hex":"01","value_hex":"0a"},{"key_hex":"02","value_hex":"0b"}]}]}' "$REGS" >a.json
  printf '{"maps":[{"entries":[{"value_hex":"0b","key_hex":"02"},{"key_hex":"01","value_hex":"0a"}],"max_entries":2,"map_type":1,"value_size":1,"name":"b"},{"name":"a","value_size":1,"max_entries":1,"map_type":1}],"vcpu_regs":[%s,null],"schema":"single"}' "$REGS" >b.json
  run dumpctl diff --addresses a.json b.json
  assert_success
  assert_output ''
  sed -i 's/"0b"/"0c"/' b.json
  run dumpctl diff a.json b.json
  assert_failure 1
  assert_line '    maps[b].entries[02].value_hex: 0b -> 0c'
  single "[$REGS,null]" >a.json
  single "[null,$REGS]" >b.json
  run dumpctl diff a.json b.json
  assert_failure 1
}

@test "diff: unknown members count, in whatever form they are written" {
  single '[]' '"x":{"b":[1,2],"a":"\u00e9"},"y":1' >a.json
  single '[]' '"y" : 1, "x" : { "a":"é", "b":[1, 2] }' >b.json
  run dumpctl diff a.json b.json
  assert_success
  assert_output ''
  single '[]' '"x":{"b":[1,3],"a":"é"},"y":1' >b.json
  run dumpctl diff a.json b.json
  assert_failure 1
  assert_line '    x: {"b":[1,2],"a":"é"} -> {"b":[1,3],"a":"é"}'
  # inside a section too
  single "[{\"instruction_pointer\":1,\"stack_pointer\":2,\"page_table_root\":3,\"rax\":5}]" >a.json
  single "[{\"instruction_pointer\":1,\"stack_pointer\":2,\"page_table_root\":3,\"rax\":6}]" >b.json
  run dumpctl diff --addresses a.json b.json
  assert_failure 1
  run dumpctl diff a.json b.json
  assert_success
  assert_output 'not counted as a difference: addresses and times: 1 in vcpus (--addresses counts
  addresses and registers)'
}

@test "diff: missing statistics by name, by number, by what came with them" {
  echo '{"SchedulerError":{"errno":-2147483648,"args":{"a":1,"b":18446744073709551615}}}' >a.json
  echo '{"SchedulerError":{"args":{"b":18446744073709551615,"a":1},"errno":-2147483648}}' >b.json
  run dumpctl diff a.json b.json
  assert_success
  assert_output ''
  echo '{"SchedulerError":{"args":{"b":18446744073709551614,"a":1},"errno":-2147483648}}' >b.json
  run dumpctl diff a.json b.json
  assert_failure 1
  echo '"DuringFreeze"' >b.json
  run dumpctl diff a.json b.json
  assert_failure 1
  assert_line '  missing_stats: SchedulerError -> DuringFreeze'
  echo '{"RequestTooLarge":{"size":1,"max":1}}' >a.json
  echo '{"RequestTooLarge":{"size":18446744073709551615,"max":1}}' >b.json
  run dumpctl diff a.json b.json
  assert_failure 1
  assert_line --partial '18446744073709551615'
}

@test "diff: times inside a reason for missing statistics are its words, not noise" {
  echo '{"NoScheduler":{"reason":"nothing after 500ms"}}' >a.json
  echo '{"NoScheduler":{"reason":"nothing after 600ms"}}' >b.json
  run dumpctl diff a.json b.json
  assert_failure 1
}

@test "diff: placeholders are said" {
  cp "$DATA/samples/single-placeholder.json" a.json
  single '[]' >b.json
  run dumpctl diff a.json b.json
  assert_failure 1
  assert_line 'the first report is a placeholder: the capture produced nothing'
  assert_line -n 0 --partial 'is_placeholder true -> false'
  run --separate-stderr dumpctl diff a.json a.json
  assert_success
  assert_output ''
  [[ $stderr == *'both reports are placeholders'* ]]
}

@test "diff: nothing of a report reaches the terminal raw, not the file's name either" {
  local name=$'evil\e[31m\u202e.json'
  degraded 'a\u001b]0;x\u0007\u202eb\u200d' >"$name"
  degraded 'c\u009bd' '"x\u001b[1m":1' >b.json
  run dumpctl diff --color=never "$name" b.json
  assert_failure 1
  [[ $output != *$'\e'* && $output != *$'\u202e'* && $output != *$'\u009b'* ]]
  run dumpctl diff --json "$name" b.json
  assert_failure 1
  [ -z "$(LC_ALL=C tr -d ' -~\n' <<<"$output")" ]
  assert_equal "$(jq -r '.differences[0].a' <<<"$output")" "$(printf 'a\e]0;x\a\u202eb\u200d')"
}

@test "diff: colour only where asked for, with the words beside it" {
  degraded "$TIMED_OUT: 9ms; 1/1 vCPUs parked" "\"vcpu_regs\":[$REGS]" >a.json
  degraded "$TIMED_OUT: 9ms; 0/1 vCPUs parked" '"vcpu_regs":[null]' >b.json
  run dumpctl diff a.json b.json
  [[ $output != *$'\e'* ]]
  plain=$output
  run dumpctl diff --color=always a.json b.json
  assert_failure 1
  [[ $output == *$'\e'* ]]
  assert_equal "$(sed 's/\x1b\[[0-9;]*m//g' <<<"$output")" "$plain"
}

@test "diff: -q is one line or none" {
  cd "$DATA/diff-variants" || return 1
  run dumpctl diff -q a.json b.json
  assert_failure 1
  [ "${#lines[@]}" -eq 1 ]
  assert_line -n 0 --partial 'a.json -> b.json: single -> degraded; '
  run dumpctl diff --brief --json a.json b.json
  assert_failure 1
  assert_equal "$(jq -c '[.different, has("summary"), has("differences")]' <<<"$output")" '[true,true,false]'
}

@test "diff: standard input is one of the two, in either place" {
  single "[$REGS]" >a.json
  single '[null]' >b.json
  run bash -c '"$DUMPCTL" diff - b.json <a.json'
  assert_failure 1
  assert_line -n 0 '<stdin> -> b.json: vCPU 0 parked -> unavailable'
  run bash -c 'cat b.json | "$DUMPCTL" diff a.json -'
  assert_failure 1
  assert_line -n 0 'a.json -> <stdin>: vCPU 0 parked -> unavailable'
  run dumpctl diff - -
  assert_failure 2
}

@test "diff: a file that cannot be read or understood is 2, and both are tried" {
  echo '{"schema":"degraded"' >broken.json
  single '[]' >a.json
  run --separate-stderr dumpctl diff broken.json nowhere.json
  assert_failure 2
  assert_output ''
  [[ $stderr == *broken.json:* && $stderr == *nowhere.json:* ]]
  run --separate-stderr dumpctl diff a.json broken.json
  assert_failure 2
  assert_output ''
  run --separate-stderr dumpctl diff --json a.json broken.json
  assert_failure 2
  assert_output ''
  jq -e '.error.file == "broken.json"' <<<"$stderr" >/dev/null
  : >empty.json
  run dumpctl diff a.json empty.json
  assert_failure 2
}

@test "diff: a file with two documents is refused" {
  { single '[]'; single '[]'; } >two.jsonl
  single '[]' >a.json
  run dumpctl diff a.json two.jsonl
  assert_failure 2
  assert_output --partial 'more than one document'
  assert_output --partial 'sed -n 2p FILE | dumpctl diff - OTHER'
}

@test "diff: one operand, an unknown option are usage errors" {
  single '[]' >a.json
  run dumpctl diff a.json
  assert_failure 2
  run dumpctl diff --nonsense a.json a.json
  assert_failure 2
  run dumpctl diff --help
  assert_success
  assert_output --partial '--addresses'
}

@test "diff: lines keep to the width, whatever it is" {
  cd "$DATA/diff-variants" || return 1
  for width in 20 33 80 200; do
    run dumpctl diff --width "$width" a.json b.json
    assert_failure 1
    # A word that is wider than the screen cannot be helped.
    assert_equal "$(sed 's/ *$//' <<<"$output" | awk -v w="$width" 'length > w && !/^ *[^ ]+$/')" ""
  done
}

@test "diff: three million empty slots are compared in bounded memory" {
  { printf '{"schema":"single","maps":[],"vcpu_regs":'; nulls 3000000; echo '}'; } >a.json
  { printf '{"schema":"single","maps":[],"vcpu_regs":[%s,' "$REGS"; nulls 2999999 | tail -c +2; echo '}'; } >b.json
  run dumpctl diff a.json a.json
  assert_success
  assert_output ''
  run dumpctl diff a.json b.json
  assert_failure 1
  assert_line -n 0 'a.json -> b.json: vCPU 0 unavailable -> parked'
  run dumpctl diff a.json "$DATA/samples/single-minimal.json"
  assert_failure 1
  assert_line '  unavailable -> absent: vCPUs 0-2999999'
}

@test "diff: a list of vCPUs that is too long is counted" {
  local a=null b=$REGS i
  for i in {1..199}; do
    a+=,null
    if ((i % 2)); then b+=,null; else b+=,$REGS; fi
  done
  single "[$a]" >a.json
  single "[$b]" >b.json
  run dumpctl diff a.json b.json
  assert_failure 1
  assert_line -n 0 --regexp '^a.json -> b.json: vCPUs 0,2,4,.* \(\+[0-9]+ more\)'
  run dumpctl diff --json a.json b.json
  assert_equal "$(jq -c '.differences[0] | [.count, (.vcpus | length), .vcpus[99]]' <<<"$output")" '[100,100,198]'
}

# ---- choosing ----

COUNTERS="$BATS_TEST_DIRNAME/data/diff-counters"

@test "diff --only: one section, several, one that is none" {
  cd "$COUNTERS" || return 1
  run dumpctl diff --only psi a.json b.json
  assert_failure 1
  assert_line -n 0 'a.json -> b.json: 1 difference in psi'
  run dumpctl diff --only maps a.json b.json
  assert_success
  assert_output ''
  run dumpctl diff --only task_enrichments,probe_counters a.json b.json
  assert_failure 1
  assert_line -n 0 'a.json -> b.json: 1 difference in probe'
  run dumpctl diff --only eventz a.json b.json
  assert_failure 2
  assert_line --partial "did you mean 'events'?"
  run dumpctl diff --only findings a.json b.json
  assert_failure 2
}

@test "diff --only: what must be known first is a section too" {
  cd "$DATA/diff-variants" || return 1
  run dumpctl diff --only capture a.json b.json
  assert_failure 1
  assert_line -n 0 'a.json -> b.json: 1 difference in capture'
  refute_output --partial 'single ->'
  run dumpctl diff --only summary a.json b.json
  assert_failure 1
  assert_line '  variant: single -> degraded'
  refute_output --partial 'capture'
}

@test "diff --ignore: a path, what is below it, a pattern; the exit code obeys" {
  cd "$COUNTERS" || return 1
  run dumpctl diff -q --ignore per_cpu_time --ignore 'cgroup_psi[*].total_ns' --ignore vcpu_perf_at_freeze \
    --ignore 'probe_counters.trigger_?ount' a.json b.json
  assert_failure 1
  assert_output 'a.json -> b.json: 1 difference in events'
  run dumpctl diff --ignore '*' a.json b.json
  assert_success
  assert_output --regexp 'by\s+--ignore: 3 in cpu_time, 1 in psi'
  run dumpctl diff --ignore per_cpu a.json b.json
  assert_failure 1
  refute_output --partial 'by --ignore'
  # what stands first has its name for a path
  cd "$DATA/diff-never-parked" || return 1
  run dumpctl diff --json --ignore vcpu_state a.json b.json
  assert_equal "$(jq -c '[.differences[] | select(.what == "vcpu_state")], [.ignored[] | select(.why == "ignore") | .section]' <<<"$output" | xargs)" \
    '[] [vcpus]'
}

@test "diff --tolerance: a number, a share, and what is no quantity" {
  single '[]' '"rq_scx_states":[{"cpu":0,"nr_running":100,"flags":0,"cpu_released":false,"ops_qseq":1000,"runnable_task_kvas":[]}],"scx_sched_state":{"aborting":false,"bypass_depth":0,"exit_kind":1025}' >a.json
  sed 's/:100,/:104,/; s/:1000,/:1040,/; s/1025/1026/' a.json >b.json
  run dumpctl diff --json --tolerance 4 a.json b.json
  assert_equal "$(jq -c '[.differences[] | .path // .what]' <<<"$output")" '["exit_kind","rq_scx_states[0].ops_qseq"]'
  run dumpctl diff --json --tolerance 3.9% a.json b.json
  assert_equal "$(jq -c '[.differences[] | .path // .what]' <<<"$output")" '["exit_kind"]'
  run dumpctl diff --json --tolerance 3.8% a.json b.json
  assert_equal "$(jq -c '[.differences | length]' <<<"$output")" '[3]'
  run dumpctl diff --json --tolerance 0 a.json b.json
  assert_equal "$(jq -c '[.differences | length]' <<<"$output")" '[3]'
  for bad in x 5%% -1 1e3 .5 5. '' 101% ' 5' 0x5; do
    run dumpctl diff --tolerance "$bad" a.json b.json
    assert_failure 2
  done
}

@test "diff --tolerance: numbers inside maps, to the last digit" {
  local map='{"name":"m","map_type":2,"value_size":8,"max_entries":1,"value":{"kind":"%s","bits":64,"value":%s}}'
  # shellcheck disable=SC2059
  value() { printf '{"schema":"single","maps":['"$map"']}\n' "$@"; }
  value uint 18446744073709551615 >a.json
  value uint 18446744073709551605 >b.json
  run dumpctl diff --tolerance 10 a.json b.json
  assert_success
  run dumpctl diff --tolerance 9 a.json b.json
  assert_failure 1
  assert_line '    maps[m].value: 18446744073709551615 -> 18446744073709551605 (-10)'
  value int -9223372036854775808 >a.json
  value int 9223372036854775807 >b.json
  run dumpctl diff a.json b.json
  assert_line '    maps[m].value: -9223372036854775808 -> 9223372036854775807'
  assert_line --partial '(+18446744073709551615)'
  value float 1.5 >a.json
  value float 1.25 >b.json
  run dumpctl diff --tolerance 0.25 a.json b.json
  assert_success
  run dumpctl diff a.json b.json
  assert_line '    maps[m].value: 1.5 -> 1.25 (-0.25)'
}

@test "diff --all: order, signs of zero and times count, and nothing else is left" {
  cd "$DATA/diff-noise" || return 1
  run dumpctl diff --all a.json b.json
  assert_failure 1
  refute_output --partial 'not counted'
  cd "$BATS_TEST_TMPDIR" || return 1
  single '[]' '"prog_runtime_stats":[{"name":"a","cnt":1,"nsecs":1,"misses":0},{"name":"b","cnt":1,"nsecs":1,"misses":0}]' >a.json
  jq -c '.prog_runtime_stats |= reverse' a.json >b.json
  run dumpctl diff --addresses a.json b.json
  assert_success
  assert_output ''
  run dumpctl diff --all a.json b.json
  assert_failure 1
  assert_line '    prog_runtime_stats: in another order'
  run dumpctl diff --all a.json a.json
  assert_success
  assert_output ''
}

# ---- registers by name ----

@test "diff --symbols: vCPUs that stand in another function count, and have names" {
  printf '%s\n' 'ffffffff81000000 T _stext' 'ffffffff81000100 T one' 'ffffffff81000200 T two' \
    'ffffffff82000000 T _etext' >a.map
  sed 's/ffffffff81/ffffffff91/; s/ffffffff82/ffffffff92/' a.map >b.map
  regs() { printf '{"instruction_pointer":%s,"stack_pointer":2,"page_table_root":3}' "$1"; }
  single "[$(regs 18446744071578845456),$(regs 18446744071578845456)]" >a.json # one+0x10
  single "[$(regs 18446744071578845472),$(regs 18446744071578845712)]" >same.json # one+0x20, two+0x10
  run dumpctl diff --symbols a.map a.json same.json
  assert_failure 1
  assert_line '    vcpu_regs[1].instruction_pointer: 0xffffffff81000110 (one+0x10) ->' ||
    assert_line --partial '0xffffffff81000110 (one+0x10)'
  refute_line --partial 'vcpu_regs[0]'
  # another boot, with its own addresses
  single "[$(regs 18446744071847280912),$(regs 18446744071847281168)]" >b.json
  run dumpctl diff --json --symbols a.map --symbols b.map a.json b.json
  assert_failure 1
  assert_equal "$(jq -c '[.differences[] | [.path, .a_symbol, .b_symbol]]' <<<"$output")" \
    '[["vcpu_regs[1].instruction_pointer","one+0x10","two+0x10"]]'
  # one file for both is not right for the second
  run --separate-stderr dumpctl diff --symbols a.map a.json b.json
  assert_success
  [[ $stderr == *'a.map is not of the kernel and the boot of b.json'* ]]
  run dumpctl diff --symbols a.map --symbols b.map --symbols a.map a.json b.json
  assert_failure 2
  echo nonsense >bad.map
  run dumpctl diff --symbols bad.map a.json b.json
  assert_failure 2
  assert_output --partial 'bad.map:1'
}

# ---- more than two ----

@test "diff: the first of several is compared with each of the others" {
  single '[null]' >base.json
  single "[$REGS]" >one.json
  cp base.json two.json
  single '[]' >three.json
  run dumpctl diff base.json one.json two.json three.json
  assert_failure 1
  assert_line -n 0 'base.json -> one.json: vCPU 0 unavailable -> parked'
  assert_line 'base.json -> three.json: vcpus 1 -> 0; vCPU 0 unavailable -> absent'
  refute_output --partial two.json
  assert_equal "$(grep -c '^$' <<<"$output")" 1
  run dumpctl diff --json base.json one.json two.json three.json
  assert_failure 1
  assert_equal "$(jq -c '[.b.file, .different]' <<<"$output" | xargs)" '[one.json,true] [two.json,false] [three.json,true]'
  run dumpctl diff -q base.json two.json two.json
  assert_success
  assert_output ''
  # one that cannot be read does not keep the others from being compared
  echo broken >broken.json
  run --separate-stderr dumpctl diff -q base.json broken.json one.json
  assert_failure 2
  assert_output 'base.json -> one.json: vCPU 0 unavailable -> parked'
  run --separate-stderr dumpctl diff -q broken.json base.json nowhere.json
  assert_failure 2
  assert_output ''
  [[ $stderr == *broken.json:1:* && $stderr == *nowhere.json:* ]]
}

@test "diff --matrix: how many differences there are between any two" {
  single '[null]' >base.json
  single "[$REGS]" >one.json
  cp base.json two.json
  echo broken >broken.json
  run dumpctl diff --matrix base.json one.json two.json
  assert_failure 1
  assert_line -n 0 '  #  1  2  3'
  assert_line -n 1 '  1  .  1  0  base.json'
  assert_line -n 2 '  2  1  .  1  one.json'
  assert_line -n 3 '  3  0  1  .  two.json'
  run dumpctl diff --matrix base.json two.json
  assert_success
  run --separate-stderr dumpctl diff --matrix --json base.json broken.json one.json
  assert_failure 2
  assert_equal "$(jq -c '[.files, .differences]' <<<"$output")" \
    '[["base.json","broken.json","one.json"],[[0,null,1],[null,null,null],[1,null,0]]]'
}

# ---- forms ----

@test "diff: forms that exclude each other, options that would do nothing" {
  local line args
  single '[]' >a.json
  while read -r line; do
    read -ra args <<<"$line"
    run dumpctl diff "${args[@]}" a.json a.json
    assert_equal "$line $status" "$line 2"
  done <<'END'
-q --stat
-y -q
--stat --side-by-side
--json -y
--html=x.html -q
--html=x.html --json
--force
--matrix -y
--matrix --phases
--matrix --symbols=x
--format=xml
--format=json-patch --only=maps
--format=json-patch --ignore=maps
--format=json-patch --tolerance=1
--format=json-patch --phases
--format=json-patch --matrix
--format=json-patch -q
--phases
END
  [ ! -e x.html ]
  run dumpctl diff --format=json-patch a.json a.json a.json
  assert_failure 2
  run dumpctl diff --format=json a.json a.json
  assert_success
  jq -e '.different | not' <<<"$output" >/dev/null
}

@test "diff --stat: counts, and nothing where nothing differs" {
  cd "$COUNTERS" || return 1
  run dumpctl diff --stat a.json a.json
  assert_success
  assert_output ''
  run dumpctl diff --stat --json a.json b.json
  assert_failure 1
  assert_equal "$(jq -c '[.sections.cpu_time, has("differences")]' <<<"$output")" \
    '[{"changed":2,"added":1,"removed":0,"ignored":0},false]'
}

@test "diff -y: a narrow screen gets the usual form" {
  cd "$COUNTERS" || return 1
  run dumpctl diff -y --width=95 a.json b.json
  assert_failure 1
  refute_output --partial ' | '
  assert_equal "$output" "$(dumpctl diff --width=95 a.json b.json)"
  for width in 96 100 132 300; do
    run dumpctl diff -y --width=$width a.json b.json
    assert_output --partial ' | '
    assert_equal "$(awk -v w=$width 'length > w' <<<"$output")" ''
  done
}

@test "diff --html: one page, escaped, whole or not at all" {
  local evil='<script>alert(1)</script>\u001b[31m\u202e'
  single '[]' "\"active_obj_name\":\"$evil\",\"x&y\":1" >"<b>.json"
  single "[$REGS]" '"active_obj_name":"demo"' >b.json
  run dumpctl diff --html page.html '<b>.json' b.json
  assert_failure 1
  assert_output ''
  [ "$(stat -c %a page.html)" = 600 ]
  run cat page.html
  assert_line -n 0 '<!DOCTYPE html>'
  refute_output --partial '<script>'
  refute_output --partial '<b>'
  assert_output --partial '&lt;script&gt;alert(1)&lt;/script&gt;\x1b[31m\u202e'
  assert_output --partial 'x&amp;y'
  assert_output --partial 'absent</td><td class="l">parked</td>'
  run dumpctl diff --html page.html b.json b.json
  assert_failure 2
  run dumpctl diff --html page.html --force b.json b.json
  assert_success
  assert_equal "$(grep -c 'no difference that counts' page.html)" 1
  cp b.json copy.json
  run dumpctl diff --html b.json --force copy.json b.json
  assert_failure 2
  cmp b.json copy.json
  run dumpctl diff --html - b.json '<b>.json'
  assert_failure 1
  assert_line '</html>'
  echo broken >broken.json
  run dumpctl diff --html other.html b.json broken.json
  assert_failure 2
  [ ! -e other.html ]
}

# ---- a lot ----

@test "diff: two hashes of 100,000 entries in random order, in time" {
  hash() { # SEED
    python3 - "$1" <<'END'
import random, sys
entries = list(range(100000))
random.Random(int(sys.argv[1])).shuffle(entries)
print('{"schema":"single","maps":[{"name":"h","map_type":1,"value_size":4,"max_entries":100000,"entries":[')
print(",\n".join('{"key":{"kind":"uint","bits":32,"value":%d},"key_hex":"%08x","value":{"kind":"uint","bits":32,"value":%d},"value_hex":"00"}'
                 % (n, n, n % 97) for n in entries))
print(']}]}')
END
  }
  hash 1 >a.json
  hash 2 >b.json
  run timeout 60 "$DUMPCTL" diff a.json b.json
  assert_success
  assert_output ''
  sed -i 's/"value":4242},"key_hex":"[0-9a-f]*","value":{"kind":"uint","bits":32,"value":/&9/' b.json
  run timeout 60 "$DUMPCTL" diff --json a.json b.json
  assert_failure 1
  assert_equal "$(jq -c '[.differences[] | .path]' <<<"$output")" '["maps[h].entries[4242].value"]'
}

# ---- what is a difference, case by case ----

# paths A B [OPTION...]: the differences of two JSON texts, a path or a kind of row on each line.
paths() {
  local a=$1 b=$2
  shift 2
  printf '%s\n' "$a" >pa.json
  printf '%s\n' "$b" >pb.json
  dumpctl diff --json "$@" pa.json pb.json >found || [ $? -eq 1 ]
  jq -r '.differences[] | .path // .what' found | xargs
}

# map VALUE: a report with a map m that has it. entry MEMBERS: an entry of a hash.
map() { single '[]' | sed "s|\"maps\":\[\]|\"maps\":[{\"name\":\"m\",\"map_type\":2,\"value_size\":8,\"max_entries\":1,\"value\":$1}]|"; }
hash() { single '[]' | sed "s|\"maps\":\[\]|\"maps\":[{\"name\":\"m\",\"map_type\":1,\"value_size\":8,\"max_entries\":9,\"entries\":[$1]}]|"; }
uint() { printf '{"kind":"uint","bits":%s,"value":%s}' "${2:-64}" "$1"; }
array() { # WIDTH VALUE...
  local width=$1 list='' v
  shift
  for v; do list+="${list:+,}$(uint "$v" "$width")"; done
  printf '{"kind":"array","len":%s,"elements":[%s]}' $# "$list"
}

@test "rule: an address that is null on one side only is a difference" {
  assert_equal "$(paths "$(map '{"kind":"ptr","value":0}')" "$(map '{"kind":"ptr","value":18446612682070024192}')")" 'maps[m].value'
  assert_equal "$(paths "$(map '{"kind":"ptr","value":1}')" "$(map '{"kind":"ptr","value":18446612682070024192}')")" ''
  local sched='"scx_sched_state":{"aborting":false,"bypass_depth":0,"exit_kind":0,"sched_kva":%s}'
  # shellcheck disable=SC2059
  assert_equal "$(paths "$(single '[]' "$(printf "$sched" 5)")" "$(single '[]' "$(printf "$sched" 0)")")" 'scx_sched_state.sched_kva'
}

@test "rule: bytes count where their value does not hold all of them" {
  entry() { printf '{"key_hex":"01","value_hex":"%s","value":%s}' "$1" "$2"; }
  local whole cut='{"kind":"unsupported","reason":"unsupported float size 16"}'
  whole=$(uint 5)
  assert_equal "$(paths "$(hash "$(entry 01 "$cut")")" "$(hash "$(entry 02 "$cut")")")" 'maps[m].entries[01].value_hex'
  assert_equal "$(paths "$(hash "$(entry 01 "$whole")")" "$(hash "$(entry 02 "$whole")")")" ''
  cut='{"kind":"array","len":9,"elements":[]}'
  assert_equal "$(paths "$(hash "$(entry 01 "$cut")")" "$(hash "$(entry 02 "$cut")")")" 'maps[m].entries[01].value_hex'
}

@test "rule: two kinds that look alike are told apart" {
  printf '%s\n' "$(map '{"kind":"uint","bits":32,"value":5}')" >a.json
  printf '%s\n' "$(map '{"kind":"int","bits":32,"value":5}')" >b.json
  run dumpctl diff a.json b.json
  assert_line '    maps[m].value: uint 5 -> int 5'
  run dumpctl diff --json a.json b.json
  assert_equal "$(jq -c '.differences[0] | [.a_kind, .b_kind]' <<<"$output")" '["uint","int"]'
  local enum='{"kind":"enum","bits":32,"value":5,"variant":"A","is_signed":%s}'
  # shellcheck disable=SC2059
  assert_equal "$(paths "$(map "$(printf "$enum" true)")" "$(map "$(printf "$enum" false)")")" 'maps[m].value.is_signed'
  assert_equal "$(paths "$(map "$(uint 5 32)")" "$(map "$(uint 5 64)")")" 'maps[m].value.bits'
}

@test "rule: every element of an array counts, and can be ignored" {
  local a b
  # shellcheck disable=SC2046
  a=$(map "$(array 64 $(seq 1 40))") b=$(map "$(array 64 $(seq 101 140))")
  paths "$a" "$b" >listed
  assert_equal "$(wc -w <listed)" 40
  assert_equal "$(paths "$a" "$b" --ignore 'maps[m].value[*]')" ''
  assert_equal "$(paths "$a" "$b" --ignore 'maps[m].value[1?]' | wc -w)" 30
  # shellcheck disable=SC2046
  assert_equal "$(paths "$a" "$(map "$(array 64 $(seq 1 41))")")" 'maps[m].value[40]'
}

@test "rule: text in an array is one value, also where it is empty" {
  # shellcheck disable=SC2046
  map "$(array 8 97 98 0 0 0 0)" >a.json
  map "$(array 8 0 0 0 0 0 0)" >b.json
  run dumpctl diff a.json b.json
  assert_line '    maps[m].value: ab -> ""'
  run dumpctl diff --all a.json b.json
  assert_failure 1
  map "$(array 8 97 98 0 7 0 0)" >b.json # no text
  run dumpctl diff a.json b.json
  assert_line '    maps[m].value[3]: 0 -> 7 (+7)'
}

@test "rule: storage of another boot is found by what it says, then by what nobody else has" {
  stored() { # ADDRESS PID RUNS
    printf '{"key":{"kind":"ptr","value":%s},"key_hex":"%s","value_hex":"","value":{"kind":"struct","members":[{"name":"weight","value":%s},{"name":"pid","value":%s},{"name":"runs","value":%s}]}}' \
      "$1" "$1" "$(uint 100)" "$(uint "$2")" "$(uint "$3")"
  }
  local a b
  a=$(hash "$(stored 1 100 7),$(stored 2 200 8),$(stored 3 300 9)")
  b=$(hash "$(stored 7 300 19),$(stored 8 100 17),$(stored 9 200 8)")
  assert_equal "$(paths "$a" "$b")" 'maps[m].entries[0].value.runs maps[m].entries[2].value.runs'
  assert_equal "$(jq -c '[.differences[].delta]' found)" '[10,10]'
  b=$(hash "$(stored 7 300 19),$(stored 8 400 17),$(stored 9 500 1)") # one task stayed
  assert_equal "$(paths "$a" "$b")" 'maps[m].entries[0] maps[m].entries[1] maps[m].entries[2].value.runs maps[m].entries[1] maps[m].entries[2]'
}

@test "rule: cgroups without a serial number, in any order" {
  psi() { printf '"cgroup_psi":[{"cgroup_kva":%s,"total_ns":%s,"avg10_raw":0},{"cgroup_kva":%s,"total_ns":%s,"avg10_raw":0}]' "$@"; }
  assert_equal "$(paths "$(single '[]' "$(psi 1 5 2 6)")" "$(single '[]' "$(psi 3 6 4 5)")")" ''
  assert_equal "$(paths "$(single '[]' "$(psi 1 5 2 6)")" "$(single '[]' "$(psi 3 6 4 7)")")" 'cgroup_psi[0].total_ns'
}

@test "rule: what a vCPU was doing when it was caught is noise, why it never parked is not" {
  own() { single "[$REGS]" '"dumpctl":{"version":"1","vcpus":[{"id":0,"state":"parked",'"$1"'}]}'; }
  assert_equal "$(paths "$(own '"mp_state":"RUNNABLE","last_exit":"KVM_EXIT_IO"')" "$(own '"mp_state":"HALTED","last_exit":"KVM_EXIT_INTR"')")" ''
  assert_equal "$(paths "$(own '"last_exit":"KVM_EXIT_IO"')" "$(own '"last_exit":"KVM_EXIT_SHUTDOWN"')")" 'dumpctl.vcpus[0].last_exit'
  assert_equal "$(paths "$(own '"why":"no acknowledgement after 289 kicks"')" "$(own '"why":"no acknowledgement after 1 kick"')")" 'dumpctl.vcpus[0].why'
  assert_equal "$(paths "$(own '"why":"no acknowledgement after 289 kicks"')" "$(own '"why":"no acknowledgement after 290 kicks"')")" ''
  thread() { own '"thread_last":{"at_us":'"$1"',"state":"'"$2"'","cpu":'"$1"',"kvm_runs":'"$1"',"run_ns":'"$1"',"stack":[{"function":"'"$3"'","offset":'"$1"'}]}'; }
  assert_equal "$(paths "$(thread 1 S poll)" "$(thread 2 S poll)")" ''
  assert_equal "$(paths "$(thread 1 S poll)" "$(thread 1 R read)")" \
    'dumpctl.vcpus[0].thread_last.state dumpctl.vcpus[0].thread_last.stack[0].function'
  assert_equal "$(paths "$(own '"segments":[{"name":"cs","selector":16,"base":0,"limit":1,"type":11,"dpl":0}]')" \
    "$(own '"segments":[{"name":"cs","selector":51,"base":0,"limit":1,"type":11,"dpl":3}]')")" ''
}

@test "rule: slots that one list has more are told once" {
  percpu() { single '[]' | sed "s|\"maps\":\[\]|\"maps\":[{\"name\":\"m\",\"map_type\":6,\"value_size\":8,\"max_entries\":1,\"percpu_entries\":[{\"key\":0,\"per_cpu\":[$1]}]}]|"; }
  assert_equal "$(paths "$(percpu "$(uint 1)")" "$(percpu "$(uint 1),$(uint 2)")")" 'maps[m].percpu_entries[0].per_cpu[1]'
  assert_equal "$(paths "$(percpu "$(uint 1)")" "$(percpu "$(uint 1),null")")" 'maps[m].percpu_entries[0].per_cpu'
  assert_equal "$(paths "$(percpu "$(uint 1)")" "$(percpu null)")" 'maps[m].percpu_entries[0].per_cpu[0]'
}

@test "rule: unknown numbers are compared to the last digit, however long they are" {
  assert_equal "$(paths "$(single '[]' '"h":18446744073709551616')" "$(single '[]' '"h":18446744073709551617')")" 'h'
  assert_equal "$(paths "$(single '[]' '"h":[1.50,{"b":1,"a":2}]')" "$(single '[]' '"h":[1.5,{"a":2,"b":1}]')")" ''
  assert_equal "$(paths "$(single '[]' '"h":1.50')" "$(single '[]' '"h":1.5')" --all)" 'h'
}

# sample MS COUNT: of the timeline.
sample() {
  printf '{"elapsed_ms":%s,"select_cpu_fallback":%s' "$1" "$2"
  printf ',"%s":0' dispatch_local_dsq_offline dispatch_keep_last enq_skip_exiting enq_skip_migration_disabled reenq_immed \
    reenq_local_repeat refill_slice_dfl bypass_duration bypass_dispatch bypass_activate insert_not_owned sub_bypass_dispatch
  printf '}'
}

@test "rule: of a timeline the last samples are compared, and the others are counted" {
  local a b
  a=$(single '[]' "\"event_counter_timeline\":[$(sample 1000 5),$(sample 2000 9)]")
  b=$(single '[]' "\"event_counter_timeline\":[$(sample 1000 7),$(sample 2000 9)]")
  assert_equal "$(paths "$a" "$b")" ''
  assert_equal "$(jq -c '.ignored[0] | [.path, .count, .of]' found)" '["event_counter_timeline",1,2]'
  assert_equal "$(paths "$a" "$b" --all)" 'event_counter_timeline[1000].select_cpu_fallback'
  jq -e '.differences[0] | .a_per_second == 5 and .b_per_second == 7' found
}

@test "rule: inside one run addresses of maps and tasks say which they are" {
  half() { printf '{"schema":"single","maps":[],"active_map_kvas":[%s],"vcpu_regs":[%s]}' "$1" "$REGS"; }
  printf '{"schema":"dual","early":%s,"late":%s}\n' "$(half 1)" "$(half 2)" >dual.json
  run dumpctl diff --phases dual.json
  assert_failure 1
  assert_line -n 0 'dual.json: early -> late: 1 difference in other'
  run dumpctl diff --json --phases dual.json
  assert_equal "$(jq -c '[.a.variant, .a.snapshot, .b.snapshot]' <<<"$output")" '["dual","early","late"]'
  half 1 >a.json
  half 2 >b.json
  run dumpctl diff a.json b.json
  assert_success
}

@test "rule: of a dual report facts of the run stand at the top, and are compared" {
  local guest='{"version":"1","trigger":"%s","guest":{"name":"g"}}'
  # shellcheck disable=SC2059
  printf '{"schema":"dual","late":{"schema":"single","maps":[],"dumpctl":{"version":"1"}},"dumpctl":%s}\n' "$(printf "$guest" timer)" >a.json
  # shellcheck disable=SC2059
  single '[]' "\"dumpctl\":$(printf "$guest" latch)" >b.json
  run dumpctl diff --json a.json b.json
  assert_equal "$(jq -c '[.differences[] | .path // .what], [.not_compared[].path]' <<<"$output" | xargs)" '[variant,dumpctl.trigger] []'
}

@test "diff: where two long values begin alike, what is shown is where they differ" {
  local long
  long=$(printf 'x%.0s' {1..900})
  single '[]' "\"active_obj_name\":\"${long}1\"" >a.json
  single '[]' "\"active_obj_name\":\"${long}2\"" >b.json
  run dumpctl diff a.json b.json
  assert_output --regexp 'x1'
  assert_output --regexp 'x2'
  refute_output --partial 'left out'
}

@test "diff: a name that is made to be long does not stand on every line" {
  local name
  name=$(printf 'n%.0s' {1..5000})
  # shellcheck disable=SC2046
  map "$(array 64 $(seq 1 50))" | sed "s/\"name\":\"m\"/\"name\":\"$name\"/" >a.json
  # shellcheck disable=SC2046
  map "$(array 64 $(seq 101 150))" | sed "s/\"name\":\"m\"/\"name\":\"$name\"/" >b.json
  run dumpctl diff --json a.json b.json
  assert_failure 1
  [ "${#output}" -lt 40000 ]
}

@test "diff: every form says what did not count, and of which report" {
  single "[$REGS]" >a.json
  single '[{"instruction_pointer":9,"stack_pointer":2,"page_table_root":3}]' >b.json
  run dumpctl diff -y --width=120 a.json b.json
  assert_success
  assert_output --partial 'not counted as a difference: registers of 1 of 1 vCPU'
  run dumpctl diff a.json b.json a.json
  assert_success
  assert_line -n 0 'a.json -> b.json: no difference that counts'
}

@test "diff --format=json-patch: applied elsewhere it gives the second report; no half a patch" {
  run dumpctl diff --format=json-patch "$COUNTERS/a.json" "$COUNTERS/a.json"
  assert_success
  assert_output '[]'
  run dumpctl diff --format=json-patch "$COUNTERS/a.json" "$COUNTERS/b.json"
  assert_failure 1
  printf '%s\n' "$output" >patch.json
  dumpctl decode --wire "$COUNTERS/a.json" >a.json
  python=python3
  if [ -x /usr/bin/python3 ]; then python=/usr/bin/python3; fi
  "$python" -c 'import json, jsonpatch
print(json.dumps(jsonpatch.apply_patch(json.load(open("a.json")), json.load(open("patch.json")))))' >patched.json
  run diff <(dumpctl decode --wire patched.json) <(dumpctl decode --wire "$COUNTERS/b.json")
  assert_success
  single '[]' '"x":1' >a.json
  single '[]' '"x":1,"x":2' >b.json
  run --separate-stderr dumpctl diff --format=json-patch a.json b.json
  assert_failure 2
  assert_output ''
  [ -n "$stderr" ]
}

@test "rule: of two halves the early one has its own exit kind" {
  half() { printf '{"schema":"single","maps":[],"scx_sched_state":{"aborting":false,"bypass_depth":0,"exit_kind":%s}}' "$1"; }
  dual() { printf '{"schema":"dual","early":%s,"late":%s}\n' "$(half "$1")" "$(half "$2")"; }
  assert_equal "$(paths "$(dual 0 0)" "$(dual 1026 1026)")" 'exit_kind scx_sched_state.exit_kind'
  assert_equal "$(jq -c '[.differences[] | .snapshot]' found)" '[null,"early"]'
  assert_equal "$(paths "$(dual 0 0)" "$(dual 0 1026)")" 'exit_kind'
}

@test "rule: what went with a vCPU that did not park is not told beside it" {
  own() { single "[$1]" '"dumpctl":{"version":"1","vcpus":[{"id":0,"state":"'"$2"'"'"$3"'}]}'; }
  assert_equal "$(paths "$(own "$REGS" parked ',"mp_state":"RUNNABLE","park_us":5')" "$(own null not_parked ',"why":"stuck"')")" \
    'vcpu_state dumpctl.vcpus[0].why'
}

@test "rule: how many slots there are is within no tolerance" {
  percpu() { single '[]' | sed "s|\"maps\":\[\]|\"maps\":[{\"name\":\"m\",\"map_type\":6,\"value_size\":8,\"max_entries\":1,\"percpu_entries\":[{\"key\":0,\"per_cpu\":[$1]}]}]|"; }
  assert_equal "$(paths "$(percpu "$(uint 1)")" "$(percpu "$(uint 2),null")" --tolerance 5)" 'maps[m].percpu_entries[0].per_cpu'
}

@test "rule: two halves of one moment have no rate" {
  half() { printf '{"schema":"single","maps":[],"event_counter_timeline":[%s]}' "$(sample 1000 "$1")"; }
  printf '{"schema":"dual","early":%s,"late":%s}\n' "$(half 1)" "$(half 5)" >dual.json
  run dumpctl diff --json --phases dual.json
  assert_failure 1
  assert_equal "$(jq -c '.differences[0] | [.delta, has("per_second"), has("a_per_second")]' <<<"$output")" '[4,false,false]'
}

@test "rule: pages of an arena are found by their distance from its beginning" {
  arena() { # BASE PAGE...
    local base=$1 pages='' page
    shift
    for page; do pages+="${pages:+,}{\"user_addr\":$((base + ${page%:*})),\"bytes\":[${page#*:}]}"; done
    single '[]' | sed "s|\"maps\":\[\]|\"maps\":[{\"name\":\"a\",\"map_type\":33,\"value_size\":0,\"max_entries\":9,\"arena\":{\"pages\":[$pages],\"declared_pages\":9,\"kern_vm_start\":1,\"user_vm_start\":$base}}]|"
  }
  assert_equal "$(paths "$(arena 65536 0:7 4096:1)" "$(arena 1048576 4096:2 8192:7)")" \
    'maps[a].arena.pages[+0x0] maps[a].arena.pages[+0x1000].bytes maps[a].arena.pages[+0x2000]'
}
