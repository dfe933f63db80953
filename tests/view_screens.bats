# shellcheck shell=bash disable=SC2154,SC2030,SC2031  # run sets stderr
# shellcheck disable=SC2016  # inner shells expand what stands in single quotes
load helpers

# The sections of a report in `view`: goldens of every screen (tests/goldens makes them), what the
# keys do there, folders, two reports, the mouse.

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  RICH=$DATA/sections/rich.json
  DUAL=$DATA/sections/dual.json
}

teardown() {
  screen_stop
}

# look KEYS [OPERAND...]: the screen at 80x24, of rich.json where no operand is given
look() {
  local keys=$1
  shift
  if [ $# -eq 0 ]; then set -- "$RICH"; fi
  run -0 --keep-empty-lines dumpctl view --once --size 80x24 --keys "$keys" "$@"
}

# selected TEXT: the line with the mark begins so
selected() {
  assert_line --regexp "^>? ?> *$1"
}

# status TEXT: the line above the keys has it
status() {
  assert_line --index 22 --partial "$1"
}

@test "view: every screen at 80x24, 132x43 and 40x10, and no golden is left over" {
  local name
  for name in $("$ROOT/tests/goldens" screens); do
    run -0 "$ROOT/tests/goldens" screen "$name"
    diff "$DATA/view-screens/$name.txt" <(printf '%s\n' "$output") || fail "$name (< golden, > program)"
    if grep -q ' $' <<<"$output"; then fail "$name: trailing blanks"; fi
  done
  diff <("$ROOT/tests/goldens" screens | sort) \
    <(cd "$DATA/view-screens" && printf '%s\n' *.txt | sed 's/\.txt$//' | sort)
}

@test "view: each section that the report has is a tab, in one order" {
  local name
  run -0 dumpctl view --once --size 1000x10 "$RICH"
  tabs=$(sed -n 4p <<<"$output" | tr -d '[]')
  wanted="vcpus summary findings"
  for name in $(dumpctl show --list-sections "$RICH" | cut -d' ' -f1); do
    if [ "$name" != vcpus ]; then wanted+=" $name"; fi
  done
  assert_equal "$(tr -s ' ' <<<"$tabs" | sed 's/^ //; s/ $//')" "$wanted"
  # A report without them has none.
  look '' "$DATA/samples/degraded-minimal.json"
  assert_line --index 3 " [vcpus] findings"
}

@test "view: samples have a tab where there are some, of a degraded report, too" {
  local samples='"dumpctl":{"version":"1","samples":[{"tag":"main","elapsed_ms":1,"stats":{"n":4}}]}'
  jq -c ". + {$samples}" "$DATA/samples/degraded-minimal.json" >some.json
  look '<BackTab>' some.json
  assert_line --index 3 "  vcpus  findings [samples]"
  assert_output --partial "1 of 1 sample had statistics"
}

@test "view: Tab and BackTab go around" {
  look '<Tab>'
  assert_line --index 3 --partial "[summary]"
  look '<BackTab>'
  assert_line --index 3 --partial "[samples]"
  look '<BackTab><Tab>'
  assert_line --index 3 --partial "[vcpus]"
}

@test "view: : goes to a vCPU by its number, to a section by the beginning of its name" {
  look ':5<Enter>'
  selected "5 "
  look ':tasks<Enter>:3<Enter>'
  selected "3 "
  look ':ev<Enter>'
  assert_line --index 3 --partial "[events]"
  look ':p<Enter>'
  status "several sections begin so: p"
  look ':99<Enter>'
  status "there is no vCPU 99: the last is 7"
  look ':nothing<Enter>'
  status "no vCPU and no section of this report: nothing"
  look 'f:3<Enter>' "$DATA/samples/degraded-full-x86_64.json"
  selected "3 "
  look 'f:0<Enter>' "$DATA/samples/degraded-full-x86_64.json"
  status "vCPU 0 is not shown: f shows all"
}

@test "view: a line at the bottom is typed and edited" {
  look ':ta'
  status "go to: ta_"
  assert_line --index 23 " Enter take it  Esc leave it  C-u clear"
  look ':tasq<Backspace>k<Enter>'
  assert_line --index 3 --partial "[tasks]"
  look ':one two<C-w>x'
  status "go to: one x_"
  look ':one two<C-u>5<Enter>'
  selected "5 "
  look ':5<Esc>'
  selected "0 "
  look ':<Backspace>j'
  selected "1 "
  # Keys with a meaning are letters there.
  look '/q?fns'
  status "/q?fns_"
  look '/é漢<Backspace>'
  status "/é_"
}

@test "view: a search goes to the next line that has it, around the end, both ways" {
  look ':tasks<Enter>/MIGRATION<Enter>'
  selected "413 "
  look ':tasks<Enter>/migration<Enter>n'
  selected "417 "
  look ':tasks<Enter>/migration<Enter>N'
  selected "425 "
  status "from the end again"
  look ':tasks<Enter>/4?6<Enter>'
  selected "416 "
  look ':tasks<Enter>/nobody<Enter>'
  selected "411 "
  status "not found in what is unfolded: nobody"
  look ':tasks<Enter>n'
  status "nothing is searched for"
  look '/0xffffffff810<Enter>'
  status "ip 0xffffffff810"
  look '/nobody<Enter>'
  status "no vCPU that is shown has: nobody"
}

@test "view: n goes on with a search among the vCPUs, and without one to who never parked" {
  local report=$DATA/samples/degraded-full-x86_64.json
  look 'n' "$report"
  bad=$(grep '^ >' <<<"$output")
  [[ $bad == *not_parked* ]]
  look '/parked<Enter><Esc>gn' "$report"
  assert_equal "$(grep '^ >' <<<"$output")" "$bad"
}

@test "view: a filter keeps what matches, what it stands in, and the titles" {
  look ':tasks<Enter>fbash<Enter>'
  assert_equal "$(grep -cE '^.4[0-9]+ +bash ' <<<"$output")" 4
  refute_output --partial "stress-cpu "
  assert_line --index 4 --partial "pid  comm"
  status "filter bash"
  look ':tasks<Enter>fbash<Enter><Esc>'
  assert_output --partial "stress-cpu"
  look ':tasks<Enter>fnobody<Enter>'
  assert_output --partial "No line matches the filter. Esc ends it."
  look ':tasks<Enter>fba*h<Enter>'
  assert_equal "$(grep -cE '^.4[0-9]+ +bash ' <<<"$output")" 4
  look ':tasks<Enter>fba?<Enter>'
  assert_output --partial "No line matches the filter."
}

# column N: that column of the rows of a table
column() {
  sed -n '7,22p' <<<"$output" | tr '>' ' ' | awk -v n="$1" '{ print $n }'
}

@test "view: s sorts by the selected column, the other way, and not at all" {
  look ':tasks<Enter>'
  before=$(column 1)
  look ':tasks<Enter>lllls'
  assert_line --index 5 --partial "nivcsw v"
  assert_equal "$(column 5)" "$(column 5 | sort -rn)"
  look ':tasks<Enter>llllss'
  assert_line --index 5 --partial "nivcsw ^"
  assert_equal "$(column 5)" "$(column 5 | sort -n)"
  look ':tasks<Enter>llllsss'
  assert_equal "$(column 1)" "$before"
  look ':tasks<Enter>ls'
  assert_equal "$(column 2)" "$(column 2 | sort)"
  look ':sched<Enter>s'
  status "only the rows of a table are sorted"
}

@test "view: a tree unfolds and folds, level by level" {
  look ':maps<Enter>'
  folded=$output
  look ':maps<Enter><Enter>'
  [ "$(grep -c . <<<"$output")" -gt "$(grep -c . <<<"$folded")" ]
  look ':maps<Enter><Enter><Enter>'
  assert_equal "$output" "$folded"
  look ':maps<Enter>lh'
  assert_equal "$output" "$folded"
  look ':maps<Enter>+-'
  assert_equal "$output" "$folded"
  # Out of what is unfolded.
  look ':maps<Enter>ljh'
  assert_equal "$(grep -n '^>' <<<"$output")" "$(grep -n '^>' <<<"$folded" | sed 's/>+/>-/')"
}

@test "view: every member of every map is in some unfolded line" {
  local name
  run -0 dumpctl view --once --size 200x1000 --keys ':maps<Enter>+jjjjjj+' "$RICH"
  while read -r name; do
    assert_output --partial "$name"
  done < <(jq -r '.maps[].name' "$RICH")
}

@test "view: sections show rows that show leaves out" {
  jq '.task_enrichments |= [range(3000) as $i | .[0] + {pid: ($i + 1)}]' "$RICH" >many.json
  look ':tasks<Enter>G' many.json
  selected "3000 "
  status "3002/3002"
  # The titles stay while the rows scroll.
  assert_line --index 4 --partial "pid  comm"
}

@test "view: halves of a dual report side by side" {
  look 'ee' "$DUAL"
  assert_line --index 0 --partial "dual: early | late"
  assert_line --index 2 --partial "* changed"
  look 'eee' "$DUAL"
  assert_line --index 0 --regexp ' dual: late$'
  look ':changes<Enter>' "$DUAL"
  assert_line --index 3 --partial "[changes]"
  assert_output --partial " -> "
}

@test "view: two reports as diff sees them" {
  local a=$DATA/diff-never-parked/a.json b=$DATA/diff-never-parked/b.json
  look '' --diff "$a" "$b"
  assert_line --index 0 --regexp ': B$'
  look 'e' --diff "$a" "$b"
  assert_line --index 0 --regexp ': A$'
  look ':changes<Enter>' --diff "$a" "$b"
  # Each path of diff is there.
  while read -r path; do
    assert_output --partial "$path"
  done < <(dumpctl diff --json "$a" "$b" | jq -r '.differences[].path // empty' | cut -c1-20)
  run --separate-stderr -2 dumpctl view --once --diff "$a"
  [[ $stderr == *"--diff compares two reports; 1 given"* ]]
  run --separate-stderr -2 dumpctl view --once --diff "$a" missing.json
  assert_output ""
}

@test "view: a folder is a list, from which one opens and to which one comes back" {
  mkdir dumps
  cp "$DATA/samples/degraded-minimal.json" dumps/b.json
  cp "$RICH" dumps/a.json
  echo 'no report' >dumps/notes.txt
  echo '{' >dumps/.hidden.json
  look '' dumps
  assert_line --index 1 --partial "-- 2 reports"
  assert_line --index 2 --regexp '^>a.json: single: '
  assert_line --index 3 --regexp '^ b.json: degraded: '
  # As show has it.
  assert_line --index 3 --partial "$(cd dumps && dumpctl show --short b.json | cut -c1-70)"
  look 'j<Enter>' dumps
  assert_line --index 0 --regexp '^ dumps/b.json +2/2 degraded$'
  look 'j<Enter><Esc>' dumps
  assert_line --index 3 --regexp '^>b.json'
  look '<Enter>:tasks<Enter><Esc>j<Enter><Esc>k<Enter>' dumps
  assert_line --index 0 --regexp '^ dumps/a.json +1/2 single$'
  look '/degraded<Enter>' dumps
  assert_line --index 3 --regexp '^>b.json'
  echo '{' >dumps/c.json
  run --separate-stderr -2 dumpctl view --once dumps
  assert_line --index 0 --partial "1 file failed"
  [[ $stderr == *"dumps/c.json:2:1:"* ]]
  mkdir empty
  run --separate-stderr -2 dumpctl view --once empty
  [[ $stderr == *"empty: the folder has no report"* ]]
}

@test "view: a report of a folder that is gone when it is opened is told" {
  mkdir dumps
  cp "$RICH" dumps/a.json
  cp "$DATA/samples/degraded-minimal.json" dumps/b.json
  screen_start 80 24 "$DUMPCTL" view dumps
  wait_for_text ">a.json"
  rm dumps/b.json
  screen_keys j
  wait_for_text ">b.json"
  screen_keys Enter
  wait_for_text "cannot be opened"
  screen_keys k Enter
  wait_for_text "[vcpus]"
}

@test "view: symbols name the instruction pointers" {
  printf '%s\n' 'ffffffff81a3c2e0 T named_here' 'ffffffff81a3c400 T behind' >System.map
  look '' --symbols System.map "$RICH"
  assert_output --partial "named_here+0x10"
  look '<Enter>' --symbols System.map "$RICH"
  assert_output --partial "named_here+0x10"
  look '=' --symbols System.map "$RICH"
  assert_output --partial "named_here+0x10"
  run --separate-stderr -2 dumpctl view --once --symbols missing "$RICH"
  [[ $stderr == *"missing"* ]]
}

@test "view: groups count the vCPUs at one instruction" {
  look '='
  total=$(grep -oE '^ [ >] *[0-9]+ vCPUs?' <<<"$output" | grep -oE '[0-9]+' | awk '{ n += $1 } END { print n }')
  assert_equal "$total" 8
  look '==j'
  selected "1 "
}

@test "view: the mouse selects, opens and scrolls" {
  look '<Click4,7>'
  selected "2 "
  look '<Click4,7><Click4,7>'
  assert_line --index 3 --partial "-- vCPU 2"
  look '<Click12,4>'
  assert_line --index 3 --partial "[summary]"
  look ':tasks<Enter><Click4,10>'
  selected "414 "
  look '<WheelDown>'
  selected "3 "
  look '<WheelDown><WheelUp>'
  selected "0 "
  # What is no line of anything does nothing.
  look '<Click4,1><Click70,20><Click80,24><Click1000,1000>'
  selected "0 "
}

@test "view: y copies only where it is allowed" {
  look ':tasks<Enter>ly'
  status "y copies where view was started with --osc52"
  look ':tasks<Enter>ly' --osc52 "$RICH"
  status "copied: stress-cpu"
  look 'y' --osc52 "$RICH"
  status "copied: 0xffffffff81a3c2f0"
}

@test "view: plots in ASCII where the terminal knows no more" {
  LC_ALL=C run -0 dumpctl view --once --size 80x24 --keys ':events<Enter>' "$RICH"
  refute_output --partial '\u25'
  assert_output --regexp 'select_cpu_fallback +[_.:=+*#-]{8,}'
  LC_ALL=C run -0 dumpctl view --once --size 80x24 --keys ':events<Enter><Enter>' "$RICH"
  assert_output --partial '####'
}

@test "view: hostile words are harmless in every section" {
  local name case
  for case in escape bidi newline wide; do
    "$ROOT/tests/goldens" hostile_report "$case" >hostile.json
    for name in summary findings tasks dsqs maps allocators psi; do
      run -0 dumpctl view --once --size 80x200 --keys ":$name<Enter>++" hostile.json
      if LC_ALL=C grep -qP '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8b-\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]' \
        <<<"$output"; then
        fail "$case, $name"
      fi
    done
  done
}

# ---- on a terminal ----

@test "view: typing, tabs, mouse and clipboard on a terminal" {
  screen_start 80 24 "$DUMPCTL" view --osc52 "$RICH"
  tmux_ set-option -s set-clipboard on
  wait_for_text "[vcpus]"
  screen_keys Tab
  wait_for_text "[summary]"
  screen_keys BTab
  wait_for_text "[vcpus]"
  screen_keys : t a x BSpace s k s
  wait_for_text "go to: tasks_"
  screen_keys Enter
  wait_for_text "[tasks]"
  # A press of the first button in column 4, row 10, as this terminal tells it.
  tmux_ send-keys -l $'\e[M $*'
  wait_for_text ">414"
  screen_keys l y
  wait_for_text "copied: bash"
  copied() { [ "$(tmux_ show-buffer 2>/dev/null)" = bash ]; }
  wait_until copied
  screen_keys q
  wait_for_text "[ended 0]"
}

@test "view: a resize while one types, and in a section" {
  screen_start 80 24 "$DUMPCTL" view "$RICH"
  wait_for_text "[vcpus]"
  screen_keys : t a
  wait_for_text "go to: ta_"
  tmux_ resize-window -x 132 -y 43
  wait_for_text "numa"
  screen_keys s k s Enter
  wait_for_text "[tasks]"
  tmux_ resize-window -x 20 -y 5
  wait_for_text "is too small"
  tmux_ resize-window -x 40 -y 10
  wait_for_text "[tasks]"
}

@test "view: a crash in a section restores the terminal" {
  screen_start 80 24 bash -c 'ulimit -c 0; stty -g >1
    (echo $BASHPID >pid; exec "$0" view --keys ":tasks<Enter>" "$1")
    echo "status $?"; stty -g >2' "$DUMPCTL" "$RICH"
  wait_for_text "[tasks]"
  kill -ABRT "$(cat pid)"
  wait_for_text "status 134"
  run ! screen_has "[tasks]"
  cmp 1 2
}

@test "view: a bar stands between key and value where the first value is zero everywhere, too" {
  sed 's/"name":"nr_tasks","value":{"kind":"uint","bits":64,"value":[0-9]*}/"name":"nr_tasks","value":{"kind":"uint","bits":64,"value":0}/g' \
    <(jq -c . "$RICH") >zero.json
  run -0 dumpctl view --once --size 80x24 --keys ':maps<Enter>+' zero.json
  assert_output --regexp 'cell_id  llc_id  \| load  ratio'
  run -0 dumpctl show --section maps zero.json
  assert_output --regexp 'cell_id  llc_id  *\|  load  ratio'
}

@test "view: a column of trees and sentences has no order, and says so" {
  run -0 dumpctl view --once --size 132x43 --keys ':samples<Enter><Down><Right><Right>s' "$DATA/show-samples/input.json"
  assert_output --partial "this column has no order"
  refute_output --partial "here v"
}

@test "view: n is named in the line of keys where there is something to go to" {
  run -0 dumpctl view --once --size 80x24 --keys '/81b00<Enter>' "$RICH"
  assert_output --partial "n next match"
  refute_output --partial "next not_parked"
  run -0 dumpctl view --once --size 80x24 "$RICH"
  refute_output --partial "n next"
}

@test "view: a row that is opened has all digits of a time" {
  run -0 dumpctl view --once --size 80x43 --keys ':runqueues<Enter>j<Enter>' "$RICH"
  assert_output --partial "31.416 s (31415926536 ns)"
}
