/*
 * pool.h - parallel for over a handful of threads.
 *
 * The caller works too, takes pieces like everybody else and never waits for a
 * worker that has not begun one, so a busy core slows the work but cannot stall
 * it: at worst it waits for the one piece a worker was taken off the core with.
 * So cut work into pieces of tens of microseconds, several for each thread.
 *
 * One pool serves the whole program. A job costs some 0.1 us while the workers
 * are awake, and one system call to wake them when they sleep, which they do
 * 50 us after the last job. With one thread nothing is started and nothing costs.
 */
#ifndef NN_COMMON_POOL_H
#define NN_COMMON_POOL_H

#include "common/err.h"

struct nn_pool;
typedef void nn_pool_fn(void *arg, int i);

/* `threads` counts the caller; 0: one for each core that this process may use.
 * Free with nn_pool_free(), when no run is under way. */
struct nn_pool *nn_pool_new(int threads, struct nn_err *err);
void nn_pool_free(struct nn_pool *pool);        /* NULL is fine */
int nn_pool_threads(const struct nn_pool *pool);

/* Calls work(arg, i) for 0 <= i < n, in any order, on any thread, and returns
 * when all are done. What they wrote is then visible to the caller. A NULL pool
 * runs everything on the caller; so does one that another thread, or a caller
 * further up (`work` may call this), is using at the moment. */
void nn_pool_run(struct nn_pool *pool, int n, nn_pool_fn *work, void *arg);

#endif
