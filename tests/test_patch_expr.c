/* Expressions between signals: what they give, what they remember, what they refuse. */
#include "runtime/signals/expr.h"
#include "tests/test.h"

enum { A, B, NAMES };
static const char *const names[NAMES] = { "a", "b.c" };

static int find(void *arg, const char *name, struct nn_err *err)
{
    (void)arg;
    for (int i = 0; i < NAMES; i++)
        if (!strcmp(names[i], name))
            return i;
    return nn_fail(err, NN_EFORMAT, "no signal \"%s\"", name);
}

static struct nn_expr *parse(const char *text, struct nn_err *err)
{
    return nn_expr_parse(text, find, NULL, err);
}

/* a is 0.5, b.c is -2. */
static void test_values(void)
{
    static const struct { const char *text; double want; int rest; } cases[] = {
        { "1", 1, 0 }, { " .5 ", 0.5, 0 }, { "2e3", 2000, 0 }, { "a", 0.5, 0 }, { "b.c", -2, 0 },
        { "1 + 2 * 3", 7, 0 }, { "(1 + 2) * 3", 9, 0 }, { "8 - 3 - 2", 3, 0 },
        { "8 / 4 / 2", 1, 0 }, { "-a * 2", -1, 0 }, { "2 - -3", 5, 0 }, { "--4", 4, 0 },
        { "a > 0.4", 1, 0 }, { "a < 0.4", 0, 0 }, { "1 + 1 > 1 * 1", 1, 0 },
        { "min(3, 1, 2)", 1, 0 }, { "max(3, 1, 2)", 3, 0 }, { "abs(b.c)", 2, 0 },
        { "clamp(5, 0, 1)", 1, 0 }, { "mix(2, 4, a)", 3, 0 }, { "sqrt(9)", 3, 0 },
        { "pow(2, 3)", 8, 0 }, { "floor(b.c - a)", -3, 0 }, { "fract(2.25)", 0.25, 0 },
        { "fract(0 - 0.25)", 0.75, 0 }, { "smooth(a, 0, 1)", 0.5, 0 },
        { "smooth(0.25, 0, 1)", 0.15625, 0 },
        { "curve(a, 0, 1, 0.4, 0, 0.6, 1)", 0.5, 0 }, { "curve(9, 0, 1, 1, 3)", 3, 0 },
        { "curve(-9, 0, 1, 1, 3)", 1, 0 }, { "sine(0.5)", 1, 0 }, { "sine(1.25)", 0.5, 0 },
        { "triangle(0.25)", 0.5, 0 }, { "square(0.3)", 1, 0 }, { "square(0.3, 0.2)", 0, 0 },
        { "a / 0", 0, 1 }, { "1 + a / (a - a)", 1, 1 }, { "sqrt(b.c)", 0, 1 },
        { "pow(10, 39)", 0, 1 }, { "lag(a / 0, 1)", 0, 1 }, { "smooth(a, 1, 1)", 0, 1 },
        { "3e38 * 10", 0, 1 }, { "pow(b.c, 0.5)", 0, 1 },
    };
    const float signal[NAMES] = { 0.5f, -2 };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct nn_err err = { 0 };
        struct nn_expr *e = parse(cases[i].text, &err);
        int rest = -1;
        CHECK(e != NULL);
        if (!e) {
            fprintf(stderr, "%s: %s\n", cases[i].text, err.msg);
            continue;
        }
        double v = (double)nn_expr_run(e, signal, 0, &rest);
        if (fabs(v - cases[i].want) > 1e-5 || rest != cases[i].rest)
            fprintf(stderr, "%s: %g, rest %d\n", cases[i].text, v, rest);
        CHECK_NEAR(v, cases[i].want, 1e-5);
        CHECK(rest == cases[i].rest);
        nn_expr_free(e);
    }
}

