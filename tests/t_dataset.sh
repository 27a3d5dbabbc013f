#!/bin/bash
# The dataset commands on the real programs: a catalog's life, and what bad ones get.
. tests/lib.sh

cd "$SCRATCH" || exit 1
export NEONNOIR_USER=tester
unset NEONNOIR_CATALOG
C=$SCRATCH/cat
sql() { sqlite3 "$C/catalog.db" "$1"; }

# A class folder: 4 pictures in train, 2 in valid, one of them in both.
for i in 1 2 3 4 5; do
    case $i in 1 | 2) f=set/train/happy ;; 3) f=set/train/sad ;; 4) f=set/valid/happy ;; 5) f=set/train/angry ;; esac
    mkdir -p $f
    ffmpeg -v error -f lavfi -i "testsrc=size=48x48:decimals=2,format=gray" -ss "0.$i" -frames:v 1 $f/p$i.png ||
        skip "no ffmpeg"
done
mkdir -p set/valid/sad && cp set/train/sad/p3.png set/valid/sad/p6.png

# A new catalog, and again.
ok neonnoir init -C "$C"
has "made the catalog"
ok neonnoir-dataset init -C "$C"
has "there already"
ok neonnoir-dataset ls -C "$C"
has "no clips yet"
ok neonnoir-dataset ls --collections -C "$C"
has "  Chaotic Beauty"
has "  Smoke & Mirrors"
ok neonnoir-dataset ls --tags -C "$C"
has "texture/eyes-full-of-static"
has "emotion/surprise"
ok neonnoir-dataset verify -C "$C"
has "nothing wrong"
refuses 1 "nothing to freeze" neonnoir-dataset snapshot -C "$C"

# Filled; twice adds nothing.
ok neonnoir-ingest images -C "$C" set
same "$(sql 'SELECT count(*) FROM medium')" 5 media
same "$(sql 'SELECT count(*) FROM face')" 6 faces
ok neonnoir-ingest images -C "$C" set
same "$(sql 'SELECT count(*) FROM face')" 6 "faces after ingesting twice"
ok neonnoir-dataset ls -C "$C" --json
same "$(grep -c '"medium"' out)" 5 "clips in JSON"
ok neonnoir-dataset ls -C "$C" --where 'emotion:sad'
same "$(wc -l <out)" 2 "header and one clip"
ok neonnoir-dataset ls -C "$C" --where 'emotion:fear'
has "no clip is selected"
refuses 2 'a query knows no "mod"' neonnoir-dataset ls -C "$C" --where mod:x
refuses 2 "one list at a time" neonnoir-dataset ls -C "$C" --tags --runs
ok neonnoir-dataset ls -C "$C" --media
has "48x48"
ok neonnoir-dataset ls -C "$C" --runs
ok neonnoir-dataset stats -C "$C"
has "happy"
ok neonnoir-dataset stats -C "$C" --json
has '"labels"'

# Snapshots: the picture that is in train and valid is a leak.
ok neonnoir-dataset snapshot -C "$C" --name first
has "left out of train: 1 pictures"
ok neonnoir-dataset snapshot -C "$C" --json
has '"leaks":	1'
refuses 2 'a snapshot "first" already' neonnoir-dataset snapshot -C "$C" --name first
refuses 2 "--valid takes a number from 0 to 0.9" neonnoir-dataset snapshot -C "$C" --valid 1
ok neonnoir-dataset ls -C "$C" --snapshots
has first
same "$(sql 'SELECT count(DISTINCT hash) FROM snapshot')" 1 "the same samples, the same hash"
for word in first 1 "$(sql 'SELECT substr(hash, 1, 8) FROM medium LIMIT 1')" "$(sql 'SELECT name FROM clip LIMIT 1')"; do
    ok neonnoir-dataset show -C "$C" "$word"
    ok neonnoir-dataset show -C "$C" "$word" --json
done
refuses 1 'no clip "nobody"' neonnoir-dataset show -C "$C" nobody

# Consent: a registered person's faces are in while their consent holds.
sql "UPDATE face SET subject = 'Ada' WHERE id = 1"
ok neonnoir-dataset consent -C "$C" add Ada --note "form 3"
ok neonnoir-dataset snapshot -C "$C" --name without
has "left out: 1 faces"
ok neonnoir-dataset consent -C "$C" grant Ada --until 2999-12-31
ok neonnoir-dataset snapshot -C "$C" --name with
same "$(sql "SELECT withheld FROM snapshot WHERE name = 'with'")" 0
ok neonnoir-dataset consent -C "$C" withdraw Ada
refuses 1 "is in force" neonnoir-dataset consent -C "$C" withdraw Ada
refuses 1 'no person "Bob"' neonnoir-dataset consent -C "$C" grant Bob
refuses 2 "is no day to come" neonnoir-dataset consent -C "$C" grant Ada --until yesterday
refuses 2 "--for takes" neonnoir-dataset consent -C "$C" grant Ada --for fun
ok neonnoir-dataset consent -C "$C"
has "withdrawn 2"

