/* Runs any ONNX model on zeros and prints what comes out: engine MODEL.onnx */
#include <engine.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    struct nn_engine_opts opts = { .threads = 2 };
    struct nn_err err = { 0 };
    struct nn_engine *e = nn_engine_load(argc > 1 ? argv[1] : "model.onnx", &opts, &err);
    struct nn_value in[8];
    const struct nn_value *out;
    int n = 0;

    if (!e)
        return fprintf(stderr, "%s\n", err.msg), 1;
    for (; n < 8 && !nn_engine_input(e, n, &in[n]); n++) {
        size_t count = 1;
        for (int k = 0; k < in[n].ndim; k++) {
            if (in[n].dim[k] == NN_DYNAMIC)
                in[n].dim[k] = 1;
            count *= (size_t)in[n].dim[k];
        }
        in[n].data = calloc(count, 8);      /* no element is larger */
    }
    if (nn_engine_run(e, in, n, &err))
        return fprintf(stderr, "%s\n", err.msg), 1;
    for (int i = 0; (out = nn_engine_output(e, i)); i++)
        printf("%s: %d dimensions, first value %g\n", out->name, out->ndim,
               out->type == NN_F32 ? *(float *)out->data : 0.0);
    nn_engine_free(e);
    return 0;
}
