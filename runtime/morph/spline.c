#include "runtime/morph/spline.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = NN_SPLINE_POINTS, ALL = MOST + 3 };

static const double SIZE = 256;         /* pixels that count as 1: `stiff` has no unit */
static const float FOLD = 0.12f;        /* of its area a cell keeps at least */

struct nn_spline {
    int n;
    double at[MOST][2];
    float weight[MOST + 3][2];          /* of each point, then of 1, x and y */
    float place[MOST][2];
    double row[ALL][ALL + 2];           /* to solve in */
};

struct nn_spline *nn_spline_new(struct nn_err *err)
{
    struct nn_spline *s = calloc(1, sizeof *s);

    if (!s)
        nn_fail_mem(err, "a spline");
    return s;
}

void nn_spline_free(struct nn_spline *s)
{
    free(s);
}

static double bend(const double a[2], const double b[2])
{
    double x = a[0] - b[0], y = a[1] - b[1], r = x * x + y * y;

    return r > 0 ? r * log(r) : 0;
}

static void set_up(struct nn_spline *s, const float (*from)[2], const float (*to)[2], double stiff)
{
    int n = s->n;

    memset(s->row, 0, sizeof s->row);
    for (int i = 0; i < n; i++)
        for (int c = 0; c < 2; c++) {
            s->at[i][c] = from[i][c] / SIZE;
            s->place[i][c] = (float)s->at[i][c];
            s->row[i][n + 3 + c] = (double)to[i][c] - (double)from[i][c];
        }
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < i; j++)
            s->row[i][j] = s->row[j][i] = bend(s->at[i], s->at[j]);
        s->row[i][i] = stiff;
        s->row[i][n] = s->row[n][i] = 1;
        for (int c = 0; c < 2; c++)
            s->row[i][n + 1 + c] = s->row[n + 1 + c][i] = s->at[i][c];
    }
}

/* Gauss's elimination with the largest pivot of a column. */
static int solve(struct nn_spline *s)
{
    int n = s->n + 3;

    for (int i = 0; i < n; i++) {
        int best = i;
        for (int j = i + 1; j < n; j++)
            if (fabs(s->row[j][i]) > fabs(s->row[best][i]))
                best = j;
        if (!(fabs(s->row[best][i]) > 1e-11))
            return -1;
        for (int c = i; c < n + 2 && best != i; c++) {
            double v = s->row[i][c];
            s->row[i][c] = s->row[best][c];
            s->row[best][c] = v;
        }
        for (int j = i + 1; j < n; j++) {
            double k = s->row[j][i] / s->row[i][i];
            for (int c = i + 1; c < n + 2 && k != 0; c++)
                s->row[j][c] -= k * s->row[i][c];
        }
    }
    for (int i = n - 1; i >= 0; i--)
        for (int c = n; c < n + 2; c++) {
            for (int j = i + 1; j < n; j++)
                s->row[i][c] -= s->row[i][j] * s->row[j][c];
            s->row[i][c] /= s->row[i][i];
            s->weight[i][c - n] = (float)s->row[i][c];
        }
    return 0;
}

int nn_spline_fit(struct nn_spline *s, const float (*from)[2], const float (*to)[2], int n,
                  double stiff, struct nn_err *err)
{
    if (n < 3 || n > MOST)
        return nn_fail(err, NN_EARG, "a spline of %d points; 3 to %d are possible", n, MOST);
    s->n = n;
    set_up(s, from, to, stiff);
    if (solve(s))
        return nn_fail(err, NN_EFORMAT, "the points of a face lie on one line, or twice in one "
                       "place");
    return 0;
}

void nn_spline_at(const struct nn_spline *s, float x, float y, float out[2])
{
    const float (*w)[2] = s->weight;
    int n = s->n;

    x /= (float)SIZE;
    y /= (float)SIZE;
    for (int c = 0; c < 2; c++)
        out[c] = w[n][c] + w[n + 1][c] * x + w[n + 2][c] * y;
    for (int i = 0; i < n; i++) {
        float dx = x - s->place[i][0], dy = y - s->place[i][1], r = dx * dx + dy * dy;
        float u = r > 0 ? r * logf(r) : 0;
        out[0] += w[i][0] * u;
        out[1] += w[i][1] * u;
    }
}

