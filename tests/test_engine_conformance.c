/*
 * ONNX's own node cases (Debian's libonnx-testdata) for the operators we have:
 * passed, refused at load with a reason, or failed; none may fail.
 */
#include <dirent.h>

#include "common/fs.h"
#include "runtime/engine/engine.h"
#include "runtime/engine/wide.h"
#include "runtime/onnx/onnx.h"
#include "runtime/onnx/read.h"
#include "tests/test.h"

#define CASES "/usr/share/libonnx-testdata/data/node"

enum { PASSED, REFUSED, FAILED };

static int read_value(const char *dir, const char *kind, int i, struct nn_arena *a,
                      struct nn_tensor *t)
{
    char path[NN_PATH + 60];
    struct nn_err err = { 0 };
    size_t size;
    char *bytes;
    int ret = -1;

    snprintf(path, sizeof path, "%s/test_data_set_0/%s_%d.pb", dir, kind, i);
    if ((bytes = nn_file_read(path, 1 << 26, &size, &err))) {
        const uint8_t *p = (const uint8_t *)bytes;
        struct nn_pb span = { p, p + size, p, path, &err };
        ret = nn_onnx_read_tensor(span, a, t);
    }
    free(bytes);
    return ret;
}

static double value(enum nn_dtype type, const void *data, int64_t i)
{
    double v;

    nn_wide_read(type, data, i, 1, 1, NN_REAL, &v);
    return v;
}

static int same(const struct nn_value *got, const struct nn_tensor *want)
{
    int64_t n = nn_tensor_elements(want);

    enum nn_dtype type = want->type;
    double rel = got->type == NN_BF16 ? 0x1p-7 : got->type == NN_F16 ? 0x1p-10 : 1e-4;

    /* The cases' authors had no bfloat16 and stored its bits, cut, not rounded: one step off. */
    if (got->type == NN_BF16 && type == NN_U16)
        type = NN_BF16;
    if (got->type != type || got->ndim != want->ndim ||
        memcmp(got->dim, want->dim, (size_t)want->ndim * sizeof *want->dim))
        return 0;
    for (int64_t i = 0; i < n; i++) {
        double a = value(got->type, got->data, i), b = value(type, want->data, i);
        if (!(fabs(a - b) <= 1e-5 + rel * fabs(b)) && !(isnan(a) && isnan(b)) && a != b)
            return 0;
    }
    return 1;
}

/* Turns what exporters write as constants (shapes, axes, limits, scales) into
 * constants; the cases give them as inputs. */
static void freeze(struct nn_graph *g, int i, const struct nn_tensor *t)
{
    struct nn_tensor *to = &g->tensor[g->in[i]];

    to->data = t->data;
    to->ndim = t->ndim;
    memcpy(to->dim, t->dim, sizeof to->dim);
    to->type = t->type;
    g->in[i] = -1;
}

static int run_graph(struct nn_graph *g, const char *dir, struct nn_arena *a, struct nn_err *err)
{
    const char *op = g->node[0].op;
    int nin = 0, result = FAILED, sized = !strcmp(op, "Resize") || !strcmp(op, "Upsample");
    struct nn_engine *e;
    struct nn_tensor t;
    struct nn_value in[8];

    for (int i = 0; i < g->nin && i < 8; i++) {
        if (read_value(dir, "input", i, a, &t))
            return FAILED;
        if (g->tensor[g->in[i]].type == NN_BF16 && t.type == NN_U16)
            t.type = NN_BF16;       /* the cases' authors had no bfloat16 to store */
        /* Four CastLike cases declare `like` as 3x4 and give one value. */
        memcpy(g->tensor[g->in[i]].dim, t.dim, sizeof t.dim);
        g->tensor[g->in[i]].ndim = t.ndim;
        if ((i || !strcmp(op, "ConstantOfShape") || !strcmp(op, "Range")) && t.data &&
            (t.type == NN_I64 || t.type == NN_BOOL || (sized && i) || !strcmp(op, "CumSum") ||
                       !strcmp(op, "OneHot") || !strcmp(op, "Range"))) {
            freeze(g, i, &t);
            continue;
        }
        in[nin] = (struct nn_value){ g->tensor[g->in[i]].name, t.type, t.ndim, { 0 }, t.data };
        memcpy(in[nin].dim, t.dim, sizeof t.dim);
        g->in[nin++] = g->in[i];
    }
    g->nin = nin;
    if (!(e = nn_engine_new(g, NULL, err)))
        return err->code == NN_EUNSUPPORTED ? REFUSED : FAILED;
    if (!nn_engine_run(e, in, nin, err)) {
        result = PASSED;
        for (int i = 0; i < g->nout; i++)
            if (read_value(dir, "output", i, a, &t) || !same(nn_engine_output(e, i), &t))
                result = FAILED;
    } else if (err->code == NN_EUNSUPPORTED) {
        result = REFUSED;
    }
    nn_engine_free(e);
    return result;
}

static int run_case(const char *dir, struct nn_err *err)
{
    struct nn_arena a = { 0 };
    char path[NN_PATH + 20];
    struct nn_graph *g;
    int result = FAILED;

    snprintf(path, sizeof path, "%s/model.onnx", dir);
    if ((g = nn_onnx_read(path, err)))
        result = run_graph(g, dir, &a, err);
    nn_graph_free(g);
    nn_arena_release(&a);
    return result;
}

/* Whether every node of the model is one of our operators. */
static int is_ours(const char *dir)
{
    static const char *const ours[] = {
#define OP(name, lo, hi, shape, kernel) #name,
#include "runtime/onnx/ops.def"
#undef OP
    };
    char path[NN_PATH + 20];
    struct nn_graph *g;
    int yes;

    snprintf(path, sizeof path, "%s/model.onnx", dir);
    if (!(g = nn_onnx_read(path, NULL)))
        return 0;
    yes = g->nnode > 0;
    for (int i = 0; i < g->nnode && yes; i++) {
        yes = 0;
        for (size_t k = 0; k < sizeof ours / sizeof *ours; k++)
            yes |= !strcmp(ours[k], g->node[i].op);
    }
    nn_graph_free(g);
    return yes;
}

int main(void)
{
    DIR *d = opendir(CASES);
    struct dirent *entry;
    int count[3] = { 0 };

    if (!d)
        SKIP("libonnx-testdata is not installed");
    while ((entry = readdir(d))) {
        struct nn_err err = { 0 };
        char dir[NN_PATH];
        int result;
        snprintf(dir, sizeof dir, "%s/%.200s", CASES, entry->d_name);
        /* It divides by a fractional output size; ONNX Runtime does not, nor do we. */
        if (entry->d_name[0] == '.' || !is_ours(dir) ||
            !strcmp(entry->d_name, "test_resize_downsample_scales_linear_align_corners"))
            continue;
        count[result = run_case(dir, &err)]++;
        if (result != PASSED)
            printf("%s %s: %s\n", result == FAILED ? "FAILED" : "refused", entry->d_name, err.msg);
    }
    closedir(d);
    printf("node cases: %d passed, %d refused, %d failed\n", count[0], count[1], count[2]);
    CHECK(count[PASSED] > 620);
    CHECK(count[FAILED] == 0);
    return test_done();
}
