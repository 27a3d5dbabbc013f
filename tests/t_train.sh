# Train, stop, resume, list, judge, export, verify: on small made faces.
. tests/lib.sh
# Four classes that differ in where the light is; 12 noisy pictures each in train, 4 in valid.
made_faces 12 4 40 white angry happy sad surprise
(cd "$SCRATCH/set" && tar czf ../set.tar.gz train valid)
made_catalog "$SCRATCH/set.tar.gz"
small="--snapshot made --size 16 --width 8 --blocks 0 --batch 8 --epochs 16 --rate 0.05 --ema 0.6 --threads 1 --plain"

ok neonnoir train emotion $small --name whole
has "neonnoir export whole"
ok neonnoir train ls
has "whole"
ok neonnoir train show whole
has "loss.png"
for f in best.onnx loss.png confusion.png metrics.csv last.safetensors; do
    [ -s "$NEONNOIR_CATALOG/runs/whole/$f" ] || fail "run left no $f"
done
same "$(grep -c '^[0-9]*,train,loss' "$NEONNOIR_CATALOG/runs/whole/metrics.csv")" 16

# Ctrl-C in the middle, then resume: the same bits as the undisturbed run.
neonnoir train emotion $small --name cut >"$SCRATCH/out" 2>"$SCRATCH/err" &
pid=$!
for _ in $(seq 200); do [ -s "$NEONNOIR_CATALOG/runs/cut/metrics.csv" ] && break; sleep 0.02; done
kill -INT $pid
wait $pid
same $? 130 "exit status after Ctrl-C"
grep -q "train resume cut" "$SCRATCH/err" || fail "Ctrl-C does not say how to go on"
ok neonnoir train ls
has "stopped"
ok neonnoir train resume cut
cmp "$NEONNOIR_CATALOG/runs/whole/best.onnx" "$NEONNOIR_CATALOG/runs/cut/best.onnx" ||
    fail "the resumed run ended with other weights"

# kill -9, then resume.
neonnoir train emotion $small --name killed >/dev/null 2>&1 &
pid=$!
for _ in $(seq 200); do [ -s "$NEONNOIR_CATALOG/runs/killed/metrics.csv" ] && break; sleep 0.02; done
kill -9 $pid 2>/dev/null
wait $pid 2>/dev/null
ok neonnoir train resume killed
cmp "$NEONNOIR_CATALOG/runs/whole/best.onnx" "$NEONNOIR_CATALOG/runs/killed/best.onnx" ||
    fail "the run resumed after kill -9 ended with other weights"

ok neonnoir export whole -o "$SCRATCH/m8.onnx" --int8
has "same answer on"
has "next: neonnoir train eval"
ok neonnoir train eval "$SCRATCH/m8.onnx" --on made
ok neonnoir export whole -o "$SCRATCH/m.onnx"
has "norms folded"
ok neonnoir export verify "$SCRATCH/m.onnx" --on made
has "pass"
ok neonnoir export verify "$SCRATCH/m.onnx" --on "$SCRATCH/set.tar.gz" --json
has '"pass":	true'
ok neonnoir export inspect "$SCRATCH/m.onnx"
has "the engine runs every node"
has "neonnoir.data_licence"
ok neonnoir train eval "$SCRATCH/m.onnx" --on made --json
has '"samples":	16'
ok neonnoir train eval "$SCRATCH/m.onnx" --on "$SCRATCH/set" --split train --picture "$SCRATCH/c.png"
has "48 faces"
[ -s "$SCRATCH/c.png" ] || fail "no confusion matrix"

# The model may label faces, and that can be taken back.
model_tags() { sqlite3 "$NEONNOIR_CATALOG/catalog.db" "SELECT count(*) FROM tagging WHERE source = 'model'"; }
ok neonnoir label guess 1 2 3 --model "$SCRATCH/m.onnx" --sure 0.2
has "3 of 3 faces labelled"
same "$(model_tags)" 3
ok neonnoir label undo
same "$(model_tags)" 0

# Fine-tuning begins where the model is: better at once than a new network.
ok neonnoir train emotion --snapshot made --init "$SCRATCH/m.onnx" --epochs 1 --rate 0.0001 --batch 8 --name tuned
ok neonnoir train show tuned --json
accuracy=$(sed -n 's/.*"best_accuracy":[^0-9]*\([0-9.]*\).*/\1/p' "$SCRATCH/out")
awk "BEGIN { exit !($accuracy >= 0.7) }" || fail "fine-tuning began at $accuracy"

