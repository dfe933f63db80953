#!/usr/bin/env bats
# `dumpctl capture` on real KVM. Where /dev/kvm cannot be used these tests skip by name.
# shellcheck disable=SC2154  # run sets output and stderr

load helpers

setup() {
  # Not the folder of bats itself, which keeps files there.
  mkdir "$BATS_TEST_TMPDIR/here" && cd "$BATS_TEST_TMPDIR/here" || return 1
}

teardown() {
  screen_stop
}

# not_parked FILE: the ids of the vCPUs that never parked, as jq prints them.
not_parked() {
  dumpctl decode "$1" | jq -c '[.snapshots[].vcpus[] | select(.state=="not_parked").id]'
}

# threads_seen FILE: the ids of the vCPUs whose host threads were looked at, as jq prints them.
threads_seen() {
  jq -c '[.dumpctl.vcpus[] | select(has("thread_first") or has("thread_last")).id]' "$1"
}

# nothing_here: the current folder is empty, hidden files too.
nothing_here() {
  [ -z "$(ls -A)" ]
}

# ---- full reports ----

@test "bare capture writes a full report here and prints its path alone" {
  require_kvm
  run --separate-stderr dumpctl capture
  assert_success
  assert_equal "${#lines[@]}" 1
  [[ $output =~ ^dumpctl-[0-9]{8}-[0-9]{6}(-[0-9]+)?\.failure-dump\.json$ ]]
  assert_equal "$(ls -A)" "$output"
  run dumpctl show --short "$output"
  assert_success
  assert_output --partial "single"
  assert_output --partial "4/4"
}

@test "a stalled CPU inside the guest parks like any other: full report, exit kind 1026" {
  require_kvm
  dumpctl capture --guest demo:stall --vcpus 4 -o full.json
  run jq -c '[.schema, (.vcpu_regs | length), (.vcpu_regs | index(null)), .dumpctl.trigger,
              .dumpctl.outcome, .dumpctl.exit_kind, .dumpctl.bss_latch_state]' full.json
  assert_output '["single",4,null,"latch","complete",1026,"triggered"]'
}

@test "the report is canonical: its wire form is the same bytes" {
  require_kvm
  dumpctl capture -o full.json
  dumpctl capture --vcpus 3 --inject stuck=1 --timeout 100 -o degraded.json || [ $? -eq 3 ]
  dumpctl decode --wire full.json | cmp - full.json
  dumpctl decode --wire degraded.json | cmp - degraded.json
}

@test "the report knows every member: --strict accepts it" {
  require_kvm
  dumpctl capture -o full.json
  dumpctl decode --strict full.json >/dev/null
}

@test "per vCPU the report has general, control and segment registers and the time to park" {
  require_kvm
  dumpctl capture --vcpus 2 -o full.json
  run jq -c '.dumpctl.vcpus[1] | [.id, .state, (.regs | length), .control.cr0 > 0,
             ([.segments[].name] | join(" ")), .mp_state, (.park_us >= 0)]' full.json
  assert_output '[1,"parked",18,true,"cs ss ds es fs gs tr ldt","RUNNABLE",true]'
  run jq -c '[.vcpu_regs[].instruction_pointer] == [.dumpctl.vcpus[].regs.rip]' full.json
  assert_output true
}

@test "one vCPU: the watchdog stalls itself and still fires" {
  require_kvm
  run --separate-stderr dumpctl capture --vcpus 1 -o one.json
  assert_success
  assert_equal "$(jq .dumpctl.exit_kind one.json)" 1026
}

@test "demo:error: exit kind 1024" {
  require_kvm
  dumpctl capture --guest demo:error -o error.json
  assert_equal "$(jq .dumpctl.exit_kind error.json)" 1024
}

@test "a timer freezes a guest that has no fault" {
  require_kvm
  dumpctl capture --guest demo:spin --trigger timer=20 -o spin.json
  run jq -c '[.dumpctl.trigger, .dumpctl.exit_kind, .dumpctl.bss_latch_state]' spin.json
  assert_output '["timer",0,"not_triggered"]'
}

