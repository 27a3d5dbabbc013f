/* The person is found in a picture by a face, colours and edges; a model's word is taken where
 * there is one; what is no such model is refused. */
#include "common/rng.h"
#include "runtime/face/mask.h"
#include "tests/answer_build.h"
#include "tests/test.h"

enum { W = 320, H = 240 };

static int is_person(int x, int y, int shift)
{
    float u = (float)(x - 150 - shift) / 38, v = (float)(y - 85) / 52;     /* an oval head */

    return u * u + v * v < 1 || (y > 128 && abs(x - 150 - shift) < 62 + (y - 128) / 4);
}

/* A person in red and skin before a blue-grey wall with a gradient and grain. */
static void draw(struct nn_image *img, int shift, struct nn_rng *rng)
{
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            uint8_t *p = img->px + (y * W + x) * 3;
            int noise = (int)nn_rng_below(rng, 9), in = is_person(x, y, shift);
            p[0] = (uint8_t)((in ? y < 128 ? 205 : 150 : 40 + x / 8) + noise);
            p[1] = (uint8_t)((in ? y < 128 ? 150 : 30 : 60 + x / 8) + noise);
            p[2] = (uint8_t)((in ? y < 128 ? 125 : 40 : 95 + y / 6) + noise);
        }
}

static double agreement(const uint8_t *mask, int shift)    /* intersection over union */
{
    int both = 0, any = 0;

    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            int a = mask[y * W + x] > 127, b = is_person(x, y, shift);
            both += a && b;
            any += a || b;
        }
    return (double)both / any;
}

static struct nn_person person(int shift)
{
    return (struct nn_person){ .face = { 150.0f - 33 + (float)shift, 55, 66, 66 }, .presence = 1 };
}

static void guessed(void)
{
    struct nn_err err = { 0 };
    struct nn_pool *pool = nn_pool_new(3, &err);
    struct nn_mask *m = nn_mask_new(W, H, NULL, NULL, NULL, &err);
    struct nn_mask *also = nn_mask_new(W, H, NULL, NULL, pool, &err);
    struct nn_image img;
    struct nn_rng rng;
    double worst = 1;

    nn_rng_seed(&rng, 1, 1);
    CHECK_OK(m && also && pool ? nn_image_init(&img, W, H, 3, &err) : -1, &err);
    for (int n = 0; n < 12; n++) {
        struct nn_person who = person(2 * n);
        const uint8_t *mask, *same;
        draw(&img, 2 * n, &rng);
        mask = nn_mask_next(m, &img, &who, n / 25.0, &err);
        same = nn_mask_next(also, &img, &who, n / 25.0, &err);
        CHECK(mask && same && !memcmp(mask, same, W * H));
        if (mask)
            worst = fmin(worst, agreement(mask, 2 * n));
    }
    printf("guess: agrees by %.3f at worst\n", worst);
    CHECK(worst > 0.88);
    struct nn_person nobody = { .presence = 0 };
    CHECK(!nn_mask_next(m, &img, &nobody, 1, &err));
    nobody = person(22);
    nobody.presence = 0.5f;
    const uint8_t *faint = nn_mask_next(m, &img, &nobody, 1.1, &err);
    CHECK(faint && faint[85 * W + 172] == 128);         /* the face's middle, half there */
    nn_mask_free(m);
    nn_mask_free(also);
    nn_pool_free(pool);
    nn_image_release(&img);
}

/* The left half, as a probability, as logits, as two channels, first and last. */
static void modelled(const char *dir)
{
    enum { S = 32 };
    static float prob[S * S], logit[S * S], two[2 * S * S], pairs[2 * S * S];
    const struct { struct answer a; int64_t in[4]; } cases[] = {
        { { 4, { 1, 1, S, S }, prob }, { 1, 3, 64, 64 } },
        { { 4, { 1, S, S, 1 }, logit }, { 1, 64, 64, 3 } },
        { { 4, { 1, 2, S, S }, two }, { 1, 3, 64, 64 } },
        { { 4, { 1, S, S, 2 }, pairs }, { 1, 64, 64, 3 } },
    };
    struct nn_image img;
    struct nn_err err = { 0 };
    char path[512];

    for (int i = 0; i < S * S; i++) {
        prob[i] = i % S < S / 2;
        logit[i] = i % S < S / 2 ? 9 : -9;
        two[i] = pairs[2 * i] = -logit[i];
        two[S * S + i] = pairs[2 * i + 1] = logit[i];
    }
    snprintf(path, sizeof path, "%s/mask.onnx", dir);
    CHECK_OK(nn_image_init(&img, W, H, 3, &err), &err);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct nn_person who = person(0);
        struct nn_mask *m;
        const uint8_t *mask;
        CHECK_OK(answer_write(path, cases[i].in, &cases[i].a, 1, &err), &err);
        CHECK_OK((m = nn_mask_new(W, H, path, NULL, NULL, &err)) ? 0 : -1, &err);
        mask = m ? nn_mask_next(m, &img, &who, 0, &err) : NULL;
        CHECK(mask && mask[100 * W + 60] == 255 && mask[100 * W + 260] == 0);
        nn_mask_free(m);
    }
    nn_image_release(&img);
    remove(path);
}

static void refused(const char *dir)
{
    static const struct { struct answer a; const char *why; } cases[] = {
        { { 2, { 1, 7 }, 0 }, "no person segmentation" },
        { { 4, { 1, 5, 32, 32 }, 0 }, "no person segmentation" },
        { { 4, { 1, 1, 4, 4 }, 0 }, "16 to 1024" },
    };
    struct nn_err err = { 0 };
    char path[512];

    snprintf(path, sizeof path, "%s/bad.onnx", dir);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK_OK(answer_write(path, (int64_t[]){ 1, 3, 64, 64 }, &cases[i].a, 1, &err), &err);
        CHECK(!nn_mask_new(W, H, path, NULL, NULL, &err));
        CHECK(strstr(err.msg, cases[i].why) && strstr(err.msg, "bad.onnx"));
    }
    remove(path);
}

/* Any size of frame: nothing is read or written beside it. */
static void sizes(void)
{
    static const int size[][2] = { { 1, 1 }, { 1, 300 }, { 301, 2 }, { 17, 16 }, { 641, 359 } };

    for (size_t i = 0; i < sizeof size / sizeof *size; i++) {
        struct nn_person who = { .face = { -5, -5, 20, 20 }, .presence = 1 };
        struct nn_err err = { 0 };
        struct nn_mask *m = nn_mask_new(size[i][0], size[i][1], NULL, NULL, NULL, &err);
        struct nn_image img;
        CHECK_OK(m ? nn_image_init(&img, size[i][0], size[i][1], 3, &err) : -1, &err);
        for (int n = 0; n < 3; n++)
            CHECK(nn_mask_next(m, &img, &who, n / 25.0, &err) != NULL);
        nn_image_release(&img);
        nn_mask_free(m);
    }
}

int main(void)
{
    char dir[256];

    unsetenv("NEONNOIR_MASK_MODEL");
    if (!test_scratch(dir, sizeof dir))
        return 1;
    setenv("XDG_DATA_HOME", dir, 1);            /* no model of the user's */
    guessed();
    modelled(dir);
    refused(dir);
    sizes();
    rmdir(dir);
    return test_done();
}
