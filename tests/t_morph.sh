# t_morph.sh - neonnoir morph: from one picture to another, and what it asks for first.
. tests/lib.sh
cd "$SCRATCH" || exit 1

# Two drawn faces, whose points are said.
face() {    # FILE COLOUR GROUND LEFT
    ffmpeg -v error -f lavfi -i "color=$3:s=160x120,drawbox=x=$4:y=20:w=60:h=80:color=$2:t=fill,\
drawbox=x=$4+14:y=44:w=8:h=6:color=black:t=fill,drawbox=x=$4+38:y=44:w=8:h=6:color=black:t=fill,\
drawbox=x=$4+18:y=80:w=24:h=4:color=0x802020:t=fill" -frames:v 1 "$1.png"
    cat >"$1.json" <<J
{ "five": [[$(($4 + 18)), 47], [$(($4 + 42)), 47], [$(($4 + 30)), 62], [$(($4 + 20)), 82], [$(($4 + 40)), 82]] }
J
}
face a 0xd0a080 0x203040 40
face b 0x805030 0x406030 56

both="--landmarks a.json --landmarks b.json"
refuses 2 "consent" neonnoir morph a.png b.png $both -o x.png --at 0.5
[ ! -e x.png ] || fail "a picture without consent"
echo '{ "name": "A Drawing", "purpose": "this test" }' >b.png.consent.json
ok neonnoir morph a.png b.png $both -o half.png --at 0.5 --sheet sheet.png --points p.png --json
has '"consent":	"face of A Drawing used with consent: this test"'
grep -q "face of A Drawing used with consent" err || fail "consent is not logged"
grep -q "face of A Drawing used with consent" half.png || fail "no comment in the picture"
[ -s sheet.png ] && [ -s p.a.png ] && [ -s p.b.png ] || fail "no sheet, no points"
ffmpeg -v error -xerror -i half.png -f null - 2>dec || fail "half.png does not decode: $(cat dec)"

# At its ends it is the pictures; other threads, the same bits.
ok neonnoir morph a.png b.png $both --whole -o zero.png --at 0
ok neonnoir morph a.png b.png $both --whole -o one.png --at 1
for p in a:zero b:one; do
    ffmpeg -v error -i "${p%:*}.png" -pix_fmt rgb24 -f rawvideo want.raw -y
    ffmpeg -v error -i "${p#*:}.png" -pix_fmt rgb24 -f rawvideo got.raw -y
    cmp -s want.raw got.raw || fail "${p#*:} is not its picture"
done
ok neonnoir morph a.png b.png $both -o half1.png --at 0.5 --threads 1
ok neonnoir morph a.png b.png $both -o half3.png --at 0.5 --threads 3
cmp -s half1.png half3.png || fail "other threads, other bits"
ok neonnoir morph a.png b.png $both --face-only -o face.png --at 1
cmp -s face.png zero.png && fail "no other face"

# A film there and back.
ok neonnoir morph a.png b.png $both -o m.mp4 --seconds 0.4 --fps 10 --back --size 64x48 \
    --i-have-consent "B: a test"
has "64 x 48, 7 frames"
same "$(ffprobe -v error -count_frames -select_streams v -show_entries stream=nb_read_frames -of csv=p=0 m.mp4)" 7 "frames"
ffprobe -v error -show_entries format_tags=comment -of csv=p=0 m.mp4 | grep -q "face of B used with consent: a test" ||
    fail "no comment in the film"

# A film's face: left alone by 1, changed by 2; another's, only with consent.
if [ -n "$DATA" ]; then
    export NEONNOIR_FACE_MODEL=$DATA/models/yunet/yunet_n_320_320.onnx
    ffmpeg -v error -i "$DATA/video/asl/hungry.mkv" -frames:v 8 -vf crop=320:240:160:0 -an clip.mp4
    ok neonnoir morph clip.mp4 --exaggerate 1 -o same.mp4
    has "320 x 240, 8 frames"
    ok neonnoir morph clip.mp4 --exaggerate 2.5 -o more.mp4 --threads 1
    ok neonnoir morph clip.mp4 --exaggerate 2.5 -o more3.mp4 --threads 3
    cmp -s more.mp4 more3.mp4 || fail "other threads, another film"
    cmp -s more.mp4 same.mp4 && fail "no more of an expression"
    refuses 2 "consent" neonnoir morph clip.mp4 "$DATA/images/portraits/pexels-tim-douglas-6567248.jpg" -o y.mp4
    ok neonnoir morph clip.mp4 "$DATA/images/portraits/pexels-tim-douglas-6567248.jpg" -o swap.mp4 \
        --i-have-consent "a model: this test" --signal face.neutral
    ffprobe -v error -show_entries format_tags=comment -of csv=p=0 swap.mp4 | grep -q "face of a model" ||
        fail "no comment in the film"
    cmp -s swap.mp4 same.mp4 && fail "no other face in the film"
    # Live: a patch's face is said in all that it is written to, and in a replay.
    cp "$DATA/images/portraits/pexels-tim-douglas-6567248.jpg" face.jpg
    echo '{ "name": "ghost", "chain": [ { "effect": "morph", "file": "face.jpg" } ] }' >ghost.json
    refuses 2 "consent" neonnoir run -i clip.mp4 --patch ghost.json -o ghost.mp4
    echo '{ "name": "A Model", "purpose": "this test" }' >face.jpg.consent.json
    ok neonnoir run -i clip.mp4 --patch ghost.json -o ghost.mp4 -o pictures/ --sheet ghost.png
    ok neonnoir run -i clip.mp4 --patch ghost.json --live --record ghost.nnlog -o live.mkv
    ok neonnoir run -i clip.mp4 --replay ghost.nnlog -o again.mkv
    for f in ghost.mp4 live.mkv again.mkv; do
        ffprobe -v error -show_entries format_tags=comment -of csv=p=0 $f |
            grep -q "face of A Model used with consent: this test" || fail "no comment in $f"
    done
    grep -q "face of A Model" ghost.png pictures/00001.png || fail "no comment in the pictures"
    refuses 2 "no such signal" neonnoir morph clip.mp4 --exaggerate 2 -o y.mp4 --signal face.blue
    unset NEONNOIR_FACE_MODEL
fi

# What is wrong is said.
refuses 2 "name two" neonnoir morph a.png -o x.png --at 0.5
refuses 2 "nothing to write" neonnoir morph a.png b.png
refuses 2 "--at 0.5" neonnoir morph a.png b.png -o x.png
refuses 2 "16 to 4096" neonnoir morph a.png b.png -o x.png --at 0.5 --size 8x8
refuses 2 "need a film" neonnoir morph a.png b.png -o x.png --at 0.5 --exaggerate 2
refuses 2 "--exaggerate" neonnoir morph m.mp4 -o y.mp4
refuses 2 "NAME: WHY" neonnoir morph a.png b.png -o x.png --at 0.5 --i-have-consent me
refuses 1 "no face was found" neonnoir morph a.png b.png -o x.png --at 0.5 --face-model cascade
echo '{ "five": [[1,2]] }' >bad.json
refuses 1 "bad.json" neonnoir morph a.png b.png --landmarks bad.json -o x.png --at 0.5
echo '{ "name": "A Drawing", "purpose": "this test", "until": "2020-01-01" }' >b.png.consent.json
refuses 2 "which is over" neonnoir morph a.png b.png $both -o x.png --at 0.5
[ -z "$(find . -name '.*.mp4' -o -name 'x.png')" ] || fail "something was left behind"
finish
