# The manual, the completions and the README say what the program does, no more and no less.
# shellcheck disable=SC2016  # what stands in single quotes is for other programs
# shellcheck disable=SC2086  # lists of words

VERBS="capture show decode diff view stats schema"
PAGES=$BATS_TEST_DIRNAME/../man

setup() {
  load helpers
  cd "$BATS_TEST_TMPDIR" || return 1
}

# page_file FILE: where it is; dumpctl-report(5) is made with the program.
page_file() {
  if [ -e "$PAGES/$1" ]; then echo "$PAGES/$1"; else echo "${BUILD:-${DUMPCTL%/*}}/man/$1"; fi
}

# page FILE: the page as plain text, long lines as they are.
page() {
  mandoc -Tutf8 -O width=200 "$(page_file "$1")" | sed 's/.\x08//g'
}

# Options as "--name", those with a value as "--name=", letters as "-l"; sorted, one on a line.
help_options() {
  COLUMNS=1000 dumpctl "$1" --help | sed -nE '/^Options:/,/^$/p' |
    grep -oE '^ +(-[A-Za-z], )?--[a-z0-9-]+=?' | grep -oE -- '-[A-Za-z]\b|--[a-z0-9-]+=?' | sort
}

# The same from the lines of the page's source that begin an item.
page_options() {
  grep -E '^\.It Fl ' "$PAGES/dumpctl-$1.1" |
    sed -E 's/Fl Fl ([a-z0-9-]+)( Ns = Ns)/\n--\1=\n/; s/Fl Fl ([a-z0-9-]+)/\n--\1\n/; s/Fl ([A-Za-z])( |$)/\n-\1\n/' |
    grep -E '^-' | sort
}

same() { # WHAT WANTED FOUND
  diff <(echo "$2") <(echo "$3") || fail "$1 (< program, > text)"
}

# ---- manual ----

@test "every verb has a page, and every page of a verb has a verb" {
  local found
  found=$(cd "$PAGES" && printf '%s\n' dumpctl-*.1 | sed 's/^dumpctl-//; s/\.1$//' | sort)
  same "pages" "$(dumpctl --help | sed -nE '/^Verbs:/,/^$/s/^  ([a-z]+) .*/\1/p' | sort)" "$found"
  same "verbs of this file" "$(printf '%s\n' $VERBS | sort)" "$found"
  for verb in $VERBS; do
    page dumpctl.1 | grep -q "dumpctl-$verb(1)" || fail "dumpctl(1) does not name dumpctl-$verb(1)"
  done
}

@test "the pages are clean" {
  for file in "$PAGES"/*.1 "$(page_file dumpctl-report.5)"; do
    run mandoc -Tlint -W warning "$file"
    assert_output ""
    assert_success
  done
}

@test "every option of --help stands in the verb's page, and the other way round" {
  for verb in $VERBS; do
    wanted=$(help_options "$verb")
    [ "$(wc -l <<<"$wanted")" -gt 5 ]
    same "options of $verb" "$wanted" "$(page_options "$verb")"
  done
}

@test "the synopsis of a page names every option but --help" {
  for verb in $VERBS; do
    synopsis=$(page "dumpctl-$verb.1" | sed -n '/^SYNOPSIS/,/^DESCRIPTION/p')
    for option in $(help_options "$verb" | grep -E '^--' | grep -vxE -- '--help'); do
      letter=$(COLUMNS=1000 dumpctl "$verb" --help |
        sed -nE "s/^ +(-[A-Za-z]), ${option%=}[= ].*/\1/p")
      grep -qE -- "\[(${option%=}|${letter:-none})[] =]" <<<"$synopsis" ||
        fail "dumpctl-$verb(1), synopsis: no ${option%=}"
    done
  done
}

@test "the shared options of dumpctl(1) are those that verbs share" {
  shared=$(for verb in $VERBS; do help_options "$verb"; done | grep -E '^--' | sort | uniq -c |
    awk '$1 > 1 { print $2 }')
  for option in $shared; do
    # These have a meaning of their own in each verb.
    case $option in --strict | --assume-single | --force | --output= | --all | --html= | --symbols= | --timeout= | --count=) continue ;; esac
    page dumpctl.1 | grep -qE -- "^     (-h, )?${option%=}(=[a-z]+)?( |$)" ||
      fail "dumpctl(1) does not tell ${option%=}"
  done
}

