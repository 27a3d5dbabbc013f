/* OSC: addresses, what comes in by liblo and by its bytes, floods, and what goes out. */
#include <arpa/inet.h>
#include <lo/lo.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "common/progress.h"
#include "runtime/signals/osc.h"
#include "tests/test.h"

static struct nn_patch *make_patch(void)
{
    cJSON *root = cJSON_Parse(
        "{\"name\":\"t\",\"signals\":{\"osc.a.b\":{\"range\":[-1,1]},\"d\":\"osc.a.b * 0.5\"},"
        "\"scenes\":[{\"name\":\"one\",\"chain\":[{\"effect\":\"bloom\",\"map\":[{\"param\":"
        "\"amount\",\"signal\":\"face.joy\",\"attack\":0,\"release\":0}]}]},"
        "{\"name\":\"two\",\"chain\":[{\"effect\":\"glitch\"},{\"effect\":\"bloom\"}]}]}");
    struct nn_err err = { 0 };
    struct nn_patch *p = nn_patch_parse(root, &err);

    cJSON_Delete(root);
    CHECK(p != NULL);
    return p;
}

static struct nn_control number(const char *address, float v)
{
    struct nn_control c = { .kind = NN_CONTROL_NUMBER, .value = v };

    snprintf(c.address, sizeof c.address, "%s", address);
    return c;
}

static struct nn_control word(const char *address, const char *text)
{
    struct nn_control c = { .kind = text ? NN_CONTROL_TEXT : NN_CONTROL_NONE };

    snprintf(c.address, sizeof c.address, "%s", address);
    snprintf(c.text, sizeof c.text, "%s", text ? text : "");
    return c;
}

