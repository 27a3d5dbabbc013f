#include "runtime/tflite/tflite.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fs.h"
#include "runtime/onnx/onnx.h"
#include "runtime/onnx/read.h"
#include "runtime/tflite/convert.h"

enum { OPSET = 17 };
#define MAX_FILE ((size_t)1 << 31)

static const struct row {
    int code;
    const char *name, *onnx;
    nn_tfl_convert *convert;
} rows[] = {
#define OP(code, name, convert, onnx) { code, #name, onnx, tfl_##convert },
#define LACK(code, name) { code, #name, NULL, NULL },
#include "runtime/tflite/ops.def"
#undef OP
#undef LACK
};

static const struct row *row_of(int code)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].code == code)
            return &rows[i];
    return NULL;
}

const char *tfl_op_name(const struct nn_tfl_op *op)
{
    const struct row *row = row_of(op->code);

    return op->custom ? op->custom : row ? row->name : "of a newer kind";
}

int tfl_fail(struct nn_tfl_conv *c, const char *fmt, ...)
{
    char what[400];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    if (!c->op)
        return nn_fail(c->err, NN_EUNSUPPORTED, "%s: %s", c->m->flat.name, what);
    return nn_fail(c->err, NN_EUNSUPPORTED, "%s: operator %d (%s, '%s'): %s", c->m->flat.name,
                   (int)(c->op - c->m->op), tfl_op_name(c->op),
                   c->op->out.count ? tfl_out(c, 0)->name : "", what);
}

int tfl_in_index(const struct nn_tfl_conv *c, size_t k)
{
    return k < c->op->in.count ? nn_flat_at_i32(&c->op->in, k) : -1;
}

const struct nn_tfl_tensor *tfl_in(const struct nn_tfl_conv *c, size_t k)
{
    int t = tfl_in_index(c, k);

    return t < 0 ? NULL : &c->m->tensor[t];
}

const struct nn_tfl_tensor *tfl_out(const struct nn_tfl_conv *c, size_t k)
{
    return k < c->op->out.count ? &c->m->tensor[nn_flat_at_i32(&c->op->out, k)] : NULL;
}

int tfl_expect(struct nn_tfl_conv *c, size_t lo, size_t hi, size_t outs)
{
    if (c->op->in.count < lo || c->op->in.count > hi)
        return tfl_fail(c, "has %zu inputs, %zu to %zu are supported", c->op->in.count, lo, hi);
    if (c->op->out.count != outs)
        return tfl_fail(c, "has %zu outputs, %zu expected", c->op->out.count, outs);
    for (size_t k = 0; k < lo; k++)
        if (!tfl_in(c, k))
            return tfl_fail(c, "input %zu is missing", k);
    return 0;
}

int64_t tfl_act(const struct nn_tfl_conv *c, unsigned field)
{
    return nn_flat_i8(&c->op->options, field, 0);
}

static enum nn_tfl_layout end_layout(const struct nn_tfl_conv *c, int t)
{
    return c->nchw && c->m->tensor[t].ndim == 4 ? CHANNELS : PLAIN;
}

static int add_inputs(struct nn_tfl_conv *c)
{
    char name[300];

    for (int i = 0; i < c->m->nin; i++) {
        int t = c->m->in[i];
        const struct nn_tfl_tensor *from = &c->m->tensor[t];
        enum nn_tfl_layout layout = end_layout(c, t);
        int64_t dim[NN_MAX_DIMS];
        if (tfl_is_const(c, t) || c->v[t].at[layout] >= 0)
            return tfl_fail(c, "input '%s' is %s", from->name,
                            from->data ? "a constant" : "listed twice");
        if (!tfl_type(from))
            return tfl_fail(c, "input '%s' is %s, which is not supported", from->name,
                            nn_tfl_type_name(from->type));
        for (int k = 0; k < from->ndim; k++)
            dim[k] = from->dim[layout == CHANNELS ? tfl_to_channels[k] : k];
        tfl_new_name(c, from->name, "", name, sizeof name);
        t = tfl_named(c, nn_graph_tensor(c->g, name, tfl_type(from), from->ndim, dim));
        if (t < 0 || nn_graph_input_add(c->g, t))
            return -1;
        c->v[c->m->in[i]].at[layout] = t;
    }
    return 0;
}

