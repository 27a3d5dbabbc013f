/*
 * safetensors.h - named arrays in one file: an 8-byte little-endian length, a
 * JSON header (names, types, shapes, offsets), raw little-endian data. Format:
 * github.com/huggingface/safetensors. Checkpoints are such files, so any tool
 * of the field opens them.
 */
#ifndef NN_TRAINER_SAFETENSORS_H
#define NN_TRAINER_SAFETENSORS_H

#include <stddef.h>
#include <stdint.h>


#ifdef __cplusplus
extern "C" {
#endif

#include "common/err.h"

struct nn_array {
    const char *name;
    const char *type;       /* "F32", "I64", "U8" */
    int ndim;               /* 0..8 */
    int64_t dim[8];
    const void *data;       /* as read: aligned to nothing, to be copied from */
    size_t bytes;
};

struct nn_arrays {
    int count;
    struct nn_array *array;
    const char *note;       /* the metadata entry "neonnoir", "" without */
    void *memory[2];        /* what the above points into */
};

/* Atomically. `note` goes into the header's __metadata__. */
int nn_arrays_write(const char *path, const struct nn_array *array, int count, const char *note,
                    struct nn_err *err);
/* Checks every offset and size against the file. Release with nn_arrays_release(). */
int nn_arrays_read(const char *path, struct nn_arrays *out, struct nn_err *err);
int nn_arrays_parse(const void *bytes, size_t size, const char *name, struct nn_arrays *out,
                    struct nn_err *err);
void nn_arrays_release(struct nn_arrays *a);
const struct nn_array *nn_arrays_find(const struct nn_arrays *a, const char *name);

#ifdef __cplusplus
}
#endif

#endif
