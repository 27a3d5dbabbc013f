/* test_live.c - the newest value wins between threads; what is dropped under load, and when it
 * is taken back. */
#include <pthread.h>
#include <time.h>

#include "common/progress.h"
#include "runtime/live_load.h"
#include "runtime/live_times.h"
#include "runtime/mailbox.h"
#include "test.h"

enum { WORDS = 64, VALUES = 200000 };

struct value {
    int64_t number[WORDS];      /* all alike: a torn one shows */
};

static struct value slot[3];
static struct nn_mailbox box;

static void *write_all(void *arg)
{
    (void)arg;
    for (int64_t n = 1; n <= VALUES; n++) {
        struct value *v = nn_mailbox_back(&box);
        for (int i = 0; i < WORDS; i++)
            v->number[i] = n;
        nn_mailbox_post(&box);
    }
    nn_mailbox_close(&box);
    return NULL;
}

static void test_alone(void)
{
    int a = 1, b = 2, c = 3, *v;
    double t0 = nn_now();

    nn_mailbox_init(&box, &a, &b, &c);
    CHECK(!nn_mailbox_take(&box, 0));
    CHECK(!nn_mailbox_take(&box, 0.02) && nn_now() - t0 > 0.015);
    *(int *)nn_mailbox_back(&box) = 10;
    CHECK(nn_mailbox_post(&box) == 0);
    *(int *)nn_mailbox_back(&box) = 11;
    CHECK(nn_mailbox_post(&box) == 1 && nn_mailbox_missed(&box) == 1);
    v = nn_mailbox_take(&box, 0);
    CHECK(v && *v == 11);
    CHECK(!nn_mailbox_take(&box, 0) && *v == 11);
    *(int *)nn_mailbox_back(&box) = 12;
    CHECK(nn_mailbox_post(&box) == 0 && *v == 11);      /* the reader's stays as it is */
    nn_mailbox_close(&box);
    v = nn_mailbox_take(&box, 1);
    CHECK(v && *v == 12 && nn_mailbox_closed(&box));
    t0 = nn_now();
    CHECK(!nn_mailbox_take(&box, 5) && nn_now() - t0 < 1);
}

/* Values come whole, in order, the last one always; the rest is counted as missed. */
static void test_threads(void)
{
    int64_t last = 0, taken = 0, torn = 0, backwards = 0;
    pthread_t writer;

    nn_mailbox_init(&box, &slot[0], &slot[1], &slot[2]);
    if (pthread_create(&writer, NULL, write_all, NULL))
        return;
    for (;;) {
        const struct value *v = nn_mailbox_take(&box, 1);
        if (!v)
            break;
        for (int i = 1; i < WORDS; i++)
            torn += v->number[i] != v->number[0];
        backwards += v->number[0] <= last;
        last = v->number[0];
        taken++;
    }
    pthread_join(writer, NULL);
    CHECK(!torn && !backwards && last == VALUES);
    CHECK(taken + nn_mailbox_missed(&box) == VALUES);
}

/* Seconds of frames at 30 a second that each take `ms`. */
static void frames(struct nn_load *l, double seconds, double ms)
{
    for (int n = 0; n < (int)(seconds * 30 + 0.5); n++)
        nn_load_frame(l, ms, 1 / 30.0);
}

static void test_load(void)
{
    struct nn_load l;
    char words[80];

    nn_load_init(&l, 50);
    frames(&l, 10, 45);
    nn_load_words(&l, words);
    CHECK(l.level == 0 && !*words && nn_load_every(&l) == 1);
    frames(&l, 0.1, 60);            /* three late frames: the analysis gives way first */
    nn_load_words(&l, words);
    CHECK(l.level == 1 && nn_load_every(&l) == 2 && !strcmp(words, "analysis 1/2"));
    CHECK(l.keep[NN_AREA] == 1);
    frames(&l, 0.2, 60);
    CHECK(l.level == 3 && nn_load_every(&l) == 8 && l.keep[NN_AREA] == 1);
    frames(&l, 0.1, 60);
    CHECK(l.level == 4 && l.keep[NN_AREA] < 1 && l.keep[NN_AREA] > 0.5f);   /* it fades */
    frames(&l, 5, 60);
    nn_load_words(&l, words);
    CHECK(l.level == NN_LOAD_LEVELS - 1 && strstr(words, "point effects alone"));
    CHECK(l.keep[NN_POINT] == 1 && l.keep[NN_AREA] == 0 && l.keep[NN_SPRITE] == 0 &&
          l.keep[NN_WARP] == 0);
    frames(&l, 60, 40);             /* within the budget, but no room: nothing is taken back */
    CHECK(l.level == NN_LOAD_LEVELS - 1);
    frames(&l, 40, 20);
    CHECK(l.level == 0 && l.keep[NN_AREA] == 1 && l.worst == NN_LOAD_LEVELS - 1);

    /* A load that fits at level 1 and not at 0 must not make it swing for ever. */
    int changes = 0;
    nn_load_init(&l, 50);
    for (int n = 0; n < 300 * 30; n++)
        changes += nn_load_frame(&l, l.level ? 30 : 60, 1 / 30.0);
    CHECK(changes < 40);
    nn_load_init(&l, 50);           /* any frame rate */
    for (int n = 0; n < 100; n++)
        nn_load_frame(&l, 60, n % 2 ? 0 : 1e9);
    CHECK(l.level == NN_LOAD_LEVELS - 1 && l.keep[NN_WARP] == 0);
}

static void test_times(void)
{
    struct nn_times s = { .count = 0 };

    CHECK(nn_times_at(&s, 0.5) <= 0);
    for (int i = 1; i <= 1000; i++)
        nn_times_add(&s, i / 10.0);
    CHECK_NEAR(nn_times_at(&s, 0.5), 50, 50 * 0.03);
    CHECK_NEAR(nn_times_at(&s, 0.99), 99, 99 * 0.03);
    CHECK_NEAR(nn_times_at(&s, 1), 100, 3);
    nn_times_add(&s, 0);
    nn_times_add(&s, 1e12);
    CHECK(s.count == 1002 && nn_times_at(&s, 0) < 0.011 && nn_times_at(&s, 1) > 1e4);
}

int main(void)
{
    test_alone();
    test_threads();
    test_load();
    test_times();
    return test_done();
}
