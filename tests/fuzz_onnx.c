/*
 * fuzz_onnx.c - any bytes as a model: parse, infer, load, run within 16 MiB.
 *
 * What loads has also run once (warm-up), so kernels see hostile shapes too.
 */
#include <stdint.h>
#include <stdlib.h>

#include "runtime/engine/engine.h"
#include "runtime/onnx/onnx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct nn_engine_opts opts = { .max_memory = 16 << 20 };
    struct nn_err err = { 0 };
    struct nn_graph *g = nn_onnx_parse(data, size, "fuzz", &err);
    size_t bytes;

    if (!g)
        return 0;
    free(nn_onnx_format(g, &bytes, &err));
    nn_engine_free(nn_engine_new(g, &opts, &err));
    nn_graph_free(g);
    return 0;
}
