#!/usr/bin/env bats
# The whole run of `dumpctl capture` on real KVM: triggers, siblings, early and late, what becomes
# of the guest. Where /dev/kvm cannot be used these tests skip by name.
# shellcheck disable=SC2154  # run sets output and stderr

load helpers

setup() {
  mkdir "$BATS_TEST_TMPDIR/here" && cd "$BATS_TEST_TMPDIR/here" || return 1
}

teardown() {
  screen_stop
  if [ -n "${pid:-}" ]; then
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  fi
}

# begin ARG...: a capture in the background, as $pid; what it prints is in the files out and err.
begin() {
  "$DUMPCTL" capture "$@" >out 2>err 3>&- &
  pid=$!
}

# finish: waits for it; its exit code is in $code.
finish() {
  code=0
  wait "$pid" || code=$?
  pid=
}

# ask WORDS: says a line on the control socket here, and prints the answer.
ask() {
  python3 - "$1" <<'END'
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.settimeout(60)
s.connect("ctl")
s.sendall(sys.argv[1].encode() + b"\n")
print(s.makefile().readline(), end="")
END
}

# fact FILE FILTER: what jq says of the member dumpctl.
fact() {
  jq -c ".dumpctl | $2" "$1"
}

# ---- triggers ----

@test "a latch with its page to itself is watched by a read-only slot, and the report says so" {
  require_kvm
  dumpctl capture --guest demo:error -o r.json
  run fact r.json '[.trigger, .seen_by, has("trigger_us")]'
  assert_output '["latch","read-only slot",true]'
  dumpctl show --width=300 r.json >shown
  grep -q "trigger latch (read-only slot, .* after the store)" shown
}

@test "--watch-by poll looks at it, and says how often" {
  require_kvm
  dumpctl capture --guest demo:error --watch-by poll --poll 2000 -o r.json
  run fact r.json '[.trigger, .seen_by, has("trigger_us")]'
  assert_output '["latch","poll every 2000 us",false]'
}

@test "--trigger watchpoint: the store of an error to the exit kind" {
  require_kvm
  dumpctl capture --guest demo:error --trigger watchpoint -o r.json
  # The gate is asked exactly where the latch, which the guest sets soon after, did not say
  # the same yet when the hit was seen.
  run fact r.json '[.trigger, .watchpoint_hit, .exit_kind,
    .exit_kind_gate == (if .bss_latch_state_at_trigger == "triggered" then null else "error" end)]'
  assert_output '["watchpoint",true,1024,true]'
}

@test "--trigger exit-kind: the same by looking" {
  require_kvm
  dumpctl capture --guest demo:error --trigger exit-kind -o r.json
  run fact r.json '[.trigger, .watchpoint_hit, .exit_kind, .seen_by]'
  assert_output '["exit_kind",false,1024,"poll every 1000 us"]'
}

@test "a place by symbol, pointer, offset or address" {
  require_kvm
  dumpctl capture --guest demo:error --trigger exit-kind --exit-kind '*scx_root+0x0' -o a.json
  assert_equal "$(fact a.json .exit_kind)" 1024
  address=0x$(nm "$BUILD/capture/guests/demo.elf" | awk '$3 == "err_exit_detected" { print $1 }')
  dumpctl capture --guest demo:error --latch "$address" -o b.json
  assert_equal "$(fact b.json .trigger)" '"latch"'
  run --separate-stderr dumpctl capture --latch no_such_symbol -o c.json
  assert_equal "$status" 2
  [[ $stderr == *no_such_symbol* ]]
}

@test "an exit kind that flips back is suppressed: exit 1, nothing written, one sentence" {
  require_kvm
  run --separate-stderr dumpctl capture --guest demo:flip --trigger watchpoint -o r.json
  assert_equal "$status" 1
  [[ $stderr == *"suppressed by the exit-kind gate: "*" watchpoint hit"* ]]
  [[ $stderr == *"nothing to capture: the guest ended by itself"* ]]
  [ ! -e r.json ]
}

