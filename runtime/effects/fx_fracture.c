/*
 * fx_fracture.c - the picture breaks into panes that drift apart and come back.
 *
 * The panes are the Voronoi cells of jittered points. Each slides away from the
 * face (or the middle), nearer panes farther and above the others, and sways a
 * little; its edge catches neon light, and behind it is night. At small amounts
 * only hairline cracks show.
 */
#include "runtime/effects/field.h"

enum { AMOUNT, SHRINK, DRIFT, EDGE };
enum { COLUMNS = 14, ROWS = 9, PANES = COLUMNS * ROWS };

struct pane {
    float x, y;             /* its point, pixels */
    float depth;            /* 0 far, 1 near */
    float lean;             /* how it catches the light, -1..1 */
    int x0, y0, x1, y1;     /* box of its pixels, [x0, x1) */
    /* now: */
    float dx, dy, grow, cos, sin;
};

struct fracture {
    struct pane pane[PANES];
    uint8_t order[PANES];   /* from far to near */
    uint8_t cell[];         /* w h: whose a pixel is; then w h: how far from its edge, quarters */
};

struct pass {
    const struct fracture *s;
    const struct nn_scene *sc;
    const float *p;
    const struct nn_frame *from;
    struct nn_frame *to;
};

static size_t state_size(int w, int h)
{
    return sizeof(struct fracture) + 2 * (size_t)w * (size_t)h;
}

/* Which pane pixel (x, y) belongs to, and its distance to the border between two. */
static int belongs(const struct fracture *s, int w, int h, int x, int y, float *edge)
{
    int cx = x * COLUMNS / w, cy = y * ROWS / h, best = 0;
    float near = 1e18f, next = 1e18f, bx = 0, by = 0, nx = 0, ny = 0;

    for (int n = 0; n < 9; n++) {
        int i = nn_clampi(cx + n % 3 - 1, 0, COLUMNS - 1);
        int j = nn_clampi(cy + n / 3 - 1, 0, ROWS - 1);
        const struct pane *p = &s->pane[j * COLUMNS + i];
        float dx = (float)x - p->x, dy = (float)y - p->y, d = dx * dx + dy * dy;
        if (d < near) {
            next = near;
            nx = bx;
            ny = by;
            near = d;
            bx = p->x;
            by = p->y;
            best = j * COLUMNS + i;
        } else if (d < next && j * COLUMNS + i != best) {
            next = d;
            nx = p->x;
            ny = p->y;
        }
    }
    nx -= bx;
    ny -= by;
    *edge = next < 1e17f ? 0.5f * (next - near) / sqrtf(nx * nx + ny * ny + 1e-6f) : 1e3f;
    return best;
}

static void init(void *state, const struct nn_scene *sc)
{
    struct fracture *s = state;
    uint32_t seed = (uint32_t)sc->seed;
    uint8_t *far = s->cell + (size_t)sc->w * (size_t)sc->h;

    for (int n = 0; n < PANES; n++) {
        struct pane *p = &s->pane[n];
        int i = n % COLUMNS, j = n / COLUMNS, k = n;
        p->x = ((float)i + 0.1f + 0.8f * nn_dice2(i, j, seed)) * (float)sc->w / COLUMNS;
        p->y = ((float)j + 0.1f + 0.8f * nn_dice2(i, j, seed + 1)) * (float)sc->h / ROWS;
        p->depth = nn_dice2(i, j, seed + 2);
        p->lean = 2 * nn_dice2(i, j, seed + 3) - 1;
        p->x0 = sc->w;
        p->y0 = sc->h;
        for (; k > 0 && s->pane[s->order[k - 1]].depth > p->depth; k--)
            s->order[k] = s->order[k - 1];
        s->order[k] = (uint8_t)n;
    }
    for (int y = 0; y < sc->h; y++)
        for (int x = 0; x < sc->w; x++) {
            float edge;
            int n = belongs(s, sc->w, sc->h, x, y, &edge);
            struct pane *p = &s->pane[n];
            size_t at = (size_t)y * (size_t)sc->w + (size_t)x;
            s->cell[at] = (uint8_t)n;
            far[at] = (uint8_t)nn_minf(4 * edge, 255);
            p->x0 = x < p->x0 ? x : p->x0;
            p->y0 = y < p->y0 ? y : p->y0;
            p->x1 = x + 1 > p->x1 ? x + 1 : p->x1;
            p->y1 = y + 1 > p->y1 ? y + 1 : p->y1;
        }
}

