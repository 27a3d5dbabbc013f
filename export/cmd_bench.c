/* neonnoir export bench: how fast a model runs, where its time goes, beside other engines. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "common/progress.h"
#include "common/stop.h"
#include "export/cmds.h"
#include "export/feed.h"
#include "export/race.h"
#include "runtime/onnx/onnx.h"

static struct {
    const char *engine;
    struct nn_opt_list shape;
    int64_t threads, max_memory;
    double seconds;
    int json;
} o = { .engine = "ours", .threads = 1, .max_memory = NN_ENGINE_MEMORY, .seconds = 2 };

const struct nn_opt nn_export_bench_opts[] = {
    { "engine", 0, NN_OPT_TEXT, "NAME,...", "ours, ort (ONNX Runtime), opencv; several in turn",
      &o.engine, 0, 0 },
    { "threads", 't', NN_OPT_INT, "N", "the caller counted", &o.threads, 1, 256 },
    { "shape", 0, NN_OPT_LIST, "NAME=1x3x320x320", "size of an input that leaves it open", &o.shape,
      0, 0 },
    { "seconds", 0, NN_OPT_REAL, "S", "to measure for, each engine", &o.seconds, 0.01, 3600 },
    { "max-memory", 0, NN_OPT_SIZE, "SIZE", "for the model's weights and values", &o.max_memory,
      1 << 20, 0x1p40 },
    { "json", 0, NN_OPT_FLAG, NULL, "print JSON", &o.json, 0, 0 },
    { 0 },
};

struct bench {
    struct nn_graph *g;         /* shapes as measured */
    struct nn_feed feed;
    int n, ours;                /* engines; which of them is ours, or -1 */
    struct nn_rival *rival[NN_RIVALS];
    char what[NN_RIVALS][64];
    struct nn_lap lap[NN_RIVALS];
    double peak;                /* multiply-adds a second of one core */
    double *ms;                 /* per node, one run; NULL: without ours */
    int *order;                 /* nodes, slowest first */
};

static struct nn_engine_opts engine_opts(int profile)
{
    return (struct nn_engine_opts){ .threads = (int)o.threads, .profile = profile,
                                    .max_memory = (size_t)o.max_memory };
}

static int load_rivals(struct bench *b, const char *path, struct nn_err *err)
{
    struct nn_engine_opts opts = engine_opts(0);
    char name[16];
    size_t length;

    for (const char *p = o.engine; *p; p += length + (p[length] == ',')) {
        length = strcspn(p, ",");
        snprintf(name, sizeof name, "%.*s", (int)(length < 15 ? length : 15), p);
        for (int i = 0; i < b->n; i++)
            if (!strcmp(nn_rival_name(b->rival[i]), name))
                return nn_fail(err, NN_EUSAGE, "--engine names %s twice", name);
        if (!nn_rival_describe(name, b->what[b->n], sizeof b->what[0], err) ||
            !(b->rival[b->n] = nn_rival_load(name, path, &opts, err)))
            return -1;
        if (nn_rival_ours(b->rival[b->n]))
            b->ours = b->n;
        b->n++;
    }
    return b->n ? 0 : nn_fail(err, NN_EUSAGE, "--engine names none");
}

static const double *sorted_ms;

static int slower(const void *a, const void *b)
{
    int p = *(const int *)a, q = *(const int *)b;

    return sorted_ms[p] < sorted_ms[q] ? 1 : sorted_ms[p] > sorted_ms[q] ? -1 : p - q;
}