@test "a suppressed hit does not end error capture: the real error is reported" {
  require_kvm
  run --separate-stderr dumpctl capture --guest demo:relapse --trigger watchpoint -o r.json
  assert_success
  [[ $stderr == *"suppressed by the exit-kind gate"* ]]
  assert_equal "$(fact r.json .exit_kind)" 1025
}

@test "--trigger none waits for nothing" {
  require_kvm
  run --separate-stderr dumpctl capture --guest demo:error --trigger none --run-for 300 -o r.json
  assert_equal "$status" 1
  [[ $stderr == *"no trigger in 300 ms"* ]]
}

@test "words that --trigger, --after and --watch-by do not know are refused with those they do" {
  run --separate-stderr dumpctl capture --trigger latch,nothing
  assert_equal "$status" 2
  [[ $stderr == *'"watchpoint"'*'not "nothing"'* ]]
  run --separate-stderr dumpctl capture --after stop
  assert_equal "$status" 2
  [[ $stderr == *'"kill", "resume" or "hold", not "stop"'* ]]
  run --separate-stderr dumpctl capture --watch-by magic
  assert_equal "$status" 2
  run --separate-stderr dumpctl capture --count 3
  assert_equal "$status" 2
  [[ $stderr == *"--every"* ]]
}

# ---- early and late ----

@test "--dual: early and late in one report, canonical" {
  require_kvm
  run --separate-stderr dumpctl capture --dual -o dual.json
  assert_success
  run jq -c '[.schema, .early.dumpctl.trigger, .late.dumpctl.trigger, .dumpctl.guest.name,
              (.early_max_age_jiffies >= .early_threshold_jiffies), .early_threshold_jiffies]' dual.json
  assert_output '["dual","early","latch","demo:stall",true,250]'
  dumpctl decode --wire dual.json | cmp - dual.json
  dumpctl decode --strict dual.json >/dev/null
}

@test "--dual with a scheduler that recovered before its error: both halves" {
  require_kvm
  dumpctl capture --dual --guest demo:late-error -o dual.json
  run jq -c '[.early.dumpctl.exit_kind, .late.dumpctl.exit_kind]' dual.json
  assert_output '[0,1024]'
}

@test "--dual where nobody waited: the report says why there is no early" {
  require_kvm
  dumpctl capture --dual --guest demo:error --watchdog 20000 -o dual.json
  run jq -r '.early_skipped_reason, has("early")' dual.json
  assert_line --index 0 --regexp '^max_age never crossed threshold \(peak=[0-9]+j, threshold=10000j\)$'
  assert_line --index 1 false
}

@test "a degraded late report leaves the early one beside it" {
  require_kvm
  run --separate-stderr dumpctl capture --dual --guest demo:crash --watchdog 50 --vcpus 2 \
    --trigger none -o r.json
  assert_equal "$status" 3
  assert_equal "$(jq -r .schema r.json)" degraded
  if [ -e r.snapshot.early-pre-late-degraded.json ]; then
    assert_equal "$(jq -r .schema r.snapshot.early-pre-late-degraded.json)" single
  fi
}

@test "an early snapshot without a late one is a sibling" {
  require_kvm
  run --separate-stderr dumpctl capture --dual --trigger none --run-for 1500 -o r.json
  assert_success
  assert_equal "$output" r.snapshot.early-only-late-never-fired.json
  assert_equal "$(jq -r .dumpctl.tag "$output")" early-only-late-never-fired
  [ ! -e r.json ]
}

# ---- siblings ----

@test "--every and --count: so many siblings, then the run ends" {
  require_kvm
  run --separate-stderr dumpctl capture --guest demo:spin --every 50 --count 3 -o run.failure-dump.json
  assert_success
  assert_equal "$(ls)" "$(printf 'run.snapshot.periodic_00%s.json\n' 0 1 2)"
  assert_equal "$output" "$(printf 'run.snapshot.periodic_00%s.json\n' 0 1 2)"
  run fact run.snapshot.periodic_001.json '[.tag, .trigger]'
  assert_output '["periodic_001","periodic"]'
}

