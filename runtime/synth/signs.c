/* signs.c - signs as strokes: letters of our own, invented ideograms, small pictures. */
#include <stdio.h>
#include <string.h>

#include "runtime/synth/scene.h"

/* Each letter 4 wide and 6 high, y down: pairs of digits are points, ';' lifts the pen. */
static const char *const letters[36] = {
    "0602204246;0444", "06003041423303;3344453606", "4130100105163645", "00304145360600",
    "40000646;0333", "400006;0333", "41301001051636454323", "0006;4046;0343", "2026;1030;1636",
    "4045361605", "0006;400346", "000646", "0600234046", "06004640", "103041453616050110",
    "06003041423303", "103041453616050110;3446", "06003041423303;2346",
    "413010010213334445361605", "0040;2026", "000516364540", "002640", "0016233640", "0046;4006",
    "002340;2326", "00400646",
    "103041453616050110;4105", "112026;1636", "01103041420646", "004023334445361605", "300444;3036",
    "4000033344453606", "30100105163645443303", "004016", "103041423313020110;1304051636454433",
    "43130201103041453616",
};

/* Small pictures on a field of 10 x 10, the second colour behind '|'. */
static const struct { const char *name, *path; } shapes[] = {
    { "martini", "00904500;4549;2969|6270" },
    { "arrow", "0464619569660604" },
    { "heart", "4903011030426080919349" },
    { "star", "4053836578461825033340" },
    { "moon", "6030120517396947354260|7374" },
    { "eye", "0523426283958768482705|44546556463544" },
    { "bolt", "6015452984548060" },
    { "ring", "306093966939060330|425274755747252442" },
    { "cross", "30606393966669393606033330" },
    { "fish", "05235375572705;75939775|2425" },
    { "palm", "595443;4305;4312;4330;4361;4384;4395|2989" },
    { "cup", "1373692913;74949666|3120;5140" },
    { "crown", "1802344054827818|1979" },
    { "note", "38308087;3818192938;8767687887|3383" },
    { "lotus", "4927446749;271335;678355;27052949;67956949" },
    { "diamond", "207093490320;0393|334963" },
};

static const char *const words[] = {
    "NOIR", "BAR", "HOTEL", "JAZZ", "CLUB", "OPEN", "MOTEL", "LUX", "EDEN", "24H", "RAMEN", "ROOMS",
    "VELVET", "ORCHID", "CINE", "TAXI", "DINER", "LIQUOR", "MIDNIGHT", "ECHO", "ZERO", "NEON",
    "LOTUS", "SAKE", "PAWN", "DREAM", "ARCADE", "MIRAGE", "SMOKE", "NIGHT", "ATLAS", "RIO",
    "PARADISE", "STARDUST", "SHADOW", "CASINO", "CINEMA", "PALACE", "BLUE", "ROXY", "TIKI", "BIJOU",
    "MERCURY", "SAVOY", "PHANTOM", "DELUXE", "AFTER8", "CAFE", "KARAOKE", "RECORDS", "99", "VICE",
};

static int glyph_of(char c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' : c >= '0' && c <= '9' ? 26 + c - '0' : -1;
}

static void add_stroke(struct nn_synth *s, struct sign *g, float x0, float y0, float x1, float y1,
                       int tube)
{
    if (s->strokes == MAX_STROKES)
        return;
    s->stroke[s->strokes++] = (struct stroke){ x0, y0, x1, y1, tube };
    g->strokes++;
}

/* A path's digits over a box; `field`: what digit is its full height. */
static void add_path(struct nn_synth *s, struct sign *g, const char *path, float x, float y,
                     float sx, float sy, int tube)
{
    int have = 0, digit = -1;
    float px = 0, py = 0;

    for (; *path; path++) {
        if (*path == ';' || *path == '|') {
            have = 0;
            digit = -1;
            tube = *path == '|' ? 1 : tube;
        }
        if (*path < '0' || *path > '9')
            continue;
        if (digit < 0) {
            digit = *path - '0';
            continue;
        }
        float qx = x + sx * (float)digit, qy = y - sy * (float)(*path - '0');
        if (have)
            add_stroke(s, g, px, py, qx, qy, tube);
        have = 1;
        px = qx;
        py = qy;
        digit = -1;
    }
}

