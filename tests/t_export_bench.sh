# t_export_bench.sh - export bench, verify against another engine, inspect's sums.
. tests/lib.sh
export NEONNOIR_CATALOG=$SCRATCH/cat
model=$TOP/runtime/models/emotion.onnx

ok neonnoir export bench "$model" --seconds 0.05
has "peak is"
has "Conv+Relu"
has "in all"
ok neonnoir export bench "$model" --engine ours,opencv --threads 2 --seconds 0.05 --shape 1x1x48x48 --json
has '"engine":	"opencv"'
has '"nodes":'
refuses 2 "no engine 'nope'" neonnoir export bench "$model" --engine nope
refuses 2 "names ours twice" neonnoir export bench "$model" --engine ours,ours
refuses 2 "is no shape like" neonnoir export bench "$model" --shape 1xx48
refuses 2 "not 1x3x48x48" neonnoir export bench "$model" --shape 1x3x48x48
refuses 2 "names no input" neonnoir export bench "$model" --shape nose=1x1x48x48
refuses 1 "none.onnx" neonnoir export bench "$SCRATCH/none.onnx"

ok neonnoir export inspect "$model"
has "MMAC"
has "MB of memory"
has " Conv "
one=$(neonnoir export inspect "$model" --json | sed -n 's/.*"mmac":[^0-9]*\([0-9.]*\).*/\1/p')
two=$(neonnoir export inspect "$model" --shape 2x1x48x48 --json | sed -n 's/.*"mmac":[^0-9]*\([0-9.]*\).*/\1/p')
same "$(awk -v a="$one" -v b="$two" 'BEGIN { print (a > 0 && b > 1.99 * a && b < 2.01 * a) }')" 1 "twice the pictures"

# OpenCV is always here: the same answers, from noise, and from a file's values.
ok neonnoir export verify "$model" --engine opencv --tolerance 1e-3
has "PASS"
head -c $((4 * 48 * 48)) /dev/zero >"$SCRATCH/zeros.raw"
ok neonnoir export verify "$model" --engine opencv --input "$SCRATCH/zeros.raw" --tolerance 1e-3 --json
has '"inputs_compared":	1'
head -c 100 /dev/zero >"$SCRATCH/short.raw"
refuses 1 "short.raw holds 100 bytes" neonnoir export verify "$model" --engine opencv --input "$SCRATCH/short.raw"
refuses 1 "differ" neonnoir export verify "$model" --engine opencv --tolerance 1e-9
refuses 2 "no engine 'nope'" neonnoir export verify "$model" --engine nope
refuses 2 "--engine ort or opencv" neonnoir export verify "$model" --shape 1x1x48x48
refuses 1 "NEONNOIR_ORT" env NEONNOIR_ORT="$SCRATCH/none.so" neonnoir export verify "$model" --engine ort

if neonnoir export verify "$model" --engine ort >"$SCRATCH/out" 2>"$SCRATCH/err"; then
    has "PASS"
elif ! grep -q 'libonnxruntime.so here' "$SCRATCH/err"; then
    fail "verify against ONNX Runtime"; cat "$SCRATCH/out" "$SCRATCH/err" >&2
fi
finish
