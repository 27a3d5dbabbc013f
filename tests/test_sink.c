/*
 * test_sink.c - films of all codecs, overlays laid over again, recordings that break off.
 */
#define SDL_MAIN_HANDLED
#include <SDL.h>
#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>

#include "common/fs.h"
#include "common/rng.h"
#include "runtime/media/picture.h"
#include "runtime/media/reader.h"
#include "runtime/media/sink.h"
#include "runtime/media/unmix.h"
#include "tests/test.h"

enum { W = 96, H = 64 };

static char dir[200];

static int shell(const char *line)
{
    char cmd[1500];

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

/* A quarter as it was, one brighter, one darker, one of noise and turned colours. */
static void change(const struct nn_image *from, struct nn_image *to)
{
    struct nn_rng rng;

    nn_rng_seed(&rng, 5, 0);
    for (int y = 0; y < from->h; y++)
        for (int x = 0; x < from->w; x++) {
            size_t at = ((size_t)y * (size_t)from->w + (size_t)x) * 3;
            int right = x >= from->w / 2, low = y >= from->h / 2;
            for (size_t k = 0; k < 3; k++) {
                int v = from->px[at + k];
                v = right && low ? 255 - from->px[at + (k + 1) % 3] + (int)nn_rng_below(&rng, 9)
                    : right ? v + (255 - v) * (x % 32) / 32 : low ? v * (y % 16) / 16 : v;
                to->px[at + k] = (uint8_t)(v < 255 ? v : 255);
            }
        }
}

static void test_unmix(void)
{
    enum { N = 300 };
    struct nn_image before, after, over = { 0 };
    struct nn_err err = { 0 };
    struct nn_rng rng;
    double worst = 0;
    int minimal = 1;

    nn_rng_seed(&rng, 1, 0);
    CHECK_OK(nn_image_init(&before, N, N, 3, &err), &err);
    CHECK_OK(nn_image_init(&after, N, N, 3, &err), &err);
    for (int i = 0; i < N * N * 3; i++) {
        before.px[i] = (uint8_t)nn_rng_below(&rng, 256);
        after.px[i] = (uint8_t)(i % 7 ? nn_rng_below(&rng, 256) : before.px[i]);
    }
    memset(before.px, 0, 60), memset(after.px + 60, 255, 60), memset(before.px + 120, 255, 60);
    memcpy(after.px + 900, before.px + 900, 30);
    CHECK_OK(nn_unmix(&before, &after, &over, &err), &err);
    CHECK(over.px && over.channels == 4 && over.px[300 * 4 + 3] == 0 && over.px[300 * 4] == 0);
    for (int i = 0; i < N * N && over.px; i++) {
        const uint8_t *b = before.px + 3 * i, *a = after.px + 3 * i, *o = over.px + 4 * i;
        int fits = o[3] > 0;        /* whether one alpha less would do as well */
        for (int k = 0; k < 3; k++) {
            double x = o[3] / 255.0, got = b[k] * (1 - x) + o[k] * x;
            double y = (o[3] - 1) / 255.0, most = b[k] * (1 - y) + 255 * y;
            worst = fmax(worst, fabs(got - a[k]));
            fits &= a[k] > b[k] ? most >= a[k] - 1 - 1e-9 : b[k] * (1 - y) <= a[k] + 1 + 1e-9;
        }
        minimal &= !fits;
    }
    CHECK(worst <= 1.5 + 1e-9);
    CHECK(minimal);
    nn_image_release(&before);
    nn_image_release(&after);
    nn_image_release(&over);
}

/* The largest and the mean difference of frame n of two numbered sequences. */
static double compare(const char *a, const char *b, double *mean)
{
    struct nn_image x = { 0 }, y = { 0 };
    struct nn_err err = { 0 };
    int worst = 0;
    double sum = 0;

    CHECK_OK(nn_picture_read(in_dir(a), 3, &x, &err), &err);
    CHECK_OK(nn_picture_read(in_dir(b), 3, &y, &err), &err);
    if (x.px && y.px && nn_image_size(&x) == nn_image_size(&y))
        for (size_t i = 0; i < nn_image_size(&x); i++) {
            int d = abs(x.px[i] - y.px[i]);
            worst = d > worst ? d : worst;
            sum += d;
        }
    else
        worst = 255;
    *mean = x.px ? sum / (double)nn_image_size(&x) : 255;
    nn_image_release(&x);
    nn_image_release(&y);
    return worst;
}

static int add_overlay(struct nn_sinks *all, const char *name, const struct nn_sink_opts *opts,
                       struct nn_err *err)
{
    char word[320];

    snprintf(word, sizeof word, "overlay:%s", in_dir(name));
    return nn_sinks_add(all, word, opts, err);
}

/* The written overlays, laid over the original by ffmpeg, give the effect's frames back:
 * PNG to two levels, ProRes 4444 on the mean to one and a half. */
static void test_overlay(void)
{
    struct nn_sink_opts opts = { .w = W, .h = H, .time_base = { 1, 25 }, .frame_rate = { 25, 1 } };
    struct nn_sinks all = { 0 };
    struct nn_image before, after;
    struct nn_err err = { 0 };
    char name[40];
    double mean;

    CHECK_OK(nn_image_init(&before, W, H, 3, &err), &err);
    CHECK_OK(nn_image_init(&after, W, H, 3, &err), &err);
    CHECK_OK(add_overlay(&all, "over/", &opts, &err), &err);
    CHECK_OK(add_overlay(&all, "over.mov", &opts, &err), &err);
    CHECK(add_overlay(&all, "over.y4m", &opts, &err) < 0 && err.code == NN_EUSAGE);
    CHECK(add_overlay(&all, "over.mp4", &opts, &err) < 0 && err.code == NN_EUSAGE);
    CHECK(all.count == 2 && nn_sinks_overlay(&all));
    for (int i = 0; i < 5; i++) {
        paint(&before, i * 5);
        change(&before, &after);
        snprintf(name, sizeof name, "before%d.png", i + 1);
        CHECK_OK(nn_picture_write(&before, in_dir(name), &err), &err);
        snprintf(name, sizeof name, "after%d.png", i + 1);
        CHECK_OK(nn_picture_write(&after, in_dir(name), &err), &err);
        CHECK_OK(nn_sinks_frame(&all, &before, &after, i, &err), &err);
    }
    CHECK(nn_sinks_frame(&all, NULL, &after, 9, &err) < 0);
    CHECK_OK(nn_sinks_finish(&all, &err), &err);
    CHECK(shell("ffprobe -v error -show_entries stream=codec_name,pix_fmt,codec_tag_string -of csv "
                "over.mov | grep -q 'prores,ap4h,yuva444p1[02]le'") == 0);
    CHECK(shell("ffmpeg -v error -i before%d.png -i over/%05d.png -filter_complex "
                "'[0]format=gbrp[a];[a][1]overlay=format=gbrp' laid%d.png") == 0);
    CHECK(shell("ffmpeg -v error -i before%d.png -i over.mov -filter_complex "
                "'[0]format=gbrp[a];[1]scale=in_color_matrix=bt709:in_range=tv:"
                "flags=accurate_rnd+full_chroma_int,format=gbrap[b];[a][b]overlay=format=gbrp' "
                "prores%d.png") == 0);
    for (int i = 1; i <= 5; i++) {
        char a[40], b[40];
        snprintf(a, sizeof a, "after%d.png", i);
        snprintf(b, sizeof b, "laid%d.png", i);
        CHECK(compare(a, b, &mean) <= 2 && mean < 0.6);
        snprintf(b, sizeof b, "prores%d.png", i);
        CHECK(compare(a, b, &mean) <= 40);
        CHECK_NEAR(mean, 0, 1.5);
        if (i == 5)
            printf("ProRes overlay: %.2f levels off on the mean\n", mean);
    }
    nn_image_release(&before);
    nn_image_release(&after);
}

/* Frames that can be read of a film, and how far from what was painted; -1 when none. */
static int read_back(const char *name, int w, int h, double *off, struct nn_err *err)
{
    struct nn_reader *r = nn_reader_open(in_dir(name), err);
    const struct nn_image *img;
    struct nn_image want = { 0 };
    int64_t pts;
    int n = 0;

    *off = 0;
    if (!r || nn_image_init(&want, w, h, 3, NULL))
        return -1;
    for (; nn_reader_next(r, &img, &pts, err) > 0; n++) {
        double sum = 0;
        paint(&want, n);
        for (int y = 0; y < h; y++)
            for (int x = 0; x < w * 3; x++)
                sum += abs(want.px[y * w * 3 + x] - img->px[y * img->w * 3 + x]);
        *off = fmax(*off, sum / (w * h * 3));
    }
    nn_image_release(&want);
    nn_reader_close(r);
    return n;
}

static int record(const char *name, const char *codec, int w, int h, int live, int frames,
                  struct nn_rational rate, struct nn_sinks *all, struct nn_err *err)
{
    struct nn_sink_opts opts = { .w = w, .h = h, .time_base = { 1, 12000 }, .frame_rate = rate,
                                 .codec = codec, .live = live, .quality = 12 };
    double step = rate.num ? 12000.0 * (double)rate.den / (double)rate.num : 480;
    struct nn_image img;
    int ret;

    if (nn_image_init(&img, w, h, 3, err))
        return -1;
    ret = nn_sinks_add(all, in_dir(name), &opts, err);
    for (int i = 0; i < frames && !ret; i++) {
        paint(&img, i);
        ret = nn_sinks_frame(all, NULL, &img, llrint(i * step), err);
    }
    nn_image_release(&img);
    return ret;
}

static void test_codecs(void)
{
    static const struct { const char *name, *codec; int w, h, live; struct nn_rational rate; }
    films[] = {
        { "a.mkv", NULL, 64, 48, 0, { 24000, 1001 } }, { "a.mp4", "hevc", 64, 48, 0, { 25, 1 } },
        { "a.mov", "prores", 65, 49, 0, { 25, 1 } },   { "b.mkv", "hevc", 66, 50, 1, { 30, 1 } },
        { "b.mp4", NULL, 1, 1, 0, { 25, 1 } },         { "c.mp4", NULL, 3, 2, 1, { 0, 1 } },
        { "d.mp4", NULL, 32, 32, 0, { 1000, 1 } },     { "e.mov", NULL, 31, 33, 0, { 0, 1 } },
    };
    struct nn_sinks all = { 0 };
    double off;

    for (size_t i = 0; i < sizeof films / sizeof *films; i++) {
        struct nn_err err = { 0 };
        CHECK_OK(record(films[i].name, films[i].codec, films[i].w, films[i].h, films[i].live, 12,
                        films[i].rate, &all, &err), &err);
        CHECK_OK(nn_sinks_finish(&all, &err), &err);
        CHECK(read_back(films[i].name, films[i].w, films[i].h, &off, &err) == 12);
        CHECK_NEAR(off, 0, films[i].w < 4 ? 14 : 6);
    }
    CHECK(shell("ffprobe -v error -show_entries stream=codec_tag_string -of csv=p=0 a.mp4 | "
                "grep -q hvc1") == 0);
    struct nn_err err = { 0 };
    CHECK(record("x.mp4", "prores", 8, 8, 0, 1, films[1].rate, &all, &err) < 0);
    CHECK(err.code == NN_EUSAGE && !nn_exists(in_dir("x.mp4")));
    CHECK(record("x.mp4", "divx", 8, 8, 0, 1, films[1].rate, &all, &err) < 0);
    CHECK(strstr(err.msg, "h264, hevc and prores") != NULL && !all.count);
}

/* What is on the disk while it is recorded, as after a power cut, and after an end that
 * was not orderly. */
static void test_recording(const char *name)
{
    struct nn_sinks all = { 0 };
    struct nn_err err = { 0 };
    char line[200];
    double off;
    int n;

    CHECK_OK(nn_file_write(in_dir(name), "an older take", 13, &err), &err);
    CHECK_OK(record(name, NULL, W, H, 1, 150, (struct nn_rational){ 30, 1 }, &all, &err), &err);
    snprintf(line, sizeof line, "cp %s cut-%s", name, name);
    CHECK(shell(line) == 0);
    snprintf(line, sizeof line, "cut-%s", name);
    n = read_back(line, W, H, &off, &err);
    CHECK(n >= 60 && n <= 150 && off < 6);
    nn_sinks_abort(&all);
    n = read_back(name, W, H, &off, &err);
    CHECK(n >= 90 && n <= 150 && off < 6);
    snprintf(line, sizeof line, "ffmpeg -v error -xerror -i %s -f null - 2>&1 | grep -c . | "
             "grep -qx 0", name);
    CHECK(shell(line) == 0);
}

/* A disk that is full after 300 kB, as the file system would say it. */
static void test_full_disk(int live)
{
    struct rlimit was, tight;
    struct nn_sinks all = { 0 };
    struct nn_err err = { 0 }, ended = { 0 };
    double off;
    int n;

    CHECK_OK(nn_file_write(in_dir("full.mp4"), "an older take", 13, &err), &err);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &was);
    tight = was;
    tight.rlim_cur = 300000;
    setrlimit(RLIMIT_FSIZE, &tight);
    n = record("full.mp4", NULL, 320, 240, live, 400, (struct nn_rational){ 30, 1 }, &all, &err);
    if (!n)
        n = nn_sinks_finish(&all, &err);
    nn_sinks_abort(&all);
    setrlimit(RLIMIT_FSIZE, &was);
    CHECK(n < 0 && err.code == NN_EIO && strstr(err.msg, "full.mp4") && strstr(err.msg, "large"));
    if (live) {
        n = read_back("full.mp4", 320, 240, &off, &ended);
        CHECK(n >= 30 && n < 399 && off < 6 && !ended.code);
    } else {
        CHECK(shell("grep -qx 'an older take' full.mp4") == 0);
    }
}

