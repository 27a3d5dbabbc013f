#include "runtime/engine/wide.h"

#include <math.h>
#include <string.h>

/* Types whose elements C has: ONNX's name, C's, smallest and largest. */
#define INTEGERS(X)                                                                             \
    X(NN_I8, int8_t, INT8_MIN, INT8_MAX) X(NN_I16, int16_t, INT16_MIN, INT16_MAX)               \
    X(NN_I32, int32_t, INT32_MIN, INT32_MAX) X(NN_I64, int64_t, INT64_MIN, INT64_MAX)           \
    X(NN_U8, uint8_t, 0, UINT8_MAX) X(NN_U16, uint16_t, 0, UINT16_MAX)                          \
    X(NN_U32, uint32_t, 0, UINT32_MAX) X(NN_U64, uint64_t, 0, UINT64_MAX)

enum nn_wide nn_wide_of(enum nn_dtype type)
{
    switch (type) {
    case NN_I8: case NN_I16: case NN_I32: case NN_I64:
        return NN_SIGNED;
    case NN_U8: case NN_U16: case NN_U32: case NN_U64: case NN_BOOL:
        return NN_UNSIGNED;
    default:
        return NN_REAL;
    }
}

double nn_from_half(uint16_t h)
{
    int exponent = h >> 10 & 31, fraction = h & 1023;
    double v = exponent == 31 ? (fraction ? NAN : INFINITY)
               : exponent ? ldexp(fraction | 1024, exponent - 25) : ldexp(fraction, -24);

    return h & 0x8000 ? -v : v;
}

uint16_t nn_to_half(double v)
{
    uint16_t sign = signbit(v) ? 0x8000 : 0;
    double a = fabs(v);
    int e;

    if (v != v)
        return 0x7e00;
    if (a >= 65520)                             /* halfway past the largest, 65504 */
        return sign | 0x7c00;
    if (a < 0x1p-14)                            /* subnormal; 1024 is the first that is not */
        return sign | (uint16_t)nearbyint(a * 0x1p24);
    frexp(a, &e);
    return sign | (uint16_t)(((e + 13) << 10) + (int)nearbyint(ldexp(a, 11 - e)));
}

float nn_from_bf16(uint16_t h)
{
    uint32_t bits = (uint32_t)h << 16;
    float f;

    memcpy(&f, &bits, sizeof f);
    return f;
}

uint16_t nn_to_bf16(double v)
{
    float f = (float)v;
    uint32_t bits;

    memcpy(&bits, &f, sizeof bits);
    if (f != f)
        return 0x7fc0;
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

#define READ(W, expr)                                           \
    do {                                                        \
        W *y_ = to;                                             \
        for (int64_t i = 0, k = at; i < n; i++, k += step)      \
            y_[i] = (W)(expr);                                  \
    } while (0)

/* Reals that are read as integers go through the same limits as those that are written. */
static int64_t whole(double v, double lo, double hi, int64_t min, int64_t max)
{
    return v != v ? 0 : v <= lo ? min : v >= hi ? max : (int64_t)v;
}

static uint64_t natural(double v, double hi, uint64_t max)
{
    return !(v > 0) ? 0 : v >= hi ? max : (uint64_t)v;
}

#define REALS(expr)                                                                             \
    do {                                                                                        \
        if (as == NN_REAL)                                                                      \
            READ(double, expr);                                                                 \
        else if (as == NN_SIGNED)                                                               \
            READ(int64_t, whole((double)(expr), (double)INT64_MIN, (double)INT64_MAX,           \
                                INT64_MIN, INT64_MAX));                                         \
        else                                                                                    \
            READ(uint64_t, natural((double)(expr), (double)UINT64_MAX, UINT64_MAX));            \
    } while (0)

void nn_wide_read(enum nn_dtype type, const void *data, int64_t at, int64_t step, int64_t n,
                  enum nn_wide as, void *to)
{
    switch (type) {
#define X(name, T, min, max)                                    \
    case name:                                                  \
        if (as == NN_REAL)                                      \
            READ(double, ((const T *)data)[k]);                 \
        else if (as == NN_SIGNED)                               \
            READ(int64_t, ((const T *)data)[k]);                \
        else                                                    \
            READ(uint64_t, ((const T *)data)[k]);               \
        break;
    INTEGERS(X)
#undef X
    case NN_F32: REALS(((const float *)data)[k]); break;
    case NN_F64: REALS(((const double *)data)[k]); break;
    case NN_F16: REALS(nn_from_half(((const uint16_t *)data)[k])); break;
    case NN_BF16: REALS(nn_from_bf16(((const uint16_t *)data)[k])); break;
    default:                                                    /* bool */
        if (as == NN_REAL)
            READ(double, ((const uint8_t *)data)[k] != 0);
        else
            READ(uint64_t, ((const uint8_t *)data)[k] != 0);    /* 0 and 1 are int64's, too */
        break;
    }
}

#define WRITE(T, W, expr)                                       \
    do {                                                        \
        const W *x_ = from;                                     \
        T *y_ = data;                                           \
        for (int64_t i = 0, k = at; i < n; i++, k += step) {    \
            W v = x_[i];                                        \
            y_[k] = (T)(expr);                                  \
        }                                                       \
    } while (0)
#define WRITE_FROM_ALL(T, expr)                                 \
    do {                                                        \
        if (as == NN_REAL)                                      \
            WRITE(T, double, expr);                             \
        else if (as == NN_SIGNED)                               \
            WRITE(T, int64_t, expr);                            \
        else                                                    \
            WRITE(T, uint64_t, expr);                           \
    } while (0)

void nn_wide_write(enum nn_dtype type, void *data, int64_t at, int64_t step, int64_t n,
                   enum nn_wide as, const void *from)
{
    switch (type) {
#define X(name, T, min, max)                                                                    \
    case name:                                                                                  \
        if (as == NN_REAL && name == NN_U64)                                                    \
            WRITE(T, double, natural(v, (double)UINT64_MAX, UINT64_MAX));                       \
        else if (as == NN_REAL)                                                                 \
            WRITE(T, double, whole(v, (double)min, (double)max, (int64_t)min, (int64_t)max));   \
        else                                                                                    \
            WRITE(T, uint64_t, v);      /* the low bits; int64's are the same */                \
        break;
    INTEGERS(X)
#undef X
    case NN_F32: WRITE_FROM_ALL(float, v); break;
    case NN_F64: WRITE_FROM_ALL(double, v); break;
    case NN_F16: WRITE_FROM_ALL(uint16_t, nn_to_half((double)v)); break;
    case NN_BF16: WRITE_FROM_ALL(uint16_t, nn_to_bf16((double)v)); break;
    default: WRITE_FROM_ALL(uint8_t, v != 0); break;
    }
}

double nn_wide_real(const struct nn_tensor *t, int64_t i)
{
    double v;

    nn_wide_read(t->type, t->data, i, 1, 1, NN_REAL, &v);
    return v;
}

int64_t nn_wide_int(const struct nn_tensor *t, int64_t i)
{
    int64_t v;

    nn_wide_read(t->type, t->data, i, 1, 1, NN_SIGNED, &v);
    return v;
}
