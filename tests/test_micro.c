/*
 * Micro-expressions: a drawn head whose brows and mouth move by known amounts at known times, and
 * all that must not count: turns, nods, steps, blinks, glances, flicker, noise, long smiles, cuts.
 * Then photographed faces, warped by known amounts, seen as a detector sees them.
 */
#include "common/image.h"
#include "common/rng.h"
#include "runtime/face/detect.h"
#include "runtime/face/micro.h"
#include "runtime/media/picture.h"
#include "tests/test.h"

enum { W = 280, H = 280 };
static const float SIDE = 160;      /* pixels: of the face's box */

/* How the head is at one moment; lengths in half sides of the face. */
struct pose {
    float x, y, yaw, pitch;         /* where it is, radians */
    float brows, corner, mouth;     /* raised; one corner pulled; both */
    float lid, gaze;                /* 0..1 shut; eyes to the side */
    float gain, shade;              /* of the light; from one side */
    float noise;                    /* grey levels */
};

/* Much like a Gaussian of deviation r, and nothing beyond 3 r. */
static float bump(float x, float y, float cx, float cy, float r)
{
    float v = 1 - ((x - cx) * (x - cx) + (y - cy) * (y - cy)) / (9 * r * r);

    return v < 0 ? 0 : v * v * v * v;
}

/* Paint of skin over -2..2, smooth noise on two lattices; made once. */
enum { TONE = 256 };
static float tone[TONE + 1][TONE + 1];

static void make_skin(struct nn_rng *rng)
{
    static const int cell[2] = { 10, 3 };

    for (int o = 0; o < 2; o++) {
        static float dot[TONE][TONE];
        for (int i = 0; i < TONE * TONE; i++)
            dot[i / TONE][i % TONE] = nn_rng_range(rng, -1, 1) * (o ? 14 : 10);
        for (int y = 0; y <= TONE; y++)
            for (int x = 0; x <= TONE; x++) {
                int cx = x / cell[o], cy = y / cell[o];
                float ax = (float)(x % cell[o]) / (float)cell[o];
                float ay = (float)(y % cell[o]) / (float)cell[o];
                float top = dot[cy][cx] + ax * (dot[cy][cx + 1] - dot[cy][cx]);
                float low = dot[cy + 1][cx] + ax * (dot[cy + 1][cx + 1] - dot[cy + 1][cx]);
                tone[y][x] += top + ay * (low - top);
            }
    }
}

static float skin(float x, float y)
{
    float u = (x + 2) * (TONE / 4), v = (y + 2) * (TONE / 4), ax, ay;
    int i, j;

    u = u < 0 ? 0 : u > TONE - 1 ? TONE - 1 : u;
    v = v < 0 ? 0 : v > TONE - 1 ? TONE - 1 : v;
    i = (int)u;
    j = (int)v;
    ax = u - (float)i;
    ay = v - (float)j;
    return (tone[j][i] * (1 - ax) + tone[j][i + 1] * ax) * (1 - ay) +
           (tone[j + 1][i] * (1 - ax) + tone[j + 1][i + 1] * ax) * ay;
}

static float step_of(float x)
{
    float v = 0.5f + 20 * x;

    return v < 0 ? 0 : v > 1 ? 1 : v;
}