refuses 1 'no run "nothing' neonnoir train resume nothing
refuses 1 "no snapshot" neonnoir train emotion --snapshot nothing
refuses 2 "say where to write" neonnoir export whole
refuses 1 "cannot open" neonnoir train emotion --snapshot made --init "$SCRATCH/absent.onnx"
runs=$(neonnoir train ls | wc -l)
sed 's/angry,disgust/madxx,disgust/' "$SCRATCH/m.onnx" >"$SCRATCH/other.onnx"
refuses 1 "has the classes madxx" neonnoir train emotion --snapshot made --init "$SCRATCH/other.onnx"
sed 's/GlobalAveragePool/GlobalAveragePoop/g' "$SCRATCH/m.onnx" >"$SCRATCH/odd.onnx"
refuses 1 "odd.onnx" neonnoir train emotion --snapshot made --init "$SCRATCH/odd.onnx"
sed 's/neonnoir.std..0.25/neonnoir.std\x12\x040.2x/' "$SCRATCH/m.onnx" >"$SCRATCH/std.onnx"
cmp -s "$SCRATCH/m.onnx" "$SCRATCH/std.onnx" && fail "the metadata were not spoilt"
refuses 1 'std.onnx: its metadata give' neonnoir train emotion --snapshot made --init "$SCRATCH/std.onnx"
refuses 1 'std.onnx: its metadata give' neonnoir export verify "$SCRATCH/std.onnx" --on made
same "$(neonnoir train ls | wc -l)" "$runs" "runs after refused models"
head -c 500 "$SCRATCH/m.onnx" >"$SCRATCH/short.onnx"
refuses 1 "short.onnx" neonnoir export verify "$SCRATCH/short.onnx" --on made
refuses 1 "short.onnx" neonnoir train eval "$SCRATCH/short.onnx" --on made
refuses 1 "no labelled face" neonnoir train eval "$SCRATCH/m.onnx" --on "$SCRATCH/set/train/happy" --split valid
head -c 700 "$NEONNOIR_CATALOG/runs/cut/last.safetensors" >"$SCRATCH/x"
sqlite3 "$NEONNOIR_CATALOG/catalog.db" "UPDATE run SET epoch = 3, state = 'stopped' WHERE name = 'cut'"
mv "$SCRATCH/x" "$NEONNOIR_CATALOG/runs/cut/last.safetensors"
refuses 1 "last.safetensors" neonnoir train resume cut

# A recipe; options behind it overrule it; all that it asks for survives a kill.
cat >"$SCRATCH/r.json" <<END
{ "about": "everything at once", "epochs": 6, "batch": 8, "size": 16, "width": 16,
  "blocks[0]": 1, "blocks[1]": 0, "blocks[2]": 1, "votes": 0.5,
  "threads": 1, "rate": 0.01, "optimiser": "adamw", "schedule": "plateau", "stale": 1, "drop": 0.5,
  "mix.mixup": 0.2, "mix.cutmix": 1, "mix.share": 0.7, "clip": 1, "focal": 1, "balance": 0.5,
  "augment.shear": 10, "augment.ops": 2 }
END
{
    echo "Usage,Image name,neutral,happiness,contempt,NF"
    for i in $(seq -w 12); do echo "Training,p$i.png,$((10#$i % 3)),4,1,2"; done
} | gzip >"$SCRATCH/votes.csv.gz"
votes="--votes $SCRATCH/votes.csv.gz"
refuses 2 "--votes" neonnoir train emotion --snapshot made --recipe "$SCRATCH/r.json"
ok neonnoir train emotion --snapshot made --recipe "$SCRATCH/r.json" $votes --epochs 5 --name mixed
grep -q "votes for 48 of the faces" "$SCRATCH/err" || fail "the votes are not told"
grep -q '"optimiser":.*"adamw"' "$NEONNOIR_CATALOG/runs/mixed/recipe.json" || fail "no recipe kept"
grep -q '"epochs":.*5' "$NEONNOIR_CATALOG/runs/mixed/recipe.json" || fail "--epochs did not overrule"
neonnoir train emotion --snapshot made --recipe "$SCRATCH/r.json" $votes --epochs 5 \
    --name shot >/dev/null 2>&1 &
