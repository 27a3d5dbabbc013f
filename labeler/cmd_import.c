/* neonnoir label import: tags out of a CSV file, by the files that they speak of. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fs.h"
#include "common/hash.h"
#include "common/log.h"
#include "common/progress.h"
#include "common/rows.h"
#include "common/stop.h"
#include "datasets/tag.h"
#include "labeler/change.h"
#include "labeler/cmds.h"

enum { WARNINGS = 5, LIMIT = 256 << 20 };

enum { FILE_AT, TAGS_AT, START_AT, END_AT, KNOWN };
static const char *const known[KNOWN] = { "file", "tags", "start", "end" };

struct import {
    struct nn_catalog *cat;
    const char *csv;
    char dir[NN_PATH];          /* of the CSV file, with a slash; "" */
    int column[KNOWN];
    int64_t line, rows, unknown, clips, tags;

    const char *file, *words;   /* of this row */
    int64_t start, end;
    char last[NN_PATH];         /* the file that the row before spoke of ... */
    int64_t medium;             /* ... and its medium; 0: not in the catalog */
};

static int read_head(struct import *in, const struct nn_rows *r, struct nn_err *err)
{
    for (int k = 0; k < KNOWN; k++) {
        in->column[k] = -1;
        for (int i = 0; i < r->fields; i++)
            if (!strcmp(r->field[i], known[k]))
                in->column[k] = i;
    }
    if (in->column[FILE_AT] < 0 || in->column[TAGS_AT] < 0)
        return nn_fail(err, NN_EFORMAT, "%s: its first line must name the columns, \"file\" and "
                       "\"tags\" among them (and \"start\", \"end\", frames, for films)", in->csv);
    return 0;
}

static int frame_of(const struct import *in, char *const *field, int k, int64_t *v,
                    struct nn_err *err)
{
    const char *text = in->column[k] < 0 ? "" : field[in->column[k]];
    char *end;

    *v = strtoll(text, &end, 10);
    if (*end || *v < 0)
        return nn_fail(err, NN_EFORMAT, "%s, line %lld: %s \"%.20s\" is no frame number", in->csv,
                       (long long)in->line, known[k], text);
    return 0;
}

/* The medium whose bytes the named file has. */
static int find_medium(struct import *in, struct nn_err *err)
{
    struct nn_err why = { 0 };
    char path[NN_PATH];
    nn_hash hash;
    int found;

    if (!strcmp(in->last, in->file))
        return 0;
    in->medium = 0;
    if (nn_path(path, err, "%s%s", *in->file == '/' ? "" : in->dir, in->file) ||
        nn_path(in->last, err, "%s", in->file))
        return -1;
    if (nn_hash_file(path, hash, &why)) {
        nn_debug("%s", why.msg);
        return 0;
    }
    found = nn_medium_find(in->cat, hash, &in->medium, err);
    if (!found)
        in->medium = 0;
    return found < 0 ? -1 : 0;
}

struct clips {
    const struct import *in;
    int64_t *id;
    int count, room;
};

/* A clip is spoken of when the row says no frames, or at least half of those of the clip. */
static int see_clip(void *arg, const struct nn_clip *c, const struct nn_medium *m)
{
    struct clips *list = arg;
    int64_t from = c->start_frame > list->in->start ? c->start_frame : list->in->start;
    int64_t to = c->end_frame < list->in->end ? c->end_frame : list->in->end;

    (void)m;
    if (list->in->end && 2 * (to - from) < c->end_frame - c->start_frame)
        return 0;
    if (list->count == list->room) {
        int room = list->room ? 2 * list->room : 16;
        int64_t *more = realloc(list->id, (size_t)room * sizeof *more);
        if (!more)
            return -1;
        list->id = more;
        list->room = room;
    }
    list->id[list->count++] = c->id;
    return 0;
}

