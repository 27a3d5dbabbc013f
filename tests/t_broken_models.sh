# t_broken_models.sh - ONNX files that are cut, impossible or lie: every program that takes a
# model refuses them with one line that names the file, and leaves nothing behind.
. tests/lib.sh
command -v ffmpeg >/dev/null || skip "no ffmpeg"
cd "$SCRATCH" || exit 1
export NEONNOIR_CATALOG=$SCRATCH/cat

# protobuf in hex: a varint, a number field, a message field, a text field.
varint() {
    local n=$1 out=
    while [ "$n" -gt 127 ]; do out+=$(printf %02x $((n & 127 | 128))) n=$((n >> 7)); done
    printf '%s%02x' "$out" "$n"
}
num() { printf %s "$(varint $(($1 << 3)))$(varint "$2")"; }
msg() { printf %s "$(varint $(($1 << 3 | 2)))$(varint $((${#2} / 2)))$2"; }
txt() { msg "$1" "$(printf %s "$2" | od -An -v -tx1 | tr -d ' \n')"; }
# op OP NAME IN... OUT; weight NAME VALUES DIM...; value NAME DIM...
op() {
    local type=$1 name=$2 body=; shift 2
    while [ $# -gt 1 ]; do body+=$(txt 1 "$1"); shift; done
    msg 1 "$body$(txt 2 "$1")$(txt 3 "$name")$(txt 4 "$type")"
}
weight() {
    local name=$1 values=$2 body=; shift 2
    for d; do body+=$(num 1 "$d"); done
    msg 5 "$body$(num 2 1)$(txt 8 "$name")$(msg 9 "$(printf "%$((values * 8))s" | tr ' ' 0)")"
}
value() {
    local name=$1 dims=; shift
    for d; do dims+=$(msg 1 "$(num 1 "$d")"); done
    printf %s "$(txt 1 "$name")$(msg 2 "$(msg 1 "$(num 1 1)$(msg 2 "$dims")")")"
}
in_out() { printf %s "$(msg 11 "$(value face 1 1 8 8)")$(msg 12 "$(value logits 1 7)")"; }
# model FILE GRAPH
model() {
    printf '%b' "$(printf %s "$(num 1 8)$(msg 7 "$2$(txt 2 net)")$(msg 8 "$(num 2 13)")" |
        sed 's/../\\x&/g')" >"$1"
}
flat=$(op Flatten flat face f)
gemm=$(op Gemm last f w logits)
model good.onnx "$flat$gemm$(weight w 448 64 7)$(in_out)"
model cycle.onnx "$(op Add loop face b a)$(op Relu back a b)$(op Flatten flat b f)$gemm$(weight w 448 64 7)$(in_out)"
model missing.onnx "$flat$gemm$(in_out)"
model huge.onnx "$flat$gemm$(weight w 448 $((1 << 40)) 7)$(in_out)"
model unfit.onnx "$flat$gemm$(weight w 448 7 64)$(in_out)"
model inputless.onnx "$gemm$(weight f 64 1 64)$(weight w 448 64 7)$(msg 12 "$(value logits 1 7)")"
model alien.onnx "$(op Frobnicate alien face f)$gemm$(weight w 448 64 7)$(in_out)"
# Two sums that broadcast 64 values to 2^30, 4 GB, in a file of 34 KB.
greedy=$(op Add one face a b)$(op Add two b c d)$(op ReduceMax most d e)$(op Flatten flat2 e g)
greedy+=$(op Gemm inner f w h)$(op Add sum h g logits)
model greedy.onnx "$flat$greedy$(weight w 448 64 7)$(weight a 4096 4096 1 1 1)$(weight c 4096 1 4096 1 1)$(in_out)"
head -c 300 good.onnx >cut.onnx