/* One of two outputs fails while recording: the other goes on. */
static void test_one_fails(void)
{
    struct nn_sink_opts opts = { .w = W, .h = H, .time_base = { 1, 30 }, .frame_rate = { 30, 1 },
                                 .live = 1 };
    struct nn_sinks all = { 0 };
    struct nn_err err = { 0 };
    struct nn_image img;
    double off;

    CHECK_OK(nn_image_init(&img, W, H, 3, &err), &err);
    CHECK_OK(nn_sinks_add(&all, in_dir("good.mkv"), &opts, &err), &err);
    opts.format = "rgb24";
    CHECK_OK(nn_sinks_add(&all, "/dev/full", &opts, &err), &err);
    for (int i = 0; i < 40; i++) {
        paint(&img, i);
        CHECK_OK(nn_sinks_frame(&all, NULL, &img, i, &err), &err);
    }
    CHECK(all.count == 1);
    CHECK_OK(nn_sinks_finish(&all, &err), &err);
    CHECK(read_back("good.mkv", W, H, &off, &err) == 40 && off < 6);
    nn_image_release(&img);
}

static void press(SDL_Keycode key)
{
    SDL_Event e = { .key = { .type = SDL_KEYDOWN, .keysym = { .sym = key } } };

    CHECK(SDL_PushEvent(&e) == 1);
}

