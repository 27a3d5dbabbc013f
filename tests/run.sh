#!/bin/sh
# run.sh - runs every unit test ($B/tests/test_*) and command test (tests/t_*.sh),
# or those named; ends with "N passed, N failed, N skipped".
B=${B:-build}
export B
# ONNX Runtime loses 14 bytes of its own.
export LSAN_OPTIONS="suppressions=$PWD/tests/lsan.supp:print_suppressions=0"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
passed=0 failed=0 skipped=0
[ $# -gt 0 ] || set -- $(for t in tests/test_*.c; do echo "$B/tests/$(basename "$t" .c)"; done) tests/t_*.sh
for t; do
    start=$(date +%s)
    case $t in *.sh) bash "$t" >"$log" 2>&1 ;; *) "$t" >"$log" 2>&1 ;; esac
    status=$?
    took=$(($(date +%s) - start))
    case $status in
    0) passed=$((passed + 1)) word=ok ;;
    77) skipped=$((skipped + 1)) word=$(tail -n 1 "$log") ;;
    *) failed=$((failed + 1)) word="FAILED ($status)" ;;
    esac
    printf '%-34s %s  %ss\n' "$(basename "$t")" "$word" "$took"
    case $status in 0 | 77) ;; *) sed 's/^/    /' "$log" ;; esac
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