@test "200 vCPUs with a soft limit of 64 open files: capture raises it itself" {
  require_kvm
  run --separate-stderr bash -c "ulimit -S -n 64 && '$DUMPCTL' capture --guest demo:spin \
    --vcpus 200 --trigger timer=50 -o many.json"
  assert_success
  assert_equal "$(jq '.vcpu_regs | length' many.json)" 200
}

@test "-o - writes the report, and nothing else, to stdout" {
  require_kvm
  dumpctl capture -o - 2>err >out
  jq -e '.schema == "single"' out >/dev/null
  assert_equal "$(ls -A)" $'err\nout'
}

@test "--json names the report and the counts" {
  require_kvm
  run --separate-stderr dumpctl capture --json --vcpus 2 -o r.json
  assert_success
  assert_equal "$(jq -c . <<<"$output")" '{"report":"r.json","variant":"single","outcome":"complete","trigger":"latch","parked":2,"total":2,"not_parked":[]}'
}

# ---- degraded reports ----

@test "the summary of a degraded report names the cause and the vCPUs; so does --json" {
  require_kvm
  run --separate-stderr dumpctl capture --inject stuck=2 --timeout 300 -o d.json
  assert_equal "$status" 3
  [[ $stderr == "dumpctl: degraded report: vCPU rendezvous timed out after 300 ms; parked 3/4; not_parked: vCPU 2; trigger latch, exit_kind 1026 (SCX_EXIT_ERROR_STALL)"* ]]
  # On a busy host the look at the thread may come between a kick and its being taken.
  [[ $stderr =~ "dumpctl: vcpu 2 not_parked: injected (stuck): "[0-9]+" kicks"( taken|, the latest pending)", " ]]
  run --separate-stderr dumpctl capture --json --guest demo:spin --trigger timer=20 --vcpus 8 \
    --inject stuck=2,5,6 --timeout 300 -o j.json
  assert_equal "$(jq -c . <<<"$output")" '{"report":"j.json","variant":"degraded","outcome":"timeout","trigger":"timer","parked":5,"total":8,"not_parked":[2,5,6]}'
  [[ $stderr == *"not_parked: vCPUs 2,5-6;"* ]]
}

@test "vCPUs that run on are said in the report, and the latch at the trigger" {
  require_kvm
  run --separate-stderr dumpctl capture --inject stuck=0 --timeout 100 -o d.json
  run jq -r '.dumpctl | .not_frozen, .bss_latch_state_at_trigger' d.json
  assert_line --index 0 "guest time (TSC, kvmclock); vCPUs not parked run on: latch and exit_kind were read from a running guest"
  assert_line --index 1 triggered
  dumpctl capture -o full.json
  assert_equal "$(jq -r .dumpctl.not_frozen full.json)" "guest time (TSC)"
}

@test "nobody parked: neither the report nor the summary has a latency" {
  require_kvm
  run --separate-stderr dumpctl capture --vcpus 2 --inject stuck=0,1 --timeout 50 -o none.json
  assert_equal "$status" 3
  [[ $stderr != *"last vCPU parked"* ]]
  [[ $stderr == *"parked 0/2; not_parked: vCPUs 0-1;"* ]]
  assert_equal "$(jq -c '.dumpctl.freeze | has("latency_us")' none.json)" false
}

@test "no pending signals allowed: kicks arrive all the same" {
  require_kvm
  run --separate-stderr bash -c "ulimit -i 0 && '$DUMPCTL' capture --guest demo:spin \
    --trigger timer=50 --timeout 1000 -o spin.json"
  assert_success
  assert_equal "$(jq '.vcpu_regs | index(null)' spin.json)" null
}

@test "two stuck of eight and a timeout of 40 ms: the other six park" {
  require_kvm
  for round in 1 2 3; do
    run --separate-stderr dumpctl capture --guest demo:spin --trigger timer=20 --vcpus 8 \
      --inject stuck=2,5 --timeout 40 -o "d$round.json"
    assert_equal "$status" 3
    assert_equal "$(not_parked "d$round.json")" "[2,5]"
  done
}

