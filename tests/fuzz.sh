#!/bin/sh
# fuzz.sh FUZZER SECONDS: runs one fuzzer on its corpus in build/fuzz/corpus/NAME,
# which starts with small real files of the kind that it reads.
set -e
name=$(basename "$1")
corpus=build/fuzz/corpus/$name
mkdir -p "$corpus"
case $name in
fuzz_onnx) cp runtime/models/*.onnx "$corpus" 2>/dev/null || true
    [ ! -d "$NEONNOIR_TESTDATA/models/gesture" ] || cp "$NEONNOIR_TESTDATA"/models/gesture/*.onnx "$corpus"
    for m in /usr/share/libonnx-testdata/data/node/*/model.onnx; do
        [ ! -f "$m" ] || cp "$m" "$corpus/$(basename "$(dirname "$m")").onnx"
    done ;;
fuzz_tflite) build/tests/test_tflite "$corpus" >/dev/null || true ;;
fuzz_safetensors)
    printf '\074\0\0\0\0\0\0\0{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}      12345678' >"$corpus/seed" ;;
fuzz_source)
    for f in yuv4mpegpipe matroska mpegts avi nut; do
        ffmpeg -v error -y -f lavfi -i testsrc=s=16x16:d=0.2 -pix_fmt yuv420p -f $f - | (printf b; cat) >"$corpus/$f"
    done
    printf '8x8@25:1' >"$corpus/word" ;;
fuzz_cube) for n in 2 3; do
        awk -v n=$n 'BEGIN { print "TITLE \"seed\"\nLUT_3D_SIZE " n "\nDOMAIN_MAX 1 1 2"
            for (i = 0; i < n * n * n; i++) print i % n, int(i / n) % n, i / n / n }' >"$corpus/seed$n"; done
    printf 'LUT_1D_SIZE 3\nLUT_1D_INPUT_RANGE 0 1\n0 0 0\n.5 .5 .5\n1 1 1\n' >"$corpus/seed1" ;;
fuzz_morph)
    printf '{"name":"a","purpose":"b","until":"2027-01-01"}' >"$corpus/consent"
    printf '{"five":[[60,60],[100,61],[81,83],[64,106],[97,107]],"points":[[1,2],[3,4],[5,9]]}' >"$corpus/five" ;;
fuzz_patch) cp runtime/patches/*.json "$corpus" ;;
fuzz_feed) printf 'frame,seconds,pulse.bpm,face.joy\n0,0,60,.1\n1,.5,,.2\n2,3,70,.3\n' >"$corpus/seed" ;;
fuzz_rows) printf 'file,tags,start,end\n"a ""b"".png","rain;fog, place/alley",,\r\n\nc.png,x,1,20' >"$corpus/seed" ;;
fuzz_osc) printf '/neonnoir/chain/0/bloom/amount\0\0,f\0\0\077\0\0\0' >"$corpus/seed" ;;
fuzz_picture) for e in png jpg bmp gif tiff; do
        ffmpeg -v error -y -f lavfi -i testsrc=s=16x16 -frames:v 1 "$corpus/seed.$e"; done ;;
esac
len=65536
[ "$name" = fuzz_onnx ] && len=16384    # most of it is weights; longer ones only run slower
# -reload=0: nobody else writes there, and reading it again each second leaves no time to fuzz
echo "$name: $2 s"
"$1" -max_total_time="$2" -rss_limit_mb=4096 -max_len=$len -reload=0 -print_final_stats=1 -artifact_prefix="$corpus." "$corpus" 2>"$corpus.log" ||
    { tail -n 40 "$corpus.log"; exit 1; }
grep -E 'stat::number_of_executed_units|^Done' "$corpus.log"; grep -E 'cov: ' "$corpus.log" | tail -n 1
