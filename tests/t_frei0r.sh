# t_frei0r.sh - the effects inside ffmpeg and melt, on real frames.
. tests/lib.sh
command -v ffmpeg >/dev/null || skip "no ffmpeg"
ls "$B"/frei0r-1/*.so >/dev/null 2>&1 || skip "no plug-ins: frei0r.h is missing"
ffmpeg -v quiet -filters | grep -q frei0r || skip "ffmpeg has no frei0r"
export FREI0R_PATH=$TOP/$B/frei0r-1

# Frames of a face, or of a test picture, without loss; the same with an alpha; and odd ones.
clip=/usr/share/doc/opencv-doc/examples/data/Megamind.avi
from="-f lavfi -i testsrc2=s=640x480:r=24:d=1"
[ -r "$clip" ] && from="-ss 3.9 -i $clip"
src=$SCRATCH/src.mkv
ffmpeg -v error $from -an -frames:v 16 -vf scale=320:240,format=bgr0 -c:v ffv1 "$src" || fail "no test film"
ffmpeg -v error -i "$src" -frames:v 12 -vf "scale=160:120,format=rgba,geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a='X+Y/2'" \
    -c:v png "$SCRATCH/alpha.mkv"
ffmpeg -v error -i "$src" -frames:v 2 -vf scale=97:61 -c:v ffv1 "$SCRATCH/odd.mkv"
# The pixels of both, and of the alpha alone.
pixels() {
    ffmpeg -v error -i "$SCRATCH/alpha.mkv" -i "$SCRATCH/odd.mkv" -filter_complex \
        "[0]$1,format=rgba,split[p][q];[q]alphaextract[a];[1]$1[o]" -map '[p]' -f md5 "$SCRATCH/p" \
        -map '[a]' -f md5 "$SCRATCH/a" -map '[o]' -f md5 "$SCRATCH/o" -y 2>"$SCRATCH/err" </dev/null ||
        fail "$1: $(cat "$SCRATCH/err")"
    cat "$SCRATCH/p"
}
plain=$(pixels format=rgba) alpha=$(cat "$SCRATCH/a") odd=$(cat "$SCRATCH/o")
n=0
for so in "$FREI0R_PATH"/neonnoir_*.so; do
    fx=$(basename "$so" .so) n=$((n + 1))
    same "$(nm -D --defined-only "$so" | grep -vc ' f0r_')" 0 "symbols that $fx should keep to itself"
    same "$(pixels frei0r=$fx:0)" "$plain" "$fx at amount 0"
    grep -q "tag=\"frei0r.$fx\"" "$B/kdenlive/effects/frei0r_$fx.xml" || fail "no description of $fx for Kdenlive"
    [ "$fx" = neonnoir_lut ] && continue        # without its file it does nothing
    [ "$(pixels frei0r=$fx)" != "$plain" ] || fail "$fx does nothing by default"
    same "$(cat "$SCRATCH/a")" "$alpha" "alpha behind $fx"
    [ "$(cat "$SCRATCH/o")" != "$odd" ] || fail "$fx does nothing at 97x61"
done
[ $n -ge 6 ] || fail "only $n plug-ins"

# Two instances of one plug-in at once, on several threads, do as each does alone.
both=$(ffmpeg -v error -filter_complex_threads 4 -i "$src" -filter_complex \
    "[0]split[a][b];[a]frei0r=neonnoir_glitch:1[c];[b]frei0r=neonnoir_glitch:0.4[d];[c][d]vstack" -f md5 -)
alone=$(ffmpeg -v error -i "$src" -vf frei0r=neonnoir_glitch:1 -c:v png "$SCRATCH/c.mkv" &&
    ffmpeg -v error -i "$src" -vf frei0r=neonnoir_glitch:0.4 -c:v png "$SCRATCH/d.mkv" &&
    ffmpeg -v error -i "$SCRATCH/c.mkv" -i "$SCRATCH/d.mkv" -filter_complex vstack -f md5 -)
same "$both" "$alone" "two instances at once"
ffmpeg -v error -i "$src" -vf frei0r=neonnoir_bloom:x -f null - 2>&1 | grep -q "Invalid value 'x' for parameter 'amount'" ||
    fail "a word for a number is let through"

# Parameters are the effect's over 0..1, amount first.
ffmpeg -v verbose -f lavfi -i color=s=16x16:d=0.1 -vf frei0r=neonnoir_bloom -f null - 2>"$SCRATCH/err"
grep -q "name:bloom author:'Neon Noir'.*color_model:rgba8888.*num_params:4" "$SCRATCH/err" ||
    fail "ffmpeg does not see bloom's four parameters"

command -v melt >/dev/null || { echo "no melt: not tried there"; finish; }
unset DISPLAY
export SDL_VIDEODRIVER=dummy QT_QPA_PLATFORM=offscreen
cook() {    # cook NAME [FILTER...]: melt's frames, in a file without loss
    name=$1; shift
    for _ in 1 2 3; do      # melt 7.12 now and then ends without having written
        timeout 60 melt -silent "$src" out=15 "$@" -consumer avformat:"$SCRATCH/$name.mkv" vcodec=ffv1 an=1 \
            real_time=${threads:--1} >"$SCRATCH/out" 2>&1 || fail "melt $*: $(tail -n 2 "$SCRATCH/out")"
        ffmpeg -v quiet -i "$SCRATCH/$name.mkv" -f null - && break
    done
    ffmpeg -v error -i "$SCRATCH/$name.mkv" -f md5 -
}
raw=$(cook raw)
bloom=$(cook bloom -filter frei0r.neonnoir_bloom amount=0.8)
[ "$raw" != "$bloom" ] || fail "melt: bloom does nothing"
same "$(cook bloom2 -filter frei0r.neonnoir_bloom amount=0.8)" "$bloom" "melt twice"
[ "$(cook keyed -filter frei0r.neonnoir_bloom "amount=0=0;15=1")" != "$bloom" ] || fail "melt: key frames do nothing"
two=$(cook two -filter frei0r.neonnoir_bloom amount=0.8 -filter frei0r.neonnoir_film amount=1)
[ "$two" != "$bloom" ] || fail "melt: a second filter does nothing"
threads=-3
same "$(cook threads -filter frei0r.neonnoir_bloom amount=0.8)" "$bloom" "melt on three threads"
same "$(cook nothing -filter frei0r.neonnoir_bloom amount=0)" "$(cook nothing2 -filter frei0r.invert0r -filter frei0r.invert0r)" \
    "melt: bloom at amount 0"
finish
