/* Inputs from files: a TensorProto (.pb, as ONNX's test data) or bare values. */
#include <string.h>
#include <stdlib.h>

#include "common/fs.h"
#include "export/feed.h"
#include "runtime/onnx/read.h"

enum { MOST = 1 << 30 };

/* The input that "NAME=FILE" or a lone FILE names; *file is where the path starts. */
static int find_input(const struct nn_graph *g, const char *text, const char **file,
                      struct nn_err *err)
{
    const char *eq = strchr(text, '=');

    for (int i = 0; eq && i < g->nin; i++) {
        const char *name = g->tensor[g->in[i]].name;
        if (strlen(name) == (size_t)(eq - text) && !strncmp(name, text, (size_t)(eq - text))) {
            *file = eq + 1;
            return i;
        }
    }
    *file = text;
    return g->nin == 1 ? 0 : nn_fail(err, NN_EUSAGE, "--input %s names none of the %d inputs; the "
                                     "first is '%s'", text, g->nin,
                                     g->nin ? g->tensor[g->in[0]].name : "");
}

/* Its shape for the graph, or its values for the feed. */
static int use(struct nn_feed *f, struct nn_tensor *in, int i, const struct nn_tensor *t,
               struct nn_err *err)
{
    char got[128], want[128];
    int fits = t->type == in->type && (in->ndim < 0 || in->ndim == t->ndim);

    for (int k = 0; fits && k < t->ndim && in->ndim >= 0; k++)
        fits = in->dim[k] < 0 || in->dim[k] == t->dim[k];
    if (!fits)
        return nn_fail(err, NN_EFORMAT, "%s %s, input '%s' is %s %s", nn_dtype_name(t->type),
                       nn_shape_text(t->ndim, t->dim, got, sizeof got), in->name,
                       nn_dtype_name(in->type), in->ndim < 0 ? "of any shape" :
                       nn_shape_text(in->ndim, in->dim, want, sizeof want));
    if (f && nn_tensor_bytes(t)) {
        memcpy(f->v[i].data, t->data, nn_tensor_bytes(t));
        return 0;
    }
    in->ndim = t->ndim;
    memcpy(in->dim, t->dim, sizeof in->dim);
    return 0;
}

int nn_feed_file(struct nn_feed *f, struct nn_graph *g, const char *text, struct nn_err *err)
{
    struct nn_arena a = { .limit = MOST };
    struct nn_tensor t = { 0 }, *in;
    const char *file, *dot;
    int i = find_input(g, text, &file, err), bad = 0;
    size_t size;
    char *bytes = i < 0 ? NULL : nn_file_read(file, MOST, &size, err);

    if (!bytes)
        return -1;
    in = &g->tensor[g->in[i]];
    dot = strrchr(file, '.');
    if (dot && !strcmp(dot, ".pb")) {
        const uint8_t *p = (const uint8_t *)bytes;
        struct nn_pb span = { p, p + size, p, file, err };
        bad = nn_onnx_read_tensor(span, &a, &t) ||
              (use(f, in, i, &t, err) && nn_fail_in(err, "%s", file));
    } else if (f && size != nn_tensor_bytes(in)) {
        bad = nn_fail(err, NN_EFORMAT, "%s holds %zu bytes, input '%s' takes %zu", file, size,
                      in->name, nn_tensor_bytes(in));
    } else if (f) {
        memcpy(f->v[i].data, bytes, size);
    }
    nn_arena_release(&a);
    free(bytes);
    return bad ? -1 : 0;
}