static void advance(void *state, const struct nn_scene *sc, const float *p)
{
    struct fracture *s = state;
    float cx = 0.5f * (float)sc->w, cy = 0.5f * (float)sc->h, h = (float)sc->h;
    float a = p[AMOUNT] * p[AMOUNT] * p[DRIFT], near = sc->who.presence;

    cx += near * (sc->who.face.x + 0.5f * sc->who.face.w - cx) * (sc->who.face.w > 0);
    cy += near * (sc->who.face.y + 0.5f * sc->who.face.h - cy) * (sc->who.face.w > 0);
    for (int n = 0; n < PANES; n++) {
        struct pane *q = &s->pane[n];
        float dx = (q->x - cx) / h, dy = (q->y - cy) / h, t = (float)fmod(sc->t, 3600), turn;
        float out = a * (0.10f + 0.55f * q->depth), sway = a * 0.012f * h;
        q->dx = out * dx * h + sway * sinf(0.7f * t + 9 * q->depth + q->lean);
        q->dy = out * dy * h + sway * cosf(0.6f * t + 7 * q->lean);
        q->grow = 1 - p[SHRINK] * p[AMOUNT] * (0.05f + 0.10f * (1 - q->depth));
        turn = a * q->lean * (0.10f + 0.05f * sinf(0.4f * t + 5 * q->depth));
        q->cos = cosf(turn);
        q->sin = sinf(turn);
    }
}

static const float neon[2][3] = { { 0.05f, 0.75f, 1 }, { 1, 0.08f, 0.55f } };

/* How the rim of a pane catches the light that comes from above and left: -1..1, by the
 * slope of the distances around its pixel (i, j). */
static float facing(const uint8_t *far, int w, int h, int i, int j)
{
    size_t row = (size_t)j * (size_t)w;
    float gx = (float)far[row + (size_t)nn_clampi(i - 1, 0, w - 1)] -
               (float)far[row + (size_t)nn_clampi(i + 1, 0, w - 1)];
    float gy = (float)far[(size_t)nn_clampi(j - 1, 0, h - 1) * (size_t)w + (size_t)i] -
               (float)far[(size_t)nn_clampi(j + 1, 0, h - 1) * (size_t)w + (size_t)i];

    return (-0.55f * gx - 0.83f * gy) / sqrtf(gx * gx + gy * gy + 1e-3f);
}

/* The part of pane q that falls on row y: the picture between its pixels, a rim like cut
 * glass, its edge soft over what lies behind. */