/* The head's paint at (x, y), -1..1 over the face: eyes at y -0.28, the mouth at 0.6. */
static float paint(const struct pose *p, float x, float y)
{
    float v, side = x < 0 ? -1 : 1, ex = fabsf(x) - 0.40f, ey = y + 0.28f, lid, my;

    y += p->brows * (bump(x, y, -0.4f, -0.62f, 0.16f) + bump(x, y, 0.4f, -0.62f, 0.16f));
    y += p->corner * bump(x, y, 0.32f, 0.6f, 0.14f);
    y += p->mouth * (bump(x, y, -0.32f, 0.6f, 0.14f) + bump(x, y, 0.32f, 0.6f, 0.14f));
    v = 150 + skin(x, y);
    if (y < -0.4f)
        return v - 75 * step_of(0.055f - fabsf(y + 0.62f - 0.12f * ex * ex)) *
                   step_of(0.2f - fabsf(ex));
    my = y - 0.6f - 0.1f * x * x;
    v -= 45 * step_of(0.09f - fabsf(my)) * step_of(0.34f - fabsf(x));
    v -= 60 * step_of(0.02f - fabsf(my)) * step_of(0.34f - fabsf(x));
    v -= 40 * bump(x, y, 0.1f, 0.22f, 0.05f) + 40 * bump(x, y, -0.1f, 0.22f, 0.05f);
    lid = -0.09f + 0.18f * p->lid;              /* the upper lid's edge */
    if (ex * ex / 0.03f + ey * ey / 0.0081f < 1 && ey > lid) {
        float iris = ex * side - p->gaze;
        v = iris * iris + ey * ey < 0.007f ? 35 : 215;
    } else if (ex * ex / 0.03f + ey * ey / 0.0081f < 1.4f) {
        v -= 55 * step_of(0.03f - fabsf(ey - lid));     /* lashes */
    }
    return v;
}

/* A dome with a nose on it: not quite that of micro_flow.c. */
static float depth(float x, float y)
{
    float v = 1 - x * x / 1.6f - y * y / 2.6f;

    return 0.95f * (v < 0 ? 0 : sqrtf(v)) + 0.22f * bump(x, y, 0, 0.15f, 0.16f) - 0.7f;
}

static void draw(const struct pose *p, struct nn_rng *rng, struct nn_image *img,
                 struct nn_track *k)
{
    static const float at[5][2] = { { -0.4f, -0.28f }, { 0.4f, -0.28f }, { 0, 0.15f },
                                    { -0.34f, 0.62f }, { 0.34f, 0.62f } };
    const float turn[4] = { sinf(p->yaw), cosf(p->yaw), sinf(p->pitch), cosf(p->pitch) };
    float half = SIDE / 2, cx = W / 2 + p->x * half, cy = H / 2 + p->y * half;

    for (int v = 0; v < H; v++)
        for (int u = 0; u < W; u++) {
            float sx = ((float)u - cx) / half, sy = ((float)v - cy) / half, x = sx, y = sy, g;
            for (int i = 0; i < 2 && sx * sx < 1.6f && sy * sy < 2.5f; i++) {
                float z = depth(x, y);
                x = (sx - z * turn[0]) / turn[1];
                y = (sy - z * turn[2]) / turn[3];
            }
            g = x * x / 1.3f + y * y / 2.2f < 1
                    ? paint(p, x, y) : 70 + 2 * skin((float)u / 70 - 2, (float)v / 70 - 2);
            g *= p->gain * (1 + p->shade * sx);
            g += 0.5f + p->noise * nn_rng_range(rng, -1.73f, 1.73f);
            img->px[v * W + u] = (uint8_t)(g < 0 ? 0 : g > 255 ? 255 : g);
        }
    k->id = 1;
    k->box = (struct nn_box){ cx - half, cy - half, SIDE, SIDE };
    k->points = 5;
    for (int i = 0; i < 5; i++) {
        float z = depth(at[i][0], at[i][1]);
        k->point[i][0] = cx + half * (at[i][0] * turn[1] + z * turn[0]);
        k->point[i][1] = cy + half * (at[i][1] * turn[3] + z * turn[2]);
    }
}

/* 0 at `from`, 1 at `top`, 0 at `to`; straight lines. */
static float tent(double t, double from, double top, double to)
{
    if (t <= from || t >= to)
        return 0;
    return (float)(t < top ? (t - from) / (top - from) : (to - t) / (to - top));
}

/* What happens in a film: sets the pose of second t. */
typedef void script(double t, struct pose *p);

enum { MOST = 8 };

