/* neonnoir export inspect: what is in a model, and what the engine cannot run of it. */
#include <stdio.h>
#include <string.h>

#include "common/json.h"
#include "export/cmds.h"
#include "runtime/engine/engine.h"
#include "runtime/onnx/onnx.h"

static struct {
    int json;
} o;

const struct nn_opt nn_export_inspect_opts[] = {
    { "json", 0, NN_OPT_FLAG, NULL, "print JSON", &o.json, 0, 0 },
    { 0 },
};

static int64_t parameters(const struct nn_graph *g)
{
    int64_t n = 0;

    for (int i = 0; i < g->ntensor; i++)
        if (g->tensor[i].data && g->tensor[i].type == NN_F32)
            n += nn_tensor_elements(&g->tensor[i]);
    return n;
}

static const char *shape_of(const struct nn_graph *g, int tensor, char *buf, size_t size)
{
    const struct nn_tensor *t = &g->tensor[tensor];

    return t->ndim < 0 ? "unknown" : nn_shape_text(t->ndim, t->dim, buf, size);
}

static void tell_lack(void *arg, const struct nn_node *n, const char *reason)
{
    cJSON *list = arg, *j;

    if (!list) {
        printf("  node %s (%s): %s\n", n->name, n->op, reason);
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
        cJSON *j = cJSON_CreateObject();
        cJSON_AddStringToObject(j, "name", g->tensor[t[i]].name);
        cJSON_AddStringToObject(j, "type", nn_dtype_name(g->tensor[t[i]].type));
        cJSON_AddStringToObject(j, "shape", shape_of(g, t[i], shape, sizeof shape));
        cJSON_AddItemToArray(list, j);
    }
}

static int report_json(const struct nn_graph *g, struct nn_err *err)
{
    cJSON *root = cJSON_CreateObject(), *nodes, *meta;
    char shape[128];

    cJSON_AddStringToObject(root, "name", g->name);
    cJSON_AddNumberToObject(root, "opset", (double)g->opset);
    cJSON_AddNumberToObject(root, "parameters", (double)parameters(g));
    add_values(root, "inputs", g, g->in, g->nin);
    add_values(root, "outputs", g, g->out, g->nout);
    meta = cJSON_AddObjectToObject(root, "metadata");
    for (int i = 0; i < g->nmeta; i++)
        cJSON_AddStringToObject(meta, g->meta[i].key, g->meta[i].value);
    nodes = cJSON_AddArrayToObject(root, "nodes");
    for (int i = 0; i < g->nnode; i++) {
        cJSON *j = cJSON_CreateObject();
        cJSON_AddStringToObject(j, "op", g->node[i].op);
        cJSON_AddStringToObject(j, "name", g->node[i].name);
        cJSON_AddStringToObject(j, "shape", shape_of(g, g->node[i].out[0], shape, sizeof shape));
        cJSON_AddItemToArray(nodes, j);
    }
    nn_engine_lacks(g, tell_lack, cJSON_AddArrayToObject(root, "lacks"));
    return nn_json_print(root, err);
}

static void report_text(const struct nn_graph *g)
{
    char shape[128];

    printf("%s, opset %lld, %d nodes, %lld parameters\n", g->name, (long long)g->opset, g->nnode,
           (long long)parameters(g));
    for (int i = 0; i < g->nin; i++)
        printf("input   %-24s %s %s\n", g->tensor[g->in[i]].name,
               nn_dtype_name(g->tensor[g->in[i]].type),
               shape_of(g, g->in[i], shape, sizeof shape));
    for (int i = 0; i < g->nout; i++)
        printf("output  %-24s %s %s\n", g->tensor[g->out[i]].name,
               nn_dtype_name(g->tensor[g->out[i]].type),
               shape_of(g, g->out[i], shape, sizeof shape));
    for (int i = 0; i < g->nmeta; i++)
        printf("%-24s %s\n", g->meta[i].key, g->meta[i].value);
    printf("\n");
    for (int i = 0; i < g->nnode; i++)
        printf("%4d  %-20s %-18s %s\n", i, g->node[i].op,
               shape_of(g, g->node[i].out[0], shape, sizeof shape),
               g->tensor[g->node[i].out[0]].name);
    printf("\n");
    if (!nn_engine_lacks(g, tell_lack, NULL))
        printf("the engine runs every node\n");
}

int nn_export_inspect(int argc, char **argv, struct nn_err *err)
{
    struct nn_graph *g = nn_onnx_read(argv[0], err);
    int ret = -1;

    (void)argc;
    if (g && !nn_onnx_infer(g, err)) {
        ret = 0;
        if (o.json)
            ret = report_json(g, err);
        else
            report_text(g);
    } else if (g) {
        nn_fail_in(err, "%s", argv[0]);
    }
    nn_graph_free(g);
    return ret;
}
