# Judging generated pictures and steering them: figures of known sets, what is stored, what is refused.
. tests/lib.sh
figure() { sqlite3 :memory: "SELECT json_extract(readfile('$SCRATCH/out'), '\$.$1')"; }
above() { awk "BEGIN { exit !($1 > $2) }" || fail "$1 is not above $2 ($3)"; }
ok neonnoir synth -n 12 --size 64x64 -o "$SCRATCH/a" --seed 1
ok neonnoir synth -n 12 --size 64x64 -o "$SCRATCH/b" --seed 500
ok neonnoir train judge "$SCRATCH/a" --images "$SCRATCH/b" -o "$SCRATCH/judged" --json
same "$(figure real)/$(figure generated)" 12/12
fid=$(figure fid)
for f in samples.png nearest.png judge.json; do [ -s "$SCRATCH/judged/$f" ] || fail "no $f"; done
ok neonnoir train judge "$SCRATCH/a" --images "$SCRATCH/a" --json
same "$(figure 'precision')/$(figure recall)/$(figure copied)" 1/1/1 "a set beside itself"
above "$fid" "$(figure fid)" "another set is farther than the same"
refuses 2 "say with --images or --snapshot" neonnoir train judge "$SCRATCH/a"
refuses 1 "no such folder" neonnoir train judge "$SCRATCH/a" --images "$SCRATCH/none"
refuses 1 "no generator" neonnoir train latent runtime/models/eyes.onnx
finish
