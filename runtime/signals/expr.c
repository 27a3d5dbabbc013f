/* expr.c - expressions: text into nodes, by recursive descent. */
#include "runtime/signals/expr.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/signals/words.h"

enum { DEPTH = 40, NUMBER = -1, SIGNAL = -2 };

struct parser {
    struct nn_expr *e;
    const char *p;
    int depth;
    int (*find)(void *arg, const char *name, struct nn_err *err);
    void *arg;
    struct nn_err *err;
};

static int parse_any(struct parser *s);

static int fail(struct parser *s, const char *what)
{
    if (!*s->p)
        return nn_fail(s->err, NN_EFORMAT, "%s at its end", what);
    return nn_fail(s->err, NN_EFORMAT, "%s at column %d, near \"%.12s\"", what,
                   (int)(s->p - s->e->text) + 1, s->p);
}

static char peek(struct parser *s)
{
    while (*s->p == ' ')
        s->p++;
    return *s->p;
}

/* Adds a node; its number, or -1. */
static int add(struct parser *s, int func, int args, const int *arg)
{
    struct nn_expr_node *n = &s->e->node[s->e->count];

    if (s->e->count == NN_EXPR_NODES)
        return nn_fail(s->err, NN_EFORMAT, "has more than %d parts", NN_EXPR_NODES);
    n->func = func;
    n->id = (uint32_t)s->e->count;
    n->args = args;
    for (int i = 0; i < args; i++)
        n->arg[i] = arg[i];
    if (func >= 0 && nn_expr_funcs[func].ring &&
        !(n->ring = calloc((size_t)nn_expr_funcs[func].ring, sizeof *n->ring)))
        return nn_fail_mem(s->err, "an expression");
    return s->e->count++;
}

static int find_func(const char *name)
{
    for (int i = 0; nn_expr_funcs[i].name; i++)
        if (!strcmp(nn_expr_funcs[i].name, name))
            return i;
    return -1;
}

static int fail_func(struct parser *s, const char *name)
{
    const char *all[64];
    char hint[NN_HINT];
    int n = 0;

    for (int i = 0; nn_expr_funcs[i].name && n < 64; i++)
        if (isalpha((unsigned char)*nn_expr_funcs[i].name))
            all[n++] = nn_expr_funcs[i].name;
    return nn_fail(s->err, NN_EFORMAT, "no function \"%.40s\"%s", name,
                   nn_hint(hint, name, all, n));
}

static int parse_call(struct parser *s, const char *name)
{
    int arg[NN_EXPR_ARGS], n = 0, func = find_func(name);
    const struct nn_expr_func *f;

    if (func < 0)
        return fail_func(s, name);
    f = &nn_expr_funcs[func];
    s->p++;                                     /* ( */
    while (peek(s) != ')') {
        if (n && *s->p++ != ',')
            return s->p--, fail(s, "a comma or ) is missing");
        if (n == f->max)
            return nn_fail(s->err, NN_EFORMAT, "%s(%s) takes no more than %d values", name,
                           f->args, f->max);
        if ((arg[n++] = parse_any(s)) < 0)
            return -1;
    }
    s->p++;
    if (f->max == NN_EXPR_ARGS && n % 2 == 0)
        return nn_fail(s->err, NN_EFORMAT, "%s(%s): each point has an x and a y", name, f->args);
    if (n < f->min)
        return nn_fail(s->err, NN_EFORMAT, "%s(%s) takes at least %d value%s", name, f->args,
                       f->min, f->min == 1 ? "" : "s");
    return add(s, func, n, arg);
}

static int parse_number(struct parser *s)
{
    char *end;
    double v = strtod(s->p, &end);
    int n;

    if (end == s->p || !isfinite((float)v))
        return fail(s, "no number");
    s->p = end;
    if ((n = add(s, NUMBER, 0, NULL)) >= 0)
        s->e->node[n].k = (float)v;
    return n;
}

