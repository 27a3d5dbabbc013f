/* Signals and patches: what a patch may say, and how it moves. */
#include <glob.h>

#include "runtime/face/track.h"
#include "runtime/signals/patch.h"
#include "tests/test.h"

static struct nn_patch *parse(const char *text, struct nn_err *err)
{
    cJSON *root = cJSON_Parse(text);
    struct nn_patch *p = root ? nn_patch_parse(root, err) : NULL;

    CHECK(root != NULL);
    cJSON_Delete(root);
    return p;
}

/* Wrong patches, and words of the message: where, and what there is. */
static void test_errors(void)
{
#define CHAIN(x) "{\"name\":\"t\",\"chain\":[" x "]}"
#define MAP(x) CHAIN("{\"effect\":\"bloom\",\"map\":[" \
                     "{\"param\":\"amount\",\"signal\":\"face.joy\"}," \
                     "{\"param\":\"amount\",\"signal\":\"face.joy\"," x "}]}")
    static const struct { const char *text, *says, *lists; } cases[] = {
        { "[]", "object", "" },
        { "{}", "name is missing", "" },
        { "{\"name\":3,\"chain\":[]}", "name is not a string", "" },
        { "{\"name\":\"t\"}", "chain is not an array", "" },
        { "{\"name\":\"t\",\"chain\":[]}", "chain is not an array of effects", "" },
        { "{\"name\":\"t\",\"chian\":[]}", "chian is unknown", "did you mean \"chain\"" },
        { CHAIN("7"), "chain[0] is not an object", "" },
        { CHAIN("{}"), "chain[0].effect is missing", "" },
        { CHAIN("{\"effect\":\"bloom\"},{\"effect\":\"blom\"}"),
          "chain[1].effect: no effect \"blom\"; did you mean \"bloom\"", "" },
        { CHAIN("{\"effect\":\"bloom\",\"maps\":[]}"), "chain[0].maps is unknown", "map" },
        { CHAIN("{\"effect\":\"bloom\",\"params\":[]}"), "chain[0].params is not an object", "" },
        { CHAIN("{\"effect\":\"bloom\",\"params\":{\"rate\":1}}"),
          "chain[0].params.rate: bloom has no parameter \"rate\"", "threshold" },
        { CHAIN("{\"effect\":\"bloom\",\"params\":{\"tint\":\"1\"}}"),
          "chain[0].params.tint is not a number", "" },
        { CHAIN("{\"effect\":\"bloom\",\"params\":{\"tint\":1.5}}"),
          "chain[0].params.tint: 1.5 is not in tint's 0 to 1", "" },
        { CHAIN("{\"effect\":\"bloom\",\"map\":{}}"), "chain[0].map is not an array", "" },
        { CHAIN("{\"effect\":\"bloom\",\"map\":[true]}"), "chain[0].map[0] is not an object", "" },
        { CHAIN("{\"effect\":\"bloom\",\"map\":[{\"param\":\"amount\",\"signal\":\"face.jo\"}]}"),
          "chain[0].map[0].signal: no signal \"face.jo\"", "did you mean \"face.joy\"" },
        { CHAIN("{\"effect\":\"bloom\",\"map\":[{\"param\":\"x\",\"signal\":\"face.joy\"}]}"),
          "chain[0].map[0].param: bloom has no parameter \"x\"", "amount" },
        { CHAIN("{\"effect\":\"bloom\",\"map\":[{\"param\":\"amount\"}]}"),
          "chain[0].map[0].signal is missing", "" },
        { MAP("\"range\":[0,2]"), "chain[0].map[1].range: 2 is not in amount's 0 to 1", "" },
        { MAP("\"range\":[0]"), "chain[0].map[1].range is not an array of two numbers", "" },
        { MAP("\"range\":[0,\"1\"]"), "chain[0].map[1].range is not an array of two numbers", "" },
        { MAP("\"from\":[0.3,0.3]"), "chain[0].map[1].from: its two values must differ", "" },
        { MAP("\"curve\":\"wavy\""), "chain[0].map[1].curve: no curve \"wavy\"", "smooth" },
        { MAP("\"curve\":1"), "chain[0].map[1].curve is not a string", "" },
        { MAP("\"attack\":-1"), "chain[0].map[1].attack: -1 is not in 0 to 60", "" },
        { MAP("\"release\":\"slow\""), "chain[0].map[1].release is not a number", "" },
        { MAP("\"threshold\":2"), "chain[0].map[1].threshold: 2 is not in 0 to 1", "" },
        { MAP("\"hold\":1"), "chain[0].map[1]: hysteresis and hold need a threshold", "" },
        { MAP("\"treshold\":1"), "chain[0].map[1].treshold is unknown", "threshold" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct nn_err err = { 0 };
        struct nn_patch *p = parse(cases[i].text, &err);
        CHECK(p == NULL);
        CHECK(err.code == NN_EFORMAT);
        if (!strstr(err.msg, cases[i].says) || !strstr(err.msg, cases[i].lists)) {
            fprintf(stderr, "case %zu: \"%s\" lacks \"%s\"\n", i, err.msg, cases[i].says);
            CHECK(!"message");
        }
        nn_patch_free(p);
    }
}

