/* Overlays: blend modes by their formulas, where they are laid, films frame by frame. And the
 * motion that smears: what pans is carried along exactly. */
#include "common/rng.h"
#include "runtime/effects/chain.h"
#include "runtime/media/picture.h"
#include "runtime/media/reader.h"
#include "tests/test.h"

#define FILM "/usr/share/doc/opencv-doc/examples/data/tree.avi"

static double light(int byte)
{
    double v = byte / 255.0;

    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

static int byte_of(double v)
{
    v = v < 0 ? 0 : v > 1 ? 1 : v;
    v = v <= 0.0031308 ? v * 12.92 : 1.055 * pow(v, 1 / 2.4) - 0.055;
    return (int)(v * 255 + 0.5);
}

/* W3C "Compositing and Blending Level 1", section 9.1, in doubles. */
static double want(int mode, double b, double s)
{
    double x = sqrt(b), y = sqrt(s), d;

    switch (mode) {
    case 0: return s;
    case 1: return b + s;
    case 2: return b + s - b * s;
    case 3: return b * s;
    case 4: x = x <= 0.5 ? y * 2 * x : y + (2 * x - 1) - y * (2 * x - 1); return x * x;
    case 5:
        d = x <= 0.25 ? ((16 * x - 12) * x + 4) * x : sqrt(x);
        x = y <= 0.5 ? x - (1 - 2 * y) * x * (1 - x) : x + (2 * y - 1) * (d - x);
        return x * x;
    default: return fabs(b - s);
    }
}

static struct nn_chain *chain_of(const char *name, const char *file, int w, int h,
                                 const float *value, int n)
{
    struct nn_err err = { 0 };
    struct nn_slot slot = { nn_effect_find(name), file };
    struct nn_chain *c = nn_chain_new(&slot, 1, w, h, 1, NULL, &err);
    float v[NN_MAX_PARAMS] = { 0 };

    if (!c)
        fprintf(stderr, "%s\n", err.msg);
    CHECK(c != NULL);
    for (int i = 0; i < nn_effect_params(slot.fx); i++)
        v[i] = i < n ? value[i] : slot.fx->param[i].preset;
    if (c)
        nn_chain_set(c, 0, v);
    return c;
}

/* Sixteen greys under sixteen greys. */
static void test_modes(const char *path)
{
    struct nn_image img = { 0 }, top = { 0 };
    struct nn_err err = { 0 };

    CHECK_OK(nn_image_init(&img, 16, 16, 3, &err), &err);
    CHECK_OK(nn_image_init(&top, 16, 16, 3, &err), &err);
    for (int i = 0; i < 768; i++)
        top.px[i] = (uint8_t)(i / 3 % 16 * 17);
    CHECK_OK(nn_picture_write(&top, path, &err), &err);
    for (int mode = 0; mode < 7; mode++) {
        struct nn_chain *c = chain_of("overlay", path, 16, 16, (float[]){ 1, (float)mode }, 2);
        int wrong = 0;
        for (int i = 0; i < 768; i++)
            img.px[i] = (uint8_t)(i / 48 * 17);
        nn_chain_run(c, &img, 0);
        for (int i = 0; i < 768; i++) {
            int b = i / 48 * 17, s = i / 3 % 16 * 17, out = byte_of(want(mode, light(b), light(s)));
            if (want(mode, light(b), light(s)) <= 1)    /* above, the chain rolls off */
                wrong += abs(img.px[i] - out) > 1;
        }
        if (wrong)
            fprintf(stderr, "mode %d: %d wrong\n", mode, wrong);
        CHECK(wrong == 0);
        nn_chain_free(c);
    }
    nn_image_release(&img);
    nn_image_release(&top);
}

/* Half of it clear, half of it half so: by straight alpha, in linear light; what is clear has a
 * colour that must not show. */
static void test_transparency(const char *path)
{
    struct nn_image img = { 0 }, top = { 0 };
    struct nn_err err = { 0 };
    struct nn_chain *c;
    int half = byte_of(128 / 255.0 * light(238) + (1 - 128 / 255.0) * light(10)), wrong = 0;

    CHECK_OK(nn_image_init(&img, 64, 16, 3, &err), &err);
    CHECK_OK(nn_image_init(&top, 16, 4, 4, &err), &err);
    for (int i = 0; i < 64; i++)
        memcpy(top.px + 4 * i, i % 16 < 8 ? "\xff\x00\xff\x00" : "\xee\xee\xee\x80", 4);
    CHECK_OK(nn_picture_write(&top, path, &err), &err);
    memset(img.px, 10, nn_image_size(&img));
    c = chain_of("overlay", path, 64, 16, (float[]){ 1, 0 }, 2);
    nn_chain_run(c, &img, 0);
    for (int i = 0; i < 64 * 16; i++) {
        const uint8_t *px = img.px + 3 * i;
        int x = i % 64;
        wrong += px[0] != px[1] || px[0] != px[2];
        wrong += (x < 30 && px[0] != 10) || (x > 34 && abs(px[0] - half) > 1);
    }
    CHECK(wrong == 0);
    nn_chain_free(c);
    nn_image_release(&img);
    nn_image_release(&top);
}

/* A square picture in a wide frame: all of it fits, it fills, behind the mask, on the mask. */
static void test_place(const char *path)
{
    static const struct {
        float fill, place;
        uint8_t want[3];        /* at the left edge, in the middle outside the mask, within */
    } cases[] = { { 0, 0, { 10, 238, 238 } }, { 1, 0, { 238, 238, 238 } },
                  { 1, 1, { 238, 238, 10 } }, { 1, 2, { 10, 10, 238 } } };
    uint8_t mask[40 * 20];
    struct nn_image img = { 0 }, top = { 0 };
    struct nn_err err = { 0 };

    CHECK_OK(nn_image_init(&img, 40, 20, 3, &err), &err);
    CHECK_OK(nn_image_init(&top, 8, 8, 3, &err), &err);
    memset(top.px, 238, nn_image_size(&top));
    CHECK_OK(nn_picture_write(&top, path, &err), &err);
    for (int i = 0; i < 800; i++)
        mask[i] = i % 40 > 20 ? 255 : 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct nn_chain *c = chain_of("overlay", path, 40, 20,
                                      (float[]){ 1, 0, cases[i].fill, cases[i].place }, 4);
        struct nn_person who = { .face = { 20, 5, 8, 8 }, .presence = 1, .mask = mask };
        memset(img.px, 10, nn_image_size(&img));
        nn_chain_person(c, &who);
        nn_chain_run(c, &img, 0);
        for (int k = 0; k < 3; k++)
            CHECK(img.px[(10 * 40 + (k == 0 ? 2 : k == 1 ? 15 : 25)) * 3] == cases[i].want[k]);
        nn_chain_free(c);
    }
    nn_image_release(&img);
    nn_image_release(&top);
}

