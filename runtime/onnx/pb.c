#include "runtime/onnx/pb.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int nn_pb_fail(const struct nn_pb *pb, enum nn_code code, const char *fmt, ...)
{
    char what[400];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    return nn_fail(pb->err, code, "%s: byte %zu: %s", pb->name, (size_t)(pb->p - pb->file), what);
}

static int read_varint(struct nn_pb *pb, uint64_t *out)
{
    uint64_t v = 0;

    for (int shift = 0; shift < 70; shift += 7) {
        if (pb->p == pb->end)
            return nn_pb_fail(pb, NN_EFORMAT, "the file ends inside a number");
        uint8_t byte = *pb->p++;
        if (shift < 63 || byte <= 1)
            v |= (uint64_t)(byte & 127) << shift;
        else
            break;
        if (byte < 128) {
            *out = v;
            return 0;
        }
    }
    return nn_pb_fail(pb, NN_EFORMAT, "a number with more than 64 bits");
}

static int read_fixed(struct nn_pb *pb, int size, uint64_t *out)
{
    uint64_t v = 0;

    if (pb->end - pb->p < size)
        return nn_pb_fail(pb, NN_EFORMAT, "the file ends inside a number");
    for (int i = 0; i < size; i++)
        v |= (uint64_t)*pb->p++ << (8 * i);
    *out = v;
    return 0;
}

int nn_pb_next(struct nn_pb *pb, struct nn_pb_field *f)
{
    uint64_t tag;

    if (pb->p == pb->end)
        return 0;
    if (read_varint(pb, &tag))
        return -1;
    if (tag >> 3 == 0 || tag >> 3 > 536870911)
        return nn_pb_fail(pb, NN_EFORMAT, "no ONNX data here (field number %llu)",
                          (unsigned long long)(tag >> 3));
    *f = (struct nn_pb_field){ .id = (uint32_t)(tag >> 3), .wire = tag & 7, .sub = *pb };
    switch (tag & 7) {
    case NN_PB_VARINT:
        return read_varint(pb, &f->value) ? -1 : 1;
    case NN_PB_64:
        return read_fixed(pb, 8, &f->value) ? -1 : 1;
    case NN_PB_32:
        return read_fixed(pb, 4, &f->value) ? -1 : 1;
    case NN_PB_BYTES:
        if (read_varint(pb, &f->value))
            return -1;
        if (f->value > (uint64_t)(pb->end - pb->p))
            return nn_pb_fail(pb, NN_EFORMAT, "%llu bytes announced, %zu left",
                              (unsigned long long)f->value, (size_t)(pb->end - pb->p));
        f->sub.p = pb->p;
        f->sub.end = pb->p += f->value;
        return 1;
    default:
        return nn_pb_fail(pb, NN_EFORMAT, "no ONNX data here (wire type %d)", (int)(tag & 7));
    }
}

static int want(const struct nn_pb_field *f, enum nn_pb_wire wire)
{
    if (f->wire == wire)
        return 0;
    return nn_pb_fail(&f->sub, NN_EFORMAT, "field %u has wire type %d instead of %d",
                      (unsigned)f->id, (int)f->wire, (int)wire);
}

int nn_pb_int(const struct nn_pb_field *f, int64_t *out)
{
    if (want(f, NN_PB_VARINT))
        return -1;
    memcpy(out, &f->value, sizeof *out);
    return 0;
}

static float bits_float(uint64_t v)
{
    uint32_t bits = (uint32_t)v;
    float x;

    memcpy(&x, &bits, sizeof x);
    return x;
}

int nn_pb_float(const struct nn_pb_field *f, float *out)
{
    if (want(f, NN_PB_32))
        return -1;
    *out = bits_float(f->value);
    return 0;
}

int nn_pb_message(const struct nn_pb_field *f, struct nn_pb *out)
{
    if (want(f, NN_PB_BYTES))
        return -1;
    *out = f->sub;
    return 0;
}

int nn_pb_text(const struct nn_pb_field *f, struct nn_arena *a, const char **out)
{
    struct nn_pb s;
    size_t n;

    if (nn_pb_message(f, &s))
        return -1;
    n = (size_t)(s.end - s.p);
    if (n && memchr(s.p, 0, n))
        return nn_pb_fail(&s, NN_EFORMAT, "a name with a zero byte in it");
    if (!(*out = nn_arena_strndup(a, n ? (const char *)s.p : "", n)))
        return nn_fail_mem(s.err, "name");
    return 0;
}

