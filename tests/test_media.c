/*
 * test_media.c - pictures and films: what is written is what is read.
 */
#include <stdint.h>

#include "common/fs.h"
#include "common/hash.h"
#include "runtime/media/picture.h"
#include "runtime/media/reader.h"
#include "runtime/media/writer.h"
#include "tests/test.h"

static char dir[200];

/* Runs ffmpeg in the scratch directory; the test is skipped by the caller without it. */
static int ffmpeg(const char *args)
{
    char cmd[1200];

    snprintf(cmd, sizeof cmd, "cd %s && ffmpeg -v error -nostdin -y %s", dir, args);
    return system(cmd);
}

static const char *in_dir(const char *name)
{
    static char path[4][300];
    static int turn;
    char *p = path[turn = (turn + 1) & 3];

    snprintf(p, sizeof path[0], "%s/%s", dir, name);
    return p;
}

/* A first number that ffprobe says of a file. */
static double probe(const char *name, const char *args)
{
    char cmd[700], line[100] = "";
    FILE *p;

    snprintf(cmd, sizeof cmd, "ffprobe -v quiet %s -of csv=p=0 %s | head -n 1", args, in_dir(name));
    if ((p = popen(cmd, "r"))) {
        if (!fgets(line, sizeof line, p))
            line[0] = 0;
        pclose(p);
    }
    return line[0] ? atof(line) : NAN;
}

/* A soft picture that moves with n. */
static void paint(struct nn_image *img, int n)
{
    uint8_t *p = img->px;

    for (int y = 0; y < img->h; y++)
        for (int x = 0; x < img->w; x++, p += 3) {
            p[0] = (uint8_t)(127 + 100 * sin((x + 3 * n) * 0.11));
            p[1] = (uint8_t)(127 + 100 * sin((y - 2 * n) * 0.07));
            p[2] = (uint8_t)(2 * n);
        }
}

static double difference(const struct nn_image *a, const struct nn_image *b)
{
    double sum = 0;

    for (int y = 0; y < a->h; y++)
        for (int x = 0; x < a->w * 3; x++)
            sum += abs(a->px[y * a->w * 3 + x] - b->px[y * b->w * 3 + x]);
    return sum / (a->w * a->h * 3.0);
}

static double mean_luma(const struct nn_image *img)
{
    double sum = 0;

    for (size_t i = 0; i < nn_image_size(img); i += (size_t)img->channels) {
        const uint8_t *p = img->px + i;
        sum += img->channels == 1 ? p[0] : .299 * p[0] + .587 * p[1] + .114 * p[2];
    }
    return sum / (img->w * img->h);
}

/* Frame n's time: a variable rate. */
static int64_t time_of(int n)
{
    return 90 + 40 * n + n % 3 * 7;
}

static int write_film(const char *name, int w, int h, int frames, const char *audio,
                      struct nn_err *err)
{
    struct nn_writer_opts opts = { .time_base = { 1, 1000 }, .frame_rate = { 25, 1 },
                                   .audio_from = audio, .quality = 12 };
    struct nn_writer *wr = nn_writer_open(in_dir(name), w, h, &opts, err);
    struct nn_image img;
    int ret = 0;

    if (!wr || nn_image_init(&img, w, h, 3, err))
        return -1;
    for (int i = 0; i < frames && !ret; i++) {
        paint(&img, i);
        ret = nn_writer_frame(wr, &img, time_of(i), err);
    }
    nn_image_release(&img);
    return ret ? (nn_writer_abort(wr), -1) : nn_writer_finish(wr, err);
}

