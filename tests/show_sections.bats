# shellcheck shell=bash disable=SC2154  # run sets stderr
load helpers

# The sections of `show`: goldens (tests/goldens makes them), options that choose, data, pages.

setup() {
  mkdir "$BATS_TEST_TMPDIR/here"
  cd "$BATS_TEST_TMPDIR/here" || return 1
  RICH=$DATA/sections/rich.json
  DUAL=$DATA/sections/dual.json
}

# same_as GOLDEN: $output is that file's text.
same_as() {
  diff "$DATA/sections/$1" <(printf '%s\n' "$output") || fail "$1 (< golden, > program)"
}

# No line of $output is wider than COLUMNS, and no byte of it moves a cursor or turns the text.
assert_fits() { # COLUMNS
  local line
  while IFS= read -r line; do
    if [ "${#line}" -gt "$1" ]; then fail "${#line} columns: $line"; fi
  done <<<"$output"
  if LC_ALL=C grep -qP '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8b-\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]|\xef\xbb\xbf' \
    <<<"$output"; then
    fail "control characters"
  fi
  if grep -q ' $' <<<"$output"; then fail "trailing blanks"; fi
}

# sections: the names of those that $output has.
sections() {
  grep -oE '^[a-z_]+(:|$)' <<<"$output" | tr -d :
}

# ---- goldens ----

@test "sections: every sample at 80 and 132 columns, plain and coloured" {
  local file n=0
  for file in $("$ROOT/tests/goldens" samples); do
    run -0 "$ROOT/tests/goldens" sample "$file"
    same_as "sample-$(basename "$file" .json).txt"
    # Colour stands beside words only.
    [ "$(sed -n '/^== 80 columns$/,/^== 80 columns, coloured/{/^==/d;p}' <<<"$output")" = \
      "$(sed -n '/^== 80 columns, coloured/,/^== 132 columns$/{/^==/d;s/\\e\[[0-9;]*m//g;p}' <<<"$output")" ]
    n=$((n + 1))
  done
  [ "$n" -ge 25 ]
}

@test "sections: each has its golden, and no golden is left over" {
  local name
  for name in $(dumpctl show --list-sections --width=1000 | cut -d' ' -f1); do
    run -0 "$ROOT/tests/goldens" section "$name"
    same_as "section-$name.txt"
    assert_fits 80
    # A section has something to show here: not only its title and what is missing.
    [ "$(grep -c . <<<"$output")" -ge 3 ]
    refute_line --partial ": not in the report"
  done
  for name in "$DATA"/sections/section-*.txt; do
    name=${name##*/section-}
    dumpctl show --list-sections --width=1000 | grep -q "^${name%.txt} "
  done
}

@test "sections: hostile strings are visible and folded, whichever section has them" {
  local name width
  for name in escape bidi newline long; do
    run -0 "$ROOT/tests/goldens" hostile "$name"
    same_as "hostile-$name.txt"
    assert_fits 80
    "$ROOT/tests/goldens" hostile_report "$name" >x.json
    for width in 20 33 132; do
      run -0 dumpctl show --width=$width x.json
      assert_fits $width
      run -0 dumpctl show --all --width=$width x.json
      assert_fits $width
    done
    run -0 dumpctl show --json x.json
    jq -e .snapshots <<<"$output" >/dev/null
  done
  run -0 "$ROOT/tests/goldens" hostile wide
  same_as hostile-wide.txt
}

@test "sections: not a byte of a long name is lost with --all" {
  "$ROOT/tests/goldens" hostile_report long >x.json
  run -0 dumpctl show --all --section=maps --map='x*' x.json
  # The map's name is in it once; each of its members' names is as long.
  [ "$(tr -cd x <<<"$output" | wc -c)" -gt 30000 ]
  run -0 dumpctl show --section=maps --map='x*' x.json
  [ "$(tr -cd x <<<"$output" | wc -c)" -lt 3000 ]
  assert_output --partial "--all"
}

# value VALUE: a report with one map that has this value.
value() {
  printf '{"schema":"single","maps":[{"name":"m","map_type":2,"value_size":1,"max_entries":1,"value":%s}]}\n' "$1"
}

# nested DEPTH INNER: structs of one member around a value.
nested() {
  awk -v n="$1" -v inner="$2" 'BEGIN {
    for (i = 0; i < n; i++) printf "{\"kind\":\"struct\",\"type_name\":\"t\",\"members\":[{\"name\":\"a\",\"value\":"
    printf "%s", inner
    for (i = 0; i < n; i++) printf "}]}"
  }'
}

