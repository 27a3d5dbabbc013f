/* Colours of footage, and how far two sets of them are apart. */
#include <stdlib.h>
#include <string.h>

#include "common/rng.h"
#include "runtime/look/look.h"
#include "runtime/look/oklab.h"

enum { N = NN_LOOK_SAMPLES, STEPS = 24, SLICES = 16 };

static int take(struct nn_colours *c, struct nn_err *err)
{
    return (c->lab = malloc(N * sizeof *c->lab)) ? 0 : nn_fail_mem(err, "colours");
}

void nn_colours_release(struct nn_colours *c)
{
    free(c->lab);
    c->lab = NULL;
}

static void see(const double code[3], double lab[3])
{
    double light[3];

    for (int i = 0; i < 3; i++)
        light[i] = nn_srgb_light(code[i]);
    nn_oklab_of(light, lab);
}

int nn_colours_take(struct nn_colours *c, const uint8_t *px, int64_t pixels, uint64_t seed,
                    struct nn_err *err)
{
    struct nn_rng r;

    if (take(c, err))
        return -1;
    nn_rng_seed(&r, seed, 1);
    for (int i = 0; i < N; i++) {
        const uint8_t *p = px + 3 * (nn_rng_u64(&r) % (uint64_t)pixels);
        double code[3];
        for (int k = 0; k < 3; k++)     /* a code is a range of values, not one */
            code[k] = fmin(fmax((p[k] + (double)nn_rng_float(&r) - 0.5) / 255, 0), 1);
        see(code, c->lab[i]);
    }
    return 0;
}

int nn_colours_ordinary(struct nn_colours *c, uint64_t seed, struct nn_err *err)
{
    struct nn_rng r;

    if (take(c, err))
        return -1;
    nn_rng_seed(&r, seed, 2);
    for (int i = 0; i < N; i++) {
        /* A triangle over all lightnesses; the chroma of streets, faces and skies. */
        double l = (double)(nn_rng_float(&r) + nn_rng_float(&r)) / 2, room = 4 * l * (1 - l);
        c->lab[i][0] = l;
        c->lab[i][1] = 0.045 * room * (double)nn_rng_normal(&r);
        c->lab[i][2] = 0.055 * room * (double)nn_rng_normal(&r);
    }
    return 0;
}

void nn_colours_grade(struct nn_colours *c, const struct nn_cube *cube)
{
    for (int i = 0; i < N; i++) {
        float v[3], *const row[3] = { &v[0], &v[1], &v[2] };
        double rgb[3];
        nn_oklab_rgb(c->lab[i], rgb);
        for (int k = 0; k < 3; k++)
            v[k] = (float)nn_srgb_code(fmin(fmax(rgb[k], 0), 1));
        nn_cube_look(cube, row, 1);
        for (int k = 0; k < 3; k++)
            rgb[k] = (double)v[k];
        see(rgb, c->lab[i]);
    }
}

/* Three directions at right angles, by chance (Gram and Schmidt's way). */
static void throw_axes(struct nn_rng *r, double axis[3][3])
{
    for (int k = 0; k < 3;) {
        double length = 0;
        for (int i = 0; i < 3; i++)
            axis[k][i] = (double)nn_rng_normal(r);
        for (int j = 0; j < k; j++) {
            double dot = 0;
            for (int i = 0; i < 3; i++)
                dot += axis[k][i] * axis[j][i];
            for (int i = 0; i < 3; i++)
                axis[k][i] -= dot * axis[j][i];
        }
        for (int i = 0; i < 3; i++)
            length += axis[k][i] * axis[k][i];
        if (length < 1e-4)
            continue;
        for (int i = 0; i < 3; i++)
            axis[k][i] /= sqrt(length);
        k++;
    }
}

struct place {
    double at;
    int who;
};

static int by_place(const void *a, const void *b)
{
    const struct place *p = a, *q = b;

    return p->at < q->at ? -1 : p->at > q->at ? 1 : (p->who > q->who) - (p->who < q->who);
}

/* The colours along an axis, in order. */
static void order(const struct nn_colours *c, const double axis[3], struct place *p)
{
    for (int i = 0; i < N; i++) {
        const double *v = c->lab[i];
        p[i] = (struct place){ v[0] * axis[0] + v[1] * axis[1] + v[2] * axis[2], i };
    }
    qsort(p, N, sizeof *p, by_place);
}

double nn_colours_distance(const struct nn_colours *a, const struct nn_colours *b, uint64_t seed)
{
    struct place *p = malloc(2 * N * sizeof *p), *q;
    double axis[3][3], sum = 0;
    struct nn_rng r;

    if (!p)
        return NAN;
    q = p + N;
    nn_rng_seed(&r, seed, 3);
    for (int s = 0; s < SLICES; s++) {
        throw_axes(&r, axis);
        for (int k = 0; k < 3; k++) {
            order(a, axis[k], p);
            order(b, axis[k], q);
            for (int i = 0; i < N; i++)
                sum += (p[i].at - q[i].at) * (p[i].at - q[i].at);
        }
    }
    free(p);
    return sqrt(sum / (3.0 * SLICES * N));
}

int nn_colours_transport(struct nn_colours *c, const struct nn_colours *to, uint64_t seed,
                         struct nn_err *err)
{
    struct place *p = malloc(2 * N * sizeof *p), *q;
    double axis[3][3];
    struct nn_rng r;

    if (!p)
        return nn_fail_mem(err, "colours");
    q = p + N;
    nn_rng_seed(&r, seed, 4);
    for (int s = 0; s < STEPS; s++) {
        throw_axes(&r, axis);
        for (int k = 0; k < 3; k++) {
            order(c, axis[k], p);
            order(to, axis[k], q);
            for (int i = 0; i < N; i++)
                for (int j = 0; j < 3; j++)
                    c->lab[p[i].who][j] += (q[i].at - p[i].at) * axis[k][j];
        }
    }
    free(p);
    return 0;
}
