/* What a patch brings along: signals, combinations, curves, scenes; and its next version. */
#include "runtime/scenes.h"
#include "tests/test.h"

static struct nn_patch *parse(const char *text, struct nn_err *err)
{
    cJSON *root = cJSON_Parse(text);
    struct nn_patch *p = root ? nn_patch_parse(root, err) : NULL;

    CHECK(root != NULL);
    cJSON_Delete(root);
    return p;
}

static struct nn_patch *must(const char *text)
{
    struct nn_err err = { 0 };
    struct nn_patch *p = parse(text, &err);

    if (!p)
        fprintf(stderr, "%s\n", err.msg);
    CHECK(p != NULL);
    return p;
}

#define BLOOM "{\"effect\":\"bloom\"}"
#define WITH(x) "{\"name\":\"t\"," x ",\"chain\":[" BLOOM "]}"
#define SCENES(x) "{\"name\":\"t\",\"scenes\":[{\"name\":\"a\",\"chain\":[" BLOOM "]}," \
    "{\"name\":\"b\",\"chain\":[{\"effect\":\"glitch\"}," BLOOM "]}," \
    "{\"name\":\"c\",\"chain\":[" BLOOM "]}]" x "}"

static void test_errors(void)
{
    static const struct { const char *text, *says; } cases[] = {
        { WITH("\"signals\":[]"), "signals is not an object" },
        { WITH("\"signals\":{\"x\":3}"), "signals.x is neither an expression nor an object" },
        { WITH("\"signals\":{\"x\":\"face.jo\"}"), "signals.x: no signal \"face.jo\"; did you" },
        { WITH("\"signals\":{\"x\":\"1 +\"}"), "signals.x: " },
        { WITH("\"signals\":{\"x\":\"y\",\"y\":\"1\"}"), "signals.x: no signal \"y\"" },
        { WITH("\"signals\":{\"x\":\"x\"}"), "signals.x: no signal \"x\"" },
        { WITH("\"signals\":{\"X\":\"1\"}"), "signals.X: a name has small letters" },
        { WITH("\"signals\":{\"\":\"1\"}"), "a name has 1 to" },
        { WITH("\"signals\":{\"face.joy\":\"1\"}"), "there is a signal of that name" },
        { WITH("\"signals\":{\"x\":\"1\",\"x\":\"2\"}"), "there is a signal of that name" },
        { WITH("\"signals\":{\"osc.x\":\"1\"}"), "has no expression" },
        { WITH("\"signals\":{\"x\":{}}"), "signals.x: an expression (\"is\") is missing" },
        { WITH("\"signals\":{\"x\":{\"is\":\"1\",\"range\":[1,0]}}"), "signals.x.range" },
        { WITH("\"signals\":{\"x\":{\"is\":\"1\",\"rest\":2}}"), "signals.x.rest: 2 is not in" },
        { WITH("\"signals\":{\"x\":{\"is\":\"1\",\"rnage\":[0,1]}}"), "did you mean \"range\"" },
        { WITH("\"change\":{}"), "change is for scenes" },
        { WITH("\"scenes\":[]"), "chain and scenes exclude each other" },
        { "{\"name\":\"t\",\"scenes\":[]}", "scenes is not an array of 1 to 16" },
        { "{\"name\":\"t\",\"scenes\":[{\"name\":\"a\"}]}", "scenes[0].chain is not an array" },
        { "{\"name\":\"t\",\"scenes\":[{\"name\":\"a\",\"chain\":[{\"effect\":\"blom\"}]}]}",
          "scenes[0].chain[0].effect: no effect" },
        { "{\"name\":\"t\",\"scenes\":[{\"name\":\"a\",\"chain\":[" BLOOM "]},"
          "{\"name\":\"a\",\"chain\":[" BLOOM "]}]}", "scenes[1].name: there are two" },
        { SCENES(",\"change\":{\"fade\":-1}"), "change.fade: -1 is not in" },
        { SCENES(",\"change\":{\"order\":\"rnd\"}"), "change.order: no order \"rnd\"" },
        { SCENES(",\"change\":{\"signal\":\"shot.cut\"}"), "change.threshold is missing" },
        { SCENES(",\"change\":{\"signal\":\"shot.cutt\",\"threshold\":1}"), "change.signal: no" },
        { SCENES(",\"change\":{\"threshold\":1}"), "a threshold needs a signal" },
        { "{\"name\":\"t\",\"chain\":[{\"effect\":\"bloom\",\"combine\":{\"amount\":\"sum\"}}]}",
          "chain[0].combine.amount: no amount \"sum\"; there are max, add" },
        { "{\"name\":\"t\",\"chain\":[{\"effect\":\"bloom\",\"combine\":{\"x\":\"add\"}}]}",
          "chain[0].combine.x: bloom has no parameter" },
#define CURVE(x) "{\"name\":\"t\",\"chain\":[{\"effect\":\"bloom\",\"map\":[" \
    "{\"param\":\"amount\",\"signal\":\"face.joy\",\"curve\":" x "}]}]}"
        { CURVE("[[0,0]]"), "map[0].curve has 1 points, not 2 to 8" },
        { CURVE("[[0,0],[0,1]]"), "map[0].curve[1]: x must rise" },
        { CURVE("[[0,0],[1,2]]"), "map[0].curve[1][1] is not a number from 0 to 1" },
        { CURVE("[[0,0],[1]]"), "map[0].curve[1] is not an array of two" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct nn_err err = { 0 };
        struct nn_patch *p = parse(cases[i].text, &err);
        CHECK(p == NULL && err.code == NN_EFORMAT);
        if (!strstr(err.msg, cases[i].says))
            fprintf(stderr, "case %zu: \"%s\" lacks \"%s\"\n", i, err.msg, cases[i].says);
        CHECK(strstr(err.msg, cases[i].says) != NULL);
        nn_patch_free(p);
    }
}

static void test_signals(void)
{
    struct nn_patch *p = must(
        "{\"name\":\"t\",\"signals\":{"
        "\"osc.knob\":{\"range\":[0,10],\"rest\":4},"
        "\"heat\":\"max(face.anger, 0.5 * face.disgust)\","
        "\"both\":{\"is\":\"heat + osc.knob\",\"range\":[0,8]},"
        "\"ratio\":{\"is\":\"face.joy / face.fear\",\"rest\":0.25}},"
        "\"chain\":[{\"effect\":\"bloom\",\"map\":[{\"param\":\"amount\",\"signal\":\"both\","
        "\"from\":[0,8],\"attack\":0,\"release\":0}]}]}");
    struct nn_bus bus;

    if (!p)
        return;
    int knob = nn_patch_find_signal(p, "osc.knob", NULL), ratio = nn_patch_find_signal(p, "ratio",
                                                                                        NULL);
    nn_bus_init(&bus);
    nn_bus_set(&bus, NN_SIG_EMOTION + NN_DISGUST, 0.8f, 0);
    nn_patch_update(p, &bus, 0);
    CHECK_NEAR((double)bus.value[nn_patch_find_signal(p, "heat", NULL)], 0.4, 1e-6);
    CHECK_NEAR((double)bus.value[knob], 4, 0);                  /* not fed: at rest */
    CHECK_NEAR((double)p->link[0].value[0], 4.4 / 8, 1e-6);
    CHECK_NEAR((double)bus.value[ratio], 0.25, 0);              /* by 0: at rest */
    nn_bus_put(&bus, knob, nn_patch_signal(p, knob), 99, 1);
    nn_bus_set(&bus, NN_SIG_EMOTION + NN_FEAR, 0.8f, 0);
    nn_bus_set(&bus, NN_SIG_EMOTION + NN_HAPPY, 0.4f, 0);
    nn_patch_update(p, &bus, 0.04);
    CHECK_NEAR((double)bus.value[knob], 10, 0);                 /* clamped to its range */
    CHECK_NEAR((double)p->link[0].value[0], 1, 1e-6);           /* as is `both` */
    CHECK_NEAR((double)bus.value[ratio], 0.5, 1e-6);
    nn_patch_free(p);
}

static void test_combine(void)
{
    static const struct { const char *how; double want; } cases[] = {
        { "max", 0.6 }, { "add", 0.9 }, { "multiply", 0.18 }, { "mean", 0.45 },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[600];
        struct nn_bus bus;
        snprintf(text, sizeof text, "{\"name\":\"t\",\"chain\":[{\"effect\":\"bloom\","
                 "\"combine\":{\"amount\":\"%s\"},\"map\":["
                 "{\"param\":\"amount\",\"signal\":\"face.joy\"},"
                 "{\"param\":\"amount\",\"signal\":\"face.fear\"}]}]}", cases[i].how);
        struct nn_patch *p = must(text);
        nn_bus_init(&bus);
        nn_bus_set(&bus, NN_SIG_EMOTION + NN_HAPPY, 0.6f, 0);
        nn_bus_set(&bus, NN_SIG_EMOTION + NN_FEAR, 0.3f, 0);
        nn_patch_update(p, &bus, 0);
        CHECK_NEAR((double)p->link[0].value[0], cases[i].want, 1e-6);
        nn_bus_set(&bus, NN_SIG_EMOTION + NN_FEAR, 1, 0);       /* the limit is the parameter's */
        nn_patch_update(p, &bus, 1e6);
        CHECK(p->link[0].value[0] <= 1);
        nn_patch_free(p);
    }
}

static void test_points(void)
{
    struct nn_patch *p = must(CURVE("[[0.2,1],[0.4,0],[1,0.6]],\"attack\":0,\"release\":0"));
    static const double at[][2] = { { 0, 1 }, { 0.2, 1 }, { 0.3, 0.5 }, { 0.4, 0 }, { 0.7, 0.3 },
                                    { 1, 0.6 } };
    struct nn_bus bus;

    nn_bus_init(&bus);
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        nn_bus_set(&bus, NN_SIG_EMOTION + NN_HAPPY, (float)at[i][0], 0);
        nn_patch_update(p, &bus, 0.04);
        CHECK_NEAR((double)p->link[0].value[0], at[i][1], 1e-5);
    }
    nn_patch_free(p);
}

