/*
 * ingest images - class-folder picture sets, plain or in any archive.
 */
#include <stdio.h>
#include <string.h>

#include "common/json.h"
#include "common/log.h"
#include "datasets/catalog.h"
#include "ingest/cmd.h"
#include "ingest/images.h"

static struct {
    const char *licence, *author, *source;
    int64_t limit;
    int json;
} o = { .licence = "unknown", .author = "" };

static const struct nn_opt opts[] = {
    { "licence", 'l', NN_OPT_TEXT, "L", "licence of the pictures", &o.licence, 0, 0 },
    { "author", 'a', NN_OPT_TEXT, "A", "who made them", &o.author, 0, 0 },
    { "source", 's', NN_OPT_TEXT, "NAME", "name of the set, instead of its path", &o.source, 0, 0 },
    { "limit", 'n', NN_OPT_INT, "N", "take only the first N pictures", &o.limit, 0, 1e9 },
    { "json", 0, NN_OPT_FLAG, NULL, "print the summary as JSON", &o.json, 0, 0 },
    { 0 },
};

static int64_t skipped(const struct nn_images_report *r)
{
    int64_t n = 0;

    for (int i = 0; i < NN_SKIPS; i++)
        n += r->skipped[i];
    return n;
}

static void print_text(const struct nn_images_report *r)
{
    printf("%lld pictures added, %lld already there, %lld files skipped\n", (long long)r->added,
           (long long)r->already, (long long)skipped(r));
    for (int i = 0; i < NN_SKIPS; i++)
        if (r->skipped[i])
            printf("  skipped: %lld %s\n", (long long)r->skipped[i], nn_images_skips[i]);
    for (int i = 0; i < r->classes; i++) {
        const struct nn_class_count *c = &r->class[i];
        if (!i || strcmp(c->split, c[-1].split))
            printf("%s:\n", c->split[0] ? c->split : "(no split)");
        printf("  %-16s %7lld\n", c->label, (long long)c->count);
    }
}

static int print_json(const struct nn_images_report *r, struct nn_err *err)
{
    cJSON *root = cJSON_CreateObject(), *skips, *splits;

    cJSON_AddNumberToObject(root, "added", (double)r->added);
    cJSON_AddNumberToObject(root, "already_there", (double)r->already);
    skips = cJSON_AddObjectToObject(root, "skipped");
    for (int i = 0; i < NN_SKIPS; i++)
        if (r->skipped[i])
            cJSON_AddNumberToObject(skips, nn_images_skips[i], (double)r->skipped[i]);
    splits = cJSON_AddObjectToObject(root, "splits");
    for (int i = 0; i < r->classes; i++) {
        const struct nn_class_count *c = &r->class[i];
        cJSON *split = cJSON_GetObjectItemCaseSensitive(splits, c->split);
        if (!split)
            split = cJSON_AddObjectToObject(splits, c->split);
        cJSON_AddNumberToObject(split, c->label, (double)c->count);
    }
    return nn_json_print(root, err);
}

/* Every operand is tried; `err` speaks of the first that failed. */
static int take_all(struct nn_catalog *cat, int argc, char **argv, struct nn_images_report *r,
                    struct nn_err *err)
{
    const struct nn_images_opts how = { o.source, o.licence, o.author, o.limit };
    int failed = 0;

    for (int i = 0; i < argc; i++) {
        struct nn_err why = { 0 };
        if (!nn_images_add(cat, argv[i], &how, r, &why))
            continue;
        if (!failed++)
            *err = why;
        else
            nn_warn("%s", why.msg);
        if (why.code == NN_EINTR || why.code == NN_EDB) {
            *err = why;
            break;
        }
    }
    return failed ? -1 : 0;
}

static int run(int argc, char **argv, struct nn_err *err)
{
    struct nn_images_report r = { 0 };
    struct nn_catalog *cat = nn_catalog_open(nn_cli_catalog(), NN_WRITE, err);
    int ret;

    if (!cat)
        return -1;
    ret = take_all(cat, argc, argv, &r, err);
    if (!ret && !r.added && !r.already)
        ret = nn_fail(err, NN_EFORMAT, "%s: no picture in a class folder went in (%lld files "
                      "skipped); the layout is [train/|valid/|test/]CLASS/PICTURE", argv[0],
                      (long long)skipped(&r));
    else if (r.skipped[NN_SKIP_DAMAGED])
        nn_warn("%lld damaged pictures were left out", (long long)r.skipped[NN_SKIP_DAMAGED]);
    if (r.added || r.already) {
        if (!o.json)
            print_text(&r);
        else if (print_json(&r, ret ? NULL : err))
            ret = -1;
    }
    nn_images_report_release(&r);
    nn_catalog_close(cat);
    return ret;
}

const struct nn_cmd nn_cmd_images = {
    "images", "DIR|ARCHIVE...", "take a class-folder picture set in, with its labels and splits",
    "neonnoir ingest images fer2013.tar.gz --licence \"research use\"", opts, 1, -1, run
};
