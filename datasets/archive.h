/*
 * archive.h - the files in a directory or an archive, one after the other.
 *
 * tar, zip, 7z, rar, cpio, cab, lha, iso; plain or compressed: what libarchive
 * reads without starting other programs. Nothing is unpacked to disk. What is
 * handed in may be hostile: an archive with an entry that has an absolute path
 * or `..` in it, is a link or a device, claims more than NN_ENTRY_MAX bytes, or
 * that unpacks to more than NN_UNPACKED_MAX bytes or NN_RATIO_MAX times its size
 * is an error of the whole archive. nn_archive_check() finds that beforehand.
 * In a directory, links and special files are passed over.
 */
#ifndef NN_DATASETS_ARCHIVE_H
#define NN_DATASETS_ARCHIVE_H

#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

#define NN_ENTRY_MAX ((int64_t)64 << 20)        /* bytes of one file */
#define NN_UNPACKED_MAX ((int64_t)256 << 30)    /* bytes of all files */
#define NN_RATIO_MAX 200        /* pictures are compressed already: about 1 */
#define NN_RATIO_FREE ((int64_t)16 << 20)       /* bytes that may come at any ratio */

struct nn_archive;

/* NULL for what is neither a directory nor an archive. Free with _close(). */
struct nn_archive *nn_archive_open(const char *path, struct nn_err *err);
void nn_archive_close(struct nn_archive *a);            /* NULL is fine */

/* The next plain file: 1, 0 at the end, -1. `*name` is its path inside, with '/'
 * between levels, valid until the next call. Directories go in sorted order,
 * archives in their own. */
int nn_archive_next(struct nn_archive *a, const char **name, struct nn_err *err);
/* The current file's bytes, a's until the next call: 0; 1 when this one file of a
 * directory cannot be read (err says why), the others may; -1. */
int nn_archive_data(struct nn_archive *a, const void **data, size_t *size, struct nn_err *err);

/* Walks all entries of `path`, unpacking where that is the only way to the next
 * one, and counts the plain files. */
int nn_archive_check(const char *path, int64_t *files, struct nn_err *err);

#endif
