#include "common/rng.h"

#include <math.h>

static uint64_t splitmix(uint64_t *x)
{
    uint64_t z = (*x += 0x9e3779b97f4a7c15u);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static uint64_t rotl(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

void nn_rng_seed(struct nn_rng *r, uint64_t seed, uint64_t stream)
{
    uint64_t x = seed;

    x = splitmix(&x) ^ (stream * 0xd1342543de82ef95u);
    for (int i = 0; i < 4; i++)
        r->s[i] = splitmix(&x);
}

uint64_t nn_rng_u64(struct nn_rng *r)
{
    uint64_t *s = r->s, out = rotl(s[1] * 5, 7) * 9, t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return out;
}

uint32_t nn_rng_below(struct nn_rng *r, uint32_t n)
{
    /* Lemire, "Fast Random Integer Generation in an Interval", 2019. */
    uint64_t m = (nn_rng_u64(r) >> 32) * n;

    if ((uint32_t)m < n) {
        uint32_t floor = -n % n;
        while ((uint32_t)m < floor)
            m = (nn_rng_u64(r) >> 32) * n;
    }
    return (uint32_t)(m >> 32);
}

float nn_rng_float(struct nn_rng *r)
{
    return (float)(nn_rng_u64(r) >> 40) * 0x1p-24f;
}

float nn_rng_range(struct nn_rng *r, float lo, float hi)
{
    return lo + (hi - lo) * nn_rng_float(r);
}

float nn_rng_normal(struct nn_rng *r)
{
    float u = 1.0f - nn_rng_float(r), v = nn_rng_float(r);

    return sqrtf(-2.0f * logf(u)) * cosf(6.2831853f * v);
}

void nn_rng_shuffle(struct nn_rng *r, int64_t *index, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t j = nn_rng_below(r, (uint32_t)i);
        int64_t t = index[i - 1];
        index[i - 1] = index[j];
        index[j] = t;
    }
}
