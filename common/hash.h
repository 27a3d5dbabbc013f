/*
 * hash.h - SHA-256 (FIPS 180-4, nettle's) as 64 lower-case hex digits: the
 * name of everything in the media pool, and of snapshots and outputs.
 */
#ifndef NN_COMMON_HASH_H
#define NN_COMMON_HASH_H

#include <nettle/sha2.h>
#include <stddef.h>

#include "common/err.h"

#define NN_HASH_HEX 64
typedef char nn_hash[NN_HASH_HEX + 1];  /* hex, zero-terminated */

struct nn_hasher {
    struct sha256_ctx ctx;
};

void nn_hasher_init(struct nn_hasher *h);
void nn_hasher_add(struct nn_hasher *h, const void *data, size_t size);
void nn_hasher_finish(struct nn_hasher *h, nn_hash out);

void nn_hash_bytes(const void *data, size_t size, nn_hash out);
/* Of a plain file; others are refused. */
int nn_hash_file(const char *path, nn_hash out, struct nn_err *err);

#endif