/* Goes on for some seconds at 100 frames a second; the scene that is on then. */
static int go(struct nn_patch *p, struct nn_bus *bus, double seconds)
{
    for (int i = 0; i < (int)(seconds * 100 + 0.5); i++)
        nn_patch_update(p, bus, 0.01);
    return p->change.now;
}

static void test_changes(void)
{
    struct nn_patch *p = must(SCENES(",\"change\":{\"fade\":1,\"every\":5}"));
    struct nn_bus bus;

    nn_bus_init(&bus);
    CHECK(go(p, &bus, 4.9) == 0 && p->change.last < 0);
    CHECK(go(p, &bus, 0.6) == 1 && p->change.last == 0);
    CHECK_NEAR((double)p->change.x, 0.5, 0.02);
    CHECK(go(p, &bus, 1) == 1 && p->change.last < 0 && p->change.x >= 1);
    CHECK(go(p, &bus, 4) == 2);
    CHECK(go(p, &bus, 7) == 0 && p->change.last < 0);
    nn_patch_go(p, 2);                      /* by hand */
    go(p, &bus, 0.3);
    nn_patch_go(p, 0);                      /* and back: the fade turns round */
    CHECK(p->change.last == 2 && p->change.now == 0);
    CHECK_NEAR((double)p->change.x, 0.7, 0.02);
    nn_patch_free(p);

    p = must(SCENES(",\"change\":{\"fade\":0,\"rest\":1,\"signal\":\"shot.cut\","
                    "\"threshold\":0.5}"));
    nn_bus_init(&bus);
    go(p, &bus, 2);
    for (int i = 0; i < 6; i++) {           /* a cut every 0.6 s; a scene stays for a second */
        nn_bus_set(&bus, NN_SIG_CUT, 1, 0);
        go(p, &bus, 0.1);
        CHECK(p->change.last < 0);          /* without a fade there is never a mixture */
        nn_bus_set(&bus, NN_SIG_CUT, 0, 0);
        go(p, &bus, 0.5);
    }
    CHECK(p->change.changes == 3);
    nn_patch_free(p);
}