@test "a tag that is taken gets a number; --force replaces those of an earlier run" {
  require_kvm
  echo kept >run.snapshot.periodic_000.json
  dumpctl capture --guest demo:spin --every 50 --count 1 -o run.json
  assert_equal "$(cat run.snapshot.periodic_000.json)" kept
  run fact run.snapshot.periodic_000-2.json .tag
  assert_output '"periodic_000-2"'
  dumpctl capture --guest demo:spin --every 50 --count 1 --force -o run.json
  jq -e '.schema == "single"' run.snapshot.periodic_000.json >/dev/null
}

@test "two periodic captures that time out are the last" {
  require_kvm
  run --separate-stderr dumpctl capture --guest demo:spin --vcpus 2 --inject stuck=1 --timeout 50 \
    --every 100 -o run.json
  assert_equal "$status" 3
  assert_equal "${#lines[@]}" 2
  [[ $stderr == *"no more periodic captures after two timeouts in a row"* ]]
}

@test "SIGUSR1 asks for a sibling, and the run goes on" {
  require_kvm
  begin --guest demo:spin --trigger none -o run.json
  wait_until compgen -G '.dumpctl-*'
  kill -USR1 "$pid"
  wait_until [ -s out ]
  kill -USR1 "$pid"
  wait_until test -e run.snapshot.signal-2.json
  kill -TERM "$pid"
  finish
  assert_equal "$code" 0
  assert_equal "$(cat out)" "$(printf 'run.snapshot.signal.json\nrun.snapshot.signal-2.json')"
  grep -q "no main report: stopped by signal 15 (TERM) before a trigger" err
}

@test "-o - writes JSON Lines, siblings and the main report" {
  require_kvm
  dumpctl capture --guest demo:error --every 40 --trigger latch -o - 2>err >out
  assert_equal "$(jq -s 'map(.schema) | unique | join(",")' out)" '"single"'
  [ "$(wc -l <out)" -ge 2 ]
  assert_equal "$(tail -n 1 out | jq -r .dumpctl.trigger)" latch
  dumpctl decode --check out
}

@test "the guest rings the doorbell: a sibling for each value" {
  require_kvm
  dumpctl capture --guest demo:ask -o run.json
  run fact run.snapshot.guest_7.json '[.trigger, .request]'
  assert_output '["guest",7]'
  [ -e run.snapshot.guest_8.json ]
  jq -e '.schema == "single"' run.json >/dev/null
}

# ---- the control socket ----

@test "control socket: status, capture with a tag, stop" {
  require_kvm
  begin --guest demo:spin --trigger none --control ctl -o run.json
  wait_until test -S ctl
  wait_until eval 'ask status | jq -e ".uptime_ms > 0" >/dev/null'
  run ask status
  assert_equal "$(jq -c '[.ok, .state, .guest, .vcpus]' <<<"$output")" '[true,"idle","demo:spin",4]'
  run ask "capture now"
  assert_equal "$(jq -c '[.ok, .tag, .variant, .parked, .total]' <<<"$output")" '[true,"now","single",4,4]'
  run ask '{"command":"capture","tag":"../../now"}'
  assert_equal "$(jq -r .ok <<<"$output")" true
  run ask "capture now"
  assert_equal "$(jq -r .tag <<<"$output")" now-2
  run ask nonsense
  assert_equal "$(jq -r .ok <<<"$output")" false
  run ask stop
  assert_equal "$(jq -r .ok <<<"$output")" true
  finish
  assert_equal "$code" 0
  [ ! -e ctl ]
  [ -e run.snapshot.now.json ]
  assert_equal "$(jq -r .dumpctl.tag run.snapshot.now.json run.snapshot.now-2.json)" $'now\nnow-2'
  assert_equal "$(find .. -name '*.json' | grep -vc '^\.\./here/run')" 0
}

