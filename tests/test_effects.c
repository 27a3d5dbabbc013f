/* Effects: identity at amount 0, the same bits at any thread count, odd sizes. */
#include "common/rng.h"
#include "runtime/effects/chain.h"
#include "tests/gan_build.h"
#include "tests/test.h"

enum { FRAMES = 20, MOST = 64 };

/* A picture with dark, lit and coloured parts that moves with `n`. */
static void paint(struct nn_image *img, int n)
{
    struct nn_rng r;

    nn_rng_seed(&r, 5, (uint64_t)n);
    for (int y = 0; y < img->h; y++)
        for (int x = 0; x < img->w; x++) {
            uint8_t *p = img->px + ((size_t)y * (size_t)img->w + (size_t)x) * 3;
            int lit = (x + n) / 16 % 3;
            p[0] = (uint8_t)(lit * 100 + (int)nn_rng_below(&r, 30));
            p[1] = (uint8_t)(y * 255 / img->h);
            p[2] = (uint8_t)(lit == 1 ? 250 : 12);
        }
}

static char dream[256];         /* a generator that main() writes */

/* What those that open something open here. */
static const char *file_of(const struct nn_effect_type *fx)
{
    if (!strcmp(fx->name, "lut"))
        return "runtime/patches/looks/neon.cube";
    if (!strcmp(fx->name, "overlay"))
        return "docs/neon.jpg";
    if (!strcmp(fx->name, "dream"))
        return dream;
    return NULL;
}

static struct nn_chain *make(const struct nn_effect_type *const *fx, int count, int w, int h,
                             uint64_t seed, struct nn_pool *pool, float amount)
{
    struct nn_err err = { 0 };
    struct nn_slot slot[MOST] = { { 0 } };
    struct nn_chain *c;

    CHECK(count <= MOST);
    for (int i = 0; i < count && i < MOST; i++)
        slot[i] = (struct nn_slot){ fx[i], file_of(fx[i]) };
    c = nn_chain_new(slot, count, w, h, seed, pool, &err);
    CHECK(c != NULL);
    for (int i = 0; c && i < count; i++) {
        float v[NN_MAX_PARAMS] = { 0 };
        for (int k = 0; k < nn_effect_params(fx[i]); k++)
            v[k] = fx[i]->param[k].preset;
        v[0] = amount;
        nn_chain_set(c, i, v);
    }
    return c;
}

/* Plays FRAMES frames; the last one stays in `img`. Returns a hash of all. */
static uint64_t play(struct nn_chain *c, struct nn_image *img)
{
    struct nn_person who = { .face = { (float)img->w * 0.3f, (float)img->h * 0.3f,
                                       (float)img->w * 0.3f, (float)img->h * 0.3f } };
    uint64_t hash = 1469598103934665603u;

    for (int n = 0; n < FRAMES; n++) {
        paint(img, n);
        who.presence = n > 2;
        nn_chain_person(c, &who);
        nn_chain_run(c, img, n / 24.0);
        for (size_t i = 0; i < nn_image_size(img); i++)
            hash = (hash ^ img->px[i]) * 1099511628211u;
    }
    return hash;
}

static uint64_t play_new(const struct nn_effect_type *const *fx, int count, int w, int h,
                         uint64_t seed, int threads, float amount)
{
    struct nn_err err = { 0 };
    struct nn_pool *pool = nn_pool_new(threads, &err);
    struct nn_chain *c = make(fx, count, w, h, seed, pool, amount);
    struct nn_image img = { 0 };
    uint64_t hash;

    CHECK_OK(nn_image_init(&img, w, h, 3, &err), &err);
    hash = play(c, &img);
    nn_image_release(&img);
    nn_chain_free(c);
    nn_pool_free(pool);
    return hash;
}

static void test_each(const struct nn_effect_type *fx)
{
    static const int sizes[][2] = { { 1, 1 }, { 1, 37 }, { 53, 1 }, { 3, 2 }, { 97, 61 } };
    uint64_t plain = play_new(NULL, 0, 161, 119, 1, 1, 0), one;

    CHECK(fx->param[0].name && !strcmp(fx->param[0].name, "amount"));
    CHECK((fx->row != NULL) != (fx->render != NULL));
    CHECK(fx->brief && *fx->brief);
    for (int i = 0; i < nn_effect_params(fx); i++)
        CHECK(fx->param[i].min <= fx->param[i].preset && fx->param[i].preset <= fx->param[i].max);
    CHECK(nn_effect_find(fx->name) == fx);

    CHECK(play_new(&fx, 1, 161, 119, 1, 1, 0) == plain);
    one = play_new(&fx, 1, 161, 119, 1, 1, 1);
    if (one == plain)
        fprintf(stderr, "%s does nothing\n", fx->name);
    CHECK(one != plain);
    CHECK(play_new(&fx, 1, 161, 119, 1, 1, 1) == one);
    CHECK(play_new(&fx, 1, 161, 119, 1, 2, 1) == one);
    CHECK(play_new(&fx, 1, 161, 119, 1, 3, 1) == one);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        CHECK(play_new(&fx, 1, sizes[i][0], sizes[i][1], 7, 2, 1) ==
              play_new(&fx, 1, sizes[i][0], sizes[i][1], 7, 1, 1));
}

