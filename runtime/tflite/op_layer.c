/* Convolutions, dense layers, pooling, resizing: layers that see rows and columns. */
#include <string.h>

#include "runtime/tflite/convert.h"

enum { SAME, VALID };
enum { MAX_WINDOW = 1 << 20 };

struct window { /* [0] rows, [1] columns */
    int64_t kernel[2], stride[2], dilation[2], before[2], after[2];
};

/* schema.fbs' SAME: the output is ceil(input / stride) long, what padding that takes
 * is split, and the odd one comes last. */
static int find_padding(struct nn_tfl_conv *c, const struct nn_tfl_tensor *in, int64_t padding,
                        struct window *w)
{
    if (padding != SAME && padding != VALID)
        return tfl_fail(c, "padding %lld", (long long)padding);
    for (int i = 0; i < 2; i++) {
        int64_t reach = (w->kernel[i] - 1) * w->dilation[i] + 1, size = in->dim[1 + i], total;
        if (w->kernel[i] < 1 || w->kernel[i] > MAX_WINDOW || w->stride[i] < 1 ||
            w->stride[i] > MAX_WINDOW || w->dilation[i] < 1 || w->dilation[i] > MAX_WINDOW)
            return tfl_fail(c, "kernel %lld, stride %lld, dilation %lld", (long long)w->kernel[i],
                            (long long)w->stride[i], (long long)w->dilation[i]);
        w->before[i] = w->after[i] = 0;
        if (padding == VALID)
            continue;
        if (size < 0 && w->stride[i] > 1)
            return tfl_fail(c, "the size of its input is open, and its padding depends on it");
        total = size < 0 ? reach - 1
                         : ((size + w->stride[i] - 1) / w->stride[i] - 1) * w->stride[i] + reach -
                               size;
        total = total < 0 ? 0 : total;
        w->before[i] = total / 2;
        w->after[i] = total - total / 2;
    }
    return 0;
}

static void window_attrs(struct nn_tfl_conv *c, const struct window *w, int dilations)
{
    int64_t pads[4] = { w->before[0], w->before[1], w->after[0], w->after[1] };

    nn_graph_attr_ints(c->g, "kernel_shape", 2, w->kernel);
    nn_graph_attr_ints(c->g, "strides", 2, w->stride);
    nn_graph_attr_ints(c->g, "pads", 4, pads);
    if (dilations)
        nn_graph_attr_ints(c->g, "dilations", 2, w->dilation);
}

/* Input k in CHANNELS; zeros put around it just before become padding of the window. */
static int windowed_input(struct nn_tfl_conv *c, size_t k, int64_t padding, struct window *w)
{
    int t = tfl_in_index(c, k);
    const struct nn_tfl_value *v = &c->v[t];

    if (padding == VALID && v->padding && v->at[PLAIN] < 0 && v->at[CHANNELS] < 0) {
        w->before[0] = v->padding->top;
        w->before[1] = v->padding->left;
        w->after[0] = v->padding->bottom;
        w->after[1] = v->padding->right;
        t = v->padding->source;
    }
    return tfl_value(c, t, CHANNELS);
}

static int is_4d(struct nn_tfl_conv *c, size_t k)
{
    const struct nn_tfl_tensor *t = tfl_in(c, k);

    return t->ndim == 4 ? 0 : tfl_fail(c, "input '%s' has %d dimensions, not 4", t->name, t->ndim);
}

/* The options of CONV_2D and DEPTHWISE_CONV_2D agree but for the fields' numbers. */
static int conv(struct nn_tfl_conv *c, const int order[4], unsigned act, unsigned dilation,
                int depthwise)
{
    const struct nn_flat_table *o = &c->op->options;
    int64_t padding = nn_flat_i8(o, 0, 0), channels, inputs, outputs, group;
    struct window w = { .stride = { nn_flat_i32(o, 2, 0), nn_flat_i32(o, 1, 0) },
                        .dilation = { nn_flat_i32(o, dilation + 1, 1),
                                      nn_flat_i32(o, dilation, 1) } };
    const struct nn_tfl_tensor *k;
    int in[3], t;

    if (tfl_expect(c, 2, 3, 1) || is_4d(c, 0) || is_4d(c, 1))
        return -1;
    k = tfl_in(c, 1);
    channels = tfl_in(c, 0)->dim[3];
    w.kernel[0] = k->dim[1];
    w.kernel[1] = k->dim[2];
    inputs = depthwise ? 1 : k->dim[3];
    outputs = depthwise ? k->dim[3] : k->dim[0];
    group = inputs > 0 && channels > 0 ? channels / inputs : 0;
    if (group < 1 || channels % inputs || outputs < 1 || outputs % group ||
        (depthwise && k->dim[0] != 1))
        return tfl_fail(c, "weights of %lldx%lldx%lldx%lld do not fit %lld channels",
                        (long long)k->dim[0], (long long)k->dim[1], (long long)k->dim[2],
                        (long long)k->dim[3], (long long)channels);
    if (find_padding(c, tfl_in(c, 0), padding, &w))
        return -1;
    in[0] = windowed_input(c, 0, padding, &w);
    in[1] = tfl_weights(c, tfl_in_index(c, 1), order);
    in[2] = tfl_vector(c, 2, outputs);
    t = tfl_begin(c, "Conv", 3, in, 0, CHANNELS, tfl_act(c, act));
    window_attrs(c, &w, 1);
    nn_graph_attr_int(c->g, "group", group);
    return tfl_end(c, t, 0, CHANNELS, tfl_act(c, act));
}

