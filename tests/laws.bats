# Laws over many documents, with programs that are not ours: what a JSON Patch makes of a report.
# Where such a program is missing, its tests are skipped by name.
# shellcheck disable=SC2154  # run sets output, stderr and lines
# shellcheck disable=SC2016  # awk expands what stands in single quotes

setup() {
  load helpers
  # bats keeps files of its own one level up.
  mkdir "$BATS_TEST_TMPDIR/here"
  cd "$BATS_TEST_TMPDIR/here" || return 1
  BUILD=${BUILD:-$ROOT/build}
}

# Debian's Python first: another one on the PATH may lack Debian's packages.
require_jsonpatch() {
  for PYTHON in /usr/bin/python3 python3; do
    if "$PYTHON" -c 'import jsonpatch' 2>/dev/null; then return 0; fi
  done
  skip "no python3-jsonpatch"
}

# patches ARG...: A, B and the patch, as wire forms with tabs between, on each line.
patches() {
  "$BUILD/tests/laws/patches" "$@"
}

# holds COUNT: the laws hold for the COUNT lines in the file `lines`.
holds() {
  assert_equal "$(wc -l <lines)" "$1"
  # Nothing is to be done exactly where nothing differs.
  run -0 awk -F'\t' '($1 == $2) != ($3 == "[]") { print "line " NR }' lines
  assert_output ""
  # What another program makes of A by the patch is B, byte for byte when it is written anew.
  "$PYTHON" "$ROOT/tests/laws/apply.py" <lines >made
  { dumpctl decode --wire - <made && echo; } >got
  cut -f2 lines >wanted
  cmp got wanted
}

@test "a JSON Patch applied to A gives B: generated pairs" {
  require_jsonpatch
  patches 2000 >lines
  holds 2000
  # All that a patch can do is done in them.
  for op in add remove replace; do [ "$(grep -c "{\"op\":\"$op\"" lines)" -gt 200 ]; done
  [ "$(grep -c $'\t\[\]$' lines)" -gt 400 ]
  [ "$(grep -cE '"value":(9[3-9]|1[0-8][0-9])[0-9]{17,17}[,}]' lines)" -gt 50 ]
}

@test "a JSON Patch applied to A gives B: each sample with each" {
  require_jsonpatch
  # All that decode accepts without being told what they are.
  mapfile -t files < <(find "$DATA/samples" -maxdepth 1 -name '*.json' ! -name 'legacy-*' \
    ! -name 'rendered-*' | sort)
  [ "${#files[@]}" -gt 30 ]
  patches 0 "${files[@]}" >lines
  holds $((${#files[@]} * ${#files[@]}))
}
