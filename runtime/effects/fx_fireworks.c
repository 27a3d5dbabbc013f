/*
 * fx_fireworks.c - joy: fireworks of square pixels burst around the face.
 *
 * Sparks fly in real units and light the cells of a coarse grid, as on a board
 * of lamps: a cell takes the brightest spark that crossed it and cools slowly,
 * which draws the trails; a blurred copy of the grid is the glow. Sparks start
 * white-hot, take their burst's colour, and end as embers.
 */
#include <math.h>
#include <string.h>

#include "common/rng.h"
#include "runtime/effects/effect.h"

enum { AMOUNT, RATE, SIZE, GRAVITY, GLOW };
enum { SPARKS = 2600, BLUR = 3 };

struct spark {
    float x, y, vx, vy;         /* frame heights, and a second */
    float age, life;            /* seconds */
    float hue[3], shimmer;
};

struct show {
    struct spark spark[SPARKS];
    int next;                   /* the oldest, which a new one replaces */
    float charge;               /* bursts due */
    int cell, gw, gh;           /* pixels of a cell; cells across and down */
    float *heat[3], *glow[3], *line;
    uint8_t *lit;               /* whether a row of cells or its glow shines */
    float room[];
};

struct pass {
    const struct show *s;
    const float *p;
    struct nn_frame *f;
    float gain;
};

/* Warm: gold, amber, champagne, rose, magenta, and a little cyan for the eye. */
static const float palette[][3] = {
    { 1.00f, 0.62f, 0.12f }, { 1.00f, 0.36f, 0.06f }, { 1.00f, 0.78f, 0.42f },
    { 1.00f, 0.18f, 0.32f }, { 1.00f, 0.10f, 0.62f }, { 0.22f, 0.86f, 1.00f },
};

static int cell_size(int h)
{
    int cell = (int)((float)h * 5 / 720 + 0.5f);

    return cell < 2 ? 2 : cell;
}

static size_t state_size(int w, int h)
{
    size_t cell = (size_t)cell_size(h), gw = ((size_t)w + cell - 1) / cell;
    size_t gh = ((size_t)h + cell - 1) / cell;

    return sizeof(struct show) + (6 * gw * gh + gw + gh) * sizeof(float) + gh;
}

static void init(void *state, const struct nn_scene *sc)
{
    struct show *s = state;
    float *at = s->room;
    size_t cells;

    s->cell = cell_size(sc->h);
    s->gw = (sc->w + s->cell - 1) / s->cell;
    s->gh = (sc->h + s->cell - 1) / s->cell;
    cells = (size_t)s->gw * (size_t)s->gh;
    for (int i = 0; i < 3; i++) {
        s->heat[i] = at;
        s->glow[i] = at + cells;
        at += 2 * cells;
    }
    s->line = at;               /* as long as the longer side of the grid */
    s->lit = (uint8_t *)(at + s->gw + s->gh);
}

/* Around the face, mostly above and beside it; without one, anywhere high up. */
static void place_burst(const struct nn_scene *sc, struct nn_rng *r, float *x, float *y)
{
    float h = (float)sc->h, aspect = (float)sc->w / h, turn = nn_rng_range(r, -0.60f, 0.60f);
    float out = nn_rng_range(r, 0.85f, 1.75f), u = nn_rng_float(r), v = nn_rng_float(r);

    if (sc->who.presence > 0.3f && sc->who.face.w > 0) {
        float side = sc->who.face.w / h;
        *x = (sc->who.face.x + sc->who.face.w / 2) / h + sinf(turn * 3.1416f) * side * out;
        *y = (sc->who.face.y + sc->who.face.h / 2) / h - cosf(turn * 3.1416f) * side * out * 0.8f;
    } else {
        *x = aspect * (0.1f + 0.8f * u);
        *y = 0.12f + 0.4f * v;
    }
    *x = *x < 0.06f ? 0.06f : *x > aspect - 0.06f ? aspect - 0.06f : *x;
    *y = *y < 0.08f ? 0.08f : *y > 0.85f ? 0.85f : *y;
}