/* One number or a packed run of them, as raw 64-bit values handed to `put`. */
static int numbers(const struct nn_pb_field *f, enum nn_pb_wire wire, size_t max, size_t *n,
                   void (*put)(void *out, size_t i, uint64_t v), void *out)
{
    struct nn_pb s = f->sub;
    uint64_t v = f->value;

    if (f->wire != NN_PB_BYTES && want(f, wire))
        return -1;
    do {
        if (f->wire == NN_PB_BYTES) {
            if (s.p == s.end)
                return 0;
            if (wire == NN_PB_VARINT ? read_varint(&s, &v)
                                     : read_fixed(&s, wire == NN_PB_32 ? 4 : 8, &v))
                return -1;
        }
        if (*n >= max)
            return nn_pb_fail(&s, NN_EFORMAT, "more than the expected %zu numbers", max);
        if (out)
            put(out, *n, v);
        ++*n;
    } while (f->wire == NN_PB_BYTES);
    return 0;
}

static void put_int(void *out, size_t i, uint64_t v)
{
    memcpy((int64_t *)out + i, &v, sizeof v);
}

static void put_float(void *out, size_t i, uint64_t v)
{
    ((float *)out)[i] = bits_float(v);
}

int nn_pb_ints(const struct nn_pb_field *f, int64_t *out, size_t max, size_t *n)
{
    return numbers(f, NN_PB_VARINT, max, n, put_int, out);
}

int nn_pb_floats(const struct nn_pb_field *f, float *out, size_t max, size_t *n)
{
    return numbers(f, NN_PB_32, max, n, put_float, out);
}

int nn_pb_doubles(const struct nn_pb_field *f, double *out, size_t max, size_t *n)
{
    return numbers(f, NN_PB_64, max, n, put_int, out);
}

/* Room for `more` bytes behind size; NULL once memory has run out. */
static uint8_t *reserve(struct nn_pb_out *o, size_t more)
{
    if (!o->failed && o->cap - o->size < more) {
        size_t cap = o->cap ? o->cap : 4096;
        while (cap - o->size < more)
            cap *= 2;
        uint8_t *data = realloc(o->data, cap);
        if (data) {
            o->data = data;
            o->cap = cap;
        } else {
            o->failed = 1;
        }
    }
    return o->failed ? NULL : o->data + o->size;
}

static void put_varint(struct nn_pb_out *o, uint64_t v)
{
    uint8_t *p = reserve(o, 10);

    if (!p)
        return;
    for (; v >= 128; v >>= 7)
        *p++ = (uint8_t)(v | 128);
    *p++ = (uint8_t)v;
    o->size = (size_t)(p - o->data);
}

void nn_pb_put_int(struct nn_pb_out *o, uint32_t id, int64_t v)
{
    put_varint(o, (uint64_t)id << 3 | NN_PB_VARINT);
    put_varint(o, (uint64_t)v);
}

void nn_pb_put_float(struct nn_pb_out *o, uint32_t id, float v)
{
    uint32_t bits;
    uint8_t *p;

    put_varint(o, (uint64_t)id << 3 | NN_PB_32);
    if (!(p = reserve(o, 4)))
        return;
    memcpy(&bits, &v, sizeof bits);
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(bits >> (8 * i));
    o->size += 4;
}

void nn_pb_put_bytes(struct nn_pb_out *o, uint32_t id, const void *data, size_t size)
{
    uint8_t *p;

    put_varint(o, (uint64_t)id << 3 | NN_PB_BYTES);
    put_varint(o, size);
    if (!(p = reserve(o, size)))
        return;
    if (size)
        memcpy(p, data, size);
    o->size += size;
}

void nn_pb_put_text(struct nn_pb_out *o, uint32_t id, const char *s)
{
    nn_pb_put_bytes(o, id, s, strlen(s));
}

size_t nn_pb_begin(struct nn_pb_out *o, uint32_t id)
{
    put_varint(o, (uint64_t)id << 3 | NN_PB_BYTES);
    return o->size;
}

void nn_pb_end(struct nn_pb_out *o, size_t begun)
{
    size_t length = o->size - begun, before = o->size, shift;

    if (o->failed)
        return;
    put_varint(o, length);      /* behind the message first, to learn its size */
    if (o->failed)
        return;
    shift = o->size - before;
    uint8_t number[10];
    memcpy(number, o->data + before, shift);
    memmove(o->data + begun + shift, o->data + begun, length);
    memcpy(o->data + begun, number, shift);
}
