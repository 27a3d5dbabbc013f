/* Arithmetic, comparisons and logic of two or more operands, with broadcasting. */
#include <string.h>
#include <tgmath.h>

#include "runtime/engine/kernel.h"
#include "runtime/engine/spread.h"
#include "runtime/engine/wide.h"

/* Wrapping arithmetic: signed overflow is undefined in C. */
#define WRAP(op) (T)((uint64_t)p op (uint64_t)q)
/* v < 0, in words that unsigned types bear. */
#define NEGATIVE(v) ((v) < 1 && (v) != 0)

/* Each function once for the types that have it, from p and q. */
#define FLOATS(X)                                                               \
    X(Add, p + q) X(Sub, p - q) X(Mul, p * q) X(Div, p / q)                     \
    X(Max, p > q || p != p ? p : q) X(Min, p < q || p != p ? p : q)             \
    X(Mod, modulo(p, q)) X(Fmod, fmod(p, q)) X(Pow, pow(p, q))                  \
    X(PRelu, p < 0 ? p * q : p) X(Sum, p + q) X(Mean, p + q)
#define INTEGERS(X)                                                             \
    X(Add, WRAP(+)) X(Sub, WRAP(-)) X(Mul, WRAP(*)) X(Div, divide(p, q))        \
    X(Max, p > q ? p : q) X(Min, p < q ? p : q)                                 \
    X(Mod, floored(p, q)) X(Fmod, remainder_of(p, q)) X(Pow, power(p, q))       \
    X(PRelu, NEGATIVE(p) ? WRAP(*) : p) X(Sum, WRAP(+)) X(Mean, WRAP(+))              \
    X(BitwiseAnd, p & q) X(BitwiseOr, p | q) X(BitwiseXor, p ^ q)               \
    X(And, p & q) X(Or, p | q) X(Xor, p ^ q)                                    \
    X(ShiftLeft, q < 64 ? (T)((uint64_t)p << q) : 0)                            \
    X(ShiftRight, q < 64 ? (T)((uint64_t)p >> q) : 0)
#define COMPARISONS(X)                                                          \
    X(Equal, p == q) X(Greater, p > q) X(GreaterOrEqual, p >= q)                \
    X(Less, p < q) X(LessOrEqual, p <= q)

enum fn {
#define X(name, expr) FN_##name,
    INTEGERS(X) FN_COMPARE, FN_before = FN_COMPARE - 1, COMPARISONS(X)
#undef X
    FN_COUNT
};

static const char *const names[] = {
#define X(name, expr) #name,
    INTEGERS(X) COMPARISONS(X)
#undef X
};

static double modulo(double p, double q)
{
    double r = fmod(p, q);

    return r != 0 && (r < 0) != (q < 0) ? r + q : r;
}

/* Integers divided by 0 give 0. The wide types share one text: for uint64_t the
 * cases of negative numbers never arise. */
#define DIVISION(T, divide, remainder_of, floored, power)                       \
    static T divide(T p, T q)                                                   \
    {                                                                           \
        if (NEGATIVE((T)-1) && q == (T)-1)                                      \
            return (T)-(uint64_t)p;                                             \
        return q ? p / q : 0;                                                   \
    }                                                                           \
    static T remainder_of(T p, T q)                                             \
    {                                                                           \
        return !q || (NEGATIVE((T)-1) && q == (T)-1) ? 0 : p % q;               \
    }                                                                           \
    static T floored(T p, T q)                                                  \
    {                                                                           \
        T r = remainder_of(p, q);                                               \
        return r != 0 && NEGATIVE(r) != NEGATIVE(q) ? r + q : r;                \
    }                                                                           \
    static T power(T p, T q)                                                    \
    {                                                                           \
        uint64_t base = (uint64_t)p, all = 1, left = (uint64_t)q;               \
        if (NEGATIVE(q))                                                        \
            return p == 1 ? 1 : p == (T)-1 ? (q & 1 ? p : 1) : 0;               \
        for (; left; left >>= 1, base *= base)                                  \
            all *= left & 1 ? base : 1;                                         \
        return (T)all;                                                          \
    }
DIVISION(int64_t, divide_signed, remainder_signed, floored_signed, power_signed)
DIVISION(uint64_t, divide_unsigned, remainder_unsigned, floored_unsigned, power_unsigned)

#define LOOP(R, expr)                                                           \
    do {                                                                        \
        R *y_ = y;                                                              \
        if (sa && sb)                                                           \
            for (int64_t i = 0; i < n; i++) {                                   \
                const T p = a[i], q = b[i];                                     \
                y_[i] = (R)(expr);                                              \
            }                                                                   \
        else                                                                    \
            for (int64_t i = 0; i < n; i++) {                                   \
                const T p = a[i * sa], q = b[i * sb];                           \
                y_[i] = (R)(expr);                                              \
            }                                                                   \
    } while (0)
