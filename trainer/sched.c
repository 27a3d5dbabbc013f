#include "trainer/sched.h"

#include <math.h>

double nn_sched_rate(const struct nn_sched *s, int64_t step, int64_t steps)
{
    double at = ((double)step + 0.5) / (double)steps, then;

    if (at < s->warmup)
        return s->peak * at / s->warmup;
    then = (at - s->warmup) / (1 - s->warmup);
    switch (s->kind) {
    case NN_SCHED_COSINE:
        return s->peak * 0.5 * (1 + cos(3.14159265358979 * then));
    case NN_SCHED_STEP:
        return s->peak * pow(s->drop, floor(3 * then));
    default:
        return s->peak;
    }
}
