# t_visualize.sh - kernels, feature maps and the cup's sleeve: sizes, refusals, the same bytes twice.
. tests/lib.sh
see="neonnoir-export visualize"
model=runtime/models/emotion.onnx
size_of() { ffprobe -v error -show_entries stream=width,height -of csv=p=0 "$1"; }

ok $see "$model" -o "$SCRATCH/k.png" --sleeve "$SCRATCH/s.svg" --preview "$SCRATCH/s.png"
has "48x1x5x5: 48 kernels of 5x5"
has "check the 50 mm bar"
same "$(size_of "$SCRATCH/k.png" | cut -d, -f1)" 1600
same "$(size_of "$SCRATCH/s.png")" 2970,2100 "preview of an A4 sheet"
grep -q 'width="297mm" height="210mm" viewBox="0 0 297 210"' "$SCRATCH/s.svg" || fail "the SVG has no real size"
ok $see "$model" -o "$SCRATCH/k2.png" --sleeve "$SCRATCH/s2.svg"
cmp -s "$SCRATCH/k.png" "$SCRATCH/k2.png" || fail "two pictures of one model differ"
cmp -s "$SCRATCH/s.svg" "$SCRATCH/s2.svg" || fail "two sleeves of one model differ"

# Another cup: a mug, straight and wide, needs a larger sheet.
ok $see "$model" --sleeve "$SCRATCH/mug.svg" --top-mm 90 --bottom-mm 90 --height-mm 80
grep -q 'width="420mm" height="297mm"' "$SCRATCH/mug.svg" || fail "a mug's sleeve is not on A3"
refuses 2 "wider at the top" $see "$model" --sleeve "$SCRATCH/x.svg" --top-mm 50 --bottom-mm 60
refuses 2 "too flat" $see "$model" --sleeve "$SCRATCH/x.svg" --top-mm 300 --bottom-mm 30 --height-mm 20
refuses 2 "1000 is the most" $see "$model" --sleeve "$SCRATCH/x.svg" --top-mm 400 --bottom-mm 390
[ ! -e "$SCRATCH/x.svg" ] || fail "a refused sleeve was written"

# Layers by number and by name.
ok $see "$model" -o "$SCRATCH/l.png" --layer 1
has "48x48x3x3: 48 kernels of 3x3, mean of 48 input channels"
ok $see "$model" -o "$SCRATCH/l.png" --layer logits --json
has '"7 units, each its weights over 192 inputs"'
refuses 1 'no layer "nope"' $see "$model" -o "$SCRATCH/x.png" --layer nope
refuses 1 "there is no layer 99: the model has" $see "$model" -o "$SCRATCH/x.png" --layer 99
refuses 1 "is a Relu: it has no kernels" $see "$model" -o "$SCRATCH/x.png" --layer Relu_2
refuses 2 "say what to make" $see "$model"
refuses 1 "none.onnx" $see "$SCRATCH/none.onnx" -o "$SCRATCH/x.png"
refuses 1 "nodir/x.png" $see "$model" -o "$SCRATCH/nodir/x.png"
refuses 1 "nodir/x.svg" $see "$model" --sleeve "$SCRATCH/nodir/x.svg"

# Feature maps of a picture: left half dark, right half bright.
ffmpeg -v error -f lavfi -i "color=black:s=60x60,drawbox=x=30:y=0:w=30:h=60:color=white:t=fill" \
    -frames:v 1 "$SCRATCH/half.png" || fail "no test picture"
ok $see "$model" --features "$SCRATCH/half.png" -o "$SCRATCH/f.png" --json
has '"the picture'"'"'s middle at 48x48, normalised as the model says"'
has '"48 maps of 24x24, strongest first"'
has '"norm6"'
grep -o '"strength":[^,}]*' "$SCRATCH/out" | sed -n 49,96p | tr -d '"strength: \t' >"$SCRATCH/strength"
same "$(wc -l <"$SCRATCH/strength")" 48 "maps of the first layer"
sort -c -g -r "$SCRATCH/strength" || fail "maps are not the strongest first"
ok $see "$model" --features "$SCRATCH/half.png" -o "$SCRATCH/g.png" --mean 0 --std 1 --layer 0
has "normalised as asked"
refuses 1 "logits makes no maps" $see "$model" --features "$SCRATCH/half.png" -o "$SCRATCH/x.png" --layer logits
refuses 1 "none.png" $see "$model" --features "$SCRATCH/none.png" -o "$SCRATCH/x.png"
[ ! -e "$SCRATCH/x.png" ] || fail "a refused picture was written"

# Models of others: colours, channels last, sizes left open, names longer than a caption.
[ -n "$DATA" ] || { echo "the models of others: skipped: no test data"; finish; }
ok $see "$DATA/models/yunet/yunet_s_dynamic.onnx" -o "$SCRATCH/y.png" --features "$SCRATCH/half.png" --std 0.00392
has "in their own colours"
has "at 32x32"
ok $see "$DATA/models/mediapipe-onnx/face_detection_front_128x128_barracuda.onnx" -o "$SCRATCH/b.png" \
    --features "$SCRATCH/half.png" --layer 0
has "24 maps of 64x64"
ok $see "$DATA/models/gesture/keypoint_classifier.onnx" -o "$SCRATCH/g.png"
has "42x20: 20 units"
refuses 1 "makes no maps" $see "$DATA/models/gesture/keypoint_classifier.onnx" \
    -o "$SCRATCH/x.png" --features "$SCRATCH/half.png"
finish
