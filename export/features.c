#include "export/features.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export/sight.h"
#include "runtime/media/picture.h"

void nn_features_release(struct nn_features *f)
{
    nn_image_release(&f->seen);
    for (int i = 0; f->layer && i < f->n; i++)
        nn_plates_release(&f->layer[i]);
    free(f->layer);
    *f = (struct nn_features){ 0 };
}

/* The one node that reads a tensor, or NULL. */
static const struct nn_node *only_reader(const struct nn_graph *g, int tensor)
{
    const struct nn_node *found = NULL;

    for (int i = 0; i < g->nnode; i++)
        for (int k = 0; k < g->node[i].nin; k++)
            if (g->node[i].in[k] == tensor) {
                if (found)
                    return NULL;
                found = &g->node[i];
            }
    return found;
}

/* The tensor behind a layer's norm and activation. */
static int map_of(const struct nn_graph *g, int node)
{
    static const char *const follows[] = {
        "BatchNormalization", "Relu", "LeakyRelu", "PRelu", "Clip", "HardSwish", "Elu", "Tanh",
        "Sigmoid", "QuantizeLinear", "DequantizeLinear",
    };
    int t = g->node[node].out[0];
    const struct nn_node *n;

    while ((n = only_reader(g, t)) && n->in[0] == t) {
        size_t i = 0, count = sizeof follows / sizeof *follows;
        while (i < count && strcmp(follows[i], n->op))
            i++;
        if (i == count)
            break;
        t = n->out[0];
        for (int k = 0; k < g->nout; k++)
            if (g->out[k] == t)
                return t;
    }
    return t;
}

static int run(struct nn_features *f, struct nn_graph *g, const struct nn_sight *sight,
               const struct nn_engine_opts *opts, float *pixels, const int *node, int first,
               struct nn_err *err)
{
    struct nn_value x = nn_sight_value(sight, 1, pixels);
    struct nn_engine *e = nn_engine_new(g, opts, err);
    int ret = -1;

    if (!e || nn_engine_run(e, &x, 1, err))
        goto out;
    for (int i = 0; i < f->n; i++) {
        const char *name = *g->node[node[i]].name ? g->node[node[i]].name
                                                  : g->tensor[g->node[node[i]].out[0]].name;
        size_t length = strlen(name);
        if (nn_plates_maps(&f->layer[i], nn_engine_output(e, first + i), err))
            goto out;
        snprintf(f->layer[i].layer, sizeof f->layer[i].layer, "%s%s", length > 40 ? "…" : "",
                 length > 40 ? name + length - 38 : name);
    }
    ret = 0;
out:
    nn_engine_free(e);
    return ret;
}

int nn_features_run(struct nn_features *f, const struct nn_graph *model, const char *path,
                    const struct nn_normal *normal, const struct nn_engine_opts *opts,
                    const int *node, int n, struct nn_err *err)
{
    struct nn_graph *g = nn_graph_copy(model, err);
    struct nn_image img = { 0 };
    struct nn_sight sight = { 0 };
    float *x = NULL;
    int face, ret = -1;

    *f = (struct nn_features){ .n = n };
    if (!g || nn_picture_read(path, 3, &img, err) ||
        nn_sight_init(&sight, g, img.w, img.h, normal, err))
        goto out;
    f->layer = calloc((size_t)n, sizeof *f->layer);
    x = malloc((size_t)sight.floats * sizeof *x);
    if (!f->layer || !x) {
        nn_fail_mem(err, "feature maps");
        goto out;
    }
    if (nn_sight_picture(&sight, &img, x, &f->seen, &face, err))
        goto out;
    snprintf(f->how, sizeof f->how, "%s at %dx%d, %s",
             face ? "its largest face" : "the picture's middle", sight.w, sight.h, sight.how);
    for (int i = 0; i < n; i++)
        nn_graph_output(g, map_of(g, node[i]));
    if (!nn_graph_finish(g, err) && !run(f, g, &sight, opts, x, node, model->nout, err))
        ret = 0;
out:
    nn_sight_release(&sight);
    nn_graph_free(g);
    nn_image_release(&img);
    free(x);
    if (ret)
        nn_features_release(f);
    return ret;
}
