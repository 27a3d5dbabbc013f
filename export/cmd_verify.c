/* neonnoir export verify: what was trained and what is played, on the same faces or, of a
 * generator, latents; or the engine and another one, on the same inputs. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "common/progress.h"
#include "common/stop.h"
#include "export/cmds.h"
#include "export/verify.h"
#include "runtime/engine/engine.h"
#include "runtime/onnx/onnx.h"
#include "trainer/fit.h"
#include "trainer/labelled.h"
#include "trainer/torch.h"

enum { BATCH = 32 };

static struct {
    const char *on, *split, *engine;
    struct nn_opt_list input, shape;
    int64_t count, max_memory;
    double tolerance;
    int json;
} o = { .on = "latest", .split = "all", .engine = "torch", .max_memory = NN_ENGINE_MEMORY,
      .tolerance = 1e-4 };

const struct nn_opt nn_export_verify_opts[] = {
    { "engine", 0, NN_OPT_TEXT, "NAME",
      "compare with torch, ort (ONNX Runtime) or opencv", &o.engine,
      0, 0 },
    { "on", 0, NN_OPT_TEXT, "SNAPSHOT|DIR|ARCHIVE", "real faces to compare on", &o.on, 0, 0 },
    { "split", 0, NN_OPT_TEXT, "NAME", "train, valid, test or all", &o.split, 0, 0 },
    { "input", 0, NN_OPT_LIST, "[NAME=]FILE",
      "ort, opencv: values, bare or a tensor's .pb, not noise",
      &o.input, 0, 0 },
    { "shape", 0, NN_OPT_LIST, "NAME=1x3x320x320",
      "ort, opencv: size of an input that leaves it open",
      &o.shape, 0, 0 },
    { "count", 'n', NN_OPT_INT, "N",
      "at most; 0: 1000 faces evenly spread, or 4 times noise", &o.count,
      0, 1e9 },
    { "tolerance", 0, NN_OPT_REAL, "X", "largest difference that passes", &o.tolerance, 1e-9, 1 },
    { "max-memory", 0, NN_OPT_SIZE, "SIZE", "for the model's weights and values", &o.max_memory,
      1 << 20, 0x1p40 },
    { "json", 0, NN_OPT_FLAG, NULL, "print JSON", &o.json, 0, 0 },
    { 0 },
};

struct both {
    struct nn_graph *graph;
    struct nn_torch *torch;
    struct nn_engine *engine;
    struct nn_normal normal;
    int batch;                  /* BATCH, or the 1 that the model fixes */
    float *x, *y;               /* a batch in, libtorch's answer */
    int64_t out;                /* values of one answer */
    double worst, mean;         /* absolute differences */
    int64_t values, faces, agree;   /* agree: same arg max */
};

static int compare_batch(struct both *b, int n, struct nn_err *err)
{
    const struct nn_tensor *t = &b->graph->tensor[b->graph->in[0]];
    struct nn_value in = { t->name, NN_F32, 4, { n, t->dim[1], t->dim[2], t->dim[3] }, b->x };
    const struct nn_value *out;
    const float *ours;

    if (nn_torch_eval(b->torch, b->x, n, 0, b->y, err) || nn_engine_run(b->engine, &in, 1, err))
        return -1;
    out = nn_engine_output(b->engine, 0);
    if (out->ndim != 2 || out->dim[0] != n || out->dim[1] != b->out)
        return nn_fail(err, NN_EFORMAT, "the engine's output has another shape than libtorch's");
    ours = out->data;
    for (int i = 0; i < n; i++) {
        const float *p = ours + i * b->out, *q = b->y + i * b->out;
        int64_t top_p = 0, top_q = 0;
        for (int64_t k = 0; k < b->out; k++) {
            double d = fabs((double)p[k] - q[k]);
            b->worst = d > b->worst || isnan(d) ? d : b->worst;
            b->mean += d;
            top_p = p[k] > p[top_p] ? k : top_p;
            top_q = q[k] > q[top_q] ? k : top_q;
        }
        b->agree += top_p == top_q;
    }
    b->faces += n;
    b->values += n * b->out;
    return 0;
}

static int compare(struct both *b, const char *path, const struct nn_faces *f, struct nn_err *err)
{
    int64_t count = f->n < o.count ? f->n : o.count, floats = nn_torch_in_floats(b->torch);
    struct nn_progress p;

    nn_progress_start(&p, "comparing", count);
    for (int64_t i = 0; i < count; i += b->batch) {
        int n = count - i < b->batch ? (int)(count - i) : b->batch;
        for (int k = 0; k < n; k++)
            nn_input_plain(nn_faces_px(f, (i + k) * f->n / count), f->w, f->h, f->c, &b->normal,
                           b->x + k * floats);
        if (compare_batch(b, n, err))
            return nn_fail_in(err, "%s", path);
        if (nn_check_stop("verify", err))
            return -1;
        nn_progress_update(&p, i, NULL);
    }
    nn_progress_stop(&p);
    b->mean /= (double)b->values;
    return 0;
}

