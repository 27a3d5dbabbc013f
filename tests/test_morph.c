/* Splines that hit their points and do not fold, skins that change colour, seams that do not
 * show, and what a face's points and a consent may be written like. */
#include "common/rng.h"
#include "runtime/morph/consent.h"
#include "runtime/morph/dissolve.h"
#include "runtime/morph/express.h"
#include "runtime/morph/swap.h"
#include "test.h"

static struct nn_err err;

static const float usual[5][2] = { { 60, 60 }, { 100, 61 }, { 81, 83 }, { 64, 106 },
                                   { 97, 107 } };

/* A drawn face: an oval of skin with eyes and a mouth over a ground that says where it is. */
static void draw(struct nn_image *img, const float five[5][2], const int skin[3], int ground)
{
    float eyes = five[1][0] - five[0][0], cx = (five[0][0] + five[1][0]) / 2;
    float cy = five[0][1] + 0.55f * eyes;

    for (int y = 0; y < img->h; y++)
        for (int x = 0; x < img->w; x++) {
            uint8_t *px = img->px + 3 * (y * img->w + x);
            float u = ((float)x - cx) / (1.1f * eyes), v = ((float)y - cy) / (1.5f * eyes);
            int in = u * u + v * v < 1;
            for (int c = 0; c < 3; c++)
                px[c] = (uint8_t)(in ? skin[c] + (x * 3 + y * 5) % 7 - (int)(20 * v)
                                     : ground + (x + 2 * y + 5 * c) % 40);
            for (int i = 0; i < 5; i++) {
                float d = hypotf((float)x - five[i][0], (float)y - five[i][1]);
                if (d < 0.1f * eyes && i != 2)
                    px[0] = px[1] = px[2] = (uint8_t)(i < 2 ? 20 : 90);
            }
        }
}

static void spline(void)
{
    struct nn_spline *s = nn_spline_new(&err);
    float from[40][2], to[40][2], at[2], most = 0, bend[2] = { 0 };
    struct nn_rng r;

    nn_rng_seed(&r, 7, 1);
    for (int i = 0; i < 40; i++)
        for (int c = 0; c < 2; c++) {
            from[i][c] = 400 * nn_rng_float(&r);
            to[i][c] = from[i][c] + 30 * nn_rng_float(&r) - 15;
        }
    CHECK_OK(nn_spline_fit(s, (const float (*)[2])from, (const float (*)[2])to, 40, 0, &err), &err);
    for (int i = 0; i < 40; i++) {
        nn_spline_at(s, from[i][0], from[i][1], at);
        most = fmaxf(most, fmaxf(fabsf(from[i][0] + at[0] - to[i][0]),
                                 fabsf(from[i][1] + at[1] - to[i][1])));
    }
    CHECK(most < 0.02f);
    /* Smooth: nearer to a point its slope changes less, which at triangles' edges it does not. */
    for (int near = 0; near < 2; near++)
        for (int i = 0; i < 40; i++) {
            float v[3][2], step = near ? 0.125f : 1;
            for (int k = 0; k < 3; k++)
                nn_spline_at(s, from[i][0] + step * (float)(k - 1), from[i][1], v[k]);
            bend[near] += fabsf(v[0][0] - 2 * v[1][0] + v[2][0]) / step;
        }
    CHECK(bend[1] < 0.3f * bend[0]);

    /* What is affine stays affine everywhere; what stays moves by nothing at all. */
    for (int i = 0; i < 40; i++) {
        to[i][0] = 1.1f * from[i][0] - 0.2f * from[i][1] + 5;
        to[i][1] = 0.3f * from[i][0] + 0.9f * from[i][1] - 7;
    }
    CHECK_OK(nn_spline_fit(s, (const float (*)[2])from, (const float (*)[2])to, 40, 0, &err), &err);
    nn_spline_at(s, 700, -90, at);
    CHECK_NEAR(700 + (double)at[0], 1.1 * 700 + 0.2 * 90 + 5, 0.05);
    CHECK_NEAR(-90 + (double)at[1], 0.3 * 700 - 0.9 * 90 - 7, 0.05);
    CHECK_OK(nn_spline_fit(s, (const float (*)[2])from, (const float (*)[2])from, 40, 0, &err),
             &err);
    nn_spline_at(s, 123, 45, at);
    CHECK(at[0] == 0 && at[1] == 0);

    for (int i = 0; i < 40; i++)
        from[i][0] = from[i][1] = (float)i;
    CHECK(nn_spline_fit(s, (const float (*)[2])from, (const float (*)[2])to, 40, 0, &err) < 0);
    CHECK(err.code == NN_EFORMAT);
    CHECK(nn_spline_fit(s, (const float (*)[2])from, (const float (*)[2])to, 2, 0, &err) < 0);
    nn_spline_free(s);
}

