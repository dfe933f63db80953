# shellcheck disable=SC2154  # run sets stderr and stderr_lines
# shellcheck disable=SC2016  # inner shells expand what stands in single quotes
load helpers

# Screens are drawn by `view --once`, driven by scripts of keys; a few tests go through a real
# terminal of tmux and wait for texts there.

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
  screen_stop
}

# regs IP: the registers of one vCPU.
regs() {
  printf '{"instruction_pointer":%s,"stack_pointer":18446683600570039896,"page_table_root":4096}' "$1"
}

# degraded VCPU_REGS [MEMBERS]
degraded() {
  printf '{"schema":"degraded","reason":"%s","vcpu_regs":[%s],"watchpoint_hit":true,' \
    'vCPU rendezvous timed out before parked acknowledgement: 500ms; 2/4 vCPUs parked' "$1"
  printf '"bss_latch_state":"triggered","exit_kind":1026,"elapsed_ms":500%s}\n' "${2:+,$2}"
}

# Four vCPUs, two of which never stopped.
four() {
  degraded "$(regs 18446744071589577456),null,$(regs 18446744071579858900),null" "$@"
}

# The same, with what capture adds.
captured() {
  four '"dumpctl":{"version":"0.1.0","trigger":"latch","guest":{"name":"demo:stall","vcpus":4},
    "vcpus":[{"id":0,"state":"parked","park_us":120,"kicks":1,"last_exit":"KVM_EXIT_IO",
    "mp_state":"runnable","regs":{"rax":1,"rbx":2,"rcx":3,"rdx":4,"rsi":5,"rdi":6,"rsp":7,"rbp":8,
    "r8":9,"r9":10,"r10":11,"r11":12,"r12":13,"r13":14,"r14":15,"r15":16,"rip":17,"rflags":514},
    "control":{"cr0":2147811379,"cr2":0,"cr3":4096,"cr4":32,"cr8":0,"efer":3329,
    "apic_base":4276095232,"gdt_base":1,"gdt_limit":127,"idt_base":2,"idt_limit":4095},
    "segments":[{"name":"cs","selector":51,"base":0,"limit":1048575,"type":11,"dpl":3,
    "present":true,"s":true,"l":true,"g":true},{"name":"ldt","selector":0,"base":0,"limit":0,
    "type":2,"dpl":0,"unusable":true}]},
    {"id":1,"state":"not_parked","kicks":41,"why":"did not answer 41 kicks"}]}'
}

# many N: N vCPUs; each hundredth, from 7 on, never stopped.
many() {
  local list
  list=$(awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) {
    if (i) printf ","
    if (i % 100 == 7) printf "null"
    else printf "{\"instruction_pointer\":%d,\"stack_pointer\":2,\"page_table_root\":3}", i } }')
  degraded "$list"
}

# dual EARLY_REGS LATE_REGS: with the early snapshot
dual() {
  printf '{"schema":"dual","early":{"schema":"single","maps":[],"vcpu_regs":[%s]},' "$1"
  printf '"late":{"schema":"single","maps":[],"vcpu_regs":[%s]},"early_max_age_jiffies":9,' "$2"
  printf '"early_threshold_jiffies":8}\n'
}

# once SIZE KEYS FILE...: the screen, every line of it in $output and ${lines[@]}
once() {
  local size=$1 keys=$2
  shift 2
  run --keep-empty-lines dumpctl view --once --size "$size" --keys "$keys" "$@"
}

# shows TEXT: the screen is this text (the heredoc), without the empty lines at its end
shows() {
  assert_equal "$status" 0
  assert_equal "$(printf '%s' "$output")" "$(cat)"
}

# rows: how many lines the screen has
rows() {
  printf '%s' "$output" | wc -l
}

# ---- screens ----

@test "view: a degraded report at 80x24" {
  four >r.json
  once 80x24 '' r.json
  shows <<'SCREEN'
 r.json                                                                degraded
 vCPU rendezvous timed out
 . parked 2/4  X not_parked 2
 [vcpus] findings
 >0 . parked       ip 0xffffffff81a3c2f0  sp 0xffffc90000003e58
  1 X not_parked   never stopped at the freeze
  2 . parked       ip 0xffffffff810f77d4  sp 0xffffc90000003e58
  3 X not_parked   never stopped at the freeze














 vCPU 0: parked, ip 0xffffffff81a3c2f0                                 1-4 of 4
 q quit  ? help  Enter open  Tab section  n next not_parked  / search  f filter
SCREEN
  assert_equal "$(rows)" 24
}

@test "view: the same at 40x10" {
  four >r.json
  once 40x10 '' r.json
  shows <<'SCREEN'
 r.json                        degraded
 vCPU rendezvous timed out
 . parked 2/4  X not_parked 2
 [vcpus] findings
 >0 . parked       ip 0xffffffff81a3c2f0
  1 X not_parked   never stopped at t...
  2 . parked       ip 0xffffffff810f77d4
  3 X not_parked   never stopped at t...
 vCPU 0: parked, ip 0xffffffff81a3c2f0
 q quit  ? help  Enter open  Tab section
SCREEN
}

@test "view: the same at 200x60" {
  four >r.json
  once 200x60 '' r.json
  shows <<'SCREEN'
 r.json                                                                                                                                                                                        degraded
 vCPU rendezvous timed out
 . parked 2/4  X not_parked 2
 [vcpus] findings
 >0 . parked       ip 0xffffffff81a3c2f0  sp 0xffffc90000003e58
  1 X not_parked   never stopped at the freeze
  2 . parked       ip 0xffffffff810f77d4  sp 0xffffc90000003e58
  3 X not_parked   never stopped at the freeze


















































 vCPU 0: parked, ip 0xffffffff81a3c2f0                                                                                                                                                         1-4 of 4
 q quit  ? help  Enter open  Tab section  n next not_parked  / search  f filter  s sort  i report  z zoom  = groups  : go to
SCREEN
  assert_equal "$(rows)" 60
}

