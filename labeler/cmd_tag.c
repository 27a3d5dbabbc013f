/* neonnoir label add, rm, ls: tags on clips. */
#include <stdio.h>
#include <string.h>

#include "common/json.h"
#include "common/log.h"
#include "datasets/collection.h"
#include "datasets/tag.h"
#include "labeler/change.h"
#include "labeler/cmds.h"

enum { TAGS_MAX = 64 };

static struct {
    const char *where;
    int create, json;
} o;

#define WHERE { "where", 'w', NN_OPT_TEXT, "QUERY",                             \
                "also clips that a query or collection selects", &o.where, 0, 0 }

const struct nn_opt nn_label_add_opts[] = {
    WHERE,
    { "new", 'n', NN_OPT_FLAG, NULL, "make tags that do not exist yet", &o.create, 0, 0 },
    { 0 },
};
const struct nn_opt nn_label_rm_opts[] = { WHERE, { 0 } };
const struct nn_opt nn_label_ls_opts[] = {
    WHERE,
    { "json", 0, NN_OPT_FLAG, NULL, "print JSON", &o.json, 0, 0 },
    { 0 },
};

struct operands {
    struct nn_clip_list clips;
    int64_t tag[TAGS_MAX];
    int tags;
};

/* A word that is no clip: a tag that exists, may exist, or an error with both hints. */
static int take_tag(struct nn_catalog *cat, const char *word, const struct nn_err *no_clip,
                    int create, struct operands *out, struct nn_err *err)
{
    struct nn_err no_tag = { 0 };
    int64_t *id = &out->tag[out->tags];
    int fits;

    if (out->tags == TAGS_MAX)
        return nn_fail(err, NN_EUSAGE, "more than %d tags", TAGS_MAX);
    if (!nn_tag_id(cat, word, 0, id, &no_tag)) {
        out->tags++;
        return 0;
    }
    if (no_tag.code == NN_EUSAGE || no_tag.code == NN_EDB)
        return nn_fail(err, no_tag.code, "%s", no_tag.msg);
    if ((fits = create && !o.create ? nn_tag_fits(cat, word, err) : 0) < 0)
        return -1;
    if (create && (o.create || fits)) {
        nn_info("new tag %s", word);
        return nn_tag_id(cat, word, 1, &out->tag[out->tags++], err);
    }
    return nn_fail(err, NN_ENOTFOUND, "%s, and %s%s", no_clip->msg, no_tag.msg,
                   create ? "; --new makes a tag" : "");
}

static int sort_operands(struct nn_catalog *cat, int argc, char **argv, int create,
                         struct operands *out, struct nn_err *err)
{
    int64_t id;

    for (int i = 0; i < argc; i++) {
        struct nn_err no_clip = { 0 };
        if (!nn_clip_find(cat, argv[i], &id, &no_clip)) {
            if (nn_clip_list_add(&out->clips, id, err))
                return -1;
        } else if (take_tag(cat, argv[i], &no_clip, create, out, err)) {
            return -1;
        }
    }
    if (o.where && nn_clip_list_where(&out->clips, cat, o.where, err))
        return -1;
    if (!out->clips.count)
        return nn_fail(err, NN_EUSAGE, "no clip among the operands; name one or use --where");
    if (!out->tags)
        return nn_fail(err, NN_EUSAGE, "no tag among the operands: they are all clips");
    return 0;
}

static int add(struct nn_catalog *cat, const char *who, int argc, char **argv, struct nn_err *err)
{
    struct operands in = { 0 };
    int changed = 0, one, ret = sort_operands(cat, argc, argv, 1, &in, err);

    for (int c = 0; !ret && c < in.clips.count; c++)
        for (int t = 0; !ret && t < in.tags; t++) {
            struct nn_tagging tagging = { NN_ON_CLIP, in.clips.id[c], NN_PERSON, who, 1.0f };
            ret = nn_tag_put(cat, in.tag[t], &tagging, &one, err);
            changed += one;
        }
    if (!ret)
        printf("%d tag%s added to %d clip%s\n", changed, changed == 1 ? "" : "s", in.clips.count,
               in.clips.count == 1 ? "" : "s");
    nn_clip_list_release(&in.clips);
    return ret;
}

