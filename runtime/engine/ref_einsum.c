/* Sums of products by letters (Einsum), and determinants. */
#include <math.h>
#include <string.h>

#include "runtime/engine/kernel.h"
#include "runtime/engine/wide.h"
#include "runtime/onnx/einsum.h"

struct einsum {
    struct nn_einsum e;
    enum nn_wide wide;                      /* real, or unsigned: integers wrap alike */
    int nsum, sum[NN_EINSUM_LABELS];        /* labels that are summed over */
    int64_t sums;                           /* values of all of them */
    int64_t stride[NN_EINSUM_INPUTS][NN_EINSUM_LABELS];
};

/* Adds to at[k] where input k stands when the n labels count up to i. */
static void step_to(const struct einsum *s, int n, const int *label, int64_t i, int64_t *at)
{
    for (int d = n - 1; d >= 0; d--) {
        int64_t size = s->e.size[label[d]], index = i % size;
        i /= size;
        for (int k = 0; k < s->e.nin; k++)
            at[k] += index * s->stride[k][label[d]];
    }
}

static void run_einsum(struct nn_task *t)
{
    const struct einsum *s = t->state;
    uint64_t *base[NN_EINSUM_INPUTS] = { 0 }, *next = t->memory;

    for (int k = 0; k < s->e.nin; k++) {
        base[k] = next;
        nn_wide_read(t->in[k]->type, t->in[k]->data, 0, 1, nn_count(t->in[k]), s->wide, next);
        next += nn_count(t->in[k]);
    }
    for (int64_t i = 0, n = nn_count(t->out); i < n; i++) {
        double real = 0;
        uint64_t whole = 0;
        for (int64_t j = 0; j < s->sums; j++) {
            int64_t at[NN_EINSUM_INPUTS] = { 0 };
            double p = 1, v;
            uint64_t q = 1;
            step_to(s, s->e.nout, s->e.out, i, at);
            step_to(s, s->nsum, s->sum, j, at);
            for (int k = 0; k < s->e.nin; k++) {
                memcpy(&v, base[k] + at[k], sizeof v);
                p *= v;
                q *= base[k][at[k]];
            }
            real += p;
            whole += q;
        }
        nn_wide_write(t->out->type, t->out->data, i, 1, 1, s->wide,
                      s->wide == NN_REAL ? (void *)&real : (void *)&whole);
    }
}

const char *prepare_einsum(struct nn_task *t)
{
    struct einsum *s = t->state = nn_arena_alloc(t->arena, sizeof *s);
    int is_out[NN_EINSUM_LABELS] = { 0 };
    const char *wrong;

    if (!s)
        return "out of memory";
    if ((wrong = nn_einsum_parse(&s->e, nn_attr_text(t->node, "equation", ""), t->nin, t->in)))
        return wrong;
    s->wide = nn_wide_of(t->out->type) == NN_REAL ? NN_REAL : NN_UNSIGNED;
    s->sums = 1;
    for (int i = 0; i < s->e.nout; i++)
        if (is_out[s->e.out[i]]++)
            return "a letter comes twice in its output";
    for (int l = 0; l < NN_EINSUM_LABELS; l++)
        if (s->e.uses[l] && !is_out[l]) {
            s->sum[s->nsum++] = l;
            if (__builtin_mul_overflow(s->sums, s->e.size[l], &s->sums))
                return "it sums more values than can be counted";
        }
    for (int k = 0; k < t->nin; k++) {
        int64_t step = 1;
        for (int i = t->in[k]->ndim - 1; i >= 0; step *= t->in[k]->dim[i], i--)
            if (t->in[k]->dim[i] != 1)
                s->stride[k][s->e.label[k][i]] += step;     /* twice the same: the diagonal */
        t->scratch += (size_t)nn_count(t->in[k]) * sizeof(uint64_t);
        if (t->in[k]->type != t->out->type)
            return "its operands have different element types";
    }
    t->run = run_einsum;
    return NULL;
}

/* By Gaussian elimination with partial pivoting; `a` is n x n and lost. */
static double determinant(double *a, int64_t n)
{
    double det = 1;

    for (int64_t c = 0; c < n; c++) {
        int64_t best = c;
        for (int64_t r = c + 1; r < n; r++)
            best = fabs(a[r * n + c]) > fabs(a[best * n + c]) ? r : best;
        if (a[best * n + c] == 0)
            return 0;
        det *= best == c ? a[best * n + c] : -a[best * n + c];
        for (int64_t k = c; k < n; k++) {
            double v = a[best * n + k];
            a[best * n + k] = a[c * n + k];
            a[c * n + k] = v;
        }
        for (int64_t r = c + 1; r < n; r++) {
            double f = a[r * n + c] / a[c * n + c];
            for (int64_t k = c; k < n; k++)
                a[r * n + k] -= f * a[c * n + k];
        }
    }
    return det;
}

static void run_det(struct nn_task *t)
{
    const struct nn_tensor *x = t->in[0];
    int64_t side = x->dim[x->ndim - 1];

    for (int64_t i = 0, n = nn_count(t->out); i < n; i++) {
        double det;
        nn_wide_read(x->type, x->data, i * side * side, 1, side * side, NN_REAL, t->memory);
        det = determinant(t->memory, side);
        nn_wide_write(x->type, t->out->data, i, 1, 1, NN_REAL, &det);
    }
}

const char *prepare_det(struct nn_task *t)
{
    const struct nn_tensor *x = t->in[0];

    if (nn_wide_of(x->type) != NN_REAL || x->dim[x->ndim - 1] != x->dim[x->ndim - 2])
        return "needs square matrices of floats";
    t->scratch = (size_t)x->dim[x->ndim - 1] * (size_t)x->dim[x->ndim - 1] * sizeof(double);
    t->run = run_det;
    return NULL;
}
