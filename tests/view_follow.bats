# shellcheck shell=bash disable=SC2154,SC2030,SC2031  # run sets stderr
# shellcheck disable=SC2016  # inner shells expand what stands in single quotes
load helpers

# `view --follow`: reports come, change and go while they are looked at, on a real terminal of tmux.

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  mkdir in
}

teardown() {
  screen_stop
}

# report REASON [VCPUS]: a degraded one, by default of four vCPUs, two of which never stopped
report() {
  local regs='{"instruction_pointer":4096,"stack_pointer":2,"page_table_root":3}'
  printf '{"schema":"degraded","reason":"%s","vcpu_regs":[%s],"watchpoint_hit":true,' \
    "$1" "${2:-$regs,null,$regs,null}"
  printf '"bss_latch_state":"triggered"}\n'
}

# land NAME REASON...: the report comes whole, as capture writes it
land() {
  local name=$1
  shift
  report "$@" >"$BATS_TEST_TMPDIR/.landing"
  mv "$BATS_TEST_TMPDIR/.landing" "$name"
}

# follow OPERAND...: on 100x20
follow() {
  screen_start 100 20 "$DUMPCTL" view --follow "$@"
}

quit() {
  screen_keys q
  wait_for_text "[ended 0]"
}

@test "view --follow: an empty folder is waited for, and a report that lands is in the list" {
  follow in
  wait_for_text "waiting for reports in in"
  screen_has "0 reports, followed"
  land in/a.json "first cause"
  wait_for_text ">new  a.json: degraded: first cause"
  wait_for_text "new report (} opens it): a.json"
  screen_has "1 report, followed"
  screen_keys Enter
  wait_for_text "[vcpus]"
  screen_keys Escape
  wait_for_text ">     a.json: degraded: first cause"
  quit
}

@test "view --follow: a newer report is told, nothing jumps, and a key goes there" {
  land in/b.json "first cause"
  follow in
  wait_for_text ">     b.json"
  screen_keys Enter n
  wait_for_text ">1 X not_parked"
  land in/a.json "second cause"
  wait_for_text "there is a newer report now (} opens it): a.json"
  screen_has ">1 X not_parked"
  screen_has "in/b.json"
  land in/c.json "third cause"
  wait_for_text "c.json"
  screen_keys '}'
  wait_for_text "in/c.json"
  screen_has "third cause"
  # It stands at the end: the order is that of coming.
  screen_keys Escape
  wait_for_text ">     c.json"
  run screen_text
  assert_line --index 2 --partial "      b.json: degraded: first cause"
  assert_line --index 3 --partial " new  a.json: degraded: second cause"
  assert_line --index 4 --partial ">     c.json: degraded: third cause"
  quit
}

@test "view --follow: a file that is replaced is shown anew, with what was selected" {
  land in/a.json "first cause"
  follow in
  wait_for_text ">     a.json"
  screen_keys Enter f n
  wait_for_text ">3 X not_parked"
  land in/a.json "second cause"
  wait_for_text "second cause"
  wait_for_text "replaced: this is what it says now: a.json"
  screen_has ">3 X not_parked"
  # The filter too: only those that are not_parked.
  run screen_text
  refute_output --partial ". parked       ip"
  # Written in place, once more; the section stays.
  screen_keys Tab
  wait_for_text "[findings]"
  report "third cause" >in/a.json
  wait_for_text "third cause"
  screen_has "[findings]"
  # One with fewer vCPUs.
  screen_keys BTab
  wait_for_text ">3 X not_parked"
  land in/a.json "fourth cause" null,null
  wait_for_text "fourth cause"
  screen_has ">1 X not_parked"
  quit
}

@test "view --follow: what is unfolded stays so in what comes instead" {
  cp "$DATA/sections/rich.json" in/a.json
  follow in
  wait_for_text ">     a.json"
  screen_keys Enter
  wait_for_text "[vcpus]"
  screen_keys : m a p s Enter
  wait_for_text "[maps]"
  screen_keys Enter j Enter j j
  wait_for_text ">      nr_scheduled"
  sed 's/48213/48299/' "$DATA/sections/rich.json" >.landing
  mv .landing in/a.json
  wait_for_text "nr_queued = 48299"
  screen_has ">      nr_scheduled"
  quit
}

@test "view --follow: what is bad is told and listed, and never ends the screen" {
  land in/a.json "first cause"
  echo 'no json' >in/b.json
  follow in
  wait_for_text " bad  b.json:1:1: "
  screen_has "1 file failed"
  screen_keys Enter
  wait_for_text "first cause"
  printf '{"schema":"degraded","reason":"\x1b[2J\xe2\x80\xae"}' >in/c.json
  wait_for_text "bad: c.json:1:32: /reason: raw control character 0x1b"
  screen_has "1/3, 2 files failed"
  # The one that is looked at: what it said stays.
  echo '{' >in/a.json
  wait_for_text "replaced by what is bad; this is what it said: a.json"
  screen_has "first cause"
  screen_has "3 files failed"
  land in/a.json "second cause"
  wait_for_text "second cause"
  mkfifo .pipe
  mv .pipe in/d.json
  wait_for_text "bad: d.json: is no regular file"
  mkdir in/e.json
  ln -s /nowhere in/f.json
  wait_for_text "bad: f.json: cannot be opened: No such file or directory"
  # ] passes over them.
  screen_keys ']'
  wait_for_text "this is the last report"
  screen_keys Escape j Enter
  wait_for_text "expected a report"
  quit
}

