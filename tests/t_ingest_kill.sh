# t_ingest_kill.sh - kill -9 at 20 random moments: the catalog is never wrong, and
# running the same commands again completes it.
. tests/lib.sh
command -v ffmpeg >/dev/null || skip "no ffmpeg"
cd "$SCRATCH" || exit 1
KILLS=20 SEED=11
mkdir -p set/train/happy set/train/sad
for c in happy:null sad:negate; do
    ffmpeg -v error -nostdin -f lavfi -i "testsrc2=s=48x48:r=2,${c#*:}" -frames:v 250 -pix_fmt gray \
        "set/train/${c%:*}/%03d.png" || fail ffmpeg
done
ffmpeg -v error -nostdin -f lavfi -i testsrc=s=160x120:r=25:d=1 -f lavfi -i mandelbrot=s=160x120:r=25 -t 2 \
    -filter_complex '[0][1]concat' film.mp4 || fail ffmpeg
work() { neonnoir-ingest images set -C "$1" -q && neonnoir-ingest footage film.mp4 -C "$1" -q; }
rows() { sqlite3 "$1/catalog.db" "select (select count(*) from medium where complete), (select count(*) from clip),
    (select count(*) from face), (select count(*) from origin), (select count(*) from tagging)"; }

ok neonnoir-dataset init -C whole
start=$(date +%s%N)
ok work whole
took=$((($(date +%s%N) - start) / 1000000))
ok neonnoir-dataset verify -C whole
ok neonnoir-dataset init -C cat
killed=0
for delay in $(awk -v n=$KILLS -v seed=$SEED -v ms=$took 'BEGIN { srand(seed)
        for (i = 0; i < n; i++) printf "%.3f\n", rand() * ms / 1000 }'); do
    setsid sh -c 'neonnoir-ingest images set -C cat -q >/dev/null 2>&1
        exec neonnoir-ingest footage film.mp4 -C cat -q >/dev/null 2>&1' &
    group=$!
    sleep "$delay"
    kill -9 -- "-$group" 2>/dev/null && killed=$((killed + 1))
    wait "$group" 2>/dev/null
    ok neonnoir-dataset verify -C cat
    if [ "$(rows cat)" = "$(rows whole)" ]; then        # complete: begin with a new one
        rm -rf cat
        ok neonnoir-dataset init -C cat
    fi
done
[ $killed -ge $((KILLS / 2)) ] || fail "only $killed of $KILLS runs were killed at work"
ok work cat
same "$(rows cat)" "$(rows whole)" "the last run completes"
ok neonnoir-dataset verify --deep -C cat
finish