static void test_window(void)
{
    struct nn_sink_opts opts = { .w = W, .h = H, .time_base = { 1, 30 } };
    struct nn_sinks all = { 0 };
    struct nn_err err = { 0 };
    struct nn_image img;
    SDL_Event quit = { .type = SDL_QUIT };

    setenv("SDL_VIDEODRIVER", "dummy", 1);
    CHECK_OK(nn_image_init(&img, W, H, 3, &err), &err);
    for (opts.fullscreen = 0; opts.fullscreen < 2; opts.fullscreen++) {
        CHECK_OK(nn_sinks_add(&all, "window", &opts, &err), &err);
        for (int i = 0; i < 3; i++)
            CHECK_OK(nn_sinks_frame(&all, NULL, &img, i, &err), &err);
        CHECK(nn_sinks_key(&all) == 0);
        press(SDLK_F11), press(SDLK_s), press(SDLK_F1), press(SDLK_ESCAPE);
        SDL_PushEvent(&quit);
        CHECK(nn_sinks_key(&all) == 's' && nn_sinks_key(&all) == 27);
        CHECK(nn_sinks_key(&all) == NN_KEY_CLOSE);
        CHECK_OK(nn_sinks_frame(&all, NULL, &img, 4, &err), &err);
        CHECK_OK(nn_sinks_finish(&all, &err), &err);
    }
    opts.display = 7;
    CHECK(nn_sinks_add(&all, "window", &opts, &err) < 0 && err.code == NN_ENOTFOUND);
    setenv("SDL_VIDEODRIVER", "no such driver", 1);
    CHECK(nn_sinks_add(&all, "window", &opts, &err) < 0 && strstr(err.msg, "no display"));
    nn_image_release(&img);
}

int main(void)
{
    char rm[260];

    if (system("ffmpeg -version >/dev/null 2>&1"))
        SKIP("no ffmpeg");
    if (!test_scratch(dir, sizeof dir))
        return 1;
    test_unmix();
    test_overlay();
    test_codecs();
    test_recording("take.mp4");
    test_recording("take.mkv");
    test_recording("take.mov");
    test_full_disk(0);
    test_full_disk(1);
    test_one_fails();
    test_window();
    snprintf(rm, sizeof rm, "rm -rf '%s'", dir);
    CHECK(system(rm) == 0);
    return test_done();
}
