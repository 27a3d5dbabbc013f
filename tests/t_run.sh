# t_run.sh - neonnoir-run: refusals, the question it asks, the same film twice.
. tests/lib.sh
run=neonnoir-run

ok $run --help
has "neonnoir-run --input scene.mov"
ok $run --list-effects
for fx in fireworks rednoise particles saturation glitch bloom; do has "$fx ("; done
ok $run --list-signals
for s in face.joy face.anger face.valence shot.cut time.seconds; do has "$s "; done
ok $run --list-effects --json
has '"bloom"'

command -v ffmpeg >/dev/null || skip "no ffmpeg"
film=$SCRATCH/film.mp4 out=$SCRATCH/out.mp4
ffmpeg -v error -f lavfi -i testsrc2=s=160x120:r=10:d=0.5 -pix_fmt yuv420p "$film" || fail "no test film"

# Words that are off, and files that are not there or not what they should be.
refuses 2 "--input FILE is needed" $run --output "$out"
refuses 2 "--output FILE is needed" $run --input "$film"
refuses 2 "not both" $run --input "$film" --output "$out" --debug --run
refuses 2 "write over the input" $run --input "$film" --output "$film"
for kind in signals timeline sheet; do
    sum=$(cksum <"$film")
    refuses 2 "--$kind would write over the input" $run -i "$film" -o "$out" --$kind "$film"
    refuses 2 "--$kind would write over the output" $run -i "$film" -o "$out" --$kind "$out"
    refuses 1 "nodir/x.png" $run -i "$film" -o "$out" --$kind "$SCRATCH/nodir/x.png"
    same "$(cksum <"$film")" "$sum" "the input film"
done
refuses 2 "--seed takes a whole number" $run --input "$film" --output "$out" --seed x
refuses 1 "$SCRATCH/none.mp4" $run --input "$SCRATCH/none.mp4" --output "$out"
refuses 1 'no patch "nope"' $run --input "$film" --output "$out" --patch nope
echo 'just words' >"$SCRATCH/words.mp4"
refuses 1 "words.mp4" $run --input "$SCRATCH/words.mp4" --output "$out"

bad() { printf '%s' "$1" >"$SCRATCH/bad.json"; shift; refuses 1 "$1" $run -i "$film" -o "$out" -p "$SCRATCH/bad.json"; }
bad '{ "name": "x", "chain": [ }' "bad.json:1"
bad '{"name":"x","chain":[{"effect":"fire"}]}' 'chain[0].effect: no effect "fire"; there are fireworks'
bad '{"name":"x","chain":[{"effect":"bloom","params":{"amount":2}}]}' 'chain[0].params.amount: 2 is not in'
bad '{"name":"x","chain":[{"effect":"bloom","map":[{"param":"amount","signal":"face.jo"}]}]}' \
    'chain[0].map[0].signal: no signal "face.jo"; did you mean "face.joy"?'
bad '{"name":"x","chain":[{"effect":"bloom","map":[{"param":"joy","signal":"face.joy"}]}]}' \
    'chain[0].map[0].param: bloom has no parameter "joy"; there are amount'
refuses 1 "none.onnx" $run -i "$film" -o "$out" --model "$SCRATCH/none.onnx"
[ ! -e "$out" ] || fail "a refused run left $out"

# On a terminal it asks, and asks again, until it knows.
if script -qec true /dev/null >/dev/null 2>&1; then        # a container may have no terminals
    printf 'what\nDebug\n' | script -qec "$run -i '$film' -o '$out' -p nope" /dev/null >"$SCRATCH/out" 2>&1
    n=$(grep -o 'Welcome to Neon Noir Collective. Choose your mode: Debug or Run?' "$SCRATCH/out" | wc -l)
    same "$n" 2 "times that it asked"
    has 'no patch "nope"'
fi

# The real thing needs the bundled model.
$run -i "$film" -o "$out" >/dev/null 2>"$SCRATCH/err" </dev/null ||
    { grep -q 'name an emotion model with --model' "$SCRATCH/err" && [ $failures -eq 0 ] && skip "no bundled model"; }
clip=/usr/share/doc/opencv-doc/examples/data/Megamind.avi
[ -r "$clip" ] || skip "no opencv-doc"
ffmpeg -v quiet -y -ss 3.9 -t 0.35 -i "$clip" -c:v libx264 -crf 18 -preset ultrafast -c:a aac "$film"
go() { ok $run -i "$film" -o "$SCRATCH/$1.mp4" --signals "$SCRATCH/$1.csv" --timeline "$SCRATCH/$1-t.png" --sheet "$SCRATCH/$1-s.png" --threads "$2" --json; }
go a 1
has '"frames":'
has '"flashes":'
has '"emotion":'
go b 2
for f in .mp4 .csv -t.png -s.png; do
    cmp -s "$SCRATCH/a$f" "$SCRATCH/b$f" || fail "two runs differ in $f"
done
frames() { ffprobe -v error -select_streams v -count_frames -show_entries stream=nb_read_frames -of csv=p=0 "$1"; }
same "$(frames "$SCRATCH/a.mp4")" "$(frames "$film")" "frames"
same "$(tail -n +2 "$SCRATCH/a.csv" | wc -l)" "$(frames "$film")" "rows of signals"
same "$(ffprobe -v error -select_streams a -show_entries stream=codec_type -of csv=p=0 "$SCRATCH/a.mp4")" audio
ok $run -i "$film" -o "$SCRATCH/d.mp4" --debug
has "frames/s"
cmp -s "$SCRATCH/a.mp4" "$SCRATCH/d.mp4" && fail "--debug drew nothing"

# A strobe is held to three flashes a second, unless it is asked for.
ffmpeg -v error -y -f lavfi -i "color=s=64x48:r=25:d=2,geq=lum='if(mod(N,2),235,16)':cb=128:cr=128" \
    -pix_fmt yuv420p "$SCRATCH/strobe.mp4"
echo '{"name":"still","chain":[{"effect":"bloom","params":{"amount":0}}]}' >"$SCRATCH/still.json"
ok $run -i "$SCRATCH/strobe.mp4" -o "$SCRATCH/held.mp4" -p "$SCRATCH/still.json"
has "flashes made: 24 (12 in a second at most)"
has "flashes shown: 4 (3 in a second at most)"
ok $run -i "$SCRATCH/strobe.mp4" -o "$SCRATCH/free.mp4" -p "$SCRATCH/still.json" --no-flash-limit --model tiny
has "flashes not limited: 24 (12 in a second at most)"
grep -q shown "$SCRATCH/out" && fail "--no-flash-limit limits"

# Ctrl-C leaves what was there.
echo before >"$out"
$run -i "$clip" -o "$out" >/dev/null 2>"$SCRATCH/err" </dev/null &
pid=$!
sleep 1
kill -TERM $pid     # a shell's background job ignores SIGINT
wait $pid
same $? 130 "exit status after an interruption"
grep -q "left as it was" "$SCRATCH/err" || fail "an interrupted run does not say so"
same "$(cat "$out")" before
[ -z "$(find "$SCRATCH" -name '.out*')" ] || fail "an interrupted run left a temporary"
finish