static void test_random(void)
{
    int seen[2][3] = { { 0 } }, differ = 0, last = 0;
    struct nn_patch *p = must(SCENES(",\"change\":{\"fade\":0,\"every\":1,"
                                     "\"order\":\"random\"}")),
                    *q = must(SCENES(",\"change\":{\"fade\":0,\"every\":1,"
                                     "\"order\":\"random\"}"));
    struct nn_bus bus;

    nn_bus_init(&bus);
    nn_patch_seed(p, 1);
    nn_patch_seed(q, 2);
    for (int i = 0; i < 60; i++) {
        int a = go(p, &bus, 1.005), b = go(q, &bus, 1.005);
        CHECK(!i || a != last);             /* never the same one again */
        last = a;
        seen[0][a]++;
        seen[1][b]++;
        differ += a != b;
    }
    for (int i = 0; i < 3; i++)
        CHECK(seen[0][i] > 8 && seen[1][i] > 8);
    CHECK(differ > 10);
    nn_patch_free(p);
    nn_patch_free(q);
}

static void paint(struct nn_image *img)
{
    for (size_t i = 0; i < nn_image_size(img); i++)
        img->px[i] = (uint8_t)(i * 2654435761u >> 24);
}

/* The middle of a fade is half the light of each scene's picture. */
static void test_picture(void)
{
    struct nn_patch *p = must("{\"name\":\"t\",\"scenes\":["
        "{\"name\":\"a\",\"chain\":[{\"effect\":\"saturation\",\"params\":{\"amount\":1}}]},"
        "{\"name\":\"b\",\"chain\":[{\"effect\":\"collapse\",\"params\":{\"amount\":1}}]}]}");
    struct nn_fade fade[3] = { { 0, 0, 1 }, { 1, 1, 1 }, { 1, 0, 0.5f } };
    struct nn_person who = { .presence = 0 };
    float value[NN_MAX_CHAIN][NN_MAX_PARAMS];
    struct nn_image out[4] = { { 0 } };
    struct nn_err err = { 0 };
    struct nn_bus bus;

    nn_bus_init(&bus);
    nn_patch_update(p, &bus, 0);
    for (int i = 0; i < p->count; i++)
        memcpy(value[i], p->link[i].value, sizeof value[i]);
    for (int i = 0; i < 4; i++) {           /* the last: the fade again, on three threads */
        struct nn_pool *pool = i == 3 ? nn_pool_new(3, &err) : NULL;
        struct nn_scenes *s = nn_scenes_new(p, 61, 47, 1, pool, &err);
        CHECK(s != NULL);
        CHECK_OK(nn_image_init(&out[i], 61, 47, 3, &err), &err);
        paint(&out[i]);
        nn_scenes_run(s, value, fade[i < 3 ? i : 2], &who, &out[i], 0);
        nn_scenes_free(s);
        nn_pool_free(pool);
    }
    CHECK(memcmp(out[0].px, out[1].px, nn_image_size(out)) != 0);
    CHECK(memcmp(out[2].px, out[3].px, nn_image_size(out)) == 0);
    for (size_t i = 0; i < nn_image_size(out); i++) {
        double light[3];
        for (int k = 0; k < 3; k++) {
            double v = out[k].px[i] / 255.0;
            light[k] = v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
        }
        double half = (light[0] + light[1]) / 2;
        double want = half <= 0.0031308 ? half * 12.92 : 1.055 * pow(half, 1 / 2.4) - 0.055;
        if (fabs(want * 255 - out[2].px[i]) > 1.01)
            fprintf(stderr, "%zu: %d and %d give %d\n", i, out[0].px[i], out[1].px[i],
                    out[2].px[i]);
        CHECK_NEAR((double)out[2].px[i], want * 255, 1.01);
    }
    for (int i = 0; i < 4; i++)
        nn_image_release(&out[i]);
    nn_patch_free(p);
}

