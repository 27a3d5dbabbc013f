/* neonnoir export convert FILE.tflite -o FILE.onnx */
#include <stdio.h>
#include <sys/stat.h>

#include "common/json.h"
#include "export/cmds.h"
#include "export/info.h"
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

static int report(const struct nn_graph *g, const char *from, struct nn_err *err)
{
    struct stat st;
    long long bytes = stat(o.out, &st) ? 0 : (long long)st.st_size;
    char shape[128];
    cJSON *root;

    if (!o.json) {
        printf("%s: %d nodes, %lld parameters, %lld bytes\n", o.out, g->nnode,
               (long long)nn_info_parameters(g), bytes);
        for (int i = 0; i < g->nin + g->nout; i++) {
            const struct nn_tensor *t = &g->tensor[i < g->nin ? g->in[i] : g->out[i - g->nin]];
            printf("%s  %s %s %s\n", i < g->nin ? "input " : "output", t->name,
                   nn_dtype_name(t->type), nn_shape_text(t->ndim, t->dim, shape, sizeof shape));
        }
        for (int i = 0; i < g->nmeta; i++)
            printf("%s: %s\n", g->meta[i].key, g->meta[i].value);
        nn_info_print_lacks(g);
        return 0;
    }
    root = cJSON_CreateObject();
    cJSON_AddStringToObject(root, "model", from);
    cJSON_AddStringToObject(root, "output", o.out);
    cJSON_AddNumberToObject(root, "bytes", (double)bytes);
    cJSON_AddNumberToObject(root, "opset", (double)g->opset);
    cJSON_AddNumberToObject(root, "nodes", g->nnode);
    cJSON_AddNumberToObject(root, "parameters", (double)nn_info_parameters(g));
    nn_info_add(root, g);
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
