/* neonnoir train eval: any emotion model on any labelled set, with the runtime's engine. */
#include <math.h>
#include <stdio.h>

#include "common/fs.h"
#include "common/json.h"
#include "common/log.h"
#include "common/pool.h"
#include "common/progress.h"
#include "runtime/onnx/onnx.h"
#include "trainer/cmds.h"
#include "trainer/labelled.h"
#include "trainer/report.h"

static struct {
    const char *on, *split, *tta, *picture, *report;
    int64_t threads;
    int store, json;
} o = { .on = "latest" };

const struct nn_opt nn_train_eval_opts[] = {
    { "on", 0, NN_OPT_TEXT, "SNAPSHOT|DIR|ARCHIVE", "the labelled faces", &o.on, 0, 0 },
    { "split", 0, NN_OPT_TEXT, "NAME", "train, valid, test or all", &o.split, 0, 0 },
    { "tta", 0, NN_OPT_TEXT, "flip|ten", "average the logits of 2 or 10 views of each face", &o.tta,
      0, 0 },
    { "picture", 0, NN_OPT_TEXT, "FILE.png", "draw the confusion matrix", &o.picture, 0, 0 },
    { "report", 0, NN_OPT_TEXT, "DIR", "write pictures, all figures and a model card", &o.report, 0,
      0 },
    { "store", 0, NN_OPT_FLAG, NULL, "write the temperature that fits into the model", &o.store, 0,
      0 },
    { "threads", 't', NN_OPT_INT, "N", "0: one for each core", &o.threads, 0, 256 },
    { "json", 0, NN_OPT_FLAG, NULL, "print JSON", &o.json, 0, 0 },
    { 0 },
};

/* What could only fail after minutes of work is tried before. */
static int check(const char *model, enum nn_tta *tta, struct nn_err *err)
{
    struct nn_atomic a;

    if (nn_tta_find(o.tta, tta, err))
        return -1;
    if (o.store && o.tta)
        return nn_fail(err, NN_EUSAGE, "--store is for what the runtime plays, which looks at each "
                       "face once: leave --tta out");
    if (o.store) {
        if (nn_atomic_open(&a, model, err))
            return -1;
        nn_atomic_abort(&a);
    }
    return o.report ? nn_report_check(o.report, err) : 0;
}

static int figures(struct nn_report *r, const struct nn_answers *clean, struct nn_err *err)
{
    return nn_figures_of(r->answers, r->stored, &r->all, err) ||
           nn_figures_of(clean, r->stored, &r->clean, err) ? -1 : 0;
}

/* The temperature of all faces, and the threshold of 80 % coverage with it, as metadata. */
static int store(struct nn_report *r, const struct nn_answers *clean, struct nn_err *err)
{
    char temperature[32], abstain[32];
    const struct nn_meta meta[] = { { "neonnoir.temperature", temperature },
                                    { "neonnoir.abstain", abstain } };

    if (!(r->all.temperature > 0))
        return nn_fail(err, NN_EUNSUPPORTED, "no temperature from %g to %g fits these faces (too "
                       "few, all right, or no better than guessed): nothing is stored",
                       NN_TEMPERATURE_MIN, NN_TEMPERATURE_MAX);
    snprintf(temperature, sizeof temperature, "%.6g", r->all.temperature);
    snprintf(abstain, sizeof abstain, "%.6f", floor(1e6 * nn_figures_threshold(&r->all)) / 1e6);
    if (nn_onnx_annotate(r->model, meta, 2, err))
        return -1;
    r->stored = r->all.temperature;
    nn_info("%s: temperature %s, silent under %s", r->model, temperature, abstain);
    return figures(r, clean, err);      /* at what the file has now */
}

static int report_json(const struct nn_report *r, double seconds, struct nn_err *err)
{
    cJSON *j = nn_report_json(r);

    cJSON_AddNumberToObject(j, "seconds", seconds);
    return nn_json_print(j, err);
}

static void report_text(const struct nn_report *r, double seconds)
{
    int64_t all = nn_confusion_total(&r->all.confusion);
    int64_t leaked = all - nn_confusion_total(&r->clean.confusion);

    printf("%s on %s\n", r->model, r->origin);
    nn_confusion_print(&r->all.confusion);
    printf("\n");
    nn_figures_table(stdout, &r->all, &r->clean, 0);
    if (leaked)
        printf("leaked: %lld faces that also stand in the training data\n", (long long)leaked);
    if (r->skipped)
        printf("%lld files skipped: no picture, broken, or of no emotion's folder\n",
               (long long)r->skipped);
    printf("%.0f faces a second\n", (double)all / seconds);
}

static int tell(struct nn_report *r, const struct nn_answers *clean, double seconds,
                struct nn_err *err)
{
    char title[300];

    if (figures(r, clean, err) || (o.store && store(r, clean, err)) ||
        (o.report && nn_report_write(r, o.report, err)))
        return -1;
    snprintf(title, sizeof title, "%s on %s", r->model, r->origin);
    if (o.picture && nn_confusion_draw(&r->all.confusion, title, o.picture, err))
        return -1;
    if (o.json)
        return report_json(r, seconds, err);
    report_text(r, seconds);
    return 0;
}

int nn_train_eval(int argc, char **argv, struct nn_err *err)
{
    struct nn_pool *pool = nn_pool_new((int)o.threads, err);
    struct nn_engine_opts opts = { .pool = pool };
    struct nn_recogniser *net = pool ? nn_recogniser_new(argv[0], &opts, err) : NULL;
    struct nn_answers all = { 0 }, clean = { 0 };
    struct nn_faces faces = { 0 };
    char origin[200];
    struct nn_report r = { .model = argv[0], .on = o.on, .split = o.split, .tta = o.tta,
                           .origin = origin, .faces = &faces, .answers = &all };
    enum nn_tta tta;
    double start;
    int w, h, c, ret = -1;

    (void)argc;
    if (!net || check(argv[0], &tta, err))
        goto end;
    r.graph = nn_recogniser_graph(net);
    r.stored = (double)nn_recogniser_temperature(net);
    nn_recogniser_input(net, &w, &h, &c);
    nn_faces_init(&faces, w, h, c);
    if (nn_labelled_load(&faces, o.on, o.split, nn_cli_catalog(), &r.skipped, origin, err))
        goto end;
    start = nn_now();
    if (!nn_answers_ask(&all, net, &faces, tta, err) &&
        !nn_answers_clean(&clean, &all, &faces, err))
        ret = tell(&r, &clean, nn_now() - start, err);
end:
    nn_answers_release(&all);
    nn_answers_release(&clean);
    nn_faces_release(&faces);
    nn_recogniser_free(net);
    nn_pool_free(pool);
    return ret;
}
