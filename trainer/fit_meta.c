/* What a trained network's file says of itself, for whoever feeds it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/emotion.h"
#include "trainer/fit.h"

int nn_fit_normal(const struct nn_graph *g, struct nn_normal *norm, struct nn_err *err)
{
    const char *mean = nn_graph_meta(g, "neonnoir.mean"), *std = nn_graph_meta(g, "neonnoir.std");
    struct nn_normal read;
    char *end[2];

    if (!mean && !std)
        return 0;
    if (!mean || !std)
        return nn_fail(err, NN_EFORMAT, "its metadata give only one of mean and deviation");
    read = (struct nn_normal){ strtod(mean, &end[0]), strtod(std, &end[1]) };
    if (end[0] == mean || *end[0] || end[1] == std || *end[1] || !isfinite(read.mean) ||
        !(read.std > 0) || !isfinite(read.std))
        return nn_fail(err, NN_EFORMAT, "its metadata give mean \"%.20s\" and deviation \"%.20s\", "
                       "not one number each", mean, std);
    *norm = read;
    return 1;
}

int nn_fit_describe(struct nn_graph *g, const struct nn_settings *s, const struct nn_snapshot *snap,
                    struct nn_err *err)
{
    char mean[32], std[32];

    /* What a model that it begins with says of its own certainty is not this one's. */
    nn_graph_drop_meta(g, "neonnoir.temperature");
    nn_graph_drop_meta(g, "neonnoir.abstain");
    if (nn_graph_set_meta(g, "neonnoir.task", "emotion") ||
        nn_graph_set_meta(g, "neonnoir.classes", NN_EMOTION_CLASSES) ||
        nn_graph_set_meta(g, "neonnoir.margin", "1"))
        return nn_fail_mem(err, "metadata");
    snprintf(mean, sizeof mean, "%.9g", s->normal.mean);
    snprintf(std, sizeof std, "%.9g", s->normal.std);
    if (nn_graph_set_meta(g, "neonnoir.mean", mean) || nn_graph_set_meta(g, "neonnoir.std", std) ||
        nn_graph_set_meta(g, "neonnoir.snapshot", snap->hash) ||
        nn_graph_set_meta(g, "neonnoir.data_licence", snap->licence))
        return nn_fail_mem(err, "metadata");
    return 0;
}