/* Points that would tear the plane over itself: the warp gives in instead. */
static void folds(void)
{
    float from[20][2], to[20][2];
    struct nn_spline *s = nn_spline_new(&err);
    struct nn_warp g;

    for (int i = 0; i < 16; i++) {
        from[i][0] = to[i][0] = (float)(i % 4) * 100;
        from[i][1] = to[i][1] = (float)(i / 4) * 100;
    }
    for (int i = 0; i < 4; i++) {       /* neighbours that change places */
        from[16 + i][0] = 130 + 10 * (float)i;
        to[16 + i][0] = 160 - 10 * (float)i;
        from[16 + i][1] = to[16 + i][1] = 150;
    }
    CHECK_OK(nn_warp_init(&g, 301, 301, 8, &err), &err);
    CHECK_OK(nn_warp_fit(&g, s, (const float (*)[2])from, (const float (*)[2])to, 20, NULL, &err),
             &err);
    CHECK(g.least > 0);
    nn_warp_release(&g);
    nn_spline_free(s);
}

static void sampling(void)
{
    struct nn_image img, back;
    struct nn_pixels p, half, out;
    float x[4] = { 3, 7, -5, 100 }, y[4] = { 2, 9, -5, 100 }, got[16];
    int equal = 1;

    CHECK_OK(nn_image_init(&img, 19, 13, 3, &err), &err);
    CHECK_OK(nn_image_init(&back, 19, 13, 3, &err), &err);
    for (size_t i = 0; i < nn_image_size(&img); i++)
        img.px[i] = (uint8_t)(i * 37);
    nn_pixels_init(&p, 19, 13, &err);
    nn_pixels_init(&out, 9, 7, &err);
    nn_pixels_load(&p, &img, NULL);
    nn_pixels_store(&p, &back, NULL);
    CHECK(!memcmp(img.px, back.px, nn_image_size(&img)));
    nn_pixels_sample(&p, x, y, 4, got);
    CHECK(!memcmp(got, p.px + 4 * (2 * 19 + 3), 16));
    CHECK(!memcmp(got + 4, p.px + 4 * (9 * 19 + 7), 16));
    CHECK(!memcmp(got + 8, p.px, 16) && !memcmp(got + 12, p.px + 4 * (19 * 13 - 1), 16));
    nn_pixels_place(&p, 4, 3, 1, &out, NULL);
    for (int j = 0; j < 7; j++)
        equal &= !memcmp(out.px + 4 * 9 * j, p.px + 4 * (19 * (j + 3) + 4), 16 * 9);
    CHECK(equal);
    CHECK_OK(nn_pixels_half(&p, &half, &err), &err);
    CHECK(half.w == 10 && half.h == 7);
    CHECK_NEAR(half.px[0], (p.px[0] + p.px[4] + p.px[76] + p.px[80]) / 4, 1e-6);
    nn_pixels_place(&p, 0, 0, 2, &out, NULL);
    CHECK_NEAR(out.px[0], half.px[0], 1e-6);
    nn_pixels_release(&p);
    nn_pixels_release(&half);
    nn_pixels_release(&out);
    nn_image_release(&img);
    nn_image_release(&back);
}

/* A skin mapped to another's colours has its mean and its covariance. */
static void colours(void)
{
    struct nn_tone a, b, got;
    struct nn_tone_map m;
    struct nn_pixels p;
    struct nn_rng r;

    nn_rng_seed(&r, 3, 1);
    nn_pixels_init(&p, 64, 64, &err);
    for (int i = 0; i < 64 * 64; i++) {
        float l = nn_rng_float(&r), k = nn_rng_float(&r);
        const float v[3] = { 0.5f + 0.2f * l, 0.35f + 0.15f * l + 0.02f * k, 0.3f + 0.1f * l };
        for (int c = 0; c < 3; c++)
            p.px[4 * i + c] = v[c] * v[c];
        p.px[4 * i + 3] = 1;
    }
    CHECK(!nn_tone_of(&p, &a));
    b = a;
    for (int i = 0; i < 3; i++) {
        b.mean[i] = a.mean[i] * (0.8f - 0.1f * (float)i) + 0.05f;
        for (int j = 0; j < 3; j++)
            b.cov[i][j] *= 0.6f;
    }
    nn_tone_between(&a, &b, &m);
    nn_tone_apply(&m, 1, p.px, 64 * 64);
    nn_tone_of(&p, &got);
    for (int i = 0; i < 3; i++) {
        CHECK_NEAR(got.mean[i], b.mean[i], 0.002);
        for (int j = 0; j < 3; j++)
            CHECK_NEAR(got.cov[i][j], b.cov[i][j], 0.1 * (double)b.cov[0][0]);
    }
    nn_tone_between(&a, &a, &m);
    CHECK(!m.any);
    memset(p.px, 0, 64 * 64 * 16);
    CHECK(nn_tone_of(&p, &a) < 0);
    nn_pixels_release(&p);
}

