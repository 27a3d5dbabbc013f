/*
 * frei0r.c - one effect as a frei0r filter (frei0r.h 1.2), for ffmpeg, melt, Kdenlive, Shotcut.
 *
 * Compiled once for each effect with -DNN_FX=fx_NAME; exports the calls of frei0r.h and nothing
 * else. Parameters are the effect's, 0..1 over their ranges, and a "file" for effects that open
 * one. There is no face in here: what a patch would move, the host's key frames move. Instances
 * share nothing but a pool of threads, which whoever comes first uses.
 */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <frei0r.h>

#include "common/log.h"
#include "runtime/effects/chain.h"

#define EXPORT __attribute__((visibility("default")))
#define FX (&NN_FX)

extern const struct nn_effect_type NN_FX;

/* Hosts that play one frame in four seconds are fewer than hosts that count milliseconds, as
 * ffmpeg does, where frei0r.h asks for seconds. */
static const double NOT_SECONDS = 4, LONGEST = 0.25;

struct instance {
    struct nn_chain *chain;         /* NULL: not made yet, or the file cannot be used */
    int w, h, stale;                /* stale: `file` is another one now */
    char *file;
    double value[NN_MAX_PARAMS];    /* 0..1, as the host knows them */
    int64_t frames;
    double host, t;                 /* time of the last frame: the host's, and ours in seconds */
    int in_ms;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct nn_pool *pool;
static int instances;

EXPORT int f0r_init(void)
{
    return 1;
}

EXPORT void f0r_deinit(void)
{
}

EXPORT void f0r_get_plugin_info(f0r_plugin_info_t *info)
{
    *info = (f0r_plugin_info_t){ .name = FX->name, .author = "Neon Noir",
                                 .plugin_type = F0R_PLUGIN_TYPE_FILTER,
                                 .color_model = F0R_COLOR_MODEL_RGBA8888,
                                 .frei0r_version = FREI0R_MAJOR_VERSION, .major_version = 1,
                                 .num_params = nn_effect_params(FX) + (FX->open != NULL),
                                 .explanation = FX->brief };
}

EXPORT void f0r_get_param_info(f0r_param_info_t *info, int i)
{
    if (i < nn_effect_params(FX))
        *info = (f0r_param_info_t){ FX->param[i].name, F0R_PARAM_DOUBLE, FX->param[i].brief };
    else
        *info = (f0r_param_info_t){ "file", F0R_PARAM_STRING, "the file it works with" };
}

static int make_chain(struct instance *in)
{
    struct nn_slot slot = { FX, in->file };
    struct nn_err err = { 0 };

    nn_chain_free(in->chain);
    in->stale = 0;
    in->frames = 0;
    in->chain = nn_chain_new(&slot, 1, in->w, in->h, 1, pool, &err);
    if (!in->chain)
        nn_warn("neonnoir_%s: %s", FX->name, err.msg);
    return in->chain ? 0 : -1;
}

/* The pool is there while anybody is; without one a frame takes one thread. */
static void join_pool(int one)
{
    struct nn_err err = { 0 };

    pthread_mutex_lock(&lock);
    if (one > 0 && instances == 0)
        pool = nn_pool_new(0, &err);
    instances += one;
    if (instances == 0) {
        nn_pool_free(pool);
        pool = NULL;
    }
    pthread_mutex_unlock(&lock);
}

EXPORT void f0r_destruct(f0r_instance_t instance)
{
    struct instance *in = instance;

    if (!in)
        return;
    nn_chain_free(in->chain);
    free(in->file);
    free(in);
    join_pool(-1);
}

EXPORT f0r_instance_t f0r_construct(unsigned int w, unsigned int h)
{
    struct instance *in;

    if (w < 1 || h < 1 || w > 32768 || h > 32768 || !(in = calloc(1, sizeof *in)))
        return NULL;
    join_pool(1);
    in->w = (int)w;
    in->h = (int)h;
    for (int i = 0; i < nn_effect_params(FX); i++) {
        const struct nn_param *p = &FX->param[i];
        in->value[i] = ((double)p->preset - (double)p->min) / ((double)p->max - (double)p->min);
    }
    in->stale = FX->open != NULL;       /* its file will be told */
    if (!in->stale && make_chain(in)) {
        f0r_destruct(in);
        return NULL;
    }
    return in;
}

static void set_file(struct instance *in, const char *file)
{
    char *copy = file && *file ? strdup(file) : NULL;

    if (copy && in->file && !strcmp(copy, in->file)) {
        free(copy);
        return;
    }
    free(in->file);
    in->file = copy;
    in->stale = 1;
}

EXPORT void f0r_set_param_value(f0r_instance_t instance, f0r_param_t param, int i)
{
    struct instance *in = instance;

    if (i >= 0 && i < nn_effect_params(FX)) {
        double v = *(double *)param;
        in->value[i] = v > 0 ? v < 1 ? v : 1 : 0;       /* NaN is 0 */
    } else if (FX->open && i == nn_effect_params(FX)) {
        set_file(in, *(char **)param);
    }
}

EXPORT void f0r_get_param_value(f0r_instance_t instance, f0r_param_t param, int i)
{
    static char none[] = "";
    struct instance *in = instance;

    if (i >= 0 && i < nn_effect_params(FX))
        *(double *)param = in->value[i];
    else if (FX->open && i == nn_effect_params(FX))
        *(char **)param = in->file ? in->file : none;
}

/* Seconds of ours: they never fall, and a leap, as when the host seeks, is a short step. */
static double clock_on(struct instance *in, double host)
{
    double step = host - in->host;

    if (in->frames == 0 || !isfinite(step))
        step = 0;
    if (in->frames == 1 && step > NOT_SECONDS)
        in->in_ms = 1;
    if (in->in_ms)
        step *= 1e-3;
    step = round(step * 1e6) * 1e-6;    /* the same in either unit */
    in->host = host;
    in->frames++;
    return in->t += step < 0 ? 0 : step > LONGEST ? LONGEST : step;
}

EXPORT void f0r_update(f0r_instance_t instance, double time, const uint32_t *from, uint32_t *to)
{
    struct instance *in = instance;
    struct nn_image img = { in->w, in->h, 4, (uint8_t *)to };
    float value[NN_MAX_PARAMS] = { 0 };

    if (to != from)
        memcpy(to, from, nn_image_size(&img));
    if (in->stale && make_chain(in))
        return;
    if (!in->chain)
        return;
    for (int i = 0; i < nn_effect_params(FX); i++) {
        const struct nn_param *p = &FX->param[i];
        value[i] = p->min + (p->max - p->min) * (float)in->value[i];
    }
    nn_chain_set(in->chain, 0, value);
    nn_chain_run(in->chain, &img, clock_on(in, time));
}
