#include "trainer/compare.h"

#include <stdlib.h>
#include <string.h>

static const double *draws(const struct nn_comparison *c, const double *all, int k, int s)
{
    return all + ((size_t)k * NN_SCORES + (size_t)s) * (size_t)c->resamples;
}

/* The middle of the differences of two contenders' draws, or of the draws of one. */
static struct nn_interval interval(const struct nn_comparison *c, const double *all, int a, int b,
                                   int s, double *work)
{
    const double *x = draws(c, all, a, s), *y = b < 0 ? NULL : draws(c, all, b, s);

    for (int i = 0; i < c->resamples; i++)
        work[i] = x[i] - (y ? y[i] : 0);
    return nn_middle(work, c->resamples, NN_COMPARE_ALPHA);
}

static void judge_pair(struct nn_comparison *c, struct nn_pair *p)
{
    const int8_t *a = c->who.one[p->a]->says.said, *b = c->who.one[p->b]->says.said;
    int64_t only_a = 0, only_b = 0;

    for (int64_t i = 0; i < c->who.faces; i++) {
        int right_a = a[i] == c->who.label[i], right_b = b[i] == c->who.label[i];
        only_a += right_a && !right_b;
        only_b += right_b && !right_a;
    }
    p->test = nn_mcnemar(only_a, only_b);
    p->least = nn_mcnemar_least(only_a + only_b, NN_COMPARE_ALPHA);
}

static void judge_pairs(struct nn_comparison *c, const double *all, double *work)
{
    double p[NN_PAIRS];

    for (int a = 0; a < c->who.n; a++) {
        for (int b = a + 1; b < c->who.n; b++) {
            struct nn_pair *pair = &c->pair[c->pairs];
            *pair = (struct nn_pair){ .a = a, .b = b };
            for (int s = 0; s < NN_SCORES; s++)
                pair->difference[s] = (struct nn_figure){
                    c->score[a][s].value - c->score[b][s].value,
                    interval(c, all, a, b, s, work) };
            judge_pair(c, pair);
            p[c->pairs++] = pair->test.p;
        }
    }
    nn_holm(p, c->pairs, p);
    for (int i = 0; i < c->pairs; i++)
        c->pair[i].holm = p[i];
}

static double seed_of(const struct nn_contender *k)
{
    const cJSON *seed = cJSON_GetObjectItemCaseSensitive(k->settings, "seed");

    return seed ? seed->valuedouble : -1;
}

static void add_to_group(struct nn_comparison *c, int k)
{
    const struct nn_contender *one = c->who.one[k];
    struct nn_group *g;
    int i = 0;

    while (i < c->groups && strcmp(c->group[i].value, one->group))
        i++;
    g = &c->group[i];
    if (i == c->groups) {
        *g = (struct nn_group){ .value = one->group };
        c->groups++;
    }
    g->one_seed = g->n && seed_of(c->who.one[g->one[0]]) == seed_of(one) &&
                  (g->n == 1 || g->one_seed);
    g->one[g->n] = k;
    g->accuracy[g->n] = c->score[k][NN_SCORE_ACCURACY].value;
    g->mean += (g->accuracy[g->n] - g->mean) / (g->n + 1);
    g->n++;
}

static void judge_groups(struct nn_comparison *c)
{
    double p[NN_PAIRS];
    int asked = 0;

    for (int k = 0; k < c->who.n; k++)
        add_to_group(c, k);
    for (int a = 0; a < c->groups; a++)
        c->group[a].deviation = nn_deviation(c->group[a].accuracy, c->group[a].n);
    for (int a = 0; a < c->groups; a++) {
        for (int b = a + 1; b < c->groups; b++) {
            const struct nn_group *x = &c->group[a], *y = &c->group[b];
            struct nn_versus *v = &c->versus[c->versuses];
            *v = (struct nn_versus){ .a = a, .b = b };
            v->welch = (struct nn_welch){ .difference = x->mean - y->mean, .p = 1 };
            if (x->n > 1 && y->n > 1)
                v->welch = nn_welch(x->accuracy, x->n, y->accuracy, y->n, NN_COMPARE_ALPHA);
            v->possible = v->welch.df > 0;
            v->holm = 1;
            c->versuses++;
            if (v->possible)
                p[asked++] = v->welch.p;
        }
    }
    nn_holm(p, asked, p);
    asked = 0;
    for (int i = 0; i < c->versuses; i++)
        if (c->versus[i].possible)
            c->versus[i].holm = p[asked++];
}

int nn_compare(struct nn_comparison *c, struct nn_err *err)
{
    size_t per = (size_t)c->resamples, of = (size_t)c->who.n * NN_SCORES;
    double *all = malloc(of * per * sizeof *all), *work = malloc(per * sizeof *work);
    struct nn_verdicts says[NN_CONTENDERS];
    int ret = all && work ? 0 : nn_fail_mem(err, "resamples");

    for (int k = 0; k < c->who.n; k++)
        says[k] = c->who.one[k]->says;
    if (!ret)
        ret = nn_bootstrap(says, c->who.n, c->who.faces, c->resamples, c->seed, all, err);
    c->pairs = c->groups = c->versuses = 0;
    for (int k = 0; k < c->who.n && !ret; k++) {
        double score[NN_SCORES];
        nn_scores_of(&says[k], NULL, c->who.faces, score);
        for (int s = 0; s < NN_SCORES; s++)
            c->score[k][s] = (struct nn_figure){ score[s], interval(c, all, k, -1, s, work) };
    }
    if (!ret)
        judge_pairs(c, all, work);
    if (!ret && c->factor)
        judge_groups(c);
    free(all);
    free(work);
    return ret;
}
