#include "trainer/coverage.h"

#include <stdlib.h>
#include <string.h>

struct said {
    double sure;
    int right;
};

static int surest_first(const void *x, const void *y)
{
    const struct said *a = x, *b = y;

    return (a->sure < b->sure) - (a->sure > b->sure);
}

static struct said say(const struct nn_answers *a, int64_t i, double temperature)
{
    double prob[NN_EMOTIONS];
    int top;

    nn_answers_softmax(a->logit[i], temperature, prob);
    top = nn_answers_top(a->logit[i]);
    return (struct said){ prob[top], top == a->label[i] };
}

static void trace(const struct said *s, int64_t n, struct nn_coverage *out)
{
    int64_t right = 0;          /* of all before the ties */
    int next = 0;

    for (int64_t from = 0, to; from < n; from = to) {
        double ties = 0;        /* right ones among them */
        for (to = from; to < n && s[to].sure == s[from].sure; to++)
            ties += s[to].right;
        for (int64_t k = from; k < to; k++) {
            double expected = (double)right + ties * (double)(k + 1 - from) / (double)(to - from);
            out->aurc += (1 - expected / (double)(k + 1)) / (double)n;
        }
        right += (int64_t)ties;
        for (; next < NN_COVER_POINTS && to * NN_COVER_POINTS >= (next + 1) * n; next++)
            out->point[next] = (struct nn_cover){ (double)to / (double)n,
                                                  (double)right / (double)to, s[from].sure };
    }
}

int nn_coverage_of(const struct nn_answers *a, int half, double temperature,
                   struct nn_coverage *out, struct nn_err *err)
{
    struct said *s = malloc((size_t)(a->n > 0 ? a->n : 1) * sizeof *s);

    memset(out, 0, sizeof *out);
    if (!s)
        return nn_fail_mem(err, "coverage");
    for (int64_t i = 0; i < a->n; i++)
        if (half < 0 || a->half[i] == half)
            s[out->n++] = say(a, i, temperature);
    qsort(s, (size_t)out->n, sizeof *s, surest_first);
    trace(s, out->n, out);
    free(s);
    return 0;
}

void nn_coverage_apply(const struct nn_answers *a, int half, double temperature, double threshold,
                       int64_t count[3])
{
    for (int64_t i = 0; i < a->n; i++) {
        struct said s;
        if (half >= 0 && a->half[i] != half)
            continue;
        s = say(a, i, temperature);
        count[0]++;
        count[1] += s.sure >= threshold;
        count[2] += s.sure >= threshold && s.right;
    }
}
