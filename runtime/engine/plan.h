/*
 * plan.h - a model rewritten once, and planned for each set of input shapes, and of
 * values where those decide shapes.
 */
#ifndef NN_RUNTIME_ENGINE_PLAN_H
#define NN_RUNTIME_ENGINE_PLAN_H

#include "runtime/engine/conv.h"
#include "runtime/engine/engine.h"

/* Are an input's values part of what a plan is made for? Because they decide shapes, or
 * because they were made from shapes and may decide others. */
enum nn_key { NN_NO_KEY, NN_KEY, NN_KEY_IF_SMALL };

/* What all plans share. */
struct nn_net {
    struct nn_graph g;          /* rewritten; weights are the loaded graph's */
    struct nn_fused *fused;     /* one a node */
    int *users;                 /* of a tensor, after rewriting */
    const char *key;            /* of a graph input: enum nn_key; NULL: none is */
    const struct nn_simd *simd;
    struct nn_pool *pool;
    size_t limit;               /* bytes a plan may use */
};

/* Tensor i of the graph has form i, as the graph says, and form base + i: NHWC. */
struct nn_plan {
    struct nn_plan *next;       /* newest first */
    struct nn_arena arena;      /* everything but the values */
    struct nn_graph g;          /* shallow: its own tensors (all forms), the net's nodes */
    int base;                   /* tensors of the graph */
    int *used;                  /* of a tensor: some node or output needs it */
    char *open;                 /* of a tensor: each run finds out how large it is */
    struct nn_known *known;
    int ntask, task_cap;
    struct nn_task *task;       /* in order */
    int *root;                  /* of a form: the form whose memory it uses */
    char *made;                 /* of a form: it is there when its turn comes */
    char *memory;               /* values, then scratch */
    size_t bytes;               /* of memory */
    double cost;                /* nn_task_cost() of all tasks */
    double folded;              /* of those done at planning */
    void **copy;                /* per graph output: memory of its own, or NULL */
    void **key;                 /* per graph input: the values planned for, or NULL */
};

/* Folds BatchNormalization, activations and residual sums into convolutions,
 * and packs weights. `net->g` is changed, what it points to is not. */
int nn_net_rewrite(struct nn_net *net, struct nn_err *err);

/* For value[t] as graph input t (others are not looked at): its shape, and its values where
 * those are part of the key (at most NN_MAX_KNOWN). Free with nn_plan_free(). */
struct nn_plan *nn_plan_new(const struct nn_net *net, const struct nn_value *value,
                            struct nn_err *err);
/* Is it the plan for these? */
int nn_plan_fits(const struct nn_plan *p, const struct nn_value *value);
void nn_plan_free(struct nn_plan *p);           /* NULL is fine */

/* About how many multiply-adds of a fast kernel a run takes as long as. Prepared tasks only. */
double nn_task_cost(const struct nn_task *t);

/* Calls tell() for nodes that cannot run; their number. `value` without data, or NULL. */
int nn_net_lacks(const struct nn_net *net, const struct nn_value *value,
                 void (*tell)(void *arg, const struct nn_node *n, const char *reason), void *arg);

/* The plan's graph: a shallow copy of the net's with the inputs filled in, everything
 * inferred and what is constant computed. -1 when a node does not fit. */
int nn_plan_shapes(struct nn_plan *p, const struct nn_net *net, const struct nn_value *value,
                   struct nn_err *err);
/* The reference kernel of an operator, or NULL. */
nn_prepare *nn_kernel_of(const char *op);
/* Node `i` as the graph has it, for its reference kernel. NULL, or why it cannot run. */
const char *nn_plain_task(struct nn_plan *p, const struct nn_net *net, int i, struct nn_task *t);
/* Reshape and its like share their input's memory. */
int nn_is_view(const struct nn_node *n);

/* Form base + i with its shape (rank 4; fewer dimensions get ones in front), or -1. */
int nn_nhwc_form(struct nn_plan *p, int i);
/* One channel or one pixel: both forms have the same bytes. */
int nn_same_in_both(const struct nn_tensor *nhwc);
/* How `node` works in NHWC: its kernel, the node to hand to it, and how many inputs have
 * to be in that form. NULL: it does not, or need not. */
nn_prepare *nn_nhwc_rule(struct nn_plan *p, const struct nn_net *net, int node,
                         const struct nn_node **as, int *turned);
/* From one form to the other; t->nhwc: to NHWC. */
nn_prepare nn_prepare_turn;

/* Makes one task of those that go value by value. -1: out of memory. */
int nn_plan_chain(struct nn_plan *p);
/* Gives all values of the plan's tasks their memory. */
int nn_plan_values(struct nn_plan *p, size_t limit, struct nn_err *err);

/* First-fit placement of values that live from[i]..to[i] (task numbers, both
 * included) and take size[i] bytes (0: none). Returns the bytes in all. */
size_t nn_plan_place(int n, const int *from, const int *to, const size_t *size, size_t *offset,
                     int *scratch);

#endif
