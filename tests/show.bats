# shellcheck shell=bash disable=SC2154,SC2001  # run sets stderr
load helpers

# Every folder tests/data/show-*/ holds a report, input.json, and what show must say of it at 80
# columns: show.txt, and where they are there exit and error.txt; show-N.txt at N columns.

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
  screen_stop
}

SAMPLE=$DATA/samples/degraded-full-x86_64.json
TIMED_OUT='vCPU rendezvous timed out before parked acknowledgement'
REGS='{"instruction_pointer":18446744071589577456,"stack_pointer":18446683600570039896,"page_table_root":4372750336}'

# degraded REASON VCPU_REGS [MEMBERS]
degraded() {
  printf '{"schema":"degraded","reason":"%s","vcpu_regs":%s,"watchpoint_hit":true,' "$1" "$2"
  printf '"bss_latch_state":"triggered","exit_kind":1026,"elapsed_ms":30012%s}\n' "${3:+,$3}"
}

# slots COUNT PERIOD: vcpu_regs in which every PERIODth vCPU, from the first, never parked.
slots() {
  awk -v n="$1" -v period="$2" -v regs="$REGS" 'BEGIN {
    printf "["
    for (i = 0; i < n; i++)
      printf "%s%s", i ? "," : "", period && i % period == 0 ? "null" : regs
    printf "]"
  }'
}

# own COUNT PERIOD: the member "dumpctl" that goes with slots.
own() {
  awk -v n="$1" -v period="$2" 'BEGIN {
    printf "\"dumpctl\":{\"version\":\"0.1.0\",\"guest\":{\"name\":\"demo:stall\"},\"vcpus\":["
    for (i = 0; i < n; i++) {
      printf "%s{\"id\":%d,\"last_exit\":\"KVM_EXIT_IO\",", i ? "," : "", i
      if (period && i % period == 0)
        printf "\"state\":\"not_parked\",\"why\":\"no acknowledgement after 50 kicks\"}"
      else
        printf "\"state\":\"parked\",\"park_us\":%d}", i * 7 % 1000
    }
    printf "]}"
  }'
}

# repeat COUNT TEXT
repeat() {
  awk -v n="$1" -v text="$2" 'BEGIN { for (i = 0; i < n; i++) printf "%s", text }'
}

# Every line of $output is at most COLUMNS wide and, where given, there are at most LINES; no
# byte in it could move a cursor or turn the text.
assert_fits() {
  local columns=$1 most=${2:-0} line count=0
  while IFS= read -r line; do
    count=$((count + 1))
    if [ "${#line}" -gt "$columns" ]; then fail "${#line} columns: $line"; fi
  done <<<"$output"
  if [ "$most" -gt 0 ] && [ "$count" -gt "$most" ]; then fail "$count lines: $output"; fi
  assert_harmless
}

assert_harmless() {
  # C0 but newline, DEL; C1, zero width, bidi, separators, byte order mark.
  if LC_ALL=C grep -qP '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8b-\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]|\xef\xbb\xbf' \
    <<<"$output"; then
    fail "control characters: $output"
  fi
  if grep -q ' $' <<<"$output"; then fail "trailing blanks: $output"; fi
}

