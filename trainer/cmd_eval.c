/* neonnoir train eval: any emotion model on any labelled set, with the runtime's engine. */
#include <stdio.h>

#include "common/json.h"
#include "common/pool.h"
#include "common/progress.h"
#include "common/stop.h"
#include "runtime/face/recognise.h"
#include "trainer/cmds.h"
#include "trainer/labelled.h"
#include "trainer/metrics.h"

enum { BATCH = 64 };

static struct {
    const char *on, *split, *picture;
    int64_t threads;
    int json;
} o = { .on = "latest" };

const struct nn_opt nn_train_eval_opts[] = {
    { "on", 0, NN_OPT_TEXT, "SNAPSHOT|DIR|ARCHIVE", "the labelled faces", &o.on, 0, 0 },
    { "split", 0, NN_OPT_TEXT, "NAME", "train, valid, test or all", &o.split, 0, 0 },
    { "picture", 0, NN_OPT_TEXT, "FILE.png", "draw the confusion matrix", &o.picture, 0, 0 },
    { "threads", 't', NN_OPT_INT, "N", "0: one for each core", &o.threads, 0, 256 },
    { "json", 0, NN_OPT_FLAG, NULL, "print JSON", &o.json, 0, 0 },
    { 0 },
};

struct result {
    struct nn_confusion all, clean;     /* clean: without leaked duplicates */
    double seconds;
};

static int judge(struct nn_recogniser *r, const struct nn_faces *f, struct result *out,
                 struct nn_err *err)
{
    struct nn_image img[BATCH];
    const struct nn_image *ptr[BATCH];
    float prob[BATCH][NN_EMOTIONS];
    struct nn_progress p;
    double t0 = nn_now();

    nn_progress_start(&p, "judging", f->n);
    for (int64_t i = 0; i < f->n; i += BATCH) {
        int n = f->n - i < BATCH ? (int)(f->n - i) : BATCH;
        for (int k = 0; k < n; k++) {
            img[k] = (struct nn_image){ f->w, f->h, f->c, (uint8_t *)nn_faces_px(f, i + k) };
            ptr[k] = &img[k];
        }
        if (nn_recognise_crops(r, ptr, n, prob, err) || nn_check_stop("judging", err))
            return -1;
        for (int k = 0; k < n; k++) {
            nn_confusion_add(&out->all, f->label[i + k], prob[k]);
            if (!f->leaked[i + k])
                nn_confusion_add(&out->clean, f->label[i + k], prob[k]);
        }
        nn_progress_update(&p, i, NULL);
    }
    nn_progress_stop(&p);
    out->seconds = nn_now() - t0;
    return 0;
}

static int report_json(const struct result *r, const char *model, const char *origin,
                       int64_t skipped, struct nn_err *err)
{
    cJSON *j = nn_confusion_json(&r->all);

    cJSON_AddStringToObject(j, "model", model);
    cJSON_AddStringToObject(j, "on", origin);
    cJSON_AddNumberToObject(j, "skipped", (double)skipped);
    cJSON_AddNumberToObject(j, "seconds", r->seconds);
    cJSON_AddItemToObject(j, "without_leaked", nn_confusion_json(&r->clean));
    return nn_json_print(j, err);
}

static void report_text(const struct result *r, const char *model, const char *origin,
                        int64_t skipped)
{
    int64_t all = nn_confusion_total(&r->all), clean = nn_confusion_total(&r->clean);

    printf("%s on %s\n", model, origin);
    nn_confusion_print(&r->all);
    if (clean < all)
        printf("without the %lld faces that also stand in the training data: accuracy %.2f %%\n",
               (long long)(all - clean), 100 * nn_confusion_accuracy(&r->clean));
    if (skipped)
        printf("%lld files skipped: no picture, broken, or of no emotion's folder\n",
               (long long)skipped);
    printf("%.0f faces a second\n", (double)all / r->seconds);
}

int nn_train_eval(int argc, char **argv, struct nn_err *err)
{
    struct nn_pool *pool = nn_pool_new((int)o.threads, err);
    struct nn_engine_opts opts = { .pool = pool };
    struct nn_recogniser *r = pool ? nn_recogniser_new(argv[0], &opts, err) : NULL;
    struct nn_faces faces = { 0 };
    struct result out = { 0 };
    char origin[200], title[300];
    int64_t skipped;
    int w, h, c, ret = -1;

    (void)argc;
    if (!r)
        goto end;
    nn_recogniser_input(r, &w, &h, &c);
    nn_faces_init(&faces, w, h, c);
    if (nn_labelled_load(&faces, o.on, o.split, nn_cli_catalog(), &skipped, origin, err) ||
        judge(r, &faces, &out, err))
        goto end;
    snprintf(title, sizeof title, "%s on %s", argv[0], origin);
    if (o.picture && nn_confusion_draw(&out.all, title, o.picture, err))
        goto end;
    ret = 0;
    if (o.json)
        ret = report_json(&out, argv[0], origin, skipped, err);
    else
        report_text(&out, argv[0], origin, skipped);
end:
    nn_faces_release(&faces);
    nn_recogniser_free(r);
    nn_pool_free(pool);
    return ret;
}
