# Several processes train together: they end where one does; one that dies takes nothing along.
. tests/lib.sh
# Four classes that differ in where the light is; 12 noisy pictures each in train, 4 in valid.
made_faces 12 4 40 white angry happy sad surprise
made_catalog "$SCRATCH/set"
cat >"$SCRATCH/r.json" <<END
{ "epochs": 4, "batch": 16, "size": 16, "width": 16, "threads": 1, "rate": 0.02, "ema": 0.6,
  "dropout": 0.3, "mix.mixup": 0.2, "mix.cutmix": 1, "mix.share": 0.5, "clip": 5 }
END

# together COUNT COMMAND...: as a launcher does; the last one's output is kept.
port=$((20000 + $$ % 20000))
together() {
    count=$1; shift
    port=$((port + 1)) pids=
    for rank in $(seq $((count - 1)) -1 0); do
        RANK=$rank WORLD_SIZE=$count MASTER_ADDR=127.0.0.1 MASTER_PORT=$port \
            "$@" >"$SCRATCH/out.$rank" 2>"$SCRATCH/err.$rank" </dev/null &
        pids="$pids $!"
    done
}
all_well() {
    for pid in $pids; do wait "$pid" || fail "a process failed: $(cat "$SCRATCH"/err.*)"; done
}
losses() { grep "loss" "$NEONNOIR_CATALOG/runs/$1/metrics.csv"; }
# alike A B: the same losses within rounding, which grows from step to step.
alike() {
    paste -d, <(losses "$1") <(losses "$2") | awk -F, '
        { d = $4 - $8; if (d < 0) d = -d; if (d > 0.002 * $4 || $1 != $5) bad++ }
        END { exit !(NR >= 8 && !bad) }' ||
        { fail "$1 and $2 differ"; paste -d, <(losses "$1") <(losses "$2") >&2; }
}

train="neonnoir train emotion --snapshot made --recipe $SCRATCH/r.json"
ok $train --name one
together 2 $train --batch 8 --name two
all_well
alike one two
grep -q "2 processes" "$SCRATCH/err.0" || fail "it does not say how many work"
[ -s "$SCRATCH/out.1" ] && fail "process 1 talks too"
together 3 $train --batch 8 --name three
all_well
ok $train --batch 24 --name whole
alike whole three

# One is killed: the other says so and saves; two take it up and end where it would have ended.
together 2 $train --batch 8 --epochs 30 --name long
set -- $pids
for _ in $(seq 400); do [ -s "$NEONNOIR_CATALOG/runs/long/metrics.csv" ] && break; sleep 0.05; done
kill -9 "$1"
wait "$1" 2>/dev/null
wait "$2" && fail "the other process did not notice"
grep -q "another process of the group is gone" "$SCRATCH/err.0" || fail "no word: $(cat "$SCRATCH/err.0")"
grep -q "train resume long" "$SCRATCH/err.0" || fail "not saved"
sqlite3 "$NEONNOIR_CATALOG/catalog.db" "SELECT state FROM run WHERE name = 'long'" | grep -q failed ||
    fail "the run is not marked"
together 2 neonnoir train resume long
all_well
together 2 $train --batch 8 --epochs 30 --name straight
all_well
cmp "$NEONNOIR_CATALOG/runs/long/best.onnx" "$NEONNOIR_CATALOG/runs/straight/best.onnx" ||
    fail "the resumed pair ended with other weights"

# Words that make no sense, and nobody there.
refuses 2 "RANK is" env RANK=x WORLD_SIZE=2 $train
refuses 2 "no WORLD_SIZE" env RANK=0 $train
refuses 2 "RANK is 2 of WORLD_SIZE 2" env RANK=2 WORLD_SIZE=2 $train
# Slurm's, Open MPI's and MPICH's variables, alone.
ok env SLURM_PROCID=0 SLURM_NTASKS=1 $train --epochs 1
ok env OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=1 $train --epochs 1
ok env PMI_RANK=0 PMI_SIZE=1 $train --epochs 1

finish
