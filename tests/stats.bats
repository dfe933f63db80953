# `dumpctl stats` against a scripted scheduler: a process of its own for each test, which is
# waited for by its word "ready", never by time.
# shellcheck disable=SC2016  # what stands in single quotes is for other programs
# shellcheck disable=SC2030,SC2031,SC2154  # what run sets

setup() {
  load helpers
  cd "$BATS_TEST_TMPDIR" || return 1
  SERVER=${BUILD:-${DUMPCTL%/*}}/tests/stats_server
}

teardown() {
  screen_stop
  if [ -n "${PID:-}" ]; then
    kill -KILL "$PID" 2>/dev/null || true
    wait "$PID" 2>/dev/null || true
  fi
}

# scheduler WORD...: starts it on the socket `s`; what it is asked goes to `asked`.
scheduler() {
  rm -f ready asked
  "$SERVER" s log=asked "$@" >ready 3>&- &
  PID=$!
  wait_until grep -q ready ready || fail "the scheduler is not ready"
}

end_scheduler() {
  kill -KILL "$PID"
  wait "$PID" || true
  PID=
}

# What a scheduler describes: a top struct with a dictionary of structs.
META='{"Layer":{"name":"Layer","user":{"_om_label":"layer_name","_om_prefix":"l_"},"fields":{
  "cpus":{"array":"u64","user":{"_om_skip":"true"}},"lats":{"array":"float","desc":"latencies"},
  "util":{"datum":"float","desc":"Total CPU utilization (100% means one full CPU)"}}},
  "Top":{"name":"Top","top":"true","fields":{"mode":{"datum":"string","desc":"power mode"},
  "nr":{"datum":"u64","desc":"number of dispatches"},"slice_us":{"datum":"u64","desc":"slice in usecs"},
  "skew":{"datum":"i64"},"layers":{"dict":{"key":"string","datum":{"struct":"Layer"}},"desc":"per layer"}}}}'
META=${META//$'\n'/}

stats_of() { # NR UTIL
  echo '{"mode":"balanced","nr":'"$1"',"slice_us":20000,"skew":-9223372036854775808,"layers":{
"batch":{"cpus":[18446744073709551615],"lats":[0.5,1.0],"util":'"$2"'},"a\"b":{"cpus":[],"lats":[],"util":7.125}}}' | tr -d '\n' | sed 's/\\/\\\\/g'
}

# ---- for a person ----

@test "fields stand in columns with values, units and descriptions, exactly" {
  scheduler "meta=$META" "reply=$(stats_of 6004496034161779060 12.50)"
  run --separate-stderr -0 dumpctl stats --socket s --width 80
  assert_equal "$stderr" ""
  assert_line --index 0 --regexp '^s, 20[0-9-]+ [0-9:]+, answered in [0-9]+\.[0-9]{3} ms$'
  assert_line --index 1 "(warm-up: first answer on its connection; deltas begin here)"
  cat >wanted <<'EOF'
FIELD                    VALUE  UNIT  DESCRIPTION
layers                                per layer
  a"b
    cpus  []
    lats  []                          latencies
    util                 7.125  %     Total CPU utilization (100% means one full
                                      CPU)
  batch
    cpus  18446744073709551615
    lats  0.5, 1.0                    latencies
    util                  12.5  %     Total CPU utilization (100% means one full
                                      CPU)
mode      balanced                    power mode
nr         6004496034161779060        number of dispatches
skew      -9223372036854775808
slice_us                 20000  us    slice in usecs
EOF
  diff wanted <(tail -n +4 <<<"$output")
  # The descriptions are asked for behind the statistics.
  diff asked <(printf '%s\n' '{"req":"stats"}' '{"req":"stats_meta"}')
}

@test "no line is longer than the width" {
  local width
  scheduler "meta=$META" "reply=$(stats_of 1 12.5)" "reply=$(stats_of 99999999 1e300)" loop
  for width in 20 24 30 40 41 60 79 80 96 140 200; do
    run -0 dumpctl stats -s s --width "$width" --meta --watch 0.02 --count 2
    assert_line --partial "slice_us"
    awk -v most="$width" 'length($0) > most { print "too long: " $0; bad = 1 } END { exit bad }' <<<"$output" ||
      fail "at $width columns"
  done
}

@test "--meta prints the structs with types and user members" {
  scheduler "meta=$META" 'reply={"nr":1}'
  run -0 dumpctl stats -s s --meta --width 100
  assert_line "struct Layer [_om_label=layer_name, _om_prefix=l_]"
  assert_line "struct Top (top)"
  assert_line --regexp '^  cpus +array of u64 +\[_om_skip=true\]$'
  assert_line --regexp '^  layers +dict of string to struct Layer +per layer$'
}

@test "a scheduler that describes nothing still gives its values, and that is said once" {
  scheduler meta=close 'reply={"nr":1}' 'reply={"nr":2}' 'reply={"nr":3}'
  run --separate-stderr -0 dumpctl stats -s s --watch 0.02 --count 3
  [ "$(grep -c '^nr ' <<<"$output")" -eq 3 ]
  [ "$(wc -l <<<"$stderr")" -eq 1 ]
  assert_regex "$stderr" "^dumpctl: no descriptions of the fields: "
  scheduler 'meta=[1]' 'reply={"nr":1}'
  run --separate-stderr -0 dumpctl stats -s s
  assert_regex "$stderr" "stats_meta: expected an object of structs"
}

@test "text from a scheduler reaches a terminal escaped" {
  scheduler 'meta={"T":{"top":"true","fields":{"a":{"datum":"string","desc":"d\\u001b[2J"}}}}' \
    'reply={"a":"\\u001b]0;x\\u0007\\u202e"}'
  run -0 dumpctl stats -s s --color=never
  assert_output --partial '\x1b]0;x\x07\u202e'
  assert_output --partial 'd\x1b[2J'
  refute_output --partial $'\e'
}

@test "other targets and arguments are sent, and objects described by their members" {
  scheduler "meta=$META" 'reply={"samples":[{"cpus":[1],"lats":[],"util":1.5},{"cpus":[2],"lats":[],"util":2.5}]}'
  run -0 dumpctl stats -s s --target samples --arg nr=4 --arg 'x==y"' --width 100
  assert_line --partial "s, target samples, "
  assert_line --regexp '^ +util +1\.5  % +Total CPU utilization'
  assert_line "  [1]"
  assert_equal "$(head -n 1 asked)" '{"req":"stats","args":{"nr":"4","target":"samples","x":"=y\""}}'
}

# ---- --json ----

@test "--json sends exactly one request and prints exactly one line" {
  scheduler "meta=$META" "reply=$(stats_of 18446744073709551615 1.0)"
  run --separate-stderr -0 dumpctl stats -s s --json
  assert_output '{"stats":{"layers":{"a\"b":{"cpus":[],"lats":[],"util":7.125},"batch":{"cpus":[18446744073709551615],"lats":[0.5,1.0],"util":1.0}},"mode":"balanced","nr":18446744073709551615,"skew":-9223372036854775808,"slice_us":20000}}'
  assert_equal "$stderr" ""
  assert_equal "$(cat asked)" '{"req":"stats"}'
}

@test "--json --meta adds one line, also where there are no statistics" {
  scheduler 'meta={"T":{}}' 'reply={"a":"\\u00e4"}' 'error=2:gone'
  run --separate-stderr -0 dumpctl stats -s s --json --meta
  assert_output $'{"stats":{"a":"\\u00e4"}}\n{"stats_meta":{"T":{}}}'
  run --separate-stderr -1 dumpctl stats -s s --json --meta
  assert_output $'{"missing_stats":{"SchedulerError":{"errno":2,"args":{"resp":"gone"}}}}\n{"stats_meta":{"T":{}}}'
}

@test "--meta describes also where there are no statistics" {
  scheduler "meta=$META" error=22:no
  run --separate-stderr -1 dumpctl stats -s s --meta --width 100
  assert_line --index 0 "struct Layer [_om_label=layer_name, _om_prefix=l_]"
  assert_equal "$stderr" "dumpctl: no statistics: scheduler returned errno=22: no"
}

@test "--json gives no line that is too deep to be read" {
  local deep
  deep=$(printf '[%.0s' {1..124})$(printf ']%.0s' {1..124})
  scheduler "line={\"errno\":22,\"args\":$deep}" "line={\"errno\":22,\"args\":[$deep]}"
  run -1 dumpctl stats -s s --json
  assert_output "{\"missing_stats\":{\"SchedulerError\":{\"errno\":22,\"args\":$deep}}}"
  run -1 dumpctl stats -s s --json
  assert_output --partial "nested deeper than 126 objects and arrays"
}

@test "every reason is one line that show reads, and exit code 1" {
  local word line
  : >lines
  for word in 'error=22:a\nb' 'relay=no scheduler available' 'args={"x":1}' not-utf8 torn close 'line=[]]' size=300000; do
    scheduler "$word"
    run --separate-stderr -1 dumpctl stats -s s --json
    [ "${#lines[@]}" -eq 1 ] || fail "$word: $output"
    echo "$output" >>lines
    end_scheduler
  done
  run --separate-stderr -1 dumpctl stats -s s --json
  echo "$output" >>lines
  assert_equal "$(jq -r '.missing_stats | keys[0]' lines | tr '\n' ' ')" \
    "SchedulerError NoScheduler MissingResp NoScheduler NoScheduler NoScheduler NoScheduler ResponseTooLarge NoScheduler "
  while read -r line; do
    jq -c .missing_stats <<<"$line" >reason.json
    run -0 dumpctl show reason.json
  done <lines
}

@test "a deadline that passes is the reason Cancelled and a note that says how long it was" {
  scheduler silent
  run --separate-stderr -1 dumpctl stats -s s --json --timeout 50
  assert_output '{"missing_stats":"Cancelled"}'
  assert_equal "$stderr" '{"note":{"message":"no answer within 50 ms"}}'
  run --separate-stderr -1 dumpctl stats -s s --timeout 50
  assert_output ""
  assert_regex "$stderr" "^dumpctl: no statistics: no answer within 50 ms; --probe "
}

@test "--max-reply is the limit, and stands in the reason" {
  scheduler size=300000
  run -0 dumpctl stats -s s --json --max-reply 512K
  run -1 dumpctl stats -s s --json --max-reply 1K
  assert_output '{"missing_stats":{"ResponseTooLarge":{"size":1025,"max":1024}}}'
  run -1 dumpctl stats -s s --json --max-reply 64 --arg "k=$(printf '%080d' 0)"
  assert_output --regexp '^\{"missing_stats":\{"RequestTooLarge":\{"size":[0-9]+,"max":64\}\}\}$'
}

# ---- no statistics, for a person ----

@test "no socket, nobody who listens, no permission: the reason and what to do" {
  run --separate-stderr -1 dumpctl stats -s none
  assert_output ""
  # That none has run is known of the place where they all are, and of no other.
  assert_regex "$stderr" "^dumpctl: no statistics: none: there is no such socket \\(ENOENT, [^)]*\\); --socket names another place$"
  scheduler 'reply={}'
  end_scheduler
  run --separate-stderr -1 dumpctl stats -s s
  assert_regex "$stderr" "nobody listens there.*ECONNREFUSED"
  [ "$(wc -l <<<"$stderr")" -eq 1 ]
}

@test "without permission it says so" {
  require_root
  scheduler 'reply={}' mode=0700
  chmod 711 . ..
  run --separate-stderr -1 setpriv --reuid 65534 --clear-groups "$DUMPCTL" stats -s s
  assert_regex "$stderr" "no permission.*EACCES"
}

@test "what a scheduler says in several lines stands in several lines, escaped" {
  scheduler 'error=22:Invalid argument\n\nCaused by:\n    unknown \x1b[31m target'
  run --separate-stderr -1 dumpctl stats -s s
  assert_output ""
  diff - <(echo "$stderr") <<'EOF'
dumpctl: no statistics: scheduler returned errno=22:
  Invalid argument

  Caused by:
      unknown \x1b[31m target
EOF
}

@test "on a terminal a long error is cut, and how much is said; whole with --json" {
  local long i
  for ((i = 0; i < 40; i++)); do long+="line $i $(printf '%01000d' 0)\\n"; done
  scheduler "error=1:$long"
  screen_start 100 60 "$DUMPCTL" stats -s s
  wait_for_text "(+20 more lines; --json has them all)"
  wait_for_text "[ended 1]"
  run -1 dumpctl stats -s s --json
  assert_output --partial "line 39 0000"
}

# ---- --watch ----

@test "--watch tells changes and rates, on one connection, and --count ends it" {
  scheduler "meta=$META" 'reply={"nr":18446744073709551615,"util":0.1}' 'reply={"nr":0,"util":0.3,"x":1}' 'reply={"nr":7,"util":0.3}'
  run --separate-stderr -0 dumpctl stats -s s --watch 0.05 --count 3 --width 100
  assert_equal "$stderr" ""
  [ "$(grep -c '^(warm-up: ' <<<"$output")" -eq 1 ]
  assert_line --regexp '^FIELD +VALUE +CHANGE +PER SECOND$'
  assert_line --regexp '^nr +0 +-18446744073709551615 +-[0-9]+\.?[0-9]*$'
  assert_line --regexp '^util +0\.3 +\+0\.2 +\+[0-9.]+$'
  assert_line --regexp '^x +1 +new$'
  assert_line --regexp '^nr +7 +\+7 +\+[0-9.]+$'
  assert_line --regexp '^util +0\.3 +0 +0$'
  assert_line "gone since the last sample: x"
  assert_equal "$(sort asked | uniq -c | sort -n | awk '{ print $1 }' | tr '\n' ' ')" "1 3 "
}

@test "rates count from answer to answer, however long the descriptions take" {
  scheduler "meta=$META" meta-delay=900 'reply={"nr":1}' 'reply={"nr":2}'
  run --separate-stderr -0 dumpctl stats -s s --watch 1.5 --count 2 --width 200
  assert_equal "$stderr" ""
  # The answer came before the 900 ms, so it is 1.5 s and not 0.6 s.
  assert_output --regexp ', [1-9][0-9]*\.[0-9]{3} s after the last sample'
}

@test "silent descriptions hold the values up for a second, with --meta as long as --timeout says" {
  scheduler meta=silent 'reply={"nr":1}'
  run --separate-stderr -0 timeout 60 "$DUMPCTL" stats -s s --timeout 100000
  assert_line --regexp '^nr +1$'
  assert_regex "$stderr" "^dumpctl: no descriptions of the fields: no answer within 1000 ms; --meta waits "
  run --separate-stderr -0 dumpctl stats -s s --timeout 1100 --meta
  assert_line --regexp '^nr +1$'
  assert_regex "$stderr" "no answer within 1100 ms; --timeout waits longer"
}

@test "--watch tells a reason that lasts once" {
  scheduler meta=close error=22:busy error=22:busy error=22:other close 'reply={"nr":1}' error=22:other
  run --separate-stderr -0 dumpctl stats -s s --watch 0.02 --count 6
  assert_equal "$(cut -d: -f5- <<<"$stderr" | grep 'statistics\|before\|busy\|other\|closed' | grep -c 'as before')" 1
  [ "$(grep -c ': no statistics: scheduler returned errno=22 ' <<<"$stderr")" -eq 3 ]
}

@test "SIGINT ends --watch also where the shell of a background job had it ignored" {
  scheduler silent
  (
    trap '' INT
    exec "$DUMPCTL" stats -s s --watch 1 --count 1 --timeout 10000 >out 2>err 3>&-
  ) &
  local asker=$!
  wait_until test -s asked
  kill -INT $asker
  wait $asker && fail "no exit code 1"
  assert_equal "$(cat out err)" "" # and not the deadline
}

@test "a gap is one line, the watch goes on, and deltas begin anew behind it" {
  scheduler meta=close 'reply={"nr":1}' error=22:busy close 'reply={"nr":9}' 'reply={"nr":10}'
  run --separate-stderr -0 dumpctl stats -s s --watch 0.02 --count 5
  [ "$(grep -c ': no statistics: ' <<<"$stderr")" -eq 2 ]
  assert_regex "$stderr" ": no statistics: scheduler returned errno=22 "
  assert_line --partial ", after 2 without statistics"
  [ "$(grep -c '^(warm-up: ' <<<"$output")" -eq 2 ]
  assert_line --regexp '^nr +10 +\+1 +\+[0-9.]+$'
  refute_line --regexp '^nr +9 +\+'
}

@test "a scheduler that is replaced is found again, described anew" {
  scheduler 'meta={"T":{"top":"true","fields":{"a":{"datum":"u64","desc":"one"}}}}' 'reply={"a":1}'
  mkfifo out
  "$DUMPCTL" stats -s s --watch 0.02 --width 80 >out 2>err &
  local watcher=$! line
  exec 5<out
  until ! read -r line <&5 || [[ $line == a*1*one ]]; do :; done
  end_scheduler
  wait_until grep -q 'no statistics' err
  scheduler 'meta={"T":{"top":"true","fields":{"a":{"datum":"u64","desc":"two"}}}}' 'reply={"a":1}'
  until ! read -r line <&5 || [[ $line == a*1*two ]]; do :; done
  [[ $line == *two ]]
  kill -TERM "$watcher"
  cat <&5 >/dev/null
  wait "$watcher" || [ $? -gt 128 ]
}

@test "--watch --json: a line for each request, a note where deltas begin" {
  scheduler 'meta={"T":{}}' 'reply={"n":1}' close 'reply={"n":2}' 'reply={"n":3}'
  run --separate-stderr -0 dumpctl stats -s s --watch 0.02 --count 4 --json
  assert_equal "$(jq -c '.stats.n // (.missing_stats | keys[0])' <<<"$output" | tr '\n' ' ')" '1 "NoScheduler" 2 3 '
  [ "$(grep -c 'deltas begin there' <<<"$stderr")" -eq 2 ]
  assert_equal "$(sort asked | uniq -c | tr -s ' ')" ' 4 {"req":"stats"}'
}

@test "SIGTERM ends a request that waits, and a wait between two, at once" {
  scheduler silent
  "$DUMPCTL" stats -s s --json --timeout 100000 >out &
  local asker=$!
  wait_until test -s asked
  kill -TERM $asker
  wait $asker && fail "no exit code 1"
  assert_equal "$(cat out)" '{"missing_stats":"Cancelled"}'
  end_scheduler
  rm out # what the first one said is not to be taken for the second's
  scheduler 'reply={"n":1}'
  "$DUMPCTL" stats -s s --watch 1000 --json >out &
  asker=$!
  wait_until test -s out
  # Written already, or about to sleep: either way it ends, with what it was doing done.
  kill -TERM $asker
  wait $asker || [ $? -eq 143 ]
  assert_equal "$(cat out)" '{"stats":{"n":1}}'
}

@test "Ctrl-C ends a watch on a terminal" {
  scheduler "meta=$META" "reply=$(stats_of 1 1.5)" "reply=$(stats_of 2 1.5)"
  screen_start 100 40 "$DUMPCTL" stats -s s --watch 0.2
  wait_for_text "PER SECOND"
  screen_keys C-c
  wait_for_text "[ended"
  screen_has "[ended 0]" || screen_has "[ended 130]"
}

@test "none of many answers is exit code 1, one is enough for 0" {
  scheduler close
  run -1 dumpctl stats -s s --watch 0.01 --count 3 --json
  [ "${#lines[@]}" -eq 3 ]
  end_scheduler
  scheduler close 'reply={}' close
  run -0 dumpctl stats -s s --watch 0.01 --count 3 --json
}

# ---- --openmetrics ----

# The samples that the collector's own parser finds: NAME LABELS VALUE, sorted.
parsed() {
  local python=python3
  if [ -x /usr/bin/python3 ]; then python=/usr/bin/python3; fi
  "$python" - "$1" <<'EOF'
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
text = open(sys.argv[1], newline="", encoding="utf-8").read()
for family in text_string_to_metric_families(text):
    for s in family.samples:
        print(family.type, s.name, sorted(s.labels.items()), s.value, repr(family.documentation))
EOF
}

require_parser() {
  local python=python3
  if [ -x /usr/bin/python3 ]; then python=/usr/bin/python3; fi
  "$python" -c 'import prometheus_client.openmetrics.parser' 2>/dev/null ||
    skip "no python3-prometheus-client"
}

@test "--openmetrics is what the parser of prometheus-client takes" {
  require_parser
  scheduler "meta=$META" "reply=$(stats_of 42 12.5)"
  dumpctl stats -s s --openmetrics >text 2>err
  assert_equal "$(tail -n 1 text)" "# EOF"
  parsed text >found
  diff - found <<'EOF'
gauge l_util [('layer_name', 'a"b')] 7.125 'Total CPU utilization (100% means one full CPU)'
gauge l_util [('layer_name', 'batch')] 12.5 'Total CPU utilization (100% means one full CPU)'
gauge nr [] 42 'number of dispatches'
gauge skew [] -9223372036854775808 ''
gauge slice_us [] 20000 'slice in usecs'
EOF
  grep -qx 'skew -9223372036854775808' text
  assert_equal "$(cat err)" "dumpctl: no metrics: layers.*.lats (array), mode (text)"
}

@test "--openmetrics keeps names apart, clean and the same for every answer" {
  require_parser
  # `load` is the top's, and that of a struct without prefix in a dictionary; an own struct in a
  # field; numbers in a dictionary; nested dictionaries with the same label.
  local meta='{"D":{"user":{"_om_label":"dom"},"fields":{"load":{"datum":"float"}}},
"N":{"user":{"_om_prefix":"n_","_om_label":"dom"},"fields":{"doms":{"dict":{"key":"u64","datum":{"struct":"D"}}},"x":{"datum":"u64"}}},
"S":{"fields":{"x-y":{"datum":"u64","desc":"a \\"b\\"\\n\\\\\\\\c"}}},
"T":{"top":"true","fields":{"load":{"datum":"float"},"0bad nameä":{"datum":"u64"},"nodes":{"dict":{"key":"u64","datum":{"struct":"N"}}},
"sub":{"datum":{"struct":"S"}},"hits":{"dict":{"key":"string","datum":"u64"}}}}}'
  scheduler "meta=${meta//$'\n'/}" \
    'reply={"load":1.0,"0bad nameä":2,"nodes":{"0":{"doms":{"1":{"load":3.5},"2":{"load":4.5}},"x":5}},"sub":{"x-y":6},"hits":{"a\\nb":7,"c\\\\d":8},"new":{"k":true},"none":null}'
  dumpctl stats -s s --openmetrics >text 2>err
  parsed text >found
  diff - found <<'EOF'
gauge _0bad_name_ [] 2 ''
gauge hits [('hits', 'a\nb')] 7 ''
gauge hits [('hits', 'c\\d')] 8 ''
gauge load [] 1.0 ''
gauge new_k [] 1 ''
gauge nodes_doms_load [('dom', '0'), ('dom_2', '1')] 3.5 ''
gauge nodes_doms_load [('dom', '0'), ('dom_2', '2')] 4.5 ''
gauge n_x [('dom', '0')] 5 ''
gauge sub_x_y [] 6 'a "b" \\\\c'
EOF
  assert_equal "$(cat err)" "dumpctl: no metrics: none (null)"
}

@test "--openmetrics without descriptions, and with names that only look alike" {
  require_parser
  scheduler meta=close 'reply={"a-b":1,"a_b":2,"a b":3,"a_b_2":5,"in":{"a_b":4},"in.a_b":6,"l":[1]}'
  dumpctl stats -s s --openmetrics --timeout 1000 >text 2>err
  # Who is really called so keeps the name; a dot in a key is not a step.
  assert_equal "$(parsed text | cut -d' ' -f2,4 | sort | tr '\n' ' ')" \
    "a_b 2 a_b_2 5 a_b_3 3 a_b_4 1 in_a_b 4 in_a_b_2 6 "
  grep -qx 'dumpctl: a b is called a_b_3: another metric is called a_b' err
  grep -qx 'dumpctl: in.a_b is called in_a_b_2: another metric is called in_a_b' err
}

@test "--openmetrics with thousands of names that look alike takes no time, and few words" {
  local keys
  keys=$(awk 'BEGIN { for (i = 0; i < 6000; i++) { k = ""; for (n = i; length(k) < 13; n = int(n / 2)) k = k (n % 2 ? "+" : "-")
    printf "%s\"%s\":1", (i > 0 ? "," : ""), k } }')
  scheduler "reply={$keys}"
  timeout 30 "$DUMPCTL" stats -s s --openmetrics >text 2>err
  assert_equal "$(grep -c '^_.* 1$' text)" 6000
  assert_equal "$(grep -v '^#' text | cut -d' ' -f1 | sort -u | wc -l)" 6000
  [ "$(wc -l <err)" -eq 9 ]
  assert_equal "$(tail -n 1 err)" "dumpctl: 5991 more have a number behind their name for that reason"
}

@test "--openmetrics prints nothing where there are no statistics" {
  scheduler error=22:no
  run --separate-stderr -1 dumpctl stats -s s --openmetrics
  assert_output ""
  assert_equal "$stderr" "dumpctl: no statistics: scheduler returned errno=22: no"
}

# ---- --probe ----

probe_is() { # WORD CODE
  run --separate-stderr "-$2" dumpctl stats -s s --probe --timeout "${3:-1000}" --json
  [ "${#lines[@]}" -eq 1 ]
  assert_equal "$(jq -r .probe <<<"$output")" "$1"
  run --separate-stderr "-$2" dumpctl stats -s s --probe --timeout "${3:-1000}"
  [ "${#lines[@]}" -eq 1 ]
  assert_output --regexp '^s: '
}

@test "--probe: no socket, no listener, something else, an answer" {
  probe_is no_socket 1
  : >s
  probe_is not_a_socket 1
  scheduler 'reply={}'
  probe_is answers 0
  end_scheduler
  probe_is nobody_listens 1
  scheduler error=22:no
  probe_is answers 0
}

@test "--probe tells a stuck main loop from a stopped process" {
  scheduler silent
  probe_is stuck 1 300
  assert_output --partial "its main loop did not within 300 ms"
  kill -STOP "$PID"
  probe_is stopped 1 100
  assert_output --partial "nothing answered within 100 ms"
  kill -CONT "$PID"
  end_scheduler
  scheduler no-accept
  probe_is stopped 1 100
}

# ---- usage ----

@test "usage errors name the option, and are exit code 2" {
  local -a bad=("--count=3" "--watch=0" "--watch=0.001" "--watch=1,5" "--watch=." "--watch=86401" "--timeout=0"
    "--timeout=x" "--max-reply=0" "--max-reply=2G" "--arg=x" "--arg==x" "--socket=" "--openmetrics --json"
    "--openmetrics --meta" "--probe --meta" "--probe --watch=1" "--probe --target=x" "--arg=a=1 --arg=a=2"
    "--target=a --arg=target=b" "--target=" "--arg=target=" "--probe --count=2" "--probe --color=always"
    "--openmetrics --color=always" "--openmetrics --width=40" "--watch=1 --count=0" "operand")
  local words
  for words in "${bad[@]}"; do
    # shellcheck disable=SC2086
    run --separate-stderr -2 dumpctl stats $words
    assert_output ""
    [[ $stderr == *"stats"* && $stderr == *"dumpctl stats --help"* ]] || fail "$words: $stderr"
  done
  run --separate-stderr -2 dumpctl stats --arg $'k=\xff'
  assert_regex "$stderr" "UTF-8"
  run --separate-stderr -2 dumpctl stats -s "$(printf '%0108d' 0)"
  assert_regex "$stderr" "108 bytes"
}

@test "nothing is left of a reader that goes away, and a full disk is told" {
  scheduler 'reply={"n":1}'
  dumpctl stats -s s --json --watch 0.01 | head -n 1 >out
  assert_equal "$(cat out)" '{"stats":{"n":1}}'
  run --separate-stderr -2 bash -c '"$DUMPCTL" stats -s s --json >/dev/full'
  assert_regex "$stderr" "cannot write to standard output"
}

@test "a decimal comma changes nothing" {
  scheduler "meta=$META" "reply=$(stats_of 1 1.5)" "reply=$(stats_of 3 2.5)"
  run -0 decimal_comma "$DUMPCTL" stats -s s --watch 0.05 --count 2 --width 100
  assert_line --regexp '^ +util +2\.5 +\+1 +\+[0-9.]+  %$'
  refute_output --regexp '[0-9],[0-9]'
}