static void test_ours(void)
{
    glob_t all;
    int shown[64] = { 0 };

    CHECK(!glob("runtime/patches/*.json", 0, NULL, &all) && all.gl_pathc >= 17);
    for (size_t i = 0; i < all.gl_pathc; i++) {
        struct nn_err err = { 0 };
        struct nn_patch *p = nn_patch_load(all.gl_pathv[i], &err);
        char name[NN_PATH];
        if (!p)
            fprintf(stderr, "%s\n", err.msg);
        CHECK(p && *p->description);
        snprintf(name, sizeof name, "runtime/patches/%s.json", p ? p->name : "");
        CHECK(!strcmp(name, all.gl_pathv[i]));
        for (int k = 0; p && k < p->count; k++)
            for (int e = 0; nn_effects[e]; e++)
                shown[e] |= p->link[k].effect == nn_effects[e];
        nn_patch_free(p);
    }
    globfree(&all);
    for (int e = 0; nn_effects[e]; e++)     /* but disguise and a picture of yours */
        CHECK(shown[e] || !strcmp(nn_effects[e]->name, "overlay") ||
              !strcmp(nn_effects[e]->name, "pixelate") || !strcmp(nn_effects[e]->name, "morph"));
    struct nn_err err = { 0 };
    CHECK(nn_patch_load("no-such-patch", &err) == NULL);
    CHECK(err.code == NN_ENOTFOUND && strstr(err.msg, "no-such-patch"));
}

static float run(struct nn_patch *p, struct nn_bus *bus, float joy, double seconds)
{
    for (double t = 0; t < seconds - 1e-9; t += 0.01) {
        nn_bus_set(bus, NN_SIG_EMOTION + NN_HAPPY, joy, t);
        nn_patch_update(p, bus, 0.01);
    }
    return p->link[0].value[0];
}

static struct nn_patch *one(const char *map)
{
    char text[400];
    struct nn_err err = { 0 };

    snprintf(text, sizeof text, CHAIN("{\"effect\":\"bloom\",\"map\":[{\"param\":\"amount\","
             "\"signal\":\"face.joy\",%s}]}"), map);
    struct nn_patch *p = parse(text, &err);
    CHECK(p != NULL);
    return p;
}