# Two faces to judge on, a film to play.
mkdir -p set/train/happy set/valid/happy
ffmpeg -v error -nostdin -f lavfi -i mandelbrot=s=16x16 -frames:v 1 set/train/happy/1.png
ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=16x16 -frames:v 1 set/valid/happy/1.png
ffmpeg -v error -nostdin -f lavfi -i testsrc=s=96x64:r=10:d=0.3 -pix_fmt yuv420p film.mp4
ok neonnoir init
ok neonnoir ingest images set
ok neonnoir dataset snapshot --name s
echo before >out.mp4

one_line() { same "$(wc -l <err)" 1 "lines of the error"; grep -q "$1" err || fail "the error does not name $1"; }
# played MODEL TEXT: refused by the player; refused MODEL TEXT: by the slow starters with libtorch too.
played() {
    refuses 1 "$2" neonnoir run --run --input film.mp4 --output out.mp4 --model "$1"
    one_line "$1"
}
refused() {
    played "$1" "$2"
    for program in "export inspect $1" "export verify $1 --on set" "train eval $1 --on set"; do
        refuses 1 "$2" neonnoir $program
        one_line "$1"
    done
}
ok neonnoir export inspect good.onnx
has "the engine runs every node"
ok neonnoir export verify good.onnx --on set
refused cut.onnx "announced"
played cycle.onnx "cycle through node '"
played missing.onnx "'w' is missing"
refused huge.onnx "impossible shape 1099511627776x7"
refused unfit.onnx "node 'last' (Gemm)"
for m in cycle missing; do
    refuses 1 "$m.onnx" neonnoir train emotion --snapshot s --init $m.onnx
done
same "$(sqlite3 cat/catalog.db 'select count(*) from run')" 0 "a refused model starts no run"
refuses 1 "inputless.onnx takes no pictures" neonnoir export verify inputless.onnx --on set
ok neonnoir export inspect alien.onnx
has "node alien (Frobnicate)"
refuses 1 "node 'alien' (Frobnicate)" neonnoir export verify alien.onnx --on set
one_line alien.onnx
# What it asks for: too much by default, and as soon as --max-memory says so.
limited() {
    refuses 1 "MB are allowed" neonnoir "$@"
    one_line greedy.onnx
}
same $(($(stat -c %s greedy.onnx) < 40000)) 1 "a small file"
played greedy.onnx "MB, 2048 MB are allowed"
limited export inspect greedy.onnx --max-memory 512M
limited export bench greedy.onnx --max-memory=1.5G
limited export verify greedy.onnx --on set
limited export verify greedy.onnx --engine opencv
limited export int8 greedy.onnx --on set -o out.onnx
limited run --run --input film.mp4 --output out.mp4 --model greedy.onnx --max-memory 64M
ok neonnoir export inspect good.onnx --max-memory 1M
ok neonnoir export bench good.onnx --max-memory 1M --seconds 0.01
refuses 2 "--max-memory takes a size like 512M or 2G, from 1M to 1024G, not \"12Q\"" \
    neonnoir export inspect good.onnx --max-memory 12Q
refuses 2 'not "1MB"' neonnoir export bench good.onnx --max-memory 1MB
refuses 2 'not "1000K"' neonnoir run --max-memory 1000K
ok neonnoir export inspect --help
has "[2G]"
# A convolution whose maps are what is too large; its kernels are not.
model wide.onnx "$(op Conv big face k m)$(op Add one m a b)$(op Add two b c d)$(op ReduceMax most d e)$(op Flatten flat e logits)$(weight k 27 3 1 3 3)$(weight a 4096 4096 1 1 1)$(weight c 4096 4096 1 1 1 1)$(in_out)"
ok neonnoir export visualize wide.onnx -o kernels.png
refuses 1 "MB are allowed" neonnoir export visualize wide.onnx -o maps.png --features set/train/happy/1.png
one_line wide.onnx
same "$(ls maps.png out.onnx 2>/dev/null)" "" "nothing is written"
same "$(cat out.mp4)" before "a refused model leaves the output"
ok neonnoir dataset verify --deep
finish
