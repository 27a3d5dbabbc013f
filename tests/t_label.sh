#!/bin/bash
# The label commands on the real programs: tags, collections, faces, undo, log.
. tests/lib.sh

cd "$SCRATCH" || exit 1
export NEONNOIR_CATALOG=$SCRATCH/cat NEONNOIR_USER=ada
sql() { sqlite3 "$NEONNOIR_CATALOG/catalog.db" "PRAGMA foreign_keys = ON; $1"; }

# A film of two clips; three faces in the second, two of them at one moment.
ok neonnoir-dataset init
sql "INSERT INTO medium(id, hash, kind, container, codec, w, h, rotation, frames, time_base_num,
        time_base_den, first_pts, end_pts, variable_rate, has_audio, complete)
     VALUES (1, hex(zeroblob(32)), 'video', 'avi', 'mpeg4', 720, 528, 0, 250, 1, 25, 0, 250, 0, 1, 1);
     INSERT INTO clip VALUES (1, 1, 0, 100, 0, 100, 'night-1', ''), (2, 1, 100, 250, 100, 250, 'night-2', '');
     INSERT INTO face SELECT value, 2, NULL, iif(value = 3, 200, 125), value, 0, 9, 9, 1,
        hex(zeroblob(31)) || '0' || value, '', '' FROM json_each('[1,2,3]')"
tags() { sql "SELECT count(*) FROM tagging"; }
label_of() { sql "SELECT group_concat(t.name || ':' || g.source) FROM tagging g JOIN tag t ON t.id = g.tag WHERE g.face = $1"; }

# Tags: old ones, a new one in a known namespace, a new one by --new.
ok neonnoir label add night-1 night-2 "rain-soaked skin tones" mood/tense
has "4 tags added to 2 clips"
ok neonnoir label add night-1 night-2 rain-soaked-skin-tones mood/tense
has "0 tags added"
ok neonnoir label add 1 mood/eerie
same "$(sql "SELECT count(*) FROM tag WHERE name = 'eerie'")" 1
refuses 1 "--new makes a tag" neonnoir label add night-1 props/umbrella
ok neonnoir label add night-1 props/umbrella --new
refuses 1 'no clip "nigt-1"' neonnoir label add nigt-1 mood/tense
refuses 1 "near it: night-" neonnoir label add nigh mood/tense
refuses 1 "mood/tense" neonnoir label add night-1 tens
refuses 2 "no clip among" neonnoir label add mood/tense
refuses 2 "no tag among" neonnoir label add night-1 night-2
refuses 2 "is no tag" neonnoir label add night-1 a/b/c --new
refuses 1 "no clip" neonnoir label rm night-1 mood/unheard-of
same "$(tags)" 6 "after the refusals"
ok neonnoir label ls night-1
has "texture/rain-soaked-skin-tones"
has "person"
ok neonnoir label ls --json
has '"who":	"ada"'
ok neonnoir label add --where 'tag:eerie' light/flicker
has "1 tag added to 1 clip"
refuses 1 "selects no clip" neonnoir label add --where tag:nothing light/flicker
ok neonnoir label rm night-1 night-2 mood/tense
has "2 tags removed"

# Collections.
ok neonnoir label collect "Chaotic Beauty" night-1 night-2
has "2 clips put in"
ok neonnoir label collect "chaotic beauty" night-1
has "0 clips put in"
refuses 1 "--new makes a collection" neonnoir label collect Night night-1
ok neonnoir label collect Night --new --in "Neon Noir" --where 'duration>5'
has "1 clip put in"
refuses 2 "already" neonnoir label collect Night --new night-1
ok neonnoir label collect Eerie --new --query tag:eerie
refuses 2 'a query knows no "tga"' neonnoir label collect Broken --new --query tga:eerie
refuses 1 "no collection \"Broken\"" neonnoir label collect Broken night-1
ok neonnoir dataset ls --where in:Eerie
has night-1
ok neonnoir dataset ls --where 'in:"Neon Noir"' --json
same "$(grep -c '"name"' out)" 2
ok neonnoir label collect Night night-2 --remove
has "1 clip taken out"

# Faces.
ok neonnoir label faces night-2 --emotion angry
has "3 faces of 3 labelled angry"
ok neonnoir label faces night-2 --emotion joy --at 5.1
has "2 faces of 3 labelled happy"
same "$(label_of 1),$(label_of 3)" "happy:person,angry:person"
ok neonnoir label faces night-2 --emotion sad --face 3,1 --subject "Ada L"
same "$(label_of 1),$(label_of 2),$(label_of 3)" "sad:person,happy:person,sad:person"
same "$(sql "SELECT group_concat(id) FROM face WHERE subject = 'Ada L'")" 1,3
refuses 1 "no face within 0.5 s of 9 s; the nearest is at 8.00 s" neonnoir label faces night-2 --emotion sad --at 9
refuses 1 "face 9 is not in night-2" neonnoir label faces night-2 --emotion sad --face 9
refuses 2 "--face takes numbers" neonnoir label faces night-2 --emotion sad --face x
refuses 2 "is none of angry" neonnoir label faces night-2 --emotion bored
refuses 2 "--emotion" neonnoir label faces night-2
refuses 1 "no faces were found in night-1" neonnoir label faces night-1 --emotion sad

# Undo, newest first: the faces' labels return one step at a time.
ok neonnoir label undo
has "undone: faces --emotion sad"
same "$(label_of 1),$(label_of 2),$(label_of 3)" "happy:person,happy:person,angry:person"
same "$(sql "SELECT count(*) FROM face WHERE subject <> ''")" 0
ok neonnoir label undo 2
same "$(label_of 1)" ""
ok neonnoir label undo 3
same "$(sql "SELECT count(*) FROM collection WHERE name IN ('Night', 'Eerie')")" 0
ok neonnoir label log
has "(undone)"
has "add night-1 night-2 \"rain-soaked skin tones\" mood/tense"
ok neonnoir label log 1 --json
has '"who":	"ada"'
ok neonnoir label undo 100
refuses 1 "nothing to undo" neonnoir label undo
same "$(tags)" 0 "after undoing everything"
same "$(sql "SELECT count(*) FROM tag WHERE name IN ('eerie', 'umbrella')")" 0
same "$(sql 'SELECT count(*) FROM collection_clip')" 0
refuses 2 "is no count" neonnoir label undo -- -3
refuses 2 "is no count" neonnoir label log x
ok neonnoir label add night-1 mood/tense
same "$(tags)" 1 "work goes on after undoing"
refuses 1 "neonnoir init" neonnoir label add -C "$SCRATCH/none" night-1 mood/tense
for c in add rm ls collect faces undo log; do
    ok neonnoir-label $c --help
    has "Example:"
done
cd "$TOP" && finish