static void test_round_trip(int w, int h)
{
    enum { FRAMES = 60 };
    struct nn_err err = { 0 };
    struct nn_reader *r;
    struct nn_image want;
    const struct nn_image *img;
    int64_t pts;
    int n = 0, ret;
    double worst = 0;

    CHECK_OK(write_film("a.mp4", w, h, FRAMES, NULL, &err), &err);
    r = nn_reader_open(in_dir("a.mp4"), &err);
    CHECK(r != NULL);
    if (!r)
        return;
    const struct nn_media_info *info = nn_reader_info(r);
    CHECK(info->w == (w + 1) / 2 * 2 && info->h == (h + 1) / 2 * 2 && !info->has_audio);
    CHECK_OK(nn_image_init(&want, w, h, 3, &err), &err);
    for (; (ret = nn_reader_next(r, &img, &pts, &err)) > 0; n++) {
        paint(&want, n);
        CHECK(pts * 1000 * info->time_base.num == time_of(n) * info->time_base.den);
        worst = fmax(worst, difference(&want, img));
    }
    CHECK_OK(ret, &err);
    CHECK(n == FRAMES);
    CHECK(worst < 6);
    CHECK(nn_reader_end(r) > pts && nn_reader_end(r) - pts < info->time_base.den / 10);
    CHECK_NEAR(probe("a.mp4", "-show_entries format=duration"),
               (double)(time_of(FRAMES - 1) + 40) / 1000, 0.002);
    CHECK_OK(nn_reader_rewind(r, &err), &err);
    for (n = 0; nn_reader_next(r, NULL, &pts, &err) > 0;)
        n++;
    CHECK(n == FRAMES);
    nn_image_release(&want);
    nn_reader_close(r);
}

static void test_same_bytes(void)
{
    struct nn_err err = { 0 };
    nn_hash a, b;

    CHECK_OK(write_film("a.mp4", 64, 48, 40, NULL, &err), &err);
    CHECK_OK(write_film("b.mp4", 64, 48, 40, NULL, &err), &err);
    CHECK_OK(nn_hash_file(in_dir("a.mp4"), a, &err), &err);
    CHECK_OK(nn_hash_file(in_dir("b.mp4"), b, &err), &err);
    CHECK(!strcmp(a, b));
}

static void test_writer_refuses(void)
{
    struct nn_writer_opts opts = { .time_base = { 1, 1000 } };
    struct nn_err err = { 0 };
    struct nn_image img;
    struct nn_writer *wr = nn_writer_open(in_dir("x.mp4"), 32, 32, &opts, &err);

    CHECK(wr != NULL);
    CHECK_OK(nn_image_init(&img, 32, 32, 3, &err), &err);
    CHECK_OK(nn_writer_frame(wr, &img, 5, &err), &err);
    CHECK(nn_writer_frame(wr, &img, 5, &err) < 0);
    nn_writer_abort(wr);
    nn_image_release(&img);
    CHECK(!nn_exists(in_dir("x.mp4")));
    wr = nn_writer_open(in_dir("x.mp4"), 32, 32, &opts, &err);
    CHECK(nn_writer_finish(wr, &err) < 0 && !nn_exists(in_dir("x.mp4")));
    CHECK(!nn_writer_open(in_dir("x.xyz"), 32, 32, &opts, &err) && err.code == NN_EUSAGE);
    CHECK(!nn_writer_open(in_dir("no/x.mp4"), 32, 32, &opts, &err) && err.code == NN_EIO);
    opts.audio_from = in_dir("nothing.wav");
    CHECK(!nn_writer_open(in_dir("x.mp4"), 32, 32, &opts, &err) && !nn_exists(in_dir("x.mp4")));
}

/* Sound that begins late stays late, copied or encoded again. */
static void test_sound(const char *codec, const char *expect)
{
    struct nn_err err = { 0 };
    char args[400], film[40], want[100];

    snprintf(film, sizeof film, "s-%s.mkv", codec);
    snprintf(args, sizeof args,
             "-f lavfi -i testsrc=s=64x48:r=25:d=2 -itsoffset 0.5 -f lavfi -i "
             "sine=440:r=48000:d=1.2 -c:v mpeg4 -c:a %s -strict -2 %s", codec, film);
    CHECK(ffmpeg(args) == 0);
    CHECK_OK(write_film("s.mp4", 64, 48, 50, in_dir(film), &err), &err);
    snprintf(args, sizeof args, "cd %s && ffprobe -v quiet -select_streams a -show_entries "
             "stream=codec_name -of csv=p=0 s.mp4 | grep -qx %s", dir, expect);
    CHECK(system(args) == 0);
    snprintf(want, sizeof want, "-select_streams a -show_entries packet=pts_time");
    CHECK_NEAR(probe("s.mp4", want), probe(film, want), 0.03);
    CHECK_NEAR(probe("s.mp4", "-select_streams a -show_entries stream=duration"), 1.2, 0.06);
    CHECK(probe("s.mp4", "-count_packets -select_streams v -show_entries stream=nb_read_packets")
          == 50);
}

