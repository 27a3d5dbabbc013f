/*
 * Which nodes work on NHWC, and the way there and back. The loaded graph and its
 * shapes stay NCHW; a plan holds each tensor of rank 4 in one form or both, and
 * changes form only where a node insists.
 */
#include "runtime/engine/plan.h"

#include <string.h>

enum kind { WANTS, FOLLOWS, BROADCASTS, AXIS };

static const struct {
    const char *op;
    enum kind kind;
    nn_prepare *prepare;
} rules[] = {
    { "Conv", WANTS, prepare_nhwc_conv }, { "ConvTranspose", WANTS, prepare_nhwc_conv },
    { "Relu", FOLLOWS, prepare_unary },
    { "LeakyRelu", FOLLOWS, prepare_unary }, { "Sigmoid", FOLLOWS, prepare_unary },
    { "Tanh", FOLLOWS, prepare_unary }, { "Clip", FOLLOWS, prepare_unary },
    { "HardSwish", FOLLOWS, prepare_unary }, { "HardSigmoid", FOLLOWS, prepare_unary },
    { "Elu", FOLLOWS, prepare_unary }, { "Exp", FOLLOWS, prepare_unary },
    { "Sqrt", FOLLOWS, prepare_unary }, { "Abs", FOLLOWS, prepare_unary },
    { "Neg", FOLLOWS, prepare_unary }, { "Erf", FOLLOWS, prepare_unary },
    { "Softplus", FOLLOWS, prepare_unary }, { "DequantizeLinear", FOLLOWS, prepare_dequantise },
    { "Add", BROADCASTS, prepare_binary }, { "Sub", BROADCASTS, prepare_binary },
    { "Mul", BROADCASTS, prepare_binary }, { "Div", BROADCASTS, prepare_binary },
    { "PRelu", BROADCASTS, prepare_binary },
    { "Concat", AXIS, prepare_concat },
    { "MaxPool", WANTS, prepare_nhwc_pool }, { "AveragePool", WANTS, prepare_nhwc_pool },
    { "GlobalAveragePool", WANTS, prepare_nhwc_global },
    { "GlobalMaxPool", WANTS, prepare_nhwc_global },
    { "ReduceMean", WANTS, prepare_nhwc_global }, { "ReduceMax", WANTS, prepare_nhwc_global },
    { "BatchNormalization", WANTS, prepare_nhwc_norm },
    { "Resize", WANTS, prepare_nhwc_resize }, { "Upsample", WANTS, prepare_nhwc_resize },
};

/* NCHW's dimension i as NHWC's. */
static const int moved[4] = { 0, 3, 1, 2 };

int nn_nhwc_form(struct nn_plan *p, int i)
{
    struct nn_tensor *from = &p->g.tensor[i], *to = &p->g.tensor[i + p->base];
    int lack = 4 - from->ndim;

    if (from->ndim > 4 || from->ndim < 0)
        return -1;
    if (to->ndim == 4 && to->name)
        return i + p->base;
    *to = *from;
    to->ndim = 4;
    to->data = NULL;
    for (int k = 0; k < 4; k++)
        to->dim[moved[k]] = k < lack ? 1 : from->dim[k - lack];
    return i + p->base;
}

int nn_same_in_both(const struct nn_tensor *nhwc)
{
    return nhwc->dim[3] == 1 || nhwc->dim[1] * nhwc->dim[2] == 1;
}

struct turn {
    int64_t rows, cols;         /* of the matrices that are transposed */
};

static void turn_rows(struct nn_task *t, int64_t from, int64_t to)
{
    const struct turn *s = t->state;
    const float *x = t->in[0]->data;
    float *y = t->out->data;

    enum { SIDE = 16 };
    for (int64_t strip = from; strip < to; strip++) {
        int64_t strips = (s->rows + SIDE - 1) / SIDE, r0 = strip % strips * SIDE;
        int64_t at = strip / strips * s->rows * s->cols, r1 = r0 + SIDE;
        r1 = r1 < s->rows ? r1 : s->rows;
        for (int64_t c0 = 0; c0 < s->cols; c0 += SIDE)
            for (int64_t c = c0; c < s->cols && c < c0 + SIDE; c++)
                for (int64_t r = r0; r < r1; r++)
                    y[at + c * s->rows + r] = x[at + r * s->cols + c];
    }
}

