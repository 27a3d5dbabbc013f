/* A generator as it was trained and as it is played, on the same latents. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/json.h"
#include "common/progress.h"
#include "common/rng.h"
#include "common/stop.h"
#include "export/verify.h"
#include "runtime/engine/engine.h"
#include "trainer/torch.h"
#include "trainer/torch_gan.h"

enum { BATCH = 4 };

struct both {
    struct nn_gan *torch;
    struct nn_engine *engine;
    struct nn_rng rng;
    int64_t z, c, floats;       /* numbers of a latent, a condition, a picture */
    float *in[2], *px;
    double worst, sum;
    int64_t values;
};

static int compare_batch(struct both *b, struct nn_err *err)
{
    struct nn_value in[2] = {
        { .name = "z", .type = NN_F32, .ndim = 2, .dim = { BATCH, b->z }, .data = b->in[0] },
        { .name = "c", .type = NN_F32, .ndim = 2, .dim = { BATCH, b->c }, .data = b->in[1] },
    };
    const struct nn_value *out;

    for (int64_t i = 0; i < BATCH * b->z; i++)
        b->in[0][i] = nn_rng_normal(&b->rng);
    for (int64_t i = 0; i < BATCH * b->c; i++)
        b->in[1][i] = nn_rng_float(&b->rng);
    if (nn_gan_sample(b->torch, b->in[0], b->in[1], BATCH, 0, b->px, err) ||
        nn_engine_run(b->engine, in, b->c ? 2 : 1, err))
        return -1;
    out = nn_engine_output(b->engine, 0);
    if (out->ndim != 4 || out->dim[0] != BATCH || out->dim[1] * out->dim[2] * out->dim[3] !=
        b->floats)
        return nn_fail(err, NN_EFORMAT, "the engine's pictures have another shape than libtorch's");
    for (int64_t i = 0; i < BATCH * b->floats; i++) {
        double d = fabs((double)b->px[i] - ((const float *)out->data)[i]);
        b->worst = d > b->worst || isnan(d) ? d : b->worst;
        b->sum += d;
    }
    b->values += BATCH * b->floats;
    return 0;
}

static int load(struct both *b, const char *path, const struct nn_graph *g, size_t max_memory,
                struct nn_err *err)
{
    struct nn_engine_opts engine = { .max_memory = max_memory };
    struct nn_gan_opts o = { .every = 1 };
    const char *size = nn_graph_meta(g, "neonnoir.size");
    int64_t edge = size ? strtoll(size, NULL, 10) : 0;

    if (edge < 1 || edge > 4096)
        return nn_fail(err, NN_EFORMAT, "%s does not say how large its pictures are", path);
    nn_rng_seed(&b->rng, 1, 0);
    if (!(b->engine = nn_engine_load(path, &engine, err)) || nn_torch_setup(1, err) ||
        !(b->torch = nn_gan_new(g, NULL, &o, err)))
        return -1;
    b->z = g->tensor[g->in[0]].dim[1];
    b->c = g->nin > 1 ? g->tensor[g->in[1]].dim[1] : 0;
    b->floats = 3 * edge * edge;
    if (b->z < 1 || b->z > 1 << 20 || b->c < 0 || b->c > 1 << 20)
        return nn_fail(err, NN_EFORMAT, "%s leaves the length of its latents open", path);
    b->in[0] = malloc(BATCH * (size_t)b->z * sizeof(float));
    b->in[1] = malloc(BATCH * (size_t)b->c * sizeof(float) + 1);
    b->px = malloc(BATCH * (size_t)b->floats * sizeof(float));
    return b->in[0] && b->in[1] && b->px ? 0 : nn_fail_mem(err, path);
}

static int report(const struct both *b, const char *path, int64_t count, double tolerance,
                  int json, struct nn_err *err)
{
    int pass = b->worst <= tolerance;       /* false for NaN */
    cJSON *j;

    if (!json) {
        printf("%s: %s\n%lld pictures\nlargest difference %.3g (tolerance %g), mean %.3g\n", path,
               pass ? "pass" : "FAIL", (long long)count, b->worst, tolerance,
               b->sum / (double)b->values);
    } else {
        j = cJSON_CreateObject();
        cJSON_AddStringToObject(j, "model", path);
        cJSON_AddNumberToObject(j, "pictures", (double)count);
        cJSON_AddNumberToObject(j, "largest_difference", b->worst);
        cJSON_AddNumberToObject(j, "mean_difference", b->sum / (double)b->values);
        cJSON_AddBoolToObject(j, "pass", pass);
        if (nn_json_print(j, err))
            return -1;
    }
    return pass ? 0 : nn_fail(err, NN_EFORMAT, "%s: engine and libtorch differ by %g", path,
                              b->worst);
}

int nn_verify_generator(const char *path, const struct nn_graph *g, int64_t count,
                        size_t max_memory, double tolerance, int json, struct nn_err *err)
{
    struct both b = { 0 };
    struct nn_progress p;
    int64_t done = 0;
    int ret = load(&b, path, g, max_memory, err);

    nn_progress_start(&p, "comparing", count);
    for (; done < count && !ret; done += BATCH) {
        ret = nn_check_stop("verify", err) || compare_batch(&b, err) ? -1 : 0;
        nn_progress_update(&p, done, NULL);
    }
    nn_progress_stop(&p);
    if (!ret)
        ret = report(&b, path, done, tolerance, json, err);
    nn_engine_free(b.engine);
    nn_gan_free(b.torch);
    free(b.in[0]);
    free(b.in[1]);
    free(b.px);
    return ret;
}