/* Runs once more with a clock at every node, which the timings above go without. */
static int profile(struct bench *b, const char *path, struct nn_err *err)
{
    struct nn_engine_opts opts = engine_opts(1);
    struct nn_rival *r = nn_rival_load("ours", path, &opts, err);
    double end = nn_now() + o.seconds / 2;
    int runs = 0, bad = !r;

    b->ms = calloc((size_t)b->g->nnode + 1, sizeof *b->ms);
    b->order = calloc((size_t)b->g->nnode + 1, sizeof *b->order);
    if (!b->ms || !b->order)
        bad = nn_fail_mem(err, path);
    for (; !bad && (!runs || nn_now() < end); runs++)
        bad = nn_rival_run(r, b->feed.v, b->feed.n, err) || nn_check_stop("bench", err);
    for (int i = 0; i < b->g->nnode && !bad; i++) {
        b->order[i] = i;
        b->ms[i] = nn_engine_node_ms(nn_rival_ours(r), i) / runs;
    }
    if (!bad) {
        sorted_ms = b->ms;
        qsort(b->order, (size_t)b->g->nnode, sizeof *b->order, slower);
    }
    nn_rival_free(r);
    return bad ? -1 : 0;
}

/* A chain that runs as one task is timed at its last node: the multiplications of those
 * before it that took no time themselves, and the operator that has most of them. */
static int64_t macs_through(const struct bench *b, int k, int depth, const char **op)
{
    const struct nn_node *n = &b->g->node[k];
    int64_t macs = nn_node_macs(b->g, n), most = macs;

    macs = macs > 0 ? macs : 0;
    for (int i = 0; i < k && depth < 6; i++)
        for (int s = 0; s < n->nin && b->ms[i] <= 0; s++)
            if (n->in[s] >= 0 && b->g->node[i].out[0] == n->in[s]) {
                const char *inner = b->g->node[i].op;
                int64_t more = macs_through(b, i, depth + 1, &inner);
                if (more > most) {
                    most = more;
                    *op = inner;
                }
                macs += more;
            }
    return macs;
}

static void print_nodes(const struct bench *b)
{
    double all = 0;
    char shape[128];
    int rest = 0;

    for (int i = 0; i < b->g->nnode; i++)
        all += b->ms[i];
    printf("\n%9s %6s %9s %8s  %-18s %-20s %s\n", "ms", "share", "MMAC", "GMAC/s", "operator",
           "shape", "node");
    for (int i = 0; i < b->g->nnode; i++) {
        int k = b->order[i];
        const struct nn_node *n = &b->g->node[k];
        const struct nn_tensor *y = &b->g->tensor[n->out[0]];
        const char *op = n->op;
        double mmac = (double)macs_through(b, k, 0, &op) * 1e-6;
        char label[64];
        if (b->ms[k] <= 0) {
            rest++;
            continue;
        }
        printf("%9.4f %4.1f %% ", b->ms[k], 100 * b->ms[k] / all);
        if (mmac > 0)
            printf("%9.3f %8.1f", mmac, mmac / b->ms[k]);
        else
            printf("%9s %8s", "", "");
        snprintf(label, sizeof label, op == n->op ? "%.30s" : "%.30s+%.30s", op, n->op);
        printf("  %-18s %-20s %s\n", label, y->ndim < 0 ? "?" :
               nn_shape_text(y->ndim, y->dim, shape, sizeof shape), *n->name ? n->name : y->name);
    }
    printf("%9.4f in all", all);
    if (rest)
        printf("; %d nodes take no time of their own: they went into others or are constant", rest);
    printf("\n");
}

static void report_text(const struct bench *b, const char *path, double mmac)
{
    printf("%s: %.1f MMAC, %d thread%s; one core's peak is %.1f GMAC/s\n", path, mmac,
           (int)o.threads, o.threads > 1 ? "s" : "", b->peak * 1e-9);
    for (int i = 0; i < b->g->nin; i++) {
        const struct nn_tensor *t = &b->g->tensor[b->g->in[i]];
        char shape[128];
        printf("input %s %s %s\n", t->name, nn_dtype_name(t->type),
               nn_shape_text(t->ndim, t->dim, shape, sizeof shape));
    }
    printf("\n%-24s %9s %9s %9s %7s", "", "median ms", "p99 ms", "GMAC/s", "peak");
    printf(b->n > 1 ? "  of %s\n" : "\n", b->what[0]);
    for (int i = 0; i < b->n; i++) {
        double rate = mmac * 1e6 / b->lap[i].median;
        printf("%-24s %9.4f %9.4f %9.2f %5.1f %%", b->what[i], 1e3 * b->lap[i].median,
               1e3 * b->lap[i].p99, rate * 1e-9, 100 * rate / (b->peak * (double)o.threads));
        if (i)
            printf("  %.2f times as long", b->lap[i].median / b->lap[0].median);
        printf("\n");
    }
    if (b->ms)
        print_nodes(b);
}

