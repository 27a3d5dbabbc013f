#include "trainer/reliability.h"

#include <math.h>
#include <string.h>

static void add(struct nn_reliability *r, const double prob[NN_EMOTIONS], double log_truth,
                int label)
{
    int top = nn_answers_top(prob), b = (int)ceil(prob[top] * NN_BINS) - 1;
    struct nn_bin *bin = &r->bin[b < 0 ? 0 : b >= NN_BINS ? NN_BINS - 1 : b];

    r->n++;
    r->sure += prob[top];
    r->nll -= log_truth;
    for (int e = 0; e < NN_EMOTIONS; e++)
        r->brier += (prob[e] - (e == label)) * (prob[e] - (e == label));
    bin->n++;
    bin->sure += prob[top];
    bin->right += top == label;
}

void nn_reliability_of(const struct nn_answers *a, const double temperature[2],
                       struct nn_reliability *out)
{
    memset(out, 0, sizeof *out);
    for (int64_t i = 0; i < a->n; i++) {
        double t = temperature[a->half[i]], prob[NN_EMOTIONS];
        const double *l = a->logit[i];
        int top = nn_answers_top(l);
        nn_answers_softmax(l, t, prob);
        /* By way of the top one, whose probability cannot be 0. */
        add(out, prob, (l[a->label[i]] - l[top]) / t + log(prob[top]), a->label[i]);
    }
    if (!out->n)
        return;
    for (int b = 0; b < NN_BINS; b++) {
        struct nn_bin *bin = &out->bin[b];
        if (!bin->n)
            continue;
        out->ece += fabs(bin->right - bin->sure) / (double)out->n;
        bin->sure /= (double)bin->n;
        bin->right /= (double)bin->n;
    }
    out->sure /= (double)out->n;
    out->nll /= (double)out->n;
    out->brier /= (double)out->n;
}

/* The slope of the likelihood's negative logarithm over 1/temperature: expected minus true logit,
 * summed. It grows with 1/temperature (the second derivative is a variance). */
static double slope(const struct nn_answers *a, int half, double temperature)
{
    double sum = 0, prob[NN_EMOTIONS];

    for (int64_t i = 0; i < a->n; i++) {
        if (half >= 0 && a->half[i] != half)
            continue;
        nn_answers_softmax(a->logit[i], temperature, prob);
        for (int e = 0; e < NN_EMOTIONS; e++)
            sum += prob[e] * (a->logit[i][e] - a->logit[i][a->label[i]]);
    }
    return sum;
}

double nn_temperature_fit(const struct nn_answers *a, int half)
{
    double lo = log(NN_TEMPERATURE_MIN), hi = log(NN_TEMPERATURE_MAX);

    if (!(slope(a, half, exp(lo)) > 0) || !(slope(a, half, exp(hi)) < 0))
        return 0;
    for (int i = 0; i < 50; i++) {
        double mid = (lo + hi) / 2;
        if (slope(a, half, exp(mid)) > 0)
            lo = mid;
        else
            hi = mid;
    }
    return exp((lo + hi) / 2);
}
