/* The model card's first half: what the file says of the network, and what it is. */
#include <string.h>
#include <sys/stat.h>

#include "common/hash.h"
#include "runtime/onnx/graph.h"
#include "trainer/report.h"

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* A table's cell: no bar and no line may end it. */
static void cell(FILE *f, const char *text)
{
    for (const char *p = text; *p; p++)
        fprintf(f, *p == '|' ? "\\|" : "%c", *p == '\n' || *p == '\r' ? ' ' : *p);
}

/* 1234567 as 1,234,567. */
static const char *thousands(int64_t v, char buf[32])
{
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%lld", (long long)v), to = 0;

    for (int i = 0; i < n; i++) {
        if (i && (n - i) % 3 == 0)
            buf[to++] = ',';
        buf[to++] = digits[i];
    }
    buf[to] = 0;
    return buf;
}

/* Constants of the types that weights have. */
static int64_t parameters(const struct nn_graph *g)
{
    int64_t n = 0;

    for (int i = 0; i < g->ntensor; i++) {
        const struct nn_tensor *t = &g->tensor[i];
        if (t->data && (t->type == NN_F32 || t->type == NN_F16 || t->type == NN_I8))
            n += nn_tensor_elements(t);
    }
    return n;
}

static void write_values(FILE *f, const struct nn_graph *g, const int *t, int n)
{
    char shape[128];

    for (int i = 0; i < n; i++) {
        const struct nn_tensor *v = &g->tensor[t[i]];
        fprintf(f, "%s`", i ? "; " : "");
        cell(f, v->name);
        fprintf(f, "`, %s %s", nn_dtype_name(v->type),
                v->ndim < 0 ? "of any shape" : nn_shape_text(v->ndim, v->dim, shape, sizeof shape));
    }
}

/* "31 nodes: 10 Conv, 9 Relu, ..." */
static void write_operators(FILE *f, const struct nn_graph *g)
{
    fprintf(f, "%d nodes", g->nnode);
    for (int i = 0, first = 1; i < g->nnode; i++) {
        int count = 0, before = 0;
        for (int k = 0; k < g->nnode; k++)
            if (!strcmp(g->node[k].op, g->node[i].op)) {
                count++;
                before |= k < i;
            }
        if (before)
            continue;
        fprintf(f, "%s%d %s", first ? ": " : ", ", count, g->node[i].op);
        first = 0;
    }
}

static const char *meta_or(const struct nn_graph *g, const char *key, const char *otherwise)
{
    const char *text = nn_graph_meta(g, key);

    return text ? text : otherwise;
}

/* What else its metadata tell, the maker's words. */
static void write_training(FILE *f, const struct nn_graph *g)
{
    static const char *const known[] = { "neonnoir.classes", "neonnoir.mean", "neonnoir.std",
                                         "neonnoir.temperature", "neonnoir.abstain" };
    int told = 0;

    fprintf(f, "\n## What it was trained on\n\n");
    for (int i = 0; i < g->nmeta; i++) {
        int skip = 0;
        for (size_t k = 0; k < sizeof known / sizeof *known; k++)
            skip |= !strcmp(g->meta[i].key, known[k]);
        if (skip)
            continue;
        fprintf(f, told++ ? "| `" : "| the file says | |\n|---|---|\n| `");
        cell(f, g->meta[i].key);
        fprintf(f, "` | ");
        cell(f, g->meta[i].value);
        fprintf(f, " |\n");
    }
    if (!nn_graph_meta(g, "neonnoir.snapshot"))
        fprintf(f, "%sThe file does not say on which faces it was trained, so nobody can tell "
                "whether\nthose below are among them.\n", told ? "\n" : "");
}

int nn_report_network(const struct nn_report *r, FILE *f, struct nn_err *err)
{
    const struct nn_graph *g = r->graph;
    struct stat st;
    nn_hash hash;
    char number[32];

    if (nn_hash_file(r->model, hash, err))
        return -1;
    if (stat(r->model, &st))
        return nn_fail_errno(err, "cannot read %s", r->model);
    fprintf(f, "# %s\n\nAn emotion network, judged by `neonnoir train eval`: each figure below was "
            "measured by it or\nread from the file.\n\n| | |\n|---|---|\n| input | ",
            base_name(r->model));
    write_values(f, g, g->in, g->nin);
    fprintf(f, "; values (v / 255 - mean) / deviation with mean ");
    cell(f, meta_or(g, "neonnoir.mean", "0"));
    fprintf(f, ", deviation ");
    cell(f, meta_or(g, "neonnoir.std", "1"));
    fprintf(f, " |\n| output | ");
    write_values(f, g, g->out, g->nout);
    fprintf(f, "; classes ");
    cell(f, meta_or(g, "neonnoir.classes", NN_EMOTION_CLASSES));
    fprintf(f, " |\n| network | %s parameters; ", thousands(parameters(g), number));
    write_operators(f, g);
    fprintf(f, "; opset %lld |\n", (long long)g->opset);
    fprintf(f, "| file | %s bytes, SHA-256 `%s` |\n", thousands(st.st_size, number), hash);
    if (r->stored != 1)
        fprintf(f, "| temperature | %.4g, stored in the file and used by the runtime |\n",
                r->stored);
    else
        fprintf(f, "| temperature | none stored |\n");
    write_training(f, g);
    return 0;
}
