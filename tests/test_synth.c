/*
 * test_synth.c - scenes out of seeds: the same bits always, and a truth that can be measured in
 * the pictures.
 */
#include "common/hash.h"
#include "runtime/media/shots.h"
#include "runtime/synth/synth.h"
#include "tests/test.h"

enum { W = 160, H = 96 };

static void render(struct nn_synth_view *v, uint64_t seed, const struct nn_synth_look *look,
                   double t, struct nn_image *img, struct nn_synth_truth *truth)
{
    struct nn_err err = { 0 };
    struct nn_synth *s = nn_synth_scene(seed, look, &err);

    CHECK(s);
    if (!s)
        return;
    nn_synth_render(v, s, t, img);
    if (truth)
        nn_synth_truth(v, s, t, truth);
    nn_synth_free(s);
}

static void hash_of(const struct nn_image *img, nn_hash out)
{
    nn_hash_bytes(img->px, nn_image_size(img), out);
}

static void test_same_bits(void)
{
    struct nn_err err = { 0 };
    struct nn_pool *pool = nn_pool_new(3, &err);
    struct nn_synth_view *one = nn_synth_view_new(W, H, NULL, &err);
    struct nn_synth_view *three = nn_synth_view_new(W, H, pool, &err);
    struct nn_image img;

    nn_image_init(&img, W, H, 3, &err);
    for (uint64_t seed = 1; seed < 7; seed++) {
        nn_hash a, b, c, d;
        render(one, seed, NULL, 1.5, &img, NULL);
        hash_of(&img, a);
        render(one, seed, NULL, 0, &img, NULL);
        hash_of(&img, d);
        render(three, seed + 50, NULL, 3, &img, NULL);     /* which leaves no trace */
        render(three, seed, NULL, 1.5, &img, NULL);
        hash_of(&img, b);
        render(one, seed, NULL, 1.5, &img, NULL);
        hash_of(&img, c);
        CHECK(!strcmp(a, b));
        CHECK(!strcmp(a, c));
        CHECK(strcmp(a, d));
    }
    nn_image_release(&img);
    nn_synth_view_free(one);
    nn_synth_view_free(three);
    nn_pool_free(pool);
}

/* How much one frame's upper half, where nothing walks, differs from the next one's: drops. */
static double streaks(struct nn_synth_view *v, uint64_t seed, const struct nn_synth_look *look,
                      struct nn_image img[2])
{
    size_t half = nn_image_size(img) / 2;
    double sum = 0, light = 1;

    render(v, seed, look, 0.70, &img[0], NULL);
    render(v, seed, look, 0.75, &img[1], NULL);
    for (size_t i = 0; i < half; i++) {
        sum += abs(img[0].px[i] - img[1].px[i]);
        light += img[0].px[i];
    }
    return sum / light;
}

/* The share of the upper half where light of a colour begins or ends within two pixels: what tubes
 * do, and neither lit walls nor fog. */
static double glow(const struct nn_image *img)
{
    int64_t n = 0, all = (int64_t)img->w * (img->h / 2);

    for (int64_t i = 0; i < all; i++) {
        const uint8_t *p = img->px + 3 * i;
        int red = abs(p[0] - p[6]), green = abs(p[1] - p[7]), blue = abs(p[2] - p[8]);
        n += i % img->w + 2 < img->w && red + green + blue > 150;
    }
    return (double)n / (double)all;
}

