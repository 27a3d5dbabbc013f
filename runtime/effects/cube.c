#include "runtime/effects/cube.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/fs.h"

enum {
    LINE = 250,             /* the spec's longest */
    LIMIT = 64 << 20,       /* bytes of a file */
    CHUNK = 128             /* colours looked up at once */
};

struct text {
    const char *at, *end, *name;
    int line;
    char buf[LINE + 1];     /* the line, without what ends it */
};

/* The next line that says something: 1, at the end 0, -1. */
static int next_line(struct text *t, struct nn_err *err)
{
    while (t->at < t->end) {
        const char *nl = memchr(t->at, '\n', (size_t)(t->end - t->at));
        size_t n = (size_t)((nl ? nl : t->end) - t->at);
        const char *from = t->at;

        t->line++;
        t->at = nl ? nl + 1 : t->end;
        while (n > 0 && (from[n - 1] == '\r' || from[n - 1] == ' ' || from[n - 1] == '\t'))
            n--;
        while (n > 0 && (*from == ' ' || *from == '\t')) {
            from++;
            n--;
        }
        if (n == 0 || *from == '#')
            continue;
        if (n > LINE)
            return nn_fail(err, NN_EFORMAT, "%s:%d: a line of more than %d bytes", t->name,
                           t->line, LINE);
        if (memchr(from, 0, n))
            return nn_fail(err, NN_EFORMAT, "%s:%d: not text", t->name, t->line);
        memcpy(t->buf, from, n);
        t->buf[n] = 0;
        return 1;
    }
    return 0;
}

/* Exactly `count` plain decimal numbers in `s`. */
static int numbers(const struct text *t, const char *s, int count, float *out, struct nn_err *err)
{
    for (int i = 0; i < count; i++) {
        char *end;
        double v;
        s += strspn(s, " \t");
        v = strtod(s, &end);
        if (end == s || strspn(s, "+-.0123456789eE") < (size_t)(end - s) || !isfinite(v) ||
            fabs(v) > 1e6)
            return nn_fail(err, NN_EFORMAT, "%s:%d: %d numbers expected, \"%.40s\" found",
                           t->name, t->line, count, t->buf);
        out[i] = (float)v;
        s = end;
    }
    if (s[strspn(s, " \t")])
        return nn_fail(err, NN_EFORMAT, "%s:%d: more than %d numbers", t->name, t->line, count);
    return 0;
}

static int read_title(const struct text *t, const char *s, struct nn_cube *c, struct nn_err *err)
{
    size_t n = strlen(s);

    if (n < 2 || s[0] != '"' || s[n - 1] != '"')
        return nn_fail(err, NN_EFORMAT, "%s:%d: TITLE wants its text in quotes", t->name, t->line);
    n = n - 2 < sizeof c->title - 1 ? n - 2 : sizeof c->title - 1;
    memcpy(c->title, s + 1, n);
    c->title[n] = 0;
    return 0;
}

static int read_size(const struct text *t, const char *s, int dims, struct nn_cube *c,
                     struct nn_err *err)
{
    int most = dims == 3 ? NN_CUBE_3D_MAX : NN_CUBE_1D_MAX;
    float v = 0;

    if (c->size)
        return nn_fail(err, NN_EFORMAT, "%s:%d: a second table size; one table a file",
                       t->name, t->line);
    if (numbers(t, s, 1, &v, err))
        return -1;
    if (!(v >= 2 && v <= (float)most) || v != floorf(v))
        return nn_fail(err, NN_EFORMAT, "%s:%d: LUT_%dD_SIZE is 2 to %d, not \"%.20s\"", t->name,
                       t->line, dims, most, s);
    c->dims = dims;
    c->size = (int)v;
    return 0;
}

static int read_range(const struct text *t, const char *s, struct nn_cube *c, struct nn_err *err)
{
    float v[2] = { 0 };

    if (numbers(t, s, 2, v, err))
        return -1;
    for (int i = 0; i < 3; i++) {
        c->lo[i] = v[0];
        c->hi[i] = v[1];
    }
    return 0;
}

