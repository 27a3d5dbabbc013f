#include "runtime/face/detect_file.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/onnx/graph.h"
#include "runtime/tflite/tflite.h"

enum { MIN_SIDE = 32, MAX_SIDE = 1024 };

/* The user's own models; "" when nothing says where. */
static int own_folder(char out[NN_PATH], struct nn_err *err)
{
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");

    *out = 0;
    if (data && *data)
        return nn_path(out, err, "%s/neonnoir/models", data);
    return home && *home ? nn_path(out, err, "%s/.local/share/neonnoir/models", home) : 0;
}

int nn_face_file_find(const char *model, const char *env, const char *const *names,
                      char out[NN_PATH], struct nn_err *err)
{
    const char *named = model ? model : getenv(env);
    char own[NN_PATH], name[NN_PATH];

    if (named && *named)
        return nn_path(out, err, "%s", named) ? -1 : 1;
    if (own_folder(own, err))
        return -1;
    for (; *names; names++) {
        if (nn_path(name, err, "models/%s", *names))
            return -1;
        if (!nn_data_path(out, name, NULL))
            return 1;
        if (*own && !nn_path(out, NULL, "%s/%s", own, *names) && nn_exists(out))
            return 1;
    }
    return 0;
}

struct nn_engine *nn_face_file_load(const char *path, const struct nn_engine_opts *opts,
                                    struct nn_err *err)
{
    const char *dot = strrchr(path, '.');
    struct nn_graph *g;
    struct nn_engine *e;

    if (!dot || strcmp(dot, ".tflite"))
        return nn_engine_load(path, opts, err);
    if (!(g = nn_tflite_read(path, 1, err)))
        return NULL;
    if (!(e = nn_engine_new(g, opts, err)))
        nn_fail_in(err, "%s", path);
    nn_graph_free(g);
    return e;
}

int nn_face_file_input(const struct nn_engine *e, struct nn_face_input *in, struct nn_err *err)
{
    const struct nn_graph *g = nn_engine_graph(e);
    const struct nn_tensor *x = g->nin == 1 ? &g->tensor[g->in[0]] : NULL;
    int64_t h, w;

    if (!x || x->type != NN_F32 || x->ndim != 4 || (x->dim[0] != 1 && x->dim[0] != NN_DYNAMIC) ||
        (x->dim[1] != 3 && x->dim[3] != 3))
        return nn_fail(err, NN_EUNSUPPORTED, "it must take one float32 picture, 1 x 3 x height x "
                       "width or 1 x height x width x 3");
    in->name = x->name;
    in->last = x->dim[1] != 3;
    h = x->dim[in->last ? 1 : 2];
    w = x->dim[in->last ? 2 : 3];
    if ((h < 0) != (w < 0) ||
        (h >= 0 && (h < MIN_SIDE || w < MIN_SIDE || h > MAX_SIDE || w > MAX_SIDE)))
        return nn_fail(err, NN_EUNSUPPORTED, "it takes pictures of %lld x %lld; %d to %d a side "
                       "can be used", (long long)w, (long long)h, MIN_SIDE, MAX_SIDE);
    in->h = h < 0 ? 0 : (int)h;
    in->w = w < 0 ? 0 : (int)w;
    return 0;
}

int nn_face_file_run(struct nn_engine *e, const struct nn_face_input *in, int w, int h,
                     float *pixels, struct nn_err *err)
{
    struct nn_value v = { .name = in->name, .type = NN_F32, .ndim = 4, .data = pixels };

    v.dim[0] = 1;
    v.dim[1] = in->last ? h : 3;
    v.dim[2] = in->last ? w : h;
    v.dim[3] = in->last ? 3 : w;
    return nn_engine_run(e, &v, 1, err);
}