@test "a control socket where somebody listens is refused; one that nobody serves is replaced" {
  require_kvm
  begin --guest demo:spin --trigger none --control ctl -o a.json
  wait_until test -S ctl
  run --separate-stderr dumpctl capture --control ctl -o b.json
  assert_equal "$status" 2
  [[ $stderr == *ctl* ]]
  kill -KILL "$pid"
  wait "$pid" || true
  pid=
  dumpctl capture --guest demo:error --control ctl -o c.json
  [ ! -e ctl ]
}

# ---- afterwards ----

@test "--after=resume: the guest goes on, and has one main report" {
  require_kvm
  run --separate-stderr dumpctl capture --guest demo:error --after resume --run-for 1500 -o r.json
  assert_success
  assert_equal "$output" r.json
  run fact r.json '.guest_clock | [.restored, (.ns > 0)]'
  assert_output '[true,true]'
}

@test "--after=hold: the guest stays frozen until the end is asked for" {
  require_kvm
  begin --guest demo:error --after hold --control ctl -o r.json
  wait_until [ -s out ]
  run ask status
  assert_equal "$(jq -r .state <<<"$output")" frozen
  run ask capture
  assert_equal "$(jq -r .error <<<"$output")" busy
  run ask stop
  finish
  assert_equal "$code" 0
}

# ---- guests ----

@test "HLT and vCPUs that wait for SIPI park too" {
  require_kvm
  dumpctl capture --guest demo:halt --vcpus 3 -o halt.json
  run fact halt.json '[.vcpus[] | .mp_state]'
  assert_output '["RUNNABLE","HALTED","HALTED"]'
  dumpctl capture --guest demo:uninit --vcpus 3 -o uninit.json
  run fact uninit.json '[.vcpus[] | .mp_state]'
  assert_output '["RUNNABLE","UNINITIALIZED","UNINITIALIZED"]'
}

@test "a guest that crashes: degraded, with the registers of that moment" {
  require_kvm
  run --separate-stderr dumpctl capture --guest demo:crash --vcpus 3 -o crash.json
  assert_equal "$status" 3
  run jq -c '[(.reason | startswith("guest crashed before capture: ")), (.vcpu_regs[2] != null),
              .dumpctl.crashed_vcpu, .dumpctl.vcpus[2].last_exit]' crash.json
  assert_output '[true,true,2,"KVM_EXIT_SHUTDOWN"]'
}

@test "capture --view: real vCPUs run until they are asked to park, and then again" {
  require_kvm
  screen_start 140 20 "$DUMPCTL" capture --view --guest demo:spin --trigger none --inject late=2:3000 -o run.json
  wait_for_text "+ running 4"
  kill -USR1 "$(screen_pid)"
  wait_for_text "~ pending 1"
  wait_for_text "new report (} opens it): run.snapshot.signal.json"
  wait_for_text "+ running 4"
  screen_keys q
  wait_for_text "- ended 4"
  screen_keys q
  wait_for_text "[ended 0]"
}

@test "capture --view: real vCPUs are asked to park, and stand in the report" {
  require_kvm
  screen_start 140 20 "$DUMPCTL" capture --view --vcpus 4 --inject late=2:3000 -o run.json
  wait_for_text "2 ~ pending"
  wait_for_text "1/1 single"
  wait_for_text "the report of this freeze: run.json"
  wait_for_text "q quit" # it is over
  screen_keys q
  wait_for_text "[ended 0]"
  screen_has "full report: parked 4/4"
}

@test "capture --view: a vCPU that never parks, until the deadline" {
  require_kvm
  screen_start 140 20 "$DUMPCTL" capture --view --vcpus 4 --inject stuck=1 --timeout 2000 -o run.json
  wait_for_text "~ pending 1"
  wait_for_text "1/1 degraded"
  screen_has "X not_parked 1"
  screen_keys n Enter
  wait_for_text "injected (stuck)"
  screen_keys q q
  wait_for_text "[ended 3]"
}
