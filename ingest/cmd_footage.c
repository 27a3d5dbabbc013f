/*
 * ingest footage - films into the catalog, cut into shots, with their faces.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/fs.h"
#include "common/json.h"
#include "common/log.h"
#include "common/stop.h"
#include "datasets/catalog.h"
#include "datasets/archive.h"
#include "ingest/cmd.h"
#include "ingest/footage.h"
#include "ingest/sheet.h"

static struct {
    const char *name, *licence, *author;
    int64_t every;
    int no_faces, json;
} o = { .licence = "unknown", .author = "" };

static const struct nn_opt opts[] = {
    { "name", 0, NN_OPT_TEXT, "N", "name of the clips, instead of the file's", &o.name, 0, 0 },
    { "licence", 'l', NN_OPT_TEXT, "L", "licence of the footage", &o.licence, 0, 0 },
    { "author", 'a', NN_OPT_TEXT, "A", "who shot it", &o.author, 0, 0 },
    { "every", 'n', NN_OPT_INT, "N", "look for faces in every N-th frame (default: five a second)",
      &o.every, 1, 1e6 },
    { "no-faces", 0, NN_OPT_FLAG, NULL, "do not look for faces", &o.no_faces, 0, 0 },
    { "json", 0, NN_OPT_FLAG, NULL, "print the summary as JSON", &o.json, 0, 0 },
    { 0 },
};

/* What was handed in, with directories replaced by the films in them. */
struct films {
    char **path;
    int count, room;
};

static int add_path(struct films *f, const char *dir, const char *name, struct nn_err *err)
{
    char full[NN_PATH];

    if (nn_path(full, err, "%s%s%s", dir, *dir ? "/" : "", name))
        return -1;
    if (f->count == f->room) {
        int room = f->room ? 2 * f->room : 64;
        char **p = realloc(f->path, (size_t)room * sizeof *p);
        if (!p)
            return nn_fail_mem(err, "file list");
        f->path = p;
        f->room = room;
    }
    if (!(f->path[f->count] = strdup(full)))
        return nn_fail_mem(err, "file list");
    f->count++;
    return 0;
}

static int is_film_name(const char *name)
{
    static const char *const ends[] = { ".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".mpg",
                                        ".mpeg", ".ts", ".mts", ".m2ts", ".wmv", ".flv", ".ogv",
                                        ".3gp", ".mxf", ".dv", ".vob" };
    const char *slash = strrchr(name, '/'), *file = slash ? slash + 1 : name;
    const char *dot = strrchr(file, '.');

    if (!dot || file[0] == '.')
        return 0;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (!strcasecmp(dot, ends[i]))
            return 1;
    return 0;
}

static int add_dir(struct films *f, const char *dir, struct nn_err *err)
{
    struct nn_archive *a = nn_archive_open(dir, err);
    const char *name;
    int before = f->count, ret;

    if (!a)
        return -1;
    while ((ret = nn_archive_next(a, &name, err)) > 0)
        if (is_film_name(name) && (ret = add_path(f, dir, name, err)))
            break;
    nn_archive_close(a);
    if (!ret && f->count == before)
        return nn_fail(err, NN_ENOTFOUND, "%s has no films in it (mp4, mov, mkv, avi, webm, ...)",
                       dir);
    return ret;
}

static void print_text(const char *path, const struct nn_footage_report *r)
{
    char code[32];

    if (r->already) {
        printf("%s: already there\n", path);
        return;
    }
    printf("%s: %d x %d %s, %lld frames%s, %.2f s, %d shot%s, %lld faces\n", path, r->w, r->h,
           r->codec, (long long)r->frames, r->variable_rate ? " at a variable rate" : "", r->length,
           r->clips, r->clips == 1 ? "" : "s", (long long)r->faces);
    for (int i = 0; i < r->clips; i++) {
        const struct nn_footage_clip *c = &r->clip[i];
        nn_time_code(c->start, code);
        printf("  %-24s %s %8.2f s %6lld faces\n", c->name, code, c->length, (long long)c->faces);
    }
    printf("  contact sheet: %s\n", r->sheet);
}