@test "values: deep ones keep to the width, and --all never shows less" {
  local width
  value "$(nested 38 '{"kind":"array","len":2,"elements":[{"kind":"struct","type_name":"e","members":[{"name":"z","value":{"kind":"uint","bits":8,"value":1}}]},{"kind":"struct","type_name":"e","members":[{"name":"z","value":{"kind":"uint","bits":8,"value":2}}]}]}')" >x.json
  for width in 20 22 24 25 40 80; do
    run -0 dumpctl show --all --width=$width x.json
    assert_fits $width
    run -0 dumpctl show --width=$width x.json
    assert_fits $width
  done
  value '{"kind":"struct","type_name":"t","members":[{"name":"arr","value":{"kind":"array","len":2,"elements":[{"kind":"struct","type_name":"e","members":[{"name":"a","value":{"kind":"uint","bits":8,"value":0}}]},{"kind":"struct","type_name":"e","members":[{"name":"a","value":{"kind":"uint","bits":8,"value":0}}]}]}}]}' >x.json
  run -0 dumpctl show --all x.json
  assert_output --partial "[0-1] e{a=0}"
}

@test "values: a million zeros at the bottom of many structs take no time" {
  # The zeros are too many for an argument: they take the place of a mark.
  value "$(nested 36 "{\"kind\":\"array\",\"len\":200001,\"elements\":[@ZEROS@$(nested 1 '{"kind":"uint","bits":8,"value":1}')]}")" |
    awk '{
      at = index($0, "@ZEROS@")
      printf "%s", substr($0, 1, at - 1)
      for (i = 0; i < 200000; i++) printf "{\"kind\":\"uint\",\"bits\":8,\"value\":0},"
      print substr($0, at + 7)
    }' >x.json
  # A hundred times what it needs, where looking anew at each level would take minutes.
  run -0 timeout 60 "$DUMPCTL" show x.json
  assert_output --partial "map m"
}

@test "values: bytes without a type are shown beside what they point at, and those of build-id stacks" {
  printf '{"schema":"single","maps":[{"name":"m","map_type":1,"value_size":1,"max_entries":1,"entries":[{"key_hex":"01","value_hex":"de ad","payload":{"kind":"uint","bits":8,"value":7}}]},{"name":"s","map_type":7,"value_size":1,"max_entries":1,"stack_trace":{"n_buckets":1,"entries":[{"bucket_id":0,"nr":1,"data_hex":"aa bb"}]}}]}\n' >x.json
  run -0 dumpctl show x.json
  assert_output --partial "value: de ad (raw)"
  assert_output --partial "(build-id mode) aa bb"
  run -0 dumpctl show --json x.json
  assert_equal "$(jq -c '[.. | objects | select(.type == "record").row.value_hex, select(.name == "stacks").rows[0].data_hex] | map(values)' <<<"$output")" '["de ad","aa bb"]'
}

@test "values: members of one name stay apart as data" {
  local pair='{"kind":"struct","type_name":"v","members":[{"name":"a","value":{"kind":"uint","bits":8,"value":1}},{"name":"a","value":{"kind":"uint","bits":8,"value":5}}]}'
  printf '{"schema":"single","maps":[{"name":"m","map_type":1,"value_size":1,"max_entries":2,"entries":[{"key":{"kind":"uint","bits":8,"value":1},"key_hex":"01","value":%s,"value_hex":""},{"key":{"kind":"uint","bits":8,"value":2},"key_hex":"02","value":%s,"value_hex":""}]}]}\n' "$pair" "$pair" >x.json
  run -0 dumpctl show x.json
  assert_equal "$(grep -c 'v{a=1, a=5}' <<<"$output")" 2
}

@test "sections: more active maps than are looked up, and CPUs that were not asked for, are no lies" {
  jq -n '{schema: "single", maps: [range(100) | {name: "m\(.)", map_kva: (. + 1), map_type: 1, value_size: 1, max_entries: 1}], active_map_kvas: [range(100) | . + 1]}' >x.json
  run -0 dumpctl show --width=200 --section=summary x.json
  assert_line --partial "active_map_kvas: 100 (m0, m1, m2, m3, m4, m5, … (+58 more); 36 not looked up)"
  jq -c '.maps |= [.[] | select(.name == "cpu_ctxs")] | .maps[0].percpu_entries |= .[:1]' "$RICH" >y.json
  run -0 dumpctl show --cpu=0-3 y.json
  assert_line --partial "on these CPUs: flags=1"
}

