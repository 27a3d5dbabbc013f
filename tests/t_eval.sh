# Judging a small network: figures, report, a temperature in its file, what is refused.
. tests/lib.sh
# Four classes that differ in where the light is, under much noise.
made_faces 12 12 60 white angry happy sad surprise
# Two labels that must be mistakes in either half, and one face that is in train as well.
for k in 01 02 03 04 05; do
    cp "$SCRATCH/set/valid/happy/p$k.png" "$SCRATCH/set/valid/sad/twin$k.png"
done
cp "$SCRATCH/set/train/angry/p01.png" "$SCRATCH/set/valid/angry/leak.png"
(cd "$SCRATCH/set" && tar czf ../set.tar.gz train valid)
made_catalog "$SCRATCH/set.tar.gz"
ok neonnoir train emotion --snapshot made --name net --size 16 --width 8 --blocks 0 --batch 8 \
    --epochs 6 --rate 0.05 --ema 0.6 --threads 1 --plain
ok neonnoir export net -o "$SCRATCH/m.onnx"
m=$SCRATCH/m.onnx

# figure PATH...: a value of the last JSON, by way of SQLite's reader.
figure() { sqlite3 :memory: "SELECT json_extract(readfile('$SCRATCH/out'), '\$.$1')"; }
near() { awk "BEGIN { d = $1 - $2; exit !(d < $3 && d > -$3) }" || fail "$1 is not near $2 ($4)"; }

ok neonnoir train eval "$m" --on made --json
same "$(figure samples)" 54
same "$(figure without_leaked.samples)" 53
same "$(figure stored_temperature)" 1
same "$(figure tta)/$(figure views)" none/1
t=$(figure calibration.temperature)
nll=$(figure calibration.before.nll)
for f in ece nll brier; do
    for when in before as_stored after; do
        awk "BEGIN { v = $(figure calibration.$when.$f); exit !(v >= 0 && v < 20) }" ||
            fail "calibration.$when.$f"
    done
done
near "$(figure 'abstention.curve[99].coverage')" 1 1e-9 "all answered"
near "$(figure 'abstention.curve[99].accuracy')" "$(figure accuracy)" 1e-9 "all answered"
awk "BEGIN { exit !($(figure abstention.at_80.coverage) >= 0.8) }" || fail "less than 80 % covered"
same "$(sqlite3 :memory: "SELECT sum(json_extract(value, '\$.samples')) FROM
    json_each(readfile('$SCRATCH/out'), '\$.calibration.before.bins')")" 54 "faces in the bins"

ok neonnoir train eval "$m" --on made --tta ten --json
same "$(figure tta)/$(figure views)" ten/10
awk "BEGIN { exit !($(figure calibration.before.nll) != $nll) }" || fail "--tta ten did nothing"

# The report, of a snapshot and of files.
ok neonnoir train eval "$m" --on made --report "$SCRATCH/new/judged"
has "without leaked"
has "leaked: 1 faces"
has "accuracy on the surest 80 %"
ok neonnoir train eval "$m" --on "$SCRATCH/set.tar.gz" --split valid --tta flip --report "$SCRATCH/files"
for d in new/judged files; do
    for f in confusion.png reliability.png coverage.png mistakes.png eval.json card.md; do
        [ -s "$SCRATCH/$d/$f" ] || fail "no $f in $d"
    done
done
same "$(ls -A "$SCRATCH/files" | wc -l)" 6
card() { grep -qF -- "$1" "$SCRATCH/new/judged/card.md" || fail "the card lacks \"$1\""; }
card "# m.onnx"
card "$(sha256sum "$m" | cut -d' ' -f1)"
card '`neonnoir.data_licence` | CC0'
card "| faces | 54 | 53 |"
card "Leaked are 1 faces"
card "No face judged was labelled disgust, fear, neutral: "
card "Of 12 faces labelled happy"
card "neonnoir train eval $m --on made"
card "none stored"
grep -q -- "--on $SCRATCH/set.tar.gz --split valid --tta flip" "$SCRATCH/files/card.md" ||
    fail "the card does not say how to repeat it"
