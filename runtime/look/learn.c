/*
 * learn.c - matched colours to a smooth field, and the field to a table.
 *
 * Pairs are gathered in cells first: some hundreds of weighted displacements say as much as all the
 * samples, and each entry of the table asks all of them.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/look/look.h"
#include "runtime/look/oklab.h"

enum { N = NN_LOOK_SAMPLES, CELLS = 24, ALL = CELLS * CELLS * CELLS };
static const double WIDE = 3;           /* width of the wider Gaussian, in narrower ones */
static const double NEAR = 0.002, FAR = 0.0005; /* shares of all samples: doubt against each */
static const double EDGE = 0.12;        /* lightness from black and white in which it fades in */
static const double RISE = 0.15;        /* of lightness along the greys, at least */

struct cell {
    double at[3], move[3], n;
};

struct field {
    struct cell *cell;
    int cells;
    double narrow;              /* 1 / (2 sigma^2) */
};

static int cell_of(const double lab[3])
{
    int i[3] = { (int)(lab[0] * CELLS), (int)((lab[1] + 0.4) / 0.8 * CELLS),
                 (int)((lab[2] + 0.4) / 0.8 * CELLS) };

    for (int k = 0; k < 3; k++)
        i[k] = i[k] < 0 ? 0 : i[k] < CELLS ? i[k] : CELLS - 1;
    return (i[0] * CELLS + i[1]) * CELLS + i[2];
}

static void gather(const struct nn_colours *from, const struct nn_colours *moved, struct field *f)
{
    for (int i = 0; i < N; i++) {
        struct cell *c = &f->cell[cell_of(from->lab[i])];
        for (int k = 0; k < 3; k++) {
            c->at[k] += from->lab[i][k];
            c->move[k] += moved->lab[i][k] - from->lab[i][k];
        }
        c->n++;
    }
    for (int i = 0; i < ALL; i++) {
        struct cell c = f->cell[i];
        if (!(c.n > 0))
            continue;
        for (int k = 0; k < 3; k++) {
            c.at[k] /= c.n;
            c.move[k] /= c.n;
        }
        f->cell[f->cells++] = c;
    }
}

/* How a colour moves: as its neighbours do, else as the wider neighbourhood, else not at all. */
static void move_of(const struct field *f, const double lab[3], double move[3])
{
    double near[3] = { 0 }, far[3] = { 0 }, nears = NEAR * N, fars = FAR * N;

    for (int i = 0; i < f->cells; i++) {
        const struct cell *c = &f->cell[i];
        double d = 0, w, v;
        for (int k = 0; k < 3; k++)
            d += (lab[k] - c->at[k]) * (lab[k] - c->at[k]);
        v = c->n * exp(-d * f->narrow / (WIDE * WIDE));
        w = c->n * exp(-d * f->narrow);
        for (int k = 0; k < 3; k++) {
            near[k] += w * c->move[k];
            far[k] += v * c->move[k];
        }
        nears += w;
        fars += v;
    }
    for (int k = 0; k < 3; k++)
        move[k] = (near[k] + NEAR * N * far[k] / fars) / nears;
}

/* Into what a display shows: chroma goes as far as it must. */
static void show(double lab[3], double rgb[3])
{
    double lo = 0, hi = 1, part = 1, a = lab[1], b = lab[2];

    lab[0] = fmin(fmax(lab[0], 0), 1);
    for (int i = 0; i < 18; i++) {
        int fits = 1;
        lab[1] = part * a;
        lab[2] = part * b;
        nn_oklab_rgb(lab, rgb);
        for (int k = 0; k < 3; k++)
            fits &= rgb[k] >= -1e-6 && rgb[k] <= 1 + 1e-6;
        if (fits && !i)
            return;
        *(fits ? &lo : &hi) = part;
        part = (lo + hi) / 2;
    }
}

/* The codes that entry i stands for. */
static void code_of(int n, int i, double code[3])
{
    code[0] = (double)(i % n) / (n - 1);
    code[1] = (double)(i / n % n) / (n - 1);
    code[2] = (double)(i / n / n) / (n - 1);
}

static double fade(double l)
{
    double x = fmin(fmin(l, 1 - l) / EDGE, 1);

    return x > 0 ? x * x * (3 - 2 * x) : 0;
}

/* How far lightness may follow, so that no grey overtakes a lighter one. */
static double lightness_of(const struct field *f, const struct nn_grade_opts *o)
{
    double part = o->lightness;

    for (int tries = 0; tries < 40; tries++) {
        double last = 0, least = 1;
        for (int i = 0; i <= 64; i++) {
            double lab[3] = { i / 64.0, 0, 0 }, move[3], l;
            move_of(f, lab, move);
            l = lab[0] + o->strength * part * fade(lab[0]) * move[0];
            if (i)
                least = fmin(least, (l - last) * 64);
            last = l;
        }
        if (least >= RISE)
            break;
        part *= 0.9;
    }
    return part;
}

