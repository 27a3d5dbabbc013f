# t_latent.sh - export latent-video: a film of a generator's space; refusals, Ctrl-C, loops.
. tests/lib.sh
make="$TOP/$B/tests/test_gan write"
latent="neonnoir-export latent-video"
cd "$SCRATCH" || exit 1

$make g.onnx 32 16 >/dev/null || fail "no generator"
refuses 1 "it is no generator" $latent "$TOP/runtime/models/gyro.onnx" -o walk.mp4
refuses 2 'no direction "joy" and no other' $latent g.onnx -o walk.mp4 --direction joy
[ ! -e walk.mp4 ] || fail "a refused run left a film"

ok $latent g.onnx -o walk.mp4 --seconds 1 --fps 10 --size 64 --loop --curves walk.csv --json
has '"frames":	10'
same "$(wc -l <walk.csv)" 11 "lines of the curves"
awk -F, 'NR > 2 && $3 <= last { exit 1 } NR > 1 { last = $3 }' walk.csv || fail "the latent did not move"
ok $latent g.onnx -o again.mp4 --seconds 1 --fps 10 --size 64 --loop
cmp -s walk.mp4 again.mp4 || fail "the same walk gave another film"

# Ctrl-C leaves what was there.
cp walk.mp4 kept.mp4
neonnoir-export latent-video g.onnx -o walk.mp4 --seconds 3600 --curves walk.csv >out 2>err &
pid=$!
for _ in $(seq 100); do [ -n "$(find . -name ".walk.mp4*")" ] && break; sleep 0.1; done
kill -TERM $pid     # a shell's background job ignores SIGINT
wait $pid
same $? 130 "exit when interrupted"
grep -q "interrupted" err || fail "no word of the interruption"
cmp -s walk.mp4 kept.mp4 || fail "an interrupted run changed the film"
same "$(wc -l <walk.csv)" 11 "lines of the curves after Ctrl-C"
same "$(ls -A | grep -c walk)" 2 "files left"
finish
