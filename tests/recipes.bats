# The ten questions of dumpctl-decode(1): each recipe, as the page has it, gives the answer that
# stands in the page, and that is the one that the data below it holds.
# shellcheck disable=SC2154  # run sets output

setup() {
  load helpers
  cd "$BATS_TEST_TMPDIR" || return 1
  mkdir bin
  ln -s "$DUMPCTL" bin/dumpctl
  cp "$DATA/samples/degraded-full-x86_64.json" report.json
  cp "$DATA/samples/single-hash-percpu.json" single.json
  cp "$DATA/samples/dual-early-present.json" dual.json
  cp "$DATA/samples/missing-stats-request-too-large.json" stats.json
  cp "$DATA/samples/single-every-field.json" every.json
  cp "$DATA/manual/capture.json" .
}

# recipe N WORDS: writes the command of question N, in whose title WORDS stand, to run.sh, what the
# page says that it prints to answer.txt, and runs it.
recipe() {
  mandoc -Tutf8 -O width=200 "$ROOT/man/dumpctl-decode.1" | sed 's/.\x08//g' |
    awk -v n="$1." '/^   [^ ]/ { on = $1 == n } on' >section.txt
  head -n 1 section.txt | grep -qF -- "$2"
  sed -nE '1d; s/^     \$ //p; /^         /p' section.txt >run.sh
  sed -nE '2,$ { /^     (\$|    )/d; s/^ {5}//p; }' section.txt >answer.txt
  [ -s run.sh ]
  [ -s answer.txt ]
  run -0 env PATH="$PWD/bin:$PATH" bash run.sh
  assert_output "$(cat answer.txt)"
}

# wire FILE PROGRAM: what jq finds in the report itself, not in what decode makes of it.
wire() {
  jq -rc "$2" "$1"
}

@test "recipe 1: what happened, in each of these files" {
  recipe 1 "What happened"
  assert_line --index 0 --partial "$(wire report.json '.reason | split(" before")[0]')"
  assert_line --index 1 --partial "exit_kind $(wire single.json .scx_sched_state.exit_kind) "
  assert_line --index 3 --partial "$(wire stats.json '.. | objects | select(.size).size')"
  assert_equal "${#lines[@]}" 4
}

@test "recipe 2: which vCPUs never stopped, and why" {
  recipe 2 "never stopped"
  wanted=$(for file in report.json capture.json; do
    wire $file '.vcpu_regs | to_entries[] | select(.value == null).key'
  done)
  assert_equal "$(jq '.[0]' <<<"$output")" "$wanted"
  assert_line --index 2 --partial "$(wire capture.json '.dumpctl.vcpus[4].why')"
}

@test "recipe 3: which vCPUs were at the same place" {
  recipe 3 "same place"
  assert_equal "$(jq -s 'map(.[1][]) | sort' -c <<<"$output")" \
    "$(wire capture.json '.vcpu_regs | to_entries | map(select(.value).key)')"
  assert_line --partial "$(printf '"0x%x"' "$(wire capture.json '.vcpu_regs[5].instruction_pointer')")"
}

@test "recipe 4: what each CPU ran, and how many waited" {
  recipe 4 "each CPU run"
  assert_output "$(wire single.json '.rq_scx_states[] |
    "\(.cpu) \(.curr_comm) \(.nr_running) \(.runnable_task_kvas | length)"')"
}

@test "recipe 5: which tasks wait, and in which queue" {
  recipe 5 "Which tasks wait"
  assert_equal "$(jq -c '.[:2]' <<<"$output")" "$(wire single.json '.dsq_states[] | [.origin, .nr]')"
  # jq 1.6 rounds the addresses of the report; decode does not.
  for task in $(jq -r '.[2][]' <<<"$output"); do grep -qF "$(printf %u "$task")" single.json; done
}

@test "recipe 6: whether the scheduler got on between the snapshots" {
  recipe 6 "get on"
  assert_equal "$(jq .more <<<"$output")" "$(wire dual.json '[.early, .late |
    .maps[0].value.members[] | select(.name == "nr_enqueued").value.value] | .[1] - .[0]')"
}

@test "recipe 7: the largest entry of a hash map" {
  recipe 7 "largest"
  assert_equal "$(jq .value.nr_tasks <<<"$output")" "$(wire single.json '[.maps[1].entries[].value.members[] |
    select(.name == "nr_tasks").value.value] | max')"
}

@test "recipe 8: which CPU fell behind" {
  recipe 8 "fell behind"
  assert_equal "$(jq -c '[.cpu, .value.nr_disp]' <<<"$output")" \
    "$(wire single.json '.maps[2].percpu_entries[0].per_cpu | to_entries | map(select(.value)) |
      map([.key, .value.members[0].value.value]) | min_by(.[1])')"
}

@test "recipe 9: which events went on at the end" {
  recipe 9 "events"
  assert_output "$(wire single.json '.event_counter_timeline[-2:] |
    ["dispatch_keep_last", .[0].dispatch_keep_last, .[1].dispatch_keep_last]')"
}

@test "recipe 10: what is missing, and why" {
  recipe 10 "missing"
  assert_equal "$(cut -d: -f2- <<<"$output")" \
    "$(wire every.json '(to_entries[] | select(.key | endswith("_unavailable")).value), (.maps[].error // empty) | " " + .')"
}

@test "the check for a script fails where nothing is known, too" {
  grep -F -A1 "jq -e 'all([., inputs]" "$ROOT/man/dumpctl-decode.1" | sed -E "s/.*jq -e '//; s/'$//" >program
  [ -s program ]
  cp "$DATA/samples/single-minimal.json" none.json
  echo '{' >broken.json
  printf '{"schema":"single","maps":[],"vcpu_regs":[{"instruction_pointer":1,"stack_pointer":2,"page_table_root":3}]}' >parked.json
  all_parked() {
    bash -c 'set -o pipefail; "$DUMPCTL" decode "$@" 2>/dev/null | jq -e -f program' - "$@"
  }
  run -0 all_parked parked.json parked.json
  for files in none.json stats.json report.json broken.json "report.json parked.json" "parked.json broken.json"; do
    # shellcheck disable=SC2086  # a list of words
    run all_parked $files
    assert_failure
  done
}

@test "there are ten recipes, and each question has a test here" {
  mandoc -Tutf8 -O width=200 "$ROOT/man/dumpctl-decode.1" | sed 's/.\x08//g' | grep -oE '^   [0-9]+\.' |
    tr -d ' .' >numbers
  assert_equal "$(paste -sd' ' numbers)" "1 2 3 4 5 6 7 8 9 10"
  for n in {1..10}; do grep -q "^@test \"recipe $n: " "$BATS_TEST_FILENAME"; done
}