/* Plays `seconds` of a script at `fps`; returns how many micro-expressions there were. */
static int play(script *what, double fps, double seconds, uint64_t seed,
                struct nn_micro_event out[MOST], int64_t *blinks)
{
    float calm[NN_EMOTIONS] = { [NN_NEUTRAL] = 0.7f, [NN_SAD] = 0.2f, [NN_HAPPY] = 0.1f };
    struct nn_err err = { 0 };
    struct nn_micro *m = nn_micro_new(&err);
    struct nn_track k = { 0 };
    struct nn_image img;
    struct nn_rng rng;
    int n = 0;

    nn_rng_seed(&rng, seed, 0);
    CHECK(m && !nn_image_init(&img, W, H, 1, &err));
    for (int i = 0; i < (int)(seconds * fps); i++) {
        struct pose p = { .gain = 1, .noise = 1.5f };
        double t = i / fps;
        what(t, &p);
        p.x += 0.02f * sinf((float)t * 1.3f);           /* nobody holds still */
        p.yaw += 0.02f * sinf((float)t * 0.9f + 1);
        draw(&p, &rng, &img, &k);
        n += nn_micro_look(m, &img, &k, calm, t, &out[n < MOST ? n : MOST - 1]);
    }
    if (blinks)
        *blinks = nn_micro_blinks(m);
    nn_image_release(&img);
    nn_micro_free(m);
    return n;
}

static void raise_brows(double t, struct pose *p) { p->brows = 0.08f * tent(t, 1.5, 1.62, 1.82); }
static void pull_corner(double t, struct pose *p) { p->corner = 0.08f * tent(t, 1.5, 1.7, 1.9); }
static void flash_smile(double t, struct pose *p) { p->mouth = 0.10f * tent(t, 1.5, 1.6, 1.7); }
static void small_brows(double t, struct pose *p) { p->brows = 0.03f * tent(t, 1.5, 1.62, 1.82); }

/* In a moving head. */
static void sway_and_raise(double t, struct pose *p)
{
    p->x = 0.15f * sinf((float)t * 2);
    p->brows = 0.08f * tent(t, 1.5, 1.62, 1.82);
}

static void nothing(double t, struct pose *p) { (void)t; (void)p; }
static void turn(double t, struct pose *p) { p->yaw = 0.35f * tent(t, 1.5, 1.7, 1.9); }
static void turn_away(double t, struct pose *p) { p->yaw = 0.45f * tent(t, 1.5, 1.9, 9); }
static void nod(double t, struct pose *p) { p->pitch = 0.25f * tent(t, 1.5, 1.7, 1.9); }
static void step_aside(double t, struct pose *p) { p->x = 0.4f * tent(t, 1.5, 1.8, 2.1); }
static void blink(double t, struct pose *p)
{
    p->lid = tent(t, 1.5, 1.58, 1.74) + tent(t, 2.4, 2.46, 2.6);
}


static void glance(double t, struct pose *p) { p->gaze = 0.1f * tent(t, 1.5, 1.6, 1.8); }
static void flicker(double t, struct pose *p) { p->gain = 1 + 0.25f * sinf((float)t * 40); }
static void lamp(double t, struct pose *p) { p->shade = 0.3f * tent(t, 1.5, 1.7, 1.9); }
static void long_smile(double t, struct pose *p) { p->mouth = 0.12f * tent(t, 1.5, 1.7, 3.2); }
static void held_smile(double t, struct pose *p)
{
    p->mouth = 0.12f * (tent(t, 1, 1.1, 9) > 0 && t < 2 ? fminf((float)(t - 1) * 8, 1) : 0);
}
static void talk(double t, struct pose *p)
{
    p->mouth = t > 0.5 ? 0.04f + 0.04f * sinf((float)t * 25) : 0;
}