static void test_looks(struct nn_synth_view *v, struct nn_image *img)
{
    double wet = 0, dry = 0, many = 0, few = 0;
    int busier = 0, brighter = 0, n = 12;
    struct nn_synth_truth truth;
    struct nn_image two[2];
    struct nn_err err = { 0 };

    nn_image_init(&two[0], W, H, 3, &err);
    nn_image_init(&two[1], W, H, 3, &err);
    for (int i = 0; i < n; i++) {
        struct nn_synth_look look = nn_synth_look_any();
        double a, b;
        look.place = i % NN_PLACES;
        look.fog = 0.1f;
        look.rain = 1;
        render(v, (uint64_t)i + 400, &look, 0.7, img, &truth);
        CHECK(truth.tag[NN_TAG_RAIN] && !truth.tag[NN_TAG_FOG]);
        wet += a = streaks(v, (uint64_t)i + 400, &look, two);
        look.rain = 0;
        render(v, (uint64_t)i + 400, &look, 0.7, img, &truth);
        CHECK(!truth.tag[NN_TAG_RAIN]);
        dry += b = streaks(v, (uint64_t)i + 400, &look, two);
        busier += a > 1.5 * b;
        look.place = i % 3;         /* where signs, not a door or a window, are the light */
        look.palette = 0;
        look.neon = 1;
        render(v, (uint64_t)i + 400, &look, 0, img, &truth);
        many += a = glow(img);
        look.neon = 0;
        render(v, (uint64_t)i + 400, &look, 0, img, &truth);
        few += b = glow(img);
        brighter += a > b;
    }
    printf("streaks %.3f in rain, %.3f without; glow %.3f with many signs, %.3f with few\n",
           wet / n, dry / n, many / n, few / n);
    CHECK(busier == n && wet > 2 * dry);
    CHECK(brighter >= n - 3 && many > 1.4 * few);
    nn_image_release(&two[0]);
    nn_image_release(&two[1]);
}

static double mean_in(const struct nn_image *img, struct nn_box b)
{
    double sum = 0;
    int n = 0;

    for (int y = (int)b.y; y < (int)(b.y + b.h + 0.5f) && y < img->h; y++)
        for (int x = (int)b.x; x < (int)(b.x + b.w + 0.5f) && x < img->w; x++, n++) {
            const uint8_t *p = img->px + 3 * ((size_t)y * (size_t)img->w + (size_t)x);
            sum += p[0] > p[1] ? p[0] > p[2] ? p[0] : p[2] : p[1] > p[2] ? p[1] : p[2];
        }
    return n ? sum / n : 0;
}

/* Signs are where their boxes are: brighter than the picture, and than what lies beside them. */
static void test_boxes(struct nn_synth_view *v, struct nn_image *img)
{
    int signs = 0, lit = 0, people = 0, dark = 0;

    for (uint64_t seed = 1; seed < 41; seed++) {
        struct nn_synth_truth truth;
        struct nn_box all = { 0, 0, W, H };
        double mean;
        render(v, seed, NULL, 0.5, img, &truth);
        mean = mean_in(img, all);
        for (int i = 0; i < truth.things; i++) {
            struct nn_box b = truth.thing[i].box;
            CHECK(b.x >= 0 && b.y >= 0 && b.x + b.w <= W + 0.01f && b.y + b.h <= H + 0.01f);
            CHECK(truth.thing[i].visible >= 0.4f && truth.thing[i].visible < 1.01f);
            if (truth.thing[i].kind == NN_THING_SIGN && b.w > 4 && b.h > 4) {
                signs++;
                lit += mean_in(img, b) > 1.15 * mean;
            } else if (truth.thing[i].kind == NN_THING_PERSON && b.h > 24) {
                struct nn_box core = { b.x + 0.4f * b.w, b.y + 0.4f * b.h, 0.2f * b.w,
                                       0.3f * b.h };
                struct nn_box beside = { b.x - 0.2f * b.w, core.y, 1.4f * b.w, core.h };
                people++;
                dark += mean_in(img, core) < mean_in(img, beside);
            }
        }
    }
    printf("%d of %d signs are lit, %d of %d people darker than what is beside them\n", lit, signs,
           dark, people);
    CHECK(signs > 60 && lit > 0.9 * signs);
    CHECK(people > 15 && dark > 0.8 * people);
}