static void test_errors(void)
{
    static const struct { const char *text, *says; } cases[] = {
        { "", "is missing at its end" }, { "1 +", "is missing at its end" },
        { "(1", "a ) is missing" }, { "1 2", "an operator is missing at column 3" },
        { "a b", "an operator is missing" }, { "x", "no signal \"x\"" },
        { "maxx(1, 2)", "did you mean \"max\"" }, { "min()", "at least 1 value" },
        { "clamp(1, 2)", "at least 3 values" }, { "abs(1, 2)", "no more than 1" },
        { "mix(1 2 3)", "a comma or ) is missing" }, { "1e99", "no number" },
        { "curve(a, 0, 1, 1, 1, 2)", "each point has an x and a y" }, { "&", "is missing" },
        { "1..2", "operator" }, { "max(", "is missing" }, { "neg", "no signal" },
    };
    char deep[500] = "", wide[500] = "1";

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct nn_err err = { 0 };
        CHECK(parse(cases[i].text, &err) == NULL);
        if (!strstr(err.msg, cases[i].says))
            fprintf(stderr, "\"%s\": %s\n", cases[i].text, err.msg);
        CHECK(err.code == NN_EFORMAT && strstr(err.msg, cases[i].says));
    }
    struct nn_err err = { 0 };
    memset(deep, '(', 300);
    CHECK(parse(deep, &err) == NULL && strstr(err.msg, "deeply"));
    memset(deep, '-', 300);
    CHECK(parse(deep, &err) == NULL && strstr(err.msg, "deeply"));
    for (int i = 0; i < 60; i++)
        strcat(wide, "+1");
    CHECK(parse(wide, &err) == NULL && strstr(err.msg, "parts"));
    memset(deep, '1', 499);
    CHECK(parse(deep, &err) == NULL && strstr(err.msg, "longer"));
}

/* Runs an expression of `a` for some seconds at a rate; the last value. */
static double run(struct nn_expr *e, float a, double seconds, double fps)
{
    const float signal[NAMES] = { a, 0 };
    double v = 0;
    int rest, n = (int)(seconds * fps + 0.5);

    for (int i = 0; i < n; i++)
        v = (double)nn_expr_run(e, signal, e->started ? 1 / fps : 0, &rest);
    return v;
}

static struct nn_expr *must(const char *text)
{
    struct nn_err err = { 0 };
    struct nn_expr *e = parse(text, &err);

    if (!e)
        fprintf(stderr, "%s: %s\n", text, err.msg);
    CHECK(e != NULL);
    return e;
}

static void test_memory(double fps)
{
    double frame = 1 / fps;
    struct nn_expr *e = must("lag(a, 0.5, 2)");

    CHECK_NEAR(run(e, 0, frame, fps), 0, 1e-6);
    CHECK_NEAR(run(e, 1, 0.5, fps), 1 - exp(-1), 1e-3);
    run(e, 1, 20, fps);
    CHECK_NEAR(run(e, 0, 2, fps), exp(-1), 1e-3);
    nn_expr_free(e);

    e = must("delta(a)");
    run(e, 0.25f, 1, fps);
    CHECK_NEAR(run(e, 0.25f, frame, fps), 0, 1e-6);
    CHECK_NEAR(run(e, 0.75f, frame, fps), 0.5 * fps, 1e-2);
    CHECK_NEAR(run(e, 0.75f, frame, fps), 0, 1e-6);
    nn_expr_free(e);

    e = must("gate(a, 0.5, 0.2, 0.4)");
    CHECK_NEAR(run(e, 0.4f, 1, fps), 0, 0);
    CHECK_NEAR(run(e, 0.6f, frame, fps), 1, 0);
    CHECK_NEAR(run(e, 0.1f, 0.3, fps), 1, 0);           /* held */
    CHECK_NEAR(run(e, 0.1f, 0.2, fps), 0, 0);
    CHECK_NEAR(run(e, 0.5f, 1, fps), 1, 0);
    CHECK_NEAR(run(e, 0.35f, 1, fps), 1, 0);            /* within the hysteresis */
    CHECK_NEAR(run(e, 0.2f, frame, fps), 0, 0);
    nn_expr_free(e);

    e = must("delay(a, 0.5)");
    CHECK_NEAR(run(e, 0.2f, 1, fps), 0.2, 1e-6);
    CHECK_NEAR(run(e, 0.8f, 0.5 - 2 * frame, fps), 0.2, 1e-6);
    CHECK_NEAR(run(e, 0.8f, 4 * frame, fps), 0.8, 1e-6);
    nn_expr_free(e);

    e = must("envelope(a, 0.2, 0.4, 0.5, 1)");
    CHECK_NEAR(run(e, 0, 1, fps), 0, 0);
    CHECK_NEAR(run(e, 1, 0.1, fps), 0.5, 0.2);          /* attack */
    CHECK_NEAR(run(e, 1, 2, fps), 0.5, 1e-3);           /* sustain */
    CHECK_NEAR(run(e, 0, 0.5, fps), 0, 0.06);           /* half of a second's release */
    CHECK_NEAR(run(e, 0, 1, fps), 0, 0);
    nn_expr_free(e);

    e = must("sample(a, a > 0.5)");
    CHECK_NEAR(run(e, 0.3f, 1, fps), 0.3, 1e-6);
    CHECK_NEAR(run(e, 0.7f, 1, fps), 0.7, 1e-6);
    CHECK_NEAR(run(e, 0.9f, 1, fps), 0.7, 1e-6);
    CHECK_NEAR(run(e, 0.1f, 1, fps), 0.7, 1e-6);
    nn_expr_free(e);

    e = must("10 * count(a, 3) + toggle(a)");
    for (int i = 0; i < 4; i++) {
        run(e, 0, frame, fps);
        run(e, 1, 3 * frame, fps);
    }
    CHECK_NEAR(run(e, 1, frame, fps), 10, 0);           /* four rises: 1, and off again */
    nn_expr_free(e);
}