static void test_curves(void)
{
    static const struct { const char *map; float joy; double want; } cases[] = {
        { "\"attack\":0", 0.3f, 0.3 },
        { "\"attack\":0,\"from\":[0.2,0.8]", 0.1f, 0 },
        { "\"attack\":0,\"from\":[0.2,0.8]", 0.5f, 0.5 },
        { "\"attack\":0,\"from\":[0.2,0.8]", 0.9f, 1 },
        { "\"attack\":0,\"from\":[0.8,0.2]", 0.9f, 0 },
        { "\"attack\":0,\"from\":[0.8,0.2]", 0.35f, 0.75 },
        { "\"attack\":0,\"range\":[0.4,0.1]", 0.5f, 0.25 },
        { "\"attack\":0,\"curve\":\"smooth\"", 0.25f, 0.15625 },
        { "\"attack\":0,\"curve\":\"square\"", 0.5f, 0.25 },
        { "\"attack\":0,\"curve\":\"root\"", 0.25f, 0.5 },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct nn_patch *p = one(cases[i].map);
        struct nn_bus bus;
        nn_bus_init(&bus);
        CHECK_NEAR((double)run(p, &bus, cases[i].joy, 0.05), cases[i].want, 1e-5);
        nn_patch_free(p);
    }
}

static void test_attack_release(void)
{
    struct nn_patch *p = one("\"attack\":0.2,\"release\":1");
    struct nn_bus bus;

    nn_bus_init(&bus);
    CHECK_NEAR((double)run(p, &bus, 0, 0.1), 0, 1e-6);
    CHECK_NEAR((double)run(p, &bus, 1, 0.2), 1 - exp(-1), 1e-3);    /* a time constant on */
    CHECK_NEAR((double)run(p, &bus, 1, 5), 1, 1e-3);
    CHECK_NEAR((double)run(p, &bus, 0, 1), exp(-1), 1e-3);
    CHECK((double)run(p, &bus, 0, 20) == 0);                        /* and truly rests at last */
    nn_patch_free(p);
}

static void test_gate(void)
{
    struct nn_patch *p = one("\"attack\":0,\"release\":0,\"threshold\":0.5,\"hysteresis\":0.2,"
                             "\"hold\":0.5");
    struct nn_bus bus;

    nn_bus_init(&bus);
    CHECK_NEAR((double)run(p, &bus, 0.45f, 0.1), 0, 1e-6);      /* not reached */
    CHECK_NEAR((double)run(p, &bus, 0.6f, 0.1), 0.6, 1e-6);     /* open */
    CHECK_NEAR((double)run(p, &bus, 0.1f, 0.2), 0.1, 1e-6);     /* held open */
    CHECK_NEAR((double)run(p, &bus, 0.1f, 0.5), 0, 1e-6);       /* hold is over */
    CHECK_NEAR((double)run(p, &bus, 0.6f, 1), 0.6, 1e-6);
    CHECK_NEAR((double)run(p, &bus, 0.35f, 1), 0.35, 1e-6);     /* within the hysteresis */
    CHECK_NEAR((double)run(p, &bus, 0.25f, 0.1), 0, 1e-6);
    nn_patch_free(p);
}

/* Several links of one parameter: the largest counts. */
static void test_largest(void)
{
    struct nn_err err = { 0 };
    struct nn_patch *p = parse(CHAIN(
        "{\"effect\":\"bloom\",\"params\":{\"amount\":0.9},\"map\":["
        "{\"param\":\"amount\",\"signal\":\"face.joy\",\"attack\":0,\"release\":0},"
        "{\"param\":\"amount\",\"signal\":\"face.fear\",\"attack\":0,\"release\":0}]}"), &err);
    struct nn_bus bus;

    nn_bus_init(&bus);
    nn_bus_set(&bus, NN_SIG_EMOTION + NN_FEAR, 0.3f, 0);
    CHECK(p != NULL);
    if (!p)
        return;
    CHECK(p->link[0].value[0] > 0.89f);
    CHECK_NEAR((double)run(p, &bus, 0.2f, 0.02), 0.3, 1e-6);
    CHECK_NEAR((double)run(p, &bus, 0.7f, 0.02), 0.7, 1e-6);
    nn_patch_free(p);
}

