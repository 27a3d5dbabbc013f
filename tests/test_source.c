/*
 * test_source.c - any word is a source of frames, any word is where they go.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

#include "common/fs.h"
#include "common/progress.h"
#include "runtime/media/picture.h"
#include "runtime/media/sink.h"
#include "runtime/media/source.h"
#include "runtime/media/stamp.h"
#include "tests/test.h"

static char dir[200];

static int shell(const char *format, const char *arg)
{
    char cmd[1500], line[1200];

    snprintf(line, sizeof line, format, arg);
    snprintf(cmd, sizeof cmd, "cd %s && { %s\n}", dir, line);
    return system(cmd);
}

static const char *in_dir(const char *name)
{
    static char path[8][300];
    static int turn;
    char *p = path[turn = (turn + 1) & 7];

    snprintf(p, sizeof path[0], "%s/%s", dir, name);
    return p;
}

/* Frames until the end or an error; -1 when it does not open. The last one's pixel in mid. */
static int count(const char *word, const struct nn_source_opts *opts, uint8_t mid[3],
                 struct nn_err *err)
{
    struct nn_source *s = nn_source_open(word, opts, err);
    struct nn_source_frame f;
    int n = 0, got;

    if (!s)
        return -1;
    while ((got = nn_source_next(s, &f, err)) == NN_SOURCE_FRAME) {
        const uint8_t *p = f.img->px + ((size_t)(f.img->h / 2) * (size_t)f.img->w +
                                        (size_t)(f.img->w / 2)) * 3;
        CHECK(f.img->w == nn_source_info(s)->w && f.img->h == nn_source_info(s)->h);
        memcpy(mid, p, 3);
        n++;
    }
    CHECK(got == NN_SOURCE_END);
    nn_source_close(s);
    return n;
}

/* A plain picture of one colour, which shows what order frames came in. */
static void flat(struct nn_image *img, int r, int g, int b)
{
    for (size_t i = 0; i < nn_image_size(img); i += 3) {
        img->px[i] = (uint8_t)r;
        img->px[i + 1] = (uint8_t)g;
        img->px[i + 2] = (uint8_t)b;
    }
}

static void test_stamp(void)
{
    static const int sizes[][2] = { { 48, 24 }, { 641, 360 }, { 1920, 1080 } };
    struct nn_err err = { 0 };
    struct nn_image img;
    int64_t t = 0;

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        CHECK_OK(nn_image_init(&img, sizes[i][0], sizes[i][1], 3, &err), &err);
        CHECK(!nn_stamp_read(&img, &t));
        nn_stamp_paint(&img, 0x0123456789abcdef);
        for (size_t k = 0; k < nn_image_size(&img); k++)    /* darkened, as an effect may */
            img.px[k] = (uint8_t)(40 + img.px[k] / 3);
        CHECK(nn_stamp_read(&img, &t) && t == 0x0123456789abcdef);
        nn_image_release(&img);
    }
    CHECK_OK(nn_image_init(&img, 47, 24, 3, &err), &err);
    CHECK(!nn_stamp_read(&img, &t));
    nn_image_release(&img);
}

static void test_synthetic(void)
{
    struct nn_source_opts opts = { 0 };
    struct nn_err err = { 0 };
    struct nn_source *s = nn_source_open("synthetic:320x200@50:0.5", &opts, &err);
    struct nn_source_frame f = { 0 };
    int64_t stamp, last = -1;
    int n = 0, got;

    CHECK_OK(s ? 0 : -1, &err);
    if (!s)
        return;
    CHECK(nn_source_live(s) && !nn_source_can_rewind(s) && nn_source_rewind(s, &err) < 0);
    while ((got = nn_source_next(s, &f, &err)) > 0) {
        if (got != NN_SOURCE_FRAME)
            continue;
        CHECK(f.img->w == 320 && f.img->h == 200 && f.pts > last);
        CHECK(nn_stamp_read(f.img, &stamp));
        CHECK_NEAR((double)stamp * 1e-9, f.captured, 1e-3);
        CHECK(f.captured <= nn_now());
        last = f.pts;
        n++;
    }
    CHECK(got == NN_SOURCE_END);
    CHECK(n + nn_source_missed(s) <= 25 && n > 5);
    CHECK_NEAR((double)last * 1e-6, 0.48, 0.15);
    nn_source_close(s);

    /* The newest frame wins: who sleeps gets one from now, and the others are counted. */
    s = nn_source_open("synthetic:64x48@100", &opts, &err);
    while (nn_source_next(s, &f, &err) != NN_SOURCE_FRAME)
        ;
    nanosleep(&(struct timespec){ 0, 300000000 }, NULL);
    CHECK(nn_source_next(s, &f, &err) == NN_SOURCE_FRAME);
    CHECK(nn_now() - f.captured < 0.15);
    CHECK(nn_source_missed(s) >= 5);
    nn_source_close(s);
}

