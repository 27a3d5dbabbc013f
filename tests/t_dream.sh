# t_dream.sh - the effect dream: a film at any number of threads, a live show and its replay, refusals.
. tests/lib.sh
run=neonnoir-run
cd "$SCRATCH" || exit 1
number() { sed -n "s/.*\"$1\":[^0-9-]*\([0-9.e-]*\).*/\1/p" out | head -n 1; }
"$TOP/$B/tests/test_gan" write g.onnx 32 16 >/dev/null || fail "no generator"
patch() { printf '{"name":"d","chain":[{"effect":"dream"%s,"params":{"mode":%s,"place":0,"amount":1}}]}' "$1" "$2"; }
patch ', "file": "g.onnx"' 0 >d.json
patch '' 0 >bare.json
patch ', "file": "none.onnx"' 0 >none.json
refuses 2 'the effect dream needs a "file"' $run -i synthetic:64x48@12:0.5 -o x.y4m -p bare.json --model tiny
refuses 1 "none.onnx" $run -i synthetic:64x48@12:0.5 -o x.y4m -p none.json --model tiny

# A film: the same bits at any number of threads; the curves say where the latent went.
ffmpeg -v error -f lavfi -i testsrc2=s=160x120:r=24:d=1 -pix_fmt yuv420p film.mp4 || skip "no ffmpeg"
ok $run -i film.mp4 -o one.y4m -p d.json --model tiny --threads 1 --signals s.csv
ok $run -i film.mp4 -o two.y4m -p d.json --model tiny --threads 3
cmp -s one.y4m two.y4m || fail "threads change the dream"
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "dream.moved") c = i }
    NR > 1 { if ($c < last) exit 1; last = $c } END { exit !(last > 0.05) }' s.csv || fail "the latent did not move"

# A live show dreams by a thread of its own, and its replay dreams the same.
ok $run -i film.mp4 -o live.y4m -p d.json --live --record d.nnlog --model tiny --json
shown=$(number frames)
ok $run -i film.mp4 -o again.y4m --replay d.nnlog --json
same "$(number same)" "$shown" "frames that are the same to the bit"
cmp -s live.y4m again.y4m || fail "the replay is another dream"
patch ', "file": "g.onnx"' 5 >soft.json
ok $run -i film.mp4 -o soft.y4m --replay d.nnlog --patch soft.json
cmp -s live.y4m soft.y4m && fail "another mode is the same"
finish
