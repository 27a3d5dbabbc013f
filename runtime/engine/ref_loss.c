/* NegativeLogLikelihoodLoss and SoftmaxCrossEntropyLoss. */
#include <math.h>
#include <string.h>

#include "runtime/engine/kernel.h"
#include "runtime/engine/wide.h"

struct loss {
    int64_t classes, inner;         /* scores are N x classes x inner */
    int is_entropy;                 /* the scores go through LogSoftmax first */
    int none, mean;                 /* reduction; else sum */
    int ignores;
    int64_t ignored;
};

/* log(softmax) of the classes of one place, in double. */
static void log_softmax(double *v, int64_t n)
{
    double top = -INFINITY, sum = 0;

    for (int64_t c = 0; c < n; c++)
        top = v[c] > top ? v[c] : top;
    for (int64_t c = 0; c < n; c++)
        sum += exp(v[c] - top);
    for (int64_t c = 0; c < n; c++)
        v[c] -= top + log(sum);
}

static void run_loss(struct nn_task *t)
{
    const struct loss *s = t->state;
    const struct nn_tensor *x = t->in[0], *weight = t->nin > 2 ? t->in[2] : NULL;
    double *v = t->memory, total = 0, weights = 0;

    for (int64_t i = 0, n = nn_count(t->in[1]); i < n; i++) {
        int64_t at = i / s->inner * s->classes * s->inner + i % s->inner;
        int64_t target = nn_wide_int(t->in[1], i);
        double w = 0, loss;
        nn_wide_read(x->type, x->data, at, s->inner, s->classes, NN_REAL, v);
        if (s->is_entropy)
            log_softmax(v, s->classes);
        if (s->is_entropy && t->outs[t->nout - 1] && t->nout > 1)
            nn_wide_write(x->type, t->outs[1]->data, at, s->inner, s->classes, NN_REAL, v);
        /* A class that does not exist counts as little as the one to ignore. */
        if (target >= 0 && target < s->classes && !(s->ignores && target == s->ignored))
            w = weight ? nn_wide_real(weight, target) : 1;
        loss = w != 0 ? -v[target] * w : 0;
        if (s->none)
            nn_wide_write(x->type, t->out->data, i, 1, 1, NN_REAL, &loss);
        total += loss;
        weights += w;
    }
    total = s->mean ? total / weights : total;
    if (!s->none)
        nn_wide_write(x->type, t->out->data, 0, 1, 1, NN_REAL, &total);
}

const char *prepare_loss(struct nn_task *t)
{
    struct loss *s = t->state = nn_arena_alloc(t->arena, sizeof *s);
    const struct nn_tensor *x = t->in[0], *target = t->in[1], *w = t->nin > 2 ? t->in[2] : NULL;
    const char *reduction = nn_attr_text(t->node, "reduction", "mean");

    if (!s)
        return "out of memory";
    if (nn_wide_of(x->type) != NN_REAL || nn_wide_of(target->type) != NN_SIGNED)
        return "needs float scores and integer classes";
    s->none = !strcmp(reduction, "none");
    s->mean = !strcmp(reduction, "mean");
    if (!s->none && !s->mean && strcmp(reduction, "sum"))
        return "its reduction is none of none, mean and sum";
    s->classes = x->dim[1];
    s->inner = nn_dims(x, 2, x->ndim);
    if (nn_count(target) != x->dim[0] * s->inner || (w && nn_count(w) != s->classes))
        return "scores, classes and weights do not fit";
    s->is_entropy = nn_op_is(t, "SoftmaxCrossEntropyLoss");
    s->ignores = nn_attr_find(t->node, "ignore_index") != NULL;
    s->ignored = nn_attr_int(t->node, "ignore_index", 0);
    t->scratch = (size_t)s->classes * sizeof(double);
    t->makes = s->is_entropy ? 2 : 1;
    t->run = run_loss;
    return NULL;
}
