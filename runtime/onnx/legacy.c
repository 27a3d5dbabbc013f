/* Opsets 1 to 6: read where an operator means what it has meant since 7, refused by name
 * where it does not. Facts: ONNX's Changelog.md. */
#include <string.h>

#include "runtime/onnx/read.h"

/* Operators whose attributes or inputs changed in `since`, so that an older node would be
 * misread. Broadcasting along an axis is looked at by the shape rules. */
static const struct {
    const char *op;
    int64_t since;
} changed[] = {
    { "Cast", 6 }, { "Concat", 4 }, { "GRU", 7 }, { "LSTM", 7 }, { "Pad", 2 }, { "RNN", 7 },
    { "Reshape", 5 }, { "Split", 2 }, { "Tile", 6 }, { "Upsample", 7 },
};

int nn_onnx_check_legacy(const struct nn_graph *g, struct nn_err *err)
{
    for (int i = 0; g->opset < 7 && i < g->nnode; i++) {
        const struct nn_node *n = &g->node[i];
        int trains = !strcmp(n->op, "BatchNormalization") || !strcmp(n->op, "Dropout");
        for (size_t k = 0; k < sizeof changed / sizeof *changed; k++)
            if (!strcmp(n->op, changed[k].op) && g->opset < changed[k].since)
                return nn_fail(err, NN_EUNSUPPORTED, "node '%s' (%s): opset %lld defines it "
                               "otherwise; export with opset 7 or newer", n->name, n->op,
                               (long long)g->opset);
        if (trains && !nn_attr_int(n, "is_test", 0))
            return nn_fail(err, NN_EUNSUPPORTED, "node '%s' (%s): training mode is not supported",
                           n->name, n->op);
    }
    return 0;
}