static void test_bus(void)
{
    struct nn_bus bus;

    nn_bus_init(&bus);
    for (int s = 0; s < NN_SIGNALS; s++) {
        const struct nn_signal_info *info = nn_signal_info(s);
        CHECK(info->name && info->brief && info->min < info->max);
        CHECK(info->name && nn_signal_find(info->name) == s);
        nn_bus_set(&bus, s, 1e9f, 2);
        CHECK(bus.value[s] == info->max && bus.time[s] == 2);
        nn_bus_set(&bus, s, NAN, 3);
        CHECK(bus.value[s] == info->max);
    }
    for (int e = 0; e < NN_EMOTIONS; e++) {
        char name[40];
        snprintf(name, sizeof name, "face.%s", nn_emotions[e].signal);
        CHECK(nn_signal_find(name) == NN_SIG_EMOTION + e);
    }
    CHECK(nn_signal_find("face") == -1);
}

static void test_log(void)
{
    struct nn_signal_log log = { 0 };
    struct nn_err err = { 0 };
    struct nn_bus bus;
    char dir[256], path[300], *text;
    size_t size = 0;

    nn_bus_init(&bus);
    snprintf(path, sizeof path, "%s/s.csv", test_scratch(dir, sizeof dir));
    CHECK_OK(nn_signal_log_open(&log, path, NULL, &err), &err);
    nn_signal_log_row(&log, &bus, 0, 0.5);
    CHECK(!nn_exists(path));                    /* nothing is there before it is whole */
    CHECK_OK(nn_signal_log_close(&log, &err), &err);
    text = nn_file_read(path, 10000, &size, &err);
    CHECK(text && !strncmp(text, "frame,seconds,face.present,", 27) &&
          strstr(text, "\n0,0.500000,0,0,0.5,"));
    free(text);
    unlink(path);
    rmdir(dir);
}

/* Identity: two faces that move stay who they are; a cut makes new ones. */
static void test_tracks(void)
{
    struct nn_tracker t;
    int of[NN_MAX_FACES];
    float joy[NN_EMOTIONS] = { [NN_HAPPY] = 1 }, bright[2] = { .8f, -.3f };

    nn_tracker_init(&t);
    for (int n = 0; n < 30; n++) {
        float x = 3 * (float)n;
        struct nn_face f[2] = { { .box = { 100 + x, 100, 80, 80 }, .score = 1 },
                                { .box = { 400 - x, 110, 60, 60 }, .score = 1 } };
        if (n % 2) {                            /* the order must not matter */
            struct nn_face first = f[0];
            f[0] = f[1];
            f[1] = first;
        }
        nn_tracker_update(&t, f, 2, n ? 1 / 25.0 : 0, of);
        nn_track_feel(&t.track[of[n % 2]], joy, bright, 0.5f, 1 / 25.0);
        CHECK(t.count == 2 && t.track[of[n % 2]].id == 1 && t.track[of[!(n % 2)]].id == 2);
    }
    const struct nn_track *lead = nn_tracker_lead(&t);
    CHECK(lead && lead->id == 1 && lead->presence > 0.9f);
    CHECK(lead && fabsf(lead->box.x - 187) < 12);
    CHECK(lead && lead->mood[NN_HAPPY] > 0.999f);
    CHECK(lead && fabsf(lead->affect[0] - .8f) < 1e-3f && fabsf(lead->affect[1] + .3f) < 1e-3f);
    nn_tracker_update(&t, NULL, 0, 1 / 25.0, of);   /* a blink of the detector */
    CHECK(t.count == 2);
    for (int n = 0; n < 25; n++)
        nn_tracker_update(&t, NULL, 0, 1 / 25.0, of);
    CHECK(t.count == 0 && nn_tracker_lead(&t) == NULL);
    nn_tracker_cut(&t);
    struct nn_face again = { .box = { 187, 100, 80, 80 }, .score = 1 };
    nn_tracker_update(&t, &again, 1, 1 / 25.0, of);
    CHECK(t.track[of[0]].id == 3);
    CHECK(nn_tracker_lead(&t) == NULL);         /* once is not yet a face */
}

int main(void)
{
    test_errors();
    test_ours();
    test_curves();
    test_attack_release();
    test_gate();
    test_largest();
    test_bus();
    test_log();
    test_tracks();
    return test_done();
}