@test "view: --once on a screen that is too small is an error, not a screen" {
  four >r.json
  too_small() {
    run --separate-stderr -2 dumpctl view --once "$@" r.json
    assert_output ""
    assert_equal "$stderr" "dumpctl: a screen of $size is too small: view needs 40x10 (--size)"
  }
  size=1x1 too_small --size 1x1
  size=39x10 too_small --size 39x10
  size=40x9 too_small --size 40x9 --keys 'j<Enter>'
  size=20x24 too_small --width 20
  size=39x9 too_small --size 80x24 --keys 'j<39x9>'
  size=30x24 COLUMNS=30 too_small
}

@test "view: a selection that moves and a filter" {
  four >r.json
  once 80x12 'jf' r.json
  shows <<'SCREEN'
 r.json                                                                degraded
 vCPU rendezvous timed out
 . parked 2/4  X not_parked 2
 [vcpus] findings
 >1 X not_parked   never stopped at the freeze
  3 X not_parked   never stopped at the freeze




 vCPU 1: not_parked                                 filter not_parked  1-2 of 2
 q quit  ? help  Enter open  Tab section  n next not_parked  / search  f filter
SCREEN
}

@test "view: an unavailable vCPU is not a not_parked one" {
  printf '{"schema":"single","maps":[],"vcpu_regs":[%s,null]}' "$(regs 1)" >r.json
  once 80x12 'j' r.json
  shows <<'SCREEN'
 r.json                                                                  single
 cause not recorded
 . parked 1/2  ? unavailable 1
 [vcpus] summary  findings
  0 . parked       ip 0x0000000000000001  sp 0xffffc90000003e58
 >1 ? unavailable  registers not obtained




 vCPU 1: unavailable                                                   1-2 of 2
 q quit  ? help  Enter open  Tab section  / search  f filter  s sort  i report
SCREEN
}

@test "view: a filter that nothing passes says so" {
  four >r.json
  once 60x10 'ff' r.json
  shows <<'SCREEN'
 r.json                                            degraded
 vCPU rendezvous timed out
 . parked 2/4  X not_parked 2
 [vcpus] findings
 No vCPU is unavailable. Press f for another filter.



                                   filter unavailable  none
 q quit  ? help  Enter open  Tab section  n next not_parked
SCREEN
}

@test "view: registers of the wire format" {
  four >r.json
  once 80x14 '<Enter>' r.json
  shows <<'SCREEN'
 r.json                                                                degraded
 vCPU rendezvous timed out
 . parked 2/4  X not_parked 2
 -- vCPU 0 (of 4) -------------------------------------------------------------
 vCPU 0  . parked
 it stopped at the freeze, and its registers were read

 registers
  instruction_pointer   0xffffffff81a3c2f0  rip; pc on aarch64
  stack_pointer         0xffffc90000003e58  rsp; sp_el1 on aarch64
  page_table_root       0x0000000000001000  cr3 with its flag bits; ttbr1_el1 on
                                            aarch64
 lines 1-8 of 8
 Esc back  ? help  n next not_parked  i report
SCREEN
}

@test "view: why a vCPU did not park" {
  captured >r.json
  once 80x14 'n<Enter>' r.json
  shows <<'SCREEN'
 r.json                                                                degraded
 vCPU rendezvous timed out
 . parked 2/4  X not_parked 2
 -- vCPU 1 (of 4) -------------------------------------------------------------
 vCPU 1  X not_parked
 it never stopped at the freeze, so there are no registers
  why                   did not answer 41 kicks

 at the freeze
  kicks                 41                  kicks sent


 lines 1-6 of 6
 Esc back  ? help  n next not_parked  i report
SCREEN
}

@test "view: everything that capture knows of a vCPU" {
  captured >r.json
  once 80x60 '<Enter>' r.json
  shows <<'SCREEN'
 r.json                                                                degraded
 vCPU rendezvous timed out
 . parked 2/4  X not_parked 2
 -- vCPU 0 (of 4) -------------------------------------------------------------
 vCPU 0  . parked
 it stopped at the freeze, and its registers were read

 registers
  instruction_pointer   0xffffffff81a3c2f0  rip; pc on aarch64
  stack_pointer         0xffffc90000003e58  rsp; sp_el1 on aarch64
  page_table_root       0x0000000000001000  cr3 with its flag bits; ttbr1_el1 on
                                            aarch64

 at the freeze
  park_us               120 us              from its first kick to parked
  kicks                 1                   kicks sent
  last_exit             KVM_EXIT_IO         last KVM exit before the freeze
  mp_state              runnable            KVM's MP state

 general registers
  rax         0x0000000000000001
  rbx         0x0000000000000002
  rcx         0x0000000000000003
  rdx         0x0000000000000004
  rsi         0x0000000000000005
  rdi         0x0000000000000006
  rsp         0x0000000000000007
  rbp         0x0000000000000008
  r8          0x0000000000000009
  r9          0x000000000000000a
  r10         0x000000000000000b
  r11         0x000000000000000c
  r12         0x000000000000000d
  r13         0x000000000000000e
  r14         0x000000000000000f
  r15         0x0000000000000010
  rip         0x0000000000000011
  rflags      0x202

 control registers
  cr0         0x80050033
  cr2         0x0000000000000000
  cr3         0x0000000000001000
  cr4         0x20
  cr8         0x0
  efer        0xd01               EFER
  apic_base   0xfee00900          APIC base MSR
  gdt_base    0x0000000000000001
  gdt_limit   127 bytes           limit of the GDT
  idt_base    0x0000000000000002
  idt_limit   4095 bytes          limit of the IDT

 segments
  cs   0x0033 base 0x0000000000000000 limit 0xfffff type 11 dpl 3 present s l g
  ldt  0x0000 base 0x0000000000000000 limit 0x0 type 2 dpl 0 unusable



 lines 1-51 of 51
 Esc back  ? help  n next not_parked  i report
SCREEN
}