static int put_tags(struct import *in, int64_t clip, struct nn_err *err)
{
    const struct nn_tagging t = { NN_ON_CLIP, clip, NN_IMPORT, "label import", 1 };
    const char *p = in->words;

    for (;;) {
        size_t size = strcspn(p += strspn(p, " ;"), " ;");
        char name[128];
        int64_t tag;
        int added;
        if (!size)
            return 0;
        snprintf(name, sizeof name, "%.*s", (int)size, p);
        if (size >= sizeof name || nn_tag_id(in->cat, name, 1, &tag, err))
            return nn_fail_in(err, "%s, line %lld", in->csv, (long long)in->line);
        if (nn_tag_put(in->cat, tag, &t, &added, err))
            return -1;
        in->tags += added;
        p += size;
    }
}

static int take_row(struct import *in, const struct nn_rows *r, struct nn_err *err)
{
    struct clips list = { .in = in };
    char *const *field = r->field;
    int ret = 0;

    in->line = r->line;
    for (int k = 0; k < KNOWN; k++)
        if (r->fields <= in->column[k])
            return nn_fail(err, NN_EFORMAT, "%s, line %lld: no column \"%s\"", in->csv,
                           (long long)in->line, known[k]);
    in->file = field[in->column[FILE_AT]];
    in->words = field[in->column[TAGS_AT]];
    if (frame_of(in, field, START_AT, &in->start, err) ||
        frame_of(in, field, END_AT, &in->end, err) || find_medium(in, err))
        return -1;
    in->rows++;
    if (in->medium && nn_clip_each(in->cat, in->medium, see_clip, &list, err))
        ret = err->code ? -1 : nn_fail_mem(err, "clips");
    for (int i = 0; i < list.count && !ret; i++)
        ret = put_tags(in, list.id[i], err);
    if (!list.count && in->unknown++ < WARNINGS)
        nn_warn("%s, line %lld: %s is in no clip of the catalog", in->csv, (long long)in->line,
                in->file);
    in->clips += list.count;
    free(list.id);
    return ret;
}

static int import_file(struct import *in, struct nn_err *err)
{
    const char *slash = strrchr(in->csv, '/');
    struct nn_progress bar;
    struct nn_rows r;
    size_t size = 0;
    char *text = nn_file_read(in->csv, LIMIT, &size, err);
    int more;

    if (!text)
        return -1;
    snprintf(in->dir, sizeof in->dir, "%.*s", slash ? (int)(slash + 1 - in->csv) : 0, in->csv);
    in->last[0] = 0;
    nn_rows_init(&r, in->csv, text, size);
    nn_progress_start(&bar, "tags", (int64_t)size);
    if (!(more = nn_rows_next(&r, err)))
        more = nn_fail(err, NN_EFORMAT, "%s is empty", in->csv);
    if (more > 0)
        more = read_head(in, &r, err) ? -1 : nn_rows_next(&r, err);
    while (more > 0) {
        nn_progress_update(&bar, r.at - text, NULL);
        more = nn_check_stop("label import", err) || take_row(in, &r, err) ? -1
             : nn_rows_next(&r, err);
    }
    nn_progress_stop(&bar);
    free(text);
    return more;
}

static int import(struct nn_catalog *cat, const char *who, int argc, char **argv,
                  struct nn_err *err)
{
    struct import *in = calloc(1, sizeof *in);
    int ret = in ? 0 : nn_fail_mem(err, "import");

    (void)who;
    for (int i = 0; i < argc && !ret; i++) {
        in->cat = cat;
        in->csv = argv[i];
        ret = import_file(in, err);
    }
    if (!ret && in->unknown == in->rows)
        ret = nn_fail(err, NN_ENOTFOUND, "none of the %lld files is in the catalog; take them in "
                      "first: neonnoir ingest images|footage", (long long)in->rows);
    if (!ret)
        printf("%lld tags on %lld clips, %lld rows without a clip\n", (long long)in->tags,
               (long long)in->clips, (long long)in->unknown);
    free(in);
    return ret;
}

int nn_label_import(int argc, char **argv, struct nn_err *err)
{
    return nn_change("import", argc, argv, import, err);
}
