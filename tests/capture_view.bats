# shellcheck shell=bash disable=SC2154,SC2030,SC2031  # run sets stderr
# shellcheck disable=SC2016  # inner shells expand what stands in single quotes
load helpers

# `capture --view`: a capture that is looked at while it goes on, on a real terminal of tmux. The
# guest is played (tests/played/run.c): files in the folder say what it does. capture_run.bats has
# the same with a real one.

PLAYED=$(dirname "$DUMPCTL")/tests/played/dumpctl

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
  screen_stop
}

# watch ARG...: on 140x20; the report is run.json
watch() {
  screen_start 140 20 "$PLAYED" capture --view -o run.json "$@"
}

# resize WIDTH HEIGHT: the terminal has that now
resize() {
  tmux_ resize-window -x "$1" -y "$2"
}

@test "capture --view: the vCPUs run, park one by one, and are in the report" {
  touch stuck-2
  watch --vcpus 4
  wait_for_text "waiting for the latch, 0.5 s"
  screen_has "+ running 4"
  screen_has "1 + running      in the guest"
  screen_has "q end capture"
  touch latch
  wait_for_text ". parked 3/4  ~ pending 1"
  screen_has "rendezvous: parked 3/4"
  screen_has "freezing"
  screen_has "2 ~ pending      asked to stop, has not answered yet"
  screen_keys n
  wait_for_text ">2 ~ pending"
  rm stuck-2
  wait_for_text ". parked 4/4"
  wait_for_text "the report of this freeze: run.json"
  screen_has "1/1 single"
  screen_has ">2 . parked       ip 0x0000000000000001" # what was selected stays so
  wait_for_text "q quit" # it is over
  screen_keys q
  wait_for_text "[ended 0]"
  screen_has "full report: parked 4/4, trigger latch"
  run screen_text
  assert_line run.json
  dumpctl decode --wire run.json | cmp - run.json
}

@test "capture --view: q during the rendezvous ends it, and shows what there is" {
  touch stuck-1 stuck-3 latch
  watch --vcpus 4
  wait_for_text "~ pending 2"
  screen_keys q
  wait_for_text "X not_parked 2"
  wait_for_text "1/1 degraded"
  screen_keys q
  wait_for_text "[ended 3]"
  screen_has "degraded report: vCPU rendezvous aborted by signal 2 (INT)"
  screen_has "not_parked: vCPUs 1,3"
}

@test "capture --view: q before the trigger ends the run, without a report" {
  watch
  wait_for_text "waiting for the latch, 0.5 s"
  screen_keys q
  wait_for_text "nothing to capture: stopped by signal 2 (INT) before a trigger"
  screen_has " over"
  wait_for_text "the capture is over; q leaves"
  screen_has "- ended 4"
  screen_has "0 - ended        the guest has ended"
  screen_keys '}'
  wait_for_text "there is no report yet"
  screen_keys i
  wait_for_text "told so far"
  screen_has "dumpctl: nothing to capture"
  screen_keys q q
  wait_for_text "[ended 1]"
  [ ! -e run.json ]
}

@test "capture --view: Ctrl-C and SIGTERM end run and screen" {
  watch
  wait_for_text "waiting for the latch"
  screen_keys C-c
  wait_for_text "[ended 1]"
  screen_has "nothing to capture: stopped by signal 2 (INT)"
  screen_stop
  touch stuck-0 latch
  watch
  wait_for_text "~ pending 1"
  kill -TERM "$(screen_pid)"
  wait_for_text "[ended 3]"
  screen_has "aborted by signal 15 (TERM)"
}

@test "capture --view: a terminal that goes away ends the run, and the report is written" {
  touch stuck-0 latch
  watch
  wait_for_text "~ pending 1"
  screen_stop
  wait_until test -e run.json
  run -0 dumpctl show --short run.json
  assert_output --partial "parked 3/4"
}