@test "view: a text scrolls" {
  captured >r.json
  once 80x12 '<Enter><PgDn>j' r.json
  shows <<'SCREEN'
 r.json                                                                degraded
 vCPU rendezvous timed out
 . parked 2/4  X not_parked 2
 -- vCPU 0 (of 4) -------------------------------------------------------------
                                            aarch64

 at the freeze
  park_us               120 us              from its first kick to parked
  kicks                 1                   kicks sent
  last_exit             KVM_EXIT_IO         last KVM exit before the freeze
 lines 8-13 of 51 (Up, Down, PgUp, PgDn)
 Esc back  ? help  n next not_parked  i report
SCREEN
}

@test "view: the facts of the report" {
  captured >r.json
  once 80x24 'i' r.json
  shows <<'SCREEN'
 r.json                                                                degraded
 vCPU rendezvous timed out
 . parked 2/4  X not_parked 2
 -- the report ----------------------------------------------------------------
  variant               degraded
  cause                 vCPU rendezvous timed out
  reason                vCPU rendezvous timed out before parked acknowledgement:
                        500ms; 2/4 vCPUs parked
  elapsed_ms            500 ms
  exit_kind             1026 (SCX_EXIT_ERROR_STALL)
  bss_latch_state       triggered           the BPF probe latched an error exit
  watchpoint_hit        true
  parked                2: vCPUs 0,2
  not_parked            2: vCPUs 1,3

 dumpctl, of the run
  version               0.1.0               version of dumpctl that wrote the
                                            report
  trigger               latch               what set the capture off: latch,
                                            timer, crash and others

 guest
 lines 1-18 of 20 (Up, Down, PgUp, PgDn)
 Esc back  ? help
SCREEN
}

@test "view: the facts count what the report holds, and tell what it lacks" {
  {
    printf '{"schema":"single","maps":[],"vcpu_regs":[%s,null,%s,%s],"active_obj_name":"k","new":7,' \
      "$(regs 1)" "$(regs 2)" "$(regs 3)"
    printf '"sdt_alloc_unavailable":"no walker","active_map_kvas":[1,2],"per_cpu_time":[],'
    printf '"scx_sched_state":{"aborting":true,"bypass_depth":-1,"exit_kind":1026},'
    printf '"dump_truncated_at_us":31000,"maps_truncated":1,"is_placeholder":true}'
  } >r.json
  once 80x45 'i' r.json
  shows <<'SCREEN'
 r.json                                                                  single
 placeholder, the capture produced nothing
 . parked 3/4  ? unavailable 1
 -- the report ----------------------------------------------------------------
  variant               single
  cause                 placeholder, the capture produced nothing
  is_placeholder        true: the capture produced nothing, what follows is no
                        measurement
  dump_truncated_at_us  31000 us: the dump's deadline was crossed
  maps_truncated        1 map skipped because of the deadline
  exit_kind             1026 (SCX_EXIT_ERROR_STALL)
  parked                3: vCPUs 0,2,3
  unavailable           1: vCPU 1
  unknown members       1; dumpctl decode --wire keeps it

 sections
  maps                  0 entries           the scheduler's BPF maps, in kernel
                                            id order
  active_obj_name       k                   BPF object name prefix of the
                                            attached scheduler
  active_map_kvas       2 entries           addresses of the maps that the
                                            active program uses; comparable
                                            inside one run only
  sdt_alloc_unavailable no walker           why sdt_allocations is empty
  per_cpu_time          0 entries           CPU time, softirq and irq counters
  new                   7                   not a known member

 scx_sched_state
  aborting              true                the scheduler is being aborted
  bypass_depth          -1                  nesting of bypass mode
  exit_kind             1026                why the scheduler ended, 0: it runs

 Tab, among the vCPUs, goes through the sections.










 lines 1-29 of 29
 Esc back  ? help
SCREEN
}

@test "view: the facts of a debug capture" {
  printf '{"schema":"ktstr.debug_capture/v1","started_ns":1,"ended_ns":2,"kernel_release":"6.1",' >r.json
  printf '"fingerprint":{"a":[1]},"failure_dump":{"schema":"single","maps":[]}}' >>r.json
  once 80x24 'i' r.json
  shows <<'SCREEN'
 r.json                                                                  single
 cause not recorded
 . parked 0/0
 -- the report ----------------------------------------------------------------
  variant               single
  cause                 cause not recorded

 sections
  maps                  0 entries           the scheduler's BPF maps, in kernel
                                            id order

 Tab, among the vCPUs, goes through the sections.

 the debug capture around the report
  started_ns            1 ns                begin of the recording
  ended_ns              2 ns                end of the recording
  kernel_release        6.1                 kernel of the guest
  fingerprint           {"a":[1]}           what the workload looked like




 lines 1-14 of 14
 Esc back  ? help
SCREEN
}

@test "view: the facts of missing statistics" {
  echo '{"MissingStats":{"tag":"t1","reason":{"SchedulerError":{"errno":-2,"args":{"b":1,"a":"x"},"new":3}}}}' >r.json
  once 80x24 'i' r.json
  shows <<'SCREEN'
 r.json                                                           missing_stats
 scheduler returned errno=-2 (args={"a":"x","b":1})
 no vCPUs
 -- the report ----------------------------------------------------------------
  variant               missing_stats
  cause                 scheduler returned errno=-2 (args={"a":"x","b":1})
  unknown members       1; dumpctl decode --wire keeps it
  reason                SchedulerError      the scheduler answered with an error
  tag                   t1

 with the reason
  errno                 -2                  the scheduler's errno
  args                  {"b":1,"a":"x"}     what came with it
  new                   3                   not a known member








 lines 1-10 of 10
 Esc back  ? help
SCREEN
}

