#include "runtime/tflite/flat.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int nn_flat_fail(struct nn_flat *f, size_t at, const char *fmt, ...)
{
    char what[300];
    va_list ap;

    if (f->failed)
        return -1;
    f->failed = 1;
    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    return nn_fail(f->err, NN_EFORMAT, "%s: byte %zu: %s", f->name, at, what);
}

/* `size` bytes from `at` as a number; the caller has checked that they are there. */
static uint64_t number(const struct nn_flat *f, size_t at, int size)
{
    uint64_t v = 0;

    for (int i = 0; i < size; i++)
        v |= (uint64_t)f->bytes[at + (size_t)i] << (8 * i);
    return v;
}

static int has(const struct nn_flat *f, size_t at, size_t bytes)
{
    return at <= f->size && bytes <= f->size - at;
}

/* Follows the offset at `at`, which is in the file, to `bytes` of something. */
static size_t follow(struct nn_flat *f, size_t at, size_t bytes)
{
    size_t offset = (size_t)number(f, at, 4);

    if (offset > f->size - at || !has(f, at + offset, bytes)) {
        nn_flat_fail(f, at, "an offset of %zu points outside the file", offset);
        return 0;
    }
    return at + offset;
}

static struct nn_flat_table table_at(struct nn_flat *f, size_t at)
{
    const struct nn_flat_table none = { 0 };
    int64_t vtable = (int64_t)at - (int32_t)(uint32_t)number(f, at, 4);
    struct nn_flat_table t = { .f = f, .at = at };
    size_t vsize;

    if (vtable < 0 || !has(f, (size_t)vtable, 4)) {
        nn_flat_fail(f, at, "a table's vtable is outside the file");
        return none;
    }
    vsize = (size_t)number(f, (size_t)vtable, 2);
    t.size = (size_t)number(f, (size_t)vtable + 2, 2);
    if (vsize < 4 || !has(f, (size_t)vtable, vsize) || t.size < 4 || !has(f, at, t.size)) {
        nn_flat_fail(f, at, "a table or its vtable reaches past the file's end");
        return none;
    }
    t.fields = (size_t)vtable + 4;
    t.nfields = (vsize - 4) / 2;
    return t;
}

int nn_flat_root(struct nn_flat *f, const char id[4], struct nn_flat_table *t)
{
    size_t at;

    if (f->size < 8 || memcmp(f->bytes + 4, id, 4))
        return nn_flat_fail(f, 4, "no %.4s file", id);
    at = follow(f, 0, 4);
    if (!f->failed)
        *t = table_at(f, at);
    return f->failed ? -1 : 0;
}

/* Where field `n` of `bytes` is; 0 where it is absent. */
static size_t field(const struct nn_flat_table *t, unsigned n, size_t bytes)
{
    size_t offset;

    if (n >= t->nfields || t->f->failed)
        return 0;
    offset = (size_t)number(t->f, t->fields + 2 * (size_t)n, 2);
    if (!offset)
        return 0;
    if (offset < 4 || offset > t->size || bytes > t->size - offset) {
        nn_flat_fail(t->f, t->at, "field %u lies outside its table", n);
        return 0;
    }
    return t->at + offset;
}

int64_t nn_flat_i8(const struct nn_flat_table *t, unsigned n, int64_t otherwise)
{
    size_t at = field(t, n, 1);

    return at ? (int8_t)t->f->bytes[at] : otherwise;
}

int64_t nn_flat_i32(const struct nn_flat_table *t, unsigned n, int64_t otherwise)
{
    size_t at = field(t, n, 4);

    return at ? (int32_t)(uint32_t)number(t->f, at, 4) : otherwise;
}

uint32_t nn_flat_u32(const struct nn_flat_table *t, unsigned n, uint32_t otherwise)
{
    size_t at = field(t, n, 4);

    return at ? (uint32_t)number(t->f, at, 4) : otherwise;
}

uint64_t nn_flat_u64(const struct nn_flat_table *t, unsigned n)
{
    size_t at = field(t, n, 8);

    return at ? number(t->f, at, 8) : 0;
}

static float bits_float(uint32_t bits)
{
    float x;

    memcpy(&x, &bits, sizeof x);
    return x;
}

float nn_flat_f32(const struct nn_flat_table *t, unsigned n, float otherwise)
{
    size_t at = field(t, n, 4);

    return at ? bits_float((uint32_t)number(t->f, at, 4)) : otherwise;
}

struct nn_flat_table nn_flat_sub(const struct nn_flat_table *t, unsigned n)
{
    const struct nn_flat_table none = { 0 };
    size_t at = field(t, n, 4), to = at ? follow(t->f, at, 4) : 0;

    return to ? table_at(t->f, to) : none;
}

struct nn_flat_vec nn_flat_vec(const struct nn_flat_table *t, unsigned n, size_t width)
{
    struct nn_flat_vec v = { 0 };
    size_t at = field(t, n, 4), to = at ? follow(t->f, at, 4) : 0, count;

    if (!to)
        return v;
    count = (size_t)number(t->f, to, 4);
    if (count > (t->f->size - to - 4) / width) {
        nn_flat_fail(t->f, to, "%zu elements of %zu bytes announced, %zu bytes left", count, width,
                     t->f->size - to - 4);
        return v;
    }
    return (struct nn_flat_vec){ t->f, to + 4, count, width };
}

const char *nn_flat_text(const struct nn_flat_table *t, unsigned n, size_t *length)
{
    struct nn_flat_vec v = nn_flat_vec(t, n, 1);

    *length = v.count;
    return v.f ? (const char *)v.f->bytes + v.at : NULL;
}

int32_t nn_flat_at_i32(const struct nn_flat_vec *v, size_t i)
{
    return (int32_t)(uint32_t)number(v->f, v->at + 4 * i, 4);
}

float nn_flat_at_f32(const struct nn_flat_vec *v, size_t i)
{
    return bits_float((uint32_t)number(v->f, v->at + 4 * i, 4));
}

int64_t nn_flat_at_i64(const struct nn_flat_vec *v, size_t i)
{
    return (int64_t)number(v->f, v->at + 8 * i, 8);
}

struct nn_flat_table nn_flat_at_table(const struct nn_flat_vec *v, size_t i)
{
    const struct nn_flat_table none = { 0 };
    size_t to = v->f->failed ? 0 : follow(v->f, v->at + 4 * i, 4);

    return to ? table_at(v->f, to) : none;
}