# verify: orphans and leftovers are counted and removed, faults are faults.
H=$(printf 'nobody names me' | sha256sum | cut -c 1-64)
mkdir -p "$C/pool/${H:0:2}" && printf 'nobody names me' >"$C/pool/${H:0:2}/$H" && : >"$C/pool/.put-1-0"
ok neonnoir-dataset verify -C "$C"
has "orphans    1 files"
has "leftovers  1"
ok neonnoir-dataset verify -C "$C" --repair
ok neonnoir-dataset verify -C "$C" --deep --json
has '"orphans":	0'
has '"ok":	true'
M=$(sql 'SELECT hash FROM medium ORDER BY id LIMIT 1')
F=$C/pool/${M:0:2}/$M
cp "$F" keep && chmod u+w "$F" && printf x >>"$F"
refuses 1 "1 fault" neonnoir-dataset verify -C "$C" --deep
rm -f "$F"
refuses 1 "1 fault in" neonnoir-dataset verify -C "$C"
has "is missing"
cp keep "$F"
ok neonnoir-dataset verify -C "$C" --deep
sql "UPDATE snapshot_sample SET label = 'fear' WHERE snapshot = 1 AND n = 0"
refuses 1 "1 fault" neonnoir-dataset verify -C "$C"
has "are not those that were frozen"

# Bad catalogs: one clear sentence each.
refuses 1 "neonnoir init" neonnoir-dataset ls -C "$SCRATCH/none"
mkdir -p text dir/catalog.db newer
for i in $(seq 200); do echo "this is a letter, not a database"; done >text/catalog.db
refuses 1 "not a SQLite database" neonnoir-dataset ls -C text
refuses 1 "not a SQLite database" neonnoir-dataset init -C text
refuses 1 "cannot open dir/catalog.db" neonnoir-dataset ls -C dir
refuses 1 "cannot open dir/catalog.db" neonnoir-dataset init -C dir
: >file
refuses 1 "not a directory" neonnoir-dataset init -C file
ok neonnoir-dataset init -C newer
sqlite3 newer/catalog.db 'PRAGMA user_version = 999'
refuses 1 "newer Neon Noir" neonnoir-dataset ls -C newer
refuses 1 "newer Neon Noir" neonnoir-ingest images -C newer set
head -c 20000 "$C/catalog.db" >half.db && mkdir -p half && mv half.db half/catalog.db
refuses 1 "half/catalog.db" neonnoir-dataset stats -C half

# Read-only: listing works, writing is refused. Root may write anything, so this needs a user
# or a read-only mount.
ro=
if [ "$(id -u)" != 0 ]; then
    ok neonnoir-dataset init -C ro && chmod -R a-w ro && ro=ro
elif mkdir -p ro && mount -t tmpfs none ro 2>/dev/null; then
    ok neonnoir-dataset init -C ro/cat
    mount -o remount,ro ro && ro=ro/cat
fi
if [ -n "$ro" ]; then
    ok neonnoir-dataset ls --tags -C $ro
    has mood/tense
    refuses 1 "read-only" neonnoir-dataset snapshot -C $ro
    refuses 1 "read-only" neonnoir-ingest images -C $ro set
fi
[ "$(id -u)" != 0 ] || umount ro 2>/dev/null
# Another user's catalog can be read, not written.
nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
chmod 755 "$SCRATCH"
if [ "$(id -u)" = 0 ] && nobody neonnoir-dataset --help >/dev/null 2>&1; then
    ok neonnoir-dataset init -C theirs
    ok nobody neonnoir-dataset ls --tags -C theirs
    has mood/tense
    refuses 1 "read-only" nobody neonnoir-dataset snapshot -C theirs
    chmod 700 theirs
    refuses 1 "Permission denied" nobody neonnoir-dataset ls -C theirs
fi

# A full disk: an error, nothing half-stored, and it goes on once there is room.
if [ "$(id -u)" = 0 ] && mkdir -p small && mount -t tmpfs -o size=2m none small 2>/dev/null; then
    ok neonnoir-dataset init -C small/cat
    dd if=/dev/zero of=small/ballast bs=1k status=none 2>/dev/null
    neonnoir-ingest images -C small/cat set >out 2>err && fail "ingest into a full disk succeeded"
    grep -qiE 'full|no space' err || { fail "no word of the full disk"; cat err >&2; }
    rm small/ballast
    ok neonnoir-dataset verify -C small/cat
    ok neonnoir-ingest images -C small/cat set
    ok neonnoir-dataset verify --deep -C small/cat
    same "$(sqlite3 small/cat/catalog.db 'SELECT count(*) FROM face')" 6 "faces after the full disk"
    umount small
fi

# Help has an example for every command.
for c in init ls show stats snapshot verify consent; do
    ok neonnoir-dataset $c --help
    has "Example:"
done
refuses 2 "unknown option" neonnoir-dataset ls --nonsense
cd "$TOP" && finish
