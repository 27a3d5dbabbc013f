/* neonnoir export inspect: what is in a model, and what the engine cannot run of it. */
#include <stdio.h>
#include <string.h>

#include "common/json.h"
#include "export/cmds.h"
#include "export/feed.h"
#include "export/info.h"
#include "runtime/engine/engine.h"
#include "runtime/onnx/onnx.h"

static struct {
    struct nn_opt_list shape;
    int64_t max_memory;
    int json;
} o = { .max_memory = NN_ENGINE_MEMORY };

const struct nn_opt nn_export_inspect_opts[] = {
    { "shape", 0, NN_OPT_LIST, "NAME=1x3x320x320", "size of an input that leaves it open", &o.shape,
      0, 0 },
    { "max-memory", 0, NN_OPT_SIZE, "SIZE", "for the model's weights and values", &o.max_memory,
      1 << 20, 0x1p40 },
    { "json", 0, NN_OPT_FLAG, NULL, "print JSON", &o.json, 0, 0 },
    { 0 },
};

/* What one run costs, with open sizes as --shape says. */
struct cost {
    int64_t macs;               /* -1: a size is open */
    size_t memory;              /* 0: the engine cannot run it, or a size is open */
};

static int measure(struct cost *c, const char *path, struct nn_err *err)
{
    struct nn_engine_opts opts = { .max_memory = (size_t)o.max_memory };
    struct nn_graph *g = nn_onnx_read(path, err);
    struct nn_engine *e = NULL;
    struct nn_feed f = { 0 };
    struct nn_err unused = { 0 };
    int bad = !g;

    *c = (struct cost){ -1, 0 };
    if (!bad && nn_feed_shape(g, o.shape.value, o.shape.count, o.shape.count ? err : &unused)) {
        bad = o.shape.count > 0;
    } else if (!bad) {
        c->macs = nn_graph_macs(g);
        if ((e = nn_engine_load(path, &opts, &unused)) && !nn_feed_init(&f, g, 1, &unused) &&
            !nn_engine_run(e, f.v, f.n, &unused))
            c->memory = nn_engine_memory(e);
        else if (unused.code == NN_EMEM)
            bad = nn_fail(err, NN_EMEM, "%s", unused.msg);
    }
    nn_engine_free(e);
    nn_feed_release(&f);
    nn_graph_free(g);
    return bad ? -1 : 0;
}

/* Calls tell() with each operator once, and how often it stands there. */
static void operators(const struct nn_graph *g, void (*tell)(void *arg, const char *op, int count),
                      void *arg)
{
    for (int i = 0; i < g->nnode; i++) {
        int count = 0, before = 0;
        for (int k = 0; k < g->nnode; k++)
            if (!strcmp(g->node[k].op, g->node[i].op)) {
                count++;
                before |= k < i;
            }
        if (!before)
            tell(arg, g->node[i].op, count);
    }
}

static void add_operator(void *arg, const char *op, int count)
{
    cJSON_AddNumberToObject(arg, op, count);
}

static void print_operator(void *arg, const char *op, int count)
{
    int *column = arg;
    char word[80];
    int n = snprintf(word, sizeof word, " %.60s %d", op, count);

    *column = *column + n > 95 ? printf("\n   %s", word) : *column + printf("%s", word);
}

static int report_json(const struct nn_graph *g, const struct cost *c, struct nn_err *err)
{
    cJSON *root = cJSON_CreateObject(), *nodes;
    char shape[128];

    cJSON_AddStringToObject(root, "name", g->name);
    cJSON_AddNumberToObject(root, "opset", (double)g->opset);
    cJSON_AddNumberToObject(root, "parameters", (double)nn_info_parameters(g));
    if (c->macs >= 0)
        cJSON_AddNumberToObject(root, "mmac", (double)c->macs * 1e-6);
    if (c->memory)
        cJSON_AddNumberToObject(root, "memory_bytes", (double)c->memory);
    operators(g, add_operator, cJSON_AddObjectToObject(root, "operators"));
    nodes = cJSON_AddArrayToObject(root, "nodes");
    for (int i = 0; i < g->nnode; i++) {
        cJSON *j = cJSON_CreateObject();
        cJSON_AddStringToObject(j, "op", g->node[i].op);
        cJSON_AddStringToObject(j, "name", g->node[i].name);
        cJSON_AddStringToObject(j, "shape",
                                nn_info_shape(g, g->node[i].out[0], shape, sizeof shape));
        cJSON_AddItemToArray(nodes, j);
    }
    nn_info_add(root, g);
    return nn_json_print(root, err);
}

static void report_text(const struct nn_graph *g, const struct cost *c)
{
    char shape[128];
    int column = 9;

    printf("%s, opset %lld, %d nodes, %lld parameters\n", g->name, (long long)g->opset, g->nnode,
           (long long)nn_info_parameters(g));
    if (c->macs >= 0)
        printf("one run: %.3f MMAC", (double)c->macs * 1e-6);
    else
        printf("one run: unknown until --shape says how large the open inputs are");
    if (c->memory)
        printf(", %.2f MB of memory with the weights", (double)c->memory / (1 << 20));
    printf("\noperators");
    operators(g, print_operator, &column);
    printf("\n");
    for (int i = 0; i < g->nin; i++)
        printf("input   %-24s %s %s\n", g->tensor[g->in[i]].name,
               nn_dtype_name(g->tensor[g->in[i]].type),
               nn_info_shape(g, g->in[i], shape, sizeof shape));
    for (int i = 0; i < g->nout; i++)
        printf("output  %-24s %s %s\n", g->tensor[g->out[i]].name,
               nn_dtype_name(g->tensor[g->out[i]].type),
               nn_info_shape(g, g->out[i], shape, sizeof shape));
    for (int i = 0; i < g->nmeta; i++)
        printf("%-24s %s\n", g->meta[i].key, g->meta[i].value);
    printf("\n");
    for (int i = 0; i < g->nnode; i++)
        printf("%4d  %-20s %-18s %s\n", i, g->node[i].op,
               nn_info_shape(g, g->node[i].out[0], shape, sizeof shape),
               g->tensor[g->node[i].out[0]].name);
    printf("\n");
    if (!nn_info_print_lacks(g))
        printf("the engine runs every node\n");
}

int nn_export_inspect(int argc, char **argv, struct nn_err *err)
{
    struct nn_graph *g = nn_onnx_read(argv[0], err);
    struct cost cost;
    int ret = -1;

    (void)argc;
    if (g && !nn_onnx_infer(g, err)) {
        ret = measure(&cost, argv[0], err);
        if (!ret && o.json)
            ret = report_json(g, &cost, err);
        else if (!ret)
            report_text(g, &cost);
    } else if (g) {
        nn_fail_in(err, "%s", argv[0]);
    }
    nn_graph_free(g);
    return ret;
}
