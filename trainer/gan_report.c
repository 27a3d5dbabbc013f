#include "trainer/gan_report.h"

#include <string.h>

#include "common/fs.h"
#include "trainer/gan_sheet.h"
#include "trainer/stats.h"

static int halves(struct nn_gan_report *r, struct nn_err *err)
{
    struct nn_traits all = { 0 }, a, b;
    int ret;

    r->fid_halves = -1;
    if (r->seen[0].n < 4)
        return 0;
    if (!(ret = nn_traits_some(&r->seen[0], r->seen[0].n, r->seed + 1, &all, err))) {
        a = (struct nn_traits){ all.n / 2, all.d, all.x };
        b = (struct nn_traits){ all.n / 2, all.d, all.x + all.n / 2 * all.d };
        ret = nn_frechet(&a, &b, &r->fid_halves, err);
    }
    nn_traits_release(&all);
    return ret;
}

int nn_gan_report_measure(struct nn_gan_report *r, struct nn_pool *pool, struct nn_err *err)
{
    const struct nn_traits *real = &r->seen[0], *fake = &r->seen[1];

    return nn_frechet(real, fake, &r->fid, err) || halves(r, err) ||
           nn_kid(real, fake, r->seed, pool, &r->kid, err) ||
           nn_manifold(real, fake, r->seed, pool, &r->manifold, err) ||
           nn_diversity(real, pool, &r->diversity[0], err) ||
           nn_diversity(fake, pool, &r->diversity[1], err) ||
           nn_nearest(real, fake, pool, &r->nearest, err) ? -1 : 0;
}

void nn_gan_report_release(struct nn_gan_report *r)
{
    nn_pictures_release(&r->real);
    nn_pictures_release(&r->fake);
    nn_traits_release(&r->seen[0]);
    nn_traits_release(&r->seen[1]);
    nn_nearest_release(&r->nearest);
}

double nn_gan_kid_margin(const struct nn_kid *k)
{
    return k->subsets > 1 ? nn_student_t(0.05, k->subsets - 1) * k->error : 0;
}

static void add_told(cJSON *to, const struct nn_told *t)
{
    cJSON *j = cJSON_AddObjectToObject(to, "recognised"), *list;

    cJSON_AddNumberToObject(j, "pictures_each", (double)t->n);
    if (t->emotions) {
        cJSON_AddNumberToObject(j, "rate", nn_told_rate(t));
        cJSON_AddNumberToObject(j, "chance", 1.0 / NN_EMOTIONS);
        list = cJSON_AddObjectToObject(j, "asked");
        for (int e = 0; e < NN_EMOTIONS; e++) {
            cJSON *row = t->asked[e] ? cJSON_AddObjectToObject(list, nn_emotions[e].name) : NULL;
            for (int s = 0; row && s < NN_EMOTIONS; s++)
                cJSON_AddNumberToObject(row, nn_emotions[s].name, (double)t->said[e][s]);
        }
    }
    list = cJSON_AddArrayToObject(j, "tags");
    for (int i = 0; i < t->tags; i++) {
        cJSON *tag = cJSON_CreateObject();
        cJSON_AddStringToObject(tag, "tag", t->tag[i].name);
        cJSON_AddStringToObject(tag, "look", nn_look_names[t->tag[i].look]);
        cJSON_AddNumberToObject(tag, "with", t->tag[i].with);
        cJSON_AddNumberToObject(tag, "without", t->tag[i].without);
        cJSON_AddNumberToObject(tag, "auc", t->tag[i].auc);
        cJSON_AddItemToArray(list, tag);
    }
}

