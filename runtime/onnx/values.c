/* Which operands decide by their values, not only by their shapes, what a node's outputs
 * look like or how it works; from ONNX's Operators.md. */
#include <string.h>

#include "runtime/onnx/infer.h"

#define OPEN NN_OPEN

static const struct {
    const char *op;
    uint32_t inputs;            /* bit k: input k */
} wants[] = {
    { "AffineGrid", 2 }, { "BlackmanWindow", 1 }, { "CenterCropPad", 2 }, { "Col2Im", 2 | 4 },
    { "Compress", OPEN }, { "ConstantOfShape", 1 }, { "CumSum", 2 }, { "DFT", 2 | 4 },
    { "Dropout", 2 | 4 }, { "Expand", 2 }, { "HammingWindow", 1 }, { "HannWindow", 1 },
    { "MaxUnpool", 4 }, { "MelWeightMatrix", 31 }, { "NonMaxSuppression", OPEN },
    { "NonZero", OPEN }, { "OneHot", 2 }, { "Pad", 2 | 8 }, { "Range", 7 }, { "Reshape", 2 },
    { "Resize", 2 | 4 | 8 }, { "STFT", 2 | 8 }, { "Slice", 2 | 4 | 8 | 16 }, { "Split", 2 },
    { "Squeeze", 2 }, { "Tile", 2 }, { "TopK", 2 }, { "Unique", OPEN }, { "Unsqueeze", 2 },
    { "Upsample", 2 },
};

uint32_t nn_infer_wants(const struct nn_node *n)
{
    for (size_t i = 0; i < sizeof wants / sizeof *wants; i++)
        if (!strcmp(wants[i].op, n->op))
            return wants[i].inputs;
    return strncmp(n->op, "Reduce", 6) ? 0 : 2;
}
