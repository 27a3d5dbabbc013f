#include "export/feed.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/rng.h"
#include "runtime/onnx/onnx.h"

/* "1x3x320x320" over the tensor's own shape, which it must fit. */
static int set_shape(struct nn_tensor *t, const char *text, struct nn_err *err)
{
    int64_t dim[NN_MAX_DIMS];
    char shape[128], *end = (char *)text;
    int n = 0;

    for (const char *p = text; n < NN_MAX_DIMS; p = end + 1) {
        dim[n] = strtoll(p, &end, 10);
        if (end == p || dim[n] < 0 || dim[n++] > NN_MAX_ELEMENTS || *end != 'x')
            break;
    }
    if (!n || *end)
        return nn_fail(err, NN_EUSAGE, "'%s' is no shape like 1x3x320x320", text);
    for (int k = 0; k < n && t->ndim >= 0; k++)
        if (n != t->ndim || (t->dim[k] >= 0 && t->dim[k] != dim[k]))
            return nn_fail(err, NN_EUSAGE, "input '%s' is %s, not %s", t->name,
                           nn_shape_text(t->ndim, t->dim, shape, sizeof shape), text);
    t->ndim = n;
    memcpy(t->dim, dim, sizeof dim);
    return 0;
}

static int apply(struct nn_graph *g, const char *text, struct nn_err *err)
{
    const char *eq = strrchr(text, '=');

    if (!eq && g->nin == 1)
        return set_shape(&g->tensor[g->in[0]], text, err);
    for (int i = 0; eq && i < g->nin; i++) {
        struct nn_tensor *t = &g->tensor[g->in[i]];
        if (strlen(t->name) == (size_t)(eq - text) && !strncmp(t->name, text, (size_t)(eq - text)))
            return set_shape(t, eq + 1, err);
    }
    return nn_fail(err, NN_EUSAGE, "--shape %s names no input; the first is '%s'", text,
                   g->nin ? g->tensor[g->in[0]].name : "none");
}

int nn_feed_shape(struct nn_graph *g, const char *const *shape, int nshape, struct nn_err *err)
{
    char text[128];

    for (int i = 0; i < nshape; i++)
        if (apply(g, shape[i], err))
            return -1;
    for (int i = 0; i < g->nin; i++) {
        struct nn_tensor *t = &g->tensor[g->in[i]];
        if (t->ndim > 0 && t->dim[0] < 0)
            t->dim[0] = 1;
        if (nn_tensor_elements(t) < 0)
            return nn_fail(err, NN_EUSAGE, "input '%s' is %s: say its size with --shape %s=...",
                           t->name, t->ndim < 0 ? "of unknown shape" :
                           nn_shape_text(t->ndim, t->dim, text, sizeof text), t->name);
    }
    return nn_onnx_infer(g, err);
}

static void fill(struct nn_value *v, int64_t n, struct nn_rng *rng)
{
    for (int64_t i = 0; i < n; i++)
        switch (v->type) {
        case NN_F32:
            ((float *)v->data)[i] = nn_rng_range(rng, -1, 1);
            break;
        case NN_F64:
            ((double *)v->data)[i] = (double)nn_rng_range(rng, -1, 1);
            break;
        case NN_I64: case NN_U64:
            ((int64_t *)v->data)[i] = nn_rng_below(rng, 2);
            break;
        case NN_I32: case NN_U32:
            ((int32_t *)v->data)[i] = (int32_t)nn_rng_below(rng, 2);
            break;
        case NN_I16: case NN_U16:
            ((int16_t *)v->data)[i] = (int16_t)nn_rng_below(rng, 2);
            break;
        case NN_I8: case NN_U8: case NN_BOOL:
            ((uint8_t *)v->data)[i] = (uint8_t)nn_rng_below(rng, 2);
            break;
        default:        /* half floats stay 0 */
            break;
        }
}

int nn_feed_init(struct nn_feed *f, const struct nn_graph *g, uint64_t seed, struct nn_err *err)
{
    *f = (struct nn_feed){ 0 };
    if (g->nin > (int)(sizeof f->v / sizeof *f->v))
        return nn_fail(err, NN_EUNSUPPORTED, "%d inputs are too many", g->nin);
    for (int i = 0; i < g->nin; i++) {
        const struct nn_tensor *t = &g->tensor[g->in[i]];
        struct nn_value *v = &f->v[f->n++];
        struct nn_rng rng;
        *v = (struct nn_value){ .name = t->name, .type = t->type, .ndim = t->ndim };
        memcpy(v->dim, t->dim, sizeof v->dim);
        if (!(v->data = calloc(1, nn_tensor_bytes(t) + 1))) {
            nn_feed_release(f);
            return nn_fail_mem(err, t->name);
        }
        nn_rng_seed(&rng, seed, (uint64_t)i);
        fill(v, nn_tensor_elements(t), &rng);
    }
    return 0;
}

