/*
 * names.h - a set of names with a number each, for files with many tensors.
 *
 * Open addressing over FNV-1a; names are kept by pointer.
 */
#ifndef NN_RUNTIME_ONNX_NAMES_H
#define NN_RUNTIME_ONNX_NAMES_H

#include <stddef.h>

struct nn_names {
    struct nn_name {
        const char *name;       /* NULL: free */
        int value;
    } *slot;
    size_t count, cap;          /* cap is 0 or a power of two, at most half full */
};

/* The name's number, or -1. */
int nn_names_get(const struct nn_names *n, const char *name);
/* Adds a name that is not there yet. -1 when out of memory. */
int nn_names_add(struct nn_names *n, const char *name, int value);
void nn_names_release(struct nn_names *n);      /* a zeroed one is fine */

#endif
