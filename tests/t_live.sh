# t_live.sh - a live show: the newest frame wins, Ctrl-C ends it well, odd rates and sizes play.
. tests/lib.sh
run=neonnoir-run
command -v ffmpeg >/dev/null || skip "no ffmpeg"
film=$SCRATCH/film.mp4 out=$SCRATCH/out.mp4
number() { sed -n "s/.*\"$1\":[^0-9-]*\([0-9.e-]*\).*/\1/p" "$SCRATCH/out" | head -n 1; }
frames() { ffprobe -v error -select_streams v -count_frames -show_entries stream=nb_read_frames -of csv=p=0 "$1"; }

ffmpeg -v error -f lavfi -i testsrc2=s=160x120:r=20:d=1.5 -pix_fmt yuv420p "$film" || fail "no test film"
refuses 2 "--timeline needs the whole film" $run -i "$film" -o "$out" --live --timeline "$SCRATCH/t.png"
refuses 2 "--sheet needs the whole film" $run -i "$film" -o "$out" --live --sheet "$SCRATCH/t.png"

# A film at its own pace: a second and a half takes a second and a half, and nothing is missed at this size.
$run -i "$film" -o "$out" --live --json >"$SCRATCH/out" 2>"$SCRATCH/err" </dev/null ||
    { grep -q 'name an emotion model' "$SCRATCH/err" && skip "no bundled model"; fail "live: $(cat "$SCRATCH/err")"; }
same "$(number captured)" 30 "frames captured"
[ "$(number frames)" -ge 20 ] || fail "only $(number frames) of 30 frames were shown"
awk "BEGIN { exit !($(number seconds) > 1.3 && $(number seconds) < 4) }" || fail "1.5 s of film took $(number seconds) s"
same "$(frames "$out")" "$(number frames)" "frames in the film"

# Ctrl-C ends a show, it does not spoil it.
$run -i synthetic:320x240@30 -o "$out" -o "$SCRATCH/out.y4m" --json >"$SCRATCH/out" 2>"$SCRATCH/err" </dev/null &
pid=$!
sleep 2
kill -TERM $pid     # a shell's background job ignores SIGINT
wait $pid
same $? 0 "exit status of a show that was ended"
same "$(frames "$out")" "$(number frames)" "frames in a film that was ended"
[ "$(frames "$SCRATCH/out.y4m")" -gt 5 ] || fail "the pipe's frames are missing"

# Odd sizes and rates.
for cam in 1x1@30 17x3@1000 64x48@1; do
    ok $run -i synthetic:$cam:1 -o "$SCRATCH/odd.y4m" --json
    [ "$(number frames)" -ge 1 ] || fail "no frame of $cam"
done

# A budget that nothing keeps: work is dropped, the output goes on.
ok $run -i synthetic:320x240@30:2 -o "$out" --budget 0.1 --json
same "$(number worst_level)" 6 "levels dropped"
[ "$(frames "$out")" -ge 20 ] || fail "the output was dropped"
finish
