/*
 * stage.h - a graph cut where shapes become known only by running it.
 *
 * A plan has to know every shape. Where a shape is decided by a value (Reshape's
 * target, Range's limit, ...) that inference cannot find from shapes and constants,
 * and behind nodes whose output is as large as their input's values make it
 * (NonZero, ...), the graph is cut: a stage is rewritten and planned on its own, for
 * the shapes and the deciding values that the stages before it have just made. Most
 * models are one stage.
 */
#ifndef NN_RUNTIME_ENGINE_STAGE_H
#define NN_RUNTIME_ENGINE_STAGE_H

#include "runtime/engine/plan.h"

struct nn_stage {
    struct nn_net net;          /* its nodes, what it takes and what others want of it */
    int first;                  /* its first node in the whole graph */
    struct nn_plan *plans;      /* the last used first */
};

/* Sorts g's nodes by stage (g is checked and inferred) and makes the stages, each with
 * what its net needs but for simd, pool and rewriting. The stages, in memory of g's,
 * and their number in *count; NULL when out of memory, `limit` bytes being allowed. */
struct nn_stage *nn_stages_new(struct nn_graph *g, size_t limit, int *count, struct nn_err *err);
/* What of `limit` is left; at least a byte, as an arena takes 0 for no limit at all. */
static inline size_t nn_stage_left(size_t limit, size_t used)
{
    return used < limit ? limit - used : 1;
}

void nn_stage_release(struct nn_stage *s);

#endif