/* A new version goes on where the old one was; another patch does not. */
static void test_adopt(void)
{
#define VERSION(name, more) "{\"name\":\"" name "\",\"signals\":{" more "\"osc.k\":{}," \
    "\"slow\":\"lag(osc.k, 5)\"},\"chain\":[{\"effect\":\"bloom\",\"map\":[{\"param\":" \
    "\"amount\",\"signal\":\"face.joy\",\"attack\":10}]}]}"
    struct nn_patch *old = must(VERSION("t", "")), *new = must(VERSION("t", "\"z\":\"1\",")),
                    *other = must(VERSION("u", ""));
    struct nn_bus bus;

    nn_bus_init(&bus);
    nn_patch_update(old, &bus, 0);
    nn_bus_put(&bus, NN_SIGNALS, nn_patch_signal(old, NN_SIGNALS), 1, 1);
    nn_bus_set(&bus, NN_SIG_EMOTION + NN_HAPPY, 1, 1);
    for (int i = 0; i < 100; i++)
        nn_patch_update(old, &bus, 0.05);
    float amount = old->link[0].value[0], slow = bus.value[NN_SIGNALS + 1];
    CHECK(amount > 0.3f && amount < 0.5f && slow > 0.5f && slow < 0.7f);
    old->link[0].held[1] = 1;
    old->link[0].hand[1] = 0.9f;
    nn_patch_adopt(new, old, &bus);
    nn_patch_update(new, &bus, 0);
    CHECK_NEAR((double)new->link[0].value[0], (double)amount, 1e-6);
    CHECK_NEAR((double)new->link[0].value[1], 0.9, 1e-6);
    CHECK_NEAR((double)bus.value[NN_SIGNALS + 1], 1, 0);        /* osc.k, a place further */
    CHECK_NEAR((double)bus.value[NN_SIGNALS + 2], (double)slow, 1e-6);
    nn_patch_adopt(other, new, &bus);
    nn_patch_update(other, &bus, 0);
    CHECK_NEAR((double)other->link[0].value[0], 1, 1e-6);       /* settled anew */
    CHECK(other->link[0].value[1] < 0.9f);
    CHECK_NEAR((double)bus.value[NN_SIGNALS], 1, 0);
    nn_patch_free(old);
    nn_patch_free(new);
    nn_patch_free(other);
}