static void test_words(void)
{
    static const char *const bad[] = { "synthetic:", "synthetic:0x4", "synthetic:4x4@0",
        "synthetic:4x4@25:x", "synthetic:4x4@1e9", "synthetic:99999x4", "strobe:4",
        "synthetic:4x4@-3", "synthetic:4x4 @3", "synthetic:inf" };
    struct nn_source_opts opts = { 0 };
    uint8_t mid[3];

    for (size_t i = 1; i < sizeof bad / sizeof *bad; i++) {
        struct nn_err err = { 0 };
        CHECK(count(bad[i], &opts, mid, &err) == -1 && err.code == NN_EUSAGE);
        CHECK(strstr(err.msg, bad[i]) != NULL);
    }
    CHECK(nn_source_is_file("film.mp4") && !nn_source_is_file("-"));
    CHECK(!nn_source_is_file("rtsp://x/y") && !nn_source_is_file("synthetic"));
    CHECK(nn_sink_is_file("film.mp4") && nn_sink_is_file("x.y4m") && !nn_sink_is_file("-"));
    CHECK(!nn_sink_is_file("frames/") && !nn_sink_is_file("f%05d.png"));
}

static void test_strobe(void)
{
    struct nn_source_opts opts = { 0 };
    struct nn_err err = { 0 };
    struct nn_source *s = nn_source_open("strobe:16x16@40:1", &opts, &err);
    struct nn_source_frame f;
    int changes = 0, last = 0, n = 0;

    CHECK_OK(s ? 0 : -1, &err);
    for (; nn_source_next(s, &f, &err) == NN_SOURCE_FRAME; n++) {
        CHECK(f.pts == 25000 * n);
        changes += f.img->px[0] != last;
        last = f.img->px[0];
    }
    CHECK(n == 40 && changes == 20);
    CHECK_OK(nn_source_rewind(s, &err), &err);
    CHECK(nn_source_next(s, NULL, &err) == NN_SOURCE_FRAME);
    nn_source_close(s);
}

/* f2 before f10; a damaged one and one of another size do not end it. */
static void test_pictures(void)
{
    struct nn_source_opts opts = { .frame_rate = { 30000, 1001 } };
    struct nn_err err = { 0 };
    struct nn_image img;
    struct nn_source *s;
    struct nn_source_frame f;
    char name[40];
    uint8_t mid[3];

    CHECK(mkdir(in_dir("pics"), 0755) == 0);
    for (int i = 1; i <= 12; i++) {
        CHECK_OK(nn_image_init(&img, i == 5 ? 20 : 31, 17, 3, &err), &err);
        flat(&img, i * 10, 0, 255 - i * 10);
        snprintf(name, sizeof name, "pics/f%d.png", i);
        CHECK_OK(nn_picture_write(&img, in_dir(name), &err), &err);
        nn_image_release(&img);
    }
    CHECK_OK(nn_file_write(in_dir("pics/f7.png"), "no picture", 10, &err), &err);
    CHECK_OK(nn_file_write(in_dir("pics/notes.txt"), "x", 1, &err), &err);
    s = nn_source_open(in_dir("pics"), &opts, &err);
    CHECK_OK(s ? 0 : -1, &err);
    if (!s)
        return;
    CHECK(nn_source_info(s)->w == 31 && nn_source_info(s)->frame_rate.num == 30000);
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 1; i <= 12; i++) {
            if (i == 7)
                continue;
            CHECK(nn_source_next(s, &f, &err) == NN_SOURCE_FRAME);
            CHECK(f.img->px[0] == i * 10 && f.pts == i - 1 && f.img->w == 31);
        }
        CHECK(nn_source_next(s, &f, &err) == NN_SOURCE_END);
        CHECK_OK(nn_source_rewind(s, &err), &err);
    }
    nn_source_close(s);
    CHECK(count(in_dir("pics/f%02d.png"), &opts, mid, &err) == 11 && mid[0] == 120);
    CHECK(count(in_dir("pics/f1*.png"), &opts, mid, &err) == 4 && mid[0] == 120);
    CHECK(count(in_dir("pics/g*.png"), &opts, mid, &err) == -1 && err.code == NN_ENOTFOUND);
    CHECK(strstr(err.msg, "no pictures there") != NULL);
}