# ---- which sections ----

@test "sections: --section takes names and members, several, in the order of the list" {
  run -0 dumpctl show --section=tasks,rq_scx_states "$RICH"
  assert_equal "$(sections | tail -n +2 | xargs)" "rq_scx_states task_enrichments"
  run -0 dumpctl show -S tasks -S runqueues "$RICH"
  assert_equal "$(sections | tail -n +2 | xargs)" "rq_scx_states task_enrichments"
  # The headline is always there, the facts are not.
  assert_line --index 0 --partial "SCX_EXIT_ERROR_STALL"
  refute_line summary
}

@test "sections: a name that there is not is refused, with the nearest" {
  run --separate-stderr -2 dumpctl show --section=tsks "$RICH"
  assert_output ""
  assert_regex "$stderr" "there is no section 'tsks'; did you mean 'tasks'\?"
  run -2 dumpctl show --section=tasks, "$RICH"
  run -2 dumpctl show --section= "$RICH"
  run --separate-stderr -2 dumpctl show --json --section=zzz "$RICH"
  assert_equal "$(jq -r .error.code <<<"$stderr")" usage
}

@test "sections: one that was asked for and is not there says so, and why" {
  run -0 dumpctl show --section=numa "$DATA/samples/single-hash-percpu.json"
  assert_line "per_node_numa: not in the report"
  assert_line "  per_node_numa_unavailable: no NUMA walker (host-side walker pending)"
  run -0 dumpctl show --section=tasks "$DATA/samples/degraded-full-x86_64.json"
  assert_line "task_enrichments: not in the report"
}

@test "sections: an empty list is not one that nobody has looked at" {
  printf '{"schema":"single","maps":[],"dsq_states":[]}\n' >x.json
  run -0 dumpctl show --section=dsqs,runqueues x.json
  assert_line "dsq_states: 0, the list is empty"
  assert_line "rq_scx_states: not in the report"
}

@test "findings: what the scheduler said of its end stands first" {
  run -0 dumpctl show --width=200 --section=findings "$RICH"
  assert_line --index 2 '  exit message: reason "runnable task stall"; msg "stress-cpu[411] failed to run for 5.003s"  [maps[].value, struct user_exit_info]'
  assert_line --partial 'cpu 2: task 0xffff888104c40000, first of 5 (task_ctxs: task_ctx{pid=411, weight=100, runnable_at=4294999000}, comm stress-cpu)'
}

@test "sections: stolen time is not busy time" {
  jq -c '.per_cpu_time[0] |= (.cpustat_user_ns = 0 | .cpustat_system_ns = 0 | .cpustat_softirq_ns = 0 | .cpustat_irq_ns = 0 | .cpustat_idle_ns = 100000000 | .cpustat_steal_ns = 900000000) | {schema, maps: [], per_cpu_time}' "$RICH" >steal.json
  run -0 dumpctl show --section=cpu_time steal.json
  assert_line --regexp '^    0     0[.]0 .* 900[.]000$'
}

@test "sections: --list-sections, without a file and with one; --list-maps" {
  run -0 dumpctl show --list-sections --width=1000
  [ "${#lines[@]}" -ge 17 ]
  run -0 dumpctl show --list-sections --json
  assert_equal "$(jq -c '[.[] | select(.name == "tasks").member]' <<<"$output")" '["task_enrichments"]'
  run -0 dumpctl show --list-sections "$RICH"
  assert_line "runqueues 8"
  assert_line "maps 16"
  run -0 dumpctl show --list-maps "$RICH"
  assert_line --index 0 scx_rich.bss
  assert_equal "${#lines[@]}" 16
  run -2 dumpctl show --list-sections --all "$RICH"
  run -2 dumpctl show --list-maps --json "$RICH"
}

@test "sections: those that are not listed in a degraded banner are there with --all" {
  run -0 dumpctl show "$DATA/samples/degraded-full-x86_64.json"
  refute_output --partial findings
  run -0 dumpctl show --all "$DATA/samples/degraded-full-x86_64.json"
  assert_output --partial "same ip: "
}

# ---- filters ----

