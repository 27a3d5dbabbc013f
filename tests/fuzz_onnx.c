/*
 * fuzz_onnx.c - any bytes as a model: parse, infer, load within 16 MiB, run within 256 KiB.
 *
 * What loads has also run once (warm-up), so kernels see hostile shapes too. The runs
 * after it bring values, which decide shapes and sizes behind NonZero and its like.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/engine/engine.h"
#include "runtime/onnx/onnx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUTS = 6, VALUES = 4096 };

/* Small numbers from the file itself, of the input's type. */
static void fill(struct nn_value *v, int64_t n, const uint8_t *data, size_t size, size_t at)
{
    for (int64_t i = 0; i < n; i++) {
        int b = data[(at + (size_t)i * 7) % size] % 9 - 2;
        switch (v->type) {
        case NN_I64: ((int64_t *)v->data)[i] = b; break;
        case NN_I32: ((int32_t *)v->data)[i] = b; break;
        case NN_F32: ((float *)v->data)[i] = (float)b / 2; break;
        case NN_F64: ((double *)v->data)[i] = (double)b / 2; break;
        default: ((uint8_t *)v->data)[i] = b > 1; break;
        }
    }
}

static void run(struct nn_engine *e, const uint8_t *data, size_t size, size_t round)
{
    static _Alignas(64) uint64_t memory[INPUTS][VALUES];
    struct nn_value in[INPUTS];
    struct nn_err err = { 0 };
    int nin = 0;

    for (; nin < INPUTS && !nn_engine_input(e, nin, &in[nin]); nin++) {
        struct nn_value *v = &in[nin];
        int64_t n = 1;
        v->ndim = v->ndim < 0 ? data[round % size] % 4 : v->ndim;
        for (int k = 0; k < v->ndim; k++) {
            if (v->dim[k] < 0)
                v->dim[k] = data[(round + (size_t)k) % size] % 4;
            n = v->dim[k] > VALUES ? VALUES + 1 : n * v->dim[k];
            if (n > VALUES)
                return;
        }
        v->data = memory[nin];
        memset(v->data, 0, sizeof memory[nin]);
        fill(v, n, data, size, size / 2 + (size_t)nin + round * 31);
    }
    if (!nn_engine_run(e, in, nin, &err))
        for (int i = 0; nn_engine_output(e, i); i++)
            if (nn_engine_output(e, i)->ndim < 0)
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct nn_engine_opts opts = { .max_memory = 16 << 20 }, small = { .max_memory = 1 << 18 };
    struct nn_err err = { 0 };
    struct nn_graph *g = nn_onnx_parse(data, size, "fuzz", &err);
    struct nn_engine *e;
    size_t bytes;

    if (!g)
        return 0;
    free(nn_onnx_format(g, &bytes, &err));
    nn_engine_free(nn_engine_new(g, &opts, &err));
    if ((e = nn_engine_new(g, &small, &err)))
        for (size_t round = 0; round < 3; round++)
            run(e, data, size, round);
    nn_engine_free(e);
    nn_graph_free(g);
    return 0;
}
