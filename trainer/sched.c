#include "trainer/sched.h"

#include <math.h>

double nn_sched_rate(double peak, double warmup, int64_t step, int64_t steps)
{
    double at = ((double)step + 0.5) / (double)steps;

    if (at < warmup)
        return peak * at / warmup;
    return peak * 0.5 * (1 + cos(3.14159265358979 * (at - warmup) / (1 - warmup)));
}
