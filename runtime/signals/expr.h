/*
 * expr.h - arithmetic between signals: "max(face.anger, 0.6 * face.disgust)".
 *
 * Numbers, names of signals, + - * / < > ( ), and the functions of nn_expr_funcs.
 * < and > give 0 or 1 and bind loosest; minus may stand before a term. What a function
 * remembers (a lag, a clock) is the expression's own, and time comes with each call, so
 * that the same frames give the same bits.
 *
 * Nothing is ever NaN or infinite: an operation without an answer (x / 0, the root of a
 * negative number, an overflow) gives 0 to what is around it and tells the caller that
 * the whole has no answer in this frame.
 */
#ifndef NN_RUNTIME_SIGNALS_EXPR_H
#define NN_RUNTIME_SIGNALS_EXPR_H

#include <stdint.h>

#include "common/err.h"

enum {
    NN_EXPR_TEXT = 400,     /* bytes of the longest expression, with its zero */
    NN_EXPR_NODES = 96,
    NN_EXPR_ARGS = 17
};

/* One number or operation; its arguments are earlier nodes. */
struct nn_expr_node {
    int func;                       /* row of nn_expr_funcs; -1: a number, -2: a signal */
    int signal;
    int args, arg[NN_EXPR_ARGS];
    uint32_t id;                    /* which dice it throws */
    float k;                        /* the number */
    float s[3];                     /* what it remembers */
    double phase;
    float *ring;                    /* of delay(); NULL */
};

/* What a function knows beside its arguments. */
struct nn_expr_now {
    double dt;                      /* seconds since the last call */
    int first;
    uint64_t seed;
};

struct nn_expr_func {
    const char *name, *args, *brief;            /* args: "x, rise[, fall]" */
    int min, max;                               /* how many */
    int ring;                                   /* floats that it needs */
    float (*run)(struct nn_expr_node *n, const float *a, const struct nn_expr_now *now);
};
/* All functions, ended by a name of NULL; the operators are among them ("+"). */
extern const struct nn_expr_func nn_expr_funcs[];

struct nn_expr {
    char text[NN_EXPR_TEXT];
    int count, started;
    uint64_t seed;
    struct nn_expr_node node[NN_EXPR_NODES];    /* the last is the whole */
};

/* `find` tells a signal's number by its name, or -1, with `err` filled. Errors name the
 * column. Free with nn_expr_free(). NULL and `err`. */
struct nn_expr *nn_expr_parse(const char *text,
                              int (*find)(void *arg, const char *name, struct nn_err *err),
                              void *arg, struct nn_err *err);
void nn_expr_free(struct nn_expr *e);           /* NULL is fine */

/* Its value now, finite, `dt` seconds after the last call (the first settles at once).
 * `signal` holds the values of all signals by number. *rest becomes 1 when there is no
 * answer, else 0. */
float nn_expr_run(struct nn_expr *e, const float *signal, double dt, int *rest);

#endif
