/* What a comparison allows to say, in plain words. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "trainer/compare.h"

enum { NAMED = 12, LIST = 1500 };       /* pairs that one sentence names, and its length */

static void say(cJSON *to, const char *fmt, ...) NN_PRINTF(2, 3);
static void say(cJSON *to, const char *fmt, ...)
{
    char text[2000];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    cJSON_AddItemToArray(to, cJSON_CreateString(text));
}

static const char *name(const struct nn_comparison *c, int k)
{
    return c->who.one[k]->name;
}

static int64_t discordant(const struct nn_pair *p)
{
    return p->test.only_a + p->test.only_b;
}

/* Shares as points, rounded up: a difference that is shown is never below one that counts. */
static const char *points(char out[60], double lo, double hi)
{
    lo = ceil(1000 * lo - 1e-9) / 10;
    hi = ceil(1000 * hi - 1e-9) / 10;
    if (hi - lo < 0.05)
        snprintf(out, 60, "%.1f points", lo);
    else
        snprintf(out, 60, "%.1f to %.1f points (by pair)", lo, hi);
    return out;
}

static void say_pair(const struct nn_comparison *c, const struct nn_pair *p, cJSON *to)
{
    double d = p->difference[NN_SCORE_ACCURACY].value;
    double least = (double)p->least / (double)c->who.faces;
    int a = d < 0 ? p->b : p->a, b = d < 0 ? p->a : p->b;
    char text[60];

    if (!p->least)
        say(to, "With %lld faces, %lld of which only one of the two gets right, no difference "
            "could be told from chance.", (long long)c->who.faces, (long long)discordant(p));
    else
        say(to, "With %lld faces, %lld of which only one of the two gets right, a difference below "
            "%s cannot be told from chance (5 %%).", (long long)c->who.faces,
            (long long)discordant(p), points(text, least, least));
    if (!(fabs(d) > 0))
        say(to, "%s and %s get equally many right.", name(c, a), name(c, b));
    else if (p->test.p <= NN_COMPARE_ALPHA)
        say(to, "%s gets %.2f points more right than %s, more than chance explains.", name(c, a),
            100 * fabs(d), name(c, b));
    else
        say(to, "%s gets %.2f points more right than %s; chance alone would do that often enough.",
            name(c, a), 100 * fabs(d), name(c, b));
}

static void say_least(const struct nn_comparison *c, cJSON *to)
{
    int64_t fewest = c->who.faces, most = 0, lo = c->who.faces, hi = 0;
    double faces = (double)c->who.faces;
    char text[60];

    for (int i = 0; i < c->pairs; i++) {
        const struct nn_pair *p = &c->pair[i];
        fewest = discordant(p) < fewest ? discordant(p) : fewest;
        most = discordant(p) > most ? discordant(p) : most;
        if (p->least) {
            lo = p->least < lo ? p->least : lo;
            hi = p->least > hi ? p->least : hi;
        }
    }
    if (!hi)
        say(to, "With %lld faces, at most %lld of which only one of two gets right, no difference "
            "could be told from chance.", (long long)c->who.faces, (long long)most);
    else
        say(to, "With %lld faces, %lld to %lld of which only one of two gets right, a difference "
            "below %s cannot be told from chance (5 %%).", (long long)c->who.faces,
            (long long)fewest, (long long)most,
            points(text, (double)lo / faces, (double)hi / faces));
}

/* Adds "a over b" as the n-th of a list, which names NAMED of them. */
static void list(char text[LIST], int n, const char *better, const char *worse)
{
    size_t used = strlen(text);

    if (n < NAMED)
        snprintf(text + used, LIST - used, "%s%.50s over %.50s", n ? ", " : "", better, worse);
}

static void say_told(cJSON *to, int pairs, int told, const char *text, const char *what)
{
    if (!told)
        say(to, "After Holm's correction for %d pairs, no two %s can be told apart.", pairs, what);
    else if (told <= NAMED)
        say(to, "After Holm's correction for %d pairs, more than chance: %s.", pairs, text);
    else
        say(to, "After Holm's correction for %d pairs, more than chance: %s, and %d more.", pairs,
            text, told - NAMED);
}