@test "dumpctl(1) gives the defaults of the limits and all exit codes" {
  run dumpctl show --help
  limits=$(grep -oE 'default:? [0-9]+[KMG]' <<<"$output" | grep -oE '[0-9]+[KMG]')
  [ -n "$limits" ]
  for limit in $limits; do
    page dumpctl.1 | grep -q "$limit" || fail "the default $limit is not in dumpctl(1)"
  done
  for code in 0 1 2 3 4; do
    page dumpctl.1 | sed -n '/^EXIT STATUS/,/^[A-Z]* *$/p' | grep -qE "^     $code  " ||
      fail "dumpctl(1) does not tell exit code $code"
  done
}

@test "the keys of dumpctl-view(1) are those of the help screen" {
  wanted=$(dumpctl view --once --size=100x90 --keys='?' "$DATA/samples/dual-early-present.json" |
    sed -nE 's/^  ([^ ].*[^ ]|[^ ])  +[^ ].*/\1/p' | sort)
  found=$(page dumpctl-view.1 | sed -n '/^KEYS/,/^KEY SCRIPTS/p' |
    sed -nE 's/^ {11}([^ ].*[^ ]|[^ ])  +[^ ].*/\1/p' | sort)
  [ "$(wc -l <<<"$wanted")" -gt 15 ]
  same "keys" "$wanted" "$found"
}

# The tables as the source has them, read without a compiler: one line for each row, with tabs
# between type, member, kind, shape, rule, unit, sub-type and meaning.
table_rows() {
  sed -nE 's/^ *DC_REG_ROW\(X, ([A-Z_]+), (\w+)\).*/    X(\1, \2, U64, ONE, REQUIRED, ADDRESS, NONE, "\2")/; p' \
    "$ROOT"/lib/tables.h "$ROOT"/lib/tables_own.h |
    sed -nE 's/^ *X\((\w+), (\w+), (\w+), (\w+), (\w+), (\w+), (\w+), "(.*)"\).*/\1\t\2\t\3\t\4\t\5\t\6\t\7\t\8/p'
}

# id, name, tag, meaning; a tag is NULL or "word".
table_types() {
  sed -nE 's/^ *T\((\w+), "(\w+)", "?([^,"]+)"?, [^,]+, "(.*)"\).*/\1\t\2\t\3\t\4/p' \
    "$ROOT"/lib/tables.h "$ROOT"/lib/tables_own.h
  printf 'RV\tRenderedValue\tNULL\t-\nREASON\tMissingStatsReason\tNULL\t-\n'
}

# What dumpctl-report(5) is to say of each row: type, "member (kind, unit, rule)" and meaning.
wanted_rows() {
  awk -F '\t' '
    NR == FNR { name[$1] = $2; tag[$1] = $3; next }
    {
      kind = $3 == "RECORD" ? name[$7] : $3 == "BOOL" ? "boolean" : $3 == "F64" ? "real" : tolower($3)
      text = $4 == "ONE" ? kind : $4 == "LIST_OF_10" ? "list of ten " kind : "list of " kind
      if ($4 == "HOLES") text = text " or null"
      unit = $6
      if (sub(/^TOTAL_?/, "", unit)) text = text ", running total"
      if (unit != "PLAIN" && unit != "") text = text ", " (unit == "BITMAP" ? "bit set" : tolower(unit))
      zero = $4 != "ONE" || $3 == "RECORD" || $3 == "STRING" ? "empty" : $3 == "BOOL" ? "false" : "0"
      rule["REQUIRED"] = "required"
      rule["TAG"] = "required, written as " tag[$1]
      rule["VALUE"] = "required, may be null"
      rule["DEFAULTED"] = "default " zero ", then omitted"
      rule["WRITTEN"] = "default " zero ", always written"
      rule["OPTIONAL"] = "optional, omitted when none"
      rule["NULLED"] = "optional, null when none"
      rule["LAST"] = "optional, omitted when none, the last member"
      rule["EITHER"] = "exactly one of these" ($3 == "ANY" ? ", may be null" : "")
      print name[$1] "\t" $2 " (" text ", " rule[$5] ")\t" $8
    }' <(table_types) <(table_rows)
}

