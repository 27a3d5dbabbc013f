/* neonnoir export int8: eight bits instead of 32, with ranges taken from real pictures. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/json.h"
#include "export/cmds.h"
#include "export/fold.h"
#include "export/int8.h"
#include "export/opset.h"
#include "export/pictures.h"
#include "export/quantise.h"
#include "runtime/onnx/onnx.h"

static struct {
    const char *out, *on, *images, *method;
    int64_t count, bits, max_memory;
    struct nn_normal normal;        /* std 0: as the model says */
    int json;
} o = { .method = "mse", .count = 512, .bits = 7, .max_memory = NN_ENGINE_MEMORY };

const struct nn_opt nn_export_int8_opts[] = {
    { "output", 'o', NN_OPT_TEXT, "FILE.onnx", "where to write (must be given)", &o.out, 0, 0 },
    { "on", 0, NN_OPT_TEXT, "SNAPSHOT|DIR|ARCHIVE",
      "labelled faces: calibrates on train, judges on "
      "valid", &o.on, 0, 0 },
    { "images", 0, NN_OPT_TEXT, "DIR|ARCHIVE", "or any pictures, for models of other things",
      &o.images, 0, 0 },
    { "count", 'n', NN_OPT_INT, "N", "pictures to calibrate on, evenly spread", &o.count, 1, 1e6 },
    { "method", 0, NN_OPT_TEXT, "NAME", "range of a value: minmax, percentile or mse", &o.method, 0,
      0 },
    { "weight-bits", 0, NN_OPT_INT, "N", "8 only where no runtime of x86 without VNNI matters",
      &o.bits, 7, 8 },
    { "mean", 0, NN_OPT_REAL, "X", "of the pictures' values 0..1, with --std", &o.normal.mean, -1e4,
      1e4 },
    { "std", 0, NN_OPT_REAL, "X", "their deviation; 0: both as the model says", &o.normal.std, 0,
      1e4 },
    { "max-memory", 0, NN_OPT_SIZE, "SIZE", "for the model's weights and values", &o.max_memory,
      1 << 20, 0x1p40 },
    { "json", 0, NN_OPT_FLAG, NULL, "print JSON", &o.json, 0, 0 },
    { 0 },
};

struct result {
    struct nn_judgement before, after;
    double noise;               /* dB, of the first output */
    int layers, values;
    int64_t bytes[2];           /* of the files before and after */
};

static int64_t file_size(const char *path)
{
    struct stat st;

    return stat(path, &st) ? 0 : (int64_t)st.st_size;
}

static int report(const char *in, const struct nn_pictures *p, const struct result *r,
                  struct nn_err *err)
{
    cJSON *j;

    if (!o.json) {
        printf("%s: %d layers of int8 weights (%d bits), %d values of uint8, "
               "calibrated on %lld of %s (%s)\n",
               o.out, r->layers, (int)o.bits, r->values, (long long)p->count, p->origin, o.method);
        printf("file: %lld bytes, was %lld (%.2f times smaller)\n", (long long)r->bytes[1],
               (long long)r->bytes[0], (double)r->bytes[0] / (double)r->bytes[1]);
        printf("the answer's rounding noise lies %.1f dB below it\n", r->noise);
        if (r->before.faces)
            printf("accuracy on %s: %.2f %%, was %.2f %% "
                   "(%lld faces, the same answer on %.2f %%)\n",
                   p->judged, 100 * r->after.accuracy, 100 * r->before.accuracy,
                   (long long)r->before.faces,
                   100.0 * (double)r->after.same / (double)r->before.faces);
        return 0;
    }
    j = cJSON_CreateObject();
    cJSON_AddStringToObject(j, "model", in);
    cJSON_AddStringToObject(j, "output", o.out);
    cJSON_AddNumberToObject(j, "layers", r->layers);
    cJSON_AddNumberToObject(j, "values", r->values);
    cJSON_AddStringToObject(j, "method", o.method);
    cJSON_AddNumberToObject(j, "weight_bits", (double)o.bits);
    cJSON_AddStringToObject(j, "calibrated_on", p->origin);
    cJSON_AddNumberToObject(j, "pictures", (double)p->count);
    cJSON_AddNumberToObject(j, "bytes_before", (double)r->bytes[0]);
    cJSON_AddNumberToObject(j, "bytes_after", (double)r->bytes[1]);
    cJSON_AddNumberToObject(j, "signal_to_noise_db", r->noise);
    if (r->before.faces) {
        cJSON_AddStringToObject(j, "judged_on", p->judged);
        cJSON_AddNumberToObject(j, "faces", (double)r->before.faces);
        cJSON_AddNumberToObject(j, "accuracy_before", r->before.accuracy);
        cJSON_AddNumberToObject(j, "accuracy_after", r->after.accuracy);
        cJSON_AddNumberToObject(j, "same_answer", (double)r->after.same);
    }
    return nn_json_print(j, err);
}

