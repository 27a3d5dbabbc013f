/* The plug-ins as a rude host uses them: no multiple of 8, many instances, threads, seeking. */
#include <dirent.h>
#include <dlfcn.h>
#include <pthread.h>

#include "common/rng.h"
#include "tests/test.h"

enum { FRAMES = 8, W = 101, H = 67, MOST = 40 };

struct plugin {
    char path[512];
    void *so, *(*construct)(unsigned, unsigned);
    void (*destruct)(void *), (*update)(void *, double, const uint32_t *, uint32_t *);
    void (*set)(void *, void *, int), (*get)(void *, void *, int);
};

/* ISO C has no way from an object pointer to a function pointer but through bytes. */
static void find(void *so, const char *name, void *to)
{
    void *at = dlsym(so, name);

    CHECK(at != NULL);
    memcpy(to, &at, sizeof at);
}

static int load(struct plugin *p)
{
    int (*init)(void);

    if (!(p->so = dlopen(p->path, RTLD_NOW | RTLD_LOCAL))) {
        fprintf(stderr, "%s\n", dlerror());
        return -1;
    }
    find(p->so, "f0r_init", &init);
    find(p->so, "f0r_construct", &p->construct);
    find(p->so, "f0r_destruct", &p->destruct);
    find(p->so, "f0r_update", &p->update);
    find(p->so, "f0r_set_param_value", &p->set);
    find(p->so, "f0r_get_param_value", &p->get);
    return init() > 0 ? 0 : -1;
}

static void paint(uint32_t *px, int n)
{
    struct nn_rng r;

    nn_rng_seed(&r, 3, (uint64_t)n);
    for (int i = 0; i < W * H; i++)
        px[i] = nn_rng_below(&r, 64) | (uint32_t)((i % W + n) / 9 % 3 * 90) << 8 |
                (uint32_t)(i / W * 3) << 16 | (uint32_t)(i % 256) << 24;
}

struct job {
    const struct plugin *p;
    double amount, rate;        /* rate: of the host's clock, 1 seconds, 1000 milliseconds */
    uint64_t hash;
    int alphas;                 /* that changed */
};

static void *play(void *arg)
{
    static const uint32_t guard = 0xdeadbeef;
    struct job *j = arg;
    uint32_t *in = malloc(W * H * 4), *out = malloc((W * H + 1) * 4);
    void *fx = j->p->construct(W, H);

    j->hash = 14695981039346656037u;
    CHECK(fx && in && out);
    j->p->set(fx, &j->amount, 0);
    for (int n = 0; n < FRAMES && fx && in && out; n++) {
        paint(in, n);
        out[W * H] = guard;
        j->p->update(fx, n / 25.0 * j->rate, in, out);
        CHECK(out[W * H] == guard);
        for (int i = 0; i < W * H; i++) {
            j->hash = (j->hash ^ out[i]) * 1099511628211u;
            j->alphas += out[i] >> 24 != in[i] >> 24;
        }
    }
    j->p->destruct(fx);
    free(in);
    free(out);
    return NULL;
}

static struct job once(const struct plugin *p, double amount, double rate)
{
    struct job j = { .p = p, .amount = amount, .rate = rate };

    play(&j);
    return j;
}

/* Four at once on threads of their own give what each gives alone. */
static void test_threads(const struct plugin *p)
{
    struct job j[4], want[2] = { once(p, 1, 1), once(p, 0.5, 1) };
    pthread_t t[4];

    for (int i = 0; i < 4; i++) {
        j[i] = (struct job){ .p = p, .amount = i % 2 ? 0.5 : 1, .rate = 1 };
        CHECK(pthread_create(&t[i], NULL, play, &j[i]) == 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(t[i], NULL);
        CHECK(j[i].hash == want[i % 2].hash);
        CHECK(j[i].alphas == 0);
    }
}

static void test_rude(const struct plugin *p)
{
    static const double odd[] = { -1, 2, NAN, INFINITY, 0.5 };
    uint32_t px[3 * 5] = { 0 };
    double v, nan = NAN;
    void *fx;

    CHECK(p->construct(0, 8) == NULL);
    CHECK(p->construct(8, 4000000000u) == NULL);
    p->destruct(NULL);
    CHECK((fx = p->construct(3, 5)) != NULL);
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        v = odd[i];
        p->set(fx, &v, 0);
        p->get(fx, &v, 0);
        CHECK(v >= 0 && v <= 1);
        p->set(fx, &v, 99);
        p->update(fx, odd[i] * 1e9, px, px);    /* in place, and any time of day */
    }
    p->update(fx, nan, px, px);
    p->destruct(fx);
}

int main(void)
{
    const char *b = getenv("B");
    char dir[256];
    DIR *d;
    struct dirent *e;
    int count = 0;

    snprintf(dir, sizeof dir, "%s/frei0r-1", b ? b : "build");
    if (!(d = opendir(dir)))
        SKIP("no plug-ins are built");
    while ((e = readdir(d)) && count < MOST) {
        struct plugin p = { .so = NULL };
        if (strncmp(e->d_name, "neonnoir_", 9))
            continue;
        snprintf(p.path, sizeof p.path, "%s/%s", dir, e->d_name);
        CHECK(load(&p) == 0);
        if (!p.so)
            continue;
        count++;
        test_threads(&p);
        test_rude(&p);
        CHECK(once(&p, 0, 1).hash == once(&p, 0, 1000).hash);
        CHECK(once(&p, 1, 1).hash == once(&p, 1, 1000).hash);  /* seconds or milliseconds */
    }
    closedir(d);
    CHECK(count >= 6);
    return test_done();
}