@test "capture --view: SIGUSR1 asks for a sibling, nothing jumps, and a key goes there" {
  watch
  wait_for_text "waiting for the latch, 0.5 s"
  screen_keys j
  kill -USR1 "$(screen_pid)"
  wait_for_text "new report (} opens it): run.snapshot.signal"
  screen_has ">1 + running"
  screen_keys '}'
  wait_for_text "1/1 single"
  screen_keys Escape
  wait_for_text "-- the capture and 1 report -"
  screen_has "the capture: waiting for the latch"
  # The run goes on, and the list with it: the main report does not take the screen.
  touch latch
  wait_for_text "new report (} opens it): run.json"
  wait_for_text "it is over, with 2 reports"
  screen_has "-- the capture and 2 reports -"
  screen_has "new  run.json: single"
  screen_keys g Enter
  wait_for_text "it is over, with 2 reports"
  screen_keys '}'
  wait_for_text "2/2 single"
  screen_keys q
  wait_for_text "[ended 0]"
}

# mask_of PID TID: the signals that the thread blocks
mask_of() {
  local mask
  mask=$(sed -n 's/^SigBlk:\t//p' "/proc/$1/task/$2/status")
  echo "$((16#$mask))"
}

@test "capture --view: the run has a thread with a name, which alone takes what is meant for it" {
  local pid run ours=$((1 << 9 | 1 << 11)) # SIGUSR1, and SIGUSR2, which wakes it
  watch
  wait_for_text "waiting for the latch"
  pid=$(screen_pid)
  run=$(basename "$(dirname "$(grep -lx run "/proc/$pid/task/"*/comm)")")
  assert_equal "$(($(mask_of "$pid" "$pid") & ours))" "$ours"
  assert_equal "$(($(mask_of "$pid" "$run") & ours))" 0
  kill -USR2 "$pid"
  screen_keys q q
  wait_for_text "[ended 1]"
}

@test "capture --view: periodic captures come into the list as they are made" {
  watch --every 400 --count 3
  wait_for_text "waiting for the next period"
  wait_for_text "; 1 report so far"
  wait_for_text "it is over, with 3 reports"
  screen_keys Escape
  wait_for_text "-- the capture and 3 reports -"
  screen_has "new  run.snapshot.periodic_002.json: single"
  screen_keys q
  wait_for_text "[ended 0]"
  run screen_text
  assert_line run.snapshot.periodic_000.json
  assert_line run.snapshot.periodic_002.json
}

@test "capture --view: a guest that goes on, and one that stays frozen" {
  touch latch
  watch --after resume
  wait_for_text "the report of this freeze: run.json"
  screen_keys Escape
  wait_for_text "the main report is written; the guest goes on until q ends it"
  screen_keys g Enter
  wait_for_text "+ running 4"
  screen_keys q
  wait_for_text "it is over, with 1 report"
  screen_keys q
  wait_for_text "[ended 0]"
  screen_has "the guest goes on"
  screen_stop
  rm run.json
  watch --after hold
  wait_for_text "the report of this freeze: run.json"
  screen_keys Escape g Enter
  wait_for_text "the main report is written; the guest stays frozen until q ends it"
  screen_has ". parked 4/4"
  screen_keys q
  wait_for_text "it is over, with 1 report"
  screen_keys q
  wait_for_text "[ended 0]"
}

@test "capture --view: dual" {
  touch wait
  watch --dual
  wait_for_text "waiting for the latch, 0.5 s"
  touch latch
  wait_for_text "1/1 dual: late"
  screen_keys e
  wait_for_text "1/1 dual: early"
  screen_keys q
  wait_for_text "[ended 0]"
}

@test "capture --view: q does not wait for a scheduler that never answers" {
  "$(dirname "$DUMPCTL")/tests/stats_server" stats.sock silent &
  local server=$!
  wait_until test -S stats.sock
  touch latch
  watch --stats "$PWD/stats.sock" --stats-timeout 60000
  wait_for_text "waiting for the latch"
  screen_keys q
  wait_for_text "the report of this freeze: run.json"
  screen_keys q
  wait_for_text "[ended 0]"
  kill "$server"
}

@test "capture --view: a report that cannot be written is told, on the screen and behind it" {
  mkdir out
  screen_start 100 20 "$PLAYED" capture --view -o out/run.json
  wait_for_text "waiting for the latch"
  rm -r out
  touch latch
  wait_for_text "it is over, with 0 reports; 1 could not be written"
  screen_keys i
  wait_for_text "dumpctl: out/run.json: cannot be put in place"
  screen_has "told when the screen is closed"
  screen_keys Escape
  screen_keys q
  wait_for_text "[ended 2]"
  # Behind it the whole report stands in place of the file.
  tmux_ capture-pane -p -S - >printed
  grep -A 1 -xF "dumpctl: the report could not be written; here it is" printed |
    grep -q '^{"schema":"single"'
}