int tfl_conv(struct nn_tfl_conv *c)
{
    static const int order[4] = { 0, 3, 1, 2 };     /* O x KH x KW x I */

    return conv(c, order, 3, 4, 0);
}

int tfl_depthwise(struct nn_tfl_conv *c)
{
    static const int order[4] = { 3, 0, 1, 2 };     /* 1 x KH x KW x O */

    return conv(c, order, 4, 5, 1);
}

/* out: rows and columns of the output. */
static int transposed(struct nn_tfl_conv *c, size_t x, int64_t padding, const int64_t *stride,
                      const int64_t *out, size_t bias, int64_t act)
{
    static const int order[4] = { 3, 0, 1, 2 };     /* O x KH x KW x I */
    struct window w = { .stride = { stride[0], stride[1] }, .dilation = { 1, 1 } };
    const struct nn_tfl_tensor *k = tfl_in(c, 1), *input = tfl_in(c, x);
    int64_t more[2];
    int in[3], t;

    if (is_4d(c, x) || is_4d(c, 1))
        return -1;
    if (k->dim[3] != input->dim[3])
        return tfl_fail(c, "weights for %lld channels do not fit %lld", (long long)k->dim[3],
                        (long long)input->dim[3]);
    w.kernel[0] = k->dim[1];
    w.kernel[1] = k->dim[2];
    if (find_padding(c, input, VALID, &w))  /* the window alone */
        return -1;
    for (int i = 0; i < 2; i++) {
        int64_t size = input->dim[1 + i], full = (size - 1) * w.stride[i] + w.kernel[i];
        int64_t cut = padding == SAME && full > out[i] ? full - out[i] : 0;
        w.before[i] = cut / 2;
        w.after[i] = cut - cut / 2;
        more[i] = out[i] - (full - cut);
        if (size < 1 || (padding != SAME && padding != VALID) || more[i] < 0 ||
            more[i] >= w.stride[i])
            return tfl_fail(c, "an output of %lldx%lld does not fit an input of %lldx%lld",
                            (long long)out[0], (long long)out[1], (long long)input->dim[1],
                            (long long)input->dim[2]);
    }
    in[0] = tfl_get(c, x, CHANNELS);
    in[1] = tfl_weights(c, tfl_in_index(c, 1), order);
    in[2] = tfl_vector(c, bias, k->dim[0]);
    t = tfl_begin(c, "ConvTranspose", 3, in, 0, CHANNELS, act);
    window_attrs(c, &w, 0);
    if (more[0] || more[1])
        nn_graph_attr_ints(c->g, "output_padding", 2, more);
    return tfl_end(c, t, 0, CHANNELS, act);
}

int tfl_transpose_conv(struct nn_tfl_conv *c)
{
    const struct nn_flat_table *o = &c->op->options;
    int64_t stride[2] = { nn_flat_i32(o, 2, 0), nn_flat_i32(o, 1, 0) }, shape[4];

    if (tfl_expect(c, 3, 4, 1))
        return -1;
    if (tfl_ints(c, 0, shape, 4) != 4)
        return c->err->code ? -1 : tfl_fail(c, "its output shape has not 4 numbers");
    return transposed(c, 2, nn_flat_i8(o, 0, 0), stride, shape + 1, 3, tfl_act(c, 3));
}

/* MediaPipe's own (mediapipe/util/tflite/operations/transpose_conv_bias.cc): inputs x,
 * weights, bias; options are three ints: padding (1 same, 2 valid), strides. */
int tfl_transpose_bias(struct nn_tfl_conv *c)
{
    const uint8_t *p;
    int64_t number[3], stride[2], out[2];

    if (tfl_expect(c, 3, 3, 1) || is_4d(c, 0) || is_4d(c, 1))
        return -1;
    if (c->op->custom_options.count < 12)
        return tfl_fail(c, "has %zu bytes of options, needs 12", c->op->custom_options.count);
    p = c->m->flat.bytes + c->op->custom_options.at;
    for (int i = 0; i < 3; i++, p += 4)
        number[i] = (int32_t)(p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
                              (uint32_t)p[3] << 24);
    for (int i = 0; i < 2; i++) {
        int64_t size = tfl_in(c, 0)->dim[1 + i], kernel = tfl_in(c, 1)->dim[1 + i];
        stride[i] = number[2 - i];
        out[i] = number[0] == 1 ? size * stride[i] : (size - 1) * stride[i] + kernel;
    }
    return transposed(c, 0, number[0] == 1 ? SAME : number[0] == 2 ? VALID : -1, stride, out, 2,
                      0);
}