@test "view --follow: what is removed leaves the list, but for the one that is shown" {
  land in/a.json "first cause"
  land in/b.json "second cause"
  land in/c.json "third cause"
  follow in
  wait_for_text " c.json"
  screen_keys j Enter
  wait_for_text "second cause"
  rm in/a.json
  wait_for_text "a report has gone from the list"
  screen_has " 1/2 "
  rm in/b.json
  wait_for_text "its file is gone; this is what it said: b.json"
  screen_has "file gone, was degraded" # and stays there
  screen_has "second cause"
  screen_keys Escape
  wait_for_text ">gone b.json"
  screen_keys j Enter
  wait_for_text "third cause"
  screen_keys Escape
  wait_for_text "1 report, followed"
  screen_has ">     c.json"
  quit
}

@test "view --follow: a folder that is removed is told, and what is shown stays" {
  land in/a.json "first cause"
  follow in
  wait_for_text ">     a.json"
  screen_keys Enter
  wait_for_text "first cause"
  rm -r in
  wait_for_text "a folder is gone, and is followed no more: in"
  screen_has "first cause"
  screen_keys Escape
  wait_for_text ">gone a.json"
  quit
}

@test "view --follow: one file is shown as soon as it is there" {
  follow in/late.json
  wait_for_text "waiting for in/late.json"
  land in/other.json "another cause"
  land in/late.json "first cause"
  wait_for_text "[vcpus]"
  screen_has "first cause"
  screen_keys Escape
  wait_for_text "1 report, followed"
  quit
  screen_stop
  follow in/late.json
  wait_for_text "[vcpus]"
  land in/late.json "second cause"
  wait_for_text "second cause"
  quit
}

@test "view --follow: lines that are added to a file are new reports" {
  { report "first cause" && report "second cause"; } >in/a.jsonl
  follow in
  wait_for_text "2 reports, followed"
  report "third cause" >>in/a.jsonl
  wait_for_text " new  a.jsonl"
  screen_has "3 reports, followed"
  run screen_text
  assert_line --index 2 --partial ">     a.jsonl"
  assert_line --index 4 --regexp "^ new .*third cause"
  quit
}

@test "view --follow: names and reasons cannot write to the terminal" {
  local name=$'in/\e[31mx\n\u202e.json'
  follow in
  wait_for_text "waiting"
  land "$name" 'evil \u001b[2J'
  wait_for_text '\x1b[31mx\x0a\u202e.json: degraded: evil \x1b[2J'
  wait_for_text 'new report (} opens it): \x1b[31mx\x0a\u202e.json'
  quit
}

@test "view --follow: many reports at once, and the keys go on" {
  follow in
  wait_for_text "waiting"
  for i in {100..399}; do report "cause $i" >"in/$i.json"; done
  wait_for_text "300 reports, followed"
  screen_keys G
  wait_for_text "300/300"
  quit
}

@test "view --follow: idle, it sleeps, and reads nothing twice" {
  land in/a.json "first cause"
  screen_start 80 24 sh -c 'echo $$ >pid; exec "$0" view --follow in' "$DUMPCTL"
  wait_for_text ">     a.json"
  land in/b.json "second cause"
  wait_for_text " new  b.json"
  runs() { grep ctxt_switches "/proc/$(cat pid)/status"; }
  settled() {
    local before
    before=$(runs)
    for _ in {1..30}; do screen_has "2 reports"; done
    [ "$(runs)" = "$before" ]
  }
  wait_until settled
}

@test "view --follow: the sandbox leaves the folders open, and no other" {
  # landlock_create_ruleset() says which version the kernel has.
  if perl -e 'exit(syscall(444, 0, 0, 1) > 0)'; then skip "this kernel has no Landlock"; fi
  if [ -n "${SANITIZE:-}" ]; then skip "no sandbox with a sanitizer"; fi
  land in/a.json "first cause"
  report "outside" >outside.json
  screen_start 100 20 sh -c 'echo $$ >pid; exec "$0" view --follow in' "$DUMPCTL"
  wait_for_text ">     a.json"
  run -0 cat "/proc/$(cat pid)/status"
  assert_line --regexp '^NoNewPrivs:\s1$'
  ln -s "$PWD/outside.json" in/link.json
  wait_for_text "bad: link.json: cannot be opened: Permission denied"
  ln -s a.json in/inside.json
  wait_for_text " new  inside.json: degraded: first cause"
  quit
}

@test "view --follow: what it cannot follow, and what excludes it, are told" {
  run -2 dumpctl view --follow
  assert_output --partial "--follow needs a folder or a file"
  run -2 dumpctl view --follow --once in
  assert_output --partial "--follow and --once exclude each other"
  run -2 dumpctl view --follow --diff a b
  assert_output --partial "--follow and --diff exclude each other"
  screen_start 100 20 "$DUMPCTL" view --follow -
  wait_for_text "--follow needs a folder or a file, not standard input"
  wait_for_text "[ended 2]"
  screen_stop
  screen_start 100 20 "$DUMPCTL" view --follow nowhere/a.json
  wait_for_text "dumpctl: nowhere/a.json: its folder cannot be followed: No such file or directory"
  wait_for_text "[ended 2]"
}
