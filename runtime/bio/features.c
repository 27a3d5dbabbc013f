#include "runtime/bio/features.h"

#include <math.h>

enum { LIMIT = 5, LEAST_PAIRS = 10 };

static void put(float out[2], float value)
{
    out[1] = isfinite(value);
    out[0] = isfinite(value) ? fmaxf(-LIMIT, fminf(LIMIT, value)) : 0;
}

/* ln of now over rest; a sensor off the skin shows nothing, which is no level. */
static float growth(float now, float rest)
{
    return now > 0 && rest > 0 ? logf(now / rest) : NAN;
}

void nn_bio_features(const float emotion[NN_EMOTIONS], const struct nn_bio_level *now,
                     const struct nn_bio_level *rest, float out[NN_BIO_FLOATS])
{
    for (int i = 0; i < NN_EMOTIONS; i++)
        out[NN_BIO_FACE + i] = emotion ? fmaxf(-LIMIT, fminf(LIMIT, emotion[i])) : 0;
    out[NN_BIO_FACE + NN_EMOTIONS] = emotion != 0;
    put(out + NN_BIO_RATE, (now->rate - rest->rate) / 10);
    put(out + NN_BIO_VARIABILITY, growth(now->rmssd, rest->rmssd));
    put(out + NN_BIO_SKIN, growth(now->skin, rest->skin));
}

static int plausible(double interval)
{
    return interval >= 0.3 && interval <= 2;
}

float nn_bio_rmssd(const double *at, const double *interval, int n)
{
    double squares = 0;
    int pairs = 0;

    for (int i = 1; i < n; i++) {
        double d = interval[i] - interval[i - 1];
        if (!plausible(interval[i]) || !plausible(interval[i - 1]) ||
            fabs(at[i] - at[i - 1] - interval[i]) > 0.05)
            continue;
        squares += d * d;
        pairs++;
    }
    return pairs < LEAST_PAIRS ? NAN : (float)(1000 * sqrt(squares / pairs));
}
