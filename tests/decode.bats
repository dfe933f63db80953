# shellcheck shell=bash disable=SC2154,SC2016,SC2086
# run sets stderr; inner shells expand; an option may be none
load helpers

# Every folder tests/data/decode-*/ holds input.json and what decode must make of it: decode.json,
# wire.json (no newline at its end), and where they are there error.txt and exit.

setup() {
  # bats keeps files of its own one level up.
  mkdir "$BATS_TEST_TMPDIR/here"
  cd "$BATS_TEST_TMPDIR/here" || return 1
  REPORT=$DATA/samples/degraded-full-x86_64.json
  MINIMAL=$DATA/samples/single-minimal.json
}

teardown() {
  screen_stop
}

# The samples that are reports: all but the oldest form and the table of texts.
samples() {
  find "$DATA/samples" -maxdepth 1 -name '*.json' ! -name 'legacy-*' ! -name 'rendered-*' | sort
}

# ---- shapes ----

@test "decode: every case gives what its folder holds" {
  local folder want n=0
  for folder in "$DATA"/decode-*/; do
    cd "$folder" || return 1
    want=0
    if [ -e exit ]; then want=$(cat exit); fi
    run --separate-stderr "-$want" dumpctl decode input.json
    diff -u <(cat decode.json 2>/dev/null) <(if [ -n "$output" ]; then echo "$output"; fi)
    diff -u <(cat error.txt 2>/dev/null) <(if [ -n "$stderr" ]; then echo "$stderr"; fi)
    dumpctl decode --wire input.json >"$BATS_TEST_TMPDIR/here/wire" 2>/dev/null || true
    if [ -e wire.json ]; then cmp wire.json "$BATS_TEST_TMPDIR/here/wire"; fi
    n=$((n + 1))
  done
  [ "$n" -ge 12 ]
}

@test "decode: every sample becomes one line of ASCII with version, file, variant, snapshots" {
  local file n=0
  for file in $(samples); do
    dumpctl decode "$file" >out.json
    [ "$(wc -l <out.json)" -eq 1 ]
    jq -e --arg file "$file" '.version == 1 and .file == $file and (.snapshots | type) == "array"
      and (.variant | IN("single", "dual", "degraded", "missing_stats"))' out.json
    # Printable ASCII and one newline; indented it says the same.
    if LC_ALL=C grep '[^ -~]' out.json; then fail "bytes that are not printable ASCII"; fi
    dumpctl decode --pretty "$file" >pretty.json
    [ "$(wc -l <pretty.json)" -gt 5 ]
    cmp <(jq -c . pretty.json) <(jq -c . out.json)
    n=$((n + 1))
  done
  [ "$n" -ge 35 ]
}

@test "decode --wire: every sample stays as it is the second time, and means the same" {
  local file n=0
  for file in $(samples); do
    dumpctl decode --wire "$file" >once
    [ -s once ]
    [ "$(tail -c 1 once | wc -l)" -eq 0 ]
    dumpctl decode --wire once >twice
    cmp once twice
    dumpctl decode --wire --pretty "$file" >pretty
    dumpctl decode --wire pretty >twice
    cmp once twice
    diff <(dumpctl decode "$file" | jq 'del(.file)') <(dumpctl decode once | jq 'del(.file)')
    n=$((n + 1))
  done
  [ "$n" -ge 35 ]
}

