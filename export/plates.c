#include "export/plates.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PLATES = 4096, MAX_SIDE = 4096 };

void nn_plates_release(struct nn_plates *p)
{
    for (int i = 0; p->plate && i < p->n; i++)
        nn_image_release(&p->plate[i].img);
    free(p->plate);
    *p = (struct nn_plates){ 0 };
}

static int is_one_of(const char *op, const char *const *list)
{
    while (*list && strcmp(op, *list))
        list++;
    return *list != NULL;
}

static int has_maps(const struct nn_node *n)
{
    static const char *const ops[] = { "Conv", "ConvTranspose", NULL };

    return is_one_of(n->op, ops);
}

static const struct nn_node *maker(const struct nn_graph *g, int tensor)
{
    for (int i = 0; tensor >= 0 && i < g->nnode; i++)
        for (int k = 0; k < g->node[i].nout; k++)
            if (g->node[i].out[k] == tensor)
                return &g->node[i];
    return NULL;
}

/* The constant behind input 1, through a DequantizeLinear (then *dequant). */
static const struct nn_tensor *weights(const struct nn_graph *g, const struct nn_node *n,
                                       const struct nn_node **dequant)
{
    const struct nn_node *q = n->nin > 1 ? maker(g, n->in[1]) : NULL;
    int t = n->nin > 1 ? n->in[1] : -1;

    *dequant = NULL;
    if (q && !strcmp(q->op, "DequantizeLinear") && q->nin > 1) {
        *dequant = q;
        t = q->in[0];
    }
    return t >= 0 && g->tensor[t].data ? &g->tensor[t] : NULL;
}

static int has_weights(const struct nn_graph *g, const struct nn_node *n)
{
    static const char *const ops[] = { "Conv", "ConvTranspose", "Gemm", "MatMul", NULL };
    const struct nn_node *dequant;

    return is_one_of(n->op, ops) && weights(g, n, &dequant);
}

int nn_plates_first(const struct nn_graph *g, int *node, int max)
{
    int n = 0;

    for (int i = 0; i < g->nnode && n < max; i++)
        if (has_maps(&g->node[i]))
            node[n++] = i;
    return n;
}

int nn_plates_layer(const struct nn_graph *g, const char *which, struct nn_err *err)
{
    char *end = "";
    long number = which ? strtol(which, &end, 10) : 0;
    int count = 0;

    for (int i = 0; which && i < g->nnode; i++)
        if (!strcmp(g->node[i].name, which) || !strcmp(g->tensor[g->node[i].out[0]].name, which)) {
            if (has_weights(g, &g->node[i]))
                return i;
            return nn_fail(err, NN_EUNSUPPORTED, "layer %s is a %s: it has no kernels to show",
                           which, g->node[i].op);
        }
    for (int i = 0; i < g->nnode; i++)
        if (has_weights(g, &g->node[i]) && !*end && count++ == number)
            return i;
    if (!count && !*end)
        return nn_fail(err, NN_EUNSUPPORTED, "the model has no layer with constant weights (Conv, "
                       "ConvTranspose, Gemm, MatMul)");
    if (*end || number < 0)
        return nn_fail(err, NN_ENOTFOUND, "the model has no layer \"%s\"; `neonnoir export "
                       "inspect` lists them", which);
    return nn_fail(err, NN_ENOTFOUND, "there is no layer %ld: the model has %d with weights, "
                   "counted from 0", number, count);
}

/* Element i of a constant, dequantised where `dequant` says so. NAN: a type we cannot read. */
static float element(const struct nn_graph *g, const struct nn_tensor *t,
                     const struct nn_node *dequant, int64_t i)
{
    const struct nn_tensor *scale, *zero;
    int64_t axis, inner = 1, at = 0;
    double v, z = 0;

    if (t->type == NN_F32 && !dequant)
        return ((const float *)t->data)[i];
    if (!dequant || (t->type != NN_I8 && t->type != NN_U8))
        return NAN;
    scale = &g->tensor[dequant->in[1]];
    zero = dequant->nin > 2 && dequant->in[2] >= 0 ? &g->tensor[dequant->in[2]] : NULL;
    if (!scale->data || scale->type != NN_F32 || (zero && zero->type != t->type))
        return NAN;
    if (nn_tensor_elements(scale) > 1) {
        axis = nn_attr_int(dequant, "axis", 1);
        axis += axis < 0 ? t->ndim : 0;
        if (axis < 0 || axis >= t->ndim || nn_tensor_elements(scale) != t->dim[axis])
            return NAN;
        for (int64_t d = axis + 1; d < t->ndim; d++)
            inner *= t->dim[d];
        at = i / inner % t->dim[axis];
    }
    v = t->type == NN_I8 ? ((const int8_t *)t->data)[i] : ((const uint8_t *)t->data)[i];
    if (zero && zero->data && at < nn_tensor_elements(zero))
        z = t->type == NN_I8 ? ((const int8_t *)zero->data)[at] : ((const uint8_t *)zero->data)[at];
    return (float)((v - z) * ((const float *)scale->data)[at]);
}

