#include "runtime/live_times.h"

#include <math.h>

/* Bin i begins at LEAST * 2^(i / OCTAVE): 10 us to 15 s. */
static const double LEAST = 0.01, OCTAVE = 25;

void nn_times_add(struct nn_times *s, double ms)
{
    double at = ms > LEAST ? OCTAVE * log2(ms / LEAST) : 0;
    int i = at < NN_TIMES_BINS - 1 ? (int)at : NN_TIMES_BINS - 1;

    s->bin[i]++;
    s->count++;
    if (ms > s->max)
        s->max = ms;
}

double nn_times_at(const struct nn_times *s, double q)
{
    int64_t left = (int64_t)(q * (double)(s->count - 1) + 0.5);

    if (!s->count)
        return 0;
    for (int i = 0; i < NN_TIMES_BINS; i++)
        if ((left -= s->bin[i]) < 0)
            return fmin(LEAST * exp2((i + 0.5) / OCTAVE), s->max);
    return s->max;
}