/* Frame for frame what the film has, from the start again after its end. */
static void test_film(void)
{
    struct nn_err err = { 0 };
    struct nn_reader *r = nn_reader_open(FILM, &err);
    const struct nn_image *in;
    struct nn_image img = { 0 };
    struct nn_chain *c = NULL;
    int64_t pts;
    int n = 0, wrong = 0;

    CHECK(r != NULL);
    for (; r && n < 30 && nn_reader_next(r, &in, &pts, &err) == 1; n++) {
        const struct nn_media_info *info = nn_reader_info(r);
        if (!c) {
            c = chain_of("overlay", FILM, in->w, in->h, (float[]){ 1, 0 }, 2);
            CHECK_OK(nn_image_init(&img, in->w, in->h, 3, &err), &err);
        }
        memset(img.px, 99, nn_image_size(&img));
        nn_chain_run(c, &img, ((double)(pts + nn_reader_end(r)) / 2 - (double)info->start_pts) *
                     (double)info->time_base.num / (double)info->time_base.den);
        for (size_t i = 0; i < nn_image_size(&img); i++)
            wrong += abs(img.px[i] - in->px[i]) > 1;
    }
    CHECK(n == 30 && wrong == 0);
    nn_chain_free(c);
    nn_image_release(&img);
    nn_reader_close(r);
}

static void test_errors(void)
{
    static const struct {
        const char *file, *error;
    } cases[] = { { NULL, "needs a \"file\"" }, { "/nonexistent.png", "/nonexistent.png" },
                  { "/nonexistent.mp4", "/nonexistent.mp4" }, { "LICENSE", "LICENSE" } };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct nn_err err = { 0 };
        struct nn_slot slot = { nn_effect_find("overlay"), cases[i].file };
        CHECK(!nn_chain_new(&slot, 1, 8, 8, 1, NULL, &err));
        CHECK(strstr(err.msg, cases[i].error));
    }
}

static double blobs(double x, double y)
{
    return 120 + 60 * sin(x * 0.13) * cos(y * 0.17) + 40 * sin(x * 0.05 + y * 0.09);
}

/* A pan over smooth blobs: the past, moved by the motion that was found, is the present; not
 * moved, it is not. Returns the mean difference in the middle after ten frames. */
static double pan(float drag)
{
    enum { W = 240, H = 180, STEP = 5 };
    struct nn_chain *c = chain_of("smear", NULL, W, H, (float[]){ 1, 20, drag }, 3);
    struct nn_image img = { 0 };
    struct nn_err err = { 0 };
    double sum = 0;
    int at = 0;

    CHECK_OK(nn_image_init(&img, W, H, 3, &err), &err);
    for (int n = 0; n < 10; n++) {
        at = n * STEP;
        for (int i = 0; i < W * H * 3; i++) {
            double x = i / 3 % W + at, y = i / 3 / W;
            img.px[i] = (uint8_t)blobs(x, y);
        }
        nn_chain_run(c, &img, n / 24.0);
    }
    for (int y = 40; y < H - 40; y++)
        for (int x = 70; x < W - 70; x++) {
            sum += fabs(img.px[(y * W + x) * 3] - blobs(x + at, y)) / ((W - 140) * (H - 80));
        }
    nn_chain_free(c);
    nn_image_release(&img);
    return sum;
}

int main(void)
{
    char path[64];

    snprintf(path, sizeof path, "/tmp/nn_overlay_%d.png", (int)getpid());
    test_modes(path);
    test_transparency(path);
    test_place(path);
    unlink(path);
    test_errors();
    if (pan(1) > 3 || pan(0) < 15)
        fprintf(stderr, "pan: %.2f with motion, %.2f without\n", pan(1), pan(0));
    CHECK(pan(1) < 3);
    CHECK(pan(0) > 15);
    if (!access(FILM, R_OK))
        test_film();
    return test_done();
}
