# t_synth.sh - neonnoir synth: pictures and films with a truth; from there into the catalog.
. tests/lib.sh
cd "$SCRATCH" || exit 1

ok neonnoir synth --stills 8 --size 64x48 -o noir --seed 5 --threads 1
same "$(ls noir | tr '\n' ' ')" "000001.png 000002.png 000003.png 000004.png 000005.png 000006.png 000007.png 000008.png truth.csv truth.json "
ok neonnoir synth --stills 8 --size 64x48 -o again --seed 5 --threads 3 --json
has '"pictures":	8'
diff -r noir again >/dev/null || fail "other threads, other bits"
ok neonnoir synth --stills 3 --size 64x48 -o next --seed 6
cmp -s next/000001.png noir/000002.png || fail "a picture's seed is the first one's and its number"
same "$(wc -l <noir/truth.csv)" 9 "rows"
! command -v python3 >/dev/null || python3 - <<'P' || fail "truth.json"
import json
t = json.load(open("noir/truth.json"))
assert len(t["pictures"]) == 8 and t["width"] == 64
for p in t["pictures"]:
    for g in p["things"]:
        x, y, w, h = g["box"]
        assert x >= 0 and y >= 0 and x + w <= 64.1 and y + h <= 48.1, g
    assert ("texture/rain" in p["tags"]) == (p["rain"] > 0)
P

# Wishes are kept, and say so.
ok neonnoir synth --stills 2 --size 32x32 -o dry --rain 0 --fog 1 --place alley --palette jade --format jpg
[ -s dry/000002.jpg ] || fail "no JPEG"
grep -q 'texture/rain' dry/truth.csv && fail "rain where none was asked for"
same "$(grep -c 'texture/fog.*place/alley.*palette/jade' dry/truth.csv)" 2 "rows that are as asked"
ok neonnoir synth --tags
has 'light/neon-pink'

# In three commands to a catalog that can be asked.
export NEONNOIR_CATALOG=$SCRATCH/catalog
ok neonnoir init
ok neonnoir ingest images noir --licence CC0
ok neonnoir label import noir/truth.csv
has "on 8 clips, 0 rows without"
rain=$(grep -c 'texture/rain' noir/truth.csv)
ok neonnoir dataset ls --where tag:texture/rain --json
same "$(grep -c '"name"' out)" "$rain" "clips in rain"
ok neonnoir label ls noir-000001
grep -q 'import  label import' out || fail "tags do not say that they were imported"
ok neonnoir label import noir/truth.csv
has "0 tags on 8 clips"
(head -n 2 noir/truth.csv; printf '"000003.png,rain\n') >noir/quote.csv
refuses 1 "quote.csv, line 3: a quote" neonnoir label import noir/quote.csv

# A film: its cuts are found by ingest, and each shot gets its own tags.
ok neonnoir synth --video film.mp4 --seconds 2.5 --fps 24 --shots 3 --size 160x90 --seed 30
same "$(tail -n 1 film.truth.csv | cut -d, -f3)" 60 "frames"
ok neonnoir ingest footage film.mp4 --no-faces --licence CC0
ok neonnoir label import film.truth.csv
has "on 3 clips, 0 rows without"
[ -z "$(find . -name '.*.mp4')" ] || fail "a film left a temporary"

# What is wrong is said.
refuses 2 "either --stills N" neonnoir synth
refuses 2 "--stills need a folder" neonnoir synth --stills 2
refuses 2 "16 to 4096" neonnoir synth --stills 2 -o x --size 8x8
refuses 2 "16 to 4096" neonnoir synth --stills 2 -o x --size 64
refuses 2 "--mood blue: one of angry" neonnoir synth --stills 2 -o x --mood blue
refuses 2 "--place mars" neonnoir synth --stills 2 -o x --place mars
refuses 2 "--palette grey" neonnoir synth --stills 2 -o x --palette grey
refuses 2 "rain" neonnoir synth --stills 2 -o x --rain 3
refuses 2 "each needs four" neonnoir synth --video x.mp4 --seconds 0.5 --fps 24 --shots 9
refuses 1 "cannot" neonnoir synth --stills 1 --size 16x16 -o /proc/nowhere
[ ! -e x ] && [ ! -e x.mp4 ] || fail "a refusal left something"
printf 'name,tags\na,b\n' >bad.csv
refuses 1 'must name the columns' neonnoir label import bad.csv
printf 'file,tags,end\nnoir/000001.png,texture/rain,x\n' >bad.csv
refuses 1 'line 2: end "x" is no frame number' neonnoir label import bad.csv
printf 'file,tags\n"noir"x,texture/rain\n' >bad.csv
refuses 1 'line 2: a quote that does not end' neonnoir label import bad.csv
printf 'file,tags\nnowhere.png,texture/rain\n' >bad.csv
refuses 1 'is in the catalog' neonnoir label import bad.csv
printf 'file,tags\n"noir/000001.png","texture/new-one light/other"\n' >good.csv
ok neonnoir label import good.csv
has "2 tags on 1 clips"

# Ctrl-C: what is whole stays, and no truth names what is missing.
neonnoir synth --stills 5000 --size 64x64 -o many >/dev/null 2>err </dev/null &
pid=$!
for _ in $(seq 100); do [ -e many/000001.png ] && break; sleep 0.1; done
kill -INT $pid
wait $pid
same $? 130 "exit status after Ctrl-C"
[ ! -e many/truth.csv ] || fail "a truth of pictures that were not made"
[ -z "$(find many -name '.*')" ] || fail "an interrupted run left temporaries"
finish