@test "filters: --vcpu has all registers of these vCPUs, and no other vCPU" {
  run -0 dumpctl show --vcpu=1,3-4 "$DATA/manual/full.json"
  assert_equal "$(grep -cE '^ +[0-9]+  parked' <<<"$output")" 3
  assert_output --partial "regs: rax=0x3e8"
  assert_output --partial "segment: name=cs selector=0x1b"
  assert_output --partial "control: cr0=0x80010033"
  refute_output --partial "more parked"
  # And what --full has read of them.
  run -0 dumpctl show --vcpu=0-2 --width=80 "$DATA/show-single-full/input.json"
  assert_equal "$output" "$(cat "$DATA/show-single-full/vcpus.txt")"
  run -0 dumpctl show --vcpu=1 --all --width=80 "$DATA/show-single-full/input.json"
  assert_output --partial "      0x00000174  IA32_SYSENTER_CS         0x0"
  assert_output --partial "      xmm15  0x00000000000000000000000000000000"
  assert_output --partial "smi_pending=false"
  run -0 dumpctl show --vcpu=7 --section=perf "$RICH"
  assert_output --regexp '
     7  2000000000 '
  refute_output --regexp '
     [0-6]  '
  run -0 dumpctl show --vcpu=99 "$RICH"
  assert_line "  none of them is chosen by --vcpu=99"
  run -2 dumpctl show --vcpu=3- "$RICH"
  assert_output --partial "--vcpu takes numbers such as 3,7-9, not '3-'"
}

@test "filters: --cpu chooses queues, times and values by CPU" {
  run -0 dumpctl show --cpu=2,5 "$RICH"
  assert_equal "$(grep -cE '^    [25] ' <<<"$output")" 6
  refute_output --regexp '
    [013467] '
  assert_output --partial "map cpu_ctxs"
  refute_output --partial "map cell_stats"
  assert_line "      cpu 2: cpu_ctx{nr_disp=104, vtime=900014, flags=1}"
  run -0 dumpctl show --cpu=99 "$RICH"
  assert_line "rq_scx_states: 0 of 8 run queues"
  assert_line "  none of them is chosen by --cpu=99"
}

@test "filters: --map and --task take patterns of the shell" {
  run -0 dumpctl show --map='cpu_*' "$RICH"
  assert_equal "$(grep -c '^  map ' <<<"$output")" 1
  assert_line "maps: 1 of 16 maps"
  run -0 dumpctl show --map='[cw]*s' "$RICH"
  assert_equal "$(grep -oE '^  map [a-z_]+' <<<"$output" | xargs)" "map cell_stats map cpu_ctxs map weights"
  run -0 dumpctl show --map=nothing "$RICH"
  assert_line "maps: 0 of 16 maps"
  assert_line --partial "  none of them is chosen by --map=nothing, which must be a whole name"
  run -0 dumpctl show --task='mig*' "$RICH"
  assert_equal "$(grep -cE '^  [0-9]+  migration/3 ' <<<"$output")" 4
  run -0 dumpctl show --task=415 "$RICH"
  assert_equal "$(grep -cE '^  [0-9]+  ' <<<"$output")" 1
  # With --section the filter stays and the sections are those.
  run -0 dumpctl show --section=events,tasks --task=415 "$RICH"
  assert_equal "$(sections | tail -n +2 | xargs)" "task_enrichments event_counter_timeline"
}

@test "filters: options that would do nothing are refused" {
  local -a words
  while read -ra words; do
    run --separate-stderr -2 dumpctl show "${words[@]}" "$RICH"
    assert_output ""
  done <<'END'
--short --section=tasks
--short --map=x
--short --html=x.html
--json --exact
--json --html=x.html
--force
--list-maps --section=tasks
--section=psi --task=411
--section=tasks --cpu=3
--section=findings --map=x
--section=tasks --vcpu=1
--map=a --map=b
--vcpu=1 --vcpu=2
END
  [ ! -e x.html ]
}

# ---- units, symbols ----

@test "units: times have one unit in a table, --exact has nanoseconds" {
  run -0 dumpctl show --section=cpu_time "$RICH"
  assert_line --index 2 --regexp '^  cpu  busy %  user ms  system ms  softirq ms  irq ms   idle ms '
  assert_line --regexp '^    0    40.0  700.000    233.333       0.120  <0.001  1400.000 '
  run -0 dumpctl show --exact --section=cpu_time "$RICH"
  assert_line --regexp '^    0    40.0  700000000  233333333      120000     400  1400000000 '
  COLUMNS=200 decimal_comma run -0 "$DUMPCTL" show --section=cpu_time,perf "$RICH"
  refute_output --regexp '[0-9],[0-9]{3} '
}

