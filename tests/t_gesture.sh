# Networks of landmarks, tracks and gyroscopes: trained, judged on what was left out, refusals.
. tests/lib.sh
need_data
hands=$DATA/hands/kazuhito00.tar.xz imu=$DATA/imu/uhh.tar.xz
out=$SCRATCH/m.onnx
accuracy() { sed -n 's/.*"mean_accuracy":[^0-9]*\([0-9.]*\).*/\1/p' "$SCRATCH/out" | head -n 1; }
at_least() { awk "BEGIN { exit !($1 >= $2) }" || fail "$3: $1, not at least $2"; }

ok neonnoir train gesture --on "$hands" -o "$out" --epochs 3 --report "$SCRATCH/r"
has "piece 5"
has "engine and libtorch differ by"
for f in best.onnx metrics.json metrics.csv confusion.png; do
    [ -s "$SCRATCH/r/$f" ] || fail "the report has no $f"
done
cmp "$SCRATCH/r/best.onnx" "$out" || fail "best.onnx is not the network"
same "$(wc -l <"$SCRATCH/r/metrics.csv")" 4 "lines of metrics.csv"
ok neonnoir train gesture --on "$hands" -o "$SCRATCH/n.onnx" --epochs 3 --json
has '"engine_difference"'
at_least "$(accuracy)" 0.85 "accuracy of gestures"
cmp "$out" "$SCRATCH/n.onnx" || fail "the same seed gave another network"
ok neonnoir export inspect "$out"
has "the engine runs every node"
has "open,close,pointer"
has "hand-1"
has "Apache-2.0"
ok neonnoir train motion --on "$hands" -o "$out" --epochs 1 --json
at_least "$(accuracy)" 0.5 "accuracy of motions"

# A person and gestures of the real recordings: enough to learn something.
mkdir "$SCRATCH/imu"
tar xf "$imu" -C "$SCRATCH/imu" --wildcards '*[jl]_gesture0[0679].csv'
ok neonnoir train gyro --on "$SCRATCH/imu" -o "$out" --epochs 3 --width 8 --json
has '"left_out_by_gesture"'
at_least "$(accuracy)" 0.6 "accuracy of gyroscope gestures"

# Two made people whose heart beats faster by 20 under stress, one of them with a wristband.
mkdir -p "$SCRATCH/bio/S01"
table=$SCRATCH/bio/Improved_All_Combined_hr_rsp_binary.csv
awk 'BEGIN { print "Participant,HR,respr,Time(sec),Label"
    for (p = 1; p < 3; p++) for (t = 0; t < 1500; t++) {
        s = t > 500 && t % 500 > 250
        print p "," 60 + 9 * p + 20 * s + t % 7 ",12," 1000 + t "," s } print "2,,12,2500,0" }' >"$table"
awk 'BEGIN { print 1000; print 4; for (t = 0; t < 6000; t++) print 1 + (t % 2000 > 1200) + (t % 9) / 10 }' >"$SCRATCH/bio/S01/EDA.csv"
awk 'BEGIN { print "1000, IBI"; for (t = 1; t < 1500; t++) print t "," 1 + t % 2 * (1 + int(t / 100) % 4) / 100 }' >"$SCRATCH/bio/S01/IBI.csv"
ok neonnoir train fusion --on "$SCRATCH/bio" -o "$out" --epochs 30 --batch 8 --json
has '"person 02"'
at_least "$(accuracy)" 0.85 "accuracy of arousal"
mv "$table" "$SCRATCH/table.csv"
refuses 1 "no person at rest" neonnoir train fusion --on "$SCRATCH/bio" -o "$SCRATCH/x.onnx"
sed '1s/Label/State/' "$SCRATCH/table.csv" >"$table"
refuses 1 'no column "Label"' neonnoir train fusion --on "$SCRATCH/bio" -o "$SCRATCH/x.onnx"
sed '5s/0$/2/' "$SCRATCH/table.csv" >"$table"
refuses 1 "line 5: no person, time or label" neonnoir train fusion --on "$SCRATCH/bio" -o "$SCRATCH/x.onnx"
cp "$SCRATCH/table.csv" "$table"
sed -i 1d "$SCRATCH/bio/S01/IBI.csv"
refuses 1 'IBI.csv has no column' neonnoir train fusion --on "$SCRATCH/bio" -o "$SCRATCH/x.onnx"
[ -e "$SCRATCH/x.onnx" ] && fail "a refused fusion left a network"

# The bundled networks say what they are.
for task in gesture motion gyro fusion; do
    ok neonnoir export inspect runtime/models/$task.onnx
    grep -q "neonnoir.task.*$task" "$SCRATCH/out" || fail "the bundled $task.onnx says otherwise"
done

# Ctrl-C leaves nothing behind.
rm -f "$out"
neonnoir train motion --on "$hands" -o "$out" --epochs 500 >/dev/null 2>"$SCRATCH/err" &
pid=$!
sleep 1.5
kill -INT $pid
wait $pid
same $? 130 "exit status after Ctrl-C"
[ -e "$out" ] && fail "Ctrl-C left a network"

refuses 2 "say what to learn from" neonnoir train gesture -o "$out"
refuses 2 "say where to write" neonnoir train gesture --on "$hands"
refuses 1 "absent" neonnoir train gesture --on "$hands" -o "$SCRATCH/absent/m.onnx"
refuses 1 "cannot open" neonnoir train gyro --on "$SCRATCH/none" -o "$out"
refuses 1 "holds no keypoint.csv" neonnoir train gesture --on "$imu" -o "$out"
refuses 1 "holds no recorded gesture" neonnoir train gyro --on "$hands" -o "$out"
head -c 20000 "$hands" >"$SCRATCH/short.tar.xz"
refuses 1 "short.tar.xz" neonnoir train gesture --on "$SCRATCH/short.tar.xz" -o "$out"
rm "$SCRATCH"/imu/*/l_*
refuses 1 "only one person" neonnoir train gyro --on "$SCRATCH/imu" -o "$out"
f=$(ls "$SCRATCH"/imu/*/j_gesture00.csv)
cp "$f" "$SCRATCH/whole.csv"
sed '7s/,[^,]*,/,wild,/' "$SCRATCH/whole.csv" >"$f"
refuses 1 'j_gesture00.csv, line 7: "wild' neonnoir train gyro --on "$SCRATCH/imu" -o "$out"
sed '1s/gyroZ/gyroQ/' "$SCRATCH/whole.csv" >"$f"
refuses 1 'no column "gyroZ"' neonnoir train gyro --on "$SCRATCH/imu" -o "$out"
sed '9s/,[^,]*$//' "$SCRATCH/whole.csv" >"$f"
refuses 1 "line 9: 11 numbers, not 12" neonnoir train gyro --on "$SCRATCH/imu" -o "$out"
mkdir "$SCRATCH/hand"
printf '7%s\n' "$(printf ',0.1%.0s' $(seq 42))" >"$SCRATCH/hand/keypoint.csv"
refuses 1 "class 7 is none of 0 to 2" neonnoir train gesture --on "$SCRATCH/hand" -o "$out"
[ -e "$out" ] && fail "a refused training left a network"
finish
