# t_source.sh - neonnoir-run: every kind of input and output by its word, and what is wrong with them.
. tests/lib.sh
run=neonnoir-run
command -v ffmpeg >/dev/null || skip "no ffmpeg"
cd "$SCRATCH" || exit 1
ffmpeg -v error -f lavfi -i testsrc2=s=128x96:r=25:d=0.4 -pix_fmt yuv420p film.mp4
$run -i film.mp4 -o x.mp4 >/dev/null 2>err </dev/null ||
    { grep -q 'name an emotion model with --model' err && skip "no bundled model"; }
frames() { ffprobe -v error -select_streams v -count_frames -show_entries stream=nb_read_frames -of csv=p=0 "$1"; }

# One after the other: film to pictures, pictures to Y4M, that through a pipe to raw RGB and back to a film.
ok $run -i film.mp4 -o pics/ -o all.mkv --codec hevc
same "$(ls pics | wc -l)" 10 "pictures"
same "$(frames all.mkv)" 10 "frames of the second output"
ok $run -i pics --rate 25 -o pics.y4m
$run -i - -o - --format y4m <pics.y4m 2>err | ffmpeg -v error -i - -f null - || fail "a pipe in and out"
mkfifo fifo
$run -i pics.y4m -o fifo --format rgb24 2>err >/dev/null </dev/null &
$run -i fifo --format rgb24 --size 128x96 --rate 25 -o back.mp4 >/dev/null 2>>err </dev/null || fail "raw RGB through a FIFO"
wait
same "$(frames back.mp4)" 10 "frames behind a FIFO"
# Any container that streams comes through a pipe, and a reader that goes away ends it with a sentence.
ffmpeg -v error -i film.mp4 -c copy -f matroska - | $run -i - -o nut.mp4 >/dev/null 2>err || fail "Matroska through a pipe"
same "$(frames nut.mp4)" 10
{ $run -i film.mp4 -o - 2>err; echo $? >status; } | head -c 100 >/dev/null
same "$(cat status)" 1 "exit status when nobody reads"
grep -q "its reader went away" err || fail "a pipe that closes says nothing"

# The overlay alone, laid over the original by ffmpeg, is what the film shows.
ok $run -i film.mp4 -o overlay:over.mov -o overlay:over/ -o both.mp4
ffmpeg -v error -i film.mp4 -i over/%05d.png -filter_complex \
    '[0]scale=in_color_matrix=bt601:flags=accurate_rnd+full_chroma_int+full_chroma_inp+bitexact,format=gbrp[a];[a][1]overlay=format=gbrp,format=rgb24' laid%d.png
ffmpeg -v error -i laid%d.png -i pics/%05d.png -lavfi psnr=stats_file=psnr -f null - 2>/dev/null
sed 's/.*psnr_avg:\([0-9.inf]*\).*/\1/' psnr | awk '$1 != "inf" && $1 < 45 { exit 1 }' || fail "the overlay is not what was done: $(cat psnr)"
same "$(ffprobe -v error -show_entries stream=pix_fmt -of csv=p=0 over.mov)" yuva444p12le
refuses 2 "ProRes 4444" $run -i film.mp4 -o overlay:-
refuses 2 "--output would write over the input" $run -i film.mp4 -o overlay:film.mp4

# A camera of our own, recorded; Ctrl-C ends a recording, and what was recorded stays.
ok $run -i synthetic:128x96@30:0.5 -o live.mp4
[ "$(frames live.mp4)" -gt 3 ] || fail "the synthetic camera gave nothing"
$run -i synthetic:128x96@30 -o take.mp4 >/dev/null 2>err </dev/null &
pid=$!
sleep 2
kill -TERM $pid
wait $pid
same $? 0 "exit status of a recording that was stopped"
[ "$(frames take.mp4)" -gt 10 ] || fail "a stopped recording cannot be played"
[ -z "$(find . -name '.*.mp4')" ] || fail "a recording left a temporary"
SDL_VIDEODRIVER=dummy ok $run -i film.mp4 -o window --fullscreen

# What is wrong is said, with what and where.
refuses 1 "there is no /dev/video97" $run -i /dev/video97 -o y.mp4
refuses 1 "there is no /dev/video97" $run -i film.mp4 -o /dev/video97
refuses 1 "http://127.0.0.1:1/x: Connection refused" $run -i http://127.0.0.1:1/x -o y.mp4
refuses 1 "no pictures there" $run -i 'nothing%03d.png' -o y.mp4
refuses 2 "synthetic:WIDTHxHEIGHT" $run -i synthetic:8 -o y.mp4
refuses 2 "needs its frames' size" $run -i fifo --format rgb24 -o y.mp4
refuses 2 "h264, hevc and prores" $run -i film.mp4 -o y.mp4 --codec mp3
refuses 2 "ProRes is written as .mov" $run -i film.mp4 -o y.mp4 --codec prores
refuses 2 "--output would write over the input" $run -i pics -o pics
SDL_VIDEODRIVER=none refuses 1 "there is no display" $run -i film.mp4 -o window
printf 'YUV4MPEG2 W99999999 H99999999 F25:1\nFRAME\n' | $run -i - -o y.mp4 >/dev/null 2>err && fail "an absurd Y4M is accepted"
[ ! -e y.mp4 ] || fail "a refused run left y.mp4"

# A disk that is full while it records: what is on it can be played, and one sentence says why it ended.
mkdir disk
if mount -t tmpfs -o size=400k none disk 2>/dev/null; then
    refuses 1 "No space left on device" $run -i synthetic:320x240@30 -o disk/take.mp4
    [ "$(frames disk/take.mp4)" -gt 10 ] || fail "a recording on a full disk cannot be played"
    rm -f disk/take.mp4
    refuses 1 "No space left on device" $run -i strobe:320x240@30:60 -o disk/all.rgb
    umount disk
else
    refuses 1 "No space left on device" $run -i film.mp4 -o /dev/full --format rgb24
fi
finish
