# What every bats file begins with: `load helpers`. Sets up one environment for all machines and
# gives the few helpers that more than one file needs.
# shellcheck shell=bash

bats_require_minimum_version 1.5.0
export BATS_LIB_PATH=${BATS_LIB_PATH:-/usr/lib/bats}
bats_load_library bats-support
bats_load_library bats-assert

ROOT=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
DATA=$ROOT/tests/data
DUMPCTL=${DUMPCTL:-$ROOT/build/dumpctl}
TEST_LOCPATH=${TEST_LOCPATH:-$ROOT/build/locale}
export ROOT DATA DUMPCTL TEST_LOCPATH

export LC_ALL=C.UTF-8 TZ=UTC TERM=xterm-256color
unset NO_COLOR CLICOLOR_FORCE FORCE_COLOR COLUMNS LINES PAGER LESS DUMPCTL_PAGER LANG LANGUAGE
unset TMUX POSIXLY_CORRECT

# dumpctl ARG...: the program under test.
dumpctl() {
  "$DUMPCTL" "$@"
}

# Skips the test, by its name, where this user cannot use KVM.
require_kvm() {
  if [ ! -e /dev/kvm ]; then skip "no /dev/kvm"; fi
  if ! { : <>/dev/kvm; } 2>/dev/null; then skip "/dev/kvm cannot be opened"; fi
}

require_root() {
  if [ "$(id -u)" -ne 0 ]; then skip "needs root"; fi
}

# decimal_comma COMMAND...: runs it in a language that writes 1,5 for one and a half.
decimal_comma() {
  LOCPATH=$TEST_LOCPATH LC_ALL=de_DE.UTF-8 "$@"
}

# wait_until COMMAND...: polls until it succeeds, 10 s at most (three times that with a
# sanitizer, where everything is slower).
wait_until() {
  local tries=200 i
  if [ -n "${SANITIZE:-}" ]; then tries=600; fi
  for ((i = 0; i < tries; i++)); do
    if "$@"; then return 0; fi
    sleep 0.05
  done
  return 1
}

# ---- a terminal: each test has a tmux server of its own ----

tmux_() {
  tmux -L "dumpctl-$$-$BATS_TEST_NUMBER" -f /dev/null "$@"
}

# screen_start WIDTH HEIGHT COMMAND...: runs it on a fresh terminal, which stays when it ends.
screen_start() {
  local width=$1 height=$2 command
  shift 2
  printf -v command '%q ' "$@"
  command+='; printf "\n[ended %d]\n" $?; exec cat'
  # A server that was told to end may still be about to.
  wait_until tmux_ new-session -d -x "$width" -y "$height" "$command"
}

# Keys as tmux names them: screen_keys Down q C-c
screen_keys() {
  tmux_ send-keys "$@"
}

screen_text() {
  tmux_ capture-pane -p
}

screen_has() {
  screen_text | grep -qF -- "$1"
}

# wait_for_text TEXT: until the screen shows it; else fails and prints the screen.
wait_for_text() {
  if wait_until screen_has "$1"; then return 0; fi
  echo "the screen never showed: $1"
  screen_text
  return 1
}

# The program on the screen.
screen_pid() {
  tmux_ list-panes -F '#{pane_pid}' | xargs -n 1 pgrep -P | head -n 1
}

# For teardown; harmless where no screen was started.
screen_stop() {
  tmux_ kill-server 2>/dev/null || true
}
