#!/bin/bash
# neonnoir train gan: learns from films and folders, is killed and goes on to the same bits.
. "$(dirname "$0")/lib.sh"
export NEONNOIR_CATALOG=$SCRATCH/cat
train=$B/neonnoir-train
ok "$B/neonnoir-dataset" init
mkdir -p "$SCRATCH/set/warm" "$SCRATCH/set/cold"
ffmpeg -v error -f lavfi -i "color=0xff8020:s=48x32:r=4:d=2,noise=alls=40:allf=t" "$SCRATCH/set/warm/%d.png"
ffmpeg -v error -f lavfi -i "color=0x2040ff:s=32x48:r=4:d=2,noise=alls=40:allf=t" "$SCRATCH/set/cold/%d.png"
echo "no picture" >"$SCRATCH/set/cold/notes.txt"
ffmpeg -v error -f lavfi -i "testsrc=s=64x48:r=10:d=2" -c:v libx264 -pix_fmt yuv420p "$SCRATCH/film.mp4"
small="--size 16 --width 4 --widest 8 --latent 8 --batch 4 --threads 1 --snap 40 --seed 3"

# A run to its end; the other one is killed on its way.
ok $train gan --on "$SCRATCH/set" --on "$SCRATCH/film.mp4" --every 0.5 --classes $small --images 120 --name whole
grep -q "20 pictures, 3 conditions" "$SCRATCH/err" || fail "not 20 pictures of 3 classes"
runs=$NEONNOIR_CATALOG/runs
for f in samples.png samples-00000120.png walk.png real.png best.onnx metrics.csv recipe.json progress.mp4; do
    [ -s "$runs/whole/$f" ] || fail "no $f"
done
same "$(ffprobe -v error -show_entries stream=nb_frames -of csv=p=0 "$runs/whole/progress.mp4")" 22
ok $train gan --on "$SCRATCH/set" --on "$SCRATCH/film.mp4" --every 0.5 --classes $small --images 120 --name cut --begin
same "$(cat "$SCRATCH/out")" cut
$train resume cut >"$SCRATCH/cut.log" 2>&1 </dev/null &
pid=$!
for _ in $(seq 200); do
    [ -s "$runs/cut/last.safetensors" ] && break
    sleep 0.05
done
kill -9 $pid 2>/dev/null
wait $pid 2>/dev/null
rm -rf "$SCRATCH/set" "$SCRATCH/film.mp4"         # the run has what it needs
ok $train resume cut
for f in best.onnx samples.png walk.png samples-00000040.png samples-00000120.png; do
    cmp -s "$runs/whole/$f" "$runs/cut/$f" || fail "killed and resumed, $f differs"
done
[ "$(grep -c libtorch "$runs/cut/surroundings.json")" = 2 ] || fail "surroundings.json lacks a start"
grep -aq train/loss_g "$runs/cut"/events.out.tfevents.*.neonnoir || fail "no loss among TensorBoard's events"
ok $train resume cut
grep -q "is done" "$SCRATCH/err" || fail "a run that is done is not said to be"
ok $train ls
has "whole"

# Clips of the catalog, asked for by a query; what is known of them are conditions.
ok "$B/neonnoir-run" synth --stills 12 --size 32x32 --seed 5 -o "$SCRATCH/noir"
ok "$B/neonnoir-ingest" images "$SCRATCH/noir" --licence CC0
ok "$B/neonnoir-label" import "$SCRATCH/noir/truth.csv"
ok $train gan --where "kind:image tag:rain" $small --images 8 --name rain
rain=$(grep -c texture/rain "$SCRATCH/noir/truth.csv")
grep -q "rain: $rain pictures" "$SCRATCH/err" || fail "not the $rain pictures with rain"
ok "$B/neonnoir-export" inspect "$runs/rain/best.onnx"
has '"valence"'
has '"tag/wet-street"'
refuses 1 "no clip in the catalog" $train gan --where "tag:fog -tag:fog" $small --name none

# What the file says of itself.
ok "$B/neonnoir-export" inspect "$runs/whole/best.onnx"
has "generator"
has 'class/warm'

ok "$B/neonnoir-export" whole -o "$SCRATCH/whole.onnx"
has "2 norms folded"
ok "$B/neonnoir-export" verify "$SCRATCH/whole.onnx" --count 8
has "whole.onnx: pass"
has "8 pictures"
ok "$B/neonnoir-export" latent-video "$SCRATCH/whole.onnx" -o "$SCRATCH/walk.mp4" --seconds 0.2 --size 32

# What cannot be.
refuses 2 "in one way" $train gan --name none
refuses 1 "is no film" $train gan --on "$NEONNOIR_CATALOG/runs/whole/recipe.json" --name none
mkdir "$SCRATCH/empty"
refuses 1 "no picture in it" $train gan --on "$SCRATCH/empty" --name none
refuses 1 "not 48" $train gan --on "$runs/whole" --size 48 --batch 2 --name none
refuses 1 "for a batch of 64" $train gan --on "$runs/whole" --size 16 --batch 64 --name none
refuses 2 "there is a run" $train gan --on "$runs/whole" $small --name cut
echo '{"gamma": -1}' >"$SCRATCH/bad.json"
refuses 1 "gamma is no number from 0" $train gan --on "$runs/whole" --recipe "$SCRATCH/bad.json"
[ ! -e "$runs/none" ] || fail "a run that could not begin was left"
finish