/* What an even-rate sink makes of odd time stamps: 0, 110, 240 ms at 25 frames a second. */
static void test_steady(void)
{
    static const int64_t at[] = { 0, 110, 240 };
    static const uint8_t want[] = { 50, 50, 50, 100, 100, 100, 150 };
    struct nn_sink_opts opts = { .w = 9, .h = 5, .time_base = { 1, 1000 }, .frame_rate = { 25, 1 },
                                 .format = "rgb24" };
    struct nn_sinks all = { 0 };
    struct nn_err err = { 0 };
    struct nn_image img;
    size_t size = 0;
    char *bytes;

    CHECK_OK(nn_image_init(&img, 9, 5, 3, &err), &err);
    CHECK_OK(nn_sinks_add(&all, in_dir("even.rgb"), &opts, &err), &err);
    CHECK_OK(nn_sinks_add(&all, in_dir("even/a%03d.png"), &opts, &err), &err);
    for (int i = 0; i < 3; i++) {
        flat(&img, 50 + 50 * i, 7, 9);
        CHECK_OK(nn_sinks_frame(&all, NULL, &img, at[i], &err), &err);
    }
    CHECK_OK(nn_sinks_finish(&all, &err), &err);
    nn_image_release(&img);
    CHECK(all.count == 0);
    bytes = nn_file_read(in_dir("even.rgb"), 1 << 20, &size, &err);
    CHECK(bytes && size == sizeof want * 135);
    for (size_t i = 0; bytes && i < sizeof want && size == sizeof want * 135; i++)
        CHECK((uint8_t)bytes[i * 135] == want[i] && bytes[i * 135 + 1] == 7);
    free(bytes);
    CHECK_OK(nn_picture_read(in_dir("even/a007.png"), 3, &img, &err), &err);
    CHECK(img.px && img.px[0] == 150 && !nn_exists(in_dir("even/a008.png")));
    nn_image_release(&img);
}

struct writing {
    const char *word;
    int frames;
    struct nn_err err;      /* CHECK() is the main thread's */
};

static void *write_y4m(void *arg)
{
    struct writing *w = arg;
    struct nn_sink_opts opts = { .w = 33, .h = 21, .time_base = { 1, 30 },
                                 .frame_rate = { 30, 1 } };
    struct nn_sinks all = { 0 };
    struct nn_image img;
    int ret = nn_image_init(&img, 33, 21, 3, &w->err) ||
              nn_sinks_add(&all, w->word, &opts, &w->err);

    for (int i = 0; i < w->frames && !ret; i++) {
        flat(&img, 200, i, 30);
        ret = nn_sinks_frame(&all, NULL, &img, i, &w->err);
    }
    nn_sinks_finish(&all, ret ? NULL : &w->err);
    nn_image_release(&img);
    return NULL;
}

/* A FIFO between our own two ends, of odd size, and what ffmpeg says of the same bytes. */
static void test_pipe(void)
{
    struct writing w = { .word = in_dir("fifo"), .frames = 90 };
    struct nn_source_opts opts = { 0 };
    struct nn_err err = { 0 };
    pthread_t thread;
    uint8_t mid[3] = { 0 };

    CHECK(mkfifo(in_dir("fifo"), 0600) == 0);
    CHECK(pthread_create(&thread, NULL, write_y4m, &w) == 0);
    CHECK(count(in_dir("fifo"), &opts, mid, &err) == 90);
    pthread_join(thread, NULL);
    CHECK_OK(w.err.code ? -1 : 0, &w.err);
    CHECK_NEAR(mid[0], 200, 2);
    CHECK_NEAR(mid[1], 89, 2);
    CHECK_NEAR(mid[2], 30, 2);
    w.word = in_dir("ours.y4m");
    write_y4m(&w);
    CHECK_OK(w.err.code ? -1 : 0, &w.err);
    CHECK(shell("ffmpeg -v error -i ours.y4m -pix_fmt rgb24 -f rawvideo theirs.rgb && "
                "test $(stat -c %%s theirs.rgb) = $((33 * 21 * 3 * 90))%s", "") == 0);
    CHECK(count(in_dir("ours.y4m"), &opts, mid, &err) == 90);
    opts = (struct nn_source_opts){ .w = 33, .h = 21, .format = "rgb24" };
    CHECK(shell("cat theirs.rgb > fifo %s &", "") == 0);
    CHECK(count(in_dir("fifo"), &opts, mid, &err) == 90 && abs(mid[1] - 89) <= 2);
    CHECK(shell("head -c 10000 theirs.rgb > fifo %s &", "") == 0);
    CHECK(count(in_dir("fifo"), &opts, mid, &err) == 4);
    opts.w = 0;
    CHECK(count(in_dir("fifo"), &opts, mid, &err) == -1 && err.code == NN_EUSAGE);
}

/* Overwrites `size` bytes in the middle of a file. */
static void damage(const char *name, const char *to, size_t size)
{
    struct nn_err err = { 0 };
    size_t all = 0;
    char *bytes = nn_file_read(in_dir(name), 64 << 20, &all, &err);

    CHECK(bytes && all > 3 * size);
    if (bytes && all > 3 * size)
        for (size_t i = 0; i < size; i++)
            bytes[all / 2 + i] = (char)(i * 77 + 13);
    CHECK_OK(nn_file_write(in_dir(to), bytes ? bytes : "", all, &err), &err);
    free(bytes);
}

