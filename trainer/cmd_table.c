/* neonnoir train gesture, motion, gyro, fusion: judged on whom they have not seen. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fs.h"
#include "common/json.h"
#include "common/log.h"
#include "common/progress.h"
#include "runtime/onnx/onnx.h"
#include "trainer/cmds.h"
#include "trainer/table_fit.h"
#include "trainer/table_judge.h"
#include "trainer/torch.h"

#define MOST_DIFFERENCE 1e-4    /* between our engine and libtorch, of a logit */

static struct {
    struct nn_table_opts s;
    const char *on, *to, *report;
    int json;
} o = { .s = { .batch = 64, .seed = 1, .threads = 1, .rate = 0.05, .decay = 2e-3,
               .smoothing = 0.05, .ema = 0.998, .dropout = 0.4 } };

const struct nn_opt nn_train_table_opts[] = {
    { "on", 0, NN_OPT_TEXT, "ARCHIVE|DIR", "the recordings", &o.on, 0, 0 },
    { "output", 'o', NN_OPT_TEXT, "MODEL.onnx", "where to write the network", &o.to, 0, 0 },
    { "report", 0, NN_OPT_TEXT, "DIR", "also best.onnx, metrics.json, metrics.csv, confusion.png",
      &o.report, 0, 0 },
    { "epochs", 'e', NN_OPT_INT, "N", "passes over the data; 0: as fits the task", &o.s.epochs, 0,
      2000 },
    { "batch", 'b', NN_OPT_INT, "N", "rows in a step", &o.s.batch, 2, 4096 },
    { "width", 0, NN_OPT_INT, "N", "of the first layer; 0: as fits the task", &o.s.width, 0, 512 },
    { "rate", 0, NN_OPT_REAL, "X", "peak learning rate", &o.s.rate, 1e-7, 10 },
    { "decay", 0, NN_OPT_REAL, "X", "weight decay", &o.s.decay, 0, 1 },
    { "smoothing", 0, NN_OPT_REAL, "X", "label smoothing", &o.s.smoothing, 0, 0.9 },
    { "ema", 0, NN_OPT_REAL, "X", "decay of the averaged weights", &o.s.ema, 0, 0.99999 },
    { "dropout", 0, NN_OPT_REAL, "X", "before the classifier", &o.s.dropout, 0, 0.9 },
    { "seed", 0, NN_OPT_INT, "N", "of weights, order, variation, dropout", &o.s.seed, 0, 1e9 },
    { "threads", 't', NN_OPT_INT, "N", "of libtorch", &o.s.threads, 1, 256 },
    { "json", 0, NN_OPT_FLAG, NULL, "print JSON", &o.json, 0, 0 },
    { 0 },
};

struct job {
    const struct nn_table_task *task;
    int classes;
    struct nn_table t;
    float *logits;                              /* (rows, classes), by networks that had not seen */
    struct nn_left_out group[NN_TABLE_GROUPS], all;
    struct nn_table_epoch *epoch;               /* of the final network */
    int64_t epochs;                             /* done, in all trainings */
    double difference;                          /* engine to libtorch */
    struct nn_progress progress;
    struct nn_graph *graph;
};

static void show_epoch(void *arg, const struct nn_table_epoch *e)
{
    struct job *j = arg;
    char note[80];

    j->epoch[e->number - 1] = *e;
    snprintf(note, sizeof note, "loss %.3f  accuracy %.1f %%", e->loss, 100 * e->accuracy);
    nn_progress_update(&j->progress, ++j->epochs, note);
}

/* Each group in turn is left out, and answered for by a network that learnt from the others. */
static int leave_out(struct job *j, struct nn_err *err)
{
    for (int g = 0; g < j->t.groups; g++) {
        struct nn_graph *graph = nn_table_train(&j->t, j->task, &o.s, g, show_epoch, j, err);
        int bad = !graph || nn_table_answers(graph, &j->t, j->classes, g, j->logits, err) ||
                  nn_table_judge(&j->t, j->classes, g, j->logits, &j->group[g], err);
        nn_graph_free(graph);
        if (bad)
            return -1;
        nn_tally_add(&j->all.row, &j->group[g].row);
        nn_tally_add(&j->all.event, &j->group[g].event);
        nn_info("without %s: accuracy %.2f %%", j->t.group_name[g],
                100 * nn_tally_accuracy(&j->group[g].row));
    }
    return 0;
}