@test "show: every case says what its folder holds" {
  local folder file n=0
  for folder in "$DATA"/*/; do
    if [ ! -e "$folder/show.txt" ]; then continue; fi
    cd "$folder" || return 1
    run --separate-stderr dumpctl show --width=80 input.json
    assert_equal "$folder $status" "$folder $(cat exit 2>/dev/null || echo 0)"
    assert_equal "$output" "$(cat show.txt)"
    assert_equal "$stderr" "$(cat error.txt 2>/dev/null)"
    assert_fits 80
    for file in show-*.txt; do
      if [ ! -e "$file" ]; then continue; fi
      run --separate-stderr dumpctl show --width="${file//[^0-9]/}" input.json
      assert_equal "$folder $output" "$folder $(cat "$file")"
      assert_fits "${file//[^0-9]/}"
    done
    n=$((n + 1))
  done
  [ "$n" -ge 20 ]
}

@test "show --vcpu: the host thread of one that did not park, line by line, escaped" {
  run --separate-stderr dumpctl show --width=80 --vcpu=2,3 "$DATA/show-degraded-why/input.json"
  assert_success
  assert_line --regexp '^ *thread_first: at_us=10214 state=S kick_pending=true wchan=handle_userfault$'
  assert_line --regexp '^ *handle_userfault\+0x3f1$'
  assert_line --regexp '^ *0xffffffffc0401234$'
  assert_line --regexp '^ *thread_last: at_us=1403010 state=R kick_pending=true in_kvm_run=true$'
  assert_line --regexp '^ *wchan=ptrace_stop\\x1b\[31m '
  assert_fits 80
}

@test "show: a degraded banner fits 80x24 for any number of vCPUs" {
  local count period counts
  for count in 0 1 4 64 250 1024; do
    for period in 0 1 2 97; do
      degraded "$TIMED_OUT: 30012ms; 1/2 vCPUs parked" "$(slots $count $period)" >x.json
      run --separate-stderr dumpctl show x.json
      assert_equal "$status $stderr" "0 "
      assert_fits 80 24
      counts="parked [0-9]+/$count"
      if [ "$count" = 0 ]; then counts='vCPUs not recorded \(reason: 1/2 parked\)'; fi
      assert_line --index 0 --regexp "^degraded: vCPU rendezvous timed out; $counts"
      degraded "$TIMED_OUT" "$(slots $count $period)" "$(own $count $period)" >x.json
      run --separate-stderr dumpctl show x.json
      assert_fits 80 24
      run --separate-stderr dumpctl show --width=40 x.json
      assert_fits 40
    done
  done
}

# stuck COUNT STUCK WHY: COUNT vCPUs, of which the first STUCK did not park, and that is why.
stuck() {
  degraded "$TIMED_OUT: 30012ms; $(($1 - $2))/$1 vCPUs parked" \
    "$(slots "$1" 0 | awk -v n="$2" -v regs="$REGS" '{
      for (i = 0; i < n; i++) { at = index($0, regs); $0 = substr($0, 1, at - 1) "null" substr($0, at + length(regs)) }
      print }')" \
    "$(awk -v n="$2" -v why="$3" 'BEGIN {
      printf "\"dumpctl\":{\"version\":\"0.1.0\",\"vcpus\":["
      for (i = 0; i < n; i++)
        printf "%s{\"id\":%d,\"state\":\"not_parked\",\"why\":\"%s\"}", i ? "," : "", i, why
      printf "]}" }')"
}

@test "show: why few vCPUs did not park is told whole, below the row" {
  local why="kick pending 1400 ms, host thread R, spinning in KVM_RUN (10 ms after the kick: S in handle_userfault), last exit MMIO write 0xfee00300 1520 ms ago"
  stuck 4 1 "$why" >x.json
  run --separate-stderr dumpctl show x.json
  assert_fits 80 24
  assert_line "     0  not_parked  kick pending 1400 ms, host thread R, spinning in KVM_RUN (10"
  assert_line "                    ms after the kick: S in handle_userfault), last exit MMIO"
  assert_line "                    write 0xfee00300 1520 ms ago"
  assert_line --regexp '^     3  parked '
  # Where many vCPUs parked, two sentences are worth more than the rows of some that did.
  stuck 64 2 "$why" >x.json
  run --separate-stderr dumpctl show x.json
  assert_fits 80 24
  assert_equal "$(grep -c 'write 0xfee00300 1520 ms ago$' <<<"$output")" 2
  assert_line --regexp '^  … \(\+[0-9]+ more parked, '
  # Where many did not, each has a line, cut.
  stuck 64 40 "$why" >x.json
  run --separate-stderr dumpctl show x.json
  assert_fits 80 24
  refute_output --partial 1520
  [ "$(grep -c 'not_parked  kick pending' <<<"$output")" -ge 5 ]
}

@test "show: a degraded banner fits 80x24 whatever is said of the vCPUs that did not park" {
  local count n words
  for count in 1 3 8 300; do
    for n in 1 2 3 5; do
      if [ "$n" -gt "$count" ]; then continue; fi
      for words in 1 10 11 12 30 60 200; do
        stuck "$count" "$n" "$(repeat "$words" 'word ')end" >x.json
        run --separate-stderr dumpctl show x.json
        assert_equal "$status $stderr" "0 "
        assert_fits 80 24
        assert_line --regexp '^ +0  not_parked  (word|end)'
      done
    done
  done
  stuck 3 1 "$(repeat 400 Q)" >x.json
  run --separate-stderr dumpctl show x.json
  assert_fits 80 24
  assert_equal "$(grep -o Q <<<"$output" | wc -l)" 400
}

@test "show: the first line names who never parked, as ranges that fit" {
  degraded "$TIMED_OUT" "[$REGS,$REGS,$REGS,null,$REGS,null,null,null,$REGS]" >x.json
  run dumpctl show x.json
  assert_line --index 0 'degraded: vCPU rendezvous timed out; parked 5/9; not_parked: 3,5-7'
  degraded "$TIMED_OUT" "$(slots 1024 2)" >x.json
  run dumpctl show x.json
  assert_line --index 0 --regexp '^degraded: vCPU rendezvous timed out; parked 512/1024; not_parked: .*… \(\+[0-9]+ more\)$'
  assert_line --regexp '^not_parked: 0,2,4,6,.* … \(\+[0-9]+ more\)$'
  run dumpctl show --width=40 x.json
  assert_line --index 0 'degraded: vCPU rendezvous timed out'
  assert_line --index 1 '  parked 512/1024'
  assert_line --index 2 --regexp '^  not_parked: 0,2,.*more\)$'
}

@test "show: a single id cannot be read as a count" {
  degraded "$TIMED_OUT" "[null,$REGS,$REGS,$REGS]" >x.json
  run dumpctl show x.json
  assert_line --index 0 'degraded: vCPU rendezvous timed out; parked 3/4; 1 vCPU not_parked: 0'
  run dumpctl show --short x.json
  assert_output 'x.json: degraded: vCPU rendezvous timed out; parked 3/4; 1 vCPU not_parked: 0'
  run dumpctl show --width=40 x.json
  assert_line --index 1 '  parked 3/4; 1 vCPU not_parked: 0'
  # Where the line has no room for that, in fewer words.
  run dumpctl show --width=66 x.json
  assert_line --index 0 'degraded: vCPU rendezvous timed out; parked 3/4; id not_parked: 0'
  # In a snapshot that is not the headline's.
  printf '{"schema":"dual","early":{"schema":"single","maps":[],"vcpu_regs":[%s,null]},' "$REGS" >y.json
  printf '"late":{"schema":"single","maps":[],"vcpu_regs":[%s,null]}}\n' "$REGS" >>y.json
  run dumpctl show y.json
  assert_line --index 0 'dual: cause not recorded; parked 1/2; 1 vCPU unavailable: 1'
  assert_line '  unavailable: 1 (vCPU id)'
}

@test "show: vCPUs that are not recorded are not 0" {
  degraded "$TIMED_OUT: 30012ms; 0/4 vCPUs parked" '[]' >x.json
  run dumpctl show x.json
  assert_line --index 0 'degraded: vCPU rendezvous timed out; vCPUs not recorded (reason: 0/4 parked)'
  assert_line 'vcpus_parked: not recorded (no vcpu_regs; the reason says 0/4 parked)'
  refute_output --partial 0/0
  local width
  run dumpctl show --short x.json
  assert_output 'x.json: degraded: vCPU rendezvous timed out; vCPUs not recorded (reason: 0/4 parked)'
  for width in 20 40 60; do
    run dumpctl show --width=$width x.json
    assert_fits $width
    assert_line --regexp '^(  |.*; )vCPUs not recorded$'
  done
  degraded "$TIMED_OUT" '[]' >x.json
  run dumpctl show x.json
  assert_line --index 0 'degraded: vCPU rendezvous timed out; vCPUs not recorded'
  assert_line 'vcpus_parked: not recorded (no vcpu_regs)'
}

@test "show: as many ids stand in the first line as it has room for" {
  degraded "$TIMED_OUT" "$(slots 64 2)" >x.json
  run dumpctl show x.json
  assert_line --index 0 'degraded: vCPU rendezvous timed out; parked 32/64; not_parked: 0,2 … (+30 more)'
  run dumpctl show --width=90 x.json
  assert_line --index 0 'degraded: vCPU rendezvous timed out; parked 32/64; not_parked: 0,2,4,6,8,10 … (+26 more)'
  # One column more is one id more, until all of them are there.
  local width shown last=0
  for width in $(seq 90 160); do
    run dumpctl show --width="$width" x.json
    assert_fits "$width"
    shown=$(tr -cd , <<<"${lines[0]}" | wc -c)
    [ "$shown" -ge "$last" ]
    if [[ ${lines[0]} == *more* ]]; then [ "${#lines[0]}" -gt $((width - 4)) ]; fi
    last=$shown
  done
  assert_line --index 0 --regexp ',60,62$'
}

# crashed REASON FIRST: three vCPUs, of which 1 and 2 crashed, and who "dumpctl" says was the first.
crashed() {
  local why='"state":"parked","why"'
  degraded "$1" "[$REGS,$REGS,$REGS]" "\"dumpctl\":{\"version\":\"1\"$2,\"vcpus\":[
    {\"id\":0,$why:\"not crashed: no\"},{\"id\":1,$why:\"crashed: KVM_EXIT_SHUTDOWN\"},
    {\"id\":2,$why:\"injected (fault); crashed: KVM_EXIT_FAIL_ENTRY\"}]}"
}

@test "show: a crash says in the first line who crashed, and how" {
  degraded "guest crashed before capture: 3ms; 2/2 vCPUs parked" "[$REGS,$REGS]" \
    '"dumpctl":{"version":"1","vcpus":[{"id":0,"state":"parked","why":"crashed: KVM_EXIT_SHUTDOWN"},{"id":1,"state":"parked"}]}' >x.json
  run dumpctl show x.json
  assert_line --index 0 'degraded: guest crashed before capture (vCPU 0: KVM_EXIT_SHUTDOWN); parked 2/2'
  run dumpctl show --short x.json
  assert_output --partial ': guest crashed before capture (vCPU 0: KVM_EXIT_SHUTDOWN); parked 2/2'
  crashed "guest crashed before capture" "" >x.json
  run dumpctl show --width=120 x.json
  assert_line --index 0 'degraded: guest crashed before capture (vCPU 1: KVM_EXIT_SHUTDOWN; +1 more); parked 3/3'
  crashed "guest crashed before capture" ',"crashed_vcpu":2' >x.json
  run dumpctl show --width=120 x.json
  assert_line --index 0 'degraded: guest crashed before capture (vCPU 2: KVM_EXIT_FAIL_ENTRY; +1 more); parked 3/3'
  # Not where something else ended the capture, nor in the JSON, whose cause is a fixed text.
  crashed "$TIMED_OUT" "" >y.json
  run dumpctl show y.json
  assert_line --index 0 'degraded: vCPU rendezvous timed out; parked 3/3'
  run dumpctl show --json --short x.json
  assert_equal "$(jq -r .cause <<<"$output")" 'guest crashed before capture'
}

@test "show: an exit kind that could not be read is said to be absent in every variant" {
  local own='"dumpctl":{"version":"1","exit_kind_state":"out_of_bounds"}'
  printf '{"schema":"single","maps":[],%s}\n' "$own" >single.json
  printf '{"schema":"dual","late":{"schema":"single","maps":[]},%s}\n' "$own" >dual.json
  degraded "$TIMED_OUT" '[null]' "$own" | sed 's/"exit_kind":1026,//' >degraded.json
  for file in single dual degraded; do
    run dumpctl show $file.json
    assert_line 'exit_kind: absent (out_of_bounds)'
  done
  run dumpctl show "$DATA/samples/single-minimal.json"
  refute_output --partial exit_kind
}

@test "show: decode is recommended only where it has more" {
  printf '{"schema":"single","maps":[],"sdt_alloc_unavailable":"x"}\n' >x.json
  run dumpctl show x.json
  assert_line '  maps: 0'
  refute_output --partial 'dumpctl decode'
  run dumpctl show --map=arena "$DATA/samples/single-every-field.json"
  assert_output --partial 'dumpctl decode'
}

@test "show: seconds are rounded" {
  local ms us want
  while read -r ms want; do
    degraded "$TIMED_OUT" '[null]' | sed "s/30012/$ms/" >x.json
    run dumpctl show x.json
    assert_line "elapsed_ms: $ms ($want s)"
  done <<'END'
1000 1.0
1049 1.0
1050 1.1
1999 2.0
59950 60.0
18446744073709551615 18446744073709551.6
END
  while read -r us want; do
    printf '{"schema":"single","maps":[],"dumpctl":{"version":"1","freeze":{"latency_us":%s}}}\n' "$us" >x.json
    run dumpctl show x.json
    assert_line --partial "freeze latency $want;"
  done <<'END'
999 999 us
1000 1.0 ms
1999 2.0 ms
999949 999.9 ms
999950 1.0 s
END
}

@test "show: of a debug capture, it is said which unknown members decode keeps" {
  printf '{"schema":"ktstr.debug_capture/v1","started_ns":1,"ended_ns":2,"kernel_release":"6.12","fingerprint":null,"x":1,' >x.json
  printf '"failure_dump":{"schema":"single","maps":[],"y":2}}\n' >>x.json
  run dumpctl show --width=200 x.json
  # shellcheck disable=SC2016  # words of the screen
  assert_line '2 unknown members, kept by `dumpctl decode --wire` where they stand in the failure dump, dropped where in the debug capture around it'
  run dumpctl decode --wire x.json
  assert_output '{"schema":"single","maps":[],"y":2}'
}

@test "show: two lists share what room the first line has" {
  degraded "$TIMED_OUT" "[null,null,$REGS]" \
    '"dumpctl":{"version":"1","vcpus":[{"id":0,"state":"unavailable"},{"id":1,"state":"not_parked"},{"id":2,"state":"parked"}]}' >x.json
  run dumpctl show --width=100 x.json
  assert_line --index 0 'degraded: vCPU rendezvous timed out; parked 1/3; 1 vCPU not_parked: 1; 1 vCPU unavailable: 0'
  run dumpctl show x.json
  assert_line --index 0 'degraded: vCPU rendezvous timed out; parked 1/3; id not_parked: 1'
  assert_line 'unavailable: 0 (vCPU id)'
}

@test "show: rows that have no room are counted, and --all shows them" {
  degraded "$TIMED_OUT" "$(slots 250 100)" >x.json
  run dumpctl show x.json
  assert_line --regexp '^ +0  not_parked$'
  assert_line --regexp '^ +1  parked +0xffffffff81a3c2f0  0xffffc90000003e58  0x0000000104a2e000$'
  assert_line --regexp '^  … \(\+23[0-9] more parked, 23[0-9] at ip 0xffffffff81a3c2f0; --all\)$'
  run dumpctl show --all x.json
  assert_equal "$(grep -cE '^ +[0-9]+  (parked|not_parked)' <<<"$output")" 250
  refute_output --partial 'more'
  assert_fits 80
}

@test "show: the vCPU that is unlike the others stands before them" {
  local slots
  slots=$(slots 64 0)
  slots="${slots%]},{\"instruction_pointer\":4096,\"stack_pointer\":1,\"page_table_root\":2},null]"
  degraded "$TIMED_OUT" "$slots" >x.json
  run dumpctl show x.json
  grep -A 1 -E '^ +65  not_parked$' <<<"$output" | grep -qE '^ +64  parked +0x0000000000001000 '
}

@test "show: a reason of any length is folded and its rest is counted" {
  degraded "$(repeat 10240 A)" "$(slots 1024 2)" "$(own 1024 2)" >x.json
  run dumpctl show x.json
  assert_fits 80 24
  assert_line --index 0 --regexp '^degraded: A+\.\.\.; parked 512/1024; not_parked: '
  assert_line --regexp '^  \([0-9]+ of 10240 bytes left out; --all shows them\)$'
  run dumpctl show --all x.json
  assert_equal "$(sed -n '/^reason:/,/^watchpoint/p' <<<"$output" | tr -cd A | wc -c)" 10240
  assert_fits 80
  degraded "$(repeat 2000 'word ')" null >x.json
  run dumpctl show x.json
  assert_failure 2
  degraded "$(repeat 2000 'word ')" '[]' >x.json
  run dumpctl show x.json
  assert_fits 80 24
  degraded '' '[null]' >x.json
  run dumpctl show x.json
  assert_line 'reason: (empty)'
}

@test "show: hostile strings come out visible, wherever they stand" {
  local text='\u001b[31m\u0007\u000a\u000d\u0009\u202e\u2066\u200b\ufeff\u2028\u007f\u009b\u0000'
  local own="\"dumpctl\":{\"version\":\"$text\",\"trigger\":\"$text\",\"outcome\":\"$text\",\"not_frozen\":\"$text\","
  own+="\"guest\":{\"name\":\"$text\"},\"vcpus\":[{\"id\":0,\"state\":\"$text\",\"why\":\"$text\",\"last_exit\":\"$text\"}]}"
  degraded "$(repeat 700 "$text")" "[null]" "$own,\"$text\":1" | sed "s/triggered/$text/" >a.json
  printf '{"schema":"dual","early_skipped_reason":"%s","late":{"schema":"single","maps":[],"active_obj_name":"%s"}}\n' \
    "$text" "$text" >b.json
  printf '{"MissingStats":{"tag":"%s","reason":{"NoScheduler":{"reason":"%s"}}}}\n' "$text" "$text" >c.json
  local file width
  for file in a.json b.json c.json; do
    for width in 20 40 80 200; do
      run --separate-stderr dumpctl show --width=$width $file
      assert_equal "$status $stderr" "0 "
      assert_fits $width
      run --separate-stderr dumpctl show --all --width=$width $file
      assert_fits $width
    done
    run --separate-stderr dumpctl show --short $file
    assert_harmless
    if [ $file != b.json ]; then
      assert_output --partial '\x1b[31m\x07\x0a\x0d\x09\u202e\u2066\u200b\ufeff\u2028\x7f\x9b\x00'
    fi
    run --separate-stderr dumpctl show --json $file
    assert_harmless
    jq -e . <<<"$output" >/dev/null
  done
  run dumpctl show --width=80 a.json
  assert_fits 80 24
}

@test "show: a file name is data too" {
  local name=$'bad\xff\e[31m\u202e\n.json'
  cp "$SAMPLE" "$name"
  run --separate-stderr dumpctl show "$name" "$name"
  assert_harmless
  assert_line --index 0 'bad\xff\x1b[31m\u202e\x0a.json:'
  run --separate-stderr dumpctl show --short "$name"
  assert_output --partial 'bad\xff\x1b[31m\u202e\x0a.json: degraded: '
  run --separate-stderr dumpctl show --json --short "$name"
  jq -e . <<<"$output" >/dev/null
  rm "$name"
  run dumpctl show "$name"
  assert_failure 2
  assert_harmless
  name=$(repeat 240 n).json
  cp "$SAMPLE" "$name"
  run dumpctl show "$name" "$SAMPLE"
  assert_fits 80
  assert_line --index 0 --regexp '^\.\.\.n+\.json:$'
}

@test "show: several files each have their name before them, and a broken one stops nobody" {
  local count
  printf '{"schema":"degraded"' >broken.json
  cp "$SAMPLE" good.json
  run --separate-stderr dumpctl show good.json broken.json missing.json good.json
  assert_failure 2
  count=$(grep -c '^good.json:$' <<<"$output")
  assert_equal "$count" 2
  assert_equal "$(grep -c '^degraded: ' <<<"$output")" 2
  refute_output --partial broken
  assert_regex "$stderr" 'broken\.json:1:21: '
  assert_regex "$stderr" 'missing\.json: '
  assert_equal "$(sed -n 15,17p <<<"$output")" $'\ngood.json:\ndegraded: vCPU rendezvous timed out; parked 2/4; not_parked: 1,3'
  run --separate-stderr dumpctl show good.json
  assert_line --index 0 --partial 'degraded: '
}

@test "show: JSON Lines are documents one after the other" {
  { jq -c . "$DATA/samples/degraded-minimal.json" && jq -c . "$DATA/samples/single-minimal.json"; } >x.jsonl
  run --separate-stderr dumpctl show x.jsonl
  assert_success
  assert_line --index 0 'x.jsonl#1:'
  assert_line 'x.jsonl#2:'
  run --separate-stderr dumpctl show --short x.jsonl
  assert_line --index 0 'x.jsonl#1: degraded: vCPU rendezvous timed out; vCPUs not recorded (reason: 0/4 parked)'
  assert_line --index 1 'x.jsonl#2: single: cause not recorded; vCPUs not recorded'
  printf '{"schema":"single"}\n' >>x.jsonl
  run --separate-stderr dumpctl show --short x.jsonl "$SAMPLE"
  assert_failure 2
  assert_equal "${#lines[@]}" 3
  assert_regex "$stderr" 'x\.jsonl:3:'
}

@test "show --short: one line for each document, whatever is in it" {
  local -a files=("$DATA"/samples/{degraded,single,dual,missing-stats,snapshot-error}*.json)
  run --separate-stderr dumpctl show --short "${files[@]}"
  assert_equal "$status $stderr" "0 "
  assert_equal "${#lines[@]}" "${#files[@]}"
  assert_line "$DATA/samples/degraded-full-x86_64.json: degraded: vCPU rendezvous timed out; parked 2/4; not_parked: 1,3"
  assert_line "$DATA/samples/single-hash-percpu.json: single: exit_kind 1026 (SCX_EXIT_ERROR_STALL); parked 3/4; 1 vCPU unavailable: 3"
  degraded "$(repeat 5000 'x y')" "$(slots 1024 2)" >long.json
  run dumpctl show --short long.json
  assert_equal "${#lines[@]}" 1
  assert_line --regexp '^long\.json: degraded: x yx.*\.\.\.; parked 512/1024; not_parked: .*more\)$'
  [ "${#output}" -le 132 ]
  run dumpctl show --short --width=80 long.json
  assert_fits 80
  run dumpctl show --short --width=80 "$SAMPLE"
  assert_fits 80
  assert_line --regexp '^\.\.\..*x86_64\.json: degraded: vCPU.*; parked 2/4; not_parked: 1,3$'
}

@test "show: every reason for missing statistics is told in the reference's words" {
  local file want n=0
  while IFS=$'\t' read -r file want; do
    run --separate-stderr dumpctl show --json --short "$DATA/samples/$file"
    assert_equal "$file $(jq .cause <<<"$output")" "$file $want"
    run --separate-stderr dumpctl show --json --short "$DATA/samples/${file/missing-stats/snapshot-error}"
    assert_equal "$file $(jq .cause <<<"$output")" "$file \"sample 'periodic_000': stats absent (${want:1:-1})\""
    run --separate-stderr dumpctl show --width=1000 "$DATA/samples/$file"
    assert_line --index 0 --partial "missing_stats: $(jq -r . <<<"$want" | head -c 40)"
    n=$((n + 1))
  done < <(jq -r '.[] | [.file, (.reason_text | tojson)] | join("\t")' "$DATA/samples/rendered-text.json")
  [ "$n" -ge 13 ]
}

@test "show --json: an object for each document, which jq reads" {
  run --separate-stderr dumpctl show --json "$SAMPLE" "$DATA/samples/single-every-field.json"
  assert_equal "$status $stderr" "0 "
  assert_equal "$(jq -s length <<<"$output")" 2
  assert_equal "$(jq -cs '.[0] | [.version, .variant, .cause, .exit_kind.value]' <<<"$output")" \
    '[1,"degraded","vCPU rendezvous timed out",1026]'
  assert_equal "$(jq -cs '[.[0].snapshots[].sections[].blocks[].rows[] | select(.state == "not_parked").vcpu]' <<<"$output")" '[1,3]'
  assert_equal "$(jq -rs '.[0].snapshots[0].sections[0].blocks[0].rows[0].instruction_pointer' <<<"$output")" 0xffffffff81a3c2f0
  run --separate-stderr dumpctl show --json --short "$SAMPLE"
  assert_equal "$(jq -c '.snapshots[0] | [.total, .parked, .not_parked_ids, .unavailable_ids]' <<<"$output")" \
    '[4,2,[1,3],[]]'
  run --separate-stderr dumpctl show --json missing.json
  assert_failure 2
  assert_equal "$(jq -r .error.file <<<"$stderr")" missing.json
}

@test "show: options that would do nothing are refused" {
  run dumpctl show --all --short "$SAMPLE"
  assert_failure 2
  run dumpctl show --all --json "$SAMPLE"
  assert_failure 2
  run dumpctl show
  assert_failure 2
  run dumpctl show - -
  assert_failure 2
  run dumpctl show --strict "$DATA/samples/single-tolerances.json"
  assert_failure 2
  run dumpctl show --assume-single "$DATA/samples/legacy-no-schema.json"
  assert_success
  assert_line --index 0 --regexp '^single: '
}

# A byte, a little later the next.
drip() {
  local text i
  text=$(cat "$1")
  for ((i = 0; i < ${#text}; i++)); do printf '%s' "${text:i:1}"; done
}

@test "show: standard input is a file like the others, a byte at a time too" {
  drip "$SAMPLE" | dumpctl show - >out
  diff out "$DATA/show-degraded/show.txt"
  run --separate-stderr dumpctl show - "$SAMPLE" <"$DATA/samples/single-minimal.json"
  assert_line --index 0 '<stdin>:'
  assert_line 'single: cause not recorded; vCPUs not recorded'
}

@test "show: a reader that goes away is no error, a full disk is one" {
  local -a codes
  degraded "$TIMED_OUT" "$(slots 100000 2)" >x.json
  set +e
  dumpctl show --all x.json 2>err | head -n 1 >out
  codes=("${PIPESTATUS[@]}")
  set -e
  assert_equal "${codes[0]} $(cat err)" "0 "
  # shellcheck disable=SC2016  # the inner shell's words
  run bash -c '"$DUMPCTL" show "$1" 2>&1 >/dev/full' bash "$SAMPLE"
  assert_failure 2
  assert_equal "${#lines[@]}" 1
  assert_output --partial 'No space left'
}

@test "show: reads 16 MiB of empty slots in little memory" {
  if [ -n "${SANITIZE:-}" ]; then skip "the sanitizer takes memory of its own"; fi
  degraded "$TIMED_OUT" "[$(head -c 16777215 < <(yes 'null,' | tr -d '\n'))null]" >x.json
  (ulimit -v 131072 && dumpctl show x.json) >out
  run cat out
  assert_fits 80 24
  assert_line --index 0 'degraded: vCPU rendezvous timed out; parked 0/3355444; not_parked: 0-3355443'
}

@test "show: width is the option's, else COLUMNS, else 80" {
  degraded "$TIMED_OUT: 30012ms; 0/1 vCPUs parked" '[null]' >x.json
  run dumpctl show x.json
  assert_fits 80
  assert_line --index 1 "reason: $TIMED_OUT: 30012ms; 0/1"
  COLUMNS=120 run dumpctl show x.json
  assert_line "reason: $TIMED_OUT: 30012ms; 0/1 vCPUs parked"
  COLUMNS=120 run dumpctl show --width=50 x.json
  assert_fits 50
}

@test "show: colour stands beside words, and only where it is wanted" {
  run dumpctl show "$SAMPLE"
  refute_output --partial $'\e'
  run dumpctl show --color=always "$SAMPLE"
  assert_output --partial $'\e['
  assert_equal "$(sed $'s/\e\\[[0-9;]*m//g' <<<"$output")" "$(cat "$DATA/show-degraded/show.txt")"
  NO_COLOR=1 run dumpctl show --color=auto "$SAMPLE"
  refute_output --partial $'\e'
}

@test "show: on a terminal of 80x24 a banner stands whole, without a pager" {
  degraded "$TIMED_OUT: 30012ms; 125/250 vCPUs parked" "$(slots 250 2)" "$(own 250 2)" >x.json
  # The words that tell the end take two lines more.
  DUMPCTL_PAGER=false screen_start 80 26 "$DUMPCTL" show x.json
  wait_for_text '(--width='
  run screen_text
  assert_line --index 0 --partial 'degraded: vCPU rendezvous timed out; parked 125/250; not_parked: '
}