static cJSON *json_of(const char *path, const struct nn_footage_report *r)
{
    cJSON *film = cJSON_CreateObject(), *clips;

    cJSON_AddStringToObject(film, "file", path);
    cJSON_AddStringToObject(film, "hash", r->hash);
    cJSON_AddBoolToObject(film, "already_there", r->already);
    if (r->already)
        return film;
    cJSON_AddNumberToObject(film, "width", r->w);
    cJSON_AddNumberToObject(film, "height", r->h);
    cJSON_AddStringToObject(film, "codec", r->codec);
    cJSON_AddNumberToObject(film, "frames", (double)r->frames);
    cJSON_AddBoolToObject(film, "variable_rate", r->variable_rate);
    cJSON_AddNumberToObject(film, "seconds", r->length);
    cJSON_AddNumberToObject(film, "faces", (double)r->faces);
    cJSON_AddStringToObject(film, "contact_sheet", r->sheet);
    clips = cJSON_AddArrayToObject(film, "clips");
    for (int i = 0; i < r->clips; i++) {
        const struct nn_footage_clip *c = &r->clip[i];
        cJSON *clip = cJSON_CreateObject();
        cJSON_AddStringToObject(clip, "name", c->name);
        cJSON_AddNumberToObject(clip, "start", c->start);
        cJSON_AddNumberToObject(clip, "seconds", c->length);
        cJSON_AddNumberToObject(clip, "frames", (double)c->frames);
        cJSON_AddNumberToObject(clip, "faces", (double)c->faces);
        cJSON_AddStringToObject(clip, "poster", c->poster);
        cJSON_AddItemToArray(clips, clip);
    }
    return film;
}

/* One film. A failure is kept in `first`, or told at once when there is one. */
static int take(struct nn_catalog *cat, const char *path, cJSON *list, int *failed,
                struct nn_err *first)
{
    const struct nn_footage_opts how = { o.name, o.licence, o.author, o.no_faces, o.every };
    struct nn_footage_report r;
    struct nn_err err = { 0 };
    int ret = nn_footage_add(cat, path, &how, &r, &err);

    if (ret && (*failed)++ && err.code != NN_EINTR)
        nn_warn("%s", err.msg);
    else if (ret)
        *first = err;
    else if (list)
        cJSON_AddItemToArray(list, json_of(path, &r));
    else
        print_text(path, &r);
    nn_footage_report_release(&r);
    return err.code == NN_EINTR ? nn_fail(first, NN_EINTR, "interrupted in %s; films named above "
                                          "are in, the same command goes on", path)
                                : 0;
}

static int take_all(struct nn_catalog *cat, const struct films *films, int failed,
                    struct nn_err *err)
{
    cJSON *list = o.json ? cJSON_CreateArray() : NULL;

    for (int i = 0; i < films->count; i++) {
        if (take(cat, films->path[i], list, &failed, err))
            break;
        fflush(stdout);
    }
    if (list && nn_json_print(list, failed ? NULL : err))
        return -1;
    return failed ? -1 : 0;
}

static int run(int argc, char **argv, struct nn_err *err)
{
    struct nn_catalog *cat = nn_catalog_open(nn_cli_catalog(), NN_WRITE, err);
    struct films films = { 0 };
    int ret, failed = 0;

    if (!cat)
        return -1;
    for (int i = 0; i < argc; i++) {
        struct nn_err why = { 0 };
        if (nn_is_dir(argv[i]) ? !add_dir(&films, argv[i], &why)
                               : !add_path(&films, "", argv[i], &why))
            continue;
        if (failed++)
            nn_warn("%s", why.msg);
        else
            *err = why;
    }
    ret = take_all(cat, &films, failed, err);
    for (int i = 0; i < films.count; i++)
        free(films.path[i]);
    free(films.path);
    nn_catalog_close(cat);
    return ret;
}

const struct nn_cmd nn_cmd_footage = {
    "footage", "FILE|DIR...", "take films in: shots become clips, faces are found",
    "neonnoir ingest footage ~/rushes --licence \"CC BY 4.0\" --author \"A. Ray\"", opts, 1, -1, run
};