# The same from the page: a section for each type, in it a line for each member, and below, deeper,
# its meaning. The choices of a union stand in its section one step deeper.
found_rows() {
  page dumpctl-report.5 | awk '
    /^   [A-Za-z]/ { type = $1; next }
    /^     [A-Za-z_]+ / && $0 !~ /\(/ { choice = $1 }
    /^     [A-Za-z_]+$/ { choice = $1 }
    /^     [a-z0-9_]+ \(.*\)$/ { owner = type; head = substr($0, 6); next }
    /^             [a-z0-9_]+ \(.*\)$/ { owner = choice; head = substr($0, 14); next }
    head { sub(/^ +/, ""); print owner "\t" head "\t" $0; head = "" }'
}

@test "dumpctl-report(5) has every row of the tables: kind, unit, rule and meaning, and no other" {
  wanted=$(wanted_rows | sort)
  [ "$(wc -l <<<"$wanted")" -eq "$(grep -cE '^    (X|DC_REG_ROW)\(' "$ROOT"/lib/tables.h "$ROOT"/lib/tables_own.h |
    awk -F: '{ n += $2 } END { print n }')" ]
  [ "$(wc -l <<<"$wanted")" -gt 250 ]
  same "rows" "$wanted" "$(found_rows | sort)"
  # And every type with its meaning.
  page dumpctl-report.5 >text
  while IFS=$'\t' read -r _ name _ meaning; do
    grep -qE "^(   |     )$name( |$)" text || fail "no $name"
    [ "$meaning" = - ] || grep -qiF -- "$meaning" text || fail "$name: no '$meaning'"
  done < <(table_types)
}

@test "dumpctl-report(5) is the same however often it is made, and its template must name real types" {
  local tool=${BUILD:-${DUMPCTL%/*}}/man/report_tables
  "$tool" <"$PAGES/dumpctl-report.5.in" | cmp - "$(page_file dumpctl-report.5)"
  printf '@Map@\n@*@\n' | "$tool" >one
  grep -q '^\.Ss Map$' one
  for template in '@Mop@\n@*@\n' '@Map@\n@Map@\n@*@\n' '@Map@\n' '@*@'; do
    # shellcheck disable=SC2059  # it is a format
    run -1 "$tool" < <(printf "$template")
    assert_output --partial "template"
  done
}

@test "the report in dumpctl-report(5) is one" {
  page dumpctl-report.5 | sed -n '/^EXAMPLES/,/^SEE ALSO/p' | sed -n '/{/,/^ *} *$/p' >report.json
  run -0 dumpctl decode --strict report.json
  assert_output --partial '"instruction_pointer":"0xffffffff81a3c2f0"'
}

# ---- examples of the pages ----

# The files that the examples use.
example_files() {
  cp "$DATA/samples/degraded-full-x86_64.json" report.json
  cp "$DATA/samples/single-hash-percpu.json" single.json
  cp "$DATA/samples/dual-early-present.json" dual.json
  cp "$DATA/samples/missing-stats-request-too-large.json" stats.json
  cp "$DATA/samples/single-every-field.json" every.json
  cp "$DATA"/manual/*.json .
}

# Splits the displays of a page's examples into DIR/N.command and DIR/N.output: a command is
# a line with "$ " and the deeper ones behind it, its output ends at the next one or with the
# display. Blank lines inside of an output belong to it.
split_examples() { # PAGE DIR
  mkdir -p "$2"
  sed '/^\.Ed/a .br\n@@END' "$(page_file "$1")" | mandoc -Tutf8 -O width=200 | sed 's/.\x08//g' |
    sed -n '/^EXAMPLES/,/^SEE ALSO/p' | awk -v dir="$2" '
    /^     @@END/ { state = ""; next }
    /^     \$ / { n++; state = "command"; blank = 0; sub(/^     \$ /, ""); print >(dir "/" n ".command"); next }
    /^ *$/ { blank++; next }
    state == "command" && /^         / && !blank { print substr($0, 6) >(dir "/" n ".command"); next }
    state != "" {
      state = "output"
      for (; blank > 0; blank--) print "" >(dir "/" n ".output")
      print substr($0, 6) >(dir "/" n ".output")
    }'
}

# Runs the examples that read reports; output that the page shows must be what comes out.
try_examples() { # PAGE LEAST
  local command tried=0
  example_files
  split_examples "$1" examples
  mkdir -p bin && ln -sf "$DUMPCTL" bin/dumpctl
  for command in examples/*.command; do
    # jq -e and diff have exit codes of their own.
    COLUMNS=80 PATH=$PWD/bin:$PATH bash "$command" >found 2>errors || true
    [ ! -s errors ] || fail "$(cat "$command" errors)"
    if [ -e "${command%.command}.output" ]; then
      diff "${command%.command}.output" <(sed 's/ *$//' found) || fail "$(cat "$command")"
      tried=$((tried + 1))
    fi
  done
  [ "$tried" -ge "$2" ]
}

@test "every recipe of dumpctl-decode(1) runs and gives what the page says" {
  try_examples dumpctl-decode.1 18
  [ -s canonical.json ]
}

@test "dumpctl-decode(1) tells every member that the uniform shape has of its own, and its version" {
  page dumpctl-decode.1 | sed -n '/^UNIFORM SHAPE/,/^WIRE FORM/p' >text
  dumpctl schema --uniform >uniform.json
  {
    jq -r '(.properties, ."$defs".UniformVcpu.properties) | keys[]' uniform.json
    # Of the sections of a snapshot dumpctl-report(5) tells.
    jq -r '."$defs".UniformSnapshot.properties | keys[]' uniform.json |
      grep -vxFf <(dumpctl schema single | jq -r '."$defs".FailureDumpReport.properties | keys[]')
    echo is_placeholder
    dumpctl schema Map | jq -r '."$defs".Map.properties | keys[]'
    dumpctl schema RenderedValue | jq -r '."$defs".RenderedValue.oneOf[].properties.kind.const'
  } >members
  [ "$(wc -l <members)" -gt 50 ]
  while read -r member; do
    grep -qwF -- "$member" text || fail "no $member"
  done <members
  grep -qE "^     version +$(jq .properties.version.const uniform.json), the version of this shape" \
    <(tr '\n' ' ' <text | sed 's/     version */\n     version /') || fail "not the version"
}

@test "every jq recipe of dumpctl-decode(1) runs on every valid sample" {
  local command program file
  example_files
  split_examples dumpctl-decode.1 examples
  for file in "$DATA"/samples/*.json; do
    dumpctl decode "$file" >uniform 2>/dev/null || continue
    for command in examples/*.command; do
      program=$(tr '\n' ' ' <"$command" | sed -nE "s/.*jq -[a-z]+ '(.*)'.*/\1/p")
      if [ -z "$program" ]; then continue; fi
      jq -c "$program" uniform >/dev/null || fail "$file: $program"
    done
  done
  [ -n "$program" ] || [ -s uniform ]
}

@test "the examples of dumpctl-show(1), -diff(1), -view(1) and -schema(1) print what the pages say" {
  try_examples dumpctl-show.1 8
  rm -r examples
  try_examples dumpctl-diff.1 7
  rm -r examples
  try_examples dumpctl-view.1 1
  rm -r examples
  # The validator is tried in schema.bats, where it may be missing.
  grep -v jsonschema "$PAGES/dumpctl-schema.1" >"$PWD/dumpctl-schema.1"
  PAGES=$PWD try_examples dumpctl-schema.1 3
  dumpctl decode report.json | cmp - report.uniform.json
}

@test "the guest in dumpctl-capture(1) compiles, runs, and is frozen" {
  require_kvm
  page dumpctl-capture.1 | sed -n '/\$ cat guest.c/,/\$ cc /p' | sed '1d;$d' | cut -c12- >guest.c
  compile=$(page dumpctl-capture.1 | sed -n '/\$ cc /,/\$ dumpctl/p' | sed '$d; s/^ *\(\$ \)*//; s/\\$//' |
    tr '\n' ' ')
  [[ $compile == "cc "* ]]
  bash -c "${compile//capture\/guests/$ROOT/capture/guests}"
  run --separate-stderr -0 dumpctl capture --guest guest.elf --vcpus 2 -o guest.json
  assert_output guest.json
  run -0 dumpctl show --short guest.json
  assert_output --partial "parked 2/2"
  run -0 dumpctl show guest.json
  assert_output --partial "exit_kind: 1024 (SCX_EXIT_ERROR)"
}

# scenarios: those that the program knows, one on a line, in its order.
scenarios() {
  dumpctl capture --guest demo: 2>&1 | sed 's/.*there are //' | grep -o 'demo:[a-z-]*'
}

@test "the scenarios of the demo guest stand in the manual, the help and the completions" {
  wanted=$(scenarios)
  [ "$(wc -l <<<"$wanted")" -ge 12 ]
  same "manual" "$wanted" "$(sed -n '/^.Sh DEMO GUEST/,/^.Sh GUESTS/s/^.It Cm //p' "$ROOT/man/dumpctl-capture.1")"
  same "help" "$wanted" "$(dumpctl capture --help | tr -d '\n' | tr -s ' ' |
    sed 's/.*SCENARIO, one of //; s/; or a FILE.*//; s/ (default)//; s/,//g' | xargs -n 1 printf 'demo:%s\n')"
  for file in _dumpctl dumpctl.fish dumpctl.bash; do
    same "$file" "$wanted" "$(grep -m 1 -oE '(demo:[a-z-]+ ?)+' "$ROOT/completions/$file" | xargs -n 1)"
  done
}

# ---- completions ----

@test "bash: every option of every verb, and no other" {
  for verb in $VERBS; do
    same "bash, $verb" "$(help_options "$verb")" "$(bash_replies "dumpctl $verb -" | sort)"
  done
}

# bash_replies LINE: what COMPREPLY holds after it, one on a line.
bash_replies() {
  bash --norc -c '
    source "$1/completions/dumpctl.bash"
    COMP_LINE=$2 COMP_POINT=${#2}
    _dumpctl 2>/dev/null
    if [ ${#COMPREPLY[@]} -gt 0 ]; then printf "%s\n" "${COMPREPLY[@]}"; fi' bash "$ROOT" "$1"
}

offers() { # LINE REPLIES
  run bash_replies "$1"
  assert_output "$(tr ' ' '\n' <<<"$2")"
}

@test "bash: verbs, fixed values, and files left to bash" {
  offers 'dumpctl ' 'capture show decode diff view stats schema help'
  offers 'dumpctl d' 'decode diff'
  offers 'dumpctl -' '-V --version -h --help --json'
  offers 'dumpctl help ' 'capture show decode diff view stats schema'
  offers 'dumpctl capture -g ' "$(scenarios | xargs)"
  offers 'dumpctl capture --guest=d' "$(scenarios | xargs)"
  # bash has cut the word at the colon: only the rest is wanted.
  offers 'dumpctl capture -g demo:s' 'stall spin storm'
  offers 'dumpctl capture --guest=demo:sta' 'stall'
  offers 'dumpctl capture -t ' 'latch watchpoint exit-kind timer= none'
  offers 'dumpctl capture --inject ' 'stuck= fault= unreadable= late='
  offers 'dumpctl capture -n ' ''
  offers 'dumpctl decode --numbers=' 'safe exact'
  offers 'dumpctl show --color ' 'auto always never'
  offers 'dumpctl view --color=n' 'never'
  offers 'dumpctl show ' ''
  offers 'dumpctl show -- -' ''
  # The program says which sections there are, and which maps the file on the line has.
  cp "$DATA/sections/rich.json" .
  offers "$DUMPCTL show --section ta" 'tasks'
  offers "$DUMPCTL show --section=p" 'programs psi perf probe'
  offers "$DUMPCTL show rich.json --map ce" 'cell_stats'
  offers "$DUMPCTL show --map ce" ''
  offers 'dumpctl show report.json --sh' '--short'
}

@test "bash: the types of schema are those of the program" {
  offers "$DUMPCTL schema Arena" 'Arena ArenaPage'
  offers "$DUMPCTL schema d" 'dual degraded'
  wanted=$({ printf '%s\n' single dual degraded; dumpctl schema --list | cut -d' ' -f1; } | sort)
  same "types" "$wanted" "$(bash_replies "$DUMPCTL schema " | sort)"
  # A program that is not there is no reason for a word on the screen.
  offers 'no-such-program schema s' 'single'
}

@test "bash: in a shell that does not cut words at = and :, whole words are offered" {
  run bash --norc -c '
    source "$1/completions/dumpctl.bash"
    COMP_WORDBREAKS=" "
    COMP_LINE="dumpctl capture --guest=demo:sta" COMP_POINT=32
    _dumpctl 2>/dev/null
    echo "${COMPREPLY[@]}"' bash "$ROOT"
  assert_output -- '--guest=demo:stall'
}

# Without the shell itself: every long option stands in the file, and no other.
static_options() { # FILE PATTERN
  for verb in $VERBS; do help_options "$verb"; done | grep -E '^--' | sed 's/=$//; s/^--//' |
    sort -u >wanted
  echo version >>wanted
  sort -uo wanted wanted
  grep -v '^ *\(#\|set\)' "$1" | grep -oE -- "$2" | grep -oE '[a-z][a-z0-9-]+$' | sort -u >found
  diff wanted found || fail "$1 (< program, > file)"
}

@test "zsh, fish: every long option stands in the files, and no other" {
  static_options "$ROOT/completions/_dumpctl" '--[a-z][a-z0-9-]+'
  static_options "$ROOT/completions/dumpctl.fish" ' -l [a-z][a-z0-9-]+'
}

@test "zsh: every option of every verb, and no other" {
  command -v zsh >/dev/null || skip "no zsh"
  zsh -n "$ROOT/completions/_dumpctl"
  for verb in $VERBS; do
    # _arguments is the one who would complete; here it prints what it is told.
    found=$(zsh -f -c '
      _arguments() { print -rl -- "$@" }
      source "$1/completions/_dumpctl"
      words=(dumpctl "$2" "") CURRENT=3
      _dumpctl' zsh "$ROOT" "$verb" |
      sed -nE 's/^(\([^)]*\))?\*?(--?[A-Za-z0-9-]+)[+]?(=?)\[.*/\2\3/p' | sort)
    same "zsh, $verb" "$(help_options "$verb")" "$found"
  done
}

@test "zsh: the types of schema are those of the program" {
  command -v zsh >/dev/null || skip "no zsh"
  found=$(zsh -f -c '
    _describe() { print -rl -- "${(@P)4}" }
    source "$1/completions/_dumpctl"
    service=$2
    _dumpctl_types' zsh "$ROOT" "$DUMPCTL" | sort)
  same "types" "$({ printf '%s\n' single dual degraded; dumpctl schema --list | cut -d' ' -f1; } | sort)" "$found"
}

@test "fish: every option of every verb, and no other; fixed values" {
  command -v fish >/dev/null || skip "no fish"
  fish_offers() {
    HOME=$PWD fish --no-config -c 'source $argv[1]; complete -C $argv[2]' \
      "$ROOT/completions/dumpctl.fish" "$1" | cut -f1
  }
  fish --no-execute "$ROOT/completions/dumpctl.fish"
  for verb in $VERBS; do
    found=$({ fish_offers "dumpctl $verb -"; fish_offers "dumpctl $verb --"; } | grep -E '^-' | sort -u)
    same "fish, $verb" "$(help_options "$verb" | sed 's/=$//' | sort -u)" "$found"
  done
  run fish_offers 'dumpctl capture -g demo:s'
  assert_output "$(printf 'demo:spin\ndemo:stall\ndemo:storm')"
  run fish_offers 'dumpctl decode --numbers '
  assert_output "$(printf 'exact\nsafe')"
  run fish_offers "$DUMPCTL schema Arena"
  assert_output "$(printf 'Arena\nArenaPage')"
  run fish_offers 'dumpctl help d'
  assert_output "$(printf 'decode\ndiff')"
}

# ---- README ----

@test "the README names the two commands and every verb, and no other verb" {
  grep -qE '^make demo +#' "$ROOT/README.md"
  grep -qE '^make check +#' "$ROOT/README.md"
  found=$(sed -n '/^## Verbs/,/^## /p' "$ROOT/README.md" | sed -nE 's/^\| `([a-z]+)` .*/\1/p' | sort)
  same "verbs" "$(printf '%s\n' $VERBS | sort)" "$found"
}

@test "the commands that the README shows exist, and its links lead somewhere" {
  for link in $(grep -oE '\]\([A-Za-z./]+\)' "$ROOT/README.md" | tr -d ']()'); do
    [ -e "$ROOT/$link" ] || fail "no $link"
  done
  for target in $(grep -ohE '^(sudo )?make [a-z]+|`make [a-z]+`' "$ROOT/README.md" |
    tr -d '`' | sed 's/.*make //' | sort -u); do
    grep -qE "^$target:" "$ROOT/Makefile" || fail "no make $target"
  done
}

@test "the demo in the README has the words that the program prints today" {
  require_kvm
  sed -n '/^## Begin here/,/^## Verbs/p' "$ROOT/README.md" >readme
  dumpctl capture --guest demo:stall --vcpus 4 -o full.json 2>/dev/null
  run -3 dumpctl capture --guest demo:stall --vcpus 4 --inject stuck=2 --timeout 500 -o degraded.json
  for file in full.json degraded.json; do
    # The first line, and the labels of the others.
    grep -qxF -- "$(COLUMNS=80 dumpctl show "$file" | head -n 1)" readme || fail "$file: first line"
    for label in $(COLUMNS=80 dumpctl show "$file" | grep -oE '^[a-z_]+:'); do
      grep -q "^$label" readme || [[ $label == *_unavailable: ]] || fail "$file: $label"
    done
  done
}