@test "capture --view: a main report that cannot be written is not said to be" {
  mkdir out
  screen_start 100 20 "$PLAYED" capture --view -o out/run.json --after resume
  wait_for_text "waiting for the latch"
  rm -r out
  touch latch
  wait_for_text "the main report could not be written; the guest goes on until q ends it"
  screen_keys q
  wait_for_text "it is over, with 0 reports; 1 could not be written"
  screen_keys q
  wait_for_text "[ended 2]"
}

@test "capture --view: what goes wrong beside a report is told where that is looked at" {
  touch latch
  watch --memory-image memory
  wait_for_text "something went wrong (i in the capture says what)"
  screen_has "1/1 single"
  screen_keys '['
  wait_for_text "it is over, with 1 report; something went wrong (i says what)"
  screen_keys i
  wait_for_text "memory: this guest's memory is no file to copy"
  screen_keys Escape q
  wait_for_text "[ended 2]"
}

@test "capture --view: a sibling behind the main report does not hold the guest" {
  touch latch
  watch --after resume
  wait_for_text "the report of this freeze: run.json"
  touch stuck-1
  screen_keys '['
  wait_for_text "the guest goes on until q ends it"
  kill -USR1 "$(screen_pid)"
  wait_for_text "rendezvous: parked 3/4"
  rm stuck-1
  wait_for_text "new report (} opens it): run.snapshot.signal.json"
  wait_for_text "the guest goes on until q ends it"
  screen_keys q
  wait_for_text "the capture is over; q leaves"
  screen_keys q
  wait_for_text "[ended 0]"
}

@test "capture --view: reports in a folder far away have their names in the list" {
  local folder
  folder=$(printf '%0200d' 0)/$(printf '%0200d' 0)
  mkdir -p "$folder"
  touch latch
  screen_start 60 12 "$PLAYED" capture --view -o "$folder/run.json"
  wait_for_text "the report of this freeze: run.json"
  screen_keys Escape
  wait_for_text "run.json: single"
  screen_has "the capture: it is over, with 1 report"
  screen_keys q
  wait_for_text "[ended 0]"
}

@test "capture --view: what cannot start needs no screen" {
  touch refuse
  watch
  wait_for_text "[ended 2]"
  screen_has "dumpctl: it does not start"
  run -2 --separate-stderr "$PLAYED" capture --view -o x.json
  assert_equal "$stderr" "dumpctl: standard output is not a terminal; without --view a capture needs none"
  [ ! -e x.json ]
}

@test "capture --view: what it does not go with" {
  run -2 --separate-stderr dumpctl capture --view --json
  assert_regex "$stderr" '"message":"capture: --view and --json exclude each other'
  for path in - /dev/null /dev/stdout; do
    run -2 --separate-stderr dumpctl capture --view -o "$path"
    assert_regex "$stderr" '^dumpctl: capture: --view needs a regular file for its reports \(-o\)'
  done
}

@test "capture --view: any size, while the vCPUs park" {
  touch stuck-0 latch
  watch --vcpus 8
  wait_for_text "~ pending 1"
  resize 39 20
  wait_for_text "39x20 is too small"
  screen_keys q # it ends the capture there, too
  wait_until test -e run.json
  resize 60 12
  wait_for_text "1/1 degraded"
  screen_keys q
  wait_for_text "[ended 3]"
}

@test "capture --view: C-z stops it, fg brings the screen and the run back" {
  touch stuck-0 latch
  screen_start 100 20 bash -c 'set -m; "$0" capture --view -o run.json; echo "stopped $?"
    read -r; fg >/dev/null; echo "left $?"' "$PLAYED"
  wait_for_text "~ pending 1"
  screen_keys C-z
  wait_for_text "stopped 148"
  rm stuck-0
  screen_keys Enter
  wait_for_text "1/1 single"
  screen_keys q
  wait_for_text "left 0"
}
