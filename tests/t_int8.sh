# t_int8.sh - eight bits: a smaller file with nearly the same answers, refusals.
. tests/lib.sh
int8="neonnoir-export int8"
model=runtime/models/emotion.onnx
export NEONNOIR_CATALOG=$SCRATCH/none
number() { sed -n "s/.*\"$1\":[ \t]*\([-0-9.e+]*\).*/\1/p" "$SCRATCH/out"; }
at_least() { awk "BEGIN { exit !($1 >= $2) }" || fail "$3: $1, not at least $2"; }

mkdir "$SCRATCH/pictures"
ffmpeg -v error -f lavfi -i testsrc2=s=64x64:r=10:d=1.2 -frames:v 12 "$SCRATCH/pictures/p%02d.png" ||
    fail "no test pictures"
echo "no picture" >"$SCRATCH/pictures/broken.png"
ok $int8 "$model" -o "$SCRATCH/a.onnx" --images "$SCRATCH/pictures" --json
same "$(number pictures)" 12
same "$(number weight_bits)" 7
at_least "$(number signal_to_noise_db)" 20 "signal to noise"
at_least "$(number bytes_before)/$(number bytes_after)" 3.5 "times smaller"
same "$(number bytes_after)" "$(wc -c <"$SCRATCH/a.onnx")" "bytes"
ok $int8 "$model" -o "$SCRATCH/b.onnx" --images "$SCRATCH/pictures"
has "30 layers of int8 weights (7 bits), 49 values of uint8"
cmp -s "$SCRATCH/a.onnx" "$SCRATCH/b.onnx" || fail "two models of the same pictures differ"
ok $int8 "$model" -o "$SCRATCH/c.onnx" --images "$SCRATCH/pictures" --method minmax --weight-bits 8 --count 3
has "calibrated on 3 of"
ok neonnoir-export inspect "$SCRATCH/a.onnx"
has "the engine runs every node"
ok neonnoir-export visualize "$SCRATCH/a.onnx" -o "$SCRATCH/k.png"
has "48 kernels of 5x5"

refuses 2 "say where to write" $int8 "$model" --images "$SCRATCH/pictures"
refuses 2 "say what to calibrate on" $int8 "$model" -o "$SCRATCH/x.onnx"
refuses 2 "no method \"kl\"" $int8 "$model" -o "$SCRATCH/x.onnx" --images "$SCRATCH/pictures" --method kl
refuses 1 "nothing to make int8 of" $int8 "$SCRATCH/a.onnx" -o "$SCRATCH/x.onnx" --images "$SCRATCH/pictures"
mkdir "$SCRATCH/empty"
refuses 1 "no readable picture" $int8 "$model" -o "$SCRATCH/x.onnx" --images "$SCRATCH/empty"
refuses 1 "no catalog in" $int8 "$model" -o "$SCRATCH/x.onnx" --on "$SCRATCH/none.tar"
refuses 1 "none.onnx" $int8 "$SCRATCH/none.onnx" -o "$SCRATCH/x.onnx" --images "$SCRATCH/pictures"
[ ! -e "$SCRATCH/x.onnx" ] || fail "a refused model was written"

[ -n "$DATA" ] || { echo "real faces: skipped: no test data"; finish; }
ok $int8 "$model" -o "$SCRATCH/f.onnx" --on "$DATA/faces/fer2013_valid.tar.gz" --count 200 --json
at_least "$(number accuracy_after)" "$(number accuracy_before) - 0.01" "accuracy"
at_least "$(number same_answer)/$(number faces)" 0.97 "share of the same answers"
ok $int8 "$DATA/models/ultraface/version-RFB-320.onnx" -o "$SCRATCH/u.onnx" --mean 0.498 --std 0.502 \
    --images "$DATA/images/portraits" --count 4
has "52 layers"
refuses 1 "takes no single picture" $int8 "$DATA/models/gesture/keypoint_classifier.onnx" \
    -o "$SCRATCH/x.onnx" --images "$SCRATCH/pictures"
finish
