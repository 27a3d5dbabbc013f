#include "trainer/record.h"

#include <stdio.h>

#include "common/fs.h"
#include "trainer/charts.h"
#include "trainer/tfevents.h"

static int into_catalog(struct nn_catalog *cat, const struct nn_run *run, const struct nn_epoch *e,
                        struct nn_err *err)
{
    int64_t n = e->number;

    if (nn_run_metric(cat, run->id, n, "train", "loss", e->train_loss, err) ||
        nn_run_metric(cat, run->id, n, "train", "accuracy", e->train_accuracy, err) ||
        nn_run_metric(cat, run->id, n, "train", "seconds", e->seconds, err))
        return -1;
    if (nn_confusion_total(e->valid) &&
        (nn_run_metric(cat, run->id, n, "valid", "loss", e->valid_loss, err) ||
         nn_run_metric(cat, run->id, n, "valid", "accuracy", nn_confusion_accuracy(e->valid),
                       err) ||
         nn_run_metric(cat, run->id, n, "valid", "macro_f1", nn_confusion_macro_f1(e->valid),
                       err)))
        return -1;
    return nn_run_update(cat, run, err);
}

static int csv_row(void *arg, const struct nn_metric *m)
{
    fprintf(arg, "%lld,%s,%s,%.9g\n", (long long)m->epoch, m->split, m->name, m->value);
    return 0;
}

int nn_record_csv(struct nn_catalog *cat, const struct nn_run *run, struct nn_err *err)
{
    struct nn_atomic a;
    char path[NN_PATH];

    if (nn_run_path(cat, run->name, "metrics.csv", path, err) || nn_atomic_open(&a, path, err))
        return -1;
    fputs("epoch,split,metric,value\n", a.f);
    if (nn_run_metric_each(cat, run->id, csv_row, a.f, err)) {
        nn_atomic_abort(&a);
        return -1;
    }
    return nn_atomic_commit(&a, err);
}

int nn_record_epoch(struct nn_catalog *cat, const struct nn_run *run, const struct nn_epoch *e,
                    struct nn_err *err)
{
    char path[NN_PATH], title[200];

    if (nn_catalog_begin(cat, err))
        return -1;
    if (into_catalog(cat, run, e, err)) {
        nn_catalog_rollback(cat);
        return -1;
    }
    if (nn_catalog_commit(cat, err) || nn_record_csv(cat, run, err) ||
        nn_tfevents_write(cat, run, err) || nn_chart_run(cat, run, err))
        return -1;
    if (!e->is_best || !nn_confusion_total(e->valid))
        return 0;
    snprintf(title, sizeof title, "%s, epoch %lld, valid", run->name, (long long)e->number);
    if (nn_run_path(cat, run->name, "confusion.png", path, err))
        return -1;
    return nn_confusion_draw(e->valid, title, path, err);
}