static void bake(const struct field *f, const struct nn_grade_opts *o, struct nn_cube *c)
{
    double part = lightness_of(f, o);
    int n = o->size;

    for (int i = 0; i < n * n * n; i++) {
        double rgb[3], lab[3], move[3], in;
        code_of(n, i, rgb);
        for (int k = 0; k < 3; k++)
            rgb[k] = nn_srgb_light(rgb[k]);
        nn_oklab_of(rgb, lab);
        move_of(f, lab, move);
        in = o->strength * fade(lab[0]);
        for (int k = 0; k < 3; k++)
            lab[k] += in * (k ? 1 : part) * move[k];
        show(lab, rgb);
        for (int k = 0; k < 3; k++)
            c->entry[i][k] = (float)nn_srgb_code(fmin(fmax(rgb[k], 0), 1));
    }
}

/* What the table changes becomes 1 2 1 of itself along one side. Where colours had to give way to
 * the display, above all at the blue corner, where Oklab's gamut is hollow, it had jumps. */
static void soften(struct nn_cube *c, int stride, float (*line)[3])
{
    int n = c->size;

    for (int i = 0; i < n * n * n; i++) {
        double code[3];
        if (i / stride % n)             /* not the first of its line */
            continue;
        for (int x = 0; x < n; x++) {
            code_of(n, i + x * stride, code);
            for (int k = 0; k < 3; k++)
                line[x][k] = c->entry[i + x * stride][k] - (float)code[k];
        }
        for (int x = 0; x < n; x++) {
            int left = x ? x - 1 : 0, right = x < n - 1 ? x + 1 : x;
            code_of(n, i + x * stride, code);
            for (int k = 0; k < 3; k++) {
                float v = (float)code[k] + (line[left][k] + 2 * line[x][k] + line[right][k]) / 4;
                c->entry[i + x * stride][k] = v > 0 ? v < 1 ? v : 1 : 0;
            }
        }
    }
}

static void soften_all(struct nn_cube *c)
{
    float line[NN_CUBE_3D_MAX][3];
    int n = c->size, last = n * n * n - 1;

    for (int times = 0; times < 2; times++)
        for (int stride = 1; stride <= n * n; stride *= n)
            soften(c, stride, line);
    for (int k = 0; k < 3; k++) {       /* black and white stay what they are */
        c->entry[0][k] = 0;
        c->entry[last][k] = 1;
    }
}

static double apart(const double a[3], const double b[3])
{
    return sqrt((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]) +
                (a[2] - b[2]) * (a[2] - b[2]));
}

static void see(const double code[3], double lab[3])
{
    double light[3];

    for (int k = 0; k < 3; k++)
        light[k] = nn_srgb_light(code[k]);
    nn_oklab_of(light, lab);
}

static void both(const struct nn_cube *c, int i, double was[3], double is[3])
{
    double code[3];

    code_of(c->size, i, code);
    see(code, was);
    for (int k = 0; k < 3; k++)
        code[k] = (double)c->entry[i][k];
    see(code, is);
}

static void judge(const struct nn_cube *c, struct nn_grade_figures *f)
{
    int n = c->size, step[4] = { 1, n, n * n, 1 + n + n * n };

    *f = (struct nn_grade_figures){ 0, 1e9, 0 };
    for (int i = 0; i < n * n * n; i++) {
        int at[3] = { i % n, i / n % n, i / n / n };
        double was[3], is[3], was2[3], is2[3];
        both(c, i, was, is);
        f->mean += apart(was, is) / ((double)n * n * n);
        for (int k = 0; k < 3; k++) {
            if (at[k] + 1 == n)
                continue;
            both(c, i + step[k], was2, is2);
            f->stretch = fmax(f->stretch, apart(is, is2) / apart(was, was2));
        }
        if (at[0] == at[1] && at[1] == at[2] && at[0] + 1 < n) {
            both(c, i + step[3], was2, is2);
            f->slope = fmin(f->slope, (is2[0] - is[0]) / (was2[0] - was[0]));
        }
    }
}

int nn_grade_learn(const struct nn_colours *from, const struct nn_colours *to,
                  const struct nn_grade_opts *o, struct nn_cube *out, struct nn_grade_figures *f,
                  struct nn_err *err)
{
    size_t all = (size_t)o->size * (size_t)o->size * (size_t)o->size;
    struct field field = { calloc(ALL, sizeof *field.cell), 0, 0.5 / (o->smooth * o->smooth) };
    struct nn_colours moved = { malloc(N * sizeof *moved.lab) };
    int ret = -1;

    *out = (struct nn_cube){ .dims = 3, .size = o->size, .hi = { 1, 1, 1 } };
    for (int k = 0; k < 3; k++)
        out->scale[k] = (float)(o->size - 1);
    out->entry = calloc(all, sizeof *out->entry);
    if (!field.cell || !moved.lab || !out->entry) {
        nn_fail_mem(err, "a look");
        goto out;
    }
    memcpy(moved.lab, from->lab, N * sizeof *moved.lab);
    if (nn_colours_transport(&moved, to, o->seed, err))
        goto out;
    gather(from, &moved, &field);
    bake(&field, o, out);
    soften_all(out);
    judge(out, f);
    ret = 0;
out:
    if (ret)
        nn_cube_release(out);
    nn_colours_release(&moved);
    free(field.cell);
    return ret;
}