/* Names that the graph's outputs will have, before anything else takes them. */
static int reserve_outputs(struct nn_tfl_conv *c)
{
    char name[300];

    for (int i = 0; i < c->m->nout; i++) {
        int t = c->m->out[i];
        if (c->v[t].output)
            return tfl_fail(c, "output '%s' is listed twice", c->m->tensor[t].name);
        tfl_new_name(c, c->m->tensor[t].name, "", name, sizeof name);
        if (!(c->v[t].output = nn_arena_strdup(&c->g->arena, name)) ||
            nn_names_add(&c->names, c->v[t].output, t))
            return nn_fail_mem(c->err, "output names");
    }
    return 0;
}

static int add_outputs(struct nn_tfl_conv *c)
{
    c->op = NULL;
    for (int i = 0; i < c->m->nout; i++) {
        int t = c->m->out[i], x = tfl_value(c, t, end_layout(c, t));
        if (x < 0)
            return -1;
        if (strcmp(c->g->tensor[x].name, c->v[t].output))   /* an input, a constant, another's */
            x = nn_graph_node(c->g, "Identity", 1, &x, c->v[t].output);
        nn_graph_output(c->g, x);
    }
    return 0;
}

/* Nothing may be made twice, or in place of a constant. */
static int check_outputs(struct nn_tfl_conv *c)
{
    if (!c->op->out.count)
        return tfl_fail(c, "has no output");
    for (size_t k = 0; k < c->op->out.count; k++) {
        int t = nn_flat_at_i32(&c->op->out, k);
        const struct nn_tfl_value *v = &c->v[t];
        int twice = v->at[PLAIN] >= 0 || v->at[CHANNELS] >= 0 || v->padding || tfl_is_const(c, t);
        for (size_t j = 0; j < k; j++)
            twice |= nn_flat_at_i32(&c->op->out, j) == t;
        if (twice)
            return tfl_fail(c, "its output '%s' is there already", c->m->tensor[t].name);
    }
    return 0;
}

static int check_inputs(struct nn_tfl_conv *c)
{
    for (size_t k = 0; k < c->op->in.count; k++) {
        const struct nn_tfl_tensor *t = tfl_in(c, k);
        if (t && (t->sparse || t->variable))
            return tfl_fail(c, "'%s' is %s, which is not supported", t->name,
                            t->sparse ? "stored sparsely" : "kept from run to run");
        if (t && !tfl_type(t))
            return tfl_fail(c, "'%s' is %s, which is not supported", t->name,
                            nn_tfl_type_name(t->type));
    }
    return 0;
}

static int convert_op(struct nn_tfl_conv *c)
{
    const struct row *row = row_of(c->op->code);

    if (check_outputs(c) || check_inputs(c))
        return -1;
    if (c->op->custom && !strcmp(c->op->custom, "Convolution2DTransposeBias"))
        return tfl_transpose_bias(c);
    if (c->op->custom || !row || !row->convert)
        return tfl_fail(c, "this operator is not supported (number %d)", c->op->code);
    c->onnx = row->onnx;
    return row->convert(c) || c->m->flat.failed ? -1 : 0;   /* its options may lie too */
}

/* Does every tensor come out in the shape that the file states? Paddings and
 * layouts were computed from those. */
