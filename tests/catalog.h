/*
 * catalog.h - what the catalog's tests share: a catalog in a scratch directory
 * and a short way to put a picture with a face into it.
 */
#ifndef NN_TESTS_CATALOG_H
#define NN_TESTS_CATALOG_H

#include <dirent.h>
#include <sys/stat.h>

#include "datasets/collection.h"
#include "datasets/snapshot.h"
#include "datasets/tag.h"
#include "tests/test.h"

static char scratch[256];
static struct nn_err err;

static inline void run_shell(const char *command)
{
    CHECK(system(command) == 0);
}

static inline struct nn_catalog *fresh_catalog(void)
{
    char dir[400];
    struct nn_catalog *cat;
    int made = 0;

    test_scratch(scratch, sizeof scratch);
    snprintf(dir, sizeof dir, "%s/cat", scratch);
    CHECK_OK(nn_catalog_init(dir, &made, &err), &err);
    CHECK(made);
    cat = nn_catalog_open(dir, NN_WRITE, &err);
    if (!cat) {
        fprintf(stderr, "%s\n", err.msg);
        exit(1);
    }
    return cat;
}

static inline void end_catalog(struct nn_catalog *cat)
{
    char command[300];

    nn_catalog_close(cat);
    snprintf(command, sizeof command, "rm -rf '%s'", scratch);
    run_shell(command);
}

/* A picture as an importer gives it: bytes, path in its set, label, split, subject. */
struct picture {
    const char *bytes, *path, *label, *split, *subject;
};

struct ids {
    int64_t medium, origin, clip, face;
    int added;              /* rows that were new, of four and a tagging */
};

static inline struct ids put_picture(struct nn_catalog *cat, const struct picture *p)
{
    struct nn_medium m = { .kind = NN_MEDIA_IMAGE, .container = "png_pipe", .codec = "png",
                           .w = 48, .h = 48, .frames = 1, .time_base_num = 1, .time_base_den = 1,
                           .end_pts = 1 };
    struct nn_origin o = { "set.tar", p->path, "test licence", "" };
    struct nn_clip c = { .end_pts = 1, .end_frame = 1, .name = p->path, .poster = "" };
    struct nn_face_row f = { .box = { 0, 0, 48, 48 }, .score = 1, .split = p->split,
                             .subject = p->subject };
    struct nn_tagging t = { NN_ON_FACE, 0, NN_IMPORT, "test", 0.9f };
    struct ids id = { 0 };
    int64_t tag;
    int added;
    char name[64];

    CHECK_OK(nn_media_put(cat, p->bytes, strlen(p->bytes), m.hash, &err), &err);
    CHECK_OK(nn_medium_add(cat, &m, &id.medium, &added, &err), &err);
    id.added += added;
    CHECK_OK(nn_origin_add(cat, id.medium, &o, &id.origin, &added, &err), &err);
    id.added += added;
    c.medium = id.medium;
    CHECK_OK(nn_clip_add(cat, &c, &id.clip, &added, &err), &err);
    id.added += added;
    f.clip = id.clip;
    f.origin = id.origin;
    f.crop = m.hash;
    CHECK_OK(nn_face_add(cat, &f, &id.face, &added, &err), &err);
    id.added += added;
    if (p->label) {
        snprintf(name, sizeof name, "emotion/%s", p->label);
        CHECK_OK(nn_tag_id(cat, name, 0, &tag, &err), &err);
        t.target_id = id.face;
        CHECK_OK(nn_tag_put(cat, tag, &t, &added, &err), &err);
        id.added += added;
    }
    return id;
}

#endif
