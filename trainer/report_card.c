/* The model card: Markdown in which every figure is measured or read from the file. */
#include <math.h>
#include <string.h>

#include "common/fs.h"
#include "trainer/report.h"

static int64_t row(const struct nn_confusion *m, int c)
{
    int64_t n = 0;

    for (int i = 0; i < NN_EMOTIONS; i++)
        n += m->count[c][i];
    return n;
}

static int64_t column(const struct nn_confusion *m, int c)
{
    int64_t n = 0;

    for (int i = 0; i < NN_EMOTIONS; i++)
        n += m->count[i][c];
    return n;
}

/* Of `n`: where there are none, nothing can be said. */
static void share(FILE *f, double v, int64_t n)
{
    if (n)
        fprintf(f, " %.1f %% |", 100 * v);
    else
        fprintf(f, " - |");
}

static void write_classes(FILE *f, const struct nn_confusion *m)
{
    fprintf(f, "\n| truth |");
    for (int i = 0; i < NN_EMOTIONS; i++)
        fprintf(f, " %s |", nn_emotions[i].name);
    fprintf(f, " recall | precision | F1 |\n|");
    for (int i = 0; i < NN_EMOTIONS + 4; i++)
        fprintf(f, "---|");
    for (int i = 0; i < NN_EMOTIONS; i++) {
        fprintf(f, "\n| %s |", nn_emotions[i].name);
        for (int k = 0; k < NN_EMOTIONS; k++)
            fprintf(f, " %lld |", (long long)m->count[i][k]);
        share(f, nn_confusion_recall(m, i), row(m, i));
        share(f, nn_confusion_precision(m, i), column(m, i));
        share(f, nn_confusion_f1(m, i), row(m, i) + column(m, i));
    }
    fprintf(f, "\n\n![confusion matrix](confusion.png)\n");
}

static void write_figures(FILE *f, const struct nn_report *r)
{
    int64_t leaked = nn_confusion_total(&r->all.confusion) -
                     nn_confusion_total(&r->clean.confusion);
    enum nn_tta tta;

    nn_tta_find(r->tta, &tta, NULL);
    fprintf(f, "\n## How well it does\n\nOn %s, ", r->origin);
    if (tta == NN_TTA_NONE)
        fprintf(f, "one look at each face, by the runtime's own engine:\n\n");
    else
        fprintf(f, "by the runtime's own engine, the logits of %d views of each face averaged "
                "(%s):\n\n", nn_tta_views(tta), r->tta);
    nn_figures_table(f, &r->all, &r->clean, 1);
    if (leaked)
        fprintf(f, "\nLeaked are %lld faces whose very pictures also stand among the data to train "
                "on.\n", (long long)leaked);
    else
        fprintf(f, "\nNo face is known to be leaked%s.\n", nn_exists(r->on) ?
                ": only a snapshot that has the training faces too can tell" : "");
    if (r->skipped)
        fprintf(f, "%lld files were skipped: no picture, broken, or of no emotion's folder.\n",
                (long long)r->skipped);
    write_classes(f, &r->all.confusion);
}

static void write_calibration(FILE *f, const struct nn_report *r)
{
    const struct nn_figures *a = &r->all;
    double off = a->raw.sure - nn_confusion_accuracy(&a->confusion);

    fprintf(f, "\n## How sure it is\n\nAs trained it says %.1f %% on average and is right in "
            "%.1f %%: it is too %s by %.1f points.\n", 100 * a->raw.sure,
            100 * nn_confusion_accuracy(&a->confusion), off > 0 ? "sure" : "modest",
            100 * fabs(off));
    if (a->half[0] > 0 && a->half[1] > 0)
        fprintf(f, "A temperature divides the logits; each half of the faces was judged with the "
                "one that fits the other\nhalf (%.3f and %.3f; equal pictures are in the same "
                "half).", a->half[0], a->half[1]);
    else
        fprintf(f, "No temperature could be fitted: too few faces, or no mistakes.");
    if (a->temperature > 0)
        fprintf(f, " All faces are fitted best by %.3f.", a->temperature);
    fprintf(f, "\n\n| | ECE, %d bins | NLL | Brier |\n|---|---|---|---|\n", NN_BINS);
    fprintf(f, "| as trained | %.2f %% | %.4f | %.4f |\n", 100 * a->raw.ece, a->raw.nll,
            a->raw.brier);
    if (a->half[0] > 0 && a->half[1] > 0)
        fprintf(f, "| with a temperature | %.2f %% | %.4f | %.4f |\n", 100 * a->unseen.ece,
                a->unseen.nll, a->unseen.brier);
    if (r->stored != 1)
        fprintf(f, "| with the stored one, %.4g | %.2f %% | %.4f | %.4f |\n", r->stored,
                100 * a->stored.ece, a->stored.nll, a->stored.brier);
    fprintf(f, "\n![reliability](reliability.png)\n");
}