static void say_order(const struct nn_comparison *c, cJSON *to)
{
    char text[LIST] = "";
    int told = 0;

    for (int i = 0; i < c->pairs; i++) {
        const struct nn_pair *p = &c->pair[i];
        int less = p->difference[NN_SCORE_ACCURACY].value < 0;
        if (p->holm <= NN_COMPARE_ALPHA)
            list(text, told++, name(c, less ? p->b : p->a), name(c, less ? p->a : p->b));
    }
    say_told(to, c->pairs, told, text, "of them");
}

/* What cannot be separated, and why. Returns whether it can. */
static int say_separable(const struct nn_comparison *c, const struct nn_versus *v, cJSON *to)
{
    const struct nn_group *a = &c->group[v->a], *b = &c->group[v->b];

    if (a->n < 2 || b->n < 2)
        say(to, "One run a group cannot separate %s from the seed: %s has %d, %s %d. Train each "
            "again with other seeds, three times or more.", c->factor, a->value, a->n, b->value,
            b->n);
    else if (!v->possible)
        say(to, "The runs of %s get equally many right, and so do those of %s: they do not show "
            "what a seed does. Train them with other seeds.", a->value, b->value);
    return v->possible;
}

static double half(const struct nn_versus *v)
{
    return (v->welch.interval.hi - v->welch.interval.lo) / 2;
}

/* The only two groups that can be separated. */
static void say_versus(const struct nn_comparison *c, const struct nn_versus *v, cJSON *to)
{
    const struct nn_group *a = &c->group[v->a], *b = &c->group[v->b];
    double d = v->welch.difference;
    char text[60];

    say(to, "With %d and %d runs that spread like these, a difference below %s cannot be told from "
        "what other seeds do (5 %%).", a->n, b->n, points(text, half(v), half(v)));
    say(to, "The runs of %s get %.2f points more right on average than those of %s, %s.",
        d < 0 ? b->value : a->value, 100 * fabs(d), d < 0 ? a->value : b->value,
        v->holm <= NN_COMPARE_ALPHA ? "more than other seeds explain"
                                    : "which other seeds alone would do often enough");
}

static void say_versuses(const struct nn_comparison *c, cJSON *to)
{
    double lo = 1e9, hi = 0;
    char text[LIST] = "", range[60];
    int n = 0, told = 0;

    for (int i = 0; i < c->versuses; i++) {
        const struct nn_versus *v = &c->versus[i];
        int less = v->welch.difference < 0;
        if (!v->possible)
            continue;
        n++;
        lo = fmin(lo, half(v));
        hi = fmax(hi, half(v));
        if (v->holm <= NN_COMPARE_ALPHA)
            list(text, told++, c->group[less ? v->b : v->a].value,
                 c->group[less ? v->a : v->b].value);
    }
    say(to, "With runs that spread like these, a difference below %s cannot be told from what "
        "other seeds do (5 %%).", points(range, lo, hi));
    say_told(to, n, told, text, "groups");
}

static void say_groups(const struct nn_comparison *c, cJSON *to)
{
    const struct nn_versus *last = NULL;
    int possible = 0;

    for (int i = 0; i < c->versuses; i++) {
        if (say_separable(c, &c->versus[i], to)) {
            last = &c->versus[i];
            possible++;
        }
    }
    if (possible > 1)
        say_versuses(c, to);
    else if (last)
        say_versus(c, last, to);
    for (int i = 0; i < c->groups; i++)
        if (c->group[i].one_seed)
            say(to, "All runs of %s have the same seed: they spread less than runs of different "
                "seeds would.", c->group[i].value);
}

cJSON *nn_compare_says(const struct nn_comparison *c)
{
    cJSON *to = cJSON_CreateArray();

    if (c->factor) {
        say_groups(c, to);
        return to;
    }
    if (c->pairs == 1) {
        say_pair(c, &c->pair[0], to);
    } else {
        say_least(c, to);
        say_order(c, to);
    }
    say(to, "That is about these networks on faces like these. Another seed of the same recipe "
        "gives another network: to compare recipes, train each several times, label the runs and "
        "use --factor.");
    return to;
}
