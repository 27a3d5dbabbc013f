/* Which constants training may change: those that stand where weights stand. */
#include <string.h>

#include "runtime/onnx/read.h"

static const struct {
    const char *op;
    int input[2];
} weights[] = {
    { "Conv", { 1, 2 } },   { "ConvTranspose", { 1, 2 } }, { "Gemm", { 1, 2 } },
    { "MatMul", { 0, 1 } }, { "BatchNormalization", { 1, 2 } }, /* not its statistics */
    { "PRelu", { 1, 1 } },  { "InstanceNormalization", { 1, 2 } },
};

void nn_onnx_mark_weights(struct nn_graph *g)
{
    for (int i = 0; i < g->nnode; i++) {
        const struct nn_node *n = &g->node[i];
        for (size_t w = 0; w < sizeof weights / sizeof *weights; w++)
            for (int k = 0; k < 2 && !strcmp(n->op, weights[w].op); k++) {
                int at = weights[w].input[k], t = at < n->nin ? n->in[at] : -1;
                if (t >= 0 && g->tensor[t].data && g->tensor[t].type == NN_F32)
                    g->tensor[t].trainable = 1;
            }
    }
}