/* Left red, right blue; turned clockwise by 90 degrees the top is red. */
static void test_rotation(void)
{
    struct nn_err err = { 0 };
    const struct nn_image *img;
    struct nn_reader *r;
    int64_t pts;

    CHECK(ffmpeg("-f lavfi -i color=red:s=64x48:r=5:d=1 -f lavfi -i color=blue:s=64x48:r=5:d=1 "
                 "-filter_complex hstack -c:v libx264 flat.mp4") == 0);
    CHECK(ffmpeg("-i flat.mp4 -c copy -metadata:s:v rotate=270 turned.mp4") == 0 ||
          ffmpeg("-display_rotation 90 -i flat.mp4 -c copy turned.mp4") == 0);
    if (!(r = nn_reader_open(in_dir("turned.mp4"), &err))) {
        CHECK_OK(-1, &err);
        return;
    }
    CHECK(nn_reader_info(r)->w == 48 && nn_reader_info(r)->h == 128);
    CHECK(nn_reader_info(r)->rotation == 90 || nn_reader_info(r)->rotation == 270);
    if (nn_reader_next(r, &img, &pts, &err) > 0) {
        const uint8_t *top = img->px + 48 * 3 * 10, *bottom = img->px + 48 * 3 * 118;
        int red_up = nn_reader_info(r)->rotation == 90;
        CHECK(img->w == 48 && img->h == 128);
        CHECK((top[0] > 200 && top[2] < 60) == red_up);
        CHECK((bottom[2] > 200 && bottom[0] < 60) == red_up);
    }
    nn_reader_close(r);
}

static void cut_file(const char *from, const char *to, double share)
{
    struct nn_err err = { 0 };
    size_t size = 0;
    char *bytes = nn_file_read(in_dir(from), 64 << 20, &size, &err);

    CHECK(bytes != NULL);
    if (bytes)
        CHECK_OK(nn_file_write(in_dir(to), bytes, (size_t)(share * (double)size), &err), &err);
    free(bytes);
}

/* Frames until the end, or -1 - frames when it ends with an error. */
static int read_all(const char *name, struct nn_err *err)
{
    struct nn_reader *r = nn_reader_open(in_dir(name), err);
    const struct nn_image *img;
    int64_t pts;
    int n = 0, ret;

    if (!r)
        return -1;
    while ((ret = nn_reader_next(r, &img, &pts, err)) > 0)
        n++;
    nn_reader_close(r);
    return ret ? -1 - n : n;
}

static void test_bad_films(void)
{
    static const char *const cuts[] = { "cut.avi", "cut.mkv" };
    struct nn_err err = { 0 };

    CHECK(ffmpeg("-f lavfi -i testsrc=s=160x120:r=25:d=4 -c:v mpeg4 whole.avi") == 0);
    CHECK(ffmpeg("-i whole.avi -c:v libx264 -threads 1 whole.mkv") == 0);
    CHECK(read_all("whole.avi", &err) == 100 && read_all("whole.mkv", &err) == 100);
    cut_file("whole.avi", "cut.avi", 0.5);
    cut_file("whole.mkv", "cut.mkv", 0.5);
    for (int i = 0; i < 2; i++) {
        int n = read_all(cuts[i], &err);
        CHECK(n < -10 && n > -100);
        CHECK(err.code == NN_EFORMAT && strstr(err.msg, cuts[i]) && strstr(err.msg, " s"));
    }
    CHECK(ffmpeg("-f lavfi -i sine=d=1 sound.mp4") == 0);
    CHECK(read_all("sound.mp4", &err) == -1 && strstr(err.msg, "only sound"));
    CHECK_OK(nn_file_write(in_dir("empty.mp4"), "", 0, &err), &err);
    CHECK(read_all("empty.mp4", &err) == -1 && strstr(err.msg, "is empty"));
    CHECK_OK(nn_file_write(in_dir("text.mp4"), "to be or not to be\n", 19, &err), &err);
    CHECK(read_all("text.mp4", &err) == -1 && strstr(err.msg, "no film"));
    CHECK(read_all("none.mp4", &err) == -1 && err.code == NN_EIO);
}

