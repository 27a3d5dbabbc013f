#!/bin/sh
# run.sh PROGRAM...: runs the benchmarks one after the other; NEONNOIR_BENCH=NAME one of them.
NEONNOIR_DATA=${NEONNOIR_DATA:-runtime}
export NEONNOIR_DATA
for b; do
    case $(basename "$b") in *"${NEONNOIR_BENCH:-}"*) ;; *) continue ;; esac
    printf '\n== %s\n' "$(basename "$b")"
    "$b" || exit 1
done