static void write_abstention(FILE *f, const struct nn_figures *a)
{
    const struct nn_cover *at = &a->coverage.point[NN_COVER_SHOWN - 1];

    fprintf(f, "\n## When it may be silent\n\nWhere it answers only when it is %.1f %% sure (with "
            "the temperature of all faces), it answers for %.1f %%\nof them and is right in "
            "%.2f %% of those, %+.2f points.",
            100 * at->threshold, 100 * at->coverage, 100 * at->accuracy,
            100 * (at->accuracy - nn_confusion_accuracy(&a->confusion)));
    if (a->kept.coverage > 0)
        fprintf(f, "\nThreshold and temperature of one half applied to the other: %.1f %% "
                "answered, %.2f %% right.", 100 * a->kept.coverage, 100 * a->kept.accuracy);
    fprintf(f, "\n\n![accuracy against coverage](coverage.png)\n");
}

/* The classes that occur, found least often first. */
static int weakest(const struct nn_confusion *m, int order[NN_EMOTIONS])
{
    int n = 0;

    for (int c = 0; c < NN_EMOTIONS; c++) {
        int k = n;
        if (!row(m, c))
            continue;
        for (; k > 0 && nn_confusion_recall(m, order[k - 1]) > nn_confusion_recall(m, c); k--)
            order[k] = order[k - 1];
        order[k] = c;
        n++;
    }
    return n;
}

/* What class c is most often taken for; -1: nothing. */
static int taken_for(const struct nn_confusion *m, int c)
{
    int most = -1;

    for (int k = 0; k < NN_EMOTIONS; k++)
        if (k != c && m->count[c][k] && (most < 0 || m->count[c][k] > m->count[c][most]))
            most = k;
    return most;
}

static void write_limits(FILE *f, const struct nn_report *r)
{
    const struct nn_confusion *m = &r->all.confusion;
    const struct nn_bin *sure = &r->all.stored.bin[NN_BINS - 1];
    int order[NN_EMOTIONS], n = weakest(m, order), absent = 0;

    fprintf(f, "\n## Where not to trust it\n\n- It reads expressions, not feelings, and %.0f of "
            "100 of them wrongly. Do not judge people by it.\n",
            100 * (1 - nn_confusion_accuracy(m)));
    for (int i = 0; i < n && i < 3; i++) {
        int as = taken_for(m, order[i]);
        fprintf(f, "- Of %lld faces labelled %s it finds %.1f %%", (long long)row(m, order[i]),
                nn_emotions[order[i]].name, 100 * nn_confusion_recall(m, order[i]));
        if (as >= 0)
            fprintf(f, "; %lld it calls %s", (long long)m->count[order[i]][as],
                    nn_emotions[as].name);
        fprintf(f, ". When it says %s, it is right in %.1f %%.\n", nn_emotions[order[i]].name,
                100 * nn_confusion_precision(m, order[i]));
    }
    for (int c = 0; c < NN_EMOTIONS; c++)
        if (!row(m, c))
            fprintf(f, "%s %s", absent++ ? "," : "- No face judged was labelled",
                    nn_emotions[c].name);
    fprintf(f, absent ? ": how it does there is unknown.\n" : "");
    if (sure->n)
        fprintf(f, "- Of the %lld answers of which it is surest (above 93 %%), %.1f %% are "
                "wrong.\n", (long long)sure->n, 100 * (1 - sure->right));
    fprintf(f, "- How it does by age, sex or skin was not measured, nor on drawn faces, masks and "
            "profiles.\n\n![its surest mistakes](mistakes.png)\n");
}

/* In quotes where the shell would read it otherwise. */
static void word(FILE *f, const char *text)
{
    int plain = *text && strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789_./+,:@%=-") == strlen(text);

    fprintf(f, plain ? " " : " '");
    for (const char *p = text; *p; p++)
        fprintf(f, *p == '\'' ? "'\\''" : "%c", *p);
    fprintf(f, plain ? "" : "'");
}

static void write_command(FILE *f, const struct nn_report *r, const char *more)
{
    fprintf(f, "    neonnoir train eval");
    word(f, r->model);
    fprintf(f, " --on");
    word(f, r->on);
    if (r->split) {
        fprintf(f, " --split");
        word(f, r->split);
    }
    if (r->tta)
        fprintf(f, " --tta %s", r->tta);
    fprintf(f, "%s\n", more);
}

int nn_report_card(const struct nn_report *r, const char *path, struct nn_err *err)
{
    struct nn_atomic a;

    if (nn_atomic_open(&a, path, err))
        return -1;
    if (nn_report_network(r, a.f, err)) {
        nn_atomic_abort(&a);
        return -1;
    }
    write_figures(a.f, r);
    write_calibration(a.f, r);
    write_abstention(a.f, &r->all);
    write_limits(a.f, r);
    fprintf(a.f, "\n## The figures again\n\n");
    write_command(a.f, r, "");
    write_command(a.f, r, " --json");
    write_command(a.f, r, " --report judged");
    return nn_atomic_commit(&a, err);
}