static void add_nodes(const struct bench *b, cJSON *list)
{
    for (int i = 0; i < b->g->nnode; i++) {
        int k = b->order[i];
        const struct nn_node *n = &b->g->node[k];
        const char *op = n->op;
        int64_t macs = b->ms[k] > 0 ? macs_through(b, k, 0, &op) : 0;
        cJSON *j = cJSON_CreateObject();
        cJSON_AddStringToObject(j, "node", n->name);
        cJSON_AddStringToObject(j, "op", n->op);
        cJSON_AddStringToObject(j, "with", op);
        cJSON_AddStringToObject(j, "output", b->g->tensor[n->out[0]].name);
        cJSON_AddNumberToObject(j, "ms", b->ms[k]);
        cJSON_AddNumberToObject(j, "mmac", macs > 0 ? (double)macs * 1e-6 : 0);
        cJSON_AddItemToArray(list, j);
    }
}

static int report_json(const struct bench *b, const char *path, double mmac, struct nn_err *err)
{
    cJSON *root = cJSON_CreateObject(), *list;

    cJSON_AddStringToObject(root, "model", path);
    cJSON_AddNumberToObject(root, "threads", (double)o.threads);
    cJSON_AddNumberToObject(root, "mmac", mmac);
    cJSON_AddNumberToObject(root, "peak_gmacs", b->peak * 1e-9);
    list = cJSON_AddArrayToObject(root, "engines");
    for (int i = 0; i < b->n; i++) {
        double rate = mmac * 1e6 / b->lap[i].median;
        cJSON *j = cJSON_CreateObject();
        cJSON_AddStringToObject(j, "engine", nn_rival_name(b->rival[i]));
        cJSON_AddStringToObject(j, "version", b->what[i]);
        cJSON_AddNumberToObject(j, "runs", b->lap[i].runs);
        cJSON_AddNumberToObject(j, "median_ms", 1e3 * b->lap[i].median);
        cJSON_AddNumberToObject(j, "p99_ms", 1e3 * b->lap[i].p99);
        cJSON_AddNumberToObject(j, "least_ms", 1e3 * b->lap[i].least);
        cJSON_AddNumberToObject(j, "gmacs", rate * 1e-9);
        cJSON_AddNumberToObject(j, "of_peak", rate / (b->peak * (double)o.threads));
        cJSON_AddNumberToObject(j, "of_first", b->lap[i].median / b->lap[0].median);
        cJSON_AddItemToArray(list, j);
    }
    if (b->ms)
        add_nodes(b, cJSON_AddArrayToObject(root, "nodes"));
    return nn_json_print(root, err);
}

int nn_export_bench(int argc, char **argv, struct nn_err *err)
{
    struct bench b = { .ours = -1 };
    double mmac = 0;
    int bad;

    (void)argc;
    bad = !(b.g = nn_onnx_read(argv[0], err)) || load_rivals(&b, argv[0], err) ||
          nn_feed_shape(b.g, o.shape.value, o.shape.count, err) ||
          nn_feed_init(&b.feed, b.g, 1, err);
    if (!bad) {
        b.peak = nn_peak_macs();
        mmac = (double)nn_graph_macs(b.g) * 1e-6;
        bad = nn_race(b.rival, b.n, b.feed.v, b.feed.n, o.seconds, b.lap, err) ||
              (b.ours >= 0 && profile(&b, argv[0], err));
    }
    if (!bad && o.json)
        bad = report_json(&b, argv[0], mmac, err);
    else if (!bad)
        report_text(&b, argv[0], mmac);
    for (int i = 0; i < NN_RIVALS; i++)
        nn_rival_free(b.rival[i]);
    nn_feed_release(&b.feed);
    free(b.ms);
    free(b.order);
    nn_graph_free(b.g);
    return bad ? -1 : 0;
}
