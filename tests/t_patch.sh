# t_patch.sh - patches at work: derived signals, scenes, recorded signals, OSC in and out.
. tests/lib.sh
run=neonnoir-run
command -v ffmpeg >/dev/null || skip "no ffmpeg"
film=$SCRATCH/film.mp4
ffmpeg -v error -f lavfi -i testsrc2=s=160x120:r=20:d=2 -pix_fmt yuv420p "$film" || fail "no test film"

# What there is, told completely.
ok $run --list-signals
for s in pulse.bpm pulse.phase eda.arousal imu.roll scene.number; do has "$s "; done
ok $run --list-signals --json --patch nocturne
has '"is":	"0.6 * sine(clock(tempo, 4)) + 0.4 * noise(0.5)"'
ok $run --list-functions
has "lag(x, rise[, fall])"
ok $run --list-functions --json
has '"envelope"'

# Scenes: two that cross-fade, a signal derived from a recording, one that divides by zero.
cat >"$SCRATCH/p.json" <<END
{ "name": "p",
  "signals": { "ext.knob": { "range": [0, 2] }, "half": "ext.knob / 2",
               "odd": { "is": "half / (half - half)", "rest": 0.75 } },
  "change": { "every": 1, "fade": 0.5 },
  "scenes": [
    { "name": "a", "chain": [ { "effect": "saturation", "map": [
        { "param": "amount", "signal": "half", "attack": 0, "release": 0 } ] } ] },
    { "name": "b", "chain": [ { "effect": "collapse", "map": [
        { "param": "amount", "signal": "odd", "attack": 0 } ] } ] } ] }
END
printf 'seconds,ext.knob,pulse.bpm,pulse.phase,no.such\n0.5,0,60,,1\n1.5,2,120,0.5,1\n' >"$SCRATCH/in.csv"
$run -i "$film" -o "$SCRATCH/a.y4m" -p "$SCRATCH/p.json" --signals-in "$SCRATCH/in.csv" --signals "$SCRATCH/out.csv" \
    >"$SCRATCH/out" 2>"$SCRATCH/err" </dev/null ||
    { grep -q 'name an emotion model' "$SCRATCH/err" && skip "no bundled model"; fail "scenes: $(cat "$SCRATCH/err")"; }
grep -q 'no signal "no.such"' "$SCRATCH/err" || fail "nothing says that a column is no signal"
# value SECONDS NAME: of the signals that were written.
value() {
    awk -F, -v t="$1" -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i; next }
        $2 > t - 0.001 { print $c; exit }' "$SCRATCH/out.csv"
}
same "$(value 1.0 ext.knob)" 1 "a recorded signal, between its rows"
same "$(value 1.0 half)" 0.5 "a derived one"
same "$(value 1.0 odd)" 0.75 "one that has no answer"
same "$(value 0.4 pulse.bpm)" 0 "before its first row"
same "$(value 1.9 pulse.bpm)" 120 "behind its last"
same "$(value 0.9 scene.number) $(value 0.9 scene.fade)" "0 1" "the first scene"
same "$(value 1.25 scene.number) $(value 1.25 scene.last)" "1 0" "a fade"
same "$(value 1.9 scene.number) $(value 1.9 scene.fade)" "1 1" "the second scene"
ok $run -i "$film" -o "$SCRATCH/b.y4m" -p "$SCRATCH/p.json" --signals-in "$SCRATCH/in.csv" --threads 3
cmp -s "$SCRATCH/a.y4m" "$SCRATCH/b.y4m" || fail "scenes depend on the number of threads"
ok $run -i "$film" -o "$SCRATCH/c.y4m" -p "$SCRATCH/p.json"
cmp -s "$SCRATCH/a.y4m" "$SCRATCH/c.y4m" && fail "recorded signals changed nothing"

printf 'seconds,pulse.bpm\n1,60\n1,61\n' >"$SCRATCH/bad.csv"
refuses 1 "bad.csv:3: seconds do not rise" $run -i "$film" -o "$SCRATCH/x.y4m" --signals-in "$SCRATCH/bad.csv"
refuses 2 "would write over the signals-in" $run -i "$film" -o "$SCRATCH/x.y4m" --signals-in "$SCRATCH/in.csv" --signals "$SCRATCH/in.csv"
refuses 2 "--osc-out is HOST:PORT" $run -i "$film" -o "$SCRATCH/x.y4m" --osc-out nowhere
refuses 2 "--osc-in" $run -i "$film" -o "$SCRATCH/x.y4m" --osc-in 99999

# A show of scenes is replayed to the bit.
ok $run -i "$film" -o "$SCRATCH/live.y4m" -p "$SCRATCH/p.json" --live --record "$SCRATCH/show.nnlog"
ok $run -i "$film" -o "$SCRATCH/again.y4m" --replay "$SCRATCH/show.nnlog"
cmp -s "$SCRATCH/live.y4m" "$SCRATCH/again.y4m" || fail "the replay of scenes is not the show"
refuses 2 "a replay goes by its log alone" $run -i "$film" -o "$SCRATCH/x.y4m" --replay "$SCRATCH/show.nnlog" --osc-in 9
[ $failures -eq 0 ] || finish

# OSC, by liblo's own programs.
command -v oscsend >/dev/null && command -v oscdump >/dev/null || skip "no liblo-tools"
in=$((20000 + $$ % 20000)) out=$(($$ % 20000 + 40001))
oscdump -L $out >"$SCRATCH/dump" 2>/dev/null &
dump=$!
$run -i synthetic:160x120@30:2.5 -o "$SCRATCH/osc.y4m" -p "$SCRATCH/p.json" --osc-in $in --osc-out 127.0.0.1:$out --signals "$SCRATCH/osc.csv" \
    >"$SCRATCH/out" 2>"$SCRATCH/err" </dev/null &
pid=$!
for i in 1 2 3 4 5 6 7 8 9 10; do [ -s "$SCRATCH/osc.y4m" ] && break; sleep 0.1; done
say() { oscsend 127.0.0.1 $in "$@"; }
for i in 1 2 3 4 5; do
    say /neonnoir/signal/pulse/bpm f 77
    say /neonnoir/chain/0/saturation/reach f 2.5
    say /neonnoir/scene s b
    say /neonnoir/nothing f 1
    printf 'garbage' >"/dev/udp/127.0.0.1/$in"
    sleep 0.1
done
say /neonnoir/patch s ../secret
sleep 0.2
say /neonnoir/patch s nocturne
wait $pid || fail "a show with OSC: $(cat "$SCRATCH/err")"
kill $dump
wait $dump 2>/dev/null
grep -q 'is no name of a patch' "$SCRATCH/err" || fail "a patch by a path was not refused"
grep -q 'patch nocturne' "$SCRATCH/err" || fail "OSC did not change the patch: $(cat "$SCRATCH/err")"
grep -q '/neonnoir/signal/pulse/bpm f 77.0' "$SCRATCH/dump" || fail "the pulse did not come back"
grep -q '/neonnoir/chain/0/saturation/reach f 2.5' "$SCRATCH/dump" || fail "a parameter was not held"
grep -q '/neonnoir/scene i 1' "$SCRATCH/dump" || fail "the scene did not change"
grep -q '/neonnoir/patch s "nocturne"' "$SCRATCH/dump" || fail "the patch's name was not sent"
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "pulse.beat") c = i; next } $c > 0 { n++ } END { exit n < 3 }' \
    "$SCRATCH/osc.csv" || fail "no heart beats"
finish
