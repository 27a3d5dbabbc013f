/*
 * flat.h - FlatBuffers read in place, every step checked.
 *
 * A file is tables (fields found through a vtable), vectors and strings, joined
 * by offsets; any of them may lie. Each is checked against the file's end when
 * it is followed, numbers are read byte by byte (nothing need be aligned), and
 * the first failure sticks: it fills `err`, everything after it reads as absent,
 * so that a caller checks once a record. Little-endian, as the format is.
 * https://flatbuffers.dev/internals
 */
#ifndef NN_RUNTIME_TFLITE_FLAT_H
#define NN_RUNTIME_TFLITE_FLAT_H

#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

struct nn_flat {
    const uint8_t *bytes;
    size_t size;
    const char *name;           /* the file's, for messages */
    struct nn_err *err;
    int failed;
};

struct nn_flat_table {          /* zeroed: an empty one, all fields absent */
    struct nn_flat *f;
    size_t at, size;            /* in bytes from the file's start */
    size_t fields, nfields;     /* the vtable's entries */
};

struct nn_flat_vec {            /* zeroed: absent */
    struct nn_flat *f;
    size_t at, count, width;    /* first element, elements, bytes of one */
};

/* The root table of a file whose bytes 4..7 are `id`. 0 or -1. */
int nn_flat_root(struct nn_flat *f, const char id[4], struct nn_flat_table *t);
/* Remembers the first failure, with the offset it is at. -1. */
int nn_flat_fail(struct nn_flat *f, size_t at, const char *fmt, ...) NN_PRINTF(3, 4);

/* Numbers in field `n` of a table, or what the schema says when it is absent. */
int64_t nn_flat_i8(const struct nn_flat_table *t, unsigned n, int64_t otherwise);
int64_t nn_flat_i32(const struct nn_flat_table *t, unsigned n, int64_t otherwise);
uint32_t nn_flat_u32(const struct nn_flat_table *t, unsigned n, uint32_t otherwise);
uint64_t nn_flat_u64(const struct nn_flat_table *t, unsigned n);
float nn_flat_f32(const struct nn_flat_table *t, unsigned n, float otherwise);
/* What field `n` points to; zeroed where it is absent. */
struct nn_flat_table nn_flat_sub(const struct nn_flat_table *t, unsigned n);
struct nn_flat_vec nn_flat_vec(const struct nn_flat_table *t, unsigned n, size_t width);
/* A string's bytes, not ended by zero; NULL where it is absent. */
const char *nn_flat_text(const struct nn_flat_table *t, unsigned n, size_t *length);

/* Element `i` < count of a vector of numbers (width 4, 4, 8), or of offsets to
 * tables (width 4). */
int32_t nn_flat_at_i32(const struct nn_flat_vec *v, size_t i);
float nn_flat_at_f32(const struct nn_flat_vec *v, size_t i);
int64_t nn_flat_at_i64(const struct nn_flat_vec *v, size_t i);
struct nn_flat_table nn_flat_at_table(const struct nn_flat_vec *v, size_t i);

#endif