pid=$!
for _ in $(seq 200); do [ -s "$NEONNOIR_CATALOG/runs/shot/metrics.csv" ] && break; sleep 0.02; done
kill -9 $pid 2>/dev/null
wait $pid 2>/dev/null
ok neonnoir train resume shot
cmp "$NEONNOIR_CATALOG/runs/mixed/best.onnx" "$NEONNOIR_CATALOG/runs/shot/best.onnx" ||
    fail "the resumed recipe ended with other weights"
# Its kept recipe is a recipe.
ok neonnoir train emotion --snapshot made --recipe "$NEONNOIR_CATALOG/runs/mixed/recipe.json" \
    $votes --name again
cmp "$NEONNOIR_CATALOG/runs/mixed/best.onnx" "$NEONNOIR_CATALOG/runs/again/best.onnx" ||
    fail "the kept recipe gave other weights"
echo '{ "optimizer": "sgd" }' >"$SCRATCH/bad.json"
refuses 1 "no setting is called" neonnoir train emotion --snapshot made --recipe "$SCRATCH/bad.json"
refuses 1 "none.json" neonnoir train emotion --snapshot made --recipe "$SCRATCH/none.json"
# A teacher: its pupil survives a kill as well, and the teacher's file may be gone.
cp "$NEONNOIR_CATALOG/runs/mixed/best.onnx" "$SCRATCH/teacher.onnx"
pupil="--snapshot made --recipe $SCRATCH/r.json $votes --epochs 5 --teacher $SCRATCH/teacher.onnx"
ok neonnoir train emotion $pupil --name pupil
neonnoir train emotion $pupil --name late >/dev/null 2>&1 &
pid=$!
for _ in $(seq 200); do [ -s "$NEONNOIR_CATALOG/runs/late/metrics.csv" ] && break; sleep 0.02; done
kill -9 $pid 2>/dev/null
wait $pid 2>/dev/null
mv "$SCRATCH/teacher.onnx" "$SCRATCH/moved.onnx"
ok neonnoir train resume late
[ "$(grep -c libtorch "$NEONNOIR_CATALOG/runs/late/surroundings.json")" = 2 ] ||
    fail "surroundings.json lacks a start"
cmp "$NEONNOIR_CATALOG/runs/pupil/best.onnx" "$NEONNOIR_CATALOG/runs/late/best.onnx" ||
    fail "the resumed pupil ended with other weights"
cmp -s "$NEONNOIR_CATALOG/runs/pupil/best.onnx" "$NEONNOIR_CATALOG/runs/mixed/best.onnx" &&
    fail "the teacher changed nothing"
refuses 1 "a teacher must take what its pupil takes" neonnoir train emotion --snapshot made \
    --size 24 --teacher "$SCRATCH/moved.onnx"
refuses 1 "teacher.onnx" neonnoir train emotion --snapshot made --teacher "$SCRATCH/teacher.onnx"

# Votes that are none.
runs=$(neonnoir train ls | wc -l)
head -c 60 "$SCRATCH/votes.csv.gz" >"$SCRATCH/cut.csv.gz"
refuses 1 "cut.csv.gz" neonnoir train emotion --snapshot made --votes "$SCRATCH/cut.csv.gz"
printf 'Image name,happiness\np01.png,many\n' >"$SCRATCH/words.csv"
refuses 1 'words.csv, line 2: "many"' neonnoir train emotion --snapshot made --votes "$SCRATCH/words.csv"
printf 'name,joyful\np01.png,3\n' >"$SCRATCH/other.csv"
refuses 1 "no column" neonnoir train emotion --snapshot made --votes "$SCRATCH/other.csv"
same "$(neonnoir train ls | wc -l)" "$runs" "runs after refused votes"
# Nothing gets better: it ends early, and says it is done.
ok neonnoir train emotion --snapshot made --recipe "$SCRATCH/r.json" $votes --rate 1e-7 \
    --epochs 40 --patience 2 --name early
ok neonnoir train ls
has "done"
[ "$(grep -c '^[0-9]*,train,loss' "$NEONNOIR_CATALOG/runs/early/metrics.csv")" -lt 40 ] ||
    fail "patience did not end the run"

finish