@test "a terminal that was stopped does not hold the freeze beyond its deadline" {
  require_kvm
  screen_start 100 24 bash -c "'$DUMPCTL' capture --inject stuck=2 --timeout 3000 -o d.json & \
    until [ -e d.json ]; do sleep 0.05; done; echo done >flag; wait"
  wait_for_text "parked 3/4"
  tmux_ send-keys C-s
  wait_until [ -e flag ]
  tmux_ send-keys C-q
  [ "$(jq .elapsed_ms d.json)" -lt 4500 ]
}

@test "two stuck of eight: exit 3, and exactly those two are not_parked" {
  require_kvm
  run --separate-stderr dumpctl capture --guest demo:stall --vcpus 8 --inject stuck=2,5 \
    --timeout 500 -o d.json
  assert_equal "$status" 3
  assert_equal "$output" d.json
  assert_equal "$(not_parked d.json)" "[2,5]"
  run jq -r .reason d.json
  assert_output --regexp '^vCPU rendezvous timed out before parked acknowledgement: [0-9]+ms; 6/8 vCPUs parked$'
  assert_equal "$(jq '.reason | capture(": (?<ms>[0-9]+)ms").ms | tonumber' d.json)" \
    "$(jq .elapsed_ms d.json)"
  [ "$(jq .elapsed_ms d.json)" -ge 500 ]
}

@test "why it did not park: a thread that takes its kicks and goes on is told as such" {
  require_kvm
  run --separate-stderr dumpctl capture --guest demo:spin --trigger timer=20 --vcpus 4 \
    --inject stuck=2 --timeout 500 -o d.json
  assert_equal "$status" 3
  run jq -r '.dumpctl.vcpus[2].why' d.json
  assert_output --regexp '^injected .stuck.: [0-9]+ kicks?( taken|, the latest pending), host thread R '
  assert_output --regexp ', last exit [A-Z]+.* [0-9]+ ms ago$'
  run jq -c '.dumpctl.vcpus[2].thread_last | [.state, .kvm_runs > 0, .run_ns > 0, .cpu >= 0, .at_us >= 400000]' d.json
  assert_output '["R",true,true,true,true]'
  assert_equal "$(threads_seen d.json)" "[2]"
  assert_equal "$(jq '[.dumpctl.vcpus[].last_exit_us] | map(numbers) | length' d.json)" 4
  dumpctl decode --wire d.json | cmp - d.json
  dumpctl capture -o full.json
  assert_equal "$(threads_seen full.json)" "[]"
}

@test "two stuck of eight, ten times: with raised priorities the other six always park" {
  require_kvm
  require_root
  for round in 1 2 3 4 5 6 7 8 9 10; do
    run --separate-stderr dumpctl capture --guest demo:spin --trigger timer=5 --vcpus 8 \
      --inject stuck=2,5 --timeout 1000 -o "d$round.json"
    assert_equal "$status" 3
    assert_equal "$(not_parked "d$round.json")" "[2,5]"
  done
}

@test "two stuck of eight without raised priorities: the other six park" {
  require_kvm
  run --separate-stderr dumpctl capture --no-realtime --vcpus 8 --inject stuck=2,5 \
    --timeout 2000 -o d.json
  assert_equal "$status" 3
  assert_equal "$(not_parked d.json)" "[2,5]"
  assert_equal "$(jq .dumpctl.freeze.realtime d.json)" false
}

