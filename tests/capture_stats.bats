#!/usr/bin/env bats
# `dumpctl capture --stats` on real KVM, beside the scripted scheduler. Where /dev/kvm cannot be used
# these tests skip by name; the options are tried everywhere.
# shellcheck disable=SC2154  # run sets output and stderr

load helpers

SCHEDULER=$(dirname "$DUMPCTL")/tests/stats_server

setup() {
  mkdir "$BATS_TEST_TMPDIR/here" && cd "$BATS_TEST_TMPDIR/here" || return 1
}

teardown() {
  local each
  for each in ${pid:-} ${scheduler:-}; do
    kill -KILL "$each" 2>/dev/null || true
    wait "$each" 2>/dev/null || true
  done
}

# schedule WORD...: the scripted scheduler at ./stats, when it is ready.
schedule() {
  "$SCHEDULER" stats "$@" >ready 2>&1 3>&- &
  scheduler=$!
  wait_until grep -q ready ready
}

# samples FILE FILTER: what jq says of the samples of a report.
samples() {
  jq -c "[.dumpctl.samples[] | $2]" "$1"
}

@test "--stats: the samples of a run stand in its reports, whatever became of each" {
  require_kvm
  schedule 'reply={"n":1,"load":{"cpu0":0.5}}' error=22:busy silent 'reply={"n":9,"load":{"cpu0":2}}' close
  run --separate-stderr -0 dumpctl capture --guest demo:spin --every 50 --count 5 --stats stats \
    --stats-timeout 3000 -o run.json
  assert_equal "${#lines[@]}" 5
  # Each reason is told once, and all are counted.
  assert_regex "$stderr" 'periodic_001: no statistics: scheduler returned errno=22'
  assert_regex "$stderr" 'periodic_002: no statistics: no answer within 3000 ms from stats'
  assert_regex "$stderr" 'statistics: 2 of 5 samples have them; missing: NoScheduler 1, Cancelled 1, SchedulerError 1'
  run -0 samples run.snapshot.periodic_000.json .tag
  assert_output '["periodic_000"]'
  last=run.snapshot.periodic_004.json
  run -0 samples "$last" '[.tag, (has("stats") != has("missing_stats")), .first // false]'
  assert_output '[["periodic_000",true,true],["periodic_001",true,false],["periodic_002",true,false],["periodic_003",true,true],["periodic_004",true,false]]'
  run -0 samples "$last" '.missing_stats | if type == "object" then keys[0] else . end'
  assert_output '[null,"SchedulerError","Cancelled",null,"NoScheduler"]'
  run -0 jq -c '.dumpctl | [.stats_sample, .stats_source.socket, .stats_source.timeout_ms]' "$last"
  assert_output '["periodic_004","stats",3000]'
  cmp "$last" <(dumpctl decode --wire "$last")
  run -0 dumpctl show --width=100 --section samples "$last"
  assert_line --regexp '^samples: 2 of 5 samples had statistics; missing: NoScheduler 1, Cancelled 1, SchedulerError 1'
  assert_line --regexp '^  load.cpu0  ▁··█·   +0.5 +2 +2 +3$'
  assert_line --regexp '^  n          ▁··█·     +1 +9 +9 +3$'
}

@test "--stats: early and late have a sample each, and the dual report has both at its top" {
  require_kvm
  schedule echo
  run -0 dumpctl capture --guest demo:stall --dual --stats stats -o both.json
  run -0 samples both.json '[.tag, .stats.n, .phase]'
  assert_output '[["early",1,"idle"],["main",2,"took_early"]]'
  run -0 jq -c '[.early.dumpctl.stats_sample, .late.dumpctl.stats_sample, (.late.dumpctl | has("samples"))]' both.json
  assert_output '["early","main",false]'
  cmp both.json <(dumpctl decode --wire both.json)
}

@test "--stats: where nobody is there the report is made, and says so" {
  require_kvm
  run --separate-stderr -0 dumpctl capture --guest demo:error --stats ./none -o r.json
  assert_regex "$stderr" 'main: no statistics: .*\./none.*No such file'
  run -0 samples r.json '[.tag, (.missing_stats | keys[0])]'
  assert_output '[["main","NoScheduler"]]'
  run -0 dumpctl show r.json
  assert_line 'samples: 0 of 1 sample had statistics; missing: NoScheduler 1'
}

@test "--stats: without it nobody is asked, and the report does not speak of it" {
  require_kvm
  dumpctl capture --guest demo:error -o r.json
  run -0 jq -c '.dumpctl | [has("stats_source"), has("samples"), has("stats_sample")]' r.json
  assert_output '[false,false,false]'
  run -0 dumpctl show --section samples r.json
  assert_line 'samples: not in the report: no scheduler to ask was configured (capture --stats)'
}

@test "--stats: Ctrl-C ends a question at once" {
  require_kvm
  schedule silent "log=$PWD/log"
  "$DUMPCTL" capture --guest demo:spin --every 50 --stats stats --stats-timeout 600000 -o run.json >out 2>err 3>&- &
  pid=$!
  wait_until test -s log
  kill -INT "$pid"
  code=0
  wait "$pid" || code=$?
  pid=
  assert_equal "$code" 0 # what it was asked for is still captured
  run -0 samples run.snapshot.periodic_000.json '[.missing_stats, has("deadline_ms")]'
  assert_output '[["Cancelled",false]]'
}

@test "--stats: options that make no sense are refused before anything is made" {
  run --separate-stderr -2 dumpctl capture --stats-timeout 100
  assert_regex "$stderr" '--stats-timeout has no meaning without --stats'
  run --separate-stderr -2 dumpctl capture --stats stats --stats-timeout 0
  assert_regex "$stderr" '--stats-timeout takes a number from 1'
  run --separate-stderr -2 dumpctl capture --stats "$(printf '%0120d' 0)" -o r.json
  assert_regex "$stderr" '107'
  run --separate-stderr -2 dumpctl capture --stats '' -o r.json
  [ ! -e r.json ]
}
