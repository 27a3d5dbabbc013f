/* neonnoir train eyes: the network of the project's own feature space. */
#include <stdio.h>

#include "common/json.h"
#include "common/log.h"
#include "common/progress.h"
#include "runtime/onnx/onnx.h"
#include "trainer/cmds.h"
#include "trainer/eyes_train.h"
#include "trainer/torch.h"

enum { EDGE = 256 };        /* of the pictures that crops are cut from */

static struct {
    struct nn_eyes_opts s;
    double every;
    const char *to;
    int json;
} o = { .s = { .steps = 2000, .batch = 32, .seed = 1, .threads = 1, .rate = 0.05 }, .every = 1 };

const struct nn_opt nn_train_eyes_opts[] = {
    { "output", 'o', NN_OPT_TEXT, "MODEL.onnx", "where to write the network", &o.to, 0, 0 },
    { "steps", 0, NN_OPT_INT, "N", "of training", &o.s.steps, 1, 1e7 },
    { "batch", 'b', NN_OPT_INT, "N", "crops in a step", &o.s.batch, 2, 1024 },
    { "rate", 0, NN_OPT_REAL, "X", "peak learning rate", &o.s.rate, 1e-6, 1 },
    { "every", 0, NN_OPT_REAL, "SECONDS", "between the frames taken of a film", &o.every, 0.01,
      1e6 },
    { "seed", 0, NN_OPT_INT, "N", "of weights, crops, changes", &o.s.seed, 0, 1e9 },
    { "threads", 't', NN_OPT_INT, "N", "of libtorch", &o.s.threads, 1, 256 },
    { "json", 0, NN_OPT_FLAG, NULL, "print JSON", &o.json, 0, 0 },
    { 0 },
};

struct job {
    struct nn_progress bar;
    struct nn_eyes_progress last;
};

static void show(void *arg, const struct nn_eyes_progress *e)
{
    struct job *j = arg;
    char note[80];

    j->last = *e;
    snprintf(note, sizeof note, "loss %.3f  pictures told %.1f %%", e->loss, 100 * e->accuracy);
    nn_progress_update(&j->bar, e->step, note);
}

static int report(const struct nn_pictures *p, const struct job *j, double seconds,
                  struct nn_err *err)
{
    cJSON *json;

    if (!o.json) {
        printf("%s: %lld pictures, %lld steps of %lld crops in %.0f s: loss %.3f, %.1f %% told\n",
               o.to, (long long)p->n, (long long)j->last.step, (long long)o.s.batch, seconds,
               j->last.loss, 100 * j->last.accuracy);
        return 0;
    }
    json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "model", o.to);
    cJSON_AddNumberToObject(json, "pictures", (double)p->n);
    cJSON_AddNumberToObject(json, "steps", (double)j->last.step);
    cJSON_AddNumberToObject(json, "seconds", seconds);
    cJSON_AddNumberToObject(json, "loss", j->last.loss);
    cJSON_AddNumberToObject(json, "accuracy", j->last.accuracy);
    return nn_json_print(json, err);
}

int nn_train_eyes(int argc, char **argv, struct nn_err *err)
{
    struct job j = { .last = { 0 } };
    struct nn_graph *net = NULL;
    struct nn_pictures p;
    double start = nn_now();
    int ret = -1;

    if (!o.to)
        return nn_fail(err, NN_EUSAGE, "say with -o where to write the network");
    nn_pictures_init(&p, EDGE);
    for (int i = 0; i < argc; i++)
        if (nn_pictures_read(&p, argv[i], o.every, err))
            goto out;
    if (p.n < 2) {
        nn_fail(err, NN_ENOTFOUND, "one picture is nothing to tell apart");
        goto out;
    }
    if (nn_torch_setup((int)o.s.threads, err))
        goto out;
    nn_info("eyes: %lld pictures to tell apart, %lld files skipped", (long long)p.n,
            (long long)p.skipped);
    nn_progress_start(&j.bar, "eyes", o.s.steps);
    net = nn_eyes_train(&p, &o.s, show, &j, err);
    nn_progress_stop(&j.bar);
    if (net && !nn_onnx_write(net, o.to, err))
        ret = report(&p, &j, nn_now() - start, err);
out:
    nn_graph_free(net);
    nn_pictures_release(&p);
    return ret;
}