static void test_pictures(void)
{
    static const struct { const char *ext; double near; } kinds[] = {
        { "png", 0 }, { "bmp", 0 }, { "tiff", 0 }, { "jpg", 2 }, { "webp", 8 }, { "gif", 12 },
    };
    struct nn_err err = { 0 };
    struct nn_image img, got, grey;
    char args[300], name[40];

    CHECK_OK(nn_image_init(&img, 67, 41, 3, &err), &err);
    paint(&img, 40);
    CHECK_OK(nn_picture_write(&img, in_dir("src.png"), &err), &err);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        snprintf(name, sizeof name, "p.%s", kinds[i].ext);
        snprintf(args, sizeof args, "-i src.png -frames:v 1 -q:v 2 %s%s",
                 strcmp(kinds[i].ext, "jpg") ? "" : "-pix_fmt yuvj444p ", name);
        CHECK(ffmpeg(args) == 0);
        CHECK_OK(nn_picture_read(in_dir(name), 3, &got, &err), &err);
        if (got.px) {
            CHECK(got.w == 67 && got.h == 41 && got.channels == 3);
            CHECK_NEAR(difference(&img, &got), 0, kinds[i].near);
        }
        nn_image_release(&got);
        CHECK_OK(nn_picture_read(in_dir(name), 1, &grey, &err), &err);
        CHECK(grey.px && grey.channels == 1);
        if (grey.px)
            CHECK_NEAR(mean_luma(&grey), mean_luma(&img), kinds[i].near ? 3 : 0.5);
        nn_image_release(&grey);
        for (double share = 0.1; share < 1; share += 0.2) {
            cut_file(name, "cut.pic", share);
            CHECK(nn_picture_read(in_dir("cut.pic"), 3, &got, &err) < 0 && !got.px);
        }
    }
    CHECK_OK(nn_picture_write(&img, in_dir("own.jpg"), &err), &err);
    CHECK_OK(nn_picture_read(in_dir("own.jpg"), 3, &got, &err), &err);
    CHECK_NEAR(difference(&img, &got), 0, 2);
    nn_image_release(&got);
    CHECK(nn_picture_write(&img, in_dir("own.xyz"), &err) < 0 && err.code == NN_EUSAGE);
    nn_image_release(&img);
}

/* Black and white stay 0 and 255: JPEG is full range. */
static void test_range(void)
{
    struct nn_err err = { 0 };
    struct nn_image img, got;

    CHECK_OK(nn_image_init(&img, 16, 16, 3, &err), &err);
    memset(img.px + 16 * 8 * 3, 255, 16 * 8 * 3);
    CHECK_OK(nn_picture_write(&img, in_dir("bw.jpg"), &err), &err);
    for (int ch = 1; ch <= 3; ch += 2) {
        CHECK_OK(nn_picture_read(in_dir("bw.jpg"), ch, &got, &err), &err);
        CHECK(got.px && got.px[0] <= 1 && got.px[nn_image_size(&got) - 1] >= 254);
        nn_image_release(&got);
    }
    nn_image_release(&img);
}