static int parse_word(struct parser *s)
{
    char name[64];
    size_t n = 0;
    int signal, node;

    while ((isalnum((unsigned char)*s->p) || *s->p == '.' || *s->p == '_') && n < sizeof name - 1)
        name[n++] = *s->p++;
    name[n] = 0;
    if (peek(s) == '(')
        return parse_call(s, name);
    if ((signal = s->find(s->arg, name, s->err)) < 0)
        return -1;
    if ((node = add(s, SIGNAL, 0, NULL)) >= 0)
        s->e->node[node].signal = signal;
    return node;
}

static int parse_term(struct parser *s)
{
    char c = peek(s);
    int n;

    if (c == '(') {
        s->p++;
        if ((n = parse_any(s)) < 0)
            return -1;
        if (peek(s) != ')')
            return fail(s, "a ) is missing");
        s->p++;
        return n;
    }
    if (c == '-') {
        s->p++;
        if (++s->depth > DEPTH)
            return nn_fail(s->err, NN_EFORMAT, "is nested too deeply");
        n = parse_term(s);
        s->depth--;
        return n < 0 ? -1 : add(s, find_func("neg"), 1, &n);
    }
    if (isdigit((unsigned char)c) || c == '.')
        return parse_number(s);
    if (isalpha((unsigned char)c))
        return parse_word(s);
    return fail(s, "a number, a signal or a function is missing");
}

/* Left to right, operators of one strength; level 0 binds loosest. */
static int parse_level(struct parser *s, int level)
{
    static const char *const ops[] = { "<>", "+-", "*/" };
    int n = level < 2 ? parse_level(s, level + 1) : parse_term(s);

    while (n >= 0 && peek(s) && strchr(ops[level], *s->p)) {
        char op[2] = { *s->p++, 0 };
        int arg[2] = { n, level < 2 ? parse_level(s, level + 1) : parse_term(s) };
        n = arg[1] < 0 ? -1 : add(s, find_func(op), 2, arg);
    }
    return n;
}

static int parse_any(struct parser *s)
{
    int n;

    if (++s->depth > DEPTH)
        return nn_fail(s->err, NN_EFORMAT, "is nested too deeply");
    n = parse_level(s, 0);
    s->depth--;
    return n;
}

struct nn_expr *nn_expr_parse(const char *text,
                              int (*find)(void *arg, const char *name, struct nn_err *err),
                              void *arg, struct nn_err *err)
{
    struct nn_expr *e = calloc(1, sizeof *e);
    struct parser s = { e, NULL, 0, find, arg, err };

    if (!e) {
        nn_fail_mem(err, "an expression");
        return NULL;
    }
    if (strlen(text) >= sizeof e->text) {
        nn_fail(err, NN_EFORMAT, "is longer than %d characters", NN_EXPR_TEXT - 1);
        goto fail;
    }
    memcpy(e->text, text, strlen(text) + 1);
    s.p = e->text;
    if (parse_any(&s) < 0)
        goto fail;
    if (peek(&s)) {
        fail(&s, "an operator is missing");
        goto fail;
    }
    return e;
fail:
    nn_expr_free(e);
    return NULL;
}

void nn_expr_free(struct nn_expr *e)
{
    for (int i = 0; e && i < NN_EXPR_NODES; i++)
        free(e->node[i].ring);
    free(e);
}

float nn_expr_run(struct nn_expr *e, const float *signal, double dt, int *rest)
{
    struct nn_expr_now now = { dt > 0 ? dt : 0, !e->started, e->seed };
    float value[NN_EXPR_NODES] = { 0 }, a[NN_EXPR_ARGS];

    *rest = 0;
    for (int i = 0; i < e->count; i++) {
        struct nn_expr_node *n = &e->node[i];
        for (int k = 0; k < n->args; k++)
            a[k] = value[n->arg[k]];
        value[i] = n->func == NUMBER ? n->k : n->func == SIGNAL ? signal[n->signal]
                 : nn_expr_funcs[n->func].run(n, a, &now);
        if (!isfinite(value[i])) {
            value[i] = 0;
            *rest = 1;
        }
    }
    e->started = 1;
    return value[e->count - 1];
}