/* The model without norms and dropouts, of an opset that knows int8. */
static struct nn_graph *float_graph(const char *path, struct nn_err *err)
{
    struct nn_graph *read = nn_onnx_read(path, err), *g = NULL;
    int norms;

    if (!read)
        return NULL;            /* which names the file */
    if (!nn_onnx_infer(read, err) && !nn_opset_raise(read, err))
        g = nn_fold(read, &norms, err);
    nn_graph_free(read);
    if (g && !nn_onnx_infer(g, err))
        return g;
    nn_graph_free(g);
    nn_fail_in(err, "%s", path);
    return NULL;
}

/* For whoever opens the file in a year. */
static int describe(struct nn_graph *g, const struct nn_pictures *p, const struct result *r,
                    struct nn_err *err)
{
    char text[400];
    int n = snprintf(text, sizeof text, "%d bit weights, %s ranges of %lld of %.150s", (int)o.bits,
                     o.method, (long long)p->count, p->origin);

    if (r->before.faces)
        snprintf(text + n, sizeof text - (size_t)n, "; accuracy %.4f, float %.4f",
                 r->after.accuracy, r->before.accuracy);
    return nn_graph_set_meta(g, "neonnoir.int8", text) ? nn_fail_mem(err, "metadata") : 0;
}

static int method(enum nn_range_method *m, struct nn_err *err)
{
    for (int i = 0; nn_range_methods[i]; i++)
        if (!strcmp(nn_range_methods[i], o.method)) {
            *m = (enum nn_range_method)i;
            return 0;
        }
    return nn_fail(err, NN_EUSAGE, "no method \"%s\": there are minmax, percentile and mse",
                   o.method);
}

static int quantise(const struct nn_graph *g, struct nn_pictures *p, struct result *r,
                    struct nn_err *err)
{
    struct nn_calibration c = { &p->sight, p->count, nn_pictures_fill, p, NN_RANGE_MSE,
                                p->max_memory };
    struct nn_quantise q = { 0 };
    struct nn_graph *small = NULL;
    int ret = -1;

    if (method(&c.method, err) || nn_quantise_choose(&q, g, (int)o.bits, err) ||
        nn_calibrate(g, &c, q.tensor, q.n, q.range, err) ||
        !(small = nn_quantise_graph(&q, g, err)) || nn_onnx_infer(small, err) ||
        nn_pictures_noise(p, g, small, &r->noise, err) ||
        nn_pictures_judge(p, g, small, &r->before, &r->after, err) ||
        describe(small, p, r, err) || nn_onnx_write(small, o.out, err))
        goto out;
    r->layers = q.layers;
    r->values = q.n;
    r->bytes[1] = file_size(o.out);
    ret = 0;
out:
    nn_quantise_release(&q);
    nn_graph_free(small);
    return ret;
}

/* `in` names the float model, whose file has `bytes`. */
static int convert(const struct nn_graph *g, const char *in, int64_t bytes, struct nn_err *err)
{
    const struct nn_normal *normal = o.normal.std > 0 ? &o.normal : NULL;
    struct result r = { .bytes = { bytes } };
    struct nn_pictures p = { .max_memory = (size_t)o.max_memory };
    int ret = -1;

    if (!nn_pictures_open(&p, g, normal, o.on, o.images, o.count, nn_cli_catalog(), err) &&
        !quantise(g, &p, &r, err))
        ret = report(in, &p, &r, err);
    else
        nn_fail_in(err, "%s", in);
    nn_pictures_close(&p);
    return ret;
}

int nn_int8_write(const struct nn_graph *g, const char *name, const char *on, const char *out,
                  struct nn_err *err)
{
    struct nn_graph *copy = nn_graph_copy(g, err);
    size_t bytes;
    void *file = nn_onnx_format(g, &bytes, err);
    int ret = -1;

    o.on = on;
    o.out = out;
    if (copy && file && !nn_onnx_infer(copy, err))
        ret = convert(copy, name, (int64_t)bytes, err);
    free(file);
    nn_graph_free(copy);
    return ret;
}

int nn_export_int8(int argc, char **argv, struct nn_err *err)
{
    struct nn_graph *g;
    int ret;

    (void)argc;
    if (!o.out)
        return nn_fail(err, NN_EUSAGE, "say where to write: -o FILE.onnx");
    if (!o.on == !o.images)
        return nn_fail(err, NN_EUSAGE, "say what to calibrate on: --on SNAPSHOT, or --images DIR");
    if (!(g = float_graph(argv[0], err)))
        return -1;
    ret = convert(g, argv[0], file_size(argv[0]), err);
    nn_graph_free(g);
    return ret;
}