static void test_found(void)
{
    static const struct { const char *name; script *what; int region; double apex, offset; } c[] = {
        { "brows", raise_brows, NN_MICRO_BROWS, 1.62, 1.82 },
        { "corner", pull_corner, NN_MICRO_MOUTH, 1.7, 1.9 },
        { "smile", flash_smile, NN_MICRO_MOUTH, 1.6, 1.7 },
        { "small", small_brows, NN_MICRO_BROWS, 1.62, 1.82 },
        { "swaying", sway_and_raise, NN_MICRO_BROWS, 1.62, 1.82 },
    };
    static const double fps[] = { 25, 30, 60 };

    for (size_t i = 0; i < sizeof c / sizeof *c; i++)
        for (size_t f = 0; f < (i ? 2 : sizeof fps / sizeof *fps); f++) {
            struct nn_micro_event e[MOST] = { { 0 } };
            int n;
            n = play(c[i].what, fps[f], 2.4, 1, e, NULL);
            CHECK(n == 1);
            if (n != 1) {
                fprintf(stderr, "%s at %g frames a second: %d\n", c[i].name, fps[f], n);
                continue;
            }
            CHECK(e[0].region == (enum nn_micro_region)c[i].region && e[0].id == 1);
            CHECK_NEAR(e[0].onset, 1.5, 0.07);
            CHECK_NEAR(e[0].apex, c[i].apex, 0.05);
            CHECK_NEAR(e[0].offset, c[i].offset, 0.11);
            CHECK(e[0].strength > 0.4f && e[0].strength <= 1 && e[0].emotion == NN_NEUTRAL);
        }
}

static void test_not(void)
{
    static const struct { const char *name; script *what; int blinks; } c[] = {
        { "nothing", nothing, 0 }, { "turn", turn, 0 }, { "turn away", turn_away, 0 },
        { "nod", nod, 0 }, { "step", step_aside, 0 }, { "blink", blink, 2 },
        { "glance", glance, -1 }, { "flicker", flicker, 0 }, { "lamp", lamp, 0 },
        { "long smile", long_smile, 0 }, { "held smile", held_smile, 0 }, { "talk", talk, 0 },
    };

    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        struct nn_micro_event e[MOST] = { { 0 } };
        int64_t blinks;
        int n;
        n = play(c[i].what, 30, c[i].what == long_smile ? 3.6 : 2.9, 2 + i, e, &blinks);
        CHECK(n == 0);
        CHECK(c[i].blinks < 0 || blinks == c[i].blinks);
        if (n || (c[i].blinks >= 0 && blinks != c[i].blinks))
            fprintf(stderr, "%s: %d, and %d blinks\n", c[i].name, n, (int)blinks);
    }
}

/* Somebody else after a cut, a hole in time, times that stand still or run backwards: nothing is
 * told, nothing breaks. */
static void test_breaks(void)
{
    const float calm[NN_EMOTIONS] = { [NN_NEUTRAL] = 1 };
    struct nn_micro_event e;
    struct nn_err err = { 0 };
    struct nn_micro *m = nn_micro_new(&err);
    struct nn_track k = { 0 };
    struct nn_image img;
    struct nn_rng rng;
    double t = 0;

    nn_rng_seed(&rng, 3, 0);
    CHECK(m && !nn_image_init(&img, W, H, 1, &err));
    for (int i = 0; i < 150; i++) {
        struct pose p = { .gain = 1, .brows = i / 50 % 2 ? 0.1f : 0, .x = i / 50 % 2 ? 0.3f : 0 };
        draw(&p, &rng, &img, &k);
        if (i == 50)
            nn_micro_cut(m);
        k.id = 1 + i / 50;
        t += i == 70 ? 3 : i == 80 ? 0 : i == 120 ? -2 : 1 / 30.0;
        CHECK(!nn_micro_look(m, &img, &k, calm, t, &e));
    }
    k.box.w = k.box.h = 30;             /* too small to say anything */
    CHECK(!nn_micro_look(m, &img, &k, calm, t + 0.04, &e));
    k.box = (struct nn_box){ -500, 900, 200, 200 };
    memset(k.point, 0, sizeof k.point); /* both eyes in one place */
    for (int i = 2; i < 60; i++)
        CHECK(!nn_micro_look(m, &img, &k, calm, t + 0.04 * i, &e));
    nn_image_release(&img);
    nn_micro_free(m);
    nn_micro_free(NULL);
}

