#include "export/info.h"

#include <stdio.h>

#include "runtime/engine/engine.h"

int64_t nn_info_parameters(const struct nn_graph *g)
{
    int64_t n = 0;

    for (int i = 0; i < g->ntensor; i++)
        if (g->tensor[i].data && g->tensor[i].type == NN_F32)
            n += nn_tensor_elements(&g->tensor[i]);
    return n;
}

const char *nn_info_shape(const struct nn_graph *g, int tensor, char *buf, size_t size)
{
    const struct nn_tensor *t = &g->tensor[tensor];

    return t->ndim < 0 ? "unknown" : nn_shape_text(t->ndim, t->dim, buf, size);
}

static void print_lack(void *arg, const struct nn_node *n, const char *reason)
{
    (void)arg;
    printf("  the engine lacks node %s (%s): %s\n", n->name, n->op, reason);
}

static void add_lack(void *arg, const struct nn_node *n, const char *reason)
{
    cJSON *j = cJSON_CreateObject();

    cJSON_AddStringToObject(j, "node", n->name);
    cJSON_AddStringToObject(j, "op", n->op);
    cJSON_AddStringToObject(j, "reason", reason);
    cJSON_AddItemToArray(arg, j);
}

static void add_values(cJSON *list, const struct nn_graph *g, const int *t, int n)
{
    char shape[128];

    for (int i = 0; i < n; i++) {
        cJSON *j = cJSON_CreateObject();
        cJSON_AddStringToObject(j, "name", g->tensor[t[i]].name);
        cJSON_AddStringToObject(j, "type", nn_dtype_name(g->tensor[t[i]].type));
        cJSON_AddStringToObject(j, "shape", nn_info_shape(g, t[i], shape, sizeof shape));
        cJSON_AddItemToArray(list, j);
    }
}

void nn_info_add(cJSON *root, const struct nn_graph *g)
{
    cJSON *meta;

    add_values(cJSON_AddArrayToObject(root, "inputs"), g, g->in, g->nin);
    add_values(cJSON_AddArrayToObject(root, "outputs"), g, g->out, g->nout);
    meta = cJSON_AddObjectToObject(root, "metadata");
    for (int i = 0; i < g->nmeta; i++)
        cJSON_AddStringToObject(meta, g->meta[i].key, g->meta[i].value);
    nn_engine_lacks(g, add_lack, cJSON_AddArrayToObject(root, "lacks"));
}

int nn_info_print_lacks(const struct nn_graph *g)
{
    return nn_engine_lacks(g, print_lack, NULL);
}
