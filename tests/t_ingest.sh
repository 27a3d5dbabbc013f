# t_ingest.sh - footage and picture sets, twice, and every kind of bad input.
. tests/lib.sh
command -v ffmpeg >/dev/null || skip "no ffmpeg"
cd "$SCRATCH" || exit 1
ff() { ffmpeg -v error -nostdin -y "$@" || fail "ffmpeg $*"; }
sql() { sqlite3 cat/catalog.db "$1"; }
counts() { sql "select (select count(*) from medium), (select count(*) from clip), (select count(*) from face),
    (select count(*) from origin), (select count(*) from tagging)"; }
clean() { ok neonnoir-dataset verify --deep; }
export NEONNOIR_CATALOG=$SCRATCH/cat

refuses 1 "neonnoir init" neonnoir-ingest footage nothing.mp4
ok neonnoir-dataset init

# Footage: a film with one cut and sound, a film in a sub-folder, names that are not films.
mkdir -p in/sub
ff -f lavfi -i testsrc=s=160x120:r=25:d=1.2 -f lavfi -i mandelbrot=s=160x120:r=25 -f lavfi -i sine -t 2.4 \
    -filter_complex '[0][1]concat' -c:v libx264 -c:a aac 'in/Night Walk.mp4'
ff -f lavfi -i testsrc2=s=96x64:r=10:d=1 in/sub/b.mkv
echo text >in/notes.txt
ok neonnoir-ingest footage in --licence "CC0" --author Ada
has "in/Night Walk.mp4: 160 x 120 h264, 60 frames, 2.40 s, 2 shots"
has "night-walk-2"
has "in/sub/b.mkv: 96 x 64 h264, 10 frames, 1.00 s, 1 shot"
same "$(sql 'select name, start_frame, end_frame from clip order by name')" "b-1|0|10
night-walk-1|0|30
night-walk-2|30|60"
same "$(sql 'select distinct licence, author from origin')" "CC0|Ada"
same "$(sql 'select count(*) from medium where complete')" 2
[ "$(find cat/thumbs -name '*.png' | wc -l)" -eq 2 ] || fail "contact sheets"
before=$(counts)
ok neonnoir-ingest footage in
has "already there"
same "$(counts)" "$before" "a second run adds nothing"
ok neonnoir-ingest footage --json in/sub/b.mkv
has '"already_there":	true'
clean

# Films that are none: one error each, nothing stored, the others still go in.
head -c 4000 'in/Night Walk.mp4' >cut.mp4
ff -i in/sub/b.mkv -c:v mpeg4 -g 5 whole.avi
head -c $(($(stat -c %s whole.avi) / 2)) whole.avi >cut.avi
: >empty.mp4
echo "to be or not to be" >text.mp4
ff -f lavfi -i sine=d=1 sound.mp4
mkdir none
refuses 1 "cut.mp4" neonnoir-ingest footage cut.mp4
refuses 1 "cut.avi" neonnoir-ingest footage cut.avi
refuses 1 "empty.mp4 is empty" neonnoir-ingest footage empty.mp4
refuses 1 "text.mp4 is no film" neonnoir-ingest footage text.mp4
refuses 1 "only sound" neonnoir-ingest footage sound.mp4
refuses 1 "no films" neonnoir-ingest footage none
refuses 1 "nothing.mp4" neonnoir-ingest footage nothing.mp4
ff -i in/sub/b.mkv -t 0.4 -c copy short.mkv
head -c $(($(stat -c %s short.mkv) * 3 / 4)) short.mkv >cut.mkv
refuses 1 "truncated" neonnoir-ingest footage cut.mkv
refuses 1 "/dev/zero is not a plain file" neonnoir-ingest footage /dev/zero
mkfifo pipe.mp4
refuses 1 "pipe.mp4 is not a plain file" neonnoir-ingest footage pipe.mp4
echo text >"$(printf 'two\nlines.mp4')"
refuses 1 "two?lines.mp4 is no film" neonnoir-ingest footage "$(printf 'two\nlines.mp4')"
same "$(wc -l <err)" 1 "lines of that error"
refuses 2 "--every" neonnoir-ingest footage --every 0 in
same "$(counts)" "$before" "bad films leave no rows"
clean
refuses 1 "empty.mp4" neonnoir-ingest footage empty.mp4 whole.avi text.mp4 --no-faces --name Take
same "$(sql "select count(*) from clip where name = 'take-1'")" 1 "good films beside bad ones go in"

# Picture sets.
set_of() { # DIR COUNT: CLASS folders with COUNT pictures each
    for c in happy:null sad:negate books:hflip; do
        mkdir -p "$1/${c%:*}"
        ff -f lavfi -i "testsrc2=s=48x48:r=2,${c#*:}" -frames:v "$2" -pix_fmt gray "$1/${c%:*}/%03d.png"
    done
}
set_of set/train 8
set_of set/PublicTest 3
cp set/train/happy/001.png set/train/sad/copy.png      # the same bytes under another label
cp set/train/happy/002.png set/top.png
head -c 200 set/train/sad/001.png >set/train/sad/cut.png
: >set/train/sad/empty.png
echo hello >set/train/sad/readme.txt
ln -s 001.png set/train/sad/link.png
faces=$(sql 'select count(*) from face')
ok neonnoir-ingest images set --licence "research use" --source set
has "35 pictures added, 0 already there, 3 files skipped"
has "2 damaged"
has "1 not a picture"
grep -q "cut.png" err || fail "the damaged picture is not named"
same "$(sql "select f.split, t.name, count(*) from face f join tagging g on g.face = f.id join tag t on t.id = g.tag
    where t.namespace = 'emotion' group by 1, 2")" "train|happy|8
train|sad|9
valid|happy|3
valid|sad|3"
same "$(sql "select count(*) from tagging g join tag t on t.id = g.tag where t.namespace = 'class'
    and t.name = 'books'")" 8
before=$(counts)
ok neonnoir-ingest images set --source set
has "0 pictures added, 35 already there"
same "$(counts)" "$before" "a second run adds nothing"
ok neonnoir-ingest images set --source set --json
has '"already_there":	35,'

# The same set in archives; names in UTF-8.
mkdir -p arc/train/happy && cp set/train/happy/003.png "arc/train/happy/größer.png"
tar -czf ok.tgz arc && (cd arc && zip -qr ../ok.zip .) && xz -k -c ok.tgz >ok.xz
ok neonnoir-ingest images ok.tgz ok.zip
has "2 pictures added"
same "$(sql "select count(*) from origin where path like '%größer.png'")" 2
ok neonnoir-ingest images set --source other --limit 4
has "4 pictures added"
clean

# Hostile archives: refused as a whole.
before=$(counts)
mkdir -p h/a/happy && cp set/train/happy/00[45].png h/a/happy && cd h/a || exit 1
tar -czPf ../../dots.tgz happy/004.png ../a/happy/005.png
tar -czPf ../../abs.tgz happy/004.png "$SCRATCH/h/a/happy/005.png"
ln -s 004.png happy/link.png && tar -czf ../../link.tgz happy && rm happy/link.png
ln happy/004.png happy/hard.png && tar -czf ../../hard.tgz happy && rm happy/hard.png
mkfifo happy/fifo.png && tar -czf ../../fifo.tgz happy && rm happy/fifo.png
truncate -s 1G happy/zeros.png && tar -Sczf ../../gigabyte.tgz happy && rm happy/zeros.png
truncate -s 30M happy/z1.png happy/z2.png && tar -czf ../../ratio.tgz happy && zip -qr ../../ratio.zip happy
rm happy/z?.png
ff -f lavfi -i nullsrc=s=200x200 -vf 'geq=random(1)*255:128:128' -frames:v 30 happy/n%02d.bmp
tar -czf ../../whole.tgz happy
cd ../..
[ "$(stat -c %s gigabyte.tgz)" -lt 10000 ] || fail "the bomb is no bomb"
head -c $(($(stat -c %s whole.tgz) / 2)) whole.tgz >cut.tgz
refuses 1 'by ".."' neonnoir-ingest images dots.tgz
refuses 1 "absolute path" neonnoir-ingest images abs.tgz
refuses 1 "is a link" neonnoir-ingest images link.tgz
refuses 1 "is a link" neonnoir-ingest images hard.tgz
refuses 1 "special file" neonnoir-ingest images fifo.tgz
refuses 1 "more than 64 MB" neonnoir-ingest images gigabyte.tgz
refuses 1 "200 times its size" neonnoir-ingest images ratio.tgz
refuses 1 "200 times its size" neonnoir-ingest images ratio.zip
refuses 1 "cut.tgz" neonnoir-ingest images cut.tgz
refuses 1 "empty.mp4" neonnoir-ingest images empty.mp4
refuses 1 "text.mp4" neonnoir-ingest images text.mp4
refuses 1 "no picture" neonnoir-ingest images none
same "$(counts)" "$before" "hostile archives leave no rows"
clean
finish
