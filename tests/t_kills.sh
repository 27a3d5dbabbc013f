# A run killed up to twenty times at random moments ends with the bits of one that was left alone.
. tests/lib.sh
export NEONNOIR_CATALOG=$SCRATCH/catalog
kills=20
# Four classes that differ in where the light is; six noisy pictures each in train, two in valid.
n=0
for split in train valid; do
    for class in angry happy sad surprise; do
        mkdir -p "$SCRATCH/set/$split/$class"
        case $class in
        angry) box=x=0:y=0:w=24:h=12 ;;
        happy) box=x=0:y=12:w=24:h=12 ;;
        sad) box=x=0:y=0:w=12:h=24 ;;
        *) box=x=12:y=0:w=12:h=24 ;;
        esac
        n=$((n + 1))
        ffmpeg -v error -f lavfi \
            -i "color=gray:s=24x24,format=gray,drawbox=$box:color=white:t=fill,noise=alls=60:allf=t:all_seed=$n" \
            -frames:v $([ $split = train ] && echo 6 || echo 2) "$SCRATCH/set/$split/$class/p%02d.png"
    done
done
ok neonnoir init
ok neonnoir ingest images "$SCRATCH/set" --licence CC0
ok neonnoir dataset snapshot --name made
cat >"$SCRATCH/r.json" <<END
{ "epochs": 240, "batch": 8, "size": 16, "width": 16, "threads": 1, "rate": 0.01, "ema": 0.9,
  "optimiser": "adamw", "schedule": "plateau", "stale": 20, "dropout": 0.3, "mix.mixup": 0.2,
  "mix.cutmix": 1, "mix.share": 0.7, "augment.shear": 10, "augment.ops": 2 }
END
train="neonnoir train emotion --snapshot made --recipe $SCRATCH/r.json"
ok $train --name calm

state() { sqlite3 "$NEONNOIR_CATALOG/catalog.db" "SELECT state FROM run WHERE name = 'hunted'"; }
RANDOM=7    # the same moments each time, as far as the machine allows
$train --name hunted >/dev/null 2>&1 &
pid=$! done=0
for _ in $(seq 400); do
    [ -s "$NEONNOIR_CATALOG/runs/hunted/last.safetensors" ] && break
    sleep 0.05
done
while :; do
    sleep $((RANDOM % 2)).$((RANDOM % 50 + 50))
    kill -9 $pid 2>/dev/null && done=$((done + 1))
    wait $pid 2>/dev/null
    # A quick machine may get to the end before the last of them.
    [ $done -lt $kills ] && [ "$(state)" != done ] || break
    neonnoir train resume hunted >/dev/null 2>&1 &
    pid=$!
done
sqlite3 "$NEONNOIR_CATALOG/catalog.db" "SELECT epoch FROM run WHERE name = 'hunted'" >"$SCRATCH/at"
echo "after $done kills at epoch $(cat "$SCRATCH/at") of 240"
[ $done -ge 5 ] || fail "only $done kills"
ok neonnoir train resume hunted
runs=$NEONNOIR_CATALOG/runs
cmp "$runs/calm/best.onnx" "$runs/hunted/best.onnx" || fail "other weights after $done kills"
metrics() { grep -v seconds "$runs/$1/metrics.csv"; }
diff <(metrics calm) <(metrics hunted) >"$SCRATCH/diff" || { fail "other metrics after $done kills"; head -n 12 "$SCRATCH/diff" >&2; }
same "$(metrics hunted | grep -c train,loss)" 240

finish