static int check_shapes(struct nn_tfl_conv *c)
{
    char a[120], b[120];

    for (int i = 0; i < c->m->ntensor; i++)
        for (int layout = PLAIN; layout <= CHANNELS; layout++) {
            const struct nn_tfl_tensor *t = &c->m->tensor[i];
            int at = c->v[i].at[layout], fits;
            const struct nn_tensor *made = at < 0 ? NULL : &c->g->tensor[at];
            int64_t dim[NN_MAX_DIMS];
            if (!made || made->ndim < 0 || made->data || (layout == CHANNELS && t->ndim != 4))
                continue;
            for (int k = 0; k < t->ndim; k++)
                dim[k] = t->dim[layout == CHANNELS ? tfl_to_channels[k] : k];
            fits = made->ndim == t->ndim;
            for (int k = 0; fits && k < t->ndim; k++)
                fits = dim[k] < 0 || made->dim[k] < 0 || dim[k] == made->dim[k];
            if (!fits)
                return nn_fail(c->err, NN_EFORMAT, "%s: tensor '%s' is %s in the file, what its "
                               "operator makes is %s", c->m->flat.name, t->name,
                               nn_shape_text(t->ndim, dim, a, sizeof a),
                               nn_shape_text(made->ndim, made->dim, b, sizeof b));
        }
    return 0;
}

static int add_meta(struct nn_tfl_conv *c)
{
    int quantised = 0, bad = 0;

    for (int i = 0; i < c->m->nmeta; i++)
        bad |= nn_graph_set_meta(c->g, c->m->meta[i].key, c->m->meta[i].value);
    for (int i = 0; i < c->m->ntensor; i++)
        quantised |= nn_tfl_quantised(&c->m->tensor[i]) && !tfl_is_const(c, i);
    if (quantised)
        bad |= nn_graph_set_meta(c->g, "tflite.quantised",
                                 "computed in float32; inputs and outputs are real numbers");
    bad |= nn_graph_set_meta(c->g, "tflite.layout",
                             c->nchw ? "4-D inputs and outputs are N x C x H x W"
                                     : "inputs and outputs as in the file: N x H x W x C");
    return bad ? nn_fail_mem(c->err, "metadata") : 0;
}

static int build(struct nn_tfl_conv *c)
{
    struct nn_tfl_value none = { .at = { -1, -1 }, .weights = -1, .source = -1 };

    c->g->opset = OPSET;
    if (!(c->v = calloc((size_t)c->m->ntensor + 1, sizeof *c->v)))
        return nn_fail_mem(c->err, "tensors");
    for (int i = 0; i < c->m->ntensor; i++)
        c->v[i] = none;
    if (!c->m->nin || !c->m->nout)
        return tfl_fail(c, "a model without %s", c->m->nin ? "outputs" : "inputs");
    if (add_inputs(c) || reserve_outputs(c))
        return -1;
    for (int i = 0; i < c->m->nop; i++) {
        c->op = &c->m->op[i];
        if (convert_op(c))
            return -1;
    }
    return add_outputs(c) || add_meta(c) ? -1 : 0;
}

struct nn_graph *nn_tflite_parse(const void *bytes, size_t size, const char *name, int nchw,
                                 struct nn_err *err)
{
    struct nn_err mine = { 0 };
    struct nn_tfl_model m;
    struct nn_tfl_conv c = { .m = &m, .err = err ? err : &mine, .nchw = nchw };
    int bad = nn_tfl_parse(&m, bytes, size, name, c.err);

    c.err->code = bad ? c.err->code : NN_OK;
    if (!bad && !(c.g = nn_graph_new(m.name, c.err)))
        bad = 1;
    if (!bad) {
        /* float16 doubles, int8 quadruples, a layout may double it again */
        c.g->arena.limit = 16 * size + ((size_t)16 << 20);
        bad = build(&c);
        if (bad && !c.err->code)
            nn_fail_mem(c.err, c.g->failed ? c.g->failed : name);
        bad |= bad || nn_graph_finish(c.g, c.err) || nn_onnx_infer(c.g, c.err) || check_shapes(&c);
    }
    free(c.v);
    nn_names_release(&c.names);
    nn_tfl_release(&m);
    if (bad) {
        nn_graph_free(c.g);
        return NULL;
    }
    c.g->arena.limit = 0;
    nn_onnx_mark_weights(c.g);
    return c.g;
}

struct nn_graph *nn_tflite_read(const char *path, int nchw, struct nn_err *err)
{
    size_t size;
    char *bytes = nn_file_read(path, MAX_FILE, &size, err);
    struct nn_graph *g = bytes ? nn_tflite_parse(bytes, size, path, nchw, err) : NULL;

    free(bytes);
    return g;
}
