#include "datasets/snapshot_split.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/emotion.h"

struct group {
    int64_t first, count;   /* candidates, sorted by root */
    nn_hash rank;           /* decides the order of groups */
};

static int compare(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}


static int by_picture(const void *a, const void *b)
{
    const struct nn_candidate *x = a, *y = b;
    int c = strcmp(x->s.picture, y->s.picture);

    return c ? c : compare(x->s.face, y->s.face);
}

static int by_split(const void *a, const void *b)
{
    const struct nn_candidate *x = a, *y = b;

    return x->s.split != y->s.split ? compare(x->s.split, y->s.split) : by_picture(a, b);
}

static int by_rank(const void *a, const void *b)
{
    return strcmp(((const struct group *)a)->rank, ((const struct group *)b)->rank);
}

/* Union-find with path halving. */
static int64_t root(int64_t *parent, int64_t i)
{
    while (parent[i] != i)
        i = parent[i] = parent[parent[i]];
    return i;
}

static void join(int64_t *parent, int64_t a, int64_t b)
{
    parent[root(parent, a)] = root(parent, b);
}

/* An array of (key, candidate) that brings equal keys together. */
struct pair {
    int64_t key, index;
};

static int by_key(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;

    return x->key != y->key ? compare(x->key, y->key) : compare(x->index, y->index);
}

static void join_equal(int64_t *parent, struct pair *p, int64_t n)
{
    qsort(p, (size_t)n, sizeof *p, by_key);
    for (int64_t i = 1; i < n; i++)
        if (p[i].key && p[i].key == p[i - 1].key)
            join(parent, p[i].index, p[i - 1].index);
}

/* Collects the candidates that share a root; p is reused for it. */
static int64_t collect(const struct nn_candidate *c, int64_t n, int64_t *parent, struct pair *p,
                       uint64_t seed, struct group *g)
{
    int64_t groups = 0;

    for (int64_t i = 0; i < n; i++)
        p[i] = (struct pair){ root(parent, i), i };
    qsort(p, (size_t)n, sizeof *p, by_key);
    for (int64_t i = 0; i < n; i++) {
        if (i && p[i].key == p[i - 1].key) {
            g[groups - 1].count++;
            continue;
        }
        /* c is sorted by picture, so the first of a group has its smallest. */
        char text[128];
        int len = snprintf(text, sizeof text, "%llu %s", (unsigned long long)seed,
                           c[p[i].index].s.picture);
        g[groups] = (struct group){ .first = i, .count = 1 };
        nn_hash_bytes(text, (size_t)len, g[groups++].rank);
    }
    qsort(g, (size_t)groups, sizeof *g, by_rank);
    return groups;
}

static void give(struct nn_candidate *c, const struct pair *p, const struct group *g, int split)
{
    for (int64_t i = 0; i < g->count; i++)
        c[p[g->first + i].index].s.split = (int8_t)split;
}

static void divide(struct nn_candidate *c, int64_t n, const struct pair *p, const struct group *g,
                   int64_t groups, double valid)
{
    int64_t wanted = (int64_t)(valid * (double)n + 0.5), got = 0, smallest = 0;

    for (int64_t i = 0; i < groups; i++) {
        int fits = got + g[i].count <= wanted;
        give(c, p, &g[i], fits ? NN_VALID : NN_TRAIN);
        got += fits ? g[i].count : 0;
        if (g[i].count < g[smallest].count)
            smallest = i;
    }
    if (!got && valid > 0 && groups > 1)
        give(c, p, &g[smallest], NN_VALID);
}

int nn_split_assign(struct nn_candidate *c, int64_t total, double valid, uint64_t seed,
                    struct nn_err *err)
{
    struct pair *p;
    struct group *g;
    int64_t *parent, n = 0, groups;

    qsort(c, (size_t)total, sizeof *c, by_split);       /* those without come first: -1 */
    while (n < total && c[n].s.split < 0)
        n++;
    if (!n)
        return 0;
    p = malloc((size_t)n * sizeof *p);
    g = malloc((size_t)n * sizeof *g);
    parent = malloc((size_t)n * sizeof *parent);
    if (p && g && parent) {
        for (int64_t i = 0; i < n; i++) {
            parent[i] = i;
            p[i] = (struct pair){ c[i].clip, i };
        }
        join_equal(parent, p, n);
        for (int64_t i = 0; i < n; i++)
            p[i] = (struct pair){ c[i].subject, i };
        join_equal(parent, p, n);
        for (int64_t i = 1; i < n; i++)
            if (!strcmp(c[i].s.picture, c[i - 1].s.picture))
                join(parent, i, i - 1);
        groups = collect(c, n, parent, p, seed, g);
        divide(c, n, p, g, groups, valid);
    }
    int bad = !p || !g || !parent;
    free(p);
    free(g);
    free(parent);
    return bad ? nn_fail_mem(err, "snapshot") : 0;
}

int64_t nn_split_leaks(struct nn_candidate *c, int64_t n, int keep, int64_t *leaks)
{
    int64_t left = 0;

    *leaks = 0;
    qsort(c, (size_t)n, sizeof *c, by_picture);
    for (int64_t i = 0, end; i < n; i = end) {
        int train = 0, other = 0;
        for (end = i; end < n && !strcmp(c[end].s.picture, c[i].s.picture); end++) {
            train |= c[end].s.split == NN_TRAIN;
            other |= c[end].s.split != NN_TRAIN;
        }
        for (int64_t k = i; k < end; k++) {
            if (c[k].s.split == NN_TRAIN && other && !keep) {
                ++*leaks;
                continue;
            }
            c[k].s.leaked = train && c[k].s.split != NN_TRAIN;
            c[left++] = c[k];
        }
    }
    qsort(c, (size_t)left, sizeof *c, by_split);
    return left;
}

enum { LINE = NN_HASH_HEX + 24 };   /* longest label and split: "surprise", "train" */

static int by_line(const void *a, const void *b)
{
    return strcmp(a, b);
}

int nn_snapshot_hash(const struct nn_sample *s, int64_t n, nn_hash out, struct nn_err *err)
{
    char (*line)[LINE] = malloc((size_t)(n ? n : 1) * sizeof *line);
    struct nn_hasher h;

    if (!line)
        return nn_fail_mem(err, "snapshot");
    for (int64_t i = 0; i < n; i++)
        snprintf(line[i], LINE, "%s %s %s\n", s[i].picture, nn_emotions[s[i].label].name,
                 nn_split_names[s[i].split]);
    qsort(line, (size_t)n, sizeof *line, by_line);
    nn_hasher_init(&h);
    for (int64_t i = 0; i < n; i++)
        nn_hasher_add(&h, line[i], strlen(line[i]));
    nn_hasher_finish(&h, out);
    free(line);
    return 0;
}
