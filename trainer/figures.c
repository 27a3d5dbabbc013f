#include "trainer/figures.h"

#include <math.h>
#include <string.h>

static double or_one(double temperature)
{
    return temperature > 0 ? temperature : 1;
}

/* Each half answers by what the other taught: no face is judged by figures fitted on it. */
static int keep(const struct nn_answers *a, struct nn_figures *f, struct nn_err *err)
{
    int64_t count[3] = { 0 };

    for (int h = 0; h < 2; h++) {
        double t = or_one(f->half[!h]);
        struct nn_coverage c;
        if (nn_coverage_of(a, !h, t, &c, err))
            return -1;
        if (!c.n)
            return 0;       /* one half alone has faces: nothing was learnt elsewhere */
        nn_coverage_apply(a, h, t, c.point[NN_COVER_SHOWN - 1].threshold, count);
    }
    f->kept.coverage = count[0] ? (double)count[1] / (double)count[0] : 0;
    f->kept.accuracy = count[1] ? (double)count[2] / (double)count[1] : 0;
    return 0;
}

int nn_figures_of(const struct nn_answers *a, double stored, struct nn_figures *out,
                  struct nn_err *err)
{
    memset(out, 0, sizeof *out);
    for (int64_t i = 0; i < a->n; i++)
        out->confusion.count[a->label[i]][nn_answers_top(a->logit[i])]++;
    out->half[0] = nn_temperature_fit(a, 0);
    out->half[1] = nn_temperature_fit(a, 1);
    out->temperature = nn_temperature_fit(a, -1);
    nn_reliability_of(a, (double[]){ 1, 1 }, &out->raw);
    nn_reliability_of(a, (double[]){ stored, stored }, &out->stored);
    nn_reliability_of(a, (double[]){ or_one(out->half[1]), or_one(out->half[0]) }, &out->unseen);
    if (nn_coverage_of(a, -1, or_one(out->temperature), &out->coverage, err))
        return -1;
    return keep(a, out, err);
}

double nn_figures_threshold(const struct nn_figures *f)
{
    return f->coverage.point[NN_COVER_SHOWN - 1].threshold;
}

static void add_reliability(cJSON *to, const char *name, const struct nn_reliability *r)
{
    cJSON *j = cJSON_AddObjectToObject(to, name), *bins;

    cJSON_AddNumberToObject(j, "ece", r->ece);
    cJSON_AddNumberToObject(j, "nll", r->nll);
    cJSON_AddNumberToObject(j, "brier", r->brier);
    cJSON_AddNumberToObject(j, "mean_probability", r->sure);
    bins = cJSON_AddArrayToObject(j, "bins");
    for (int b = 0; b < NN_BINS; b++) {
        cJSON *bin = cJSON_CreateObject();
        cJSON_AddNumberToObject(bin, "samples", (double)r->bin[b].n);
        cJSON_AddNumberToObject(bin, "mean_probability", r->bin[b].sure);
        cJSON_AddNumberToObject(bin, "accuracy", r->bin[b].right);
        cJSON_AddItemToArray(bins, bin);
    }
}

static void add_temperature(cJSON *to, const char *name, double temperature)
{
    if (temperature > 0)
        cJSON_AddNumberToObject(to, name, temperature);
    else
        cJSON_AddNullToObject(to, name);
}

static cJSON *cover_json(const struct nn_cover *c)
{
    cJSON *j = cJSON_CreateObject();

    cJSON_AddNumberToObject(j, "coverage", c->coverage);
    cJSON_AddNumberToObject(j, "accuracy", c->accuracy);
    if (c->threshold > 0)
        cJSON_AddNumberToObject(j, "threshold", c->threshold);
    return j;
}

