/* neonnoir export convert FILE.tflite -o FILE.onnx */
#include <stdio.h>
#include <sys/stat.h>

#include "common/json.h"
#include "export/cmds.h"
#include "runtime/engine/engine.h"
#include "runtime/onnx/onnx.h"
#include "runtime/tflite/tflite.h"

static struct {
    const char *out;
    int nchw, json;
} o;

const struct nn_opt nn_export_convert_opts[] = {
    { "output", 'o', NN_OPT_TEXT, "FILE.onnx", "where to write (must be given)", &o.out, 0, 0 },
    { "nchw", 0, NN_OPT_FLAG, NULL,
      "4-D inputs and outputs as N x C x H x W; otherwise they stay N x H x W x C", &o.nchw, 0, 0 },
    { "json", 0, NN_OPT_FLAG, NULL, "print JSON", &o.json, 0, 0 },
    { 0 },
};

static void tell_lack(void *arg, const struct nn_node *n, const char *reason)
{
    cJSON *list = arg, *j;

    if (!list) {
        printf("  the engine lacks: node %s (%s): %s\n", n->name, n->op, reason);
        return;
    }
    j = cJSON_CreateObject();
    cJSON_AddStringToObject(j, "node", n->name);
    cJSON_AddStringToObject(j, "op", n->op);
    cJSON_AddStringToObject(j, "reason", reason);
    cJSON_AddItemToArray(list, j);
}

static void add_values(cJSON *root, const char *name, const struct nn_graph *g, const int *t, int n)
{
    cJSON *list = cJSON_AddArrayToObject(root, name);
    char shape[128];

    for (int i = 0; i < n; i++) {
        const struct nn_tensor *v = &g->tensor[t[i]];
        cJSON *j = cJSON_CreateObject();
        cJSON_AddStringToObject(j, "name", v->name);
        cJSON_AddStringToObject(j, "type", nn_dtype_name(v->type));
        cJSON_AddStringToObject(j, "shape", nn_shape_text(v->ndim, v->dim, shape, sizeof shape));
        cJSON_AddItemToArray(list, j);
    }
}

static int64_t parameters(const struct nn_graph *g)
{
    int64_t n = 0;

    for (int i = 0; i < g->ntensor; i++)
        if (g->tensor[i].data && g->tensor[i].type == NN_F32)
            n += nn_tensor_elements(&g->tensor[i]);
    return n;
}

static int report(const struct nn_graph *g, const char *from, struct nn_err *err)
{
    struct stat st;
    long long bytes = stat(o.out, &st) ? 0 : (long long)st.st_size;
    char shape[128];
    cJSON *root, *meta;

    if (!o.json) {
        printf("%s: %d nodes, %lld parameters, %lld bytes\n", o.out, g->nnode,
               (long long)parameters(g), bytes);
        for (int i = 0; i < g->nin + g->nout; i++) {
            const struct nn_tensor *t = &g->tensor[i < g->nin ? g->in[i] : g->out[i - g->nin]];
            printf("%s  %s %s %s\n", i < g->nin ? "input " : "output", t->name,
                   nn_dtype_name(t->type), nn_shape_text(t->ndim, t->dim, shape, sizeof shape));
        }
        for (int i = 0; i < g->nmeta; i++)
            printf("%s: %s\n", g->meta[i].key, g->meta[i].value);
        nn_engine_lacks(g, tell_lack, NULL);
        return 0;
    }
    root = cJSON_CreateObject();
    cJSON_AddStringToObject(root, "model", from);
    cJSON_AddStringToObject(root, "output", o.out);
    cJSON_AddNumberToObject(root, "bytes", (double)bytes);
    cJSON_AddNumberToObject(root, "opset", (double)g->opset);
    cJSON_AddNumberToObject(root, "nodes", g->nnode);
    cJSON_AddNumberToObject(root, "parameters", (double)parameters(g));
    add_values(root, "inputs", g, g->in, g->nin);
    add_values(root, "outputs", g, g->out, g->nout);
    meta = cJSON_AddObjectToObject(root, "metadata");
    for (int i = 0; i < g->nmeta; i++)
        cJSON_AddStringToObject(meta, g->meta[i].key, g->meta[i].value);
    nn_engine_lacks(g, tell_lack, cJSON_AddArrayToObject(root, "lacks"));
    return nn_json_print(root, err);
}

int nn_export_convert(int argc, char **argv, struct nn_err *err)
{
    struct nn_graph *g;
    int ret = -1;

    (void)argc;
    if (!o.out)
        return nn_fail(err, NN_EUSAGE, "say where to write: -o FILE.onnx");
    g = nn_tflite_read(argv[0], o.nchw, err);
    if (g && !nn_onnx_write(g, o.out, err))
        ret = report(g, argv[0], err);
    nn_graph_free(g);
    return ret;
}