static void run_turn(struct nn_task *t)
{
    const struct turn *s = t->state;

    nn_task_rows(t, t->out->dim[0] * ((s->rows + 15) / 16), 16 * s->cols, turn_rows);
}

const char *nn_prepare_turn(struct nn_task *t)
{
    const struct nn_tensor *nhwc = t->nhwc ? t->out : t->in[0];
    struct turn *s = t->state = nn_arena_alloc(t->arena, sizeof *s);

    if (!s)
        return "out of memory";
    s->rows = t->nhwc ? nhwc->dim[3] : nhwc->dim[1] * nhwc->dim[2];
    s->cols = t->nhwc ? nhwc->dim[1] * nhwc->dim[2] : nhwc->dim[3];
    t->run = run_turn;
    return NULL;
}

/* The node with its axis where NHWC has it. */
static struct nn_node *moved_axis(struct nn_plan *p, const struct nn_node *n, int otherwise)
{
    struct nn_node *copy = nn_arena_alloc(&p->arena, sizeof *copy);
    struct nn_attr *attr = nn_arena_array(&p->arena, (size_t)n->nattr + 1, sizeof *attr);
    int64_t axis = nn_attr_int(n, "axis", otherwise);
    int at = 0;

    if (!copy || !attr)
        return NULL;
    *copy = *n;
    copy->attr = attr;
    if (n->nattr)
        memcpy(attr, n->attr, (size_t)n->nattr * sizeof *attr);
    while (at < n->nattr && strcmp(attr[at].name, "axis"))
        at++;
    if (at == n->nattr)
        attr[copy->nattr++] = (struct nn_attr){ .name = "axis", .kind = NN_ATTR_INT };
    attr[at].i = moved[axis < 0 ? axis + 4 : axis];
    return copy;
}

static int is_big(const struct nn_tensor *t)
{
    return t->ndim == 4 && t->type == NN_F32;
}

/* Rank 4, and either worked on in NHWC already or a constant that can be turned. */
static int fits(struct nn_plan *p, enum kind kind, const struct nn_node *n, int k)
{
    const struct nn_tensor *t = &p->g.tensor[n->in[k]];

    if (kind == WANTS || kind == FOLLOWS)
        return k > 0 || is_big(t);
    if (kind == AXIS)
        return is_big(t);
    return is_big(t) || (t->type == NN_F32 && t->ndim < 4 && (t->data || nn_count(t) == 1));
}

nn_prepare *nn_nhwc_rule(struct nn_plan *p, const struct nn_net *net, int node,
                         const struct nn_node **as, int *turned)
{
    const struct nn_node *n = &p->g.node[node];
    const struct nn_fused *f = &net->fused[node];
    size_t r = 0;
    int already = 0, all = 1;

    *as = n;
    while (r < sizeof rules / sizeof *rules && strcmp(rules[r].op, n->op))
        r++;
    if (r == sizeof rules / sizeof *rules || n->nin < 1 || !is_big(&p->g.tensor[n->out[0]]))
        return NULL;
    for (int k = 0; k < n->nin; k++) {
        if (n->in[k] < 0)
            continue;
        if (!fits(p, rules[r].kind, n, k))
            return NULL;
        all &= p->g.tensor[n->in[k]].data != NULL;
        already |= p->made[n->in[k] + p->base];
    }
    if (all || (!already && rules[r].kind != WANTS))
        return NULL;
    *turned = rules[r].kind == WANTS || rules[r].kind == FOLLOWS ? 1 : n->nin;
    if (rules[r].kind == AXIS && !(*as = moved_axis(p, n, 1)))
        return NULL;
    if (rules[r].prepare == prepare_nhwc_conv && f->conv8)
        return prepare_nhwc_conv8;
    if (rules[r].prepare == prepare_nhwc_conv && f->conv && f->conv->depthwise)
        return prepare_nhwc_depthwise;
    if (rules[r].prepare == prepare_nhwc_conv && !f->conv)
        return NULL;
    return rules[r].prepare;
}
