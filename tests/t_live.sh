# t_live.sh - a live show: the newest frame wins, Ctrl-C ends it well, odd rates and sizes play.
. tests/lib.sh
run=neonnoir-run
command -v ffmpeg >/dev/null || skip "no ffmpeg"
film=$SCRATCH/film.mp4 out=$SCRATCH/out.mp4
number() { sed -n "s/.*\"$1\":[^0-9-]*\([0-9.e-]*\).*/\1/p" "$SCRATCH/out" | head -n 1; }
frames() { ffprobe -v error -select_streams v -count_frames -show_entries stream=nb_read_frames -of csv=p=0 "$1"; }

ffmpeg -v error -f lavfi -i testsrc2=s=160x120:r=20:d=1.4 -pix_fmt yuv420p "$film" || fail "no test film"
refuses 2 "--timeline needs the whole film" $run -i "$film" -o "$out" --live --timeline "$SCRATCH/t.png"
refuses 2 "--sheet needs the whole film" $run -i "$film" -o "$out" --live --sheet "$SCRATCH/t.png"

# A film at its own pace: what lasts 1.4 s takes 1.4 s, and nothing is missed at this size.
$run -i "$film" -o "$out" --live --json >"$SCRATCH/out" 2>"$SCRATCH/err" </dev/null ||
    { grep -q 'name an emotion model' "$SCRATCH/err" && skip "no bundled model"; fail "live: $(cat "$SCRATCH/err")"; }
same "$(number captured)" 28 "frames captured"
[ "$(number frames)" -ge 10 ] || fail "only $(number frames) of 28 frames were shown"
awk "BEGIN { exit !($(number seconds) > 1.2 && $(number seconds) < 4) }" || fail "1.4 s of film took $(number seconds) s"
same "$(frames "$out")" "$(number frames)" "frames in the film"

# Ctrl-C ends a show, it does not spoil it.
$run -i synthetic:320x240@30 -o "$out" -o "$SCRATCH/out.y4m" --json >"$SCRATCH/out" 2>"$SCRATCH/err" </dev/null &
pid=$!
sleep 1.3
kill -TERM $pid     # a shell's background job ignores SIGINT
wait $pid
same $? 0 "exit status of a show that was ended"
same "$(frames "$out")" "$(number frames)" "frames in a film that was ended"
[ "$(frames "$SCRATCH/out.y4m")" -gt 5 ] || fail "the pipe's frames are missing"

# Odd sizes and rates.
for cam in 1x1@1000 17x3@2; do
    ok $run -i synthetic:$cam:0.5 -o "$SCRATCH/odd.y4m" --json
    [ "$(number frames)" -ge 1 ] || fail "no frame of $cam"
done

# A budget that nothing keeps: work is dropped, the output goes on.
ok $run -i synthetic:320x240@30:1.3 -o "$out" --budget 0.1 --json
same "$(number worst_level)" 6 "levels dropped"
[ "$(frames "$out")" -ge 10 ] || fail "the output was dropped"

# A recorded show, rendered again: the same pictures to the bit, though analysis and frames were dropped.
clip=/usr/share/doc/opencv-doc/examples/data/Megamind.avi
[ -r "$clip" ] || clip=$film
ffmpeg -v quiet -y -ss 4 -t 1.2 -i "$clip" -c:v libx264 -crf 18 -preset ultrafast "$SCRATCH/show.mp4"
log=$SCRATCH/show.nnlog
refuses 2 "--record is for live shows" $run -i "$SCRATCH/show.mp4" -o "$out" --record "$log"
refuses 2 "--record would write over the input" $run -i "$SCRATCH/show.mp4" -o "$out" --live --record "$SCRATCH/show.mp4"
refuses 2 "neither --live nor" $run -i "$SCRATCH/show.mp4" -o "$out" --live --replay "$log"
ok $run -i "$SCRATCH/show.mp4" -o "$SCRATCH/live.y4m" --live --record "$log" --seed 7 --json
shown=$(number frames)
[ "$(number analysed)" -lt "$shown" ] || fail "no analysis was dropped: $(number analysed) of $shown frames"
ok $run -i "$SCRATCH/show.mp4" -o "$SCRATCH/again.y4m" --replay "$log" --timeline "$SCRATCH/t.png" --sheet "$SCRATCH/s.png" --json
same "$(number frames)" "$shown" "frames of the replay"
same "$(number same)" "$shown" "frames that are the same to the bit"
cmp -s "$SCRATCH/live.y4m" "$SCRATCH/again.y4m" || fail "the replay is not the show"
ok $run -i "$SCRATCH/show.mp4" -o "$SCRATCH/rage.y4m" --replay "$log" --patch rage     # the same signals, another patch
cmp -s "$SCRATCH/live.y4m" "$SCRATCH/rage.y4m" && fail "--patch changed nothing"