static void test_control(void)
{
    struct nn_patch *p = make_patch();
    struct nn_bus bus;
#define ASK(c) nn_control_apply((struct nn_control[]){ c }, p, &bus, 1)

    nn_bus_init(&bus);
    CHECK(ASK(number("/neonnoir/signal/pulse/bpm", 72)) == NN_ASKED_DONE);
    CHECK(bus.value[NN_SIG_PULSE_BPM] == 72 && bus.time[NN_SIG_PULSE_BPM] == 1);
    CHECK(ASK(number("/neonnoir/signal/osc/a/b", -9)) == NN_ASKED_DONE);
    CHECK(bus.value[NN_SIGNALS] == -1);                             /* its range */
    CHECK(ASK(number("/neonnoir/signal/d", 1)) == NN_ASKED_NOTHING);        /* derived */
    CHECK(ASK(number("/neonnoir/signal/face/joy", 1)) == NN_ASKED_NOTHING); /* seen */
    CHECK(ASK(word("/neonnoir/signal/pulse/bpm", "x")) == NN_ASKED_NOTHING);

    nn_patch_update(p, &bus, 0);
    CHECK(p->link[0].value[0] == 0);
    CHECK(ASK(number("/neonnoir/chain/0/bloom/amount", 0.7f)) == NN_ASKED_DONE);
    nn_bus_set(&bus, NN_SIG_EMOTION + NN_HAPPY, 0.2f, 2);
    nn_patch_update(p, &bus, 0.04);
    CHECK_NEAR((double)p->link[0].value[0], 0.7, 1e-6);             /* whatever joy does */
    CHECK(ASK(word("/neonnoir/chain/0/bloom/amount", NULL)) == NN_ASKED_DONE);
    nn_patch_update(p, &bus, 0.04);
    CHECK_NEAR((double)p->link[0].value[0], 0.2, 1e-6);             /* released */
    CHECK(ASK(number("/neonnoir/chain/2/bloom/amount", 99)) == NN_ASKED_DONE);
    nn_patch_update(p, &bus, 0.04);
    CHECK(p->link[2].value[0] == 1);                                /* the limit */
    CHECK(ASK(number("/neonnoir/release", 0)) == NN_ASKED_DONE && p->link[2].held[0]);
    CHECK(ASK(number("/neonnoir/release", 1)) == NN_ASKED_DONE && !p->link[2].held[0]);

    CHECK(ASK(number("/neonnoir/scene", 1)) == NN_ASKED_DONE && p->change.now == 1);
    CHECK(ASK(word("/neonnoir/scene", "one")) == NN_ASKED_DONE && p->change.now == 0);
    CHECK(ASK(number("/neonnoir/scene/next", 1)) == NN_ASKED_DONE && p->change.now == 1);
    CHECK(ASK(word("/neonnoir/patch", "rage")) == NN_ASKED_PATCH);
    CHECK(ASK(word("/neonnoir/patch/next", NULL)) == NN_ASKED_NEXT);
    CHECK(ASK(number("/neonnoir/patch/previous", 1)) == NN_ASKED_PREVIOUS);
    static const char *const bad[] = { "", "/", "/neonnoir/", "/neonnoir/chain/",
        "/neonnoir/chain/9/bloom/amount", "/neonnoir/chain/-1/bloom/amount",
        "/neonnoir/chain/0/glitch/amount",
        "/neonnoir/chain/0/bloom/", "/neonnoir/chain/99999999999999999999/bloom/amount",
        "/neonnoir/scenes", "/other/scene" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(ASK(number(bad[i], 1)) == NN_ASKED_NOTHING);
    CHECK(ASK(number("/neonnoir/scene", 2)) == NN_ASKED_NOTHING);
    CHECK(ASK(number("/neonnoir/scene", -1)) == NN_ASKED_NOTHING);
    CHECK(ASK(word("/neonnoir/scene", "three")) == NN_ASKED_NOTHING);
    nn_patch_free(p);
}

static void nap(double seconds)
{
    nanosleep(&(struct timespec){ 0, (long)(seconds * 1e9) }, NULL);
}

/* Takes until `want` messages have come, for two seconds at most. */
static int take(struct nn_osc_in *o, struct nn_control *out, int64_t want)
{
    for (double end = nn_now() + 2; nn_osc_in_stats(o).messages < want && nn_now() < end;)
        nap(0.002);
    return nn_osc_in_take(o, out);
}

static void test_in(void)
{
    static struct nn_control c[NN_OSC_BOX];
    struct nn_err err = { 0 };
    struct nn_osc_in *o = nn_osc_in_open(0, &err);
    char port[16];
    lo_address to;

    CHECK(o != NULL);
    if (!o)
        return;
    snprintf(port, sizeof port, "%d", nn_osc_in_port(o));
    to = lo_address_new("127.0.0.1", port);
    lo_send(to, "/neonnoir/a", "f", 0.25);
    lo_send(to, "/neonnoir/b", "i", 3);
    lo_send(to, "/neonnoir/c", "s", "rage");
    lo_send(to, "/neonnoir/d", "");
    lo_send(to, "/neonnoir/e", "d", 0.5);
    lo_send(to, "/neonnoir/f", "T");
    lo_send(to, "/neonnoir/g", "f", (double)NAN);       /* refused, as are these */
    lo_send(to, "/other/h", "f", 1.0);
    lo_send(to, "/neonnoir/i", "c", 'x');
    lo_send(to, "/neonnoir/a", "f", 0.75);              /* the newest wins, and comes last */
    int n = take(o, c, 10);
    CHECK(n == 6 && nn_osc_in_stats(o).foreign == 3);
    CHECK(!strcmp(c[0].address, "/neonnoir/b") && c[0].value == 3);
    CHECK(c[1].kind == NN_CONTROL_TEXT && !strcmp(c[1].text, "rage"));
    CHECK(c[2].kind == NN_CONTROL_NONE && c[3].value == 0.5f && c[4].value == 1);
    CHECK(!strcmp(c[5].address, "/neonnoir/a") && c[5].value == 0.75f);
    CHECK(take(o, c, 10) == 0);

    lo_bundle b = lo_bundle_new((lo_timetag){ 0xffffffff, 0 });     /* in 2036: not waited for */
    lo_message m = lo_message_new();
    lo_message_add_float(m, 0.5f);
    lo_bundle_add_message(b, "/neonnoir/late", m);
    lo_send_bundle(to, b);
    lo_bundle_free_recursive(b);
    CHECK(take(o, c, 11) == 1 && c[0].value == 0.5f);

    struct nn_err busy = { 0 };
    CHECK(nn_osc_in_open(nn_osc_in_port(o), &busy) == NULL && strstr(busy.msg, port));
    lo_address_free(to);
    nn_osc_in_close(o);
}

struct flood {
    struct nn_osc_in *o;
    atomic_int quit;
    int64_t sent;
};

static void *flood(void *arg)
{
    struct flood *f = arg;
    lo_address to;
    char port[16], address[64];

    snprintf(port, sizeof port, "%d", nn_osc_in_port(f->o));
    to = lo_address_new("127.0.0.1", port);
    for (; !atomic_load(&f->quit); f->sent++) {
        snprintf(address, sizeof address, "/neonnoir/x%d", (int)(f->sent % 3000));
        lo_send(to, address, "f", 0.5);
    }
    lo_address_free(to);
    return NULL;
}

/* As fast as it goes, for half a second: the renderer takes as ever, nothing grows. */
static void test_flood(void)
{
    static struct nn_control c[NN_OSC_BOX];
    struct nn_err err = { 0 };
    struct flood f = { .o = nn_osc_in_open(0, &err) };
    double longest = 0, start = nn_now();
    pthread_t thread;
    int frames = 0;

    CHECK(f.o != NULL && !pthread_create(&thread, NULL, flood, &f));
    nap(0.05);
    size_t before = mallinfo2().uordblks;
    while (nn_now() - start < 0.5) {
        double t0 = nn_now();
        int n = nn_osc_in_take(f.o, c);
        longest = fmax(longest, nn_now() - t0);
        CHECK(n >= 0 && n <= NN_OSC_BOX);
        frames++;
        nap(0.01);
    }
    size_t after = mallinfo2().uordblks;
    atomic_store(&f.quit, 1);
    pthread_join(thread, NULL);
    struct nn_osc_stats s = nn_osc_in_stats(f.o);
    printf("flood: %lld messages came in half a second, %lld forgotten, longest take %.3f ms\n",
           (long long)s.messages, (long long)s.forgotten, longest * 1e3);
    CHECK(s.messages > 1000);
    CHECK(longest < 0.1);                   /* a busy machine may take the core away */
    CHECK(after < before + (1 << 20));
    nn_osc_in_close(f.o);
}

/* Garbage leaves no trace but a count. */
static void test_garbage(void)
{
    static struct nn_control c[NN_OSC_BOX];
    static const struct { const char *bytes; size_t n; } cases[] = {
        { "", 0 }, { "/", 1 }, { "#bundle", 8 }, { "/neonnoir/a\0,f\0\0", 16 },
        { "/neonnoir/a\0,s\0\0abc", 19 }, { "#bundle\0\0\0\0\0\0\0\0\1\0\0\0\377xxxx", 24 },
        { "#bundle\0\0\0\0\0\0\0\0\1\377\377\377\377", 20 }, { "\377\377\377\377", 4 },
        { "/neonnoir/a\0,b\0\0\177\377\377\377", 20 },
    };
    struct nn_err err = { 0 };
    struct nn_osc_in *o = nn_osc_in_open(0, &err);

    CHECK(o != NULL);
    for (size_t i = 0; o && i < sizeof cases / sizeof *cases; i++)
        nn_osc_in_feed(o, cases[i].bytes, cases[i].n);
    CHECK(o && nn_osc_in_take(o, c) == 0);
    nn_osc_in_close(o);
}

struct heard {
    int count;
    float joy, amount;
    int scene;
    char patch[64];
};

static int hear(const char *path, const char *types, lo_arg **argv, int argc, lo_message msg,
                void *user)
{
    struct heard *h = user;

    (void)msg;
    CHECK(argc == 1);
    h->count++;
    if (!strcmp(path, "/neonnoir/signal/face/joy") && *types == 'f')
        h->joy = argv[0]->f;
    if (!strcmp(path, "/neonnoir/chain/2/bloom/amount") && *types == 'f')
        h->amount = argv[0]->f;
    if (!strcmp(path, "/neonnoir/scene") && *types == 'i')
        h->scene = argv[0]->i;
    if (!strcmp(path, "/neonnoir/patch") && *types == 's')
        snprintf(h->patch, sizeof h->patch, "%s", &argv[0]->s);
    return 0;
}

/* liblo reads what we send. */
static void test_out(void)
{
    lo_server server = lo_server_new(NULL, NULL);
    struct nn_patch *p = make_patch();
    struct heard h = { 0 };
    struct nn_err err = { 0 };
    char to[32];
    struct nn_bus bus;
    float value[NN_MAX_CHAIN][NN_MAX_PARAMS] = { [2] = { 0.625f } };
    int all = 2 + NN_SIGNALS + p->owns;

    nn_bus_init(&bus);
    nn_bus_set(&bus, NN_SIG_EMOTION + NN_HAPPY, 0.375f, 0);
    for (int i = 0; i < p->count; i++)
        all += nn_effect_params(p->link[i].effect);
    nn_patch_go(p, 1);
    lo_server_add_method(server, NULL, NULL, hear, &h);
    lo_server_enable_queue(server, 0, 1);
    snprintf(to, sizeof to, "127.0.0.1:%d", lo_server_get_port(server));
    struct nn_osc_out *o = nn_osc_out_open(to, &err);
    CHECK(o != NULL);
    for (int i = 0; o && i < 2; i++) {          /* the patch's name not again after 40 ms */
        nn_osc_out_frame(o, p, &bus, value, i * 0.04);
        while (lo_server_recv_noblock(server, 100) > 0)
            ;
    }
    CHECK(h.count == 2 * all - 1);
    CHECK(h.joy == 0.375f && h.amount == 0.625f && h.scene == 1 && !strcmp(h.patch, "t"));
    nn_osc_out_close(o);
    lo_server_free(server);
    nn_patch_free(p);

    static const char *const bad[] = { "", "x", "host:", "host:0", "host:99999", "host:9x", ":-1" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct nn_err why = { 0 };
        CHECK(nn_osc_out_open(bad[i], &why) == NULL && strstr(why.msg, "HOST:PORT"));
    }
}

int main(void)
{
    test_control();
    test_in();
    test_flood();
    test_garbage();
    test_out();
    return test_done();
}
