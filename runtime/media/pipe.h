/*
 * pipe.h - bytes through stdin, stdout and FIFOs, in a way that Ctrl-C ends.
 */
#ifndef NN_RUNTIME_MEDIA_PIPE_H
#define NN_RUNTIME_MEDIA_PIPE_H

#include <stdatomic.h>
#include <stddef.h>

#include "common/err.h"

/* Whether the word is "-", a FIFO or a character device (/dev/null). */
int nn_pipe_is(const char *word);

/* A descriptor for nn_pipe_close(). A FIFO is opened without waiting for its other end;
 * reading or writing then waits. -1. */
int nn_pipe_open_read(const char *word, struct nn_err *err);
int nn_pipe_open_write(const char *word, struct nn_err *err);
void nn_pipe_close(int fd);                 /* leaves stdin and stdout open */

/* Up to `size` bytes, at least one; 0 at the end, -1: failed, or stopped by Ctrl-C or a
 * non-zero `*quit` (which may be NULL), then with NN_EINTR. */
long nn_pipe_read(int fd, void *to, size_t size, const atomic_int *quit, struct nn_err *err);
/* All of it. `name` is for the sentence. */
int nn_pipe_write(int fd, const void *from, size_t size, const char *name, struct nn_err *err);

#endif