static int keyword(const struct text *t, struct nn_cube *c, struct nn_err *err)
{
    size_t n = strcspn(t->buf, " \t");
    const char *s = t->buf + n;

    s += strspn(s, " \t");
#define IS(word) (n == sizeof word - 1 && !memcmp(t->buf, word, n))
    if (IS("TITLE"))
        return read_title(t, s, c, err);
    if (IS("LUT_1D_SIZE"))
        return read_size(t, s, 1, c, err);
    if (IS("LUT_3D_SIZE"))
        return read_size(t, s, 3, c, err);
    if (IS("DOMAIN_MIN"))
        return numbers(t, s, 3, c->lo, err);
    if (IS("DOMAIN_MAX"))
        return numbers(t, s, 3, c->hi, err);
    if (IS("LUT_1D_INPUT_RANGE") || IS("LUT_3D_INPUT_RANGE"))
        return read_range(t, s, c, err);
#undef IS
    return nn_fail(err, NN_EFORMAT, "%s:%d: \"%.*s\" is no keyword of a .cube file", t->name,
                   t->line, (int)(n < 40 ? n : 40), t->buf);
}

static int read_table(struct text *t, struct nn_cube *c, struct nn_err *err)
{
    size_t side = (size_t)c->size, count = c->dims == 3 ? side * side * side : side, i = 0;
    int more;

    /* five bytes are the shortest line there is: no memory for what cannot be there */
    if ((size_t)(t->end - t->at) / 5 + 2 < count)
        return nn_fail(err, NN_EFORMAT, "%s: too short for a table of %zu entries", t->name, count);
    if (!(c->entry = malloc(count * sizeof *c->entry)))
        return nn_fail_mem(err, "a look");
    do {
        if (i == count)
            return nn_fail(err, NN_EFORMAT, "%s:%d: more than the %zu entries of its size",
                           t->name, t->line, count);
        if (numbers(t, t->buf, 3, c->entry[i], err))
            return -1;
        c->entry[i++][3] = 0;
    } while ((more = next_line(t, err)) == 1);
    if (more < 0)
        return -1;
    if (i < count)
        return nn_fail(err, NN_EFORMAT, "%s:%d: ends after %zu of %zu entries", t->name, t->line,
                       i, count);
    return 0;
}

static int parse(struct text *t, struct nn_cube *c, struct nn_err *err)
{
    int got;

    while ((got = next_line(t, err)) == 1 && strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ", t->buf[0]))
        if (keyword(t, c, err))
            return -1;
    if (got < 0)
        return -1;
    if (!c->size)
        return nn_fail(err, NN_EFORMAT, "%s:%d: neither LUT_1D_SIZE nor LUT_3D_SIZE%s", t->name,
                       t->line, got ? " before the table" : "");
    for (int i = 0; i < 3; i++) {
        if (!(c->hi[i] - c->lo[i] > 1e-5f))
            return nn_fail(err, NN_EFORMAT, "%s: the domain's end %g is not above its start %g",
                           t->name, (double)c->hi[i], (double)c->lo[i]);
        c->scale[i] = (float)(c->size - 1) / (c->hi[i] - c->lo[i]);
    }
    if (!got)
        return nn_fail(err, NN_EFORMAT, "%s:%d: no table", t->name, t->line);
    return read_table(t, c, err);
}

int nn_cube_parse(const char *text, size_t size, const char *name, struct nn_cube *c,
                  struct nn_err *err)
{
    struct text t = { .at = text, .end = text + size, .name = name };

    if (size >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))      /* a byte order mark */
        t.at += 3;
    *c = (struct nn_cube){ .hi = { 1, 1, 1 } };
    if (!parse(&t, c, err))
        return 0;
    nn_cube_release(c);
    return -1;
}

int nn_cube_read(const char *path, struct nn_cube *c, struct nn_err *err)
{
    size_t size;
    char *text = nn_file_read(path, LIMIT, &size, err);
    int ret;

    *c = (struct nn_cube){ 0 };
    if (!text)
        return -1;
    ret = nn_cube_parse(text, size, path, c, err);
    free(text);
    return ret;
}