static void test_absurd_sizes(void)
{
    uint8_t bmp[64] = { 'B', 'M', 64, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0,
                        0, 0x40, 0, 0, 0, 0x40, 0, 0, 1, 0, 24 };     /* 16384 x 16384 */
    uint8_t gif[20] = "GIF89a\xff\xff\xff\xff\x00\x00\x00;";
    struct nn_err err = { 0 };
    struct nn_image img;

    CHECK(nn_picture_decode(bmp, sizeof bmp, "b.bmp", 3, &img, &err) < 0 && !img.px);
    CHECK(strstr(err.msg, "b.bmp") != NULL);
    CHECK(nn_picture_decode(gif, sizeof gif, "g.gif", 3, &img, &err) < 0 && !img.px);
    CHECK(nn_picture_decode("", 0, "none", 3, &img, &err) < 0 && strstr(err.msg, "empty"));
    CHECK(nn_picture_decode("hello", 5, "text", 1, &img, &err) < 0);
    CHECK(strstr(err.msg, "no picture") != NULL);
    CHECK(nn_picture_decode("hello", 5, "text", 2, &img, &err) < 0 && err.code == NN_EARG);
}

/* Greys of known light, as an SDR display shows them. What is expected was computed apart
 * from BT.2100, BT.2390 and BT.1886: cd/m2 behind each. */
static void test_hdr(void)
{
    static const struct { const char *name, *tags; int code[4]; double want[4]; } films[] = {
        { "PQ", "-color_trc smpte2084 -color_primaries bt2020 -colorspace bt2020nc",
          { 195, 327, 423, 573 }, { 27.8, 72.9, 124.2, 230.5 } },           /* 1, 10, 36, 203 */
        { "HLG", "-color_trc arib-std-b67 -color_primaries bt2020 -colorspace bt2020nc",
          { 283, 502, 721, 940 }, { 71.5, 143.1, 230.4, 255 } },            /* 9.6, 51, 203, 1000 */
        { "BT.2020", "-color_trc bt2020-10 -color_primaries bt2020 -colorspace bt2020nc",
          { 64, 283, 502, 940 }, { 0, 63.8, 127.5, 255 } },                 /* SDR stays */
    };
    struct nn_err err = { 0 };
    const struct nn_image *img;
    struct nn_reader *r;
    int64_t pts;
    char args[700];

    for (size_t i = 0; i < sizeof films / sizeof *films; i++) {
        const int *c = films[i].code;
        snprintf(args, sizeof args, "-f lavfi -i \"color=gray:s=64x16:r=5:d=0.2,format=yuv420p10le,"
                 "geq=lum='if(lt(X,16),%d,if(lt(X,32),%d,if(lt(X,48),%d,%d)))':cb=512:cr=512\" "
                 "-c:v ffv1 -color_range tv %s hdr.mkv", c[0], c[1], c[2], c[3], films[i].tags);
        CHECK(ffmpeg(args) == 0);
        r = nn_reader_open(in_dir("hdr.mkv"), &err);
        CHECK_OK(r ? 0 : -1, &err);
        if (!r)
            continue;
        CHECK(!strcmp(nn_reader_info(r)->hdr, films[i].name));
        if (nn_reader_next(r, &img, &pts, &err) > 0)
            for (int k = 0; k < 4; k++) {
                const uint8_t *p = img->px + (64 * 8 + 16 * k + 8) * 3;
                for (int ch = 0; ch < 3; ch++)
                    CHECK_NEAR(p[ch], films[i].want[k], 1.6);
            }
        nn_reader_close(r);
    }
}

/* One picture in the eight ways in which a camera may have been held (EXIF 2.3, tag 0x112):
 * whichever it is, red is at the top left, green at the top right, blue at the bottom left. */
