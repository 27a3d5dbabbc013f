/* Recorded signals: what a CSV file may say, and what is between its rows. */
#include "common/log.h"
#include "runtime/signals/feed.h"
#include "tests/test.h"

static char dir[256];

static struct nn_feed *open_text(const char *text, struct nn_err *err)
{
    char path[300];

    snprintf(path, sizeof path, "%s/s.csv", dir);
    CHECK_OK(nn_file_write(path, text, strlen(text), err), err);
    struct nn_feed *f = nn_feed_open(path, err);
    unlink(path);
    return f;
}

static void test_errors(void)
{
    static const struct { const char *text, *says; } cases[] = {
        { "", "is empty" }, { "face.joy\n", "s.csv:1: no column \"seconds\"" },
        { "seconds,a,a\n", "two columns \"a\"" }, { "seconds,a\n0\n", "s.csv:2: 1 columns, not 2" },
        { "seconds,a\n0,1,2\n", "s.csv:2: more than 2" },
        { "seconds,a\n0,1\n1,x\n", "s.csv:3: a: \"x\" is no number" },
        { "seconds,a\n0,nan\n", "is no number" }, { "seconds,a\n0,1e999\n", "is no number" },
        { "seconds,a\n1,1\n1,1\n", "s.csv:3: seconds do not rise" },
        { "seconds,a\n,1\n", "seconds do not rise" },
        { "seconds,0123456789012345678901234567890123456789012345678901234567890123456789\n",
          "too long a name" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct nn_err err = { 0 };
        struct nn_feed *f = open_text(cases[i].text, &err);
        CHECK(f == NULL && err.code == NN_EFORMAT);
        if (!strstr(err.msg, cases[i].says))
            fprintf(stderr, "%s: %s\n", cases[i].says, err.msg);
        CHECK(strstr(err.msg, cases[i].says) != NULL);
        nn_feed_free(f);
    }
}

static double play(struct nn_feed *f, const struct nn_patch *p, struct nn_bus *bus,
                   const char *name, double t)
{
    nn_feed_play(f, p, bus, t);
    return (double)bus->value[nn_patch_find_signal(p, name, NULL)];
}

static void test_play(void)
{
    static const char text[] =
        "frame, seconds ,pulse.bpm,pulse.phase,face.joy,ext.x,face.count,odd.one,scene.number\r\n"
        "0,1,60,0.8,0.2,,0,3,2\r\n"
        "1,1.5,,0.2,0.4,5,1,3,2\r\n"
        "2,2,80,0.6,,15,2,3,2\r\n"
        "3,9,100,0.6,1,2,2,3,2\r\n";
    cJSON *root = cJSON_Parse("{\"name\":\"t\",\"signals\":{\"ext.x\":{\"range\":[0,10]}},"
                              "\"chain\":[{\"effect\":\"bloom\"}]}");
    struct nn_err err = { 0 };
    struct nn_patch *p = nn_patch_parse(root, &err);
    struct nn_feed *f = open_text(text, &err);
    struct nn_bus bus;

    cJSON_Delete(root);
    CHECK(p && f);
    if (!p || !f)
        return;
    nn_bus_init(&bus);
    CHECK(nn_feed_check(f, p) == 1);                                /* odd.one */
    CHECK_NEAR(play(f, p, &bus, "pulse.bpm", 0.9), 0, 0);           /* not yet */
    CHECK(bus.time[NN_SIG_PULSE_BPM] < 0);
    CHECK_NEAR(play(f, p, &bus, "pulse.bpm", 1), 60, 1e-4);
    CHECK_NEAR(play(f, p, &bus, "pulse.bpm", 1.25), 65, 1e-4);      /* over the empty cell */
    double wrap = play(f, p, &bus, "pulse.phase", 1.25);           /* through the wrap: 0 or 1 */
    CHECK_NEAR(fmin(wrap, 1 - wrap), 0, 1e-5);
    CHECK_NEAR(play(f, p, &bus, "pulse.phase", 1.375), 0.1, 1e-5);
    CHECK_NEAR(play(f, p, &bus, "pulse.phase", 1.75), 0.4, 1e-5);
    CHECK_NEAR(play(f, p, &bus, "face.joy", 1.25), 0.3, 1e-5);
    CHECK_NEAR(play(f, p, &bus, "face.joy", 8), 0.4, 1e-5);         /* a long gap holds */
    CHECK_NEAR(play(f, p, &bus, "ext.x", 1.6), 7, 1e-4);
    CHECK_NEAR(play(f, p, &bus, "ext.x", 2), 10, 1e-4);             /* its range */
    CHECK_NEAR(play(f, p, &bus, "face.count", 1.9), 1, 0);
    CHECK_NEAR(play(f, p, &bus, "pulse.bpm", 1000), 100, 1e-4);     /* the last stays */
    CHECK_NEAR(play(f, p, &bus, "pulse.bpm", 1), 60, 1e-4);         /* and back */
    CHECK(bus.value[NN_SIG_SCENE] == 0);                            /* the patch's own to say */
    nn_feed_free(f);
    nn_patch_free(p);
}

/* What --signals writes can be played again. */
static void test_own_log(void)
{
    struct nn_signal_log log = { 0 };
    struct nn_err err = { 0 };
    struct nn_bus bus, again;
    char path[300];

    nn_bus_init(&bus);
    nn_bus_init(&again);
    for (int s = 0; s < NN_SIGNALS; s++) {
        const struct nn_signal_info *i = nn_signal_info(s);
        nn_bus_set(&bus, s, i->min + (i->max - i->min) * 0.25f, 0);
    }
    snprintf(path, sizeof path, "%s/log.csv", dir);
    CHECK_OK(nn_signal_log_open(&log, path, NULL, &err), &err);
    nn_signal_log_row(&log, &bus, 0, 0.5);
    CHECK_OK(nn_signal_log_close(&log, &err), &err);
    struct nn_feed *f = nn_feed_open(path, &err);
    CHECK(f != NULL && nn_feed_check(f, NULL) == 0);
    if (f)
        nn_feed_play(f, NULL, &again, 0.5);
    for (int s = 0; f && s < NN_SIG_SCENE; s++)
        CHECK_NEAR((double)again.value[s], (double)bus.value[s],
                   1e-4 * (1 + fabs((double)bus.value[s])));
    nn_feed_free(f);
    unlink(path);
}

int main(void)
{
    test_scratch(dir, sizeof dir);
    test_errors();
    test_play();
    test_own_log();
    rmdir(dir);
    return test_done();
}
