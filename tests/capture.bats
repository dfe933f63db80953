#!/usr/bin/env bats
# `dumpctl capture` on real KVM. Where /dev/kvm cannot be used these tests skip by name.

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
  assert_equal "$(jq -c . <<<"$output")" '{"report":"r.json","variant":"single","parked":2,"total":2}'
}

# ---- degraded reports ----

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
  # shellcheck disable=SC2154 # bats sets stderr
  if [ "$status" -eq 4 ]; then skip "no permission for userfaultfd: $stderr"; fi
  if [ "$status" -eq 0 ]; then skip "this host lets the kick through a fault"; fi
  assert_equal "$status" 3
  assert_equal "$(not_parked d.json)" "[2]"
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