@test "view: the facts of a dual report: no early one" {
  printf '{"schema":"dual","late":{"schema":"single","maps":[]},"early_skipped_reason":"%s"}' \
      'no task was old' >r.json
  once 80x20 'i' r.json
  shows <<'SCREEN'
 r.json                                                    dual: late, no early
 cause not recorded
 . parked 0/0
 -- the report ----------------------------------------------------------------
  variant               dual
  cause                 cause not recorded
  early                 absent
  early_skipped_reason  no task was old

 sections of the late snapshot
  maps                  0 entries           the scheduler's BPF maps, in kernel
                                            id order

 Tab, among the vCPUs, goes through the sections.




 lines 1-10 of 10
 Esc back  ? help
SCREEN
}

@test "view: e changes the facts too" {
  dual "$(regs 1),$(regs 2)" "$(regs 3),null" >r.json
  once 80x20 'ie' r.json
  shows <<'SCREEN'
 r.json                                                             dual: early
 cause not recorded
 . parked 2/2
 -- the report ----------------------------------------------------------------
  variant               dual
  cause                 cause not recorded
  early                 present; taken at age 9 jiffies, threshold 8
  parked                2: vCPUs 0,1

 sections of the early snapshot
  maps                  0 entries           the scheduler's BPF maps, in kernel
                                            id order

 Tab, among the vCPUs, goes through the sections.




 lines 1-10 of 10
 Esc back  ? help  e other side
SCREEN
}

@test "view: notes and long names are folded, not cut" {
  printf '{"schema":"single","maps":[],"vcpu_regs":[%s],"prog_runtime_stats_unavailable":"%s"}' \
    "$(regs 1)" 'no programs of the kind that is wanted were loaded when the guest froze' >r.json
  once 40x30 'i' r.json
  shows <<'SCREEN'
 r.json                          single
 cause not recorded
 . parked 1/1
 -- the report ------------------------
  variant           single
  cause             cause not recorded
  parked            1: vCPU 0

 sections
  maps              0 entries
                    the scheduler's BPF
                    maps, in kernel id
                    order
  prog_runtime_stats_unavailable
                    no programs of the
                    kind that is wanted
                    were loaded when the
                    guest froze
                    why prog_runtime_sta
                    ts is empty

 Tab, among the vCPUs, goes through the
 sections.





 lines 1-19 of 19
 Esc back  ? help
SCREEN
}

@test "view: back goes the way one came, to the line where one was" {
  captured >r.json
  once 80x12 '<Enter><PgDn>i?' r.json
  assert_line --index 3 --partial "-- keys"
  once 80x12 '<Enter><PgDn>i?q' r.json
  assert_line --index 3 --partial "-- the report"
  once 80x12 '<Enter><PgDn>i?qq' r.json
  assert_line --index 3 --partial "-- vCPU 0"
  assert_line --index 10 " lines 7-12 of 51 (Up, Down, PgUp, PgDn)"
  once 80x12 '<Enter><PgDn>i?qqq' r.json
  assert_line --index 3 " [vcpus] findings"
}

@test "view: a long reason for missing statistics stands in the body, and more of it in the facts" {
  words=$(printf 'word%03d ' {1..200})
  printf '{"NoScheduler":{"reason":"%s"}}' "$words" >r.json
  once 80x12 '' r.json
  assert_line --index 6 --partial "word001 word002"
  assert_line --index 9 " ... (i shows more of it)"
  once 80x12 'iG' r.json
  assert_output --partial "word200"
}

@test "view: the help comes from the table of keys" {
  four >r.json
  once 80x70 '?' r.json
  shows <<'SCREEN'
 r.json                                                                degraded
 vCPU rendezvous timed out
 . parked 2/4  X not_parked 2
 -- keys ----------------------------------------------------------------------
 among the vCPUs
  Enter               all about the selected vCPU
  f                   which vCPUs are shown: all, not_parked, unavailable,
                      parked
  s                   order: by id, state, instruction pointer
  z                   a vCPU on a line with its registers, its state, its id, or
                      one glyph
  =                   vCPUs at one instruction pointer together, or each for
                      itself
  Left, h             left
  Right, l            right

 in a section
  Enter               unfold or fold; of any other line all that is in it
  f                   show matching lines only; empty: all
  s                   sort a table by the selected column, the other way, not at
                      all
  Left, h             column before; fold, or out of it
  Right, l            column behind; unfold
  +                   unfold all that stand beside this line
  -                   fold all

 in the list of reports
  Enter               open the selected report

 in a text
  Esc, q, Backspace   back to the screen before
  Up, k               a line up
  Down, j             a line down
  Left, h             vCPU or row before
  Right, l            vCPU or row behind

 in several of these
  q                   leave
  ?                   all keys
  Tab                 next section of the report
  BackTab             section before
  n                   next vCPU that the search finds, or that is not_parked
  N                   previous vCPU that the search finds, or that is not_parked
  e                   early or late half of a dual report, with --diff A or B;
                      of the vCPUs both, too
  /                   search; a pattern with * or ? must match a whole cell
  n                   next line that the search finds
  N                   previous line that the search finds
  i                   what the report says of the freeze
  :                   a vCPU by its number, a section by its name
  Up, k               up
  Down, j             down
  PgUp, C-b           a page up
  PgDn, Space, C-f    a page down
  Home, g             to the beginning
  End, G              to the end
  Esc, Backspace      end search, filter and groups; then to the list of reports
  ]                   next report
  [                   previous report
  }                   the newest report (--follow), else the last
  y                   copy the selected value to the clipboard (--osc52)
  m                   the mouse is ours, or the terminal's
  C-l                 draw the screen anew

 When a line is typed at the bottom: Enter takes it, Esc leaves it, Backspace,
 C-w and C-u take off a character, a word, all.
 The mouse selects, and opens what is selected; its wheel scrolls.

 lines 1-63 of 63
 Esc back
