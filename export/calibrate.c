#include "export/calibrate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/progress.h"
#include "common/stop.h"

enum { BINS = 2048, SHRINKS = 64 };

const char *const nn_range_methods[] = { "minmax", "percentile", "mse", NULL };

/* Where `share` of all values lie below, from the left (or the right) end. */
static double percentile(const double *bin, int bins, double share, int from_right)
{
    double total = 0, sum = 0;
    int k = 0;

    for (int i = 0; i < bins; i++)
        total += bin[i];
    while (k < bins - 1 && (sum += bin[from_right ? bins - 1 - k : k]) < share * total)
        k++;
    return (double)k / bins;
}

/* Mean square error of eight bits over lo..hi: rounding inside, clipping outside. */
static double square_error(const double *bin, int bins, double first, double width, double lo,
                           double hi)
{
    double step = (hi - lo) / 255, error = 0;

    for (int i = 0; i < bins; i++) {
        double v = first + (i + .5) * width, off = v < lo ? lo - v : v > hi ? v - hi : 0;
        error += bin[i] * (off > 0 ? off * off : step * step / 12);
    }
    return error;
}

struct nn_range nn_range_choose(enum nn_range_method method, double lo, double hi,
                                const double *bin, int bins)
{
    double width = (hi - lo) / bins, best = INFINITY, from = lo, to = hi;

    if (method == NN_RANGE_PERCENTILE) {
        double below = percentile(bin, bins, 1e-4, 0), above = percentile(bin, bins, 1e-4, 1);
        from = lo + below * (hi - lo);
        to = hi - above * (hi - lo);
    }
    for (int k = 0; method == NN_RANGE_MSE && k < SHRINKS; k++) {
        double share = 1 - .8 * k / SHRINKS, a = lo < 0 ? lo * share : lo;
        double b = hi > 0 ? hi * share : hi, error;
        if (b <= a)
            break;
        error = square_error(bin, bins, lo, width, fmin(a, 0), fmax(b, 0));
        if (error < best) {
            best = error;
            from = a;
            to = b;
        }
    }
    return (struct nn_range){ (float)fmin(from, 0), (float)fmax(to, 0) };  /* 0 must be exact */
}

struct pass {
    const struct nn_calibration *c;
    struct nn_engine *engine;
    const int *at;              /* a tensor's output of the engine */
    int n, second;
    struct nn_range *range;
    double (*bin)[BINS];
    float *x;
};

static int look(struct pass *p, int i, const struct nn_value *v, struct nn_err *err)
{
    struct nn_range *r = &p->range[i];
    const float *f = v->data;
    int64_t n = 1;
    double scale = r->hi > r->lo ? BINS / ((double)r->hi - r->lo) : 0;

    for (int k = 0; k < v->ndim; k++)
        n *= v->dim[k];
    for (int64_t k = 0; k < n; k++) {
        if (!isfinite(f[k]))
            return nn_fail(err, NN_EFORMAT, "%s takes a value that is no number", v->name);
        if (p->second) {
            int b = (int)((f[k] - (double)r->lo) * scale);
            p->bin[i][b < 0 ? 0 : b >= BINS ? BINS - 1 : b]++;
        } else {
            r->lo = f[k] < r->lo ? f[k] : r->lo;
            r->hi = f[k] > r->hi ? f[k] : r->hi;
        }
    }
    return 0;
}

static int pass(struct pass *p, struct nn_err *err)
{
    struct nn_progress progress;
    int ret = 0;

    nn_progress_start(&progress, p->second ? "measuring values" : "measuring ranges", p->c->count);
    for (int64_t i = 0; !ret && i < p->c->count; i++) {
        struct nn_value in = nn_sight_value(p->c->sight, 1, p->x);
        ret = p->c->fill(p->c->arg, i, p->x, err) || nn_engine_run(p->engine, &in, 1, err) ||
              nn_check_stop("calibration", err);
        for (int k = 0; !ret && k < p->n; k++)
            ret = look(p, k, nn_engine_output(p->engine, p->at[k]), err);
        nn_progress_update(&progress, i, NULL);
    }
    nn_progress_stop(&progress);
    return ret ? -1 : 0;
}

/* A copy of the graph that also gives the tensors wanted; at[] their outputs. */
static struct nn_graph *with_outputs(const struct nn_graph *from, const int *tensor, int n, int *at,
                                     struct nn_err *err)
{
    struct nn_graph *g = nn_graph_copy(from, err);

    for (int i = 0; g && i < n; i++) {
        for (at[i] = 0; at[i] < g->nout && g->out[at[i]] != tensor[i]; at[i]++)
            ;
        if (at[i] == g->nout)
            nn_graph_output(g, tensor[i]);
    }
    if (g && nn_graph_finish(g, err)) {
        nn_graph_free(g);
        return NULL;
    }
    return g;
}

int nn_calibrate(const struct nn_graph *from, const struct nn_calibration *c, const int *tensor,
                 int n, struct nn_range *range, struct nn_err *err)
{
    int *at = calloc((size_t)n + 1, sizeof *at), ret = -1;
    struct pass p = { .c = c, .at = at, .n = n, .range = range };
    struct nn_engine_opts opts = { .max_memory = c->max_memory };
    struct nn_graph *g = NULL;

    p.bin = calloc((size_t)n + 1, sizeof *p.bin);
    p.x = malloc((size_t)c->sight->floats * sizeof *p.x);
    if (!at || !p.bin || !p.x) {
        nn_fail_mem(err, "calibration");
        goto out;
    }
    for (int i = 0; i < n; i++)
        range[i] = (struct nn_range){ INFINITY, -INFINITY };
    if (!(g = with_outputs(from, tensor, n, at, err)) ||
        !(p.engine = nn_engine_new(g, &opts, err)) ||
        pass(&p, err))
        goto out;
    p.second = 1;
    if (c->method != NN_RANGE_MINMAX && pass(&p, err))
        goto out;
    for (int i = 0; i < n; i++)
        range[i] = range[i].lo > range[i].hi ? (struct nn_range){ 0, 0 }
                 : nn_range_choose(c->method, range[i].lo, range[i].hi, p.bin[i], BINS);
    ret = 0;
out:
    nn_engine_free(p.engine);
    nn_graph_free(g);
    free(at);
    free(p.bin);
    free(p.x);
    return ret;
}