/* What chance decides follows the seed; a chain's state is its own. */
static void test_seed_and_state(void)
{
    const struct nn_effect_type *fx[] = { nn_effect_find("fireworks"), nn_effect_find("rednoise"),
                                          nn_effect_find("particles"), nn_effect_find("glitch") };
    struct nn_image a = { 0 }, b = { 0 };
    struct nn_err err = { 0 };

    for (size_t i = 0; i < sizeof fx / sizeof *fx; i++)
        CHECK(play_new(&fx[i], 1, 200, 120, 1, 1, 1) != play_new(&fx[i], 1, 200, 120, 2, 1, 1));

    /* Two chains in turns give what each gives alone. */
    struct nn_chain *p = make(fx, 4, 96, 64, 3, NULL, 1), *q = make(fx, 4, 96, 64, 3, NULL, 1);
    CHECK_OK(nn_image_init(&a, 96, 64, 3, &err), &err);
    CHECK_OK(nn_image_init(&b, 96, 64, 3, &err), &err);
    for (int n = 0; n < FRAMES; n++) {
        paint(&a, n);
        paint(&b, n);
        nn_chain_run(p, &a, n / 24.0);
        nn_chain_run(q, &b, n / 24.0);
        CHECK(!memcmp(a.px, b.px, nn_image_size(&a)));
    }
    nn_chain_free(p);
    nn_chain_free(q);
    nn_image_release(&a);
    nn_image_release(&b);
}

/* Decoding and encoding alone must keep all 256 values: fireworks that have
 * nothing to show yet touch nothing. */
static void test_codes(void)
{
    const struct nn_effect_type *fx = nn_effect_find("fireworks");
    struct nn_chain *c = make(&fx, 1, 256, 2, 1, NULL, 0.5f);
    struct nn_image img = { 0 };
    struct nn_err err = { 0 };
    int wrong = 0;

    CHECK_OK(nn_image_init(&img, 256, 2, 3, &err), &err);
    for (int i = 0; i < 256 * 2 * 3; i++)
        img.px[i] = (uint8_t)(i / 3);
    nn_chain_run(c, &img, 0);
    for (int i = 0; i < 256 * 2 * 3; i++)
        wrong += img.px[i] != (uint8_t)(i / 3);
    CHECK(wrong == 0);
    nn_chain_free(c);
    nn_image_release(&img);
}

/* Mean brightness of the whole frame must not flash: at most three swings of a
 * tenth of the range and more within a second (WCAG 2.3.1). */
static void test_no_strobe(const struct nn_effect_type *const *fx, int count)
{
    struct nn_chain *c = make(fx, count, 160, 90, 1, NULL, 1);
    struct nn_image img = { 0 };
    struct nn_err err = { 0 };
    double low = 1, high = 0, mean;
    int swings = 0, up = 0;

    CHECK_OK(nn_image_init(&img, 160, 90, 3, &err), &err);
    for (int n = 0; n < 96; n++) {
        memset(img.px, 60, nn_image_size(&img));
        nn_chain_run(c, &img, n / 24.0);
        mean = 0;
        for (size_t i = 0; i < nn_image_size(&img); i++)
            mean += img.px[i] / 255.0 / (double)nn_image_size(&img);
        low = mean < low ? mean : low;
        high = mean > high ? mean : high;
        if (up ? high - mean > 0.1 : mean - low > 0.1) {
            swings++;
            up = !up;
            low = high = mean;
        }
    }
    CHECK(swings <= 2 * 3 * 4);
    nn_chain_free(c);
    nn_image_release(&img);
}

int main(void)
{
    struct gan o = { .size = 32, .latent = 16, .width = 16, .seed = 1 };
    struct nn_err err = { 0 };
    int count = 0;

    snprintf(dream, sizeof dream, "/tmp/nn_dream_%d.onnx", (int)getpid());
    CHECK_OK(gan_write(dream, &o, &err), &err);
    for (; nn_effects[count]; count++)
        test_each(nn_effects[count]);
    CHECK(count >= 6);
    CHECK(play_new(nn_effects, count, 161, 119, 1, 1, 0.7f) ==
          play_new(nn_effects, count, 161, 119, 1, 2, 0.7f));
    CHECK(nn_effect_find("FIREWORKS") == NULL);
    CHECK(nn_effect_find("") == NULL);
    test_seed_and_state();
    test_codes();
    test_no_strobe(nn_effects, count);
    remove(dream);
    return test_done();
}
