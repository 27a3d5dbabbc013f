/*
 * NonZero, Compress and Unique: only run() knows how large the outputs are. prepare()
 * sets the sizes that they may have at most, run() those that they have.
 */
#include <string.h>

#include "runtime/engine/kernel.h"
#include "runtime/engine/sort.h"
#include "runtime/engine/wide.h"

static void set_shape(struct nn_tensor *t, int ndim, const int64_t *dim)
{
    if (!t)
        return;
    t->ndim = ndim;
    memcpy(t->dim, dim, (size_t)ndim * sizeof *dim);
}

static struct nn_tensor *out(const struct nn_task *t, int k)
{
    return k < t->nout ? t->outs[k] : NULL;
}

static int is_set(const struct nn_tensor *x, int64_t i)
{
    double real;
    uint64_t whole;

    if (nn_wide_of(x->type) == NN_REAL) {
        nn_wide_read(x->type, x->data, i, 1, 1, NN_REAL, &real);
        return real != 0;
    }
    nn_wide_read(x->type, x->data, i, 1, 1, NN_UNSIGNED, &whole);
    return whole != 0;
}

/* Written in rows as long as all of them were set, then moved together. */
static void run_nonzero(struct nn_task *t)
{
    const struct nn_tensor *x = t->in[0];
    int64_t n = nn_count(x), found = 0, *y = t->out->data;

    for (int64_t i = 0; i < n; i++) {
        if (!is_set(x, i))
            continue;
        int64_t rest = i;
        for (int d = x->ndim - 1; d >= 0; d--) {
            y[d * n + found] = rest % x->dim[d];
            rest /= x->dim[d];
        }
        if (!x->ndim)
            y[found] = 0;
        found++;
    }
    for (int d = 1; d < x->ndim; d++)
        memmove(y + d * found, y + d * n, (size_t)found * sizeof *y);
    t->out->dim[1] = found;
}

const char *prepare_nonzero(struct nn_task *t)
{
    const struct nn_tensor *x = t->in[0];

    set_shape(t->out, 2, (int64_t[]){ x->ndim ? x->ndim : 1, nn_count(x) });
    t->run = run_nonzero;
    return nn_count(t->out) < 0 ? "its output may be too large" : NULL;
}

/* The line that a Compress or Unique without an axis takes its input for. */
struct slices {
    int64_t outer, count, inner;
    int axis;                   /* -1: none */
};

static const char *slice(const struct nn_task *t, struct slices *s)
{
    const struct nn_tensor *x = t->in[0];
    const struct nn_attr *given = nn_attr_find(t->node, "axis");
    int64_t axis = nn_attr_int(t->node, "axis", 0);

    *s = (struct slices){ 1, nn_count(x), 1, -1 };
    if (!given)
        return NULL;
    axis += axis < 0 ? x->ndim : 0;
    if (axis < 0 || axis >= x->ndim)
        return "its axis does not exist";
    *s = (struct slices){ nn_dims(x, 0, (int)axis), x->dim[axis],
                          nn_dims(x, (int)axis + 1, x->ndim), (int)axis };
    return NULL;
}

/* Slices from[0..n) of the input, one after the other along the axis. */
static void copy_slices(struct nn_task *t, const struct slices *s, const int64_t *from, int64_t n)
{
    size_t part = (size_t)s->inner * nn_dtype_size(t->out->type);
    char *y = t->out->data;

    for (int64_t o = 0; part && o < s->outer; o++)
        for (int64_t i = 0; i < n; i++, y += part)
            memcpy(y, (const char *)t->in[0]->data + (size_t)(o * s->count + from[i]) * part, part);
    t->out->dim[s->axis < 0 ? 0 : s->axis] = n;
}

/* The most that can come out: all slices. */
static void set_most(struct nn_task *t, const struct slices *s)
{
    if (s->axis < 0)
        set_shape(t->out, 1, &s->count);
    else
        set_shape(t->out, t->in[0]->ndim, t->in[0]->dim);
}

static void run_compress(struct nn_task *t)
{
    const struct slices *s = t->state;
    int64_t n = nn_count(t->in[1]), *kept = t->memory, count = 0;

    for (int64_t i = 0; i < n && i < s->count; i++)
        if (is_set(t->in[1], i))
            kept[count++] = i;
    copy_slices(t, s, kept, count);
}