# system_map TEXT-END
system_map() {
  printf '%s\n' 'ffffffff81000000 T _stext' 'ffffffff810f7700 t scx_watchdog_workfn' \
    'ffffffff81a3c200 t native_safe_halt' 'ffffffff81a3c300 t default_idle' \
    'ffffffff81b00a00 t queued_spin_lock_slowpath' "$1 T _etext"
}

@test "symbols: addresses have names, doubtful ones are marked, and a line says why" {
  system_map ffffffff82000000 >System.map
  run -0 dumpctl show --symbols System.map --section=vcpus,maps "$RICH"
  assert_line --regexp '^ +0  parked +0xffffffff81a3c2f0  native_safe_halt\+0xf0$'
  assert_line --regexp '^ +5  parked +0xffffffff81b00a51  queued_spin_lock_slowpath\+0x51$'
  assert_line --partial "symbols: 6 names; all 7 vCPUs in a kernel image stand in their text"
  assert_output --partial "0xffffffff81a3c310 default_idle+0x10"
  # The same kernel, put elsewhere.
  sed 's/^ffffffff8/ffffffff9/' System.map >moved.map
  run -0 dumpctl show --width=200 --symbols moved.map --section=vcpus "$RICH"
  assert_output --partial "stand outside their text: KASLR"
  refute_output --partial native_safe_halt+
  # A kernel whose text is shorter: some names can be found, none can be trusted.
  system_map ffffffff81a80000 >short.map
  run -0 dumpctl show --symbols short.map --section=vcpus "$RICH"
  assert_line --regexp '^ +0  parked +0xffffffff81a3c2f0  native_safe_halt\+0xf0\?$'
  assert_output --partial "names are marked ?"
  run -0 dumpctl show --json --symbols short.map --section=vcpus "$RICH"
  assert_equal "$(jq -c '[.symbols.doubtful, .snapshots[0].sections[0].blocks[0].rows[0].instruction_pointer_symbol]' <<<"$output")" \
    '[true,"native_safe_halt+0xf0?"]'
}

@test "symbols: files that are none are refused, with the line" {
  printf 'ffffffff81000000 T _stext\nnonsense\n' >bad.map
  run --separate-stderr -2 dumpctl show --symbols bad.map "$RICH"
  assert_output ""
  assert_regex "$stderr" '^dumpctl: bad\.map:2:1: expected an address, a type and a name'
  printf '0000000000000000 T _stext\n' >zero.map
  run -2 dumpctl show --symbols zero.map "$RICH"
  assert_output --partial "kernel.kptr_restrict"
  : >empty.map
  run -2 dumpctl show --symbols empty.map "$RICH"
  run -2 dumpctl show --symbols nowhere.map "$RICH"
  assert_output --partial "nowhere.map"
  # Names come from the file, so they are strings from outside.
  printf 'ffffffff81000000 T _stext\nffffffff81a3c2f0 t a\x1b[31m\nffffffff82000000 T _etext\n' >hostile.map
  run -0 dumpctl show --symbols hostile.map "$RICH"
  assert_output --partial 'a\x1b[31m'
  assert_fits 80
}

# ---- data ----

@test "data: --json has every row, by the members of the report, exact" {
  run -0 dumpctl show --json "$RICH"
  printf '%s\n' "$output" >rich.out
  rows() { jq -c ".snapshots[0].sections[] | select(.name == \"$1\").blocks[] | select(.rows).rows[]" rich.out; }
  assert_equal "$(rows tasks | wc -l)" 16
  assert_equal "$(rows tasks | jq -s 'map(.nivcsw) | add')" "$(jq '[.task_enrichments[].nivcsw] | add' "$RICH")"
  assert_equal "$(rows runqueues | jq -sc 'map(.nr_running)')" "$(jq -c '[.rq_scx_states[].nr_running]' "$RICH")"
  assert_equal "$(rows cpu_time | head -n 8 | jq -sc 'map(.cpustat_irq_ns) | unique')" '[400]'
  assert_equal "$(rows vcpus | jq -sc 'map(.state) | unique')" '["parked","unavailable"]'
  assert_equal "$(rows vcpus | head -n 1 | jq -r .instruction_pointer)" 0xffffffff81a3c2f0
  assert_equal "$(jq -c '[.snapshots[0].sections[] | select(.name == "events").blocks[] | select(.type == "plot") | .points | length] | unique' rich.out)" '[40]'
  assert_equal "$(jq -c '.snapshots[0].sections[] | select(.name == "maps") | [.count, (.blocks | length)]' rich.out)" '[16,16]'
  assert_equal "$(jq -r '.snapshots[0].sections[] | select(.name == "maps").blocks[1] | .row.map_type_name, .blocks[0].rows[0]."value.load"' rich.out | xargs)" "hash 97"
  # What a table has as a finding is a string; where it comes from stands beside it.
  assert_equal "$(jq -r '.snapshots[0].sections[] | select(.name == "findings").blocks[] | select(.name == "longest run queue").from' rich.out)" \
    'rq_scx_states[].nr_running'
}