void nn_feed_release(struct nn_feed *f)
{
    while (f->n > 0)
        free(f->v[--f->n].data);
}

static const struct nn_tensor *input(const struct nn_graph *g, const struct nn_node *n, int k)
{
    return k < n->nin && n->in[k] >= 0 ? &g->tensor[n->in[k]] : NULL;
}

int64_t nn_node_macs(const struct nn_graph *g, const struct nn_node *n)
{
    const struct nn_tensor *x = input(g, n, 0), *w = input(g, n, 1), *r = input(g, n, 2);
    const struct nn_tensor *y = n->nout && n->out[0] >= 0 ? &g->tensor[n->out[0]] : NULL;
    int64_t in = x ? nn_tensor_elements(x) : -1, weights = w ? nn_tensor_elements(w) : -1;
    int64_t out = y ? nn_tensor_elements(y) : -1;

    if (!strcmp(n->op, "Conv"))         /* every value from I/group x KH x KW weights */
        return out < 0 || weights < 0 || !w->dim[0] ? -1 : out * (weights / w->dim[0]);
    if (!strcmp(n->op, "ConvTranspose"))    /* every input to O/group x KH x KW values */
        return in < 0 || weights < 0 || !w->dim[0] ? -1 : in * (weights / w->dim[0]);
    if (!strcmp(n->op, "Gemm"))
        return out < 0 || in < 0 || x->ndim != 2 ? -1
                                                 : out * x->dim[!nn_attr_int(n, "transA", 0)];
    if (!strcmp(n->op, "MatMul"))
        return out < 0 || in < 0 || x->ndim < 1 ? -1 : out * x->dim[x->ndim - 1];
    if (!strcmp(n->op, "LSTM") || !strcmp(n->op, "GRU") || !strcmp(n->op, "RNN"))
        return in < 0 || weights < 0 || !r || nn_tensor_elements(r) < 0 || x->ndim != 3 ? -1
            : x->dim[0] * x->dim[1] * (weights + nn_tensor_elements(r));
    return 0;
}

int64_t nn_graph_macs(const struct nn_graph *g)
{
    int64_t sum = 0;

    for (int i = 0; i < g->nnode; i++) {
        int64_t macs = nn_node_macs(g, &g->node[i]);
        sum += macs > 0 ? macs : 0;
    }
    return sum;
}

int64_t nn_value_elements(const struct nn_value *v)
{
    int64_t n = 1;

    for (int k = 0; k < v->ndim; k++)
        n *= v->dim[k];
    return n;
}

static double element(const struct nn_value *v, int64_t i)
{
    switch (v->type) {
    case NN_F32: return (double)((const float *)v->data)[i];
    case NN_F64: return ((const double *)v->data)[i];
    case NN_I64: return (double)((const int64_t *)v->data)[i];
    case NN_U64: return (double)((const uint64_t *)v->data)[i];
    case NN_I32: return ((const int32_t *)v->data)[i];
    case NN_U32: return ((const uint32_t *)v->data)[i];
    case NN_I16: return ((const int16_t *)v->data)[i];
    case NN_U16: case NN_F16: case NN_BF16: return ((const uint16_t *)v->data)[i];
    case NN_I8: return ((const int8_t *)v->data)[i];
    default: return ((const uint8_t *)v->data)[i];
    }
}

int nn_value_apart(const struct nn_value *a, const struct nn_value *b, struct nn_apart *apart,
                   struct nn_err *err)
{
    int64_t n = nn_value_elements(a);
    char x[128], y[128];
    double scale = NN_APART_FLOOR;

    *apart = (struct nn_apart){ 0, 0 };
    if (a->type != b->type || n != nn_value_elements(b))
        return nn_fail(err, NN_EFORMAT, "output '%s' is %s %s here and %s %s there", a->name,
                       nn_dtype_name(a->type), nn_shape_text(a->ndim, a->dim, x, sizeof x),
                       nn_dtype_name(b->type), nn_shape_text(b->ndim, b->dim, y, sizeof y));
    for (int64_t i = 0; i < n; i++) {
        double p = element(a, i), q = element(b, i);
        double d = p == q || (isnan(p) && isnan(q)) ? 0 : fabs(p - q);
        apart->most = isnan(d) ? INFINITY : d > apart->most ? d : apart->most;
        scale = isfinite(p) && fabs(p) > scale ? fabs(p) : scale;
        scale = isfinite(q) && fabs(q) > scale ? fabs(q) : scale;
    }
    apart->relative = apart->most / scale;
    return 0;
}
