#!/bin/bash
# bench_epoch.sh: epochs of `train emotion` beside PyTorch's Python API with torchvision's loader:
# the same network, batch, augmentation and faces (FER2013's PublicTest split, as training data),
# both on all cores. NEONNOIR_PYTHON: a Python that has torch and torchvision.
B=${B:-build}
python=${NEONNOIR_PYTHON:-python3}
faces=${NEONNOIR_TESTDATA:-../shared/data}/faces/fer2013_valid.tar.gz
[ -f "$faces" ] || { echo "skipped: no test data"; exit 0; }
"$python" -c 'import torch, torchvision' 2>/dev/null ||
    { echo "skipped: no Python with torch and torchvision (NEONNOIR_PYTHON)"; exit 0; }
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
export NEONNOIR_CATALOG=$tmp/catalog
cores=$(nproc) epochs=${NEONNOIR_BENCH_EPOCHS:-3} rounds=3
mkdir -p "$tmp/set"
tar xzf "$faces" -C "$tmp/set" && mv "$tmp/set/fer2013/valid" "$tmp/set/train" || exit 1
"$B/neonnoir-dataset" init >/dev/null || exit 1
"$B/neonnoir-ingest" images "$tmp/set/train" >/dev/null 2>&1 || exit 1
"$B/neonnoir-dataset" snapshot --name bench >/dev/null || exit 1

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
ours() {
    "$B/neonnoir-train" emotion --snapshot bench --name "run$1" --width "$2" --blocks "$3" \
        --epochs "$epochs" --threads "$cores" >"$tmp/log" 2>&1 </dev/null || { cat "$tmp/log" >&2; exit 1; }
    awk -F, '$1 > 1 && $3 == "seconds" { print $4 }' "$NEONNOIR_CATALOG/runs/run$1/metrics.csv" |
        median
}

printf '%s cores; median seconds of an epoch of 3,579 faces, in rounds by turns\n' "$cores"
printf '%-28s %10s %22s %8s\n' network ours "PyTorch $("$python" -c 'import torch
print(torch.__version__)')" ratio
while read -r name width blocks; do
    for round in $(seq $rounds); do
        ours "$name$round" "$width" "$blocks" >>"$tmp/$name.ours"
        "$python" "$(dirname "$0")/epoch_torch.py" "$tmp/set/train" "$width" "$blocks" "$epochs" \
            "$cores" "$cores" >>"$tmp/$name.torch" </dev/null || exit 1
    done
    a=$(median <"$tmp/$name.ours") b=$(median <"$tmp/$name.torch")
    printf '%-28s %10s %22s %8s\n' "$name ($width, $blocks)" "$a" "$b" \
        "$(awk "BEGIN { printf \"%.2f\", $b / $a }")"
done <<END
tiny 24 2,1,1
base 48 2,2,2
END
