#!/bin/bash
# demo.sh - the main job from a film clip to a film that answers its faces; called
# by `make demo`. CLIP=mine.mp4 uses your own footage.
set -eu
B=${B:-build}
OUT=$B/demo
CLIP=${CLIP:-}
own=${CLIP:+yes}
CLIP=${CLIP:-/usr/share/doc/opencv-doc/examples/data/Megamind.avi}
[ -r "$CLIP" ] || { echo "demo: cannot read $CLIP; name a film with make demo CLIP=..." >&2; exit 1; }
export NEONNOIR_CATALOG=$OUT/catalog
PATH="$(pwd)/$B:$PATH"
step() { printf '\n\033[1;35m%s\033[0m\n' "$*"; }

rm -rf "$OUT"
mkdir -p "$OUT"
step "1. A catalog"
neonnoir init

step "2. The footage: shots, posters, faces"
neonnoir ingest footage "$CLIP" --name film --licence "see the source" | tee "$OUT/ingest.txt"
sheet=$(find "$NEONNOIR_CATALOG/thumbs" -name '*.png' | head -n 1)
[ -z "$sheet" ] || cp "$sheet" "$OUT/contact.png"
clips=$(neonnoir dataset ls --json | sed -n 's/.*"name":[[:space:]]*"\([^"]*\)".*/\1/p')

step "3. Tags and collections"
if [ -z "$own" ]; then
    # What a person sees in these four shots: candle light, a woman who flirts, a man
    # who pleads and then bristles, and a guest in the background who shows nothing.
    neonnoir label add film-1 film-3 mood/tender light/low-key shot/close-up
    neonnoir label add film-2 mood/tense light/low-key texture/smoky-silhouettes
    neonnoir label add film-4 mood/tense light/low-key shot/close-up
    neonnoir label collect "Chaotic Beauty" film-1 film-3
    neonnoir label collect "Smoke & Mirrors" film-2 film-4
    neonnoir label faces film-1 --of track-1 --emotion happy
    neonnoir label faces film-1 --of track-2 --emotion neutral
    neonnoir label faces film-2 --emotion sad
    neonnoir label faces film-3 --emotion surprise
    neonnoir label faces film-4 --emotion angry
else
    # Nobody has looked at these faces yet: the bundled model guesses, where it is sure.
    neonnoir label collect "Chaotic Beauty" $clips
    neonnoir label guess $clips
fi
neonnoir dataset stats

model=runtime/models/emotion.onnx
step "4. The actor's own faces refine the bundled model"
if neonnoir dataset snapshot --name actor --valid 0; then
    neonnoir train emotion --snapshot actor --name actor --init $model --epochs 40 --rate 0.006 \
        --warmup 0.2 --batch 16 --smoothing 0.2 --ema 0.95 --threads 1
    step "5. Export and verify"
    neonnoir export actor -o "$OUT/actor.onnx"
    neonnoir export verify "$OUT/actor.onnx" --on actor
    echo "on the very faces it was shown, before and after:"
    for m in $model "$OUT/actor.onnx"; do
        neonnoir train eval "$m" --on actor --split train | grep '^accuracy.*F1'
    done
    cp "$NEONNOIR_CATALOG/runs/actor/loss.png" "$OUT/loss.png"
    if [ -z "$own" ]; then
        model=$OUT/actor.onnx
    else
        echo "these labels are the model's own guesses, so actor.onnx knows nothing new: the film"
        echo "below is played by the bundled model. Say what you see, and train again:"
        for clip in $clips; do
            echo "  neonnoir label faces $clip --emotion happy -C $NEONNOIR_CATALOG"
        done | head -n 3
    fi
else
    echo "no labelled face in this clip: the bundled model plays as it is"
fi

step "6. The film that answers its faces"
neonnoir run --run --input "$CLIP" --patch neon-noir --model "$model" --output "$OUT/neon.mp4" \
    --signals "$OUT/signals.csv" --timeline "$OUT/timeline.png" --sheet "$OUT/effects.png"

step "7. A reel: a moment of it under each of twelve patches"
seconds=$(ffprobe -v error -show_entries format=duration -of csv=p=0 "$CLIP")
part=$(awk "BEGIN { p = $seconds / 12; print (p > 3 ? 3 : p < 0.5 ? 0.5 : p) }")
n=0
for patch in logo emotion-filter rain-of-sorrow neon-chaos smoke-and-mirrors fractured-memories \
    nebula colour-collapse static-eyes dream-morph red-rage code-rain; do
    from=$(awk "BEGIN { print $n * $part }")
    ffmpeg -v error -y -ss "$from" -t "$part" -i "$CLIP" -an -c:v libx264 -crf 12 "$OUT/part.mp4" </dev/null
    # A clip that is shorter than the reel has no frame left here.
    neonnoir run --run -q --input "$OUT/part.mp4" --patch $patch --model "$model" \
        --output "$OUT/part-$n.mp4" >/dev/null || break
    echo "file part-$n.mp4" >>"$OUT/parts.txt"
    echo "  $patch"
    n=$((n + 1))
done
ffmpeg -v fatal -y -f concat -i "$OUT/parts.txt" -i "$CLIP" -map 0:v -map '1:a?' -c:v copy -c:a aac -shortest \
    "$OUT/reel.mp4" </dev/null
rm -f "$OUT"/part*.mp4 "$OUT/parts.txt"

step "8. A second act that nobody shot: three streets out of a seed, under a patch"
neonnoir synth -q --video "$OUT/streets.mp4" --seconds 6 --shots 3 --size 960x540 --mood sad --seed 7 >/dev/null
neonnoir run --run -q --input "$OUT/streets.mp4" --patch nocturne --model "$model" --output "$OUT/noir.mp4" >/dev/null
rm -f "$OUT"/streets.*

step "9. The walls dissolve into what a generator dreams, and it follows the face"
neonnoir run --run -q --input "$CLIP" --patch dream --model "$model" --output "$OUT/dream.mp4" \
    --signals "$OUT/dream.csv" --timeline "$OUT/dream.png" >/dev/null

step "Look at"
for f in neon.mp4 reel.mp4 noir.mp4 dream.mp4 dream.png effects.png timeline.png contact.png loss.png; do
    [ ! -e "$OUT/$f" ] || echo "  $OUT/$f"
done
cat <<END

Try next:
  make demo CLIP=your-film.mp4
  $B/neonnoir run --input "$CLIP" --patch rage --output rage.mp4 --debug
  $B/neonnoir dataset ls -C $NEONNOIR_CATALOG
  $B/neonnoir run --list-effects
END
