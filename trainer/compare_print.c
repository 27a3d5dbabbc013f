/* A comparison for people. */
#include <stdio.h>
#include <string.h>

#include "trainer/compare.h"

enum { WIDE = 96, NAME = 40 };

/* "65.42 % (63.80 to 67.01)", or with signs and no "%", or as it is (NLL). */
static const char *figure_text(char out[60], const struct nn_figure *f, int s, int difference)
{
    double by = s == NN_SCORE_NLL ? 1 : 100;
    const char *fmt = s == NN_SCORE_NLL ? difference ? "%+.4f (%+.4f to %+.4f)"
                                                     : "%.4f (%.4f to %.4f)"
                      : difference ? "%+.2f (%+.2f to %+.2f)" : "%.2f %% (%.2f to %.2f)";

    snprintf(out, 60, fmt, by * f->value, by * f->in.lo, by * f->in.hi);
    return out;
}

static const char *p_text(char out[20], double p)
{
    snprintf(out, 20, p < 1e-4 ? "< 0.0001" : p < 0.1 ? "%.4f" : "%.2f", p);
    return out;
}

/* The tail of a long path tells more than its head. */
static const char *short_name(const char *name)
{
    size_t n = strlen(name);

    return n > NAME ? name + n - NAME : name;
}

static int name_width(const struct nn_comparison *c)
{
    int width = 8;

    for (int k = 0; k < c->who.n; k++) {
        int n = (int)strlen(short_name(c->who.one[k]->name));
        width = n > width ? n : width;
    }
    return width;
}

static void print_contenders(const struct nn_comparison *c)
{
    int width = name_width(c);
    char text[60];

    printf("%-*s  %-25s  %-25s  NLL\n", width, "", "accuracy", "macro F1");
    for (int k = 0; k < c->who.n; k++) {
        printf("%-*s", width, short_name(c->who.one[k]->name));
        for (int s = 0; s < NN_SCORES; s++)
            printf(s < NN_SCORES - 1 ? "  %-25s" : "  %s\n",
                   figure_text(text, &c->score[k][s], s, 0));
    }
}

static void print_settings(const cJSON *settings)
{
    for (const cJSON *s = settings->child; s; s = s->next) {
        const cJSON *v;
        printf("%s  %-18s", s == settings->child ? "differ in" : "         ", s->string);
        cJSON_ArrayForEach(v, s) {
            char *text = cJSON_IsNull(v) ? NULL : cJSON_PrintUnformatted(v);
            printf("%s %s", v == s->child ? "" : ",", text ? text : "none");
            cJSON_free(text);
        }
        printf("\n");
    }
}

static void print_pair(const struct nn_comparison *c, const struct nn_pair *p)
{
    static const char *const title[NN_SCORES] = { "accuracy", "macro F1", "NLL" };
    char text[60];

    printf("\n%s - %s\n", c->who.one[p->a]->name, c->who.one[p->b]->name);
    for (int s = 0; s < NN_SCORES; s++)
        printf("  %-10s %s%s\n", title[s], figure_text(text, &p->difference[s], s, 1),
               s == NN_SCORE_NLL ? "" : " points");
    printf("  McNemar    %lld faces right by the first alone, %lld by the second: p %s, %s\n",
           (long long)p->test.only_a, (long long)p->test.only_b, p_text(text, p->test.p),
           nn_compare_test(&p->test));
}

/* All of them in a table, for three contenders and more. */
static void print_pairs(const struct nn_comparison *c)
{
    int width = 2 * name_width(c) + 3, exact = 0;
    char text[60], p[20], holm[20];

    printf("\n%-*s  %-26s  %11s  %9s  %9s  %5s\n", width, "", "accuracy, points", "right alone",
           "p", "Holm's p", "least");
    for (int i = 0; i < c->pairs; i++) {
        const struct nn_pair *q = &c->pair[i];
        char name[2 * NAME + 4], alone[40], least[20] = "none";
        snprintf(name, sizeof name, "%s - %s", short_name(c->who.one[q->a]->name),
                 short_name(c->who.one[q->b]->name));
        snprintf(alone, sizeof alone, "%lld : %lld", (long long)q->test.only_a,
                 (long long)q->test.only_b);
        if (q->least)
            snprintf(least, sizeof least, "%.2f", 100 * (double)q->least / (double)c->who.faces);
        exact |= q->test.exact;
        printf("%-*s  %-26s  %11s  %8s%s  %9s  %5s\n", width, name,
               figure_text(text, &q->difference[NN_SCORE_ACCURACY], NN_SCORE_ACCURACY, 1), alone,
               p_text(p, q->test.p), q->test.exact ? "*" : " ", p_text(holm, q->holm), least);
    }
    printf("p: McNemar's test, chi-square with continuity correction%s\n",
           exact ? "; * exact binomial" : "");
}

static void print_groups(const struct nn_comparison *c)
{
    char p[20], holm[20];
    int width = 8;

    for (int i = 0; i < c->groups; i++)
        width = (int)strlen(c->group[i].value) > width ? (int)strlen(c->group[i].value) : width;
    printf("\n%-*s  %4s  %13s  %6s\n", width, c->factor, "runs", "mean accuracy", "spread");
    for (int i = 0; i < c->groups; i++) {
        const struct nn_group *g = &c->group[i];
        printf("%-*s  %4d  %11.2f %%", width, g->value, g->n, 100 * g->mean);
        printf(g->n > 1 ? "  %6.2f\n" : "       -\n", 100 * g->deviation);
    }
    for (int i = 0; i < c->versuses; i++) {
        const struct nn_versus *v = &c->versus[i];
        const struct nn_welch *w = &v->welch;
        printf("%s - %s: %+.2f points", c->group[v->a].value, c->group[v->b].value,
               100 * w->difference);
        if (v->possible)
            printf(" (%+.2f to %+.2f, Welch's t, %.1f degrees of freedom), p %s",
                   100 * w->interval.lo, 100 * w->interval.hi, w->df, p_text(p, w->p));
        if (v->possible && c->versuses > 1)
            printf(", Holm's %s", p_text(holm, v->holm));
        printf("\n");
    }
}

/* Words up to a width. */
static void print_wrapped(const char *text)
{
    int column = 0;

    while (*text) {
        int n = (int)strcspn(text, " ");
        if (column && column + 1 + n > WIDE) {
            printf("\n");
            column = 0;
        }
        column += printf("%s%.*s", column ? " " : "", n, text);
        text += n;
        text += strspn(text, " ");
    }
    printf("\n");
}

void nn_compare_print(const struct nn_comparison *c, const cJSON *says, const cJSON *settings)
{
    const cJSON *s;

    printf("%lld faces of %s", (long long)c->who.faces, c->who.origin);
    if (c->who.leaked)
        printf("; %lld left out, which also stand in the training data", (long long)c->who.leaked);
    printf("\n\n");
    print_contenders(c);
    print_settings(settings);
    if (c->factor)
        print_groups(c);
    else if (c->pairs == 1)
        print_pair(c, &c->pair[0]);
    else
        print_pairs(c);
    printf("\n");
    cJSON_ArrayForEach(s, says)
        print_wrapped(s->valuestring);
}