int nn_warp_init(struct nn_warp *g, int wide, int high, int step, struct nn_err *err)
{
    *g = (struct nn_warp){ .step = step, .w = (wide + step - 1) / step + 1,
                           .h = (high + step - 1) / step + 1 };
    if (!(g->move[0] = calloc(2 * (size_t)g->w * (size_t)g->h, sizeof *g->move[0])))
        return nn_fail_mem(err, "a warp");
    g->move[1] = g->move[0] + (size_t)g->w * (size_t)g->h;
    return 0;
}

void nn_warp_release(struct nn_warp *g)
{
    free(g->move[0]);
    memset(g, 0, sizeof *g);
}

struct filling {
    struct nn_warp *g;
    const struct nn_spline *s;
};

static void fill_row(void *arg, int j)
{
    const struct filling *k = arg;
    struct nn_warp *g = k->g;

    for (int i = 0; i < g->w; i++) {
        float v[2];
        nn_spline_at(k->s, g->left + (float)(i * g->step), g->top + (float)(j * g->step), v);
        g->move[0][j * g->w + i] = v[0];
        g->move[1][j * g->w + i] = v[1];
    }
}

/* The smallest area of a cell's corner triangles, of what it was before, times the sign of its
 * turn; the map as a whole may enlarge or shrink, so beside the median cell's. */
static float tightest(const struct nn_warp *g)
{
    float least = FLT_MAX, unit = 1 / (float)g->step;
    double sum = 0;

    for (int j = 0; j + 1 < g->h; j++)
        for (int i = 0; i + 1 < g->w; i++) {
            int k = j * g->w + i;
            const float *x = g->move[0] + k, *y = g->move[1] + k;
            float ax = 1 + (x[1] - x[0]) * unit, ay = (y[1] - y[0]) * unit;
            float bx = (x[g->w] - x[0]) * unit, by = 1 + (y[g->w] - y[0]) * unit;
            float area = ax * by - ay * bx;
            least = area < least ? area : least;
            sum += area;
        }
    sum /= (double)((g->w - 1) * (g->h - 1));
    return sum > 0 ? least / (float)sum : -1;
}

int nn_warp_fit(struct nn_warp *g, struct nn_spline *s, const float (*from)[2],
                const float (*to)[2], int n, struct nn_pool *pool, struct nn_err *err)
{
    struct filling k = { g, s };
    double stiff = 1e-6;

    for (int tries = 0; tries < 8; tries++, stiff = stiff < 1e-4 ? 1e-4 : 5 * stiff) {
        if (nn_spline_fit(s, from, to, n, stiff, err))
            return -1;
        nn_pool_run(pool, g->h, fill_row, &k);
        if ((g->least = tightest(g)) >= FOLD)
            break;
    }
    return 0;
}

void nn_warp_row(const struct nn_warp *g, int y, int x0, int n, float *across, float *down)
{
    float at = ((float)y - g->top) / (float)g->step, unit = 1 / (float)g->step, v;
    int j = (int)at;

    j = j < 0 ? 0 : j > g->h - 2 ? g->h - 2 : j;
    v = at - (float)j;
    for (int c = 0; c < 2; c++) {
        const float *a = g->move[c] + (size_t)j * (size_t)g->w, *b = a + g->w;
        float *out = c ? down : across;
        for (int x = 0; x < n; x++) {
            float u = ((float)(x0 + x) - g->left) * unit;
            int i = (int)u;
            i = i < 0 ? 0 : i > g->w - 2 ? g->w - 2 : i;
            u -= (float)i;
            float p = a[i] + v * (b[i] - a[i]), q = a[i + 1] + v * (b[i + 1] - a[i + 1]);
            out[x] = p + u * (q - p);
        }
    }
}