/* Rows of the last dimension times weights O x I: Gemm, on a matrix. */
int tfl_dense(struct nn_tfl_conv *c)
{
    const struct nn_tfl_tensor *x = tfl_in(c, 0), *w = tfl_in(c, 1), *out = tfl_out(c, 0);
    int64_t act = tfl_act(c, 0), flat[2] = { -1, 0 };
    int in[3], t, matrix, plain;

    if (tfl_expect(c, 2, 3, 1))
        return -1;
    if (nn_flat_i8(&c->op->options, 1, 0))
        return tfl_fail(c, "its weights are shuffled, which is not supported");
    if (w->ndim != 2 || w->dim[0] < 1 || w->dim[1] < 1 || x->ndim < 1)
        return tfl_fail(c, "its weights have %d dimensions, not 2", w->ndim);
    flat[1] = w->dim[1];
    matrix = x->ndim == 2 && x->dim[1] == w->dim[1];
    plain = out->ndim == 2;
    if (x->ndim > 2 && x->dim[x->ndim - 1] == w->dim[1] && nn_tfl_elements(x) < 0)
        return tfl_fail(c, "the size of its input is open");
    in[0] = tfl_flat(c, 0);
    if (!matrix) {
        int reshape[2] = { in[0], tfl_const_i64(c, 2, flat) };
        in[0] = tfl_node(c, "Reshape", 2, reshape, "flat");
    }
    in[1] = tfl_get(c, 1, PLAIN);
    in[2] = tfl_vector(c, 2, w->dim[0]);
    t = plain ? tfl_begin(c, "Gemm", 3, in, 0, PLAIN, act) : tfl_node(c, "Gemm", 3, in, "rows");
    if (t < 0)
        return -1;
    nn_graph_attr_int(c->g, "transB", 1);
    return plain ? tfl_end(c, t, 0, PLAIN, act) : tfl_reshape_to(c, t, 0, 0, NULL, act);
}

int tfl_pool(struct nn_tfl_conv *c)
{
    const struct nn_flat_table *o = &c->op->options;
    struct window w = { .kernel = { nn_flat_i32(o, 4, 0), nn_flat_i32(o, 3, 0) },
                        .stride = { nn_flat_i32(o, 2, 0), nn_flat_i32(o, 1, 0) },
                        .dilation = { 1, 1 } };
    int in, t;

    if (tfl_expect(c, 1, 1, 1) || is_4d(c, 0) ||
        find_padding(c, tfl_in(c, 0), nn_flat_i8(o, 0, 0), &w))
        return -1;
    in = tfl_get(c, 0, CHANNELS);
    t = tfl_begin(c, c->onnx, 1, &in, 0, CHANNELS, tfl_act(c, 5));
    window_attrs(c, &w, 0);
    return tfl_end(c, t, 0, CHANNELS, tfl_act(c, 5));
}

int tfl_resize(struct nn_tfl_conv *c)
{
    int linear = c->op->code == 23;
    const struct nn_flat_table *o = &c->op->options;
    int corners = nn_flat_i8(o, linear ? 2 : 0, 0) != 0, half = nn_flat_i8(o, linear ? 3 : 1, 0);
    const struct nn_tfl_tensor *x = tfl_in(c, 0);
    int64_t size[2], sizes[4];
    int in[4] = { 0, ABSENT, ABSENT, ABSENT }, t;

    if (tfl_expect(c, 2, 2, 1) || is_4d(c, 0))
        return -1;
    if (tfl_ints(c, 1, size, 2) != 2)
        return c->err->code ? -1 : tfl_fail(c, "its size has not 2 numbers");
    if (x->dim[0] < 0 || x->dim[3] < 0 || size[0] < 1 || size[1] < 1 || (corners && half))
        return tfl_fail(c, "a size of %lldx%lld, or an open batch", (long long)size[0],
                        (long long)size[1]);
    sizes[0] = x->dim[0];
    sizes[1] = x->dim[3];
    sizes[2] = size[0];
    sizes[3] = size[1];
    in[0] = tfl_get(c, 0, CHANNELS);
    in[3] = tfl_const_i64(c, 4, sizes);
    t = tfl_begin(c, "Resize", 4, in, 0, CHANNELS, 0);
    tfl_attr_text(c, "mode", linear ? "linear" : "nearest");
    tfl_attr_text(c, "coordinate_transformation_mode",
                  corners ? "align_corners" : half ? "half_pixel" : "asymmetric");
    if (!linear)    /* floor((i + 0.5) * scale) is the nearest of half_pixel, halves up */
        tfl_attr_text(c, "nearest_mode", corners || half ? "round_prefer_ceil" : "floor");
    return tfl_end(c, t, 0, CHANNELS, 0);
}

int tfl_blocks(struct nn_tfl_conv *c)
{
    int in, t;

    if (tfl_expect(c, 1, 1, 1) || is_4d(c, 0))
        return -1;
    in = tfl_get(c, 0, CHANNELS);
    t = tfl_begin(c, c->onnx, 1, &in, 0, CHANNELS, 0);
    nn_graph_attr_int(c->g, "blocksize", nn_flat_i32(&c->op->options, 0, 0));
    return tfl_end(c, t, 0, CHANNELS, 0);   /* mode DCR, the default, is TensorFlow's */
}
