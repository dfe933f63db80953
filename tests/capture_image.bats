#!/usr/bin/env bats
# `dumpctl capture --memory-image` on real KVM, opened with gdb. Where one of them is missing
# the tests that need it are skipped by name.
# shellcheck disable=SC2154  # run sets output and stderr
# shellcheck disable=SC2016  # what stands in single quotes is for gdb

load helpers

setup() {
  mkdir "$BATS_TEST_TMPDIR/here" && cd "$BATS_TEST_TMPDIR/here" || return 1
  ELF=${BUILD:-${DUMPCTL%/*}}/capture/guests/demo.elf
}

require_gdb() {
  command -v gdb >/dev/null || skip "no gdb"
}

# in_gdb CORE COMMAND...: what gdb prints for the commands; it reads no settings and no symbols
# from elsewhere.
in_gdb() {
  local core=$1 command arguments=()
  shift
  for command; do arguments+=(-ex "$command"); done
  gdb -nx -batch -iex 'set debuginfod enabled off' "${arguments[@]}" "$ELF" "$core" 2>&1
}

# values: the numbers that follow `NAME = ` in gdb's output, one on a line.
values() {
  sed -nE 's/^\$[0-9]+ = (0x[0-9a-f]+|[0-9]+)$/\1/p'
}

# note CORE: the JSON of our own note.
note() {
  grep -aoE '\{"version":"[^}]*\}' "$1"
}

@test "gdb shows every vCPU as a thread with the registers of the report" {
  require_kvm
  require_gdb
  dumpctl capture --vcpus 3 --memory-image core -o report.json
  names='rax rbx rcx rdx rsi rdi rsp rbp r8 r9 r10 r11 r12 r13 r14 r15 rip'
  segments='cs ss ds es fs gs'
  commands=('info threads')
  for id in 0 1 2; do
    commands+=("thread $((id + 1))")
    for name in $names eflags; do commands+=("p/x \$$name"); done
    for name in $segments fs_base gs_base; do commands+=("p/d \$$name"); done
  done
  run in_gdb core "${commands[@]}"
  assert_success
  for lwp in 1 2 3; do assert_output --regexp " +$lwp +LWP $lwp +0x"; done
  refute_output --partial "LWP 4"
  refute_output --partial "warning"
  wanted=$(dumpctl decode report.json | jq -r --arg names "$names rflags" --arg segments "$segments" '
    .snapshots[0].vcpus[].detail | .regs as $regs |
    (.segments | map({(.name): .}) | add) as $segs |
    ($names | split(" ")[] | $regs[.]), ($segments | split(" ")[] | $segs[.].selector),
    $segs.fs.base, $segs.gs.base')
  [ "$(wc -l <<<"$wanted")" -eq 78 ]
  # Bases are addresses, which gdb was asked for in decimal.
  assert_equal "$(values <<<"$output" | xargs printf '%u\n')" "$(xargs printf '%u\n' <<<"$wanted")"
}

@test "gdb prints the live value of a symbol, follows a pointer, and names functions" {
  require_kvm
  require_gdb
  dumpctl capture --guest demo:stall --memory-image core -o report.json
  # Physical addresses are virtual ones in this guest, and the window has them once more.
  # Page 0 is not mapped: gdb says so, and ends there.
  run in_gdb core 'p *(unsigned int *)&err_exit_detected' \
    'p **(unsigned int **)&scx_root' \
    'p *(unsigned long *)&jiffies > 100' \
    'p *(long *)&runnable_at == *(long *)((long)&runnable_at + 0x100000000000000)' \
    'p *(long *)0x100000000001000 & 1' \
    'thread 4' 'x/4gx &runnable_at' 'x/gx 0'
  assert_equal "$(values <<<"$output")" "1
$(jq .dumpctl.exit_kind report.json)
1
1
1"
  assert_line --partial "in stalled_task ()"
  assert_line --regexp '^0x[0-9a-f]+ <runnable_at>:	0x[0-9a-f]*[1-9a-f][0-9a-f]*	'
  assert_output --partial 'Cannot access memory at address 0x0'
}

@test "the image is a core file with holes, of this user alone" {
  require_kvm
  dumpctl capture --memory 256 --memory-image core -o report.json
  assert_equal "$(stat -c %a core)" 600
  size=$(stat -c %s core)
  [ "$size" -gt $((256 << 20)) ]
  [ "$size" -lt $((257 << 20)) ]
  [ "$(du -k core | cut -f1)" -lt 8192 ]
  run env LC_ALL=C readelf -hlW core
  assert_success
  assert_line --regexp 'Type: +CORE'
  assert_equal "$(grep -c '^  NOTE ' <<<"$output")" 1
  assert_line --regexp '^  LOAD .* 0x0000000000200000 0x0000000000200000 0x[0-9a-f]+ 0x[0-9a-f]+ RWE 0x1000'
  assert_line --regexp '^  LOAD .* 0x0100000000000000 0x0000000000000000 0x10000000 0x10000000 R   0x1000'
  refute_output --partial "arning"
  run env LC_ALL=C readelf -nW core
  assert_equal "$(grep -c NT_PRSTATUS <<<"$output")" 4
  assert_line --regexp '^  dumpctl +0x'
  assert_equal "$(note core | jq -c '[.guest, .threads, .not_parked, .guest_running_while_copied, .mappings_complete]')" \
    '["demo:stall",[0,1,2,3],[],false,true]'
  assert_equal "$(ls -A)" $'core\nreport.json'
}

@test "a degraded freeze gives an image too, which says who is missing" {
  require_kvm
  run --separate-stderr dumpctl capture --vcpus 4 --inject stuck=1 --timeout 100 --memory-image core -o report.json
  assert_equal "$status" 3
  assert_equal "$(note core | jq -c '[.threads, .not_parked, .unavailable, .guest_running_while_copied]')" \
    '[[0,2,3],[1],[],true]'
  require_gdb
  run in_gdb core 'info threads'
  assert_output --regexp 'LWP 1 .*LWP 3 .*LWP 4 '
  refute_output --partial 'LWP 2'
}

@test "an image that cannot be written leaves the report, no half file, and exit code 2" {
  require_kvm
  require_root
  mkdir small
  run --separate-stderr unshare -m bash -c "mount -t tmpfs -o size=32k small small &&
    '$DUMPCTL' capture -o report.json --memory-image small/core; code=\$?; ls -A small; exit \$code"
  if [[ $stderr == *unshare* ]]; then skip "cannot make a mount namespace"; fi
  assert_equal "$status" 2
  assert_equal "$output" "report.json"
  [[ ${stderr_lines[0]} == "dumpctl: full report: parked 4/4"* ]]
  assert_equal "${stderr_lines[1]}" \
    "dumpctl: small/core: the memory image cannot be written: No space left on device"
  dumpctl show --short report.json
}

@test "nothing to capture: no image either" {
  require_kvm
  run --separate-stderr dumpctl capture --guest demo:spin --run-for 50 --memory-image core
  assert_equal "$status" 1
  assert_equal "$(ls -A)" ""
}

@test "an image replaces nothing without --force, and is tried before the guest runs" {
  echo mine >core
  run --separate-stderr -2 dumpctl capture --memory-image core -o report.json
  assert_equal "$stderr" "dumpctl: core: exists already; --force replaces it"
  run --separate-stderr -2 dumpctl capture --memory-image nowhere/core -o report.json
  [[ $stderr == *nowhere/core* ]]
  assert_equal "$(cat core) $(ls -A)" "mine core"
  require_kvm
  dumpctl capture --force --memory-image core -o report.json
  note core | jq -e .version
}

@test "an image goes to a regular file of its own" {
  mkfifo pipe
  for path in - /dev/null pipe /dev/stderr . ""; do
    run --separate-stderr dumpctl capture --memory-image "$path" -o report.json
    assert_equal "$status" 2
    assert_equal "$output" ""
  done
  run bash -c "'$DUMPCTL' capture --force --memory-image out >out"
  assert_equal "$status" 2
  assert_output --partial "regular file of its own"
  rm -f out pipe
  mkdir folder
  run --separate-stderr -2 dumpctl capture --force -o same --memory-image folder/../same
  assert_equal "$stderr" "dumpctl: folder/../same: the report and the memory image need a file each"
  rmdir folder
  assert_equal "$(ls -A)" ""
}