const char *prepare_compress(struct nn_task *t)
{
    struct slices *s = t->state = nn_arena_alloc(t->arena, sizeof *s);
    const char *wrong = s ? slice(t, s) : "out of memory";

    if (wrong)
        return wrong;
    if (t->in[1]->ndim != 1 || t->in[1]->type != NN_BOOL)
        return "its condition is not a list of bools";
    set_most(t, s);
    t->scratch = (size_t)s->count * sizeof(int64_t);
    t->run = run_compress;
    return NULL;
}

struct unique {
    struct slices s;
    int sorted;
};

/* Slices of any type in ascending order, NaN behind all else; element by element. */
static int order(const void *arg, int64_t a, int64_t b)
{
    const struct nn_task *t = arg;
    const struct slices *s = &((const struct unique *)t->state)->s;
    const struct nn_tensor *x = t->in[0];
    enum nn_wide wide = nn_wide_of(x->type);
    union {
        double real;
        int64_t whole;
        uint64_t natural;
    } u, v;

    for (int64_t o = 0; o < s->outer; o++)
        for (int64_t i = 0; i < s->inner; i++) {
            int less, more;
            nn_wide_read(x->type, x->data, (o * s->count + a) * s->inner + i, 1, 1, wide, &u);
            nn_wide_read(x->type, x->data, (o * s->count + b) * s->inner + i, 1, 1, wide, &v);
            less = wide == NN_REAL ? u.real < v.real || (v.real != v.real && u.real == u.real)
                   : wide == NN_SIGNED ? u.whole < v.whole : u.natural < v.natural;
            more = wide == NN_REAL ? u.real > v.real || (u.real != u.real && v.real == v.real)
                   : wide == NN_SIGNED ? u.whole > v.whole : u.natural > v.natural;
            if (less || more)
                return less ? -1 : 1;
        }
    return 0;
}

static int by_number(const void *arg, int64_t a, int64_t b)
{
    const int64_t *first = arg;

    return (first[a] > first[b]) - (first[a] < first[b]);
}

static void put(struct nn_tensor *t, int64_t i, int64_t v)
{
    if (t)
        ((int64_t *)t->data)[i] = v;
}

/* Sorted slices fall into groups of equals, each known by its first in the input. */
static void run_unique(struct nn_task *t)
{
    const struct unique *u = t->state;
    int64_t n = u->s.count, groups = 0, *at = t->memory, *room = at + n, *group = room + n;
    int64_t *first = group + n, *size = first + n, *rank = size + n, *as = rank + n;

    for (int64_t i = 0; i < n; i++)
        at[i] = i;
    nn_sort(at, room, n, order, t);
    for (int64_t i = 0; i < n; i++) {
        if (!i || order(t, at[i - 1], at[i])) {
            first[groups] = at[i];      /* stable: the first of the equals */
            as[groups] = groups;
            size[groups++] = 0;
        }
        group[at[i]] = groups - 1;
        size[groups - 1]++;
    }
    if (!u->sorted)
        nn_sort(as, room, groups, by_number, first);
    for (int64_t i = 0; i < groups; i++) {
        rank[as[i]] = i;
        room[i] = first[as[i]];
        put(out(t, 1), i, first[as[i]]);
        put(out(t, 3), i, size[as[i]]);
    }
    for (int64_t i = 0; i < n; i++)
        put(out(t, 2), i, rank[group[i]]);
    copy_slices(t, &u->s, room, groups);
    set_shape(out(t, 1), 1, &groups);
    set_shape(out(t, 3), 1, &groups);
}

const char *prepare_unique(struct nn_task *t)
{
    struct unique *u = t->state = nn_arena_alloc(t->arena, sizeof *u);
    const char *wrong = u ? slice(t, &u->s) : "out of memory";

    if (wrong)
        return wrong;
    u->sorted = nn_attr_int(t->node, "sorted", 1) != 0;
    set_most(t, &u->s);
    for (int k = 1; k < 4; k++)
        set_shape(out(t, k), 1, &u->s.count);
    t->scratch = (size_t)u->s.count * 7 * sizeof(int64_t);
    t->makes = 4;
    t->run = run_unique;
    return NULL;
}