cp "$SCRATCH/new/judged/eval.json" "$SCRATCH/out"
near "$(figure calibration.temperature)" "$t" 1e-9 "temperature in eval.json"
# The same again, byte for byte.
ok neonnoir train eval "$m" --on made --report "$SCRATCH/again"
for f in "$SCRATCH"/again/*; do
    cmp "$f" "$SCRATCH/new/judged/$(basename "$f")" || fail "$f is another one the second time"
done

# A temperature in the file: it is otherwise the same, and the runtime uses it.
cp "$m" "$SCRATCH/warm.onnx"
ok neonnoir train eval "$SCRATCH/warm.onnx" --on made --store --json
near "$(figure stored_temperature)" "$t" 1e-5 "what --store used"
cmp -n "$(stat -c %s "$m")" "$m" "$SCRATCH/warm.onnx" || fail "--store changed more than metadata"
ok neonnoir export inspect "$SCRATCH/warm.onnx"
has "neonnoir.temperature"
has "neonnoir.abstain"
ok neonnoir train eval "$SCRATCH/warm.onnx" --on made --report "$SCRATCH/warm" --json
near "$(figure stored_temperature)" "$t" 1e-4 "what was stored"
near "$(figure calibration.temperature)" "$t" 1e-4 "the temperature beneath a stored one"
near "$(figure calibration.before.nll)" "$nll" 1e-4 "the network without its temperature"
awk "BEGIN { exit !($(figure calibration.as_stored.nll) < $nll) }" || fail "the stored one is no better"
grep -q "with the stored one" "$SCRATCH/warm/card.md" || fail "the card does not know it"
size=$(stat -c %s "$SCRATCH/warm.onnx")
ok neonnoir train eval "$SCRATCH/warm.onnx" --on made --store
near "$(stat -c %s "$SCRATCH/warm.onnx")" "$size" 4 "bytes after storing twice"
# Exporting keeps it; training goes on without it.
ok neonnoir export int8 "$SCRATCH/warm.onnx" --on made -o "$SCRATCH/warm8.onnx"
ok neonnoir export inspect "$SCRATCH/warm8.onnx"
has "neonnoir.temperature"
cp "$SCRATCH/warm.onnx" "$NEONNOIR_CATALOG/runs/net/best.onnx"
ok neonnoir export net -o "$SCRATCH/out.onnx"
ok neonnoir export inspect "$SCRATCH/out.onnx"
has "neonnoir.abstain"
ok neonnoir train emotion --snapshot made --init "$SCRATCH/warm.onnx" --epochs 1 --batch 8 --name on
ok neonnoir export inspect "$NEONNOIR_CATALOG/runs/on/best.onnx"
grep -q "neonnoir.temperature" "$SCRATCH/out" && fail "training kept an old temperature"

# Refused, with the file as it was.
cp "$m" "$SCRATCH/cold.onnx"
refuses 2 "leave --tta out" neonnoir train eval "$SCRATCH/cold.onnx" --on made --store --tta flip
refuses 2 'no test-time augmentation "five"' neonnoir train eval "$m" --on made --tta five
refuses 1 "not a directory" neonnoir train eval "$m" --on made --report "$m"
refuses 1 "cannot make directory" neonnoir train eval "$m" --on made --report "$m/below"
refuses 1 "no labelled face" neonnoir train eval "$m" --on "$SCRATCH/set" --split test --report "$SCRATCH/e"
mkdir "$SCRATCH/one" "$SCRATCH/one/happy"
cp "$SCRATCH/set/train/happy/p01.png" "$SCRATCH/one/happy"
refuses 1 "nothing is stored" neonnoir train eval "$SCRATCH/cold.onnx" --on "$SCRATCH/one" --store
cmp "$m" "$SCRATCH/cold.onnx" || fail "a refused --store changed the file"
ok neonnoir train eval "$m" --on "$SCRATCH/one" --report "$SCRATCH/few"
grep -q "No temperature could be fitted" "$SCRATCH/few/card.md" || fail "one face was enough to fit"
echo "no model" >"$SCRATCH/none.onnx"
refuses 1 "none.onnx" neonnoir train eval "$SCRATCH/none.onnx" --on made --store
sed "s/neonnoir.temperature\(..\)[0-9]/neonnoir.temperature\1x/" "$SCRATCH/warm.onnx" >"$SCRATCH/bad.onnx"
cmp -s "$SCRATCH/warm.onnx" "$SCRATCH/bad.onnx" && fail "the temperature was not spoilt"
refuses 1 "neonnoir.temperature is \"x" neonnoir train eval "$SCRATCH/bad.onnx" --on made
if [ "$(id -u)" != 0 ]; then
    mkdir -m 555 "$SCRATCH/locked"
    refuses 1 "cannot write" neonnoir train eval "$m" --on made --report "$SCRATCH/locked"
fi
finish