#define CASE(name, expr) case FN_##name: LOOP(T, expr); break;
#define TEST(name, expr) case FN_##name: LOOP(uint8_t, expr); break;

/* y: of the operands' type; of a comparison: bool. */
#define APPLY(function, TYPE, CASES)                                            \
    static void function(enum fn fn, const TYPE *a, int64_t sa, const TYPE *b, int64_t sb,  \
                         void *y, int64_t n)                                    \
    {                                                                           \
        switch (fn) {                                                           \
            CASES(CASE)                                                         \
            COMPARISONS(TEST)                                                   \
        default: break;                                                         \
        }                                                                       \
    }
#define T float
APPLY(apply_float, float, FLOATS)
#undef T
#define T double
APPLY(apply_real, double, FLOATS)
#undef T
#define T int64_t
#define divide divide_signed
#define remainder_of remainder_signed
#define floored floored_signed
#define power power_signed
APPLY(apply_signed, int64_t, INTEGERS)
#undef T
#undef divide
#undef remainder_of
#undef floored
#undef power
#define T uint64_t
#define divide divide_unsigned
#define remainder_of remainder_unsigned
#define floored floored_unsigned
#define power power_unsigned
APPLY(apply_unsigned, uint64_t, INTEGERS)

/* Operands 0 and 1 into the output, then the output and operand 2, and so on. */
struct binary {
    enum fn fn;
    enum nn_wide wide;
    int at;                             /* the step under way */
    struct nn_spread *step;
};

/* Floats to floats, or to bools. */
static void apply(const struct nn_task *t, enum fn fn, const float *a, int64_t sa, const float *b,
                  int64_t sb, void *y, int64_t n)
{
    switch (fn) {
    case FN_Add: t->simd->row_add(y, a, sa, b, sb, n); break;
    case FN_Sub: t->simd->row_sub(y, a, sa, b, sb, n); break;
    case FN_Mul: t->simd->row_mul(y, a, sa, b, sb, n); break;
    case FN_Div: t->simd->row_div(y, a, sa, b, sb, n); break;
    default: apply_float(fn, a, sa, b, sb, y, n);
    }
}

static void rows(struct nn_task *t, int64_t from, int64_t to)
{
    const struct binary *s = t->state;
    const struct nn_spread *w = &s->step[s->at];
    const struct nn_tensor *a = s->at ? t->out : t->in[0], *b = t->in[s->at + 1];
    union {
        double real[NN_RUN];
        int64_t whole[NN_RUN];
        uint64_t natural[NN_RUN];
    } p, q, r;

    for (int64_t row = from; row < to; row++) {
        int64_t pa = nn_spread_at(w, 0, row), pb = nn_spread_at(w, 1, row), y = row * w->inner;
        if (a->type == NN_F32 && b->type == NN_F32) {
            apply(t, s->fn, (const float *)a->data + pa, w->step[0],
                  (const float *)b->data + pb, w->step[1],
                  (char *)t->out->data + (size_t)y * nn_dtype_size(t->out->type), w->inner);
            continue;
        }
        for (int64_t i = 0, n; i < w->inner; i += n) {
            n = w->inner - i < NN_RUN ? w->inner - i : NN_RUN;
            nn_wide_read(a->type, a->data, pa + i * w->step[0], w->step[0], n, s->wide, &p);
            nn_wide_read(b->type, b->data, pb + i * w->step[1], w->step[1], n, s->wide, &q);
            if (s->wide == NN_REAL)
                apply_real(s->fn, p.real, 1, q.real, 1, &r, n);
            else if (s->wide == NN_SIGNED)
                apply_signed(s->fn, p.whole, 1, q.whole, 1, &r, n);
            else
                apply_unsigned(s->fn, p.natural, 1, q.natural, 1, &r, n);
            if (s->fn >= FN_COMPARE)
                memcpy((uint8_t *)t->out->data + y + i, &r, (size_t)n);
            else
                nn_wide_write(t->out->type, t->out->data, y + i, 1, n, s->wide, &r);
        }
    }
}

/* Where both operands run along or stand still all the way. */
static void flat(const struct nn_task *t, const float *const *in, float *out, int64_t from,
                 int64_t n)
{
    const struct binary *s = t->state;

    (void)from;
    apply(t, s->fn, in[0], s->step->step[0], in[1], s->step->step[1], out, n);
}

static void whole_rows(const struct nn_task *t, const float *const *in, float *out, int64_t from,
                       int64_t n)
{
    const struct binary *s = t->state;
    const struct nn_spread *w = s->step;
    int64_t all = nn_count(t->out);

    for (int64_t at = 0; at < n; at += w->inner) {
        const float *x[2];
        for (int k = 0; k < 2; k++)
            x[k] = in[k] + (nn_count(t->in[k]) == all ? at
                                                      : nn_spread_at(w, k, (from + at) / w->inner));
        apply(t, s->fn, x[0], w->step[0], x[1], w->step[1], out + at, w->inner);
    }
}