static void test_pulse(void)
{
    struct nn_bus bus;

    nn_bus_init(&bus);
    nn_bus_pulse(&bus, 10);
    CHECK(bus.value[NN_SIG_PULSE_BEAT] == 0);                   /* nobody's heart */
    nn_bus_set(&bus, NN_SIG_PULSE_BPM, 60, 0);
    for (int i = 0; i < 25; i++)
        nn_bus_pulse(&bus, 0.01);
    CHECK_NEAR((double)bus.value[NN_SIG_PULSE_PHASE], 0.25, 1e-4);
    CHECK_NEAR((double)bus.value[NN_SIG_PULSE_BEAT], 0.5625, 1e-3);
    nn_bus_set(&bus, NN_SIG_PULSE_PHASE, 0.9f, 1);              /* fed: no longer run by the rate */
    nn_bus_pulse(&bus, 0.5);
    CHECK_NEAR((double)bus.value[NN_SIG_PULSE_PHASE], 0.9, 1e-6);
    CHECK_NEAR((double)bus.value[NN_SIG_PULSE_BEAT], 0.01, 1e-4);
}

int main(void)
{
    test_errors();
    test_signals();
    test_combine();
    test_points();
    test_changes();
    test_random();
    test_picture();
    test_adopt();
    test_pulse();
    return test_done();
}