# with_samples MEMBERS: a report with these members of "dumpctl"
with_samples() {
  printf '{"schema":"single","maps":[],"dumpctl":{"version":"1",%s}}' "$1"
}

@test "samples: why there are none is told of a socket, and who is gone is not counted" {
  with_samples '"stats_source":{"socket":"stats","timeout_ms":500,"evicted":6},"samples":[
    {"tag":"a","elapsed_ms":1,"stats":"word"},
    {"tag":"b","elapsed_ms":2,"missing_stats":"Cancelled","deadline_ms":500},
    {"tag":"c","elapsed_ms":3,"missing_stats":{"NoScheduler":{"reason":"connect stats: refused"}}},
    {"tag":"d","elapsed_ms":4,"missing_stats":"Cancelled"},
    {"tag":"e","elapsed_ms":5,"stats":{"n":4}}]' >s.json
  run -0 dumpctl show --width=200 --section samples s.json
  refute_output --regexp 'relay|run-wide|watchdog'
  assert_line 'samples: 2 of 5 samples had statistics; missing: NoScheduler 1, Cancelled 2; 6 older are gone'
  assert_line --regexp '^  b +2  Cancelled: no answer within 500 ms +500$'
  assert_line --regexp '^  c +3  NoScheduler: connect stats: refused +-$'
  assert_line '  NoScheduler: c: connect stats: refused'
  assert_line '  Cancelled: b: no answer within 500 ms'
  assert_line '  Cancelled: d: the run was to end before an answer came'
  assert_line '  (no number at any time: $ (the whole answer))'
  # For a program the reason is as it was.
  run -0 jq -c '[.. | objects | .missing_stats // empty | .name]' <(dumpctl show --json --section samples s.json)
  assert_output '["Cancelled","NoScheduler","Cancelled"]'
}

@test "data: the facts of the trigger are there, and every member of a key" {
  run -0 dumpctl show --json "$DATA/samples/degraded-full-x86_64.json"
  assert_equal "$(jq -c '[.watchpoint_hit, .bss_latch_state, .elapsed_ms, (.reason | startswith("vCPU rendezvous"))]' <<<"$output")" \
    '[true,"triggered",30012,true]'
  run -0 dumpctl show --json "$DATA/manual/full.json"
  assert_equal "$(jq -r '.dumpctl.guest.name, .bss_latch_state' <<<"$output" | xargs)" "demo:stall triggered"
}

@test "data: --json obeys --section and the filters, and a dual report has both snapshots" {
  run -0 dumpctl show --json --section=tasks --task=415 "$RICH"
  assert_equal "$(jq -c '[.snapshots[0].sections[].name, (.snapshots[0].sections[0].blocks[0].rows | length)]' <<<"$output")" '["tasks",1]'
  run -0 dumpctl show --json "$DUAL"
  assert_equal "$(jq -c '[.snapshots[].phase]' <<<"$output")" '["early","late"]'
  assert_equal "$(jq -r '.sections[0].blocks[0].text' <<<"$output")" \
    "7 of 7 vCPUs at the same ip; exit_kind 0 -> 1026; nr_running 3 -> 9; 1 of 3 maps changed (scx_rich.bss); by section: dumpctl diff --phases"
}

# ---- dual ----

