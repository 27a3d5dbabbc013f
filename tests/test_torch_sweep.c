/* Sweeping: what is drawn from ranges and lists, rungs by hand, recipes that are refused. */
#include <cjson/cJSON.h>

#include "common/fs.h"
#include "tests/test.h"
#include "trainer/sweep.h"

static struct nn_err err;
static char dir[200], path[300];

static void write_recipe(const char *text)
{
    CHECK_OK(nn_file_write(path, text, strlen(text), &err), &err);
}

static void draws(void)
{
    enum { N = 400 };
    struct nn_sweep s = { 0 };
    struct nn_settings a, b;
    char one[300], two[300];
    int adamw = 0, width[3] = { 0 }, low = 0, differs = 0;

    write_recipe("{ \"about\": \"x\", \"epochs\": 9, \"batch\": 32,"
                 " \"rate\": { \"min\": 0.001, \"max\": 0.1, \"log\": true },"
                 " \"width\": { \"min\": 16, \"max\": 18 },"
                 " \"dropout\": { \"min\": 0, \"max\": 0.5 },"
                 " \"optimiser\": [\"sgd\", \"adamw\"] }");
    CHECK_OK(nn_sweep_read(&s, path, &err), &err);
    for (int i = 0; i < N; i++) {
        CHECK_OK(nn_sweep_draw(&s, 5, i, &a, one, &err), &err);
        CHECK_OK(nn_sweep_draw(&s, 5, i, &b, two, &err), &err);
        CHECK(!memcmp(&a, &b, sizeof a) && !strcmp(one, two));
        CHECK(a.epochs == 9 && a.batch == 32 && a.momentum == nn_settings_default.momentum);
        CHECK(a.rate >= 0.001 && a.rate <= 0.1 && a.dropout >= 0 && a.dropout <= 0.5);
        CHECK(a.width >= 16 && a.width <= 18);
        CHECK(!strncmp(one, "rate ", 5) && strstr(one, ", optimiser ") && !strstr(one, "batch"));
        adamw += a.adamw != 0;
        width[a.width - 16]++;
        low += a.rate < 0.01;           /* half, as 0.01 is the middle of the logarithms */
        CHECK_OK(nn_sweep_draw(&s, 6, i, &b, two, &err), &err);
        differs += a.rate < b.rate || a.rate > b.rate;
    }
    /* Binomial: 5 standard deviations of 200 are 50, of 133 are 47. */
    CHECK(abs(adamw - N / 2) < 50 && abs(low - N / 2) < 50 && differs > N / 2);
    for (int k = 0; k < 3; k++)
        CHECK(abs(width[k] - N / 3) < 47);
    nn_sweep_release(&s);
}

static void rungs(void)
{
    struct nn_rung r[NN_SWEEP_RUNGS];

    CHECK(nn_sweep_rungs(9, 3, 27, r) == 3);
    CHECK(r[0].candidates == 9 && r[1].candidates == 3 && r[2].candidates == 1);
    CHECK(r[0].epochs == 3 && r[1].epochs == 9 && r[2].epochs == 27);
    CHECK(nn_sweep_rungs(10, 4, 5, r) == 2);
    CHECK(r[0].candidates == 10 && r[0].epochs == 1 && r[1].candidates == 2 && r[1].epochs == 5);
    CHECK(nn_sweep_rungs(NN_SWEEP_MOST, 2, 20, r) == NN_SWEEP_RUNGS);
    CHECK(r[0].epochs == 1 && r[NN_SWEEP_RUNGS - 1].candidates == 1);
    CHECK(nn_sweep_rungs(2, 3, 4, r) == 1 && r[0].candidates == 2 && r[0].epochs == 4);
}

static void refused(void)
{
    static const struct { const char *text, *says; } cases[] = {
        { "{ \"rate\": 0.1 }", "no setting has a list or a range" },
        { "[1]", "is no JSON object" },
        { "{ \"rate\": [] }", "rate is an empty list" },
        { "{ \"rate\": { \"min\": 1 } }", "max" },
        { "{ \"rate\": { \"min\": 1, \"max\": 1 } }", "a min below its max" },
        { "{ \"rate\": { \"min\": 0, \"max\": 1, \"log\": true } }", "above 0" },
        { "{ \"rate\": { \"min\": 1, \"max\": 2, \"step\": 1 } }", "rate.step" },
        { "{ \"epochs\": [3, 9], \"rate\": [0.1, 0.2] }", "epochs is one number" },
        { "{ \"rate\": ", "not valid JSON" },
    };
    struct nn_settings to;
    struct nn_sweep s;
    char drawn[300];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        s = (struct nn_sweep){ 0 };
        write_recipe(cases[i].text);
        CHECK(nn_sweep_read(&s, path, &err) == -1 && strstr(err.msg, cases[i].says));
        nn_sweep_release(&s);
    }
    s = (struct nn_sweep){ 0 };
    write_recipe("{ \"rate\": [99, 98] }");
    CHECK_OK(nn_sweep_read(&s, path, &err), &err);
    CHECK(nn_sweep_draw(&s, 1, 0, &to, drawn, &err) == -1 && strstr(err.msg, "rate is no number"));
    nn_sweep_release(&s);
}

int main(void)
{
    test_scratch(dir, sizeof dir);
    snprintf(path, sizeof path, "%s/ranges.json", dir);
    draws();
    rungs();
    refused();
    unlink(path);
    rmdir(dir);
    return test_done();
}