SCREEN
}

@test "view: 1024 vCPUs, words" {
  many 1024 >r.json
  once 80x24 '' r.json
  shows <<'SCREEN'
 r.json                                                                degraded
 vCPU rendezvous timed out
 . parked 1013/1024  X not_parked 11
 [vcpus] findings
 >   0 . parked         1 . parked         2 . parked         3 . parked
     4 . parked         5 . parked         6 . parked         7 X not_parked
     8 . parked         9 . parked        10 . parked        11 . parked
    12 . parked        13 . parked        14 . parked        15 . parked
    16 . parked        17 . parked        18 . parked        19 . parked
    20 . parked        21 . parked        22 . parked        23 . parked
    24 . parked        25 . parked        26 . parked        27 . parked
    28 . parked        29 . parked        30 . parked        31 . parked
    32 . parked        33 . parked        34 . parked        35 . parked
    36 . parked        37 . parked        38 . parked        39 . parked
    40 . parked        41 . parked        42 . parked        43 . parked
    44 . parked        45 . parked        46 . parked        47 . parked
    48 . parked        49 . parked        50 . parked        51 . parked
    52 . parked        53 . parked        54 . parked        55 . parked
    56 . parked        57 . parked        58 . parked        59 . parked
    60 . parked        61 . parked        62 . parked        63 . parked
    64 . parked        65 . parked        66 . parked        67 . parked
    68 . parked        69 . parked        70 . parked        71 . parked
 vCPU 0: parked, ip 0x0000000000000000                             1-72 of 1024
 q quit  ? help  Enter open  Tab section  n next not_parked  / search  f filter
SCREEN
}

@test "view: 1024 vCPUs, the end" {
  many 1024 >r.json
  once 80x12 'G' r.json
  shows <<'SCREEN'
 r.json                                                                degraded
 vCPU rendezvous timed out
 . parked 1013/1024  X not_parked 11
 [vcpus] findings
  1000 . parked      1001 . parked      1002 . parked      1003 . parked
  1004 . parked      1005 . parked      1006 . parked      1007 X not_parked
  1008 . parked      1009 . parked      1010 . parked      1011 . parked
  1012 . parked      1013 . parked      1014 . parked      1015 . parked
  1016 . parked      1017 . parked      1018 . parked      1019 . parked
  1020 . parked      1021 . parked      1022 . parked     >1023 . parked
 vCPU 1023: parked, ip 0x00000000000003ff                     1001-1024 of 1024
 q quit  ? help  Enter open  Tab section  n next not_parked  / search  f filter
SCREEN
}

@test "view: 1024 vCPUs, a page and the next not_parked" {
  many 1024 >r.json
  once 80x12 '<PgDn>n' r.json
  shows <<'SCREEN'
 r.json                                                                degraded
 vCPU rendezvous timed out
 . parked 1013/1024  X not_parked 11
 [vcpus] findings
    84 . parked        85 . parked        86 . parked        87 . parked
    88 . parked        89 . parked        90 . parked        91 . parked
    92 . parked        93 . parked        94 . parked        95 . parked
    96 . parked        97 . parked        98 . parked        99 . parked
   100 . parked       101 . parked       102 . parked       103 . parked
   104 . parked       105 . parked       106 . parked     > 107 X not_parked
 vCPU 107: not_parked                                            85-108 of 1024
 q quit  ? help  Enter open  Tab section  n next not_parked  / search  f filter
SCREEN
}

@test "view: 1024 vCPUs, a glyph each" {
  many 1024 >r.json
  once 80x24 'zzn' r.json
  shows <<'SCREEN'
 r.json                                                                degraded
 vCPU rendezvous timed out
 . parked 1013/1024  X not_parked 11
 [vcpus] findings
    0  . . . . . . .>X . . . . . . . . . . . . . . . . . . . . . . . . . . . . .
   37  . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . .
   74  . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . X . . .
  111  . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . .
  148  . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . .
  185  . . . . . . . . . . . . . . . . . . . . . . X . . . . . . . . . . . . . .
  222  . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . .
  259  . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . .
  296  . . . . . . . . . . . X . . . . . . . . . . . . . . . . . . . . . . . . .
  333  . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . .
  370  . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . .
  407  X . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . .
  444  . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . .
  481  . . . . . . . . . . . . . . . . . . . . . . . . . . X . . . . . . . . . .
  518  . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . .
  555  . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . .
  592  . . . . . . . . . . . . . . . X . . . . . . . . . . . . . . . . . . . . .
  629  . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . .
 vCPU 7: not_parked                                               1-666 of 1024
 q quit  ? help  Enter open  Tab section  n next not_parked  / search  f filter
SCREEN
}

@test "view: a dual report begins with the late snapshot" {
  dual "$(regs 1),$(regs 2)" "$(regs 3),null" >r.json
  once 80x10 '' r.json
  shows <<'SCREEN'
 r.json                                                              dual: late
 cause not recorded
 . parked 1/2  ? unavailable 1
 [vcpus] changes  summary  findings
 >0 . parked     *  ip 0x0000000000000003  sp 0xffffc90000003e58
  1 ? unavailable*  registers not obtained


 vCPU 0: parked, changed, ip 0x0000000000000003                        1-2 of 2
 q quit  ? help  Enter open  Tab section  e other side  / search  f filter
SCREEN
}

@test "view: e shows the early one" {
  dual "$(regs 1),$(regs 2)" "$(regs 3),null" >r.json
  once 80x10 'e' r.json
  shows <<'SCREEN'
 r.json                                                             dual: early
 cause not recorded
 . parked 2/2
 [vcpus] changes  summary  findings
 >0 . parked     *  ip 0x0000000000000001  sp 0xffffc90000003e58
  1 . parked     *  ip 0x0000000000000002  sp 0xffffc90000003e58


 vCPU 0: parked, changed, ip 0x0000000000000001                        1-2 of 2
 q quit  ? help  Enter open  Tab section  e other side  / search  f filter
SCREEN
}

