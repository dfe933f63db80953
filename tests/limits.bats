# shellcheck shell=bash disable=SC2154,SC2016  # run sets stderr; inner shells expand
load helpers

# What may not happen however hostile a report is: memory beyond 100 MiB for 16 MiB of text, an
# endless run, a limit that does not say how to raise it.

setup() {
  mkdir "$BATS_TEST_TMPDIR/here"
  cd "$BATS_TEST_TMPDIR/here" || return 1
  # Finds the documents that cost most memory, makes them, and measures (see its first lines).
  HEAVY=${BUILD:-$ROOT/build}/tests/unit/test_memory
}

MOST_KIB=$((100 * 1024))

# peak_below KIB ARG...: dumpctl ARG... succeeds (its stdout is dropped) and stays below KIB.
peak_below() {
  local most=$1 peak
  shift
  "$HEAVY" peak "$DUMPCTL" "$@" >/dev/null 2>err || fail "dumpctl $*: $(tail -n 3 err)"
  peak=$(sed -n 's/^peak //p' err)
  [ "$peak" -lt "$most" ] || fail "dumpctl $*: $peak KiB"
}

# repeat COUNT TEXT
repeat() {
  awk -v n="$1" -v text="$2" 'BEGIN { for (i = 0; i < n; i++) printf "%s", text }'
}

sanitized() {
  if [ -n "${SANITIZE:-}" ]; then skip "a sanitizer has its own need of memory"; fi
}

# ---- memory ----

@test "limits: the worst repetition of each table stays below 100 MiB in every verb" {
  sanitized
  local i name n=0
  while read -r i name; do
    "$HEAVY" make "$i" >heavy.json
    # What is unknown is only passed over in reading, and sorted in the wire form.
    peak_below $MOST_KIB decode --wire heavy.json
    if [[ $name != *.unknown ]]; then
      peak_below $MOST_KIB show heavy.json
      peak_below $MOST_KIB show --json heavy.json
      peak_below $MOST_KIB decode heavy.json
    fi
    n=$((n + 1))
  done < <("$HEAVY" list 3)
  [ "$n" -ge 10 ]
}

@test "limits: the same from a pipe" {
  sanitized
  "$HEAVY" make 0 >heavy.json
  peak_below $MOST_KIB decode --wire - < <(cat heavy.json)
}

@test "limits: text that hardly needs memory: 16 MiB of zeros in an arena page" {
  sanitized
  {
    printf '{"schema":"single","maps":[{"name":"a","map_type":33,"value_size":0,"max_entries":1,"arena":{"declared_pages":1,"kern_vm_start":0,"user_vm_start":0,"pages":[{"user_addr":0,"bytes":['
    repeat 8300000 "0,"
    printf '0]}]}}]}'
  } >arena.json
  peak_below $((48 * 1024)) decode --wire arena.json
  peak_below $((48 * 1024)) show arena.json
}

@test "limits: thousands of documents need no more than one" {
  sanitized
  repeat 500000 '{"schema":"single","maps":[]}
' >lines.json
  peak_below $((24 * 1024)) decode lines.json
  peak_below $((24 * 1024)) show --short lines.json
}

# ---- --max-memory, --max-size ----

@test "limits: --max-memory is kept and named" {
  { printf '{"schema":"single","maps":[],"vcpu_regs":['; repeat 400000 'null,'; printf 'null]}'; } >big.json
  local verb
  for verb in show decode "decode --wire"; do
    # shellcheck disable=SC2086  # a verb and its option
    run --separate-stderr -2 dumpctl $verb --max-memory=1M big.json
    assert_output ""
    [[ $stderr =~ big.json.*"more memory than the limit of 1M; allow more with --max-memory=SIZE" ]] || fail "$stderr"
  done
  run -2 dumpctl decode --max-memory=1000 big.json
  assert_output --partial "more memory than the limit of 1000 bytes; allow more with --max-memory=SIZE"
  run -0 dumpctl show --max-memory=8M big.json
}

@test "limits: --max-size is kept and named, also where the size is not known before" {
  printf '{"schema":"single","maps":[]}' >small.json
  run -0 dumpctl decode --max-size=29 small.json
  run -2 dumpctl decode --max-size=28 small.json
  assert_output --regexp '^dumpctl: small.json: is larger than .*\<28\>.*--max-size=SIZE'
  run -2 bash -c 'cat small.json | "$DUMPCTL" decode --max-size=28 -'
  assert_output --regexp '^dumpctl: <stdin>: is larger than .*\<28\>.*--max-size=SIZE'
  run -0 bash -c 'cat small.json | "$DUMPCTL" decode --max-size=29 -'
}

@test "limits: a file of 300 MiB is refused without being held" {
  truncate -s 300M sparse.json
  run -2 dumpctl show sparse.json
  assert_output --regexp '^dumpctl: sparse.json: is larger than .*\<256M\>.*--max-size=SIZE'
  sanitized
  "$HEAVY" peak "$DUMPCTL" decode sparse.json 2>err || true
  [ "$(sed -n 's/^peak //p' err)" -lt $((16 * 1024)) ]
  # Where the size is not known before, no more is held than is permitted.
  "$HEAVY" peak bash -c 'exec "$DUMPCTL" decode --max-size=8M - < <(cat sparse.json)' 2>err || true
  grep -q 'larger than .*8M' err
  [ "$(sed -n 's/^peak //p' err)" -lt $((32 * 1024)) ]
}

# ---- pipes ----

# A byte at a time, each in a write of its own.
drip() {
  LC_ALL=C awk 'BEGIN { RS = "\0" } { n = length($0); for (i = 1; i <= n; i++) { printf "%s", substr($0, i, 1); fflush() } }' "$1"
}

@test "limits: input that drips a byte at a time is the same input" {
  local file
  for file in "$DATA"/samples/degraded-full-x86_64.json "$DATA"/samples/single-hash-percpu.json; do
    drip "$file" | dumpctl decode --wire - >dripped
    [ -s dripped ]
    dumpctl decode --wire "$file" | cmp - dripped
  done
  run -2 bash -c 'for byte in "{" "\"" "s"; do printf "%s" "$byte"; sleep 0.01; done | "$DUMPCTL" decode -'
  assert_output --partial "<stdin>:1:2: this string never ends"
}

# ---- depth ----

@test "limits: 127 containers are read, 128 are not, in known and unknown members" {
  {
    printf '{"schema":"single","maps":[],"x":'
    repeat 126 "["
    repeat 126 "]"
    printf '}'
  } >deep.json
  run -0 dumpctl decode --wire deep.json
  assert_output "$(<deep.json)"
  sed 's/"x":/"x":[/; s/}$/]}/' deep.json >deeper.json
  run -2 dumpctl decode deeper.json
  assert_output --partial "nested deeper than 127 objects and arrays"
  repeat 1000000 "[" >open.json
  run -2 dumpctl decode open.json
  run -2 dumpctl show open.json
}
