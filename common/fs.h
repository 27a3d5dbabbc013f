/*
 * fs.h - files: read whole with a limit, write all or nothing, find our data.
 */
#ifndef NN_COMMON_FS_H
#define NN_COMMON_FS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/err.h"

#define NN_PATH 4096    /* bytes of the longest path we handle, with its zero */

/* snprintf into a NN_PATH buffer; -1 with NN_EUSAGE when it does not fit. */
int nn_path(char out[NN_PATH], struct nn_err *err, const char *fmt, ...) NN_PRINTF(3, 4);

/* The whole file as malloc'd bytes with a zero behind them; `*size` without
 * it. More than `limit` bytes is an error. Free with free(). */
char *nn_file_read(const char *path, size_t limit, size_t *size, struct nn_err *err);

/* Makes a directory and its parents; existing ones are fine. */
int nn_mkdirs(const char *path, struct nn_err *err);
int nn_is_dir(const char *path);
int nn_exists(const char *path);

/*
 * All or nothing: bytes go to a hidden temporary beside `path`, which commit
 * renames over it (after fsync). abort, or a crash, leaves `path` as it was.
 *
 *   struct nn_atomic a;
 *   if (nn_atomic_open(&a, path, err)) return -1;
 *   fwrite(..., a.f);
 *   return nn_atomic_commit(&a, err);      // or nn_atomic_abort(&a)
 */
struct nn_atomic {
    FILE *f;                /* NULL for nn_atomic_name() */
    char path[NN_PATH], tmp[NN_PATH];
};
/* Folders and devices are refused. */
int nn_atomic_open(struct nn_atomic *a, const char *path, struct nn_err *err);
/* The same for libraries that open files themselves: they write to a->tmp,
 * whose extension is that of `path`. */
int nn_atomic_name(struct nn_atomic *a, const char *path, struct nn_err *err);
int nn_atomic_commit(struct nn_atomic *a, struct nn_err *err);
void nn_atomic_abort(struct nn_atomic *a);  /* nothing after commit, or of a zeroed one */

int nn_file_write(const char *path, const void *data, size_t size, struct nn_err *err);

/*
 * A file that ships with the program ("models/emotion.onnx", "patches/x.json"):
 * looked up in $NEONNOIR_DATA, then beside the program's build or installation
 * (../runtime, ../../runtime, ../share/neonnoir). NN_ENOTFOUND names the places.
 */
int nn_data_path(char out[NN_PATH], const char *name, struct nn_err *err);

/* The directory that holds the running program, without a trailing slash. */
int nn_program_dir(char out[NN_PATH], struct nn_err *err);

#endif
