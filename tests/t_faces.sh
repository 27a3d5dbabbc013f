# t_faces.sh - faces by a network: which file is taken, what is refused, what comes out.
. tests/lib.sh
run=neonnoir-run film=$SCRATCH/film.mp4 out=$SCRATCH/out.mp4
command -v ffmpeg >/dev/null || skip "no ffmpeg"
export XDG_DATA_HOME=$SCRATCH/data
unset NEONNOIR_FACE_MODEL NEONNOIR_LANDMARK_MODEL NEONNOIR_MASK_MODEL

ffmpeg -v error -f lavfi -i testsrc2=s=160x120:r=10:d=0.3 -pix_fmt yuv420p "$film" || fail "no test film"
refuses 1 "none.onnx" $run -i "$film" -o "$out" --face-model "$SCRATCH/none.onnx"
NEONNOIR_FACE_MODEL=$SCRATCH/none.onnx refuses 1 "none.onnx" $run -i "$film" -o "$out"
# A model of emotions finds no faces, and the error says so, whatever slot it is put in.
emotion=$TOP/runtime/models/emotion.onnx
refuses 1 "emotion.onnx: " $run -i "$film" -o "$out" --face-model "$emotion"
NEONNOIR_LANDMARK_MODEL=$emotion refuses 1 "emotion.onnx: " $run -i "$film" -o "$out"
head -c 3000 "$emotion" >"$SCRATCH/cut.onnx"
refuses 1 "cut.onnx" $run -i "$film" -o "$out" --face-model "$SCRATCH/cut.onnx"
refuses 2 "write over the face-model" $run -i "$film" -o "$emotion" --face-model "$emotion"
[ ! -e "$out" ] || fail "a refused run left $out"
ok $run --list-signals
for s in head.yaw head.pitch head.roll; do has "$s "; done

need_data
models=$DATA/models
refuses 1 "it finds palms, not faces" $run -i "$film" -o "$out" \
    --face-model "$models/mediapipe-onnx/palm_detection_barracuda.onnx"
clip=/usr/share/doc/opencv-doc/examples/data/Megamind.avi
[ -r "$clip" ] || skip "no opencv-doc"
ffmpeg -v quiet -y -ss 3.9 -t 0.5 -i "$clip" -c:v libx264 -crf 18 -preset ultrafast -an "$film"

# column NAME FILE: its values.
column() { awk -F, -v n="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == n) c = i; next } { print $c }' "$2"; }
go() { ok $run -i "$film" -o "$SCRATCH/$1.mp4" --signals "$SCRATCH/$1.csv" --run "${@:2}"; }
yunet=$models/yunet/yunet_s_dynamic.onnx
go net1 --face-model "$yunet" --threads 1
go net2 --face-model "$yunet" --threads 2
cmp -s "$SCRATCH/net1.csv" "$SCRATCH/net2.csv" || fail "threads change what is seen"
mkdir -p "$XDG_DATA_HOME/neonnoir/models"
cp "$yunet" "$XDG_DATA_HOME/neonnoir/models/yunet_s_dynamic.onnx"
go found
cmp -s "$SCRATCH/net1.csv" "$SCRATCH/found.csv" || fail "the user's model was not taken"
go cascade --face-model cascade
cmp -s "$SCRATCH/net1.csv" "$SCRATCH/cascade.csv" && fail "--face-model cascade took the network"
# The head is not straight in these frames, as one sees.
column head.yaw "$SCRATCH/net1.csv" | awk 'END { exit !($1 < -5 || $1 > 5) }' || fail "no pose was found"
same "$(column face.present "$SCRATCH/net1.csv" | awk '$1 > 0.5' | head -1 | wc -l)" 1 "a face"
finish
