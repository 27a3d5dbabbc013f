# A film's curves and markers: made film without a face, refusals; a real one where it is installed.
. tests/lib.sh
ffmpeg -v error -f lavfi -i testsrc2=s=160x120:r=30000/1001:d=1 -timecode "00:00:59;28" \
    -c:v libx264 "$SCRATCH/calm.mov" || fail "no test film"
ok neonnoir analyze "$SCRATCH/calm.mov" -o "$SCRATCH/c.csv" --edl "$SCRATCH/c.edl" --otio "$SCRATCH/c.otio" \
    --picture "$SCRATCH/c.png"
has "30 frames, 1 shots, 0 markers"
same "$(wc -l <"$SCRATCH/c.csv")" 31 "rows"
same "$(sed -n 2p "$SCRATCH/c.csv" | cut -d, -f3)" "00:00:59;28" "the file's own time code"
same "$(sed -n 4p "$SCRATCH/c.csv" | cut -d, -f3)" "00:01:00;02" "dropped labels"
grep -q "FCM: DROP FRAME" "$SCRATCH/c.edl" || fail "the EDL does not say how it counts"
[ -s "$SCRATCH/c.png" ] && [ -s "$SCRATCH/c.otio" ] || fail "no picture or no time line"
ok neonnoir analyze "$SCRATCH/calm.mov" --no-drop --start-timecode 10:00:00:00 -o "$SCRATCH/c.json" --json
has '"start":	"10:00:00:00"'
grep -q '"curves":{"seconds":\[0,' "$SCRATCH/c.json" || fail "no curves"
refuses 2 "leaves it out" neonnoir analyze "$SCRATCH/calm.mov" --start-timecode "00:01:00;00"
refuses 2 "over itself" neonnoir analyze "$SCRATCH/calm.mov" -o "$SCRATCH/calm.mov"
refuses 1 "none.mov" neonnoir analyze "$SCRATCH/none.mov"
refuses 1 "nodir" neonnoir analyze "$SCRATCH/calm.mov" --edl "$SCRATCH/nodir/x.edl"
refuses 2 "is no film" neonnoir analyze synthetic:160x120@25:1
echo "no film" >"$SCRATCH/text.mov"
refuses 1 "text.mov" neonnoir analyze "$SCRATCH/text.mov"
grep -q ",valence,arousal,micro$" "$SCRATCH/c.csv" || fail "no column of micro-expressions"

# A photographed mouth that jumps up for a quarter of a second at 1.5 s and comes back.
if [ -n "$DATA" ]; then
    ffmpeg -v error -loop 1 -t 2.6 -r 30 -i "$DATA/images/portraits/keijiro_facelandmark_Test1.jpg" -filter_complex \
        "[0]split[a][b];[b]crop=420:170:340:640[m];[a][m]overlay=x=340:y='640-20*max(0,1-abs(t-1.62)/0.12)',\
scale=512:-2,noise=alls=4:allf=t:all_seed=1" -pix_fmt yuv420p -c:v libx264 "$SCRATCH/p.mp4" || fail "no portrait film"
    ok neonnoir analyze "$SCRATCH/p.mp4" --json --edl "$SCRATCH/p.edl" --otio "$SCRATCH/p.otio" -o "$SCRATCH/p.csv" \
        --picture "$SCRATCH/p.png"
    same "$(grep -c '"kind":	"micro"' "$SCRATCH/out")" 1 "micro-expressions"
    grep -A4 '"kind":	"micro"' "$SCRATCH/out" | grep -q '"apex":	\(48\|49\)' || fail "another apex than the 49th frame"
    grep -q '|C:ResolveColorPink |M:micro mouth' "$SCRATCH/p.edl" || fail "no micro-expression in the EDL"
    rows=$(awk -F, 'NR > 1 && $NF > 0' "$SCRATCH/p.csv" | wc -l)
    [ "$rows" -ge 3 ] && [ "$rows" -le 12 ] || fail "$rows rows of a micro-expression"
else
    echo "a photographed micro-expression: skipped: no test data"
fi

clip=/usr/share/doc/opencv-doc/examples/data/Megamind.avi
[ -r "$clip" ] || { echo "a real film: skipped: no opencv-doc"; finish; }
ffmpeg -v error -i "$clip" -t 4 -an -vf scale=480:-2 "$SCRATCH/m.mp4" || fail "no film"
ok neonnoir analyze "$SCRATCH/m.mp4" --edl "$SCRATCH/m.edl" --otio "$SCRATCH/m.otio" --least 0.3 --apart 0.5 --json
markers=$(grep -c '"strength"' "$SCRATCH/out")
[ "$markers" -ge 1 ] || fail "no marker in a film of faces"
same "$(grep -c '|C:ResolveColor' "$SCRATCH/m.edl")" "$markers" "events in the EDL"
same "$(grep -c '"Marker.2"' "$SCRATCH/m.otio")" "$markers" "markers in the time line"
# An independent reader of both, where there is one.
python3 -c 'import opentimelineio' 2>/dev/null || { echo "OpenTimelineIO's own reader: skipped: not installed"; finish; }
python3 - "$SCRATCH/m.edl" "$SCRATCH/m.otio" "$markers" <<'END' || fail "OpenTimelineIO reads something else"
import sys, opentimelineio as otio
line = otio.adapters.read_from_file(sys.argv[2])
marks = line.tracks.markers
assert len(marks) == int(sys.argv[3]), "markers"
edl = otio.adapters.read_from_file(sys.argv[1], rate=24)
events = [c for c in edl.tracks[0] if isinstance(c, otio.schema.Clip)]
assert len(events) == len(marks), "events"
for e, m in zip(events, marks):
    at = line.global_start_time.value + m.marked_range.start_time.value
    assert e.source_range.start_time.value == at, (e.source_range, m.marked_range)
END
finish
