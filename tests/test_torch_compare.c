/* Statistics of comparing: against values worked by hand, and others' programs. */
#include "common/emotion.h"
#include "tests/test.h"
#include "trainer/compare.h"

static struct nn_err err;

/* Worked by hand where they are round; else by statsmodels 0.14's mcnemar(). */
static void mcnemar(void)
{
    static const struct { int64_t b, c; int exact; double p; } cases[] = {
        { 0, 0, 1, 1 }, { 0, 5, 1, 2 * 1.0 / 32 }, { 6, 0, 1, 2 * 1.0 / 64 },
        { 3, 9, 1, 2 * 299.0 / 4096 },          /* 1 + 12 + 66 + 220 of 2^12 */
        { 12, 12, 1, 1 }, { 2, 22, 1, 3.5881996154785156e-05 },
        { 13, 12, 0, 1 }, { 24, 1, 0, 1.0825087815407719e-05 },
        { 40, 25, 0, 0.08247788747320971 }, { 59, 6, 0, 1.1199327149542469e-10 },
        { 206, 163, 0, 0.028783965875738372 },
    };
    static const struct { int64_t discordant, least; } least[] = {
        { 0, 0 }, { 5, 0 }, { 6, 6 }, { 24, 12 }, { 25, 11 }, { 100, 22 }, { 412, 42 },
    };

    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct nn_mcnemar m = nn_mcnemar(cases[i].b, cases[i].c), r;
        CHECK(m.exact == cases[i].exact && m.only_a == cases[i].b && m.only_b == cases[i].c);
        CHECK_NEAR(m.p, cases[i].p, 1e-12 + 1e-9 * cases[i].p);
        r = nn_mcnemar(cases[i].c, cases[i].b);
        CHECK(r.p == m.p);
    }
    for (unsigned i = 0; i < sizeof least / sizeof *least; i++)
        CHECK(nn_mcnemar_least(least[i].discordant, 0.05) == least[i].least);
}

static void holm(void)
{
    /* Sorted 0.005 0.01 0.03 0.04 times 4 3 2 1, never falling. */
    static const double p[] = { 0.01, 0.04, 0.03, 0.005 }, want[] = { 0.03, 0.06, 0.06, 0.02 };
    double some[] = { 0.5, 0.02, 0.9, 0.02 }, one = 0.03, out[4];

    nn_holm(p, 4, out);
    for (int i = 0; i < 4; i++)
        CHECK_NEAR(out[i], want[i], 1e-15);
    nn_holm(some, 4, some);                     /* in place; equal ones stay equal */
    CHECK(some[0] == 1 && some[2] == 1);
    CHECK_NEAR(some[1], 0.08, 1e-15);
    CHECK(some[3] == some[1]);
    nn_holm(&one, 1, &one);
    CHECK(one == 0.03);
}

static void quantiles(void)
{
    double v[] = { 16, 1, 8, 2, 4 };
    struct nn_interval i = nn_middle(v, 5, 0.2);

    CHECK(v[0] == 1 && v[4] == 16);
    CHECK_NEAR(i.lo, 1.4, 1e-15);
    CHECK_NEAR(i.hi, 12.8, 1e-14);
    CHECK(nn_quantile(v, 5, 0) == 1 && nn_quantile(v, 5, 1) == 16 && nn_quantile(v, 5, 0.5) == 4);
    CHECK(nn_quantile(v, 1, 0.975) == 1);
}

/* R's and SciPy's qt(); one and two degrees of freedom have closed forms. */
static void student(void)
{
    CHECK_NEAR(nn_student_p(1, 1), 0.5, 1e-14);             /* arc tangent */
    CHECK_NEAR(nn_student_p(sqrt(2), 2), 1 - sqrt(0.5), 1e-14);
    CHECK_NEAR(nn_student_p(0, 7), 1, 1e-15);
    CHECK_NEAR(nn_student_t(0.05, 1), 12.706204736174694, 1e-9);
    CHECK_NEAR(nn_student_t(0.05, 1.7), 5.1188389882530565, 1e-9);
    CHECK_NEAR(nn_student_t(0.05, 2), 4.302652729749462, 1e-10);
    CHECK_NEAR(nn_student_t(0.05, 10), 2.228138851986274, 1e-10);
    CHECK_NEAR(nn_student_t(0.05, 27.3), 2.050776009386825, 1e-10);
    CHECK_NEAR(nn_student_t(0.01, 5), 4.032142983555228, 1e-10);
    CHECK_NEAR(nn_student_t(0.05, 1000), 1.9623390808264083, 1e-10);
}

