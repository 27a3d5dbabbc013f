/*
 * pb.h - protobuf's wire format, the part that ONNX needs.
 *
 * Reading: a span of bytes yields its fields one by one, each checked against
 * the span's end; a length-delimited field is a span again. Writing: fields
 * are appended; a message is begun and ended, which puts its length before it.
 * https://protobuf.dev/programming-guides/encoding
 */
#ifndef NN_RUNTIME_ONNX_PB_H
#define NN_RUNTIME_ONNX_PB_H

#include <stddef.h>
#include <stdint.h>

#include "common/arena.h"
#include "common/err.h"

enum nn_pb_wire { NN_PB_VARINT = 0, NN_PB_64 = 1, NN_PB_BYTES = 2, NN_PB_32 = 5 };

struct nn_pb {
    const uint8_t *p, *end;     /* what is left */
    const uint8_t *file;        /* where offsets count from */
    const char *name;           /* the file's, for messages */
    struct nn_err *err;
};

struct nn_pb_field {
    uint32_t id;
    enum nn_pb_wire wire;
    uint64_t value;             /* varint, 64 and 32 bit fields */
    struct nn_pb sub;           /* bytes */
};

/* The next field: 1, 0 at the end, -1 and the span's `err`. */
int nn_pb_next(struct nn_pb *pb, struct nn_pb_field *f);
/* Fills `err` with file name and offset before the sentence. -1. */
int nn_pb_fail(const struct nn_pb *pb, enum nn_code code, const char *fmt, ...) NN_PRINTF(3, 4);

/* Typed reading; each checks the field's wire type. 0 or -1. */
int nn_pb_int(const struct nn_pb_field *f, int64_t *out);
int nn_pb_float(const struct nn_pb_field *f, float *out);
int nn_pb_message(const struct nn_pb_field *f, struct nn_pb *out);
/* A copy; a zero byte inside is an error. */
int nn_pb_text(const struct nn_pb_field *f, struct nn_arena *a, const char **out);
/*
 * A repeated number, packed or not: appends to a list counted by *n. With out
 * NULL only counts. Elements past `max` are an error.
 */
int nn_pb_ints(const struct nn_pb_field *f, int64_t *out, size_t max, size_t *n);
int nn_pb_floats(const struct nn_pb_field *f, float *out, size_t max, size_t *n);
int nn_pb_doubles(const struct nn_pb_field *f, double *out, size_t max, size_t *n);

struct nn_pb_out {
    uint8_t *data;              /* malloc'd */
    size_t size, cap;
    int failed;                 /* out of memory, sticky */
};

void nn_pb_put_int(struct nn_pb_out *o, uint32_t id, int64_t v);
void nn_pb_put_float(struct nn_pb_out *o, uint32_t id, float v);
void nn_pb_put_bytes(struct nn_pb_out *o, uint32_t id, const void *data, size_t size);
void nn_pb_put_text(struct nn_pb_out *o, uint32_t id, const char *s);
size_t nn_pb_begin(struct nn_pb_out *o, uint32_t id);           /* hand the result to end */
void nn_pb_end(struct nn_pb_out *o, size_t begun);

#endif