static int make_side(struct nn_side *s, const struct nn_image *img, const float five[5][2])
{
    nn_shape_from_five(&s->shape, five);
    return nn_pixels_init(&s->px, img->w, img->h, &err) || (nn_pixels_load(&s->px, img, NULL), 0);
}

static void dissolve(void)
{
    static const int light[3] = { 220, 180, 160 }, dark[3] = { 120, 80, 60 };
    float other[5][2];
    struct nn_dissolve d[2], own;
    struct nn_pixels out[2];
    struct nn_image a, b;
    struct nn_pool *pool = nn_pool_new(3, &err);
    size_t bytes;

    for (int i = 0; i < 5; i++) {
        other[i][0] = 1.1f * usual[i][0] - 2;
        other[i][1] = 0.95f * usual[i][1] + 9;
    }
    memset(d, 0, sizeof d);
    memset(&own, 0, sizeof own);
    nn_image_init(&a, 170, 190, 3, &err);
    nn_image_init(&b, 170, 190, 3, &err);
    draw(&a, usual, light, 60);
    draw(&b, (const float (*)[2])other, dark, 150);
    bytes = 16 * 170 * 190;
    for (int k = 0; k < 2; k++) {
        make_side(&d[k].side[0], &a, usual);
        make_side(&d[k].side[1], &b, (const float (*)[2])other);
        make_side(&own.side[k], &a, usual);
        nn_pixels_init(&out[k], 170, 190, &err);
        CHECK_OK(nn_dissolve_init(&d[k], k ? pool : NULL, &err), &err);
    }
    CHECK_OK(nn_dissolve_init(&own, pool, &err), &err);

    /* Both ends are the pictures, and just beside them hardly anything has changed. */
    for (int end = 0; end < 2; end++) {
        double far = 0;
        nn_dissolve_at(&d[0], (float)end, &out[0], &err);
        CHECK(!memcmp(out[0].px, d[0].side[end].px.px, bytes));
        nn_dissolve_at(&d[0], end ? 0.9999f : 0.0001f, &out[1], &err);
        for (size_t i = 0; i < bytes / 4; i++)
            far = i % 4 == 3 ? far : fmax(far, fabs((double)(out[0].px[i] - out[1].px[i])));
        CHECK(far < 0.01);
    }
    /* The same bits at any number of threads; in the middle a skin between both. */
    nn_dissolve_at(&d[0], 0.5f, &out[0], &err);
    nn_dissolve_at(&d[1], 0.5f, &out[1], &err);
    CHECK(!memcmp(out[0].px, out[1].px, bytes));
    CHECK(d[0].warp[0].least > 0 && d[0].warp[1].least > 0);
    {
        const float *px = out[0].px + 4 * (80 * 170 + 82);
        CHECK(px[0] < 0.68f && px[0] > 0.2f && px[0] > px[2]);
    }
    /* A face that becomes itself never changes. */
    nn_dissolve_at(&own, 0.4f, &out[0], &err);
    for (size_t i = 0, bad = 0; i < bytes / 4; i++) {
        bad += i % 4 < 3 && fabsf(out[0].px[i] - own.side[0].px.px[i]) > 1e-5f;
        if (i + 1 == bytes / 4)
            CHECK(bad == 0);
    }
    for (int k = 0; k < 2; k++) {
        nn_dissolve_release(&d[k]);
        nn_pixels_release(&out[k]);
    }
    nn_dissolve_release(&own);
    nn_image_release(&a);
    nn_image_release(&b);
    nn_pool_free(pool);
}

/* Another's face in this head: nothing at amount 0, nothing outside, its eyes inside; and in one's
 * own head one's own face looks the same. */
