/*
 * pool.h - parallel for over a handful of threads.
 *
 * The caller works too, takes pieces like everybody else and never waits for a
 * worker that has not begun one, so a busy core slows the work but cannot stall
 * it. One pool serves the whole program. With one thread nothing is started.
 */
#ifndef NN_COMMON_POOL_H
#define NN_COMMON_POOL_H

#include "common/err.h"

struct nn_pool;

/* `threads` counts the caller; 0: one for each core. Free with nn_pool_free(). */
struct nn_pool *nn_pool_new(int threads, struct nn_err *err);
void nn_pool_free(struct nn_pool *pool);        /* NULL is fine */
int nn_pool_threads(const struct nn_pool *pool);

/* Calls work(arg, i) for 0 <= i < n, in any order, on any thread, and returns
 * when all are done. Not re-entrant: `work` must not call it. A NULL pool runs
 * everything on the caller. */
void nn_pool_run(struct nn_pool *pool, int n, void (*work)(void *arg, int i), void *arg);

#endif
