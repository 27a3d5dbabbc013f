# t_convert.sh - export convert: TensorFlow Lite files to ONNX, and what it leaves when it cannot.
. tests/lib.sh
"$B/tests/test_tflite" "$SCRATCH" || fail "no small models"
cd "$SCRATCH" || exit 1
export NEONNOIR_CATALOG=$SCRATCH/cat

ok neonnoir export convert conv_same.tflite -o conv.onnx
has "conv.onnx: "
has "input   x float32 1x7x6x3"
has "output  y float32 1x7x6x4"
[ -s conv.onnx ] || fail "no conv.onnx"
ok neonnoir export inspect conv.onnx
has "the engine runs every node"
ok neonnoir export verify conv.onnx --engine opencv --tolerance 1e-4
has "PASS"

ok neonnoir export convert conv_same.tflite -o turned.onnx --nchw --json
has '"output":	"turned.onnx"'
has '"nodes":	1'
has '"parameters":	112'
has '"lacks":	[]'
has "\"bytes\":	$(stat -c %s turned.onnx)"
has '"shape":	"1x4x7x6"'

# What cannot be converted or written leaves what was there.
refuses 2 "-o FILE.onnx" neonnoir export convert conv_same.tflite
cp conv.onnx kept.onnx
head -c 200 conv_same.tflite >cut.tflite
refuses 1 "cut.tflite: " neonnoir export convert cut.tflite -o kept.onnx
same "$(wc -l <err)" 1 "lines of the error"
refuses 1 "none.tflite" neonnoir export convert none.tflite -o kept.onnx
refuses 1 "conv.onnx: " neonnoir export convert conv.onnx -o kept.onnx
# A full disk: no file may grow.
refuses 1 "cannot write kept.onnx: File too large" bash -c "(trap '' XFSZ; ulimit -f 0
    exec neonnoir export convert conv_same.tflite -o kept.onnx 2>&1 >/dev/null) | cat >&2
    exit \${PIPESTATUS[0]}"
cmp -s conv.onnx kept.onnx || fail "an output was changed"
refuses 1 "cannot write" neonnoir export convert conv_same.tflite -o "$SCRATCH/none/x.onnx"
same "$(ls -A | grep -c '^\.')" 0 "temporary files left"
# Nobody to tell is an error too; the model is whole.
for json in "" --json; do
    refuses 1 "stdout" bash -c "neonnoir export convert conv_same.tflite -o told.onnx $json >/dev/full"
done
cmp -s conv.onnx told.onnx || fail "told.onnx is not conv.onnx"

if [ -n "$DATA" ]; then
    for m in face_detection_short_range palm_detection_lite hand_landmark_lite; do
        ok neonnoir export convert "$DATA/models/mediapipe-tflite/$m.tflite" -o $m.onnx
        ok neonnoir export bench $m.onnx --seconds 0.01
    done
fi
finish
