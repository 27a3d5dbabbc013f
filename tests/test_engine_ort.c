/*
 * ONNX Runtime behind the engine's face, where NEONNOIR_ORT or the system has one: the
 * same answers, from a file, from memory and from a graph; errors; models ours refuses.
 */
#include <sys/stat.h>

#include "common/fs.h"
#include "common/pool.h"
#include "runtime/engine/engine.h"
#include "runtime/engine/ort.h"
#include "runtime/onnx/onnx.h"
#include "tests/test.h"

static float face[48 * 48];

static int run(struct nn_engine *e, struct nn_err *err)
{
    struct nn_value in;

    if (nn_engine_input(e, 0, &in) || nn_engine_input(e, 1, &in) == 0)
        return -1;
    CHECK(in.type == NN_F32 && in.ndim == 4 && in.dim[0] == NN_DYNAMIC && in.dim[3] == 48);
    in.dim[0] = 1;
    in.data = face;
    return nn_engine_run(e, &in, 1, err);
}

/* Both engines agree on the bundled model, whichever way it was loaded. */
static void check_same(struct nn_engine *ort, struct nn_engine *ours, struct nn_err *err)
{
    const struct nn_value *a, *b;

    CHECK_OK(ort && ours ? 0 : -1, err);
    if (!ort || !ours)
        return;
    for (int times = 0; times < 2; times++) {
        CHECK_OK(run(ort, err), err);
        CHECK_OK(run(ours, err), err);
    }
    a = nn_engine_output(ort, 0);
    b = nn_engine_output_named(ours, a->name);
    CHECK(b && a->ndim == 2 && a->dim[0] == 1 && a->dim[1] == b->dim[1] && a->type == NN_F32);
    for (int i = 0; b && i < a->dim[1]; i++)
        CHECK_NEAR(((float *)a->data)[i], ((float *)b->data)[i], 1e-4);
    CHECK(!nn_engine_output(ort, 1));
    CHECK(nn_engine_graph(ort)->nnode > 0);
    CHECK(!strcmp(nn_graph_meta(nn_engine_graph(ort), "neonnoir.task"), "emotion"));
}

static void check_bundled(const char *path)
{
    struct nn_engine_opts opts = { .kind = NN_ENGINE_ORT, .threads = 2 };
    struct nn_err err = { 0 };
    size_t size = 0;
    char *bytes = nn_file_read(path, 64 << 20, &size, &err);
    struct nn_graph *g = nn_onnx_read(path, &err);
    struct nn_engine *ours = nn_engine_load(path, NULL, &err), *ort;
    struct nn_ort *bare;

    for (int i = 0; i < 48 * 48; i++)
        face[i] = (float)(i % 23) / 23 - 0.5f;
    check_same(ort = nn_engine_load(path, &opts, &err), ours, &err);
    nn_engine_free(ort);
    check_same(ort = nn_engine_load_memory(bytes, size, &opts, &err), ours, &err);
    nn_engine_free(ort);
    check_same(ort = nn_engine_new(g, &opts, &err), ours, &err);
    nn_engine_free(ort);
    nn_engine_free(ours);
    check_same(ort = nn_engine_load(path, &opts, &err),
               ours = nn_engine_load_memory(bytes, size, NULL, &err), &err);
    nn_engine_free(ort);
    nn_engine_free(ours);
    /* What it says itself of a model. */
    CHECK_OK((bare = nn_ort_load(path, 1, &err)) ? 0 : -1, &err);
    if (bare) {
        const struct nn_graph *b = nn_ort_graph(bare);
        CHECK(b->nin == 1 && b->nout == 1 && b->nnode == 0 && b->nmeta == g->nmeta);
        CHECK(!strcmp(b->tensor[b->in[0]].name, g->tensor[g->in[0]].name));
        for (int i = 0; i < g->nmeta; i++)
            CHECK(!strcmp(nn_graph_meta(b, g->meta[i].key), g->meta[i].value));
    }
    nn_ort_free(bare);
    nn_graph_free(g);
    free(bytes);
}