@test "a vCPU that waits in the kernel for its memory cannot park, and the report says so" {
  require_kvm
  run --separate-stderr dumpctl capture --vcpus 4 --inject fault=2 --timeout 500 -o d.json
  if [ "$status" -eq 4 ]; then skip "no permission for userfaultfd: $stderr"; fi
  if [ "$status" -eq 0 ]; then skip "this host lets the kick through a fault"; fi
  assert_equal "$status" 3
  assert_equal "$(not_parked d.json)" "[2]"
  # Some kernels let it sleep on, others let it try again and again.
  run jq -r '.dumpctl.vcpus[2].why' d.json
  assert_output --regexp '^injected .fault.: kick pending [0-9]+ ms, host thread ([SD] in handle_userfault, inside|R(, spinning)? in) KVM_RUN'
  assert_equal "$(jq -c '.dumpctl.vcpus[2].thread_last | [.kick_pending, .in_kvm_run]' d.json)" "[true,true]"
  assert_equal "$(threads_seen d.json)" "[2]"
}

@test "SIGTERM in the rendezvous: degraded report with the kill reason" {
  require_kvm
  screen_start 100 24 "$DUMPCTL" capture --vcpus 3 --inject stuck=1 -o killed.json
  wait_for_text "parked 2/3, waiting for vcpu 1"
  pkill -TERM -x -f "$DUMPCTL capture --vcpus 3 --inject stuck=1 -o killed.json"
  wait_for_text "[ended 3]"
  run jq -r .reason killed.json
  assert_output --regexp '^vCPU rendezvous aborted by external kill before parked acknowledgement: [0-9]+ms; 2/3 vCPUs parked$'
  assert_equal "$(not_parked killed.json)" "[1]"
}

@test "SIGTERM ends a write that blocks" {
  require_kvm
  mkfifo fifo
  exec 9<>fifo
  "$DUMPCTL" capture --guest demo:spin --trigger timer=20 --vcpus 100 -o fifo 2>err 9>&- 3>&- &
  local pid=$!
  IFS= read -r -N 1 -u 9 # the first byte is there, and a pipe does not hold the rest
  kill -TERM "$pid"
  local code=0
  wait "$pid" || code=$?
  exec 9>&-
  assert_equal "$code" 143
}

@test "SIGTERM ends a write that blocks, and leaves nothing of a memory image" {
  require_kvm
  mkdir image
  mkfifo fifo
  exec 9<>fifo
  "$DUMPCTL" capture --guest demo:spin --trigger timer=20 --vcpus 100 -o fifo --memory-image image/core \
    2>err 9>&- 3>&- &
  local pid=$!
  IFS= read -r -N 1 -u 9 # the image is written by then
  compgen -G 'image/.dumpctl-*'
  kill -TERM "$pid"
  local code=0
  wait "$pid" || code=$?
  exec 9>&-
  assert_equal "$code" 143
  assert_equal "$(ls -A image)" ""
}

@test "nohup: SIGHUP stays ignored" {
  require_kvm
  bash -c "trap '' HUP; exec '$DUMPCTL' capture --guest demo:spin --trigger timer=1500 -o r.json" \
    2>err 3>&- &
  local pid=$!
  wait_until compgen -G '.dumpctl-*' # the temporary file comes after the handlers
  kill -HUP "$pid"
  wait "$pid"
  jq -e '.schema == "single"' r.json >/dev/null
}

# ---- nothing to capture ----

@test "a guest that ends by itself: one sentence, exit 1, nothing written" {
  require_kvm
  run --separate-stderr dumpctl capture --guest demo:clean
  assert_equal "$status" 1
  assert_equal "$output" ""
  [[ $stderr == *"nothing to capture: the guest ended by itself"* ]]
  nothing_here
}

@test "--run-for without a trigger: one sentence, exit 1, nothing written" {
  require_kvm
  run --separate-stderr dumpctl capture --guest demo:spin --run-for 50
  assert_equal "$status" 1
  [[ $stderr == *"no trigger in 50 ms"* ]]
  nothing_here
}

@test "SIGINT before a trigger: exit 1, nothing written" {
  require_kvm
  screen_start 100 24 "$DUMPCTL" capture --guest demo:spin
  wait_for_text "waiting for the latch"
  screen_keys C-c
  wait_for_text "[ended 1]"
  nothing_here
}

# ---- what goes wrong ----