cJSON *nn_figures_json(const struct nn_figures *f)
{
    cJSON *root = nn_confusion_json(&f->confusion), *j, *curve;

    j = cJSON_AddObjectToObject(root, "calibration");
    add_temperature(j, "temperature", f->temperature);
    add_temperature(j, "temperature_first_half", f->half[0]);
    add_temperature(j, "temperature_second_half", f->half[1]);
    add_reliability(j, "before", &f->raw);
    add_reliability(j, "as_stored", &f->stored);
    add_reliability(j, "after", &f->unseen);
    j = cJSON_AddObjectToObject(root, "abstention");
    cJSON_AddItemToObject(j, "at_80", cover_json(&f->coverage.point[NN_COVER_SHOWN - 1]));
    cJSON_AddItemToObject(j, "at_80_unseen", f->kept.coverage > 0 ? cover_json(&f->kept)
                                                                  : cJSON_CreateNull());
    cJSON_AddNumberToObject(j, "aurc", f->coverage.aurc);
    curve = cJSON_AddArrayToObject(j, "curve");
    for (int i = 0; i < NN_COVER_POINTS; i++)
        cJSON_AddItemToArray(curve, cover_json(&f->coverage.point[i]));
    return root;
}

enum unit { COUNT, PERCENT, PLAIN, TEMPERATURE };

static void cell(FILE *to, double v, enum unit unit, int markdown)
{
    char text[32];

    snprintf(text, sizeof text, unit == COUNT ? "%.0f" : unit == PERCENT ? "%.2f %%" : "%.4f",
             (unit == PERCENT ? 100 : 1) * v);
    if (unit == TEMPERATURE && !(v > 0))
        strcpy(text, "none");
    fprintf(to, markdown ? " %s |" : " %14s", text);
}

void nn_figures_table(FILE *to, const struct nn_figures *all, const struct nn_figures *clean,
                      int markdown)
{
    const struct nn_figures *f[2] = { all, clean };
    int columns = nn_confusion_total(&clean->confusion) < nn_confusion_total(&all->confusion) ? 2
                                                                                              : 1;
    const struct { const char *name; enum unit unit; double v[2]; } rows[] = {
#define ROW(name, unit, what) { name, unit, { f[0]->what, f[1]->what } }
        { "faces", COUNT, { (double)nn_confusion_total(&f[0]->confusion),
                            (double)nn_confusion_total(&f[1]->confusion) } },
        { "accuracy", PERCENT, { nn_confusion_accuracy(&f[0]->confusion),
                                 nn_confusion_accuracy(&f[1]->confusion) } },
        { "macro F1", PERCENT, { nn_confusion_macro_f1(&f[0]->confusion),
                                 nn_confusion_macro_f1(&f[1]->confusion) } },
        ROW("calibration error (ECE)", PERCENT, raw.ece),
        ROW("- with a temperature", PERCENT, unseen.ece),
        ROW("negative log-likelihood", PLAIN, raw.nll),
        ROW("- with a temperature", PLAIN, unseen.nll),
        ROW("Brier score", PLAIN, raw.brier),
        ROW("- with a temperature", PLAIN, unseen.brier),
        ROW("temperature of all faces", TEMPERATURE, temperature),
        ROW("accuracy on the surest 80 %", PERCENT,
            coverage.point[NN_COVER_SHOWN - 1].accuracy),
        ROW("- each at least this sure", PERCENT, coverage.point[NN_COVER_SHOWN - 1].threshold),
        ROW("area under risk and coverage", PLAIN, coverage.aurc),
#undef ROW
    };

    if (markdown)
        fprintf(to, "| | all |%s\n|---|---|%s\n", columns == 2 ? " without leaked |" : "",
                columns == 2 ? "---|" : "");
    else
        fprintf(to, "%-34s %14s%s\n", "", "all", columns == 2 ? " without leaked" : "");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fprintf(to, markdown ? "| %s |" : "%-34s", rows[i].name);
        for (int c = 0; c < columns; c++)
            cell(to, rows[i].v[c], rows[i].unit, markdown);
        fprintf(to, "\n");
    }
}