static void swap(void)
{
    static const int light[3] = { 220, 180, 160 };
    struct nn_shape s;
    struct nn_pixels frame;
    struct nn_image a, b;
    struct nn_swap *w;
    int outside = 0, inside = 0;

    nn_image_init(&a, 170, 190, 3, &err);
    nn_image_init(&b, 170, 190, 3, &err);
    draw(&a, usual, light, 60);
    nn_shape_from_five(&s, usual);
    nn_pixels_init(&frame, 170, 190, &err);
    CHECK((w = nn_swap_new(&a, &s, NULL, &err)) != NULL);
    for (int k = 0; k < 2; k++) {
        nn_pixels_load(&frame, &a, NULL);
        CHECK_OK(nn_swap_at(w, &s, (float)k, &frame, &err), &err);
        nn_pixels_store(&frame, &b, NULL);
        for (size_t i = 0; i < nn_image_size(&a); i++)
            inside += abs(a.px[i] - b.px[i]) > 1 + k;
        CHECK(inside == 0);
    }
    for (int i = 0; i < 170 * 190; i++)
        for (int c = 0; c < 3; c++)
            a.px[3 * i + c] = (uint8_t)(255 - a.px[3 * i + c]);
    nn_pixels_load(&frame, &a, NULL);
    CHECK_OK(nn_swap_at(w, &s, 1, &frame, &err), &err);
    nn_pixels_store(&frame, &b, NULL);
    for (int y = 0; y < 190; y++)
        for (int x = 0; x < 170; x++) {
            int far = x < 5 || y < 5 || x > 150 || y > 160;
            outside += far && memcmp(a.px + 3 * (170 * y + x), b.px + 3 * (170 * y + x), 3);
        }
    CHECK(outside == 0);
    CHECK(b.px[3 * (170 * 60 + 60)] < b.px[3 * (170 * 75 + 60)]);     /* an eye is dark again */
    s.count--;
    CHECK(nn_swap_at(w, &s, 1, &frame, &err) < 0);
    nn_swap_free(w);
    nn_pixels_release(&frame);
    nn_image_release(&a);
    nn_image_release(&b);
}

/* The mean face keeps its order: what is on the left, above, inside stays so. */
static void shapes(void)
{
    struct nn_shape s, turned, mid;
    float hull[NN_SHAPE_HULL][2], five[5][2], middle[2];
    int n;

    nn_shape_from_five(&s, usual);
    CHECK(s.face == NN_SHAPE_MEAN && s.count == NN_SHAPE_MEAN + NN_SHAPE_HEAD);
    for (int i = 0; i < 5; i++)
        CHECK(s.at[i][0] == usual[i][0] && s.at[i][1] == usual[i][1]);
    for (int i = 5; i < 19; i += 2)
        CHECK(s.at[i][0] < s.at[i + 1][0]);
    CHECK(s.at[15][1] < s.at[9][1] && s.at[9][1] < s.at[11][1] && s.at[23][1] < s.at[24][1]);
    n = nn_shape_hull(&s, 0, hull);
    CHECK(n >= 8);
    for (int i = 0; i < 5; i++)
        CHECK(nn_shape_inside((const float (*)[2])hull, n, 8, usual[i][0], usual[i][1]) > 0.9f);
    CHECK(nn_shape_inside((const float (*)[2])hull, n, 8, 80, 5) == 0);
    CHECK_NEAR(nn_shape_eyes(&s, middle), hypot(40, 1), 1e-3);
    memcpy(five, usual, sizeof five);
    five[2][0] += 9;            /* the nose aside: that cheek comes nearer */
    nn_shape_from_five(&turned, (const float (*)[2])five);
    CHECK(turned.at[33][0] - five[1][0] < s.at[33][0] - usual[1][0] - 3);
    nn_shape_mix(&s, &turned, 1, &mid);
    CHECK(mid.at[33][0] == turned.at[33][0]);
    nn_shape_place(&mid, 10, 20, 2);
    CHECK_NEAR(mid.at[0][0], (60 + 0.5 - 10) / 2 - 0.5, 1e-4);
}