static void burst(struct show *s, const struct nn_scene *sc, const float *p, struct nn_rng *r)
{
    int n = (int)(nn_rng_range(r, 60, 120) * (0.6f + 0.4f * p[SIZE]));
    const float *main_hue = palette[nn_rng_below(r, 12) * 5 / 11];
    const float *other = palette[nn_rng_below(r, 6)];
    float x, y, force = nn_rng_range(r, 0.30f, 0.62f) * p[SIZE], ring = nn_rng_float(r);

    place_burst(sc, r, &x, &y);
    for (int i = 0; i < n; i++) {
        struct spark *k = &s->spark[s->next];
        float turn = nn_rng_range(r, 0, 6.2831853f), out = nn_rng_float(r), up = nn_rng_float(r);
        const float *hue = nn_rng_below(r, 4) ? main_hue : other;
        float v = force * (ring > 0.7f ? 0.85f + 0.15f * out : sqrtf(out)) *
                  (i % 9 == 0 ? 1.35f : 1);
        *k = (struct spark){ x, y, v * cosf(turn), v * sinf(turn) - 0.06f * up, 0,
                             nn_rng_range(r, 0.7f, 1.7f), { hue[0], hue[1], hue[2] },
                             nn_rng_range(r, 9, 17) };
        s->next = (s->next + 1) % SPARKS;
    }
}

static void light_cell(struct show *s, float x, float y, const float hue[3], float light)
{
    int cx = (int)floorf(x), cy = (int)floorf(y);

    if (cx < 0 || cy < 0 || cx >= s->gw || cy >= s->gh)
        return;
    for (int i = 0; i < 3; i++) {
        float *cell = &s->heat[i][cy * s->gw + cx], v = light * hue[i];
        *cell = v > *cell ? v : *cell;
    }
}

static void fly(struct show *s, struct spark *k, const struct nn_scene *sc, float gravity)
{
    float dt = (float)sc->dt, drag = expf(-1.9f * dt), h = (float)sc->h / (float)s->cell;
    float left, light, white, x0 = k->x, y0 = k->y, c[3];

    k->age += dt;
    if (k->age >= k->life)
        return;
    k->vx *= drag;
    k->vy = k->vy * drag + gravity * 0.30f * dt;
    k->x += k->vx * dt;
    k->y += k->vy * dt;
    left = 1 - k->age / k->life;
    light = 0.15f + 1.5f * left * left;
    if (left < 0.45f)               /* embers twinkle, each at its own pace */
        light *= 0.55f + 0.45f * sinf(k->age * k->shimmer);
    white = nn_smooth(0.88f, 1, left);
    for (int i = 0; i < 3; i++) {
        float ember = i == 0 ? 1 : 0.35f + 0.65f * nn_smooth(0, 0.6f, left);
        c[i] = (k->hue[i] * ember) * (1 - white) + 1.5f * white;
    }
    for (int i = 1; i <= 3; i++) {  /* between here and there, so that trails have no gaps */
        float t = (float)i / 3;
        light_cell(s, (x0 + (k->x - x0) * t) * h, (y0 + (k->y - y0) * t) * h, c, light);
    }
}

/* One pass of a running mean over a line of the grid; outside is dark. */
static void blur_line(float *a, int n, int step, float *line)
{
    float sum = 0;

    for (int i = 0; i < n; i++)
        line[i] = a[i * step];
    for (int i = 0; i < BLUR && i < n; i++)
        sum += line[i];
    for (int i = 0; i < n; i++) {
        if (i + BLUR < n)
            sum += line[i + BLUR];
        if (i - BLUR - 1 >= 0)
            sum -= line[i - BLUR - 1];
        a[i * step] = sum > 0 ? sum / (2 * BLUR + 1) : 0;
    }
}

