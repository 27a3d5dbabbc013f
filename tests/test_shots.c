/*
 * test_shots.c - cuts, fades, dissolves and what is none of them, painted; then
 * real films whose cuts are known.
 */
#include "common/rng.h"
#include "runtime/media/reader.h"
#include "runtime/media/shots.h"
#include "tests/test.h"

enum { W = 160, H = 90 };

/* Scene k at time n: big soft blobs that drift. `light` scales it. */
static void scene(struct nn_image *img, int k, int n, float light)
{
    struct nn_rng rng;
    float cx[6], cy[6], amp[6][3];

    nn_rng_seed(&rng, 7, (uint64_t)k);
    for (int b = 0; b < 6; b++) {
        cx[b] = nn_rng_range(&rng, 0, W) + (float)n * nn_rng_range(&rng, -.4f, .4f);
        cy[b] = nn_rng_range(&rng, 0, H);
        for (int c = 0; c < 3; c++)
            amp[b][c] = nn_rng_range(&rng, 20, 200);
    }
    for (int i = 0; i < W * H; i++)
        for (int c = 0; c < 3; c++) {
            float v = 10;
            for (int b = 0; b < 6; b++) {
                float dx = (float)(i % W) - cx[b], dy = (float)(i / W) - cy[b];
                v += amp[b][c] * expf(-(dx * dx + dy * dy) / 500);
            }
            img->px[3 * i + c] = (uint8_t)fminf(255, light * v);
        }
}

static void mix(struct nn_image *a, const struct nn_image *b, float t)
{
    for (size_t i = 0; i < nn_image_size(a); i++)
        a->px[i] = (uint8_t)((1 - t) * (float)a->px[i] + t * (float)b->px[i] + .5f);
}

/* What film `kind` shows at n. */
static void paint(struct nn_image *img, struct nn_image *tmp, char kind, int n)
{
    float light = 1;

    switch (kind) {
    case 'c':   /* cuts at 40 and 70 */
    case 'd':   /* the same in the dark */
        scene(img, n < 40 ? 1 : n < 70 ? 2 : 3, n, kind == 'd' ? 0.25f : 1);
        break;
    case 'f':   /* through black: dark from 45 to 55 */
        light = n < 30 ? 1 : n < 45 ? (45 - (float)n) / 15 : n < 55 ? 0
              : n < 70 ? ((float)n - 55) / 15 : 1;
        scene(img, n < 50 ? 1 : 2, n, light);
        break;
    case 'x':   /* a dissolve from 40 to 60 */
        scene(img, 1, n, 1);
        scene(tmp, 2, n, 1);
        mix(img, tmp, n < 40 ? 0 : n > 60 ? 1 : ((float)n - 40) / 20);
        break;
    case 'l':   /* lightning, and the light goes half off at 60 */
        scene(img, 1, n, n >= 60 ? 0.5f : 1);
        if (n == 30 || n == 31)
            memset(img->px, 250, nn_image_size(img));
        break;
    default:    /* one shot */
        scene(img, 1, n, 1);
    }
}

static void test_painted(char kind, int count, int64_t first, int64_t second, int tolerance)
{
    struct nn_err err = { 0 };
    struct nn_shots *s = nn_shots_new(&err);
    struct nn_image img, tmp;
    const struct nn_shot *shot;
    int n = 0, live = 0;

    CHECK_OK(nn_image_init(&img, W, H, 3, &err), &err);
    CHECK_OK(nn_image_init(&tmp, W, H, 3, &err), &err);
    for (int i = 0; i < 100; i++) {
        paint(&img, &tmp, kind, i);
        int cut = nn_shots_feed(s, &img, &err);
        CHECK(cut >= 0 && (!cut || kind == 'l' || i == first || i == second));
        live += cut;
    }
    CHECK_OK(nn_shots_finish(s, &shot, &n, &err), &err);
    if (n != count)
        fprintf(stderr, "film %c: %d shots\n", kind, n);
    CHECK(n == count && shot[0].start == 0 && shot[n - 1].end == 100);
    for (int i = 0; i < n; i++)
        CHECK(shot[i].poster >= shot[i].start && shot[i].poster < shot[i].end);
    if (n > 1)
        CHECK(llabs(shot[1].start - first) <= tolerance);
    if (n > 2)
        CHECK(shot[2].start == second);
    if (kind == 'c')
        CHECK(live == 2);
    nn_image_release(&img);
    nn_image_release(&tmp);
    nn_shots_free(s);
}

static void test_empty(void)
{
    struct nn_err err = { 0 };
    struct nn_shots *s = nn_shots_new(&err);
    const struct nn_shot *shot;
    int n = -1;

    CHECK_OK(nn_shots_finish(s, &shot, &n, &err), &err);
    CHECK(n == 0);
    nn_shots_free(s);
    nn_shots_free(NULL);
}

/* `starts` ends with -1. */
static void test_film(const char *path, int64_t frames, const int64_t *starts, int tolerance)
{
    struct nn_err err = { 0 };
    struct nn_reader *r = nn_reader_open(path, &err);
    struct nn_shots *s = nn_shots_new(&err);
    const struct nn_image *img;
    const struct nn_shot *shot;
    int64_t pts;
    int n, ret;

    CHECK(r != NULL);
    while (r && (ret = nn_reader_next(r, &img, &pts, &err)) > 0)
        CHECK(nn_shots_feed(s, img, &err) >= 0);
    if (r)
        CHECK_OK(ret, &err);
    CHECK_OK(nn_shots_finish(s, &shot, &n, &err), &err);
    CHECK(n > 0 && shot[n - 1].end == frames);
    for (int i = 0; i < n && starts[i] >= 0; i++)
        CHECK(llabs(shot[i].start - starts[i]) <= tolerance);
    CHECK(starts[n] == -1);
    nn_shots_free(s);
    nn_reader_close(r);
}

int main(void)
{
    static const char megamind[] = "/usr/share/doc/opencv-doc/examples/data/Megamind.avi";
    const char *data = test_data();
    char path[300];

    test_painted('c', 3, 40, 70, 0);
    test_painted('d', 3, 40, 70, 0);
    test_painted('f', 2, 50, -1, 3);
    test_painted('x', 2, 50, -1, 4);
    test_painted('l', 1, -1, -1, 0);
    test_painted('o', 1, -1, -1, 0);
    test_empty();
    if (!access(megamind, R_OK))
        test_film(megamind, 270, (const int64_t[]){ 0, 98, 154, 200, -1 }, 0);
    if (!data)
        SKIP("no test data");
    /* PySceneDetect's list, 0, 201 and 382, names its fades alone; the dissolve from the
     * leaf to the fence around 546 was found by eye. */
    snprintf(path, sizeof path, "%s/video/pyscenedetect/testvideo.mp4", data);
    test_film(path, 720, (const int64_t[]){ 0, 201, 382, 548, -1 }, 5);
    snprintf(path, sizeof path, "%s/video/asl/book.mkv", data);
    test_film(path, 109, (const int64_t[]){ 0, -1 }, 0);
    return test_done();
}
