#!/bin/bash
# bench_gan_step.sh: steps of `train gan` beside PyTorch's Python API with the same networks, losses,
# penalties and augmentation, by turns, on all cores. NEONNOIR_PYTHON: a Python with torch and safetensors.
B=${B:-build}
python=${NEONNOIR_PYTHON:-python3}
"$python" -c 'import torch, safetensors' 2>/dev/null ||
    { echo "skipped: no Python with torch and safetensors (NEONNOIR_PYTHON)"; exit 0; }
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
export NEONNOIR_CATALOG=$tmp/catalog
cores=${NEONNOIR_BENCH_THREADS:-$(nproc)} batch=16 steps=${NEONNOIR_BENCH_STEPS:-40} rounds=3
"$B/neonnoir-dataset" init >/dev/null || exit 1
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
printf '%s threads; milliseconds of a step of %s pictures, every fourth with penalties\n' "$cores" $batch
printf '%-24s %10s %22s %8s\n' network ours "PyTorch $("$python" -c 'import torch
print(torch.__version__)')" ratio
while read -r size latent width widest; do
    "$B/neonnoir-run" synth --stills 64 --size "${size}x$size" -o "$tmp/set$size" >/dev/null 2>&1 || exit 1
    for round in $(seq $rounds); do
        name=g$size-$round
        "$B/neonnoir-train" gan --on "$tmp/set$size" --size "$size" --latent "$latent" --width "$width" \
            --widest "$widest" --batch $batch --threads "$cores" --augment 0.2 --images $((batch * steps)) \
            --snap $((batch * steps)) --name "$name" >"$tmp/log" 2>&1 </dev/null || { cat "$tmp/log" >&2; exit 1; }
        # Seconds are those of the steps alone, without samples; the mean of all.
        awk -F, -v n="$steps" '$3 == "seconds" { print 1000 * $4 / n }' \
            "$NEONNOIR_CATALOG/runs/$name/metrics.csv" >>"$tmp/$size.ours"
        "$python" "$(dirname "$0")/gan_torch.py" "$NEONNOIR_CATALOG/runs/$name/pictures.safetensors" \
            "$size" "$latent" "$width" "$widest" $batch "$steps" "$cores" >>"$tmp/$size.torch" </dev/null || exit 1
    done
    a=$(median <"$tmp/$size.ours") b=$(median <"$tmp/$size.torch")
    printf '%-24s %10.1f %22.1f %8.2f\n' "$size x $size ($width, $widest)" "$a" "$b" \
        "$(awk "BEGIN { print $b / $a }")"
done <<END
64 128 24 160
128 128 24 160
END
