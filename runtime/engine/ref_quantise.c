/*
 * QuantizeLinear and DequantizeLinear: integers that stand for scale * (q - zero),
 * one scale and zero point for a tensor, or one for each index of an axis; and
 * the two in one pass, which rounds floats to what eight bits can say (qdq.c).
 */
#include <math.h>
#include <string.h>

#include "runtime/engine/qdq.h"

struct linear {
    int64_t inner, channels;    /* element i uses scale[i / inner % channels] */
    const struct nn_tensor *zero;   /* one a scale; NULL: zeros */
    int32_t lo, hi;             /* of the integer type */
};

static int32_t integer(const struct nn_tensor *t, int64_t i)
{
    switch (t->type) {
    case NN_U8: return ((const uint8_t *)t->data)[i];
    case NN_I8: return ((const int8_t *)t->data)[i];
    case NN_U16: return ((const uint16_t *)t->data)[i];
    case NN_I16: return ((const int16_t *)t->data)[i];
    default: return ((const int32_t *)t->data)[i];
    }
}

static int limits(enum nn_dtype type, int32_t *lo, int32_t *hi)
{
    *lo = type == NN_I8 ? -128 : type == NN_I16 ? -32768 : type == NN_I32 ? INT32_MIN : 0;
    *hi = type == NN_U8 ? 255 : type == NN_I8 ? 127 : type == NN_U16 ? 65535
        : type == NN_I16 ? 32767 : INT32_MAX;
    return type == NN_U8 || type == NN_I8 || type == NN_U16 || type == NN_I16 || type == NN_I32;
}

static int32_t zero_of(const struct linear *l, int64_t c)
{
    return l->zero ? integer(l->zero, c) : 0;
}

static const char *prepare(struct nn_task *t, const struct nn_tensor *x, enum nn_dtype integers)
{
    const struct nn_tensor *scale = t->in[1], *zero = t->nin > 2 ? t->in[2] : NULL;
    int64_t axis = nn_attr_int(t->node, "axis", 1), n = nn_count(scale);
    struct linear *l = t->state = nn_arena_alloc(t->arena, sizeof *l);

    if (!l)
        return "out of memory";
    if (!limits(integers, &l->lo, &l->hi))
        return "only integers of 8 and 16 bits (and of 32, to read) are supported";
    if (scale->type != NN_F32)
        return "only float32 scales are supported";
    if (nn_attr_int(t->node, "block_size", 0))
        return "scales for blocks are not supported";
    axis += axis < 0 ? x->ndim : 0;
    if (n != 1 && (axis < 0 || axis >= x->ndim || x->dim[axis] != n))
        return "it has a scale neither for the tensor nor for each index of its axis";
    if (zero && (nn_count(zero) != n || zero->type != integers))
        return "its zero points do not fit its scales";
    l->inner = n == 1 ? 1 : nn_dims(x, (int)axis + 1, x->ndim);
    l->channels = n;
    l->zero = zero;
    return NULL;
}

static void run_quantise(struct nn_task *t)
{
    const struct linear *l = t->state;
    const float *x = t->in[0]->data, *scale = t->in[1]->data;
    void *y = t->out->data;
    int64_t n = nn_count(t->out);

    for (int64_t i = 0; i < n; i++) {
        int64_t c = i / l->inner % l->channels;
        float v = rintf(x[i] / scale[c]) + (float)zero_of(l, c);
        int32_t q = !(v > (float)l->lo) ? l->lo : v < (float)l->hi ? (int32_t)v : l->hi;
        switch (t->out->type) {
        case NN_U8: ((uint8_t *)y)[i] = (uint8_t)q; break;
        case NN_I8: ((int8_t *)y)[i] = (int8_t)q; break;
        case NN_U16: ((uint16_t *)y)[i] = (uint16_t)q; break;
        default: ((int16_t *)y)[i] = (int16_t)q;
        }
    }
}

const char *prepare_quantise(struct nn_task *t)
{
    if (t->in[0]->type != NN_F32)
        return "only float32 is supported";
    if (t->out->type == NN_I32)
        return "integers of 32 bits are not supported";
    t->run = run_quantise;
    return prepare(t, t->in[0], t->out->type);
}

static void run_dequantise(struct nn_task *t)
{
    const struct linear *l = t->state;
    const float *scale = t->in[1]->data;
    float *y = t->out->data;
    int64_t n = nn_count(t->out);

    for (int64_t i = 0; i < n; i++) {
        int64_t c = i / l->inner % l->channels;
        y[i] = (float)(integer(t->in[0], i) - (int64_t)zero_of(l, c)) * scale[c];
    }
}

static void round_rows(struct nn_task *t, int64_t from, int64_t to)
{
    const struct nn_grid *g = t->fused->grid;

    t->simd->row_round((float *)t->out->data + from, (const float *)t->in[0]->data + from,
                       to - from,
                       g->scale, g->lo - g->zero, g->hi - g->zero);
}

static void run_round(struct nn_task *t)
{
    nn_task_rows(t, nn_count(t->out), 2, round_rows);
}

const char *prepare_dequantise(struct nn_task *t)
{
    if (t->fused->grid) {
        t->run = run_round;
        return NULL;
    }
    if (t->out->type != NN_F32)
        return "only float32 is supported";
    t->run = run_dequantise;
    return prepare(t, t->in[0], t->in[0]->type);
}

/* A grid of 0..255 over the values and 0. */
static void run_dynamic(struct nn_task *t)
{
    const float *x = t->in[0]->data;
    uint8_t *y = t->out->data;
    int64_t n = nn_count(t->out);
    float lo = 0, hi = 0, scale, zero;

    for (int64_t i = 0; i < n; i++) {
        lo = x[i] < lo ? x[i] : lo;
        hi = x[i] > hi ? x[i] : hi;
    }
    scale = hi > lo ? (hi - lo) / 255 : 1;
    zero = fminf(fmaxf(rintf(-lo / scale), 0), 255);
    for (int64_t i = 0; i < n; i++) {
        float v = rintf(x[i] / scale) + zero;
        y[i] = (uint8_t)(!(v > 0) ? 0 : v < 255 ? v : 255);
    }
    if (t->nout > 1 && t->outs[1])
        *(float *)t->outs[1]->data = scale;
    if (t->nout > 2 && t->outs[2])
        *(uint8_t *)t->outs[2]->data = (uint8_t)zero;
}

const char *prepare_dynamicquantise(struct nn_task *t)
{
    if (t->in[0]->type != NN_F32)
        return "only float32 is supported";
    t->makes = 3;
    t->run = run_dynamic;
    return NULL;
}
