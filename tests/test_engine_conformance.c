/*
 * ONNX's own cases (Debian's libonnx-testdata), all of them: passed, refused
 * with a reason, or failed; none may fail. NEONNOIR_CONFORMANCE=table prints
 * docs/operators.md, which has to be what the run gives.
 */
#include <dirent.h>

#include "common/fs.h"
#include "runtime/engine/engine.h"
#include "runtime/engine/wide.h"
#include "runtime/onnx/onnx.h"
#include "runtime/onnx/read.h"
#include "tests/test.h"

#define CASES "/usr/share/libonnx-testdata/data"
enum { MAX_CASES = 2048, NODE_CASES = 932, ALL_CASES = 1072, MAX_ROWS = 400 };

enum { PASSED, REFUSED, FAILED };

static int read_value(const char *dir, int set, const char *kind, int i, struct nn_arena *a,
                      struct nn_tensor *t)
{
    char path[NN_PATH + 60];
    struct nn_err err = { 0 };
    size_t size;
    char *bytes;
    int ret = -1;

    snprintf(path, sizeof path, "%s/test_data_set_%d/%s_%d.pb", dir, set, kind, i);
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

static double relative = 1e-4;      /* allowed of this case */

static int same(const struct nn_value *got, const struct nn_tensor *want)
{
    int64_t n = nn_tensor_elements(want);

    enum nn_dtype type = want->type;
    double rel = got->type == NN_BF16 ? 0x1p-7 : got->type == NN_F16 ? 0x1p-10 : relative;

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

static int run_graph(struct nn_graph *g, const char *dir, int set, struct nn_arena *a,
                     struct nn_err *err)
{
    int nin = 0, result = FAILED;
    struct nn_engine *e;
    struct nn_tensor t;
    struct nn_value in[8];

    for (int i = 0; i < g->nin && i < 8; i++) {
        if (read_value(dir, set, "input", i, a, &t))
            return FAILED;
        if (g->tensor[g->in[i]].type == NN_BF16 && t.type == NN_U16)
            t.type = NN_BF16;       /* the cases' authors had no bfloat16 to store */
        /* Four CastLike cases declare `like` as 3x4 and give one value. */
        memcpy(g->tensor[g->in[i]].dim, t.dim, sizeof t.dim);
        g->tensor[g->in[i]].ndim = t.ndim;
        in[nin] = (struct nn_value){ g->tensor[g->in[i]].name, t.type, t.ndim, { 0 }, t.data };
        memcpy(in[nin++].dim, t.dim, sizeof t.dim);
    }
    if (!(e = nn_engine_new(g, NULL, err)))
        return err->code == NN_EUNSUPPORTED ? REFUSED : FAILED;
    if (!nn_engine_run(e, in, nin, err)) {
        result = PASSED;
        for (int i = 0; i < g->nout; i++)
            if (read_value(dir, set, "output", i, a, &t) || !same(nn_engine_output(e, i), &t))
                result = FAILED;
    } else if (err->code == NN_EUNSUPPORTED) {
        result = REFUSED;
    }
    nn_engine_free(e);
    return result;
}

/* The worst of the case's data sets. */
static int run_case(const char *dir, struct nn_err *err)
{
    char path[NN_PATH + 40];
    int worst = PASSED;

    /* The windows' authors took 3.1415 for pi, GridSample's and RoiAlign's wrote four decimals;
     * ONNX itself allows as much everywhere. */
    relative = strstr(dir, "window") || strstr(dir, "gridsample") || strstr(dir, "roialign")
                   ? 1e-3 : 1e-4;
    for (int set = 0; set < 100; set++) {
        struct nn_arena a = { 0 };
        struct nn_graph *g;
        int result;
        snprintf(path, sizeof path, "%s/test_data_set_%d", dir, set);
        if (access(path, R_OK))
            return set ? worst : FAILED;
        snprintf(path, sizeof path, "%s/model.onnx", dir);
        g = nn_onnx_read(path, err);
        result = g ? run_graph(g, dir, set, &a, err)
                   : err->code == NN_EUNSUPPORTED ? REFUSED : FAILED;
        worst = result > worst ? result : worst;
        nn_graph_free(g);
        nn_arena_release(&a);
    }
    return worst;
}

/* The operator of a case: that of its only node, else "several operators". The file is
 * walked without the reader, which refuses some. */
static void name_case(const char *dir, char *op, size_t size)
{
    char path[NN_PATH + 40];
    struct nn_err err = { 0 };
    size_t bytes = 0;
    int nodes = 0;

    snprintf(path, sizeof path, "%s/model.onnx", dir);
    char *file = nn_file_read(path, 1 << 28, &bytes, &err);
    const uint8_t *p = (const uint8_t *)file;
    struct nn_pb model = { p, p ? p + bytes : p, p, path, &err };
    struct nn_pb_field f, g, h;
    snprintf(op, size, "none");
    while (file && nn_pb_next(&model, &f) > 0)
        while (f.id == 7 && nn_pb_next(&f.sub, &g) > 0)
            while (g.id == 1 && nn_pb_next(&g.sub, &h) > 0)
                if (h.id == 4 && nodes++ < 1)
                    snprintf(op, size, "%.*s", (int)(h.sub.end - h.sub.p), (const char *)h.sub.p);
    if (nodes > 1)
        snprintf(op, size, "several operators");
    free(file);
}

static struct row {
    char op[60], why[120];          /* why: the first reason */
    int count[3];
} rows[MAX_ROWS];
static int nrows;

static struct row *row_of(const char *op)
{
    int i = 0;

    while (i < nrows && strcmp(rows[i].op, op))
        i++;
    if (i == MAX_ROWS)
        exit(1);
    if (i == nrows)
        snprintf(rows[nrows++].op, sizeof rows->op, "%s", op);
    return &rows[i];
}

/* A reason without the file and node that it was said of. */
static const char *reason(const char *msg)
{
    const char *at = strstr(msg, "): "), *byte = strstr(msg, ": byte ");

    if (at)
        return at + 3;
    return byte && strstr(byte + 2, ": ") ? strstr(byte + 2, ": ") + 2 : msg;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static char *table(const int node[3], const int all[3])
{
    size_t size = 1 << 17, n = 0;
    char *text = calloc(1, size);

    qsort(rows, (size_t)nrows, sizeof *rows, by_name);
    n += (size_t)snprintf(text + n, size - n,
        "# Operators\n\nWhat the engine does with ONNX's own cases (Debian's libonnx-testdata "
        "1.12), written by\n`NEONNOIR_CONFORMANCE=table build/tests/test_engine_conformance > "
        "docs/operators.md`; a test\nsees to it that this is what a run gives.\n\n"
        "| cases | passed | refused | failed |\n|---|---|---|---|\n| %d of set node | %d | %d "
        "| %d |\n| %d in all | %d | %d | %d |\n\n"
        "| operator | passed | refused | first reason |\n|---|---|---|---|\n", NODE_CASES, node[0],
        node[1], node[2], ALL_CASES, all[0], all[1], all[2]);
    for (int i = 0; i < nrows && n < size - 400; i++)
        n += (size_t)snprintf(text + n, size - n, "| %s | %d | %d | %s |\n", rows[i].op,
                              rows[i].count[PASSED], rows[i].count[REFUSED], rows[i].why);
    return text;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Cases of one set, in the order of their names. */
static void run_set(const char *set, int count[3])
{
    static char *name[MAX_CASES];
    char dir[NN_PATH];
    struct dirent *entry;
    int n = 0;

    snprintf(dir, sizeof dir, CASES "/%s", set);
    DIR *d = opendir(dir);
    while (d && (entry = readdir(d)) && n < MAX_CASES)
        if (entry->d_name[0] != '.')
            name[n++] = strdup(entry->d_name);
    if (d)
        closedir(d);
    qsort(name, (size_t)n, sizeof *name, by_text);
    for (int i = 0; i < n; i++) {
        struct nn_err err = { 0 };
        char op[60];
        int result;
        snprintf(dir, sizeof dir, CASES "/%s/%.200s", set, name[i]);
        name_case(dir, op, sizeof op);
        struct row *r = row_of(op);
        result = run_case(dir, &err);
        count[result]++;
        r->count[result]++;
        if (result == REFUSED && !*r->why)
            snprintf(r->why, sizeof r->why, "%.119s", reason(err.msg));
        if (result == FAILED)
            fprintf(stderr, "FAILED %s: %s\n", name[i], err.msg);
        free(name[i]);
    }
}

int main(void)
{
    static const char *const others[] = { "simple", "pytorch-converted", "pytorch-operator" };
    const char *want = getenv("NEONNOIR_CONFORMANCE");
    int node[3] = { 0 }, all[3];
    struct nn_err err = { 0 };
    char *made, *kept;
    size_t size;

    if (access(CASES "/node", R_OK))
        SKIP("libonnx-testdata is not installed");
    run_set("node", node);
    memcpy(all, node, sizeof all);
    for (int i = 0; i < 3; i++)
        run_set(others[i], all);
    made = table(node, all);
    if (want && !strcmp(want, "table")) {
        fputs(made, stdout);
        free(made);
        return all[FAILED] > 0;
    }
    printf("node cases: %d passed, %d refused, %d failed; all: %d, %d, %d\n", node[PASSED],
           node[REFUSED], node[FAILED], all[PASSED], all[REFUSED], all[FAILED]);
    CHECK(node[PASSED] >= 861);
    CHECK(all[PASSED] >= 985);
    CHECK(all[FAILED] == 0);
    if (all[0] + all[1] + all[2] == ALL_CASES) {    /* the package the table was made with */
        kept = nn_file_read("docs/operators.md", 1 << 20, &size, &err);
        if (!kept || strcmp(kept, made))
            fprintf(stderr, "docs/operators.md is not this run's: its second paragraph says how "
                            "to write it again\n");
        CHECK(kept && !strcmp(kept, made));
        free(kept);
    }
    free(made);
    return test_done();
}