@test "decode: every sample that must be refused is, with place and pointer" {
  local file n=0
  for file in "$DATA"/samples/reject/*.json "$DATA"/samples/legacy-no-schema.json; do
    run --separate-stderr -2 dumpctl decode "$file"
    assert_output ""
    [[ $stderr =~ ^"dumpctl: $file:"[0-9]+:[0-9]+:\  ]] || fail "$stderr"
    [ "${#stderr_lines[@]}" -eq 1 ]
    run --separate-stderr -2 dumpctl decode --json "$file"
    assert_output ""
    jq -e '.error | .line >= 1 and .column >= 1 and (.pointer | type) == "string"' <<<"$stderr"
    n=$((n + 1))
  done
  [ "$n" -ge 26 ]
}

# ---- numbers ----

@test "decode: the integers that other readers round are exact in every shape" {
  local value
  for value in 0 9007199254740993 9223372036854775807 9223372036854775808 18446744073709551615; do
    printf '{"schema":"single","maps":[],"dump_truncated_at_us":%s}' "$value" >in.json
    dumpctl decode in.json | grep -qE "\"dump_truncated_at_us\":\"?$value\"?[,}]"
    dumpctl decode --numbers=exact in.json | grep -q "\"dump_truncated_at_us\":${value}[,}]"
    dumpctl decode --wire in.json | cmp - in.json
  done
  run -0 dumpctl decode --wire "$REPORT"
  assert_output --partial '"instruction_pointer":18446744071589577456,'
  run -0 dumpctl decode "$REPORT"
  assert_output --partial '"instruction_pointer":"0xffffffff81a3c2f0"'
}

@test "decode: integers that do not fit, and reals in their place, are refused by name" {
  local value
  for value in 18446744073709551616 -5 -0 1.0 1e2 1e400 '"1"' null true; do
    printf '{"schema":"single","maps":[],"dump_truncated_at_us":%s}' "$value" >in.json
    if [ "$value" = null ]; then continue; fi # none, which is allowed here
    run -2 dumpctl decode in.json
    assert_output --partial "in.json:1:53: /dump_truncated_at_us: "
  done
  for value in NaN Infinity -Infinity 01 +1 1.; do
    printf '{"schema":"single","maps":[],"dump_truncated_at_us":%s}' "$value" >in.json
    run -2 dumpctl decode in.json
    assert_output --partial "in.json:1:"
    assert_output --partial "/dump_truncated_at_us: "
  done
}

@test "decode: a language with a decimal comma changes no byte" {
  if [ ! -e "$TEST_LOCPATH/de_DE.UTF-8" ]; then skip "no locale with a decimal comma"; fi
  local file=$DATA/decode-numbers/input.json
  local form
  for form in "" --wire --pretty; do
    decimal_comma "$DUMPCTL" decode $form "$file" >comma
    dumpctl decode $form "$file" >point
    [ -s point ]
    cmp comma point
  done
}

@test "decode --numbers: takes two words, and not with --wire" {
  run -2 dumpctl decode --numbers=some "$MINIMAL"
  assert_output --partial "safe"
  run -2 dumpctl decode --numbers=exact --wire "$MINIMAL"
  assert_output --partial "--wire"
}

# ---- the words of the manual ----

@test "decode: who never parked, with jq" {
  run -0 bash -c '"$DUMPCTL" decode "$1" |
    jq -c "[.snapshots[].vcpus[] | select(.state==\"not_parked\").id]"' - "$REPORT"
  assert_output '[1,3]'
}

@test "decode: a missing-stats reason has a shape of its own" {
  printf '{"RequestTooLarge":{"size":262145,"max":262144}}' >r.json
  run -0 bash -c '"$DUMPCTL" decode r.json | jq -c "del(.file)"'
  assert_output '{"version":1,"variant":"missing_stats","tag":null,"missing_stats":{"name":"RequestTooLarge","size":262145,"max":262144,"text":"stats request 262145 bytes exceeds 262144-byte cap"},"snapshots":[]}'
}

@test "decode: the uniform shape given back is told from a report, and --wire is named" {
  dumpctl decode "$REPORT" >uniform.json
  dumpctl decode --pretty "$DATA"/samples/missing-stats-cancelled.json >missing.json
  local file verb
  for file in uniform.json missing.json; do
    for verb in decode show; do
      run --separate-stderr -2 dumpctl $verb $file
      [[ $stderr == *"uniform shape"*"--wire"* ]] || fail "$stderr"
    done
  done
}

# ---- several documents ----

@test "decode: several files, a line for each, in their order" {
  run -0 dumpctl decode "$MINIMAL" "$REPORT" "$MINIMAL"
  assert_equal "${#lines[@]}" 3
  [ "$(jq -r .variant <<<"$output" | paste -sd,)" = single,degraded,single ]
  dumpctl decode --wire "$MINIMAL" "$REPORT" >lines.json
  [ "$(wc -l <lines.json)" -eq 1 ] # between the two, not behind the last
  dumpctl decode lines.json | jq -r .variant | paste -sd, | grep -qx single,degraded
  dumpctl decode --pretty "$MINIMAL" "$REPORT" | jq -s -e 'length == 2'
}

@test "decode: a bad file among good ones: exit 2, the others come out" {
  echo '{"schema":"single"}' >bad.json
  run --separate-stderr -2 dumpctl decode "$MINIMAL" bad.json no-such.json "$REPORT"
  assert_equal "${#lines[@]}" 2
  [ "$(jq -r .variant <<<"$output" | paste -sd,)" = single,degraded ]
  [[ $stderr == *"no-such.json: cannot be opened"* ]]
  [[ $stderr == *'bad.json:1:1: the required member "maps"'* ]]
  assert_equal "${#stderr_lines[@]}" 2
}

@test "decode: JSON Lines, with CRLF, blank lines and documents over several lines" {
  printf '{"schema":"single","maps":[]}\r\n\r\n"Cancelled"\n{"schema":"dual",\n"late":{"schema":"single","maps":[]}}\n\n' >lines.json
  run -0 dumpctl decode lines.json
  [ "$(jq -r .variant <<<"$output" | paste -sd,)" = single,missing_stats,dual ]
  printf '{"schema":"single","maps":[]} "Cancelled"\n' >one.json
  run --separate-stderr -2 dumpctl decode one.json
  assert_output ""
  [[ $stderr == *"one.json:1:31: "*"next line"* ]]
}

@test "decode: a bad document does not hide those behind it" {
  {
    echo '{"schema":"single","maps":[]}'
    echo '{"schema":"other"}'
    echo '{"schema":"single","maps":['
    echo '"Cancelled"'
    echo '{"schema":"single","maps":[],"maps_truncated":-1}'
    echo '{"schema":"dual","late":{"maps":[]}}'
    echo '{"schema":"single","maps":[]}'
  } >lines.json
  run --separate-stderr -2 dumpctl decode lines.json
  assert_equal "$(jq -c '[.document, .variant]' <<<"$output" | xargs)" "[1,single] [4,missing_stats] [7,single]"
  assert_equal "$(cut -d: -f3 <<<"$stderr" | xargs)" "2 4 5 6"
  assert_regex "$stderr" '/late: .*--assume-single'
  run --separate-stderr -2 dumpctl show --json lines.json
  assert_equal "$(jq .document <<<"$output" | xargs)" "1 4 7"
  run --separate-stderr -2 dumpctl decode --check --json lines.json
  assert_output ""
  assert_equal "$(jq -r '.error.line' <<<"$stderr" | sort -un | xargs)" "2 4 5 6"
  # Where nobody knows where the next one begins, that is said; one alone has no number.
  printf '{"a":tru}\n  {"schema":"single","maps":[]}\n' >indented.json
  run --separate-stderr -2 dumpctl decode indented.json
  assert_equal "${stderr_lines[1]}" "dumpctl: indented.json: the rest of the input was not read"
  run --separate-stderr -2 dumpctl decode --check indented.json
  assert_equal "${stderr_lines[1]}" "dumpctl: indented.json: the rest of the input was not read"
  run -0 dumpctl decode "$MINIMAL"
  jq -e 'has("document") | not' <<<"$output"
}

@test "decode: a hundred thousand bad documents take no more than their length" {
  yes '{"schema":"single","maps":[' | head -n 100000 >open.json
  yes '{"schema":"other"}' | head -n 100000 >other.json
  for file in open other; do
    run -2 timeout 60 bash -c '"$DUMPCTL" decode "$1" 2>faults' - $file.json
    assert_equal "$(wc -l <faults)" 100000
  done
}

@test "decode: standard input, once" {
  run -0 dumpctl decode - <"$REPORT"
  [ "$(jq -r .file <<<"$output")" = - ]
  run -2 dumpctl decode - - <"$REPORT"
  run --separate-stderr -2 dumpctl decode - <<<'{'
  [[ $stderr == "dumpctl: <stdin>:"* ]]
  run --separate-stderr -2 dumpctl decode - </dev/null
  [[ $stderr == *"the input is empty"* ]]
}

# ---- options of reading ----

@test "decode --strict refuses unknown members and says where" {
  run -2 dumpctl decode --strict "$DATA/samples/single-tolerances.json"
  assert_output --partial "/x_vendor: "
  assert_output --partial "--strict"
  run -0 dumpctl decode --strict "$DATA/samples/single-every-field.json"
}

@test "decode --assume-single reads the oldest reports" {
  run -0 dumpctl decode --assume-single "$DATA/samples/legacy-no-schema.json"
  [ "$(jq -r .variant <<<"$output")" = single ]
  dumpctl decode --wire --assume-single "$DATA/samples/legacy-no-schema.json" >now.json
  run -0 dumpctl decode now.json
}

# ---- where it goes ----

@test "decode -o: whole or absent, 0600, replaced only with --force" {
  dumpctl decode "$REPORT" -o out.json
  [ -s out.json ]
  dumpctl decode "$REPORT" | cmp - out.json
  [ "$(stat -c %a out.json)" = 600 ]
  cp out.json before.json
  run --separate-stderr -2 dumpctl decode "$MINIMAL" -o out.json
  [[ $stderr == *out.json*--force* ]]
  cmp out.json before.json
  dumpctl decode --wire --force "$MINIMAL" -o out.json
  dumpctl decode --wire "$MINIMAL" | cmp - out.json
  echo '{' >bad.json
  run -2 dumpctl decode "$MINIMAL" bad.json -o absent.json
  [ ! -e absent.json ]
  run -2 dumpctl decode --force "$MINIMAL" bad.json -o out.json
  dumpctl decode --wire "$MINIMAL" | cmp - out.json
  run -2 dumpctl decode "$REPORT" -o no/such/folder.json
  [ "$(find . -type f | wc -l)" -eq 3 ] # before, bad, out: no temporary file is left
  run -2 dumpctl decode --force "$MINIMAL"
}

@test "decode -o: the input may be the output" {
  cp "$REPORT" same.json
  dumpctl decode --wire --force same.json -o same.json
  [ -s same.json ]
  dumpctl decode --wire "$REPORT" | cmp - same.json
}

@test "decode: text from outside cannot reach a terminal raw" {
  local hostile=$DATA/decode-hostile/input.json
  run -0 dumpctl decode "$hostile"
  assert_output --partial '\u001b[31m caf\u00e9 \u202e\u007f \ud83d\ude00 \u0000'
  # To a pipe, the wire form is as it is; to a terminal it is ASCII.
  dumpctl decode --wire "$hostile" | grep -q $'caf\xc3\xa9 \xe2\x80\xae\x7f'
  screen_start 200 5 "$DUMPCTL" decode --wire "$hostile"
  wait_for_text '"reason":"\u001b[31m caf\u00e9 \u202e\u007f \ud83d\ude00 \u0000"'
}

@test "decode: names of members and files are escaped in messages" {
  printf '{"schema":"single","maps":[],"a\\u001b[31m\xe2\x80\xae/~":tru}' >$'ev\x1bil.json'
  run --separate-stderr -2 dumpctl decode $'ev\x1bil.json'
  assert_equal "$stderr" 'dumpctl: ev\x1bil.json:1:47: /a\x1b[31m\u202e~1~0: expected a value, found '"'t'"
  printf '{"schema":"\\u001b[2J\x7f\xe2\x80\xae","maps":[]}' >schema.json
  run --separate-stderr -2 dumpctl decode schema.json
  if LC_ALL=C grep -q '[^ -~]' <<<"$stderr"; then fail "raw bytes: $stderr"; fi
}

@test "decode: a reader that goes away is no error" {
  run --separate-stderr -0 bash -c 'set -o pipefail; "$DUMPCTL" decode --pretty "$1" "$1" "$1" | head -n 1' - \
    "$DATA/samples/single-every-field.json"
  assert_output "{"
  [ -z "$stderr" ]
}

@test "decode: a full or closed output is an error" {
  run --separate-stderr -2 bash -c '"$DUMPCTL" decode "$1" >/dev/full' - "$REPORT"
  [[ $stderr == *"No space left on device"* ]]
  run --separate-stderr -2 bash -c '"$DUMPCTL" decode --wire "$1" >&-' - "$REPORT"
  [ -n "$stderr" ]
  run --separate-stderr -2 dumpctl decode "$REPORT" -o /dev/full
  [ -n "$stderr" ]
}