/* Frames behind the damage are shown, and the film ends as a film does. */
static void test_damage(void)
{
    static const char *const kinds[] = { "mp4", "mkv", "avi", "ts" };
    struct nn_source_opts opts = { 0 };
    char line[300], whole[40], torn[40];

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct nn_err err = { 0 };
        struct nn_source *s;
        struct nn_source_frame f;
        int n = 0, got;
        double t = 0;
        snprintf(whole, sizeof whole, "whole.%s", kinds[i]);
        snprintf(torn, sizeof torn, "torn.%s", kinds[i]);
        snprintf(line, sizeof line, "ffmpeg -v error -f lavfi -i testsrc2=s=320x240:r=25:d=4 -g 12 "
                 "-c:v libx264 -preset ultrafast -threads 1 %s", whole);
        CHECK(shell("%s", line) == 0);
        damage(whole, torn, 6000);
        s = nn_source_open(in_dir(torn), &opts, &err);
        CHECK_OK(s ? 0 : -1, &err);
        if (!s)
            continue;
        for (; (got = nn_source_next(s, &f, &err)) == NN_SOURCE_FRAME; n++)
            t = (double)(f.pts - nn_source_info(s)->start_pts) *
                (double)nn_source_info(s)->time_base.num / (double)nn_source_info(s)->time_base.den;
        CHECK(got == NN_SOURCE_END);
        CHECK(n >= 60 && n <= 101);
        CHECK_NEAR(t, 3.96, 0.1);
        nn_source_close(s);
    }
}

static void serve(int port, int seconds, const char *size)
{
    char line[400];

    snprintf(line, sizeof line, "ffmpeg -v quiet -nostdin -re -f lavfi -i testsrc=s=%s:r=25 -t %d "
             "-c:v mpeg2video -f mpegts -listen 1 http://127.0.0.1:%d/x.ts &", size, seconds, port);
    CHECK(shell("%s", line) == 0);
}

/* Takes frames until `want` came or `patience` seconds went by; none may keep us waiting. */
static int take(struct nn_source *s, int want, double patience, int64_t *last)
{
    struct nn_source_frame f;
    struct nn_err err = { 0 };
    double start = nn_now();
    int n = 0, got;

    while (n < want && nn_now() - start < patience) {
        double t0 = nn_now();
        got = nn_source_next(s, &f, &err);
        CHECK(nn_now() - t0 < 0.5);
        CHECK(got == NN_SOURCE_FRAME || got == NN_SOURCE_NOTHING);
        if (got != NN_SOURCE_FRAME)
            continue;
        CHECK(f.img->w == 160 && f.img->h == 120 && f.pts > *last);
        *last = f.pts;
        n++;
    }
    return n;
}

/* A server that goes away and comes back, with another picture size. */
static void test_url(void)
{
    struct nn_source_opts opts = { 0 };
    struct nn_err err = { 0 };
    struct nn_source *s = NULL;
    char url[80];
    int port = 20000 + (int)getpid() % 20000;
    int64_t last = -1;
    double start = nn_now();

    CHECK(!nn_source_open("http://127.0.0.1:1/x.ts", &opts, &err) && err.code == NN_EIO);
    CHECK(strstr(err.msg, "http://127.0.0.1:1/x.ts: Connection refused") != NULL);
    CHECK(!nn_source_open("rtsp://127.0.0.1:1/x", &opts, &err) && err.code == NN_EIO);
    CHECK(nn_now() - start < 3);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/x.ts", port);
    serve(port, 1, "160x120");
    for (start = nn_now(); !s && nn_now() - start < 8;)
        s = nn_source_open(url, &opts, &err);
    CHECK_OK(s ? 0 : -1, &err);
    if (!s)
        return;
    CHECK(nn_source_live(s) && nn_source_info(s)->w == 160);
    CHECK(take(s, 8, 5, &last) == 8);
    for (start = nn_now(); !nn_source_lost(s) && nn_now() - start < 5;)
        take(s, 1, 0.1, &last);
    CHECK(nn_source_lost(s));
    serve(port, 1, "320x240");
    CHECK(take(s, 5, 10, &last) == 5);
    CHECK(!nn_source_lost(s));
    nn_source_close(s);
}

int main(void)
{
    char rm[260];

    if (system("ffmpeg -version >/dev/null 2>&1"))
        SKIP("no ffmpeg");
    if (!test_scratch(dir, sizeof dir))
        return 1;
    test_stamp();
    test_words();
    test_synthetic();
    test_strobe();
    test_pictures();
    test_steady();
    test_pipe();
    test_damage();
    test_url();
    snprintf(rm, sizeof rm, "rm -rf '%s'", dir);
    CHECK(system(rm) == 0);
    return test_done();
}