@test "view: a dual report without the early one says why" {
  printf '{"schema":"dual","late":{"schema":"single","maps":[]},"early_skipped_reason":"%s"}' \
      'no task was old' >r.json
  once 80x12 'e' r.json
  shows <<'SCREEN'
 r.json                                                    dual: late, no early
 cause not recorded
 . parked 0/0
 [vcpus] summary  findings
 The report has no vCPU slots.





 there is no early snapshot: no task was old
 q quit  ? help  Tab section  i report
SCREEN
}

@test "view: missing statistics are no error" {
  echo '{"RequestTooLarge":{"size":262145,"max":262144}}' >r.json
  once 80x10 '' r.json
  shows <<'SCREEN'
 r.json                                                           missing_stats
 stats request 262145 bytes exceeds 262144-byte cap
 no vCPUs
 [vcpus]
 This document is a reason for missing statistics: it has no vCPUs. It reads:

 stats request 262145 bytes exceeds 262144-byte cap


 q quit  ? help  i report
SCREEN
}

@test "view: a placeholder" {
  printf '{"schema":"single","maps":[],"is_placeholder":true}' >r.json
  once 80x10 '<Enter>' r.json
  shows <<'SCREEN'
 r.json                                                                  single
 placeholder, the capture produced nothing
 . parked 0/0
 [vcpus] summary  findings
 The report has no vCPU slots.



 no vCPU is selected
 q quit  ? help  Tab section  i report
SCREEN
}

@test "view: no string from a report reaches the terminal raw" {
  degraded null '"dumpctl":{"version":"1","vcpus":[{"id":0,"state":"not_parked",
      "why":"\u001b[2J\u202e\u0000 \u6f22\u5b57 e\u0301","\u0007":"\u200b"}]}' >r.json
  once 80x14 '<Enter>' r.json
  shows <<'SCREEN'
 r.json                                                                degraded
 vCPU rendezvous timed out
 . parked 0/1  X not_parked 1
 -- vCPU 0 (of 1) -------------------------------------------------------------
 vCPU 0  X not_parked
 it never stopped at the freeze, so there are no registers
  why                   \x1b[2J\u202e\x00 漢字 é

 at the freeze
  \u0007                "\u200b"            not a known member


 lines 1-6 of 6
 Esc back  ? help  n next not_parked  i report
SCREEN
}

# ---- several documents, several files ----

@test "view: brackets go through the documents of all files" {
  four >a.json
  { four | tr -d '\n' && echo && echo '"NoSchedulerBinary"' && echo; } >b.jsonl
  for step in ':1/3 degraded' ']:2/3 degraded' ']]:3/3 missing_stats' ']][:2/3 degraded'; do
    once 80x24 "<Enter>${step%%:*}" a.json b.jsonl
    assert_equal "$status" 0
    assert_line --index 0 --partial "${step#*:}"
  done
  once 80x24 '<Enter>]]]' a.json b.jsonl
  assert_output --partial "this is the last report"
  once 80x24 '<Enter>[' a.json b.jsonl
  assert_output --partial "this is the first report"
}

@test "view: one document is not counted" {
  four >r.json
  once 80x24 '' r.json
  refute_line --index 0 --partial "1/1"
}

@test "view: what cannot be read is told, the rest is shown, exit 2" {
  four >good.json
  echo '{"schema":"degraded"}' >bad.json
  printf '%s\n%s\n%s\n' "$(four)" '{"schema":"no"}' '"NoSchedulerBinary"' >half.jsonl
  run --separate-stderr -2 dumpctl view --once --size 80x24 --keys '<Enter>' bad.json good.json missing.json half.jsonl
  assert_line --index 1 --partial "vCPU rendezvous timed out"
  assert_line --index 0 --regexp '^ good.json +1/3, 3 files failed  degraded$'
  # In the order of the files, whatever is wrong with them.
  assert_equal "${#stderr_lines[@]}" 3
  [[ ${stderr_lines[0]} == *"bad.json:1:"* && ${stderr_lines[1]} == *"missing.json: "* ]]
  [[ ${stderr_lines[2]} == *"half.jsonl:2:"* ]]
  run --separate-stderr -2 dumpctl view --once --size 80x24 bad.json good.json
  assert_line --index 0 --regexp ' 1/1, 1 file failed  degraded$'
  run --separate-stderr -2 dumpctl view --once --size 50x24 bad.json good.json
  assert_line --index 0 --regexp ' 1/1, 1 failed  degraded$'
  run --separate-stderr -2 dumpctl view --once bad.json
  assert_output ""
}

@test "view: of a file with many bad documents the first are told, and how many there are more" {
  local i
  mkdir dumps
  four >dumps/good.json
  { for ((i = 0; i < 10; i++)); do echo '{"schema":"no"}'; done; } >dumps/ten.jsonl
  { cat dumps/ten.jsonl && four && echo '{}'; } >dumps/eleven.jsonl
  { cat dumps/ten.jsonl dumps/ten.jsonl && four && echo '{}' && printf '{\n "schema": no,\n "x": 1}\n'; } >dumps/broken.jsonl
  run --separate-stderr -2 dumpctl view --once --size 80x24 --keys '<Enter>' dumps
  assert_line --index 0 --regexp ' 1/3, 3 files failed  degraded$'
  assert_equal "${#stderr_lines[@]}" 34
  # What ends the reading is told whatever came before it.
  [[ ${stderr_lines[0]} == "dumpctl: dumps/broken.jsonl:1:"* && ${stderr_lines[9]} == "dumpctl: dumps/broken.jsonl:10:"* ]]
  [[ ${stderr_lines[10]} == "dumpctl: dumps/broken.jsonl:24:"* ]]
  assert_equal "${stderr_lines[11]}" "dumpctl: dumps/broken.jsonl: the rest of the input was not read"
  assert_equal "${stderr_lines[12]}" \
    "dumpctl: dumps/broken.jsonl: 11 more documents are bad; dumpctl decode --check tells of each"
  [[ ${stderr_lines[13]} == "dumpctl: dumps/eleven.jsonl:1:"* && ${stderr_lines[22]} == "dumpctl: dumps/eleven.jsonl:10:"* ]]
  assert_equal "${stderr_lines[23]}" \
    "dumpctl: dumps/eleven.jsonl: 1 more document is bad; dumpctl decode --check tells of each"
  [[ ${stderr_lines[24]} == "dumpctl: dumps/ten.jsonl:1:"* && ${stderr_lines[33]} == "dumpctl: dumps/ten.jsonl:10:"* ]]
  # It does.
  run --separate-stderr -2 dumpctl decode --check dumps/eleven.jsonl
  assert_equal "${#stderr_lines[@]}" 11
}

