#include "trainer/seen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_picture(const void *key, const void *sample)
{
    return strcmp(key, ((const struct nn_sample *)sample)->picture);
}

/* Samples are sorted by split, train first, then picture; faces were loaded in their order. */
static int mark(struct nn_faces *f, const struct nn_snapshot *on, const char *split,
                const struct nn_snapshot *trained, struct nn_err *err)
{
    int64_t train = 0, face = 0;

    while (train < trained->count && trained->sample[train].split == NN_TRAIN)
        train++;
    for (int64_t i = 0; i < on->count; i++) {
        const struct nn_sample *s = &on->sample[i];
        if (strcmp(split, "all") && strcmp(split, nn_split_names[s->split]))
            continue;
        if (face == f->n)
            break;
        if (bsearch(s->picture, trained->sample, (size_t)train, sizeof *s, by_picture))
            f->leaked[face] = 1;
        face++;
    }
    return face == f->n ? 0 : nn_fail(err, NN_EARG, "faces of another snapshot than %s", on->name);
}

int nn_seen_mark(struct nn_faces *f, struct nn_catalog *cat, const char *on, const char *split,
                 int64_t trained, struct nn_err *err)
{
    struct nn_snapshot a = { 0 }, b = { 0 };
    char id[32];
    int ret = -1;

    if (!trained)
        return 0;
    snprintf(id, sizeof id, "%lld", (long long)trained);
    if (!nn_snapshot_load(cat, on, &a, err)) {
        if (a.id == trained)
            ret = 0;
        else if (!nn_snapshot_load(cat, id, &b, err))
            ret = mark(f, &a, split ? split : "valid", &b, err);
    }
    nn_snapshot_release(&a);
    nn_snapshot_release(&b);
    return ret;
}