static void test_clocks(double fps)
{
    struct nn_expr *e = must("clock(90)"), *bar = must("clock(a * 100, 4)"),
                   *beats = must("count(tick(clock(120)))");

    CHECK_NEAR(run(e, 0, 1 + 1 / fps, fps), 0.5, 1e-3);
    CHECK_NEAR(run(bar, 1.2f, 1 + 1 / fps, fps), 0.5, 1e-3);
    CHECK_NEAR(run(beats, 0, 10.25, fps), 20, 0);
    nn_expr_free(e);
    nn_expr_free(bar);
    nn_expr_free(beats);
}

/* Chance: within 0 to 1, by the seed alone, and spread out. */
static void test_chance(const char *text, int smooth)
{
    struct nn_expr *e = must(text), *f = must(text), *g = must(text);
    const float signal[NAMES] = { 1, 0 };
    double sum = 0, squares = 0, last = 0, jump = 0;
    int same = 1, differ = 0, rest, n = 20000;

    e->seed = f->seed = 7;
    g->seed = 8;
    for (int i = 0; i < n; i++) {
        float v = nn_expr_run(e, signal, i ? 0.02 : 0, &rest);
        CHECK(v >= 0 && v <= 1 && !rest);
        same &= v == nn_expr_run(f, signal, i ? 0.02 : 0, &rest);
        differ += v != nn_expr_run(g, signal, i ? 0.02 : 0, &rest);
        sum += (double)v;
        squares += (double)v * (double)v;
        jump = i && fabs((double)v - last) > jump ? fabs((double)v - last) : jump;
        last = (double)v;
    }
    CHECK(same && differ > n / 2);
    CHECK_NEAR(sum / n, 0.5, 0.03);
    CHECK(squares / n - sum / n * sum / n > (smooth ? 0.04 : 0.07));
    CHECK(smooth ? jump < 0.2 : jump > 0.7);
    nn_expr_free(e);
    nn_expr_free(f);
    nn_expr_free(g);
}

int main(void)
{
    test_values();
    test_errors();
    for (int i = 0; i < 3; i++) {
        static const double fps[] = { 20, 50, 200 };
        test_memory(fps[i]);
        test_clocks(fps[i]);
    }
    test_chance("steps(6)", 0);
    test_chance("noise(4)", 1);
    test_chance("dice(tick(clock(600)))", 0);
    return test_done();
}