/* The emotion that grows meanwhile gives its name, and lets a smaller motion count. */
static void test_emotion(void)
{
    struct nn_micro_event e = { 0 };
    struct nn_err err = { 0 };
    struct nn_micro *m = nn_micro_new(&err);
    struct nn_track k = { 0 };
    struct nn_image img;
    struct nn_rng rng;
    int n = 0;

    nn_rng_seed(&rng, 3, 0);
    CHECK(m && !nn_image_init(&img, W, H, 1, &err));
    for (int i = 0; i < 75; i++) {
        struct pose p = { .gain = 1, .noise = 1.5f };
        double t = i / 30.0;
        float joy = 0.1f + 0.6f * tent(t, 1.5, 1.6, 1.8);
        float felt[NN_EMOTIONS] = { [NN_NEUTRAL] = 1 - joy, [NN_HAPPY] = joy };
        p.mouth = 0.018f * tent(t, 1.5, 1.6, 1.8);
        draw(&p, &rng, &img, &k);
        n += nn_micro_look(m, &img, &k, felt, t, &e);
    }
    CHECK(n == 1 && e.region == NN_MICRO_MOUTH && e.emotion == NN_HAPPY && e.felt > 0.3f);
    nn_image_release(&img);
    nn_micro_free(m);
}

/* A photograph, its face 130 pixels wide. */
static int photo(const char *path, struct nn_detector *d, struct nn_image *out,
                 struct nn_face *face)
{
    struct nn_err err = { 0 };
    struct nn_image all;
    float k;
    int n;

    if (nn_picture_read(path, 1, &all, &err))
        return -1;
    n = nn_detect(d, &all, face, &err);
    k = n > 0 ? 130 / face[0].box.w : 1;
    if (n > 0) {
        struct nn_box *b = &face[0].box, from = { b->x + b->w / 2 - W / 2 / k,
                                                  b->y + b->h / 2 - H / 2 / k, W / k, H / k };
        nn_image_crop(&all, from, out);
        *b = (struct nn_box){ W / 2 - 65, H / 2 - 65, 130, 130 };
        for (int i = 0; i < 5; i++) {
            face[0].point[i][0] = (face[0].point[i][0] - from.x) * k;
            face[0].point[i][1] = (face[0].point[i][1] - from.y) * k;
        }
    }
    nn_image_release(&all);
    return n > 0 && face[0].points == 5 ? 0 : -1;
}

/* Moves what lies about (cx, cy) up by `up` pixels, everything by dx. */
static void warp(const struct nn_image *in, float cx, float cy, float r, float up, float dx,
                 float gain, struct nn_rng *rng, struct nn_image *out)
{
    for (int v = 0; v < H; v++)
        for (int u = 0; u < W; u++) {
            float x = (float)u - dx, y = (float)v + up * bump((float)u - dx, (float)v, cx, cy, r);
            int i, j;
            x = x < 0 ? 0 : x > W - 2 ? W - 2 : x;
            y = y < 0 ? 0 : y > H - 2 ? H - 2 : y;
            i = (int)x;
            j = (int)y;
            const uint8_t *a = in->px + j * W + i, *b = a + W;
            float ax = x - (float)i, ay = y - (float)j;
            float g = (1 - ay) * ((1 - ax) * a[0] + ax * a[1]) +
                      ay * ((1 - ax) * b[0] + ax * b[1]);
            g = g * gain + 0.5f + nn_rng_range(rng, -2.5f, 2.5f);
            out->px[v * W + u] = (uint8_t)(g < 0 ? 0 : g > 255 ? 255 : g);
        }
}