static int train(struct job *j, struct nn_err *err)
{
    char what[100];
    int ret;

    if (nn_torch_setup((int)o.s.threads, err))
        return -1;
    nn_info("%s: %lld rows in %d parts (a part: one %s), %d classes; %s", j->task->name,
            (long long)j->t.n, j->t.groups, j->task->groups, j->classes,
            nn_torch_describe(what, sizeof what));
    nn_progress_start(&j->progress, j->task->name, o.s.epochs * (j->t.groups + 1));
    ret = leave_out(j, err);
    if (!ret && !(j->graph = nn_table_train(&j->t, j->task, &o.s, -1, show_epoch, j, err)))
        ret = -1;
    nn_progress_stop(&j->progress);
    if (ret || nn_table_verify(j->graph, &j->t, j->classes, &j->difference, err))
        return -1;
    if (!(j->difference <= MOST_DIFFERENCE))
        return nn_fail(err, NN_ETORCH, "our engine and libtorch differ by %g; nothing is written",
                       j->difference);
    return 0;
}

static struct nn_spread spread(const struct job *j, int events)
{
    double v[NN_TABLE_GROUPS];

    for (int g = 0; g < j->t.groups; g++)
        v[g] = nn_tally_accuracy(events ? &j->group[g].event : &j->group[g].row);
    return nn_spread_of(v, j->t.groups);
}

static void print_part(const struct job *j, int events)
{
    struct nn_spread s = spread(j, events);
    const struct nn_tally *all = events ? &j->all.event : &j->all.row;

    printf("%-20s %8s %9s %9s %9s %11s\n", events ? "left out, by gesture" : "left out",
           "samples", "accuracy", "baseline", "macro F1", "mean recall");
    for (int g = 0; g <= j->t.groups; g++) {
        const struct nn_tally *t = g == j->t.groups ? all
                                   : events         ? &j->group[g].event : &j->group[g].row;
        printf("%-20s %8lld %7.2f %% %7.2f %% %7.2f %% %9.2f %%\n",
               g == j->t.groups ? "all" : j->t.group_name[g], (long long)nn_tally_total(t),
               100 * nn_tally_accuracy(t), 100 * nn_tally_baseline(t), 100 * nn_tally_macro_f1(t),
               100 * nn_tally_recall(t));
    }
    printf("mean over each %s left out: %.2f %%, deviation %.2f, least %.2f\n", j->task->groups,
           100 * s.mean, 100 * s.deviation, 100 * s.least);
}

static void print_text(const struct job *j)
{
    print_part(j, 0);
    if (j->t.events)
        print_part(j, 1);
    printf("baseline: always the class that is most frequent among what was learnt from\n"
           "engine and libtorch differ by %.1e at most\n%s\n", j->difference, o.to);
}

static void add_spread(cJSON *to, struct nn_spread s)
{
    cJSON_AddNumberToObject(to, "mean_accuracy", s.mean);
    cJSON_AddNumberToObject(to, "deviation", s.deviation);
    cJSON_AddNumberToObject(to, "least_accuracy", s.least);
}

static cJSON *part_json(const struct job *j, int events)
{
    cJSON *part = cJSON_CreateObject(), *groups;

    add_spread(part, spread(j, events));
    cJSON_AddItemToObject(part, "all", nn_tally_json(events ? &j->all.event : &j->all.row));
    groups = cJSON_AddObjectToObject(part, "groups");
    for (int g = 0; g < j->t.groups; g++)
        cJSON_AddItemToObject(groups, j->t.group_name[g],
                              nn_tally_json(events ? &j->group[g].event : &j->group[g].row));
    return part;
}

static cJSON *to_json(const struct job *j)
{
    cJSON *root = cJSON_CreateObject();
    char what[100];

    cJSON_AddStringToObject(root, "task", j->task->name);
    cJSON_AddStringToObject(root, "on", o.on);
    cJSON_AddStringToObject(root, "classes", j->task->classes);
    cJSON_AddStringToObject(root, "group", j->task->groups);
    cJSON_AddStringToObject(root, "libtorch", nn_torch_describe(what, sizeof what));
    cJSON_AddNumberToObject(root, "seed", (double)o.s.seed);
    cJSON_AddNumberToObject(root, "epochs", (double)o.s.epochs);
    cJSON_AddNumberToObject(root, "engine_difference", j->difference);
    cJSON_AddItemToObject(root, "left_out", part_json(j, 0));
    if (j->t.events)
        cJSON_AddItemToObject(root, "left_out_by_gesture", part_json(j, 1));
    return root;
}