/* Nobody's writing: bars, posts and flicks on a grid, as ideograms have them. */
static void add_glyph(struct nn_synth *s, struct nn_rng *r, struct sign *g, float x, float y,
                      float w, float h, int tube)
{
    int bars = 2 + (int)nn_rng_below(r, 3), posts = 1 + (int)nn_rng_below(r, 2);

    for (int i = 0; i < bars; i++) {
        float at = ((float)i + 0.2f * nn_rng_float(r)) / (float)(bars - 1);
        float in = 0.25f * nn_rng_float(r), out = 0.25f * nn_rng_float(r);
        add_stroke(s, g, x + in * w, y - at * h, x + (1 - out) * w, y - at * h, tube);
    }
    for (int i = 0; i < posts; i++) {
        float at = posts == 1 ? nn_rng_range(r, 0.3f, 0.7f) : 0.12f + 0.72f * (float)i;
        float from = 0.3f * nn_rng_float(r), to = 1 - 0.3f * nn_rng_float(r);
        add_stroke(s, g, x + at * w, y - from * h, x + at * w, y - to * h, tube);
    }
    if (nn_rng_below(r, 2)) {
        float at = nn_rng_range(r, 0.35f, 0.65f);
        add_stroke(s, g, x + at * w, y - 0.5f * h, x, y - h, tube);
        add_stroke(s, g, x + at * w, y - 0.5f * h, x + w, y - h, tube);
    }
}

static void add_frame(struct nn_synth *s, struct sign *g, float in, int tube)
{
    float w = g->w - in, h = g->h - in, cut = nn_minf(0.12f, 0.3f * nn_minf(g->w, g->h));

    add_stroke(s, g, in + cut, in, w - cut, in, tube);
    add_stroke(s, g, w - cut, in, w, in + cut, tube);
    add_stroke(s, g, w, in + cut, w, h - cut, tube);
    add_stroke(s, g, w, h - cut, w - cut, h, tube);
    add_stroke(s, g, w - cut, h, in + cut, h, tube);
    add_stroke(s, g, in + cut, h, in, h - cut, tube);
    add_stroke(s, g, in, h - cut, in, in + cut, tube);
    add_stroke(s, g, in, in + cut, in + cut, in, tube);
}

static void write_word(struct nn_synth *s, struct sign *g, const char *word, int upright, float in)
{
    int n = (int)strlen(word);
    float w = g->w - 2 * in, h = g->h - 2 * in;
    float lw = upright ? w : w / ((float)n + 0.32f * (float)(n - 1));
    float lh = upright ? h / ((float)n + 0.25f * (float)(n - 1)) : h;

    for (int i = 0; i < n; i++) {
        float x = in + (upright ? 0 : 1.32f * lw * (float)i);
        float y = g->h - in - (upright ? 1.25f * lh * (float)i : 0);
        add_path(s, g, letters[glyph_of(word[i])], x, y, lw / 4, lh / 6, 0);
    }
}

static const char *throw_word(struct nn_rng *r, int least, int most)
{
    int n = (int)(sizeof words / sizeof *words), fit = 0, at = 0;

    for (int i = 0; i < n; i++) {       /* each that fits is as likely as any other */
        int size = (int)strlen(words[i]);
        if (size >= least && size <= most && !nn_rng_below(r, (uint32_t)++fit))
            at = i;
    }
    return words[at];
}

static void fill(struct nn_synth *s, struct nn_rng *r, struct sign *g, enum sign_make make)
{
    float in = 0.14f * nn_minf(g->w, g->h), aspect = g->h / g->w;
    int framed = nn_rng_below(r, 5) < 2;

    if (make == SIGN_WORD || make == SIGN_UPRIGHT) {
        int fit = make == SIGN_WORD ? (int)(2.2f / aspect) : (int)(0.85f * aspect);
        const char *word = throw_word(r, nn_clampi(fit - 1, 3, 6), nn_clampi(fit + 1, 4, 8));
        snprintf(g->text, sizeof g->text, "%s", word);
        write_word(s, g, word, make == SIGN_UPRIGHT, framed ? 1.3f * in : 0.7f * in);
    } else if (make == SIGN_GLYPHS) {
        int down = aspect > 1, n = nn_clampi((int)((down ? aspect : 1 / aspect) + 0.3f), 1, 6);
        float side = (down ? g->h : g->w) / (float)n, size = nn_minf(side, down ? g->w : g->h);
        size -= 2 * in;
        for (int i = 0; i < n; i++) {
            float at = side * ((float)i + 0.5f);
            float x = (down ? 0.5f * g->w : at) - 0.5f * size;
            float y = (down ? g->h - at : 0.5f * g->h) + 0.5f * size;
            add_glyph(s, r, g, x, y, size, size, 0);
        }
        snprintf(g->text, sizeof g->text, "glyphs");
    } else if (make == SIGN_SHAPE) {
        int i = (int)nn_rng_below(r, sizeof shapes / sizeof *shapes);
        float side = nn_minf(g->w, g->h) - 2 * in;
        snprintf(g->text, sizeof g->text, "%s", shapes[i].name);
        add_path(s, g, shapes[i].path, 0.5f * (g->w - side), 0.5f * (g->h + side), side / 9,
                 side / 9, 0);
    } else {
        int down = aspect > 1;
        snprintf(g->text, sizeof g->text, "bar");
        add_stroke(s, g, down ? 0.5f * g->w : in, down ? in : 0.5f * g->h,
                   down ? 0.5f * g->w : g->w - in, down ? g->h - in : 0.5f * g->h, 0);
        framed = 0;
    }
    if (framed)
        add_frame(s, g, 0.45f * in, 1);
}

