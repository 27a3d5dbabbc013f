#!/bin/sh
# run.sh - runs every unit test ($B/tests/test_*) and command test (tests/t_*.sh), or those named,
# as many at a time as there are cores (JOBS); ends with "N passed, N failed, N skipped".
B=${B:-build}
# ONNX Runtime loses 14 bytes of its own.
LSAN_OPTIONS="suppressions=$PWD/tests/lsan.supp:print_suppressions=0"
RUN_OUT=$(mktemp -d)
export B LSAN_OPTIONS RUN_OUT
trap 'rm -rf "$RUN_OUT"' EXIT
[ $# -gt 0 ] || set -- $(for t in tests/test_*.c; do echo "$B/tests/$(basename "$t" .c)"; done) tests/t_*.sh

# One test: a line, and what it printed if it failed, written at once so that two do not mix.
one='
name=$(basename "$0") log=$RUN_OUT/$(basename "$0").log start=$(date +%s)
case $0 in *.sh) bash "$0" >"$log" 2>&1 ;; *) "$0" >"$log" 2>&1 ;; esac
status=$?
case $status in
0) as=passed word=ok ;;
77) as=skipped word=$(tail -n 1 "$log") ;;
*) as=failed word="FAILED ($status)" ;;
esac
echo "$name" >>"$RUN_OUT/$as"
line=$(printf "%-34s %s  %ss" "$name" "$word" $(($(date +%s) - start)))
[ $as != failed ] || line="$line
$(sed "s/^/    /" "$log")"
printf "%s\n" "$line"'
printf '%s\n' "$@" | xargs -n 1 -P "${JOBS:-$(nproc)}" sh -c "$one"

count() { cat "$RUN_OUT/$1" 2>/dev/null | wc -l; }
echo "$(count passed) passed, $(count failed) failed, $(count skipped) skipped"
[ "$(count passed)" -gt 0 ] && [ "$(count failed)" -eq 0 ]