@test "dual: the late snapshot comes first, what differs before both, and diff --phases has it" {
  run -0 dumpctl show --width=200 "$DUAL"
  assert_equal "$(grep -nE '^(late|early) snapshot' <<<"$output" | cut -d: -f2 | cut -d' ' -f1 | xargs)" "late early"
  assert_output --partial "early -> late: 7 of 7 vCPUs at the same ip; exit_kind 0 -> 1026; nr_running 3 -> 9;"
  run -1 dumpctl diff --phases "$DUAL"
  assert_line --index 0 --partial "exit_kind 0"
  assert_output --partial "rq_scx_states"
  run -0 dumpctl show "$DATA/samples/dual-early-absent.json"
  refute_output --partial "early -> late"
  run --separate-stderr -2 dumpctl diff --phases "$DATA/samples/dual-early-absent.json"
  assert_output ""
  assert_regex "$stderr" "has no early snapshot"
  run -2 dumpctl diff --phases "$DUAL" "$DUAL"
  # Where early is a copy of late, that is what is said.
  jq -c '.early = .late' "$DATA/samples/dual-early-present.json" >copy.json
  run -0 dumpctl show copy.json
  assert_output --partial "the same in every member: early is a copy of late"
  run -0 dumpctl diff --phases copy.json
  assert_output ""
}

# ---- pages ----

@test "html: one page that fetches nothing, with every section and plots, escaped" {
  run -0 dumpctl show --html page.html "$RICH"
  assert_output ""
  [ "$(stat -c %a page.html)" = 600 ]
  run cat page.html
  assert_line --index 0 '<!DOCTYPE html>'
  assert_output --partial "prefers-color-scheme:dark"
  assert_output --partial "default-src 'none'"
  refute_output --regexp '(src|href)='
  refute_output --partial '<script'
  [ "$(grep -c '<h2>' page.html)" -ge 16 ]
  [ "$(grep -c '<polyline points="' page.html)" -eq 15 ]
  assert_output --partial '<h1>single: exit_kind 1026 (SCX_EXIT_ERROR_STALL); parked 7/8'
  # Rows that a screen of 80x24 has no room for.
  [ "$(grep -c '<td class="l">migration/3</td>' page.html)" -ge 4 ]
}

@test "html: hostile strings are text and nothing else" {
  local name
  for name in escape bidi newline long wide; do
    "$ROOT/tests/goldens" hostile_report "$name" | dumpctl show --html - - >page.html
    run cat page.html
    refute_output --partial '<script'
    if LC_ALL=C grep -qP '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8b-\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]' page.html; then
      fail "control characters"
    fi
    # An independent parser finds the elements balanced, and none that we do not write.
    /usr/bin/env python3 - page.html <<'END'
import html.parser, sys
ours = set("html head meta title style body article h1 h2 h3 small pre section dl dt dd p div span table tr th td code svg polyline footer".split())
class P(html.parser.HTMLParser):
    open = []
    def handle_starttag(self, tag, attrs):
        assert tag in ours, tag
        assert all(k in ("lang", "charset", "name", "content", "http-equiv", "class", "title", "viewbox", "preserveaspectratio", "role", "points") for k, v in attrs), attrs
        if tag not in ("meta",): self.open.append(tag)
    def handle_startendtag(self, tag, attrs):
        assert tag in ours, tag
    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, tag
p = P(); p.feed(open(sys.argv[1], encoding="utf-8").read()); p.close()
assert not p.open, p.open
END
  done
}

@test "html: whole or not at all, several documents on one page, --force replaces" {
  echo mine >page.html
  run --separate-stderr -2 dumpctl show --html page.html "$RICH"
  assert_equal "$(cat page.html)" mine
  run -0 dumpctl show --force --html page.html "$RICH" "$DUAL"
  assert_equal "$(grep -c '<article>' page.html)" 2
  grep -q '<h2>late snapshot</h2>' page.html
  # A report that is none: the others are shown, but the page is not published.
  printf '{' >broken.json
  run --separate-stderr -2 dumpctl show --html other.html "$RICH" broken.json
  assert_regex "$stderr" 'other\.html is not written'
  [ ! -e other.html ]
  # A page that would take the place of the report that it shows.
  cp "$RICH" mine.json && ln mine.json too.json
  run --separate-stderr -2 dumpctl show --force --html too.json mine.json
  assert_regex "$stderr" '--html would replace the report mine\.json'
  cmp "$RICH" mine.json
  # Which report a page shows stands on it.
  grep -q '<p class="faint">.*rich.json</p>' page.html
  run -0 dumpctl show --all --html - "$DATA/samples/missing-stats-no-scheduler.json"
  assert_line --partial "<h1>missing_stats: guest relay reports no scheduler"
}
