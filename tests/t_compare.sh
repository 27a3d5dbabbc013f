# Labels of runs and their event files: on small made faces.
. tests/lib.sh
export NEONNOIR_CATALOG=$SCRATCH/catalog
# Three classes that differ in where the light is; much noise, so that no run is always right.
n=0
for split in train valid; do
    for class in angry happy sad; do
        mkdir -p "$SCRATCH/set/$split/$class"
        case $class in
        angry) box=x=0:y=0:w=24:h=12 ;;
        happy) box=x=0:y=12:w=24:h=12 ;;
        *) box=x=0:y=0:w=12:h=24 ;;
        esac
        n=$((n + 1))
        ffmpeg -v error -f lavfi \
            -i "color=gray:s=24x24,format=gray,drawbox=$box:color=0x909090:t=fill,noise=alls=60:allf=t:all_seed=$n" \
            -frames:v 16 "$SCRATCH/set/$split/$class/p%02d.png"
    done
done
(cd "$SCRATCH/set" && tar czf ../set.tar.gz train valid)
ok neonnoir init
ok neonnoir ingest images "$SCRATCH/set.tar.gz" --licence CC0
ok neonnoir dataset snapshot --name made
small="--snapshot made --size 16 --width 8 --blocks 0 --batch 8 --rate 0.05 --ema 0.6 --threads 1 --plain"

# Labels: given with the run or later, taken back, shown.
ok neonnoir train emotion $small --epochs 4 --name e1 --label drink=espresso --label "bar=Rick's café"
ok neonnoir train emotion $small --epochs 4 --name b1 --seed 2
ok neonnoir train label b1 drink=boba mood=blue
ok neonnoir train label b1 mood=
ok neonnoir train ls
has "bar=Rick's café, drink=espresso"
has "  drink=boba"
ok neonnoir train show b1
has "  drink=boba"
ok neonnoir train show e1 --json
has '"bar":	"Rick'
ok neonnoir train ls --json
has '"drink":	"boba"'
ok neonnoir dataset ls --runs
has "drink=boba"
ok neonnoir dataset show e1
has "espresso"
refuses 2 'say NAME=VALUE' neonnoir train label b1 drink
refuses 1 'no run "nothing"' neonnoir train label nothing drink=tea
runs=$(neonnoir train ls | wc -l)
refuses 2 '"a b=c"' neonnoir train emotion $small --label "a b=c"
same "$(neonnoir train ls | wc -l)" "$runs" "runs after a refused label"

# An event file grows with the run; killed and resumed it is one file, to the byte what the
# metrics say (tests/test_torch_tfevents.c reads it).
neonnoir train emotion $small --epochs 40 --name cut >/dev/null 2>&1 &
pid=$!
for _ in $(seq 200); do ls "$NEONNOIR_CATALOG"/runs/cut/*tfevents* >/dev/null 2>&1 && break; sleep 0.02; done
kill -9 $pid 2>/dev/null
wait $pid 2>/dev/null
ok neonnoir train resume cut
same "$(ls "$NEONNOIR_CATALOG"/runs/cut/events.out.tfevents.*.neonnoir | wc -l)" 1 "event files"
same "$(grep -ao valid/accuracy "$NEONNOIR_CATALOG"/runs/cut/events.out.* | wc -l)" 40 "accuracies"

finish
