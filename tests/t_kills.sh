# A run killed at random moments ends with the bits of one that was left alone.
. tests/lib.sh
kills=${KILLS:-8}     # KILLS=20 for a longer hunt
# Four classes that differ in where the light is; six noisy pictures each in train, two in valid.
made_faces 6 2 60 white angry happy sad surprise
made_catalog "$SCRATCH/set"
cat >"$SCRATCH/r.json" <<END
{ "epochs": 120, "batch": 8, "size": 16, "width": 16, "threads": 1, "rate": 0.01, "ema": 0.9,
  "optimiser": "adamw", "schedule": "plateau", "stale": 15, "dropout": 0.3, "mix.mixup": 0.2,
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
echo "after $done kills at epoch $(cat "$SCRATCH/at") of 120"
[ $done -ge 3 ] || fail "only $done kills"
ok neonnoir train resume hunted
runs=$NEONNOIR_CATALOG/runs
cmp "$runs/calm/best.onnx" "$runs/hunted/best.onnx" || fail "other weights after $done kills"
metrics() { grep -v seconds "$runs/$1/metrics.csv"; }
diff <(metrics calm) <(metrics hunted) >"$SCRATCH/diff" || { fail "other metrics after $done kills"; head -n 12 "$SCRATCH/diff" >&2; }
same "$(metrics hunted | grep -c train,loss)" 120

finish
