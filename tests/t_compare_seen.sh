# Comparing runs of different snapshots: faces that one of them was trained on do not count.
. tests/lib.sh
export NEONNOIR_CATALOG=$SCRATCH/catalog
noise() {   # DIR COUNT SEED BOX
    mkdir -p "$1"
    ffmpeg -v error -f lavfi \
        -i "color=gray:s=24x24,format=gray,drawbox=$4:color=white:t=fill,noise=alls=60:allf=t:all_seed=$3" \
        -frames:v "$2" "$1/n$3-%02d.png"
}
noise "$SCRATCH/set/train/happy" 12 1 x=0:y=12:w=24:h=12
noise "$SCRATCH/set/train/sad" 12 2 x=0:y=0:w=12:h=24
noise "$SCRATCH/set/valid/sad" 4 3 x=0:y=0:w=12:h=24
# The first snapshot's valid faces: eight new ones, and five from the other's training data.
noise "$SCRATCH/few/train/sad" 8 4 x=0:y=0:w=12:h=24
noise "$SCRATCH/few/train/happy" 8 7 x=0:y=12:w=24:h=12
noise "$SCRATCH/few/valid/happy" 4 5 x=0:y=12:w=24:h=12
noise "$SCRATCH/few/valid/sad" 4 6 x=0:y=0:w=12:h=24
cp "$SCRATCH"/set/train/happy/n1-0[1-5].png "$SCRATCH/few/valid/happy"
ok neonnoir init
ok neonnoir ingest images "$SCRATCH/few" --licence CC0
ok neonnoir dataset snapshot --name few
ok neonnoir ingest images "$SCRATCH/set" --licence CC0
ok neonnoir dataset snapshot --name all --keep-leaks
small="--size 16 --width 8 --blocks 0 --batch 8 --epochs 3 --rate 0.05 --ema 0.6 --threads 1 --plain"
ok neonnoir train emotion --snapshot few $small --name one
ok neonnoir train emotion --snapshot few $small --seed 2 --name uno
ok neonnoir train emotion --snapshot all $small --name two
figure() { sqlite3 :memory: "SELECT json_extract(readfile('$SCRATCH/out'), '\$.$1')"; }

ok neonnoir train compare one uno --json
same "$(figure faces)/$(figure leaked_left_out)" 13/0 "both of the snapshot itself"
ok neonnoir train compare one uno --on few --json
same "$(figure faces)/$(figure leaked_left_out)" 13/0 "the same by name"
ok neonnoir train compare one two --on few --json
same "$(figure faces)/$(figure leaked_left_out)" 8/5 "one of them knows five"
ok neonnoir train compare two one --on few --split all --json
same "$(figure faces)/$(figure leaked_left_out)" 8/21 "and all that few trains on"
ok neonnoir train compare one two --on few --leaked --json
same "$(figure faces)/$(figure leaked_left_out)" 13/0 "when asked to, on all"
rm "$SCRATCH"/few/valid/happy/n5-*
ok neonnoir train compare one two --on "$SCRATCH/few" --split valid --json
same "$(figure faces)" 9 "files are not known"
finish