/* Two operands of floats can be worked on in pieces. */
static void find_piece(struct nn_task *t, const struct binary *s)
{
    if (t->nin != 2 || s->fn >= FN_COMPARE || s->fn == FN_Mean || t->out->type != NN_F32 ||
        t->in[0]->type != NN_F32 || t->in[1]->type != NN_F32)
        return;
    t->piece = s->step->rows == 1 ? flat : whole_rows;
    t->unit = s->step->rows == 1 ? 1 : s->step->inner;
}

/* Mean's last step. */
static void divide_all(struct nn_task *t)
{
    double v;

    for (int64_t i = 0, n = nn_count(t->out); i < n; i++) {
        nn_wide_read(t->out->type, t->out->data, i, 1, 1, NN_REAL, &v);
        v /= t->nin;
        nn_wide_write(t->out->type, t->out->data, i, 1, 1, NN_REAL, &v);
    }
}

static void run_binary(struct nn_task *t)
{
    struct binary *s = t->state;

    if (t->nin == 1)
        memcpy(t->out->data, t->in[0]->data, nn_tensor_bytes(t->out));
    for (s->at = 0; s->at < t->nin - 1; s->at++) {
        const struct nn_spread *w = &s->step[s->at];
        nn_task_rows(t, w->rows, w->inner * (s->fn == FN_Pow ? 20 : 1), rows);
    }
    if (s->fn == FN_Mean)
        divide_all(t);
}

static const char *find_function(const struct nn_task *t, struct binary *s)
{
    int is_shift = nn_op_is(t, "BitShift");
    const char *direction = nn_attr_text(t->node, "direction", "");

    if (is_shift && strcmp(direction, "LEFT") && strcmp(direction, "RIGHT"))
        return "its direction is neither LEFT nor RIGHT";
    if (is_shift)
        s->fn = *direction == 'L' ? FN_ShiftLeft : FN_ShiftRight;
    else if (nn_op_is(t, "Mod") && nn_attr_int(t->node, "fmod", 0))
        s->fn = FN_Fmod;
    else
        while (s->fn < FN_COUNT && strcmp(names[s->fn], t->node->op))
            s->fn++;
    return s->fn == FN_COUNT ? "this operator is not supported" : NULL;
}

/* Do the operands' types go together, and with the function? */
static const char *check_types(const struct nn_task *t, struct binary *s)
{
    enum nn_dtype type = t->in[0]->type;
    int logic = s->fn == FN_And || s->fn == FN_Or || s->fn == FN_Xor;

    s->wide = nn_wide_of(type);
    for (int k = 1; k < t->nin; k++) {
        if (t->in[k]->type != type && s->fn != FN_Pow)
            return "its operands have different element types";
        if (s->fn == FN_Pow && nn_wide_of(t->in[k]->type) == NN_REAL)
            s->wide = NN_REAL;          /* whole numbers to a broken power */
    }
    if (logic != (type == NN_BOOL) && s->fn != FN_Equal)
        return logic ? "it needs bools" : "bools have no such function";
    if (s->wide == NN_REAL && s->fn >= FN_BitwiseAnd && s->fn < FN_COMPARE)
        return "it needs integers";
    if ((s->fn == FN_ShiftLeft || s->fn == FN_ShiftRight) && s->wide != NN_UNSIGNED)
        return "it needs unsigned integers";
    return NULL;
}

/* PRelu's slopes broadcast towards x alone; before opset 7 (and in what old exporters
 * still write) a list is one slope a channel. */
static struct nn_tensor *slopes(const struct nn_task *t)
{
    struct nn_tensor *s = t->in[1], *copy;
    int rank = t->out->ndim;

    if (!nn_op_is(t, "PRelu") || s->ndim != 1 || rank < 2 || s->dim[0] == t->out->dim[rank - 1] ||
        s->dim[0] != t->out->dim[1] || !(copy = nn_arena_alloc(t->arena, sizeof *copy)))
        return s;
    *copy = *s;
    copy->ndim = rank - 1;
    for (int i = 1; i < rank - 1; i++)
        copy->dim[i] = 1;
    return copy;
}

const char *prepare_binary(struct nn_task *t)
{
    struct binary *s = t->state = nn_arena_alloc(t->arena, sizeof *s);
    const char *wrong;

    if (!s || !(s->step = nn_arena_array(t->arena, (size_t)t->nin, sizeof *s->step)))
        return "out of memory";
    if ((wrong = find_function(t, s)) || (wrong = check_types(t, s)))
        return wrong;
    for (int k = 1; k < t->nin; k++) {
        struct nn_tensor *in[2] = { k > 1 ? t->out : t->in[0], k > 1 ? t->in[k] : slopes(t) };
        if (nn_spread_init(&s->step[k - 1], t->out, 2, in))
            return "the operands' shapes do not fit";
    }
    find_piece(t, s);
    t->run = run_binary;
    return NULL;
}