static void test_moods(struct nn_synth_view *v)
{
    double valence[NN_EMOTIONS] = { 0 }, arousal[NN_EMOTIONS] = { 0 };
    enum { N = 12 };

    for (int m = 0; m < NN_EMOTIONS; m++)
        for (uint64_t i = 0; i < N; i++) {
            struct nn_synth_look look = nn_synth_look_any();
            struct nn_synth_truth truth = { .signs = 0 };
            struct nn_err err = { 0 };
            struct nn_synth *s;
            look.mood = m;
            CHECK(s = nn_synth_scene(i + 900, &look, &err));
            nn_synth_truth(v, s, 0, &truth);
            nn_synth_free(s);
            valence[m] += (double)truth.valence / N;
            arousal[m] += (double)truth.arousal / N;
        }
    for (int m = 0; m < NN_EMOTIONS; m++)
        printf("%-10s valence %+.2f, arousal %+.2f\n", nn_emotions[m].name, valence[m], arousal[m]);
    CHECK(valence[NN_HAPPY] > 0.2 && valence[NN_SAD] < -0.2);
    CHECK(valence[NN_HAPPY] > valence[NN_ANGRY] && valence[NN_HAPPY] > valence[NN_FEAR]);
    CHECK(arousal[NN_ANGRY] > arousal[NN_NEUTRAL] && arousal[NN_NEUTRAL] > arousal[NN_SAD]);
    CHECK(arousal[NN_SURPRISE] > 0.2 && arousal[NN_SAD] < -0.2);
}

/* Cuts that are known are the cuts that are found. */
static void test_cuts(struct nn_synth_view *v, struct nn_image *img)
{
    struct nn_err err = { 0 };
    struct nn_shots *shots = nn_shots_new(&err);
    const struct nn_shot *found;
    int count;

    for (int shot = 0; shot < 4; shot++) {
        struct nn_synth_look look = nn_synth_look_any();
        struct nn_synth *s;
        look.place = shot;
        look.palette = 2 * shot;
        s = nn_synth_scene((uint64_t)shot + 30, &look, &err);
        for (int n = 0; s && n < 14; n++) {
            nn_synth_render(v, s, n / 24.0, img);
            CHECK(nn_shots_feed(shots, img, &err) >= 0);
        }
        nn_synth_free(s);
    }
    CHECK(!nn_shots_finish(shots, &found, &count, &err));
    CHECK(count == 4);
    for (int i = 0; i < count && i < 4; i++)
        CHECK(found[i].start == 14 * i);
    nn_shots_free(shots);
}

static void test_sizes(void)
{
    static const int size[][2] = { { 16, 16 }, { 17, 33 }, { 300, 18 }, { 19, 260 } };
    struct nn_err err = { 0 };

    for (size_t i = 0; i < sizeof size / sizeof *size; i++) {
        struct nn_synth_view *v = nn_synth_view_new(size[i][0], size[i][1], NULL, &err);
        struct nn_image img;
        CHECK(v);
        nn_image_init(&img, size[i][0], size[i][1], 3, &err);
        for (int place = 0; place < NN_PLACES; place++) {
            struct nn_synth_look look = { 1, 1, 1, 1, 1, 1, place, place, NN_ANGRY };
            struct nn_synth_truth truth = { .signs = 0 };
            render(v, 5, &look, 3599, &img, &truth);
            CHECK(truth.place == place && truth.tag[NN_TAG_STREET + place]);
        }
        nn_image_release(&img);
        nn_synth_view_free(v);
    }
    CHECK(!nn_synth_view_new(15, 100, NULL, &err));
    CHECK(err.code == NN_EUSAGE);
    CHECK(!nn_synth_view_new(100, 5000, NULL, NULL));
}

int main(void)
{
    struct nn_err err = { 0 };
    struct nn_synth_view *v = nn_synth_view_new(W, H, NULL, &err);
    struct nn_image img;

    if (!v || nn_image_init(&img, W, H, 3, &err)) {
        fprintf(stderr, "%s\n", err.msg);
        return 1;
    }
    test_same_bits();
    test_looks(v, &img);
    test_boxes(v, &img);
    test_moods(v);
    test_cuts(v, &img);
    test_sizes();
    nn_image_release(&img);
    nn_synth_view_free(v);
    return test_done();
}
