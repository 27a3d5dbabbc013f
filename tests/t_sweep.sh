# Sweeping a recipe's ranges: rungs, a kill, names that are taken, what is refused.
. tests/lib.sh
made_faces 12 12 40 white angry happy
made_catalog "$SCRATCH/set"
# One rate that learns and one at which nothing happens.
cat >"$SCRATCH/r.json" <<END
{ "epochs": 6, "batch": 8, "size": 16, "width": 8, "blocks[0]": 0, "blocks[1]": 0, "blocks[2]": 0,
  "ema": 0.6, "threads": 1, "rate": [0.05, 1e-6], "dropout": { "min": 0, "max": 0.3 } }
END
sweep="neonnoir train sweep --snapshot made --recipe $SCRATCH/r.json --candidates 6 --eta 2"
figure() { sqlite3 :memory: "SELECT json_extract(readfile('$SCRATCH/out'), '\$.$1')"; }

ok $sweep --json
cp "$SCRATCH/out" "$SCRATCH/first"
same "$(figure 'rungs[0].epochs')/$(figure 'rungs[1].epochs')/$(figure 'rungs[2].epochs')" 2/3/6
same "$(sqlite3 :memory: "SELECT group_concat(json_array_length(value, '\$.runs')) FROM
    json_each(readfile('$SCRATCH/out'), '\$.rungs')")" 6,3,1
best=$(figure best)
case $best in sweep-3-00[1-6]) ;; *) fail "the best is $best" ;; esac
# No rung kept one that was worse than one it dropped.
same "$(sqlite3 :memory: "SELECT min(json_extract(k.value, '\$.accuracy')) >=
        max(json_extract(d.value, '\$.accuracy'))
    FROM json_each(readfile('$SCRATCH/out'), '\$.rungs[0].runs') k,
         json_each(readfile('$SCRATCH/out'), '\$.rungs[0].runs') d
    WHERE k.key < 3 AND d.key >= 3")" 1 "kept the best"
ok neonnoir train ls
same "$(grep -c '^sweep-' "$SCRATCH/out")" 10
has "rung=3"
grep -q '"rate":.*0.05' "$NEONNOIR_CATALOG/runs/$best/recipe.json" || fail "the best does not learn"

# The same again trains nothing; stopped or killed, the same command goes on to the same end.
ok $sweep --json
cmp "$SCRATCH/out" "$SCRATCH/first" || fail "the same sweep came out otherwise"
$sweep --name cut >"$SCRATCH/out" 2>"$SCRATCH/err" &
pid=$!
for _ in $(seq 400); do [ -s "$NEONNOIR_CATALOG/runs/cut-1-003/metrics.csv" ] && break; sleep 0.02; done
kill -INT $pid
wait $pid
same $? 130 "exit status after Ctrl-C"
grep -q "the same command goes on" "$SCRATCH/err" || fail "Ctrl-C does not say how to go on"
$sweep --name cut >/dev/null 2>&1 &
pid=$!
for _ in $(seq 400); do
    ls "$NEONNOIR_CATALOG"/runs/cut-2-*/metrics.csv >/dev/null 2>&1 && break
    sleep 0.02
done
kill -9 $pid 2>/dev/null
wait $pid 2>/dev/null
ok $sweep --name cut --json
sed 's/cut-/sweep-/' "$SCRATCH/out" | cmp - "$SCRATCH/first" || fail "a killed sweep came out otherwise"

refuses 2 'with other settings or another snapshot' $sweep --seed 2
refuses 2 "say with --recipe" neonnoir train sweep --snapshot made
sed 's/\[0.05, 1e-6\]/[77]/' "$SCRATCH/r.json" >"$SCRATCH/bad.json"
runs=$(neonnoir train ls | wc -l)
refuses 1 "rate is no number from" neonnoir train sweep --snapshot made --recipe "$SCRATCH/bad.json" --name bad
refuses 1 "no setting has a list" neonnoir train sweep --snapshot made --recipe trainer/recipes/quick.json
same "$(neonnoir train ls | wc -l)" "$runs" "runs after refused sweeps"
ok $sweep
has "best: $best"
has "flatters it"
finish