static void spread_glow(struct show *s)
{
    size_t cells = (size_t)s->gw * (size_t)s->gh;

    for (int i = 0; i < 3; i++) {
        memcpy(s->glow[i], s->heat[i], cells * sizeof(float));
        for (int pass = 0; pass < 2; pass++) {
            for (int y = 0; y < s->gh; y++)
                blur_line(s->glow[i] + y * s->gw, s->gw, 1, s->line);
            for (int x = 0; x < s->gw; x++)
                blur_line(s->glow[i] + x, s->gh, s->gw, s->line);
        }
    }
    for (int y = 0; y < s->gh; y++) {
        float most = 0;
        for (int i = 0; i < 3; i++)
            for (int x = 0; x < s->gw; x++) {
                float v = s->glow[i][y * s->gw + x];
                most = v > most ? v : most;
            }
        s->lit[y] = most > 1e-4f;
    }
}

static void advance(void *state, const struct nn_scene *sc, const float *p)
{
    struct show *s = state;
    float cool = expf(-(float)sc->dt / 0.16f);
    struct nn_rng r;

    nn_rng_seed(&r, sc->seed, (uint64_t)sc->frame);
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < s->gw * s->gh; k++) {
            float v = s->heat[i][k] * cool;
            s->heat[i][k] = v > 1e-3f ? v : 0;      /* denormals are slow */
        }
    s->charge += p[RATE] * (0.25f + 0.75f * p[AMOUNT]) * (p[AMOUNT] > 0) * (float)sc->dt;
    for (; s->charge >= 1; s->charge -= 1)
        burst(s, sc, p, &r);
    for (int i = 0; i < SPARKS; i++)
        if (s->spark[i].age < s->spark[i].life)
            fly(s, &s->spark[i], sc, p[GRAVITY]);
    spread_glow(s);
}

static void draw_row(void *arg, int y)
{
    const struct pass *k = arg;
    const struct show *s = k->s;
    int cell = s->cell, cy = y / cell, in_y = y % cell, next = cy, w = k->f->w;
    float fy = ((float)in_y + 0.5f) / (float)cell - 0.5f, gap_y = in_y == cell - 1 ? 0.18f : 1;
    float halo = k->gain * k->p[GLOW];

    next = fy < 0 ? cy - 1 : cy + 1;
    next = next < 0 ? 0 : next >= s->gh ? s->gh - 1 : next;
    fy = fabsf(fy);
    if (!s->lit[cy] && !s->lit[next])
        return;
    for (int i = 0; i < 3; i++) {
        const float *a = s->glow[i] + cy * s->gw, *b = s->glow[i] + next * s->gw;
        const float *heat = s->heat[i] + cy * s->gw;
        float *out = k->f->plane[i] + (size_t)y * (size_t)w;
        for (int x = 0; x < w; x++) {
            int cx = x / cell, in_x = x % cell;
            float fx = ((float)in_x + 0.5f) / (float)cell - 0.5f;
            int cn = fx < 0 ? (cx ? cx - 1 : 0) : cx + 1 < s->gw ? cx + 1 : cx;
            float gap = gap_y * (in_x == cell - 1 ? 0.18f : 1), u = fabsf(fx);
            float near = a[cx] + fy * (b[cx] - a[cx]), far = a[cn] + fy * (b[cn] - a[cn]);
            out[x] += k->gain * 1.25f * gap * heat[cx] + halo * (near + u * (far - near));
        }
    }
}

static void render(void *state, const struct nn_scene *sc, const float *p, struct nn_frame *f,
                   struct nn_frame *spare)
{
    struct pass k = { state, p, f, nn_smooth(0, 0.25f, p[AMOUNT]) };

    (void)spare;
    nn_pool_run(sc->pool, f->h, draw_row, &k);
}

const struct nn_effect_type fx_fireworks = {
    .name = "fireworks",
    .brief = "square pixels burst in warm colours around the face",
    .touch = NN_SPRITE,
    .param = {
        { "amount", 0, 1, 0.6f, "how often, and how bright" },
        { "rate", 0, 12, 4, "bursts a second at full amount" },
        { "size", 0.2f, 2, 1, "of a burst" },
        { "gravity", -1, 2, 0.6f, "pulls the sparks down" },
        { "glow", 0, 2, 0.6f, "of the air around them" },
    },
    .state_size = state_size,
    .init = init,
    .advance = advance,
    .render = render,
};