# A patch that is saved while it plays is taken up at once, a broken one is not; the replay knows of it.
printf '{"name":"one","chain":[{"effect":"saturation","params":{"amount":0.2}}]}' >"$SCRATCH/p.json"
rm -f "$SCRATCH/live.y4m"
$run -i "$film" -o "$SCRATCH/live.y4m" -p "$SCRATCH/p.json" --live --record "$SCRATCH/changed.nnlog" >"$SCRATCH/out" 2>"$SCRATCH/err" </dev/null &
pid=$!
for i in 1 2 3 4 5 6 7 8 9 10; do [ -s "$SCRATCH/live.y4m" ] && break; sleep 0.2; done
echo '{"name":' >"$SCRATCH/p.json"
sleep 0.5
printf '{"name":"two","chain":[{"effect":"saturation","params":{"amount":1}}]}' >"$SCRATCH/p.json"
wait $pid || fail "a show whose patch changed: $(cat "$SCRATCH/err")"
grep -q "p.json:2.*the show goes on as it was" "$SCRATCH/err" || fail "nothing says that the patch is broken"
grep -q "patch two, as it was changed" "$SCRATCH/err" || fail "the new patch was not taken up: $(cat "$SCRATCH/err")"
ok $run -i "$film" -o "$SCRATCH/again.y4m" --replay "$SCRATCH/changed.nnlog"
cmp -s "$SCRATCH/live.y4m" "$SCRATCH/again.y4m" || fail "the replay of a show whose patch changed"

# A log that breaks off replays up to there; other films, other bytes are refused.
head -c $(($(wc -c <"$log") - 100)) "$log" >"$SCRATCH/cut.nnlog"
ok $run -i "$SCRATCH/show.mp4" -o "$SCRATCH/cut.y4m" --replay "$SCRATCH/cut.nnlog" --json
same "$(number same)" "$(number frames)" "frames of a log that breaks off"
[ "$(number frames)" -lt "$shown" ] || fail "a log that breaks off has all frames"
grep -q "breaks off behind frame" "$SCRATCH/err" || fail "nothing says that the log breaks off"
refuses 2 "is 160 x 120" $run -i "$film" -o "$out" --replay "$log"
refuses 1 "no log of a live show" $run -i "$film" -o "$out" --replay "$film"
# A camera's frames are kept beside the show, so that it can be replayed.
ok $run -i synthetic:160x120@30:0.7 -o "$SCRATCH/cam.y4m" --record "$SCRATCH/cam.nnlog" --keep "$SCRATCH/cam.mkv" --json
shown=$(number frames)
ok $run -i "$SCRATCH/cam.mkv" -o "$SCRATCH/cam2.y4m" --replay "$SCRATCH/cam.nnlog" --json
same "$(number frames)" "$shown" "frames of a camera's replay"
if [ -w /dev/full ]; then   # a full disk ends the log, not the show
    $run -i synthetic:64x48@30:0.5 -o "$SCRATCH/full.y4m" --record /dev/full --json >"$SCRATCH/out" 2>"$SCRATCH/err" </dev/null
    same $? 1 "exit status of a show whose log was lost"
    grep -q "the show goes on, the log ends here" "$SCRATCH/err" || fail "nothing says that the disk is full"
    [ "$(wc -c <"$SCRATCH/full.y4m")" -gt 20000 ] || fail "the show ended with its log"
fi
finish
