/* neonnoir dataset snapshot: freeze what a training run will name. */
#include <stdio.h>

#include "common/emotion.h"
#include "common/json.h"
#include "datasets/cmds.h"
#include "datasets/report.h"
#include "datasets/snapshot.h"

static struct {
    const char *name, *where;
    double valid;
    int64_t seed;
    int keep_leaks, json;
} o = { .valid = 0.2 };

const struct nn_opt nn_dataset_snapshot_opts[] = {
    { "name", 'n', NN_OPT_TEXT, "NAME", "its name (snapshot-N)", &o.name, 0, 0 },
    { "where", 'w', NN_OPT_TEXT, "QUERY", "faces of the clips that a query or collection selects",
      &o.where, 0, 0 },
    { "valid", 0, NN_OPT_REAL, "SHARE", "for validation, of faces that came without a split",
      &o.valid, 0, 0.9 },
    { "seed", 0, NN_OPT_INT, "N", "draws who goes to validation", &o.seed, 0, 1e15 },
    { "keep-leaks", 0, NN_OPT_FLAG, NULL, "leave pictures in train that are in valid or test too",
      &o.keep_leaks, 0, 0 },
    { "json", 0, NN_OPT_FLAG, NULL, "print JSON", &o.json, 0, 0 },
    { 0 },
};

struct counts {
    int64_t of[NN_SPLITS][NN_EMOTIONS], split[NN_SPLITS], leaked[NN_SPLITS];
};

static void count(const struct nn_snapshot *s, struct counts *c)
{
    *c = (struct counts){ 0 };
    for (int64_t i = 0; i < s->count; i++) {
        c->of[s->sample[i].split][s->sample[i].label]++;
        c->split[s->sample[i].split]++;
        c->leaked[s->sample[i].split] += s->sample[i].leaked;
    }
}

static int print_json(const struct nn_snapshot *s, const struct counts *c, struct nn_err *err)
{
    cJSON *out = cJSON_CreateObject(), *splits = cJSON_AddObjectToObject(out, "splits");

    cJSON_AddStringToObject(out, "name", s->name);
    cJSON_AddStringToObject(out, "hash", s->hash);
    cJSON_AddStringToObject(out, "licence", s->licence);
    cJSON_AddNumberToObject(out, "samples", (double)s->count);
    cJSON_AddNumberToObject(out, "leaks", (double)s->leaks);
    cJSON_AddNumberToObject(out, "withheld", (double)s->withheld);
    for (int i = 0; i < NN_SPLITS; i++) {
        cJSON *split = cJSON_AddObjectToObject(splits, nn_split_names[i]);
        cJSON_AddNumberToObject(split, "samples", (double)c->split[i]);
        cJSON_AddNumberToObject(split, "leaked", (double)c->leaked[i]);
        for (int e = 0; e < NN_EMOTIONS; e++)
            cJSON_AddNumberToObject(split, nn_emotions[e].name, (double)c->of[i][e]);
    }
    return nn_json_print(out, err);
}

static void print_text(const struct nn_snapshot *s, const struct counts *c)
{
    char n[32];

    printf("snapshot   %s\nhash       %s\nlicence    %s\nsamples    %s\n\n%-8s", s->name, s->hash,
           s->licence, nn_report_count(s->count, n), "");
    for (int e = 0; e < NN_EMOTIONS; e++)
        printf(" %8s", nn_emotions[e].name);
    printf(" %8s\n", "all");
    for (int i = 0; i < NN_SPLITS; i++) {
        if (!c->split[i])
            continue;
        printf("%-8s", nn_split_names[i]);
        for (int e = 0; e < NN_EMOTIONS; e++)
            printf(" %8s", nn_report_count(c->of[i][e], n));
        printf(" %8s", nn_report_count(c->split[i], n));
        if (c->leaked[i])
            printf("  (%s of them in train too)", nn_report_count(c->leaked[i], n));
        putchar('\n');
    }
    putchar('\n');
    if (s->leaks)
        printf("left out of train: %s pictures that are in valid or test too\n",
               nn_report_count(s->leaks, n));
    if (s->withheld)
        printf("left out: %s faces whose person's consent to training is not in force\n",
               nn_report_count(s->withheld, n));
    if (!c->split[NN_VALID])
        printf("note: nothing to validate on; a second clip or subject would help\n");
    printf("next: neonnoir train emotion --snapshot %s\n", s->name);
}

int nn_dataset_snapshot(int argc, char **argv, struct nn_err *err)
{
    struct nn_snapshot_request req = { o.name, o.where, o.valid, (uint64_t)o.seed, o.keep_leaks };
    struct nn_catalog *cat = nn_catalog_open(nn_cli_catalog(), NN_WRITE, err);
    struct nn_snapshot s;
    struct counts c;
    int ret = -1;

    (void)argc, (void)argv;
    if (cat && !nn_snapshot_make(cat, &req, &s, err)) {
        count(&s, &c);
        ret = 0;
        if (o.json)
            ret = print_json(&s, &c, err);
        else
            print_text(&s, &c);
        nn_snapshot_release(&s);
    }
    nn_catalog_close(cat);
    return ret;
}
