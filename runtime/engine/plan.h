/*
 * plan.h - a model rewritten once, and planned for each set of input shapes.
 */
#ifndef NN_RUNTIME_ENGINE_PLAN_H
#define NN_RUNTIME_ENGINE_PLAN_H

#include "runtime/engine/conv.h"

/* What all plans share. */
struct nn_net {
    struct nn_graph g;          /* rewritten; weights are the loaded graph's */
    struct nn_fused *fused;     /* one a node */
    int *users;                 /* of a tensor, after rewriting */
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
    struct nn_known *known;
    int ntask, task_cap;
    struct nn_task *task;       /* in order */
    int *root;                  /* of a form: the form whose memory it uses */
    char *made;                 /* of a form: it is there when its turn comes */
    char *memory;               /* values, then scratch */
    size_t bytes;               /* of memory */
    double cost;                /* operations of one run, roughly */
    void **copy;                /* per graph output: memory of its own, or NULL */
};

/* Folds BatchNormalization, activations and residual sums into convolutions,
 * and packs weights. `net->g` is changed, what it points to is not. */
int nn_net_rewrite(struct nn_net *net, struct nn_err *err);

/* For one tensor of shape dim[i] for each graph input. Free with nn_plan_free(). */
struct nn_plan *nn_plan_new(const struct nn_net *net, int64_t (*dim)[NN_MAX_DIMS],
                            struct nn_err *err);
void nn_plan_free(struct nn_plan *p);           /* NULL is fine */

/* Calls tell() for nodes that cannot run; their number. */
int nn_net_lacks(const struct nn_net *net, int64_t (*dim)[NN_MAX_DIMS],
                 void (*tell)(void *arg, const struct nn_node *n, const char *reason), void *arg);

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

/* Gives all values of the plan's tasks their memory. */
int nn_plan_values(struct nn_plan *p, size_t limit, struct nn_err *err);

/* First-fit placement of values that live from[i]..to[i] (task numbers, both
 * included) and take size[i] bytes (0: none). Returns the bytes in all. */
size_t nn_plan_place(int n, const int *from, const int *to, const size_t *size, size_t *offset,
                     int *scratch);

#endif
