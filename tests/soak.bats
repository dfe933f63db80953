# The soak, short (tests/soak; `make soak` is the long one): with real vCPUs where there is KVM,
# and always with threads; and that it finds a board that takes stale acknowledgements.

setup() {
  load helpers
  BUILD=${BUILD:-$ROOT/build}
}

# soak PROGRAM ARG...
soak() {
  local program=$1
  shift
  SANITIZE=${SANITIZE:-} "$ROOT/tests/soak/run" "$BUILD/tests/soak/$program" "$@"
}

@test "threads: 200 freezes are whole, and nothing is left behind" {
  run -0 soak soak --source threads --freezes 200 --time 1
  assert_line --regexp '^soak: .*; invalid 0\), torn 0, leaks 0, hangs 0, seed [0-9]+$'
}

@test "kvm: 200 freezes are whole, and nothing is left behind" {
  require_kvm
  run -0 soak soak --source kvm --freezes 200 --time 1 --vcpus 8
  assert_line --regexp '^soak: .*; invalid 0\), torn 0, leaks 0, hangs 0, seed [0-9]+$'
}

@test "threads: a board that takes any acknowledgement tears, and is found" {
  run -1 soak soak_torn --source threads --freezes 5000 --time 60 --no-realtime
  assert_line --regexp '^soak: .*; invalid 0\), torn 1, leaks 0, hangs 0, seed [0-9]+$'
}

@test "kvm: a board that takes any acknowledgement tears, and is found" {
  require_kvm
  run -1 soak soak_torn --source kvm --freezes 5000 --time 60 --vcpus 8 --no-realtime --hang 60
  assert_line --regexp '^soak: .*; invalid 0\), (torn 1, leaks 0, hangs 0|torn 0, leaks 0, hangs 1), seed [0-9]+$'
}

@test "without KVM it says so, and that is no success" {
  if [ -e /dev/kvm ]; then skip "there is /dev/kvm"; fi
  run -77 soak soak --source kvm
  assert_output --partial 'soak: not run: /dev/kvm cannot be used (No such file or directory)'
}

@test "usage" {
  run -2 soak soak --source fakes
  assert_output --partial 'usage: soak [--source kvm|threads]'
  run -2 soak soak --vcpus 65
  run -2 soak soak --freezes 0
  run -2 soak soak extra
}

@test "a seed and a number are one plan" {
  run -0 soak soak --plan --source kvm --seed 5 --first 7
  local plan=$output
  run -0 soak soak --plan --source kvm --seed 5 --first 7
  assert_output "$plan"
  run -0 soak soak --plan --source kvm --seed 6 --first 7
  refute_output "$plan"
  run -0 soak soak --plan --source kvm --seed 5 --first 8
  refute_output "$plan"
}