@test "no /dev/kvm: exit 4, a sentence with the remedy, nothing left behind" {
  require_root
  run --separate-stderr unshare -m bash -c \
    "mount -t tmpfs none /dev && exec '$DUMPCTL' capture </proc/self/fd/1"
  if [[ $stderr == *unshare* ]]; then skip "cannot make a mount namespace"; fi
  assert_equal "$status" 4
  [[ $stderr == *"/dev/kvm"* ]]
  assert_equal "$output" ""
  nothing_here
}

@test "too many vCPUs: exit 2" {
  require_kvm
  run --separate-stderr dumpctl capture --vcpus 1000000
  assert_equal "$status" 2
  [[ $stderr == *"too many"* ]]
  nothing_here
}

@test "a file that is no guest: exit 2 and a sentence that names it" {
  require_kvm
  echo "not ELF" >text
  head -c 100 "$DUMPCTL" >short
  : >empty
  for file in text short empty "$DUMPCTL" /nonexistent .; do
    run --separate-stderr dumpctl capture --guest "$file" -o out.json
    assert_equal "$status" 2
    [[ $stderr == *"$file"* ]]
    [ ! -e out.json ]
  done
}

@test "an output that cannot be written is found out before the guest runs" {
  require_kvm
  echo kept >taken
  run --separate-stderr dumpctl capture -o taken
  assert_equal "$status" 2
  [[ $stderr == *"--force"* ]]
  assert_equal "$(cat taken)" kept
  run --separate-stderr dumpctl capture -o missing/report.json
  assert_equal "$status" 2
  run --separate-stderr dumpctl capture -o .
  assert_equal "$status" 2
  assert_equal "$(ls -A)" taken
}

@test "--force replaces a report" {
  require_kvm
  echo old >taken
  dumpctl capture --force -o taken
  jq -e '.schema == "single"' taken >/dev/null
}

@test "a report that cannot be written goes to stderr, whole" {
  require_kvm
  run --separate-stderr dumpctl capture -o /dev/full
  assert_equal "$status" 2
  assert_equal "$(grep '^{"schema"' <<<"$stderr" | jq -r .schema)" single
}

@test "a reader of -o - that goes away loses nothing: the report goes to stderr, exit 2" {
  require_kvm
  run bash -c "set -o pipefail; '$DUMPCTL' capture -o - 2>err | true"
  assert_equal "$status" 2
  assert_equal "$(grep '^{"schema"' err | jq -r .schema)" single
}

@test "-o /dev/stdout is -o -, and a file behind stderr is not replaced" {
  require_kvm
  echo first >out
  dumpctl capture -o /dev/stdout >>out 2>err
  assert_equal "$(head -n 1 out)" first
  tail -n +2 out | jq -e '.schema == "single"' >/dev/null
  run bash -c "'$DUMPCTL' capture --force -o both 2>both"
  assert_equal "$status" 2
  assert_equal "$(cat both)" "dumpctl: both: is standard error; use another file, or -o -"
}

@test "a path that cannot be told on stdout is told on stderr" {
  require_kvm
  run --separate-stderr bash -c "'$DUMPCTL' capture -o r.json >/dev/full"
  assert_equal "$status" 2
  [[ $stderr == *"the report is in r.json"* ]]
  jq -e '.schema == "single"' r.json >/dev/null
}

@test "a terminal shows the path escaped, a program gets it raw" {
  require_kvm
  run --separate-stderr dumpctl capture -o $'a\eb.json'
  assert_equal "$output" $'a\eb.json'
  screen_start 100 24 "$DUMPCTL" capture -o $'c\ed.json'
  wait_for_text 'c\x1bd.json'
}

@test "limits on file sizes are faults like any other" {
  require_kvm
  run --separate-stderr bash -c "ulimit -f 8 && '$DUMPCTL' capture -o r.json"
  assert_equal "$status" 4
  [[ $stderr == *"ulimit -f"* ]]
  nothing_here
  truncate -s 8M big
  run --separate-stderr bash -c "ulimit -f 8192 && '$DUMPCTL' capture -m 4 -o - >>big"
  assert_equal "$status" 2
  [[ $stderr == *"File too large"* ]]
  assert_equal "$(grep '^{"schema"' <<<"$stderr" | jq -r .schema)" single
}

