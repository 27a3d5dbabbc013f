#include "runtime/face/baseline.h"

#include <math.h>

/* An ordinary neutral face: 0.60 neutral, the others alike, as centred log ratios. */
static float ordinary(int e)
{
    return e == NN_NEUTRAL ? 1.883f : -0.314f;
}

static const double HASTE = 6;                  /* seconds of fast learning */
static const float FAST = 1.2f, SLOW = 0.03f;   /* nats a second */
static const float MOST = 1.5f;                 /* nats taken off at most */

static void centred(const float prob[NN_EMOTIONS], float out[NN_EMOTIONS])
{
    float mean = 0;

    for (int e = 0; e < NN_EMOTIONS; e++)
        mean += (out[e] = logf(fmaxf(prob[e], 1e-3f))) / NN_EMOTIONS;
    for (int e = 0; e < NN_EMOTIONS; e++)
        out[e] -= mean;
}

void nn_baseline_take(struct nn_baseline *b, float prob[NN_EMOTIONS], double dt)
{
    float now[NN_EMOTIONS], sum = 0, step, share;

    centred(prob, now);
    for (int e = 0; e < NN_EMOTIONS && b->known <= 0; e++)
        b->rest[e] = ordinary(e);
    step = (float)dt * (b->known < HASTE ? FAST : SLOW);
    b->known += fmax(dt, 1e-6);
    share = (float)fmin(b->known / 4, 1);
    for (int e = 0; e < NN_EMOTIONS; e++) {
        float off = now[e] - b->rest[e], bias;
        b->rest[e] += fminf(fmaxf(off, -step), step);   /* towards the median, not the mean */
        bias = fminf(fmaxf(b->rest[e] - ordinary(e), -MOST), MOST);
        sum += (prob[e] = expf(now[e] - share * bias));
    }
    for (int e = 0; e < NN_EMOTIONS; e++)
        prob[e] /= sum;
}
