/*
 * err.h - one error: a code and a sentence, filled where the cause is known.
 *
 * Every function that can fail takes `struct nn_err *err` last, fills it once
 * and returns -1 (or NULL). Callers unwind; only main() prints. The sentence
 * says what happened, where (file, offset, row) and, if it helps, what to do.
 * `err` may be NULL when the caller does not care. Nothing here allocates.
 * Users of the engine's library get the codes and the struct, not the functions.
 */
#ifndef NN_COMMON_ERR_H
#define NN_COMMON_ERR_H

enum nn_code {
    NN_OK = 0,
    NN_EUSAGE,          /* the user's words are off: exit status 2 */
    NN_EARG,            /* a caller broke a function's contract */
    NN_EIO,             /* file system, device, network */
    NN_EFORMAT,         /* foreign bytes that do not parse */
    NN_EUNSUPPORTED,    /* they parse, but ask for what we cannot do */
    NN_EMEM,            /* out of memory, or past a stated limit */
    NN_EDB,             /* the catalog */
    NN_ETORCH,          /* libtorch */
    NN_EVISION,         /* OpenCV */
    NN_ENOTFOUND,       /* no such row, tag, model, tensor */
    NN_EINTR            /* the user pressed Ctrl-C: exit status 130 */
};

struct nn_err {
    enum nn_code code;
    char msg[600];      /* one line, no trailing newline or full stop */
};

#if defined(__GNUC__)
#define NN_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define NN_PRINTF(f, a)
#endif

/* Fills `err` and returns -1, so that `return nn_fail(...)` reads well. */
int nn_fail(struct nn_err *err, enum nn_code code, const char *fmt, ...) NN_PRINTF(3, 4);

/* The same with NN_EIO and ": " strerror(errno) behind the sentence; ENOSPC,
 * EROFS and EACCES are thus told apart for the reader. */
int nn_fail_errno(struct nn_err *err, const char *fmt, ...) NN_PRINTF(2, 3);

/* Puts "context: " before a sentence already there; keeps the code. -1. */
int nn_fail_in(struct nn_err *err, const char *fmt, ...) NN_PRINTF(2, 3);

/* Out of memory while making `what`. -1. */
int nn_fail_mem(struct nn_err *err, const char *what);

#endif
