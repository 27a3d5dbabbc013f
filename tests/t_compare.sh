# Labels of runs, their event files, comparisons: on small made faces.
. tests/lib.sh
# Three classes that differ in where the light is; much noise, so that no run is always right.
made_faces 16 16 60 0x909090 angry happy sad
cp "$SCRATCH/set/train/happy/p01.png" "$SCRATCH/set/valid/happy/leak.png"
(cd "$SCRATCH/set" && tar czf ../set.tar.gz train valid)
made_catalog "$SCRATCH/set.tar.gz"
small="--snapshot made --size 16 --width 8 --blocks 0 --batch 8 --rate 0.05 --ema 0.6 --threads 1 --plain"

# Labels: given with the run or later, taken back, shown.
ok neonnoir train emotion $small --epochs 4 --name e1 --label drink=espresso --label "bar=Rick's café"
ok neonnoir train emotion $small --epochs 4 --name b1 --seed 2
ok neonnoir train label b1 drink=boba mood=blue
ok neonnoir train label b1 mood=
ok neonnoir train ls
has "bar=Rick's café, drink=espresso"
has "  drink=boba"
ok neonnoir train show b1
has "  drink=boba"
ok neonnoir train show e1 --json
has '"bar":	"Rick'
ok neonnoir train ls --json
has '"drink":	"boba"'
ok neonnoir dataset ls --runs
has "drink=boba"
ok neonnoir dataset show e1
has "espresso"
refuses 2 'say NAME=VALUE' neonnoir train label b1 drink
refuses 1 'no run "nothing"' neonnoir train label nothing drink=tea
runs=$(neonnoir train ls | wc -l)
refuses 2 '"a b=c"' neonnoir train emotion $small --label "a b=c"
same "$(neonnoir train ls | wc -l)" "$runs" "runs after a refused label"

# An event file grows with the run; killed and resumed it is one file, to the byte what the
# metrics say (tests/test_torch_tfevents.c reads it).
neonnoir train emotion $small --epochs 40 --name cut >/dev/null 2>&1 &
pid=$!
for _ in $(seq 200); do ls "$NEONNOIR_CATALOG"/runs/cut/*tfevents* >/dev/null 2>&1 && break; sleep 0.02; done
kill -9 $pid 2>/dev/null
wait $pid 2>/dev/null
ok neonnoir train resume cut
same "$(ls "$NEONNOIR_CATALOG"/runs/cut/events.out.tfevents.*.neonnoir | wc -l)" 1 "event files"
same "$(grep -ao valid/accuracy "$NEONNOIR_CATALOG"/runs/cut/events.out.* | wc -l)" 40 "accuracies"

# Two runs: the same faces, the same words each time; leaked ones are left out.
value() { sed -n "s/.*\"$1\":[^-0-9]*\([-0-9.e]*\).*/\1/p" "$SCRATCH/out" | sed -n "${2:-1}p"; }
ok neonnoir train compare e1 b1 -o "$SCRATCH/c.png"
has "48 faces of snapshot made"
has "1 left out"
has "differ in  seed               1, 2"
has "McNemar "
has "With 48 faces, "
[ -s "$SCRATCH/c.png" ] || fail "no picture"
cp "$SCRATCH/out" "$SCRATCH/first"
ok neonnoir train compare e1 b1
cmp "$SCRATCH/first" "$SCRATCH/out" || fail "the same comparison gave other figures"
ok neonnoir train compare e1 b1 --json
awk "BEGIN { d = $(value only_a_right) - $(value only_b_right) - 48 * $(value difference)
    exit !(d < 1e-6 && d > -1e-6) }" || fail "right alone and difference do not agree"
ok neonnoir train show e1 --json
best=$(value best_accuracy)
ok neonnoir train compare e1 b1 --leaked --json
same "$(value faces)" 49
same "$(value value)" "$best" "accuracy by our engine and while training"

# Files, and other faces.
ok neonnoir export e1 -o "$SCRATCH/e1.onnx"
ok neonnoir export b1 -o "$SCRATCH/b1.onnx"
refuses 2 "say with --on" neonnoir train compare e1 "$SCRATCH/e1.onnx"
ok neonnoir train compare e1 "$SCRATCH/e1.onnx" --on "$SCRATCH/set.tar.gz" --split valid
has "49 faces"
has "get equally many right"
ok env NEONNOIR_CATALOG="$SCRATCH/none" neonnoir train compare "$SCRATCH/e1.onnx" "$SCRATCH/b1.onnx" \
    --on "$SCRATCH/set" --split valid -o "$SCRATCH/files.png"
[ -s "$SCRATCH/files.png" ] || fail "no picture of files"
ok neonnoir dataset snapshot --name other --keep-leaks
ok neonnoir train emotion ${small/made/other} --epochs 1 --name o1
refuses 2 "e1 was trained on the snapshot made, o1 on other" neonnoir train compare e1 o1
ok neonnoir train compare e1 o1 --on made
refuses 2 "e1 is there twice" neonnoir train compare e1 e1
refuses 2 "two or more" neonnoir train compare e1
refuses 1 "no run" neonnoir train compare e1 nothing
rm "$NEONNOIR_CATALOG/runs/o1/best.onnx"
refuses 1 "o1 has no best.onnx" neonnoir train compare e1 o1

# A factor: one run of each drink cannot tell, two can say how little they can.
ok neonnoir train compare --factor drink
has "One run a group cannot separate drink from the seed: espresso has 1, boba 1"
refuses 2 "cut has no label drink" neonnoir train compare e1 cut --factor drink
refuses 1 "no run bears the label bar2" neonnoir train compare --factor bar2
ok neonnoir train emotion $small --epochs 1 --name e3 --seed 3 --label drink=espresso
ok neonnoir train emotion $small --epochs 1 --name b3 --seed 4 --label drink=boba
refuses 2 "all of these runs have drink=espresso" neonnoir train compare e1 e3 --factor drink
ok neonnoir train compare --factor drink
has "Welch's t"
has "With 2 and 2 runs that spread like these, a difference below"
ok neonnoir train compare --factor drink e1 b1 e3 b3 --json
has '"separable":	true'

finish