/* SciPy's ttest_ind(equal_var=False). */
static void welch(void)
{
    static const double a[] = { .654, .662 }, b[] = { .641, .648 }, c[] = { .65, .66, .67 },
        d[] = { .64, .65 }, same[] = { .5, .5 };
    struct nn_welch w = nn_welch(a, 2, b, 2, 0.05);

    CHECK_NEAR(w.difference, 0.0135, 1e-12);
    CHECK_NEAR(w.p, 0.1284701946072828, 1e-9);
    CHECK_NEAR(w.df, 1.9653686316761578, 1e-9);
    CHECK_NEAR(w.interval.lo, -0.009759448156734588, 1e-9);
    CHECK_NEAR(w.interval.hi, 0.0367594481567345, 1e-9);
    w = nn_welch(c, 3, d, 2, 0.05);
    CHECK_NEAR(w.p, 0.14802788180389803, 1e-9);
    CHECK_NEAR(w.df, 2.8823529411764706, 1e-9);
    CHECK_NEAR(w.interval.hi, 0.039877337982053854, 1e-9);
    w = nn_welch(same, 2, same, 2, 0.05);
    CHECK(w.df == 0 && w.p == 1 && w.difference == 0);
    CHECK_NEAR(nn_deviation(c, 3), 0.01, 1e-12);
    CHECK(nn_deviation(c, 1) == 0);
}

/* Contender k of as many faces: it says the label of those for which right(k, i). */
static void put_contender(struct nn_comparison *c, const char *name, const char *group, double seed,
                          int (*right)(int k, int64_t i))
{
    struct nn_contender *one = calloc(1, sizeof *one);
    int k = c->who.n++;

    c->who.one[k] = one;
    one->name = strdup(name);
    one->model = strdup(name);
    snprintf(one->group, sizeof one->group, "%s", group);
    one->settings = cJSON_CreateObject();
    cJSON_AddNumberToObject(one->settings, "seed", seed);
    cJSON_AddNumberToObject(one->settings, "rate", 0.1);
    one->says = (struct nn_verdicts){ c->who.label, malloc((size_t)c->who.faces),
                                      malloc((size_t)c->who.faces * sizeof(double)) };
    for (int64_t i = 0; i < c->who.faces; i++) {
        int ok = right(k, i);
        one->says.said[i] = (int8_t)(ok ? c->who.label[i] : (c->who.label[i] + 1) % NN_EMOTIONS);
        one->says.nll[i] = ok ? 0.25 : 2;
    }
}

static struct nn_comparison *new_comparison(int64_t faces)
{
    struct nn_comparison *c = calloc(1, sizeof *c);

    c->resamples = 2000;
    c->seed = 7;
    c->who.faces = faces;
    c->who.label = malloc((size_t)faces);
    for (int64_t i = 0; i < faces; i++)
        c->who.label[i] = (int8_t)(i % 2);
    snprintf(c->who.origin, sizeof c->who.origin, "made");
    return c;
}

static void free_comparison(struct nn_comparison *c)
{
    nn_contenders_release(&c->who);
    free(c);
}

static int says(const struct nn_comparison *c, const char *words)
{
    cJSON *list = nn_compare_says(c);
    const cJSON *s;
    int found = 0;

    cJSON_ArrayForEach(s, list)
        found |= strstr(s->valuestring, words) != NULL;
    cJSON_Delete(list);
    return found;
}

/* 300 of 400, twice the same; then 260, of which 20 that the others miss. */
static int three(int k, int64_t i)
{
    return k < 2 ? i < 300 : i < 240 || (i >= 300 && i < 320);
}

static void bootstrap(void)
{
    struct nn_comparison *c = new_comparison(400);
    struct nn_verdicts v[3];
    static double all[3 * NN_SCORES * 500], again[3 * NN_SCORES * 500], alone[NN_SCORES * 500];

    for (int k = 0; k < 3; k++)
        put_contender(c, (const char *[]){ "a", "b", "c" }[k], "", k, three);
    for (int k = 0; k < 3; k++)
        v[k] = c->who.one[k]->says;
    CHECK_OK(nn_bootstrap(v, 3, 400, 500, 1, all, &err), &err);
    CHECK_OK(nn_bootstrap(v, 3, 400, 500, 1, again, &err), &err);
    CHECK(!memcmp(all, again, sizeof all));
    /* The same faces for everybody: alone, or beside others. */
    CHECK_OK(nn_bootstrap(v + 2, 1, 400, 500, 1, alone, &err), &err);
    CHECK(!memcmp(all + 2 * NN_SCORES * 500, alone, sizeof alone));
    CHECK(!memcmp(all, all + NN_SCORES * 500, sizeof alone));
    CHECK_OK(nn_bootstrap(v, 3, 400, 500, 2, again, &err), &err);
    CHECK(memcmp(all, again, sizeof all));
    free_comparison(c);
}

