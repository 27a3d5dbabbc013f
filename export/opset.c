#include "export/opset.h"

#include <stdio.h>
#include <string.h>

enum { TARGET = 13, MAX_ATTRS = 3 };

/* Attributes that became inputs 1, 2, 3 at opset `since`. */
static const struct {
    const char *op;
    int since;
    const char *attr[MAX_ATTRS];
} moved[] = {
    { "Clip", 11, { "min", "max" } }, { "Slice", 10, { "starts", "ends", "axes" } },
    { "Pad", 11, { "pads", "value" } }, { "Squeeze", 13, { "axes" } },
    { "Unsqueeze", 13, { "axes" } }, { "ReduceSum", 13, { "axes" } },
};

/* Operators of opset 7 to 12 that mean the same in 13 (onnx/docs/Changelog.md). */
static const char *const same[] = {
    "Abs", "Add", "ArgMax", "ArgMin", "AveragePool", "BatchNormalization", "Cast", "Ceil",
    "Concat", "Constant", "ConstantOfShape", "Conv", "ConvTranspose", "Cos", "DepthToSpace", "Div",
    "Elu", "Equal", "Erf", "Exp", "Expand", "Flatten", "Floor", "GRU", "Gather", "Gemm",
    "GlobalAveragePool", "GlobalMaxPool", "Greater", "HardSigmoid", "Identity",
    "InstanceNormalization", "LSTM", "LeakyRelu", "Less", "Log", "MatMul", "Max", "MaxPool", "Min",
    "Mul", "Neg", "PRelu", "Pow", "Reciprocal", "ReduceMax", "ReduceMean", "ReduceMin", "Relu",
    "Reshape", "Shape", "Sigmoid", "Sin", "Softplus", "Sqrt", "Sub", "Sum", "Tanh", "Tile",
    "Transpose", "Where",
};

/* The constant that an attribute becomes; -1: there is none. -2: out of memory. */
static int constant(struct nn_graph *g, const struct nn_attr *a, int number, int which)
{
    char name[64];
    int64_t n = a ? a->count : 0;
    int t;

    if (!a)
        return -1;
    snprintf(name, sizeof name, "opset13.%d.%d", number, which);
    if (a->kind == NN_ATTR_INTS)
        t = nn_graph_const(g, name, NN_I64, 1, &n, a->ints);
    else
        t = nn_graph_const(g, name, NN_F32, 0, NULL, &a->f);
    return t < 0 ? -2 : t;
}

static int move_attrs(struct nn_graph *g, int i, const char *const *attr, struct nn_err *err)
{
    int *in = nn_arena_array(&g->arena, 1 + MAX_ATTRS, sizeof *in), n = 1, kept = 0;

    if (!in)
        return nn_fail_mem(err, "opset");
    in[0] = g->node[i].in[0];
    for (int k = 0; k < MAX_ATTRS && attr[k]; k++) {
        in[k + 1] = constant(g, nn_attr_find(&g->node[i], attr[k]), i, k);
        if (in[k + 1] == -2)
            return nn_fail_mem(err, "opset");
        n = in[k + 1] >= 0 ? k + 2 : n;
    }
    for (int k = 0; k < g->node[i].nattr; k++) {
        int is = 0;
        for (int j = 0; j < MAX_ATTRS && attr[j]; j++)
            is |= !strcmp(attr[j], g->node[i].attr[k].name);
        if (!is)
            g->node[i].attr[kept++] = g->node[i].attr[k];
    }
    g->node[i].nattr = kept;
    g->node[i].in = in;
    g->node[i].nin = n;
    return 0;
}

/* Before 13 Softmax ran over all axes from `axis` (1), since then over that one (-1). */
static int keep_softmax(struct nn_graph *g, int i, struct nn_err *err)
{
    struct nn_node *n = &g->node[i];
    const struct nn_tensor *x = &g->tensor[n->in[0]];
    struct nn_attr *attr;
    int64_t axis = nn_attr_int(n, "axis", 1);

    if (x->ndim < 1 || (axis != x->ndim - 1 && axis != -1))
        return nn_fail(err, NN_EUNSUPPORTED, "node '%s' (Softmax) runs over several axes, which "
                       "opset 13 cannot say", n->name);
    if (nn_attr_find(n, "axis"))
        return 0;
    if (!(attr = nn_arena_array(&g->arena, (size_t)n->nattr + 1, sizeof *attr)))
        return nn_fail_mem(err, "opset");
    if (n->nattr)
        memcpy(attr, n->attr, (size_t)n->nattr * sizeof *attr);
    attr[n->nattr] = (struct nn_attr){ .name = "axis", .kind = NN_ATTR_INT, .i = axis };
    n->attr = attr;
    n->nattr++;
    return 0;
}

static int raise_node(struct nn_graph *g, int i, struct nn_err *err)
{
    const struct nn_node *n = &g->node[i];

    for (size_t k = 0; k < sizeof moved / sizeof *moved; k++)
        if (!strcmp(moved[k].op, n->op))
            return g->opset < moved[k].since ? move_attrs(g, i, moved[k].attr, err) : 0;
    if (!strcmp(n->op, "Softmax"))
        return keep_softmax(g, i, err);
    if (!strcmp(n->op, "Dropout") && g->opset >= 12)
        return 0;
    if ((!strcmp(n->op, "Resize") && g->opset >= 11))
        return 0;
    for (size_t k = 0; k < sizeof same / sizeof *same; k++)
        if (!strcmp(same[k], n->op))
            return 0;
    return nn_fail(err, NN_EUNSUPPORTED, "node '%s' (%s) of opset %lld cannot be brought to opset "
                   "%d, which int8 needs: export the model with opset 13", n->name, n->op,
                   (long long)g->opset, TARGET);
}

int nn_opset_raise(struct nn_graph *g, struct nn_err *err)
{
    for (int i = 0; g->opset < TARGET && i < g->nnode; i++)
        if (raise_node(g, i, err))
            return -1;
    g->opset = g->opset < TARGET ? TARGET : g->opset;
    return 0;
}
