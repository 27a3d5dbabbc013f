# t_look.sh - export look: a table that our effect and ffmpeg's read alike; refusals leave files alone.
. tests/lib.sh
look="neonnoir-export look"
cd "$SCRATCH" || exit 1

neonnoir synth -q --stills 8 --palette crimson --size 64x64 -o crimson >/dev/null || fail "no pictures"
refuses 2 "name the file to write" $look crimson
refuses 1 "no-such-film: no such file, and no catalog" $look no-such-film -o red.cube
mkdir empty
refuses 1 "" $look empty -o red.cube
refuses 2 "--on is shown by --sheet" $look crimson -o red.cube --on crimson/000001.png
refuses 1 "" $look crimson -o no-such-folder/red.cube
[ ! -e red.cube ] || fail "a refused run left a look"

ok $look crimson -o red.cube --size 17 --on crimson/000002.png --sheet red.png --json
has '"frames":	8'
[ -s red.png ] || fail "no sheet"
head -n 1 red.cube | grep -qx 'TITLE "crimson"' || fail "no title"
same "$(grep -c '^[01]' red.cube)" 4913 "entries"
ok $look crimson -o again.cube --size 17
cmp -s red.cube again.cube || fail "the same footage gave another look"
cp red.cube kept.cube
refuses 1 "" $look crimson -o red.cube --on no-such-film --sheet red.png
cmp -s red.cube kept.cube || fail "a refused run changed the look"

# Collections of the catalog.
export NEONNOIR_CATALOG=$SCRATCH/cat
neonnoir init >/dev/null && neonnoir ingest images -q crimson >/dev/null || fail "no catalog"
ok $look tag:class/crimson -o third.cube --size 9 --json
has '"frames":	8'

# What ffmpeg makes of a picture by it is what our effect makes, but for rounding.
command -v ffmpeg >/dev/null || skip "no ffmpeg"
ffmpeg -v error -f lavfi -i testsrc2=s=96x64:r=5:d=0.4 -pix_fmt rgb24 -c:v rawvideo in.nut
echo '{"name":"l","chain":[{"effect":"lut","file":"red.cube","params":{"amount":1}}]}' >l.json
ok neonnoir-run -i in.nut -o ours.rgb -p l.json --model tiny
ffmpeg -v error -i in.nut -vf format=gbrp,lut3d=file=red.cube:interp=tetrahedral -f rawvideo -pix_fmt rgb24 theirs.rgb
same "$(wc -c <ours.rgb)" "$(wc -c <theirs.rgb)" "bytes"
cmp -l ours.rgb theirs.rgb | awk '
    function octal(v) { return int(v / 100) * 64 + int(v % 100 / 10) * 8 + v % 10 }
    { d = octal($2) - octal($3); d = d < 0 ? -d : d; most = d > most ? d : most }
    END { if (most > 2) { print most; exit 1 } }' || fail "ffmpeg sees another look"
cmp -s ours.rgb in.nut && fail "the look does nothing"
finish