static void pairs(void)
{
    struct nn_comparison *c = new_comparison(400);
    const struct nn_pair *p = c->pair;
    double se = sqrt(0.75 * 0.25 / 400);
    cJSON *settings;

    for (int k = 0; k < 3; k++)
        put_contender(c, (const char *[]){ "a", "b", "c" }[k], "", k / 2, three);
    CHECK_OK(nn_compare(c, &err), &err);
    CHECK(c->score[0][NN_SCORE_ACCURACY].value == 0.75);
    CHECK_NEAR(c->score[0][NN_SCORE_NLL].value, 0.75 * 0.25 + 0.25 * 2, 1e-12);
    /* Half of the faces are of either class, three quarters right: as the interval of a share. */
    CHECK_NEAR(c->score[0][NN_SCORE_ACCURACY].in.lo, 0.75 - 1.96 * se, 0.006);
    CHECK_NEAR(c->score[0][NN_SCORE_ACCURACY].in.hi, 0.75 + 1.96 * se, 0.006);
    CHECK(c->pairs == 3);
    CHECK(p[0].test.only_a == 0 && p[0].test.only_b == 0 && p[0].test.p == 1 && !p[0].least);
    CHECK(p[0].difference[0].in.lo == 0 && p[0].difference[0].in.hi == 0);
    CHECK(p[1].a == 0 && p[1].b == 2 && p[1].test.only_a == 60 && p[1].test.only_b == 20);
    CHECK_NEAR(p[1].difference[0].value, 0.1, 1e-12);
    /* Paired: from the 80 that differ, not from two shares of 400. */
    se = sqrt((80 - 40 * 40 / 400.0) / 400.0 / 400.0);
    CHECK_NEAR(p[1].difference[0].in.lo, 0.1 - 1.96 * se, 0.006);
    CHECK_NEAR(p[1].difference[0].in.hi, 0.1 + 1.96 * se, 0.006);
    /* (40 - 1)^2 / 80 = 19.0; two of three, alike: times three. */
    CHECK_NEAR(p[1].test.p, erfc(sqrt(39 * 39 / 80.0 / 2)), 1e-15);
    CHECK_NEAR(p[1].holm, 3 * p[1].test.p, 1e-15);
    CHECK(p[2].holm == p[1].holm && p[0].holm == 1 && p[1].least == 20);
    CHECK(says(c, "400 faces, 0 to 80 of which only one of two gets right"));
    CHECK(says(c, "below 5.0 points cannot"));
    CHECK(says(c, "for 3 pairs, more than chance: a over c, b over c."));
    settings = nn_compare_settings(&c->who);
    CHECK(cJSON_GetArraySize(settings) == 1 && !strcmp(settings->child->string, "seed"));
    cJSON_Delete(settings);
    free_comparison(c);
}

/* One is better by 12 of 3300 faces, of 412 that only one gets right. */
static int nearly(int k, int64_t i)
{
    return i < 2000 || (k == 0 ? i < 2212 : i >= 2212 && i < 2412);
}

static void two(void)
{
    struct nn_comparison *c = new_comparison(3300);

    put_contender(c, "a", "", 1, nearly);
    put_contender(c, "b", "", 1, nearly);
    CHECK_OK(nn_compare(c, &err), &err);
    CHECK(says(c, "With 3300 faces, 412 of which only one of the two gets right, a difference "
               "below 1.3 points cannot be told from chance (5 %)."));
    CHECK(says(c, "a gets 0.36 points more right than b; chance alone would"));
    free_comparison(c);
}

/* Of 1000: 650 and 660, then 640 and 650, then 700. */
static int drinks(int k, int64_t i)
{
    static const int64_t right[] = { 650, 660, 640, 650, 700 };

    return i < right[k];
}

static void groups(void)
{
    static const char *const drink[] = { "espresso", "espresso", "boba", "boba", "tea" };
    struct nn_comparison *c = new_comparison(1000);
    const struct nn_versus *v = c->versus;

    for (int k = 0; k < 5; k++)
        put_contender(c, drink[k], drink[k], k < 3 ? k : 2, drinks);
    c->factor = "drink";
    CHECK_OK(nn_compare(c, &err), &err);
    CHECK(c->groups == 3 && c->versuses == 3);
    CHECK_NEAR(c->group[0].mean, 0.655, 1e-12);
    CHECK_NEAR(c->group[1].deviation, sqrt(0.5) * 0.01, 1e-12);
    CHECK(!c->group[0].one_seed && c->group[1].one_seed && !c->group[2].one_seed);
    /* Standard error 0.00707 with two degrees of freedom: 4.303 times that. */
    CHECK(v[0].possible && !v[1].possible && !v[2].possible);
    CHECK_NEAR(v[0].welch.difference, 0.01, 1e-12);
    CHECK_NEAR(v[0].welch.df, 2, 1e-9);
    CHECK_NEAR(v[0].welch.interval.hi, 0.01 + 4.302652729749462 * sqrt(0.00005), 1e-9);
    CHECK_NEAR(v[0].welch.p, 1 - sqrt(0.5), 1e-9);      /* t = sqrt(2): in closed form */
    CHECK(v[0].holm == v[0].welch.p);
    CHECK_NEAR(v[1].welch.difference, -0.045, 1e-12);
    CHECK(says(c, "One run a group cannot separate drink from the seed: espresso has 2, tea 1"));
    CHECK(says(c, "With 2 and 2 runs that spread like these, a difference below 3.1 points"));
    CHECK(says(c, "espresso get 1.00 points more right on average than those of boba, which"));
    CHECK(says(c, "All runs of boba have the same seed"));
    free_comparison(c);
}

int main(void)
{
    mcnemar();
    holm();
    quantiles();
    student();
    welch();
    bootstrap();
    pairs();
    two();
    groups();
    return test_done();
}