/* What a photograph does: its part moves by `up` pixels for a quarter of a second. */
static int play_photo(const struct nn_image *in, const struct nn_face *face, int part, float up,
                      float flicker, struct nn_micro_event *e)
{
    const float calm[NN_EMOTIONS] = { [NN_NEUTRAL] = 1 };
    float d = face->point[1][0] - face->point[0][0], x, y;
    struct nn_err err = { 0 };
    struct nn_micro *m = nn_micro_new(&err);
    struct nn_image img;
    struct nn_rng rng;
    int n = 0;

    nn_rng_seed(&rng, 11, 0);
    CHECK(m && !nn_image_init(&img, W, H, 1, &err));
    x = part == NN_MICRO_BROWS ? face->point[1][0] : face->point[4][0];
    y = part == NN_MICRO_BROWS ? face->point[1][1] - 0.35f * d : face->point[4][1];
    for (int i = 0; i < 75; i++) {
        double t = i / 30.0;
        float dx = 6 * sinf((float)t * 2), shake = nn_rng_range(&rng, -0.7f, 0.7f);
        struct nn_track k = { .id = 1, .box = face->box, .points = 5 };
        k.box.x += dx + shake;          /* a detector's box is never quite still */
        k.box.w += shake;
        for (int p = 0; p < 5; p++) {
            k.point[p][0] = face->point[p][0] + dx + nn_rng_range(&rng, -0.7f, 0.7f);
            k.point[p][1] = face->point[p][1] + nn_rng_range(&rng, -0.7f, 0.7f);
        }
        warp(in, x, y, 0.2f * d, up * tent(t, 1.5, 1.6, 1.75), dx,
             1 + flicker * sinf((float)t * 30), &rng, &img);
        n += nn_micro_look(m, &img, &k, calm, t, e);
    }
    nn_image_release(&img);
    nn_micro_free(m);
    return n;
}

static void test_photos(const char *data)
{
    static const char *const name[] = { "keijiro_facelandmark_Test1",
                                        "keijiro_facelandmark_Test2" };
    char path[512];
    struct nn_err err = { 0 };
    struct nn_detector *d;
    struct nn_image in;

    snprintf(path, sizeof path, "%s/models/yunet/yunet_n_320_320.onnx", data);
    d = nn_detector_new(path, NULL, &err);
    CHECK(d && !nn_image_init(&in, W, H, 1, &err));
    for (size_t i = 0; d && i < sizeof name / sizeof *name; i++) {
        struct nn_face face[NN_MAX_FACES];
        struct nn_micro_event e = { 0 };
        snprintf(path, sizeof path, "%s/images/portraits/%s.jpg", data, name[i]);
        CHECK(!photo(path, d, &in, face));
        for (int part = NN_MICRO_BROWS; part <= NN_MICRO_MOUTH; part += 2) {
            int n = play_photo(&in, face, part, 3, 0, &e);
            CHECK(n == 1 && (int)e.region == part);
            CHECK_NEAR(e.onset, 1.5, 0.07);
            CHECK_NEAR(e.apex, 1.6, 0.05);
            CHECK_NEAR(e.offset, 1.75, 0.09);
        }
        CHECK(play_photo(&in, face, NN_MICRO_BROWS, 0, 0, &e) == 0);
        CHECK(play_photo(&in, face, NN_MICRO_BROWS, 0, 0.2f, &e) == 0);
    }
    nn_image_release(&in);
    nn_detector_free(d);
}

int main(void)
{
    struct nn_rng rng;

    nn_rng_seed(&rng, 7, 0);
    make_skin(&rng);
    test_found();
    test_not();
    test_breaks();
    test_emotion();
    if (test_data())
        test_photos(test_data());
    else
        printf("photographs: skipped: no test data\n");
    return test_done();
}