cJSON *nn_gan_report_json(const struct nn_gan_report *r)
{
    cJSON *j = cJSON_CreateObject(), *part;
    double margin = nn_gan_kid_margin(&r->kid);

    cJSON_AddStringToObject(j, "model", r->model);
    cJSON_AddStringToObject(j, "on", r->on);
    cJSON_AddStringToObject(j, "features", "Neon Noir features");
    cJSON_AddStringToObject(j, "eyes", r->eyes);
    cJSON_AddNumberToObject(j, "seed", (double)r->seed);
    cJSON_AddNumberToObject(j, "real", (double)r->real.n);
    cJSON_AddNumberToObject(j, "generated", (double)r->fake.n);
    cJSON_AddNumberToObject(j, "size", r->fake.size);
    cJSON_AddNumberToObject(j, "fid", r->fid);
    if (r->fid_halves >= 0)
        cJSON_AddNumberToObject(j, "fid_of_real_halves", r->fid_halves);
    part = cJSON_AddObjectToObject(j, "kid");
    cJSON_AddNumberToObject(part, "value", r->kid.value);
    cJSON_AddNumberToObject(part, "standard_error", r->kid.error);
    cJSON_AddNumberToObject(part, "subsets", r->kid.subsets);
    cJSON_AddNumberToObject(part, "low", r->kid.value - margin);
    cJSON_AddNumberToObject(part, "high", r->kid.value + margin);
    cJSON_AddNumberToObject(j, "precision", r->manifold.precision);
    cJSON_AddNumberToObject(j, "recall", r->manifold.recall);
    cJSON_AddNumberToObject(j, "manifold_rows", (double)r->manifold.n);
    cJSON_AddNumberToObject(j, "diversity", r->diversity[1]);
    cJSON_AddNumberToObject(j, "diversity_of_real", r->diversity[0]);
    cJSON_AddNumberToObject(j, "copied", r->nearest.copied);
    cJSON_AddNumberToObject(j, "closeness", r->nearest.closeness);
    if (r->smooth.n) {
        cJSON_AddNumberToObject(j, "path_length", r->smooth.length);
        cJSON_AddNumberToObject(j, "path_evenness", r->smooth.evenness);
        cJSON_AddNumberToObject(j, "path_pairs", (double)r->smooth.n);
    }
    if (r->told.n)
        add_told(j, &r->told);
    cJSON_AddNumberToObject(j, "seconds", r->seconds);
    return j;
}

static void print_told(const struct nn_told *t)
{
    if (t->emotions) {
        printf("recognised as asked   %.1f %% of %lld pictures a class; by guessing %.1f %%\n",
               100 * nn_told_rate(t), (long long)t->n, 100.0 / NN_EMOTIONS);
        printf("  %-9s", "asked");
        for (int s = 0; s < NN_EMOTIONS; s++)
            printf(" %8s", nn_emotions[s].name);
        printf("\n");
    }
    for (int e = 0; e < NN_EMOTIONS; e++) {
        if (!t->asked[e])
            continue;
        printf("  %-9s", nn_emotions[e].name);
        for (int s = 0; s < NN_EMOTIONS; s++)
            printf(" %8lld", (long long)t->said[e][s]);
        printf("\n");
    }
    for (int i = 0; i < t->tags; i++)
        printf("tag %-18s %s %.3f with it, %.3f without; told apart %.3f (0.5: not)\n",
               t->tag[i].name, nn_look_names[t->tag[i].look], t->tag[i].with, t->tag[i].without,
               t->tag[i].auc);
}

void nn_gan_report_print(const struct nn_gan_report *r)
{
    printf("%s: %lld pictures beside %lld of %s\n", r->model, (long long)r->fake.n,
           (long long)r->real.n, r->on);
    printf("Neon Noir features (eyes %s), not Inception's\n", r->eyes);
    printf("FID                   %.3f", r->fid);
    if (r->fid_halves >= 0)
        printf("   (two halves of the real ones: %.3f)", r->fid_halves);
    printf("\nKID                   %.4f", r->kid.value);
    if (r->kid.subsets)
        printf(" +- %.4f (95 %%, %d subsets)", nn_gan_kid_margin(&r->kid), r->kid.subsets);
    printf("\nprecision, recall     %.3f, %.3f (k = %d, %lld of each)\n", r->manifold.precision,
           r->manifold.recall, NN_MANIFOLD_K, (long long)r->manifold.n);
    printf("diversity             %.2f (the real ones: %.2f)\n", r->diversity[1], r->diversity[0]);
    printf("nearest training      %.2f times as far as that is from its own nearest; nearer than "
           "it: %.1f %%\n", r->nearest.closeness, 100 * r->nearest.copied);
    if (r->smooth.n)
        printf("path length           %.1f, evenness %.2f (%lld steps)\n", r->smooth.length,
               r->smooth.evenness, (long long)r->smooth.n);
    print_told(&r->told);
}

int nn_gan_report_write(const struct nn_gan_report *r, const char *dir, struct nn_err *err)
{
    char path[NN_PATH], *text;
    cJSON *j;
    int ret;

    if (nn_mkdirs(dir, err) || nn_path(path, err, "%s/samples.png", dir) ||
        nn_gan_sheet_samples(r, path, err) || nn_path(path, err, "%s/nearest.png", dir) ||
        nn_gan_sheet_nearest(r, path, err) || nn_path(path, err, "%s/judge.json", dir))
        return -1;
    j = nn_gan_report_json(r);
    text = cJSON_Print(j);
    ret = text ? nn_file_write(path, text, strlen(text), err) : nn_fail_mem(err, "figures");
    cJSON_free(text);
    cJSON_Delete(j);
    return ret;
}