static int load(struct both *b, const char *path, struct nn_faces *faces, struct nn_err *err)
{
    struct nn_engine_opts engine = { .max_memory = (size_t)o.max_memory };
    struct nn_torch_opts opts = { .threads = 1 };
    const struct nn_tensor *in;

    if (!(b->engine = nn_engine_load(path, &engine, err)) || !(b->graph = nn_onnx_read(path, err)))
        return -1;
    in = b->graph->nin == 1 ? &b->graph->tensor[b->graph->in[0]] : NULL;
    if (!in || in->ndim != 4 || (in->dim[1] != 1 && in->dim[1] != 3) || in->dim[2] < 1 ||
        in->dim[3] < 1)
        return nn_fail(err, NN_EUNSUPPORTED, "%s takes no pictures", path);
    b->batch = in->dim[0] == 1 ? 1 : BATCH;
    b->normal = (struct nn_normal){ 0, 1 };
    if (nn_fit_normal(b->graph, &b->normal, err) < 0)
        return nn_fail_in(err, "%s", path);
    nn_faces_init(faces, (int)in->dim[3], (int)in->dim[2], (int)in->dim[1]);
    if (nn_torch_setup(1, err) || !(b->torch = nn_torch_new(b->graph, &opts, err)))
        return nn_fail_in(err, "%s", path);
    b->out = nn_torch_out_floats(b->torch);
    b->x = malloc(BATCH * (size_t)nn_torch_in_floats(b->torch) * sizeof *b->x);
    b->y = malloc(BATCH * (size_t)b->out * sizeof *b->y);
    return b->x && b->y ? 0 : nn_fail_mem(err, path);
}

static int report(const struct both *b, const char *path, const char *origin, struct nn_err *err)
{
    int pass = b->worst <= o.tolerance;     /* false for NaN */
    cJSON *j;

    if (!o.json) {
        printf("%s: %s\n%lld faces of %s\nlargest difference %.3g (tolerance %g), mean %.3g, "
               "same answer on %lld\n", path, pass ? "pass" : "FAIL", (long long)b->faces, origin,
               b->worst, o.tolerance, b->mean, (long long)b->agree);
    } else {
        j = cJSON_CreateObject();
        cJSON_AddStringToObject(j, "model", path);
        cJSON_AddStringToObject(j, "on", origin);
        cJSON_AddNumberToObject(j, "faces", (double)b->faces);
        cJSON_AddNumberToObject(j, "largest_difference", b->worst);
        cJSON_AddNumberToObject(j, "mean_difference", b->mean);
        cJSON_AddNumberToObject(j, "same_answer", (double)b->agree);
        cJSON_AddBoolToObject(j, "pass", pass);
        if (nn_json_print(j, err))
            return -1;
    }
    return pass ? 0 : nn_fail(err, NN_EFORMAT, "%s: engine and libtorch differ by %g", path,
                              b->worst);
}

/* 1 when it is a generator, which was compared then: *ret; 0: it is none; -1: no model. */
static int is_generator(const char *path, int *ret, struct nn_err *err)
{
    struct nn_graph *g = nn_onnx_read(path, err);
    const char *kind = g ? nn_graph_meta(g, "neonnoir.kind") : NULL;
    int is = kind && !strcmp(kind, "generator");

    if (is)
        *ret = nn_verify_generator(path, g, o.count ? o.count : 64, (size_t)o.max_memory,
                                   o.tolerance, o.json, err);
    nn_graph_free(g);
    return g ? is : -1;
}

int nn_export_verify(int argc, char **argv, struct nn_err *err)
{
    struct both b = { 0 };
    struct nn_faces faces = { 0 };
    char origin[200];
    int64_t skipped;
    int ret = -1;

    (void)argc;
    if (strcmp(o.engine, "torch")) {
        struct nn_verify_opts other = { o.engine, &o.shape, &o.input, o.count ? o.count : 4,
                                        (size_t)o.max_memory, o.tolerance, o.json };
        return nn_verify_rival(argv[0], &other, err);
    }
    if (o.input.count || o.shape.count)
        return nn_fail(err, NN_EUSAGE, "libtorch is compared on faces: --input and --shape are for "
                       "--engine ort or opencv");
    if (is_generator(argv[0], &ret, err))
        return ret;
    o.count = o.count ? o.count : 1000;
    if (!load(&b, argv[0], &faces, err) &&
        !nn_labelled_load(&faces, o.on, o.split, nn_cli_catalog(), &skipped, origin, err) &&
        !compare(&b, argv[0], &faces, err))
        ret = report(&b, argv[0], origin, err);
    nn_faces_release(&faces);
    nn_engine_free(b.engine);
    nn_torch_free(b.torch);
    nn_graph_free(b.graph);
    free(b.x);
    free(b.y);
    return ret;
}