static void test_orientation(void)
{
    static const char *const stored[9] = { "", "", "hflip", "hflip,vflip", "vflip", "transpose=0",
                                           "transpose=2", "transpose=3", "transpose=1" };
    struct nn_err err = { 0 };
    struct nn_image img;
    char args[400];

    CHECK_OK(nn_image_init(&img, 64, 32, 3, &err), &err);
    for (int y = 0; y < 32; y++)
        for (int x = 0; x < 64; x++)
            img.px[(y * 64 + x) * 3 + (x < 32 ? (y < 16 ? 0 : 2) : 1)] = 250;
    CHECK_OK(nn_picture_write(&img, in_dir("upright.png"), &err), &err);
    nn_image_release(&img);
    for (int o = 1; o <= 8; o++) {
        uint8_t exif[36] = { 0xff, 0xe1, 0, 34, 'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, '*', 0, 0,
                             0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, (uint8_t)o };
        size_t size = 0;
        snprintf(args, sizeof args, "-i upright.png %s%s -pix_fmt yuvj444p -q:v 2 held.jpg",
                 o > 1 ? "-vf " : "", stored[o]);
        CHECK(ffmpeg(args) == 0);
        char *jpeg = nn_file_read(in_dir("held.jpg"), 1 << 20, &size, &err);
        uint8_t *all = malloc(size + sizeof exif);
        CHECK(jpeg && all);
        if (jpeg && all) {
            memcpy(all, jpeg, 2);
            memcpy(all + 2, exif, sizeof exif);
            memcpy(all + 2 + sizeof exif, jpeg + 2, size - 2);
            CHECK_OK(nn_picture_decode(all, size + sizeof exif, "held", 3, &img, &err), &err);
            CHECK(img.px && img.w == 64 && img.h == 32);
            if (img.px && img.w == 64) {
                CHECK(img.px[(8 * 64 + 16) * 3] > 200);
                CHECK(img.px[(8 * 64 + 48) * 3 + 1] > 200);
                CHECK(img.px[(24 * 64 + 16) * 3 + 2] > 200);
            }
            nn_image_release(&img);
        }
        free(jpeg);
        free(all);
    }
}

/* Frames of 8K and of one pixel, and rates of 1000 and unknown, come in as they are. */
static void test_extremes(void)
{
    static const struct { const char *args; int w, h, frames; double rate; } films[] = {
        { "-f lavfi -i color=white:s=7680x4320:r=2:d=0.5 -c:v mpeg4 -y x.mov", 7680, 4320, 1, 2 },
        { "-f lavfi -i color=white:s=2x2:r=25:d=1 -vf scale=1:1 -c:v ffv1 -pix_fmt gbrp x.mkv",
          1, 1, 25, 25 },
        { "-f lavfi -i color=white:s=64x48:r=1000:d=0.1 -vf scale=63:17 -c:v ffv1 -pix_fmt gbrp "
          "x.mkv", 63, 17, 100, 1000 },
        { "-f lavfi -i color=white:s=64x48:r=25:d=1 -c:v libx264 x.h264", 64, 48, 25, 25 },
    };
    struct nn_err err = { 0 };

    for (size_t i = 0; i < sizeof films / sizeof *films; i++) {
        const char *name = strrchr(films[i].args, ' ') + 1;
        const struct nn_image *img;
        struct nn_reader *r;
        int64_t pts, last = INT64_MIN;
        int n = 0;
        CHECK(ffmpeg(films[i].args) == 0);
        if (!(r = nn_reader_open(in_dir(name), &err))) {
            CHECK_OK(-1, &err);
            continue;
        }
        const struct nn_media_info *info = nn_reader_info(r);
        CHECK_NEAR((double)info->frame_rate.num / (double)info->frame_rate.den, films[i].rate,
                   0.01);
        for (; nn_reader_next(r, &img, &pts, &err) > 0; n++, last = pts) {
            size_t end = nn_image_size(img) - 3;
            CHECK(img->w == films[i].w && img->h == films[i].h && pts > last);
            CHECK(img->px[0] > 250 && img->px[end] > 250);
        }
        CHECK(n == films[i].frames);
        nn_reader_close(r);
    }
}

int main(void)
{
    char rm[260];

    if (system("ffmpeg -version >/dev/null 2>&1"))
        SKIP("no ffmpeg");
    if (!test_scratch(dir, sizeof dir))
        return 1;
    test_round_trip(64, 48);
    test_round_trip(65, 49);
    test_same_bytes();
    test_writer_refuses();
    test_sound("aac", "aac");
    test_sound("flac", "flac");
    test_sound("pcm_s16le", "aac");
    test_sound("libvorbis", "aac");
    test_rotation();
    test_bad_films();
    test_pictures();
    test_range();
    test_absurd_sizes();
    test_hdr();
    test_orientation();
    test_extremes();
    snprintf(rm, sizeof rm, "rm -rf '%s'", dir);
    CHECK(system(rm) == 0);
    return test_done();
}