/* Paints w x h values of `channels` (1 or 3) planes: symmetric about zero, or with
 * `glow` from the least to the largest, faint ones lifted by the root. */
static int paint(struct nn_plate *p, const float *v, int w, int h, int channels, int glow,
                 struct nn_err *err)
{
    size_t area = (size_t)w * (size_t)h;
    float top = 0, low = v[0], high = v[0];
    double sum = 0;

    if (nn_image_init(&p->img, w, h, 3, err))
        return -1;
    for (size_t i = 0; i < area * (size_t)channels; i++) {
        top = fabsf(v[i]) > top ? fabsf(v[i]) : top;
        low = v[i] < low ? v[i] : low;
        high = v[i] > high ? v[i] : high;
        sum += (double)v[i] * v[i];
    }
    p->strength = (float)sqrt(sum / (double)(area * (size_t)channels));
    for (size_t i = 0; i < area; i++) {
        uint8_t *px = p->img.px + i * 3;
        float scaled = top > 0 ? v[i] / top : 0;
        if (channels == 1 && glow)
            nn_neon_glow(high > low ? sqrtf((v[i] - low) / (high - low)) : 0, px);
        else if (channels == 1)
            nn_neon_diverging(scaled, px);
        for (int c = 0; channels == 3 && c < 3; c++)
            px[c] = (uint8_t)lrintf(127.5f +
                                    127.5f * (top > 0 ? v[i + (size_t)c * area] / top : 0));
    }
    return 0;
}

/* How a layer's weights are cut into kernels, and how one is shown. */
struct cut {
    int64_t count, in, kh, kw;          /* kernels, input channels of each, window */
    int64_t step, in_step;              /* elements from kernel to kernel, channel to channel */
    int64_t group_count, group_step;    /* ConvTranspose: kernels of a group, and its jump */
    int w, h, channels;                 /* of a plate */
    int block;                          /* a plate is one kernel's weights over its inputs */
};

static int cut_layer(struct cut *c, const struct nn_node *n, const struct nn_tensor *w,
                     struct nn_err *err)
{
    int transposed = !strcmp(n->op, "ConvTranspose"), conv = has_maps(n);
    int64_t group = nn_attr_int(n, "group", 1);
    int64_t spatial = 1;

    if (w->ndim != (conv ? 4 : 2) && !(conv && w->ndim == 3))
        return nn_fail(err, NN_EUNSUPPORTED, "layer %s has weights of %d dimensions, which make no "
                       "picture", n->name, w->ndim);
    c->kh = w->ndim == 4 ? w->dim[2] : 1;
    c->kw = w->ndim == 4 ? w->dim[3] : conv ? w->dim[2] : 1;
    spatial = c->kh * c->kw;
    if (transposed) {                       /* in x out/group x kh x kw */
        c->group_count = w->dim[1];
        c->count = w->dim[1] * (group > 0 ? group : 1);
        c->in = w->dim[0] / (group > 0 ? group : 1);
        c->step = spatial;
        c->in_step = w->dim[1] * spatial;
        c->group_step = c->in * c->in_step;
    } else {
        int columns = !conv && (!strcmp(n->op, "MatMul") || !nn_attr_int(n, "transB", 0));
        c->count = c->group_count = w->dim[columns];
        c->in = w->dim[!columns];
        c->step = columns ? 1 : c->in * spatial;
        c->in_step = columns ? w->dim[1] : spatial;
    }
    c->block = spatial == 1;
    c->channels = c->in == 3 && !c->block ? 3 : 1;
    c->w = (int)(c->block ? (int64_t)ceil(sqrt((double)c->in)) : c->kw);
    c->h = (int)(c->block ? (c->in + c->w - 1) / (c->w ? c->w : 1) : c->kh);
    if (c->count < 1 || c->in < 1 || c->w < 1 || c->h < 1 || c->w > MAX_SIDE || c->h > MAX_SIDE ||
        (group > 1 && transposed && w->dim[0] % group))
        return nn_fail(err, NN_EUNSUPPORTED, "layer %s has no weights to show", n->name);
    if (c->count > MAX_PLATES)
        return nn_fail(err, NN_EUNSUPPORTED, "layer %s has %lld kernels, more than the %d that fit "
                       "a picture", n->name, (long long)c->count, MAX_PLATES);
    return 0;
}

/* Kernel k's values, plane by plane: each input channel's where they are a
 * colour, else their mean; or one value an input. */
static void kernel_values(const struct cut *c, const struct nn_graph *g, const struct nn_tensor *w,
                          const struct nn_node *dequant, int64_t k, float *v)
{
    int64_t at = k % c->group_count * c->step + k / c->group_count * c->group_step;
    int64_t area = c->kh * c->kw;

    memset(v, 0, (size_t)c->w * (size_t)c->h * (size_t)c->channels * sizeof *v);
    for (int64_t i = 0; i < c->in; i++)
        for (int64_t p = 0; p < area; p++) {
            float e = element(g, w, dequant, at + i * c->in_step + p);
            if (c->block)
                v[i] = e;
            else if (c->channels == 3)
                v[i * area + p] = e;
            else
                v[p] += e / (float)c->in;
        }
}