@test "view: standard input" {
  four >r.json
  run dumpctl view --once --size 80x24 - <r.json
  assert_success
  assert_line --index 0 --partial "<stdin>"
}

# ---- the size, the colours, the characters ----

@test "view: --once takes its size from --width, COLUMNS and LINES, else 80x24" {
  four >r.json
  size_of() {
    # shellcheck disable=SC2086  # perhaps no option at all
    run --keep-empty-lines env "${@:2}" "$DUMPCTL" view --once $1 r.json
    echo "$(rows) ${#lines[0]}"
  }
  assert_equal "$(size_of '')" "24 79"
  assert_equal "$(size_of '' COLUMNS=50 LINES=12)" "12 49"
  assert_equal "$(size_of '--width=60' COLUMNS=50 LINES=12)" "12 59"
  assert_equal "$(size_of '--size=70x11' COLUMNS=50 LINES=12)" "11 69"
}

@test "view: a script can resize the screen and go on" {
  captured >r.json
  once 80x24 '<Enter><1x1>jj<40x10><Esc>' r.json
  assert_equal "$(rows)" 10
  assert_line --index 8 " vCPU 0: parked, ip 0xffffffff81a3c2f0"
}

@test "view: keys behind the last q are not pressed" {
  four >r.json
  once 80x24 'jqj' r.json
  assert_line --regexp '^ >1 X not_parked'
}

@test "view: colour says nothing that words do not" {
  four >r.json
  dumpctl view --once --size 80x24 --color never r.json >plain
  dumpctl view --once --size 80x24 --color always r.json >coloured
  run ! grep -q $'\033' plain
  grep -q $'\033\\[0;1;31m' coloured
  sed 's/\x1b\[[0-9;]*m//g' coloured | diff plain -
}

@test "view: a terminal without UTF-8 gets ASCII" {
  printf '{"schema":"degraded","reason":"caf\303\251 \346\274\242","watchpoint_hit":false,%s}' \
    '"bss_latch_state":"x"' >r.json
  LC_ALL=C run dumpctl view --once --size 80x24 r.json
  assert_line --index 1 ' caf\xe9 \u6f22'
  run dumpctl view --once --size 80x24 r.json
  assert_line --index 1 ' café 漢'
}

@test "view: three million slots are no burden" {
  {
    printf '{"schema":"degraded","reason":"x","watchpoint_hit":true,"bss_latch_state":"y",'
    printf '"vcpu_regs":['
    head -c 16500000 < <(yes 'null,' | tr -d '\n')
    printf 'null]}'
  } >r.json
  (
    if [ -z "${SANITIZE:-}" ]; then ulimit -v 200000; fi
    dumpctl view --once --size 80x24 --keys 'GffffzzNn<Enter><Left><Esc>' r.json
  ) >screen
  grep -q '^ vCPU 3299999: not_parked' screen
}

# ---- usage ----

@test "view: wrong options are usage errors" {
  four >r.json
  for options in '--size=80x24' '--width=40' '--once --size=80' '--once --size=0x0' \
    '--once --size=80x24 --width=40' '--once --keys=<Foo>' '--once --keys=<' '--once --nonsense'; do
    # shellcheck disable=SC2086  # a list of words
    run --separate-stderr -2 dumpctl view $options r.json
    assert_output ""
    [[ $stderr == *"dumpctl view --help"* ]]
  done
}

@test "view: every key of the help of --keys is one" {
  four >r.json
  keys=$(dumpctl view --help | grep -o '<[A-Za-z0-9,-]*>' | tr -d '\n')
  [[ $keys == *"<PgDn>"*"<C-l>"*"<40x10>"* ]]
  once 80x24 "$keys" r.json
  assert_equal "$status" 0
}

@test "view: without a terminal it says what to do" {
  four >r.json
  run --separate-stderr -2 dumpctl view r.json
  assert_output ""
  assert_equal "$stderr" "dumpctl: standard output is not a terminal; view --once prints the screen as text"
}

# ---- a real terminal ----

# refuses TYPE: a terminal of that type is told what to do instead
refuses() {
  four >r.json
  screen_start 100 24 env TERM="$1" "$DUMPCTL" view r.json
  wait_for_text "view --once"
  wait_for_text "[ended 2]"
}

@test "view: TERM that is not set" {
  refuses ''
}

@test "view: TERM=dumb" {
  refuses dumb
}

@test "view: TERM that nobody knows" {
  refuses no-such-terminal
}