static int write_curve(const struct job *j, const char *path, struct nn_err *err)
{
    struct nn_atomic a;

    if (nn_atomic_open(&a, path, err))
        return -1;
    fprintf(a.f, "epoch,loss,accuracy\n");
    for (int64_t i = 0; i < o.s.epochs; i++)
        fprintf(a.f, "%lld,%.6f,%.6f\n", (long long)j->epoch[i].number, j->epoch[i].loss,
                j->epoch[i].accuracy);
    return nn_atomic_commit(&a, err);
}

static int write_report(const struct job *j, struct nn_err *err)
{
    char path[NN_PATH], title[100], *text;
    cJSON *json;
    int ret;

    if (nn_mkdirs(o.report, err) || nn_path(path, err, "%s/best.onnx", o.report) ||
        nn_onnx_write(j->graph, path, err) || nn_path(path, err, "%s/metrics.csv", o.report) ||
        write_curve(j, path, err) || nn_path(path, err, "%s/metrics.json", o.report))
        return -1;
    json = to_json(j);
    text = cJSON_Print(json);
    cJSON_Delete(json);
    ret = text ? nn_file_write(path, text, strlen(text), err) : nn_fail_mem(err, "metrics");
    cJSON_free(text);
    snprintf(title, sizeof title, "%s, each %s left out in turn", j->task->name, j->task->groups);
    return ret || nn_path(path, err, "%s/confusion.png", o.report) ||
           nn_tally_draw(&j->all.row, j->task, title, path, err) ? -1 : 0;
}

/* What could only fail after minutes of work is tried before. */
static int check_output(struct nn_err *err)
{
    struct nn_atomic a;

    if (!o.on)
        return nn_fail(err, NN_EUSAGE, "say what to learn from: --on ARCHIVE");
    if (!o.to)
        return nn_fail(err, NN_EUSAGE, "say where to write the network: -o MODEL.onnx");
    if (nn_atomic_open(&a, o.to, err))
        return -1;
    nn_atomic_abort(&a);
    return 0;
}

static int run(const struct nn_table_task *task, struct nn_err *err)
{
    struct job *j = calloc(1, sizeof *j);
    int ret = -1;

    if (!j)
        return nn_fail_mem(err, task->name);
    o.s.epochs = o.s.epochs ? o.s.epochs : task->epochs;
    o.s.width = o.s.width ? o.s.width : task->width;
    j->task = task;
    j->classes = nn_task_classes(task);
    if (check_output(err) || task->load(&j->t, o.on, err))
        goto out;
    if (j->t.groups < 2) {
        nn_fail(err, NN_EUNSUPPORTED, "%s: only one %s, none could be left out", o.on,
                task->groups);
        goto out;
    }
    j->logits = calloc((size_t)(j->t.n * j->classes), sizeof *j->logits);
    j->epoch = calloc((size_t)o.s.epochs, sizeof *j->epoch);
    if (!j->logits || !j->epoch) {
        nn_fail_mem(err, task->name);
        goto out;
    }
    if (train(j, err) || (o.report && write_report(j, err)) || nn_onnx_write(j->graph, o.to, err))
        goto out;
    ret = 0;
    if (o.json)
        ret = nn_json_print(to_json(j), err);
    else
        print_text(j);
out:
    nn_table_release(&j->t);
    nn_graph_free(j->graph);
    free(j->logits);
    free(j->epoch);
    free(j);
    return ret;
}

int nn_train_gesture(int argc, char **argv, struct nn_err *err)
{
    (void)argc;
    (void)argv;
    return run(&nn_task_gesture, err);
}

int nn_train_motion(int argc, char **argv, struct nn_err *err)
{
    (void)argc;
    (void)argv;
    return run(&nn_task_motion, err);
}

int nn_train_gyro(int argc, char **argv, struct nn_err *err)
{
    (void)argc;
    (void)argv;
    return run(&nn_task_gyro, err);
}

int nn_train_fusion(int argc, char **argv, struct nn_err *err)
{
    (void)argc;
    (void)argv;
    return run(&nn_task_fusion, err);
}