static void check_errors(const char *path, const char *scratch)
{
    struct nn_engine_opts opts = { .kind = NN_ENGINE_ORT };
    struct nn_value in = { "face", NN_F32, 4, { 1, 1, 48, 48 }, face };
    struct nn_err err = { 0 };
    struct nn_engine *e;
    char junk[NN_PATH];

    CHECK_OK(nn_path(junk, &err, "%s/junk.onnx", scratch), &err);
    CHECK_OK(nn_file_write(junk, "not a model", 11, &err), &err);
    CHECK(!nn_engine_load(junk, &opts, &err) && strstr(err.msg, "ONNX Runtime: "));
    CHECK(!strchr(err.msg, '\n'));
    CHECK(!nn_engine_load("/nowhere/x.onnx", &opts, &err) && strstr(err.msg, "x.onnx"));
    CHECK(!nn_engine_load_memory("x", 1, &opts, &err));
    if (!(e = nn_engine_load(path, &opts, &err)))
        return;
    in.name = "nose";
    CHECK(nn_engine_run(e, &in, 1, &err) && strstr(err.msg, "no input 'nose'"));
    CHECK(nn_engine_run(e, &in, 0, &err) && strstr(err.msg, "is missing"));
    CHECK(!nn_engine_input(e, 0, &in));
    in.data = face;
    in.dim[0] = 1;
    in.dim[2] = 47;
    CHECK(nn_engine_run(e, &in, 1, &err) && strstr(err.msg, "ONNX Runtime: "));
    in.dim[2] = -1;
    CHECK(nn_engine_run(e, &in, 1, &err) && strstr(err.msg, "no possible shape"));
    CHECK_OK(run(e, &err), &err);
    nn_engine_free(e);
    unlink(junk);
}

/* Det has no place in our engine; ONNX Runtime runs it, and only when asked. */
static void check_refused(void)
{
    struct nn_engine_opts opts = { .kind = NN_ENGINE_ORT };
    struct nn_err err = { 0 };
    struct nn_graph *g = nn_graph_new("det", &err);
    float m[4] = { 1, 2, 3, 4 };
    struct nn_value in = { "x", NN_F32, 2, { 2, 2 }, m };
    struct nn_engine *e;
    int x = nn_graph_input(g, "x", 2, (int64_t[]){ 2, 2 });

    x = nn_graph_node(g, "Det", 1, &x, "det");
    nn_graph_output(g, x);
    CHECK_OK(nn_graph_finish(g, &err), &err);
    if (nn_engine_lacks(g, NULL, NULL))
        CHECK(!nn_engine_new(g, NULL, &err) && err.code == NN_EUNSUPPORTED);
    CHECK_OK((e = nn_engine_new(g, &opts, &err)) ? 0 : -1, &err);
    CHECK_OK(e ? nn_engine_run(e, &in, 1, &err) : 0, &err);
    if (e && nn_engine_output(e, 0))
        CHECK_NEAR(((float *)nn_engine_output(e, 0)->data)[0], -2, 1e-6);
    nn_engine_free(e);
    nn_graph_free(g);
}

/* Without a library, or with one that is another's, it says so and how. */
static void check_absent(const char *path, const char *scratch)
{
    struct nn_engine_opts opts = { .kind = NN_ENGINE_ORT };
    char *was = getenv("NEONNOIR_ORT") ? strdup(getenv("NEONNOIR_ORT")) : NULL;
    struct nn_err err = { 0 };

    setenv("NEONNOIR_ORT", scratch, 1);
    CHECK(!nn_engine_load(path, &opts, &err) && err.code == NN_ENOTFOUND);
    CHECK(strstr(err.msg, "NEONNOIR_ORT"));
    setenv("NEONNOIR_ORT", "libm.so.6", 1);
    CHECK(!nn_ort_version(&err) && strstr(err.msg, "libm.so.6 is no ONNX Runtime"));
    if (was)
        setenv("NEONNOIR_ORT", was, 1);
    else
        unsetenv("NEONNOIR_ORT");
    free(was);
}

int main(void)
{
    const char *path = "runtime/models/emotion.onnx";
    struct nn_err err = { 0 };
    char scratch[4096];

    CHECK(test_scratch(scratch, sizeof scratch));
    check_absent(path, scratch);
    if (!nn_ort_version(&err)) {
        rmdir(scratch);
        SKIP("no ONNX Runtime; NEONNOIR_ORT=libonnxruntime.so names one");
    }
    check_bundled(path);
    check_errors(path, scratch);
    check_refused();
    rmdir(scratch);
    return test_done();
}