@test "view: keys work, and q leaves the terminal as it was" {
  captured >r.json
  screen_start 80 24 sh -c 'echo before; stty -g >1; "$0" view r.json; code=$?; stty -g >2; exit $code' "$DUMPCTL"
  wait_for_text "1-4 of 4"
  screen_keys Down
  wait_for_text ">1 X not_parked"
  screen_keys Enter
  wait_for_text "did not answer 41 kicks"
  wait_for_text "Esc back"
  screen_keys Escape
  wait_for_text "Enter open"
  screen_keys '?'
  wait_for_text "among the vCPUs"
  screen_keys q
  wait_for_text "1-4 of 4"
  screen_keys q
  wait_for_text "[ended 0]"
  wait_for_text "before"
  run ! screen_has "vCPU rendezvous"
  cmp 1 2
}

@test "view: --keys come before those of the terminal" {
  four >r.json
  screen_start 80 24 "$DUMPCTL" view --keys 'jj' r.json
  wait_for_text ">2 . parked"
  screen_keys j
  wait_for_text ">3 X not_parked"
}

@test "view: the screen follows the terminal's size" {
  many 300 >r.json
  screen_start 80 24 "$DUMPCTL" view r.json
  wait_for_text "1-72 of 300"
  tmux_ resize-window -x 132 -y 43
  wait_for_text "1-259 of 300"
  tmux_ resize-window -x 20 -y 5
  wait_for_text "is too small"
  tmux_ resize-window -x 1 -y 1
  tmux_ resize-window -x 80 -y 24
  wait_for_text "1-72 of 300"
  screen_keys q
  wait_for_text "[ended 0]"
}

@test "view: COLUMNS and LINES do not outlive a resize" {
  many 300 >r.json
  screen_start 80 24 env COLUMNS=80 LINES=24 "$DUMPCTL" view r.json
  wait_for_text "1-72 of 300"
  tmux_ resize-window -x 132 -y 43
  wait_for_text "1-259 of 300"
}

@test "view: C-z stops it, fg brings the screen back" {
  four >r.json
  screen_start 80 24 bash -c 'set -m; stty -g >1; "$0" view r.json; echo "stopped $?"; stty -g >2
    read -r; fg >/dev/null; echo "left $?"; stty -g >3' "$DUMPCTL"
  wait_for_text "[vcpus]"
  screen_keys C-z
  wait_for_text "stopped 148"
  screen_keys Enter
  wait_for_text "[vcpus]"
  screen_keys j
  wait_for_text ">1 X not_parked"
  screen_keys q
  wait_for_text "left 0"
  wait_for_text "[ended 0]"
  cmp 1 2
  cmp 1 3
}

# ends_by SIGNAL: it restores the terminal and ends the program
ends_by() {
  four >r.json
  screen_start 80 24 bash -c 'ulimit -c 0; stty -g >1
    (echo $BASHPID >pid; exec "$0" view r.json)
    echo "status $?"; stty -g >2' "$DUMPCTL"
  wait_for_text "[vcpus]"
  kill "-$1" "$(cat pid)"
  wait_for_text "status $((128 + $(kill -l "$1")))"
  run ! screen_has "[vcpus]"
  wait_for_text "[ended 0]"
  cmp 1 2
}

@test "view: SIGTERM restores the terminal" {
  ends_by TERM
}

@test "view: SIGHUP restores the terminal" {
  ends_by HUP
}

@test "view: SIGQUIT restores the terminal" {
  ends_by QUIT
}

@test "view: a crash restores the terminal" {
  # A sanitizer would end the program in its own way.
  export ASAN_OPTIONS=${ASAN_OPTIONS:-}:handle_segv=0 UBSAN_OPTIONS=${UBSAN_OPTIONS:-}:handle_segv=0
  ends_by SEGV
}

@test "view: F1 is the help, and a key without a meaning says so" {
  four >r.json
  screen_start 80 24 "$DUMPCTL" view r.json
  wait_for_text "[vcpus]"
  screen_keys F5
  wait_for_text "this key has no meaning here; ? shows all keys"
  screen_keys F1
  wait_for_text "-- keys -"
  screen_keys q q
  wait_for_text "[ended 0]"
}

@test "view: C-c leaves" {
  four >r.json
  # The key strikes a group of processes, of which the shells must not be.
  screen_start 80 24 sh -c 'set -m; trap "" INT; stty -g >1
    env --default-signal=INT "$0" view r.json; echo "status $?"; stty -g >2' "$DUMPCTL"
  wait_for_text "[vcpus]"
  screen_keys C-c
  wait_for_text "status 130"
  wait_for_text "[ended 0]"
  cmp 1 2
}

@test "view: it does not outlive its terminal" {
  four >r.json
  screen_start 80 24 sh -c 'echo $$ >pid; exec "$0" view r.json' "$DUMPCTL"
  wait_for_text "[vcpus]"
  screen_stop
  gone() { ! kill -0 "$(cat pid)" 2>/dev/null; }
  wait_until gone
}

@test "view: a report from a pipe, keys from the terminal" {
  four >r.json
  screen_start 80 24 sh -c 'cat r.json | "$0" view -' "$DUMPCTL"
  wait_for_text "<stdin>"
  screen_keys Down
  wait_for_text ">1 X not_parked"
  screen_keys q
  wait_for_text "[ended 0]"
}

@test "view: the first fault is read on a screen that was never left" {
  echo '{"schema":"degraded"}' >bad.json
  screen_start 80 24 sh -c 'echo before; "$0" view bad.json' "$DUMPCTL"
  wait_for_text "bad.json:1:"
  wait_for_text "before"
  wait_for_text "[ended 2]"
}

@test "view: idle, it sleeps" {
  four >r.json
  screen_start 80 24 sh -c 'echo $$ >pid; exec "$0" view r.json' "$DUMPCTL"
  wait_for_text "[vcpus]"
  # How often it has run until now; the screen is read meanwhile, which takes a while.
  runs() { grep ctxt_switches "/proc/$(cat pid)/status"; }
  settled() {
    local before
    before=$(runs)
    for _ in {1..30}; do screen_has "[vcpus]"; done
    [ "$(runs)" = "$before" ]
  }
  wait_until settled
}