@test "outputs that name no file: one clear sentence each" {
  local path words
  while IFS='|' read -r path words; do
    run --separate-stderr dumpctl capture -o "$path"
    assert_equal "$status" 2
    assert_equal "$stderr" "dumpctl: $words"
  done <<'END'
|the name of the output is empty
none/|none/: names a folder, which does not exist; name a file
none/r.json|none/r.json: cannot be created: its folder does not exist
/proc/r.json|/proc/r.json: cannot be created: its folder takes no new files
END
  nothing_here
}

@test "a fault on a vCPU that the latch needs is refused, unless something else ends the run" {
  require_kvm
  for id in 0 3; do
    run --separate-stderr dumpctl capture --inject fault=$id
    assert_equal "$status" 2
    [[ $stderr == *"--inject fault=$id: vCPU $id is"*"use --trigger timer=MS or --run-for"* ]]
  done
  nothing_here
}

# build_guest BODY OPTION...: guest.elf, whose vCPUs all run BODY.
build_guest() {
  local body=$1
  shift
  printf '#include "guest.h"\nvoid _start(uint32_t cpu, const struct guest_boot *boot) {\n(void)boot; %s\nfor (;;);\n}\n' \
    "$body" >guest.c
  "${CC:-cc}" -O2 -ffreestanding -mgeneral-regs-only -nostdlib -static -no-pie \
    -Wl,-Ttext-segment=0x200000 -I "$ROOT/capture/guests" "$@" -o guest.elf guest.c
}

@test "a latch outside the memory can never be set: refused" {
  require_kvm
  build_guest "(void)cpu;" -Wl,--defsym=err_exit_detected=0x40000000
  run --separate-stderr dumpctl capture --guest guest.elf -o out.json
  assert_equal "$status" 2
  assert_equal "$stderr" "dumpctl: guest.elf: err_exit_detected lies at 0x40000000, outside the guest's 64 MiB"
  [ ! -e out.json ]
}

@test "a crash: the summary and the report say which vCPU, and of what" {
  require_kvm
  build_guest 'if (cpu == 1) __asm__ volatile("ud2");'
  run --separate-stderr dumpctl capture --guest guest.elf --trigger timer=60000 \
    --inject stuck=1 --timeout 100 -o crash.json
  assert_equal "$status" 3
  assert_equal "${stderr_lines[0]}" "dumpctl: degraded report: guest crashed (vCPU 1: KVM_EXIT_SHUTDOWN); parked 3/4; not_parked: vCPU 1; trigger crash"
  [[ ${stderr_lines[1]} == "dumpctl: vcpu 1 not_parked: injected (stuck): "*", last exit SHUTDOWN "*" ms ago" ]]
  assert_equal "${#stderr_lines[@]}" 2
  run jq -r '.reason, .dumpctl.crashed_vcpu, .dumpctl.vcpus[1].why' crash.json
  assert_line --index 0 --regexp '^guest crashed before capture: [0-9]+ms; 3/4 vCPUs parked$'
  assert_line --index 1 1
  assert_line --index 2 --regexp '^injected .stuck.: [0-9]+ kicks?( taken|, the latest pending), host thread .*; crashed: KVM_EXIT_SHUTDOWN$'
}

@test "usage errors: exit 2, and how to get help" {
  for arguments in "--trigger never" "--trigger timer=x" "--timeout 0" "--vcpus 0" \
    "--memory 1" "--inject what=1" "--inject stuck=" "--inject stuck=9" "operand" "--force"; do
    # shellcheck disable=SC2086
    run --separate-stderr dumpctl capture $arguments
    assert_equal "$status" 2
    assert_equal "$output" ""
  done
  nothing_here
}