static void describe(struct nn_plates *p, const struct cut *c, const struct nn_node *n,
                     const struct nn_graph *g, const struct nn_tensor *w)
{
    const char *name = *n->name ? n->name : g->tensor[n->out[0]].name;
    size_t length = strlen(name);

    snprintf(p->layer, sizeof p->layer, "%s%s", length > 40 ? "…" : "",
             length > 40 ? name + length - 38 : name);
    nn_shape_text(w->ndim, w->dim, p->shape, sizeof p->shape);
    if (c->block)
        snprintf(p->note, sizeof p->note, "%lld units, each its weights over %lld inputs",
                 (long long)c->count, (long long)c->in);
    else if (c->channels == 3)
        snprintf(p->note, sizeof p->note, "%lld kernels of %lldx%lld in their own colours",
                 (long long)c->count, (long long)c->kw, (long long)c->kh);
    else if (c->in > 1)
        snprintf(p->note, sizeof p->note, "%lld kernels of %lldx%lld, mean of %lld input channels",
                 (long long)c->count, (long long)c->kw, (long long)c->kh, (long long)c->in);
    else
        snprintf(p->note, sizeof p->note, "%lld kernels of %lldx%lld", (long long)c->count,
                 (long long)c->kw, (long long)c->kh);
}

int nn_plates_kernels(struct nn_plates *p, const struct nn_graph *g, int node, struct nn_err *err)
{
    const struct nn_node *n = &g->node[node], *dequant;
    const struct nn_tensor *w = weights(g, n, &dequant);
    struct cut c = { 0 };
    float *v = NULL;
    int ret = -1;

    *p = (struct nn_plates){ 0 };
    if (!w || cut_layer(&c, n, w, err))
        return w ? -1 : nn_fail(err, NN_EUNSUPPORTED, "the weights of %s are not constant",
                                n->name);
    if (isnan(element(g, w, dequant, 0)) && w->type != NN_F32)
        return nn_fail(err, NN_EUNSUPPORTED, "the weights of %s are %s%s, which cannot be shown",
                       n->name, nn_dtype_name(w->type), dequant ? " in an unusual scaling" : "");
    describe(p, &c, n, g, w);
    p->plate = calloc((size_t)c.count, sizeof *p->plate);
    v = malloc((size_t)c.w * (size_t)c.h * (size_t)c.channels * sizeof *v);
    if (!p->plate || !v) {
        nn_fail_mem(err, "kernels");
        goto out;
    }
    for (p->n = 0; p->n < (int)c.count; p->n++) {
        struct nn_plate *to = &p->plate[p->n];
        kernel_values(&c, g, w, dequant, p->n, v);
        to->index = p->n;
        if (paint(to, v, c.w, c.h, c.channels, 0, err))
            goto out;
        if (!isfinite(to->strength)) {
            nn_fail(err, NN_EFORMAT, "kernel %d of %s holds values that are no numbers", p->n,
                    p->layer);
            goto out;
        }
    }
    ret = 0;
out:
    free(v);
    if (ret)
        nn_plates_release(p);
    return ret;
}

static int stronger_first(const void *a, const void *b)
{
    const struct nn_plate *p = a, *q = b;

    return p->strength != q->strength ? p->strength < q->strength ? 1 : -1 : p->index - q->index;
}

int nn_plates_maps(struct nn_plates *p, const struct nn_value *v, struct nn_err *err)
{
    int64_t c = v->dim[1], h = v->dim[2], w = v->dim[3];
    const float *data = v->data;
    int negative = 0;

    *p = (struct nn_plates){ 0 };
    if (v->ndim != 4 || v->type != NN_F32 || c < 1 || h < 1 || w < 1 || c > MAX_PLATES ||
        h > MAX_SIDE || w > MAX_SIDE)
        return nn_fail(err, NN_EUNSUPPORTED, "%s is no set of maps", v->name);
    if (!(p->plate = calloc((size_t)c, sizeof *p->plate)))
        return nn_fail_mem(err, "feature maps");
    for (int64_t i = 0; i < c * h * w; i++) {
        negative |= data[i] < 0;
        if (!isfinite(data[i])) {
            nn_plates_release(p);
            return nn_fail(err, NN_EFORMAT, "%s holds values that are no numbers", v->name);
        }
    }
    nn_shape_text(3, v->dim + 1, p->shape, sizeof p->shape);
    snprintf(p->note, sizeof p->note, "%lld maps of %lldx%lld, strongest first", (long long)c,
             (long long)w, (long long)h);
    for (; p->n < (int)c; p->n++) {
        p->plate[p->n].index = p->n;
        if (paint(&p->plate[p->n], data + p->n * h * w, (int)w, (int)h, 1, !negative, err)) {
            nn_plates_release(p);
            return -1;
        }
    }
    qsort(p->plate, (size_t)p->n, sizeof *p->plate, stronger_first);
    return 0;
}