static int rm(struct nn_catalog *cat, const char *who, int argc, char **argv, struct nn_err *err)
{
    struct operands in = { 0 };
    int changed = 0, one, ret = sort_operands(cat, argc, argv, 0, &in, err);

    for (int c = 0; !ret && c < in.clips.count; c++)
        for (int t = 0; !ret && t < in.tags; t++) {
            ret = nn_tag_remove(cat, in.tag[t], NN_ON_CLIP, in.clips.id[c], who, &one, err);
            changed += one;
        }
    if (!ret)
        printf("%d tag%s removed from %d clip%s\n", changed, changed == 1 ? "" : "s",
               in.clips.count, in.clips.count == 1 ? "" : "s");
    nn_clip_list_release(&in.clips);
    return ret;
}

int nn_label_add(int argc, char **argv, struct nn_err *err)
{
    return nn_change("add", argc, argv, add, err);
}

int nn_label_rm(int argc, char **argv, struct nn_err *err)
{
    return nn_change("rm", argc, argv, rm, err);
}

static int see_tag(void *arg, const char *tag, const struct nn_tagging *t)
{
    cJSON *list = arg, *item;

    if (!list) {
        printf("  %-36s %-7s %-16s %.2f\n", tag, nn_source_names[t->source], t->who,
               (double)t->confidence);
        return 0;
    }
    item = cJSON_CreateObject();
    cJSON_AddStringToObject(item, "tag", tag);
    cJSON_AddStringToObject(item, "source", nn_source_names[t->source]);
    cJSON_AddStringToObject(item, "who", t->who);
    cJSON_AddNumberToObject(item, "confidence", (double)t->confidence);
    cJSON_AddItemToArray(list, item);
    return 0;
}

static int ls_clip(struct nn_catalog *cat, int64_t id, cJSON *out, struct nn_err *err)
{
    struct nn_clip c;
    struct nn_medium m;
    cJSON *item = NULL;

    if (nn_clip_load(cat, id, &c, &m, err))
        return -1;
    if (!out) {
        puts(c.name);
        return nn_tag_each(cat, NN_ON_CLIP, id, see_tag, NULL, err);
    }
    item = cJSON_CreateObject();
    cJSON_AddStringToObject(item, "clip", c.name);
    cJSON_AddNumberToObject(item, "id", (double)id);
    cJSON_AddItemToArray(out, item);
    return nn_tag_each(cat, NN_ON_CLIP, id, see_tag, cJSON_AddArrayToObject(item, "tags"), err);
}

/* Without operands: the clips that bear any tag. */
static int choose(struct nn_catalog *cat, int argc, char **argv, struct nn_clip_list *clips,
                  struct nn_err *err)
{
    int64_t id;

    for (int i = 0; i < argc; i++)
        if (nn_clip_find(cat, argv[i], &id, err) || nn_clip_list_add(clips, id, err))
            return -1;
    if (o.where)
        return nn_clip_list_where(clips, cat, o.where, err);
    if (argc || !nn_clip_list_where(clips, cat, "tags>0", err))
        return 0;
    return err->code == NN_ENOTFOUND ? 0 : -1;
}

int nn_label_ls(int argc, char **argv, struct nn_err *err)
{
    struct nn_catalog *cat = nn_catalog_open(nn_cli_catalog(), NN_READ, err);
    struct nn_clip_list clips = { 0 };
    cJSON *out = o.json ? cJSON_CreateArray() : NULL;
    int ret = -1;

    if (cat)
        ret = choose(cat, argc, argv, &clips, err);
    for (int i = 0; !ret && i < clips.count; i++)
        ret = ls_clip(cat, clips.id[i], out, err);
    if (!ret && !out && !clips.count)
        printf("no clip bears a tag yet\n");
    if (!ret && out)
        ret = nn_json_print(out, err);
    else
        cJSON_Delete(out);
    nn_clip_list_release(&clips);
    nn_catalog_close(cat);
    return ret;
}