static void colour(struct nn_synth *s, struct nn_rng *r, struct sign *g)
{
    float power = nn_rng_range(r, 9, 16);

    g->hue[0] = nn_synth_throw_hue(s, r);
    g->hue[1] = nn_rng_below(r, 2) ? nn_synth_throw_hue(s, r) : g->hue[0];
    for (int i = 0; i < 2; i++)
        for (int c = 0; c < 3; c++)
            g->rgb[i][c] = power * nn_synth_tube[g->hue[i]][c];
}

/* Lights along it: what it throws on walls, people, fog. */
static void shine(struct nn_synth *s, const struct panel *p, const struct sign *g, int of)
{
    int n = nn_clampi((int)(nn_maxf(g->h, g->w) / 2.5f + 0.7f), 1, 3);
    float length[2] = { 0, 0 }, none[3] = { 0, 0, 0 }, rgb[3];

    for (int i = g->first; i < g->first + g->strokes; i++) {
        const struct stroke *k = &s->stroke[i];
        length[k->tube] += sqrtf((k->x1 - k->x0) * (k->x1 - k->x0) +
                                 (k->y1 - k->y0) * (k->y1 - k->y0));
    }
    for (int c = 0; c < 3; c++)     /* a cylinder's radiance over its silhouette, and the board's */
        rgb[c] = 2.4f * g->radius * (length[0] * g->rgb[0][c] + length[1] * g->rgb[1][c]) +
                 (g->backing == 2 ? 0.10f * g->w * g->h * g->rgb[0][c] : 0);
    for (int i = 0; i < n; i++) {
        float k = ((float)i + 0.5f) / (float)n, along = g->w > g->h ? k : 0.5f;
        float at[3] = { p->x0 + along * (p->x1 - p->x0), p->y0 + (g->w > g->h ? 0.5f : k) * g->h,
                        p->z0 + along * (p->z1 - p->z0) };
        nn_synth_add_light(s, at, rgb, 1 / (float)n, none, 0.5f * nn_minf(g->w, g->h) + 0.15f, of,
                           -1);
    }
}

/* Whether another sign hangs there already, as seen from ahead. */
static int taken(const struct nn_synth *s, float x0, float x1, float z, float y0, float y1)
{
    for (int i = 0; i < s->panels; i++) {
        const struct panel *p = &s->panel[i];
        if (p->kind == P_SIGN && fabsf(p->z0 - z) < 0.8f && fabsf(p->z1 - z) < 0.8f &&
            p->x0 < x1 + 0.1f && p->x1 > x0 - 0.1f && p->y0 < y1 + 0.1f && p->y1 > y0 - 0.1f)
            return 1;
    }
    return 0;
}

struct sign *nn_synth_add_sign(struct nn_synth *s, struct nn_rng *r, enum sign_make make, float x0,
                               float z0, float x1, float z1, float y0, float y1)
{
    struct sign *g = &s->sign[s->signs];
    int i;

    if (s->signs == MAX_SIGNS || s->strokes > MAX_STROKES - 120 ||
        (z0 == z1 && taken(s, x0, x1, z0, y0, y1)))
        return NULL;
    i = nn_synth_add_panel(s, P_SIGN, s->signs, x0, z0, x1, z1, y0, y1);
    if (i < 0)
        return NULL;
    *g = (struct sign){ .first = s->strokes, .seed = (uint32_t)nn_rng_u64(r),
                        .w = sqrtf((x1 - x0) * (x1 - x0) + (z1 - z0) * (z1 - z0)), .h = y1 - y0 };
    g->radius = nn_clampf(0.020f * nn_maxf(g->h, g->w) * 0.5f, 0.022f, 0.06f);
    g->backing = make == SIGN_BAR ? 0 : nn_rng_below(r, 9) || g->w * g->h > 9 ? 1 : 2;
    g->flicker = nn_rng_below(r, 6) ? 0 : nn_rng_range(r, 0.3f, 1);
    colour(s, r, g);
    fill(s, r, g, make);
    shine(s, &s->panel[i], g, s->signs++);
    return g;
}