static void words(void)
{
    static const struct { const char *text; int ok; } file[] = {
        { "{\"five\": [[60,60],[100,61],[81,83],[64,106],[97,107]]}", 1 },
        { "{\"five\": [[60,60],[100,61],[81,83],[64,106],[97,107]], \"note\": \"x\","
          "\"points\": [[1,2],[3,4],[5,9]]}", 1 },
        { "{\"five\": [[60,60],[100,61],[81,83],[64,106]]}", 0 },
        { "{\"five\": [[60,60],[100,61],[81,83],[64,106],[97]]}", 0 },
        { "{\"five\": [[60,60],[100,61],[81,83],[64,106],[97,\"a\"]]}", 0 },
        { "{\"five\": [[60,60],[100,61],[81,83],[64,106],[97,1e9]]}", 0 },
        { "{\"five\": [[60,60],[60,61],[81,83],[64,106],[97,107]]}", 0 },
        { "{\"five\": [[60,60],[100,61],[81,83],[64,106],[97,107]], \"points\": [[1,2]]}", 0 },
        { "{\"five\": [[60,60],[100,61],[81,83],[64,106],[97,107]], \"pints\": []}", 0 },
        { "{\"five\": {}}", 0 }, { "{}", 0 }, { "[]", 0 }, { "", 0 }, { "{\"five\": ", 0 },
    };
    static const struct { const char *text; int ok; } consent[] = {
        { "{\"name\": \"Ana\", \"purpose\": \"the film\"}", 1 },
        { "{\"name\": \"Ana\", \"purpose\": \"the film\", \"until\": \"2027-03-01\"}", 1 },
        { "{\"name\": \"Ana\", \"purpose\": \"the film\", \"until\": \"2027-02-28\"}", 0 },
        { "{\"name\": \"Ana\", \"purpose\": \"the film\", \"until\": \"tomorrow\"}", 0 },
        { "{\"name\": \"\", \"purpose\": \"the film\"}", 0 },
        { "{\"name\": \"A\\nB\", \"purpose\": \"the film\"}", 0 },
        { "{\"name\": \"Ana\"}", 0 }, { "{\"name\": 1, \"purpose\": \"x\"}", 0 },
        { "{\"name\": \"Ana\", \"purpose\": \"x\", \"why\": \"y\"}", 0 }, { "null", 0 }, { "", 0 },
    };
    char note[NN_CONSENT_NOTE];
    struct nn_shape s;

    for (size_t i = 0; i < sizeof file / sizeof *file; i++)
        CHECK((nn_shape_parse(&s, file[i].text, "x.json", 200, 200, &err) == 0) == file[i].ok);
    CHECK(!nn_shape_parse(&s, file[1].text, "x.json", 200, 200, &err) && s.face == 3);
    for (size_t i = 0; i < sizeof consent / sizeof *consent; i++)
        CHECK((nn_face_consent_parse(consent[i].text, "x", "2027-03-01", note, &err) == 0) ==
              consent[i].ok);
    CHECK(!strcmp(note, "face of Ana used with consent: the film"));
    CHECK(nn_face_consent("/nowhere/x.jpg", NULL, note, &err) < 0 && err.code == NN_EUSAGE);
    CHECK(nn_face_consent("/nowhere/x.jpg", "Ana", note, &err) < 0);
    CHECK(nn_face_consent("/nowhere/x.jpg", "Ana: ", note, &err) < 0);
}

/* A mouth that goes down a little goes down twice as far, or not at all; nothing else moves, and
 * once as far is the picture itself. */
static void express(void)
{
    static struct nn_express e;
    struct nn_face_window at = { 100, 100, 128, 0 };
    uint8_t rest[NN_FLOW_SIDE * NN_FLOW_SIDE], now[sizeof rest];
    float x, more, less, brow;

    for (int y = 0; y < NN_FLOW_SIDE; y++)
        for (int i = 0; i < NN_FLOW_SIDE; i++) {
            float v[2];
            for (int k = 0; k < 2; k++) {
                float d = hypotf((float)i - 64, (float)y - 88) / 22;
                float from = (float)y - (k ? 2.5f * expf(-d * d) : 0);
                v[k] = 120 + 50 * sinf(0.5f * (float)i + 0.2f * from) * cosf(0.45f * from);
            }
            rest[y * NN_FLOW_SIDE + i] = (uint8_t)v[0];
            now[y * NN_FLOW_SIDE + i] = (uint8_t)v[1];
        }
    memset(&e, 0, sizeof e);
    nn_express_rest(&e, rest);
    nn_express_look(&e, now, 0);
    nn_express_aim(&e, 1);
    nn_express_row(&e, &at, 124, 100, 1, &x, &more);
    CHECK(x == 100 && more == 124);
    nn_express_aim(&e, 2);
    nn_express_row(&e, &at, 124, 100, 1, &x, &more);
    nn_express_row(&e, &at, 70, 100, 1, &x, &brow);
    CHECK(more < 123.3f && more > 120);         /* drawn from above: it lies lower */
    CHECK_NEAR(brow, 70, 0.4);
    nn_express_aim(&e, 0);
    nn_express_row(&e, &at, 124, 100, 1, &x, &less);
    CHECK(less > 124.7f && less < 128);
    nn_express_row(&e, &at, 20, 100, 1, &x, &less);
    CHECK(less == 20);
}

int main(void)
{
    express();
    spline();
    folds();
    sampling();
    colours();
    shapes();
    dissolve();
    swap();
    words();
    return test_done();
}