void nn_cube_release(struct nn_cube *c)
{
    free(c->entry);
    *c = (struct nn_cube){ 0 };
}

/* Where v lies in the table, in entries: 0..size - 1; NaN counts as the domain's start. */
static inline float place(const struct nn_cube *c, int i, float v)
{
    float last = (float)(c->size - 1), at = (v - c->lo[i]) * c->scale[i];

    at = at > 0 ? at : 0;
    return at < last ? at : last;
}

/* What is to be fetched for some colours: the entry at the start of the cell, the steps from
 * there, and the weights of the four. Whole loops without a branch, which go by vectors. */
struct fetch {
    float part[3][CHUNK], weight[4][CHUNK];
    int32_t at[CHUNK], up[CHUNK], down[CHUNK];
};

/* The tetrahedron of six that holds the point has the cell's first and last corner, the one
 * along the axis of the largest part, and the one that lacks only the axis of the smallest. */
static void prepare(const struct nn_cube *c, float *const rgb[3], int n, struct fetch *f)
{
    int side = c->size, stride[3] = { 1, side, side * side };
    float start[CHUNK] = { 0 }, most = (float)(side - 2);

    for (int i = 0; i < 3; i++) {
        const float *restrict in = rgb[i];
        float step = (float)stride[i];
        for (int x = 0; x < n; x++) {
            float at = place(c, i, in[x]), k = (float)(int)at;
            k = k < most ? k : most;
            f->part[i][x] = at - k;
            start[x] += k * step;           /* below 2^24, so exact */
        }
    }
    for (int x = 0; x < n; x++) {
        float r = f->part[0][x], g = f->part[1][x], b = f->part[2][x], mid;
        float hi = g > r ? g : r, lo = g <= r ? g : r;
        int32_t up = g > r ? stride[1] : 1, down = g <= r ? stride[1] : 1;
        up = b > hi ? stride[2] : up;
        hi = b > hi ? b : hi;
        down = b <= lo ? stride[2] : down;
        lo = b <= lo ? b : lo;
        mid = r + g + b - hi - lo;
        f->at[x] = (int32_t)start[x];
        f->up[x] = up;
        f->down[x] = 1 + stride[1] + stride[2] - down;
        f->weight[0][x] = 1 - hi;
        f->weight[1][x] = hi - mid;
        f->weight[2][x] = mid - lo;
        f->weight[3][x] = lo;
    }
}

static void look_3d(const struct nn_cube *c, float *const rgb[3], int n)
{
    int all = 1 + c->size + c->size * c->size;
    struct fetch f;

    prepare(c, rgb, n, &f);
    for (int x = 0; x < n; x++) {
        const float (*e)[4] = (const float (*)[4])c->entry + f.at[x];
        const float *p0 = e[0], *p1 = e[f.up[x]], *p2 = e[f.down[x]], *p3 = e[all];
        float out[4];
        for (int i = 0; i < 4; i++)
            out[i] = f.weight[0][x] * p0[i] + f.weight[1][x] * p1[i] + f.weight[2][x] * p2[i] +
                     f.weight[3][x] * p3[i];
        for (int i = 0; i < 3; i++)
            rgb[i][x] = out[i];
    }
}

static void look_1d(const struct nn_cube *c, float *const rgb[3], int n)
{
    for (int i = 0; i < 3; i++)
        for (int x = 0; x < n; x++) {
            float at = place(c, i, rgb[i][x]);
            int k = (int)at < c->size - 2 ? (int)at : c->size - 2;
            rgb[i][x] = c->entry[k][i] + (at - (float)k) * (c->entry[k + 1][i] - c->entry[k][i]);
        }
}

void nn_cube_look(const struct nn_cube *c, float *const rgb[3], int n)
{
    for (int x = 0; x < n; x += CHUNK) {
        float *const part[3] = { rgb[0] + x, rgb[1] + x, rgb[2] + x };
        int most = n - x < CHUNK ? n - x : CHUNK;
        if (c->dims == 3)
            look_3d(c, part, most);
        else
            look_1d(c, part, most);
    }
}
