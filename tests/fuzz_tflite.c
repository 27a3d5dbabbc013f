/*
 * fuzz_tflite.c - any bytes as a TensorFlow Lite model: read, converted, written as ONNX.
 */
#include <stdint.h>
#include <stdlib.h>

#include "runtime/onnx/onnx.h"
#include "runtime/tflite/tflite.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct nn_err err = { 0 };
    struct nn_graph *g = nn_tflite_parse(data, size, "fuzz", size & 1, &err);
    size_t bytes;

    if (!g && (!err.code || !*err.msg))
        abort();    /* refused without a word */
    if (g)
        free(nn_onnx_format(g, &bytes, &err));
    nn_graph_free(g);
    return 0;
}