static void draw_pane(const struct pass *k, const struct pane *q, int n, int y)
{
    int w = k->to->w, h = k->to->h;
    const uint8_t *cell = k->s->cell, *far = cell + (size_t)w * (size_t)h;
    float a = k->p[AMOUNT], light = 1 + 0.35f * a * q->lean, show = nn_minf(2.5f * a, 1);
    float rim = 4 * (7 * k->sc->unit + 0.5f), line = 4 * (0.8f * k->sc->unit + 0.4f);
    float reach = 0.08f * nn_maxf((float)(q->x1 - q->x0), (float)(q->y1 - q->y0)) + 2;
    float unit = 1 / q->grow, dy = ((float)y - q->y - q->dy) * unit, edge = k->p[EDGE] * show;
    int from = (int)((float)q->x0 + q->dx - reach), to = (int)((float)q->x1 + q->dx + reach) + 1;
    const float *hue = neon[q->lean > 0];

    for (int x = nn_clampi(from, 0, w); x < nn_clampi(to, 0, w); x++) {
        float dx = ((float)x - q->x - q->dx) * unit, glow = 0, shade = light, cover, d, u, v;
        float sx = q->x + dx * q->cos + dy * q->sin, sy = q->y - dx * q->sin + dy * q->cos;
        int i = (int)(sx + 0.5f), j = (int)(sy + 0.5f);
        size_t at = (size_t)j * (size_t)w + (size_t)i, out = (size_t)y * (size_t)w + (size_t)x;
        if (sx < -0.5f || sy < -0.5f || i >= w || j >= h || cell[at] != n)
            continue;
        d = (float)far[at];
        cover = nn_minf((d + 1) * 0.2f, 1);
        if (d < rim) {
            float lit = facing(far, w, h, i, j), deep = (1 - d / rim) * (1 - d / rim);
            shade *= 1 + edge * deep * (lit > 0 ? 1.3f * lit : 0.75f * lit);
            glow = edge * (0.10f * deep + 0.9f * nn_maxf(1 - d / (2 * line), 0)) *
                   (0.12f + nn_maxf(lit, 0) * nn_maxf(lit, 0));
        }
        i = (int)sx;            /* towards 0: never below it */
        j = (int)sy;
        u = nn_maxf(sx - (float)i, 0);
        v = nn_maxf(sy - (float)j, 0);
        const size_t p00 = (size_t)j * (size_t)w + (size_t)i, right = i + 1 < w;
        const size_t p01 = p00 + (j + 1 < h ? (size_t)w : 0);
        const float w11 = u * v, w10 = u - w11, w01 = v - w11, w00 = 1 - u - w01;
        for (int c = 0; c < 3; c++) {
            const float *in = k->from->plane[c];
            float *o = &k->to->plane[c][out];
            float here = w00 * in[p00] + w10 * in[p00 + right] + w01 * in[p01] +
                         w11 * in[p01 + right];
            *o += cover * (here * shade + glow * hue[c] - *o);
        }
    }
}

static void draw_row(void *arg, int y)
{
    const struct pass *k = arg;
    int w = k->to->w;
    size_t at = (size_t)y * (size_t)w;
    const float night[3] = { 0.0035f, 0.003f, 0.010f };

    for (int c = 0; c < 3; c++)
        for (int x = 0; x < w; x++)
            k->to->plane[c][at + (size_t)x] = 0.03f * k->from->plane[c][at + (size_t)x] + night[c];
    for (int n = 0; n < PANES; n++) {
        const struct pane *q = &k->s->pane[k->s->order[n]];
        float reach = 0.08f * nn_maxf((float)(q->x1 - q->x0), (float)(q->y1 - q->y0)) + 2;
        if ((float)y > (float)q->y0 + q->dy - reach && (float)y < (float)q->y1 + q->dy + reach)
            draw_pane(k, q, k->s->order[n], y);
    }
}

static void render(void *state, const struct nn_scene *sc, const float *p, struct nn_frame *f,
                   struct nn_frame *spare)
{
    struct nn_frame before = *f;
    struct pass k = { state, sc, p, &before, spare };

    nn_pool_run(sc->pool, f->h, draw_row, &k);
    *f = *spare;
    *spare = before;
}

const struct nn_effect_type fx_fracture = {
    .name = "fracture",
    .brief = "the picture breaks into panes that drift apart and come together again",
    .touch = NN_WARP,
    .param = {
        { "amount", 0, 1, 0.6f, "from hairline cracks to panes far apart" },
        { "shrink", 0, 1, 0.5f, "how much smaller the panes become" },
        { "drift", 0, 1, 0.7f, "how far they slide" },
        { "edge", 0, 1, 0.5f, "light on their rims" },
    },
    .state_size = state_size,
    .init = init,
    .advance = advance,
    .render = render,
};
