/* neonnoir label guess: a model's word on faces, where it is sure; a person's word stands above. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/stop.h"
#include "datasets/tag.h"
#include "labeler/change.h"
#include "labeler/cmds.h"
#include "runtime/face/recognise.h"
#include "runtime/media/picture.h"

static struct {
    const char *model;
    double sure;
} o = { .sure = 0.6 };

const struct nn_opt nn_label_guess_opts[] = {
    { "model", 'm', NN_OPT_TEXT, "FILE.onnx", "an emotion network (else the bundled one)", &o.model,
      0, 0 },
    { "sure", 0, NN_OPT_REAL, "X", "how sure it must be, 0 to 1", &o.sure, 0.01, 1 },
    { 0 },
};

struct guesser {
    struct nn_catalog *cat;
    struct nn_recogniser *net;
    int w, h, channels;     /* of the network's input */
    nn_hash *crop;          /* of each face */
    int64_t *id;
    int count, room, labelled;
    struct nn_err *err;
};

/* Rows are collected first: a tag is not written while the table is read. */
static int collect(void *arg, const struct nn_face_row *row)
{
    struct guesser *g = arg;

    if (strlen(row->crop) != NN_HASH_HEX)
        return 0;
    if (g->count == g->room) {
        int room = g->room ? 2 * g->room : 64;
        nn_hash *crop = realloc(g->crop, (size_t)room * sizeof *crop);
        int64_t *id = crop ? realloc(g->id, (size_t)room * sizeof *id) : NULL;
        if (crop)
            g->crop = crop;
        if (id)
            g->id = id;
        else
            return nn_fail_mem(g->err, "faces");
        g->room = room;
    }
    memcpy(g->crop[g->count], row->crop, sizeof *g->crop);
    g->id[g->count++] = row->id;
    return 0;
}

static int guess_one(struct guesser *g, int i, struct nn_err *err)
{
    struct nn_tagging t = { NN_ON_FACE, g->id[i], NN_MODEL, o.model ? o.model : "emotion.onnx", 0 };
    struct nn_image img = { 0 };
    const struct nn_image *crop = &img;
    char path[NN_PATH], tag[40];
    float prob[1][NN_EMOTIONS];
    int best = 0, bad, added;
    int64_t id;

    if (nn_media_path(g->cat, g->crop[i], path, err) ||
        nn_picture_read(path, g->channels, &img, err))
        return -1;
    bad = nn_recognise_crops(g->net, &crop, 1, prob, err);
    nn_image_release(&img);
    if (bad)
        return -1;
    for (int k = 1; k < NN_EMOTIONS; k++)
        if (prob[0][k] > prob[0][best])
            best = k;
    if (prob[0][best] < (float)o.sure)
        return 0;
    t.confidence = prob[0][best];
    snprintf(tag, sizeof tag, "emotion/%s", nn_emotions[best].name);
    g->labelled++;
    return nn_tag_id(g->cat, tag, 1, &id, err) || nn_tag_put(g->cat, id, &t, &added, err) ? -1 : 0;
}

static int guess(struct nn_catalog *cat, const char *who, int argc, char **argv, struct nn_err *err)
{
    struct guesser g = { .cat = cat, .err = err };
    int64_t clip;
    int ret = -1;

    (void)who;
    if (!(g.net = nn_recogniser_new(o.model, NULL, err)))
        return -1;
    nn_recogniser_input(g.net, &g.w, &g.h, &g.channels);
    for (int i = 0; i < argc; i++)
        if (nn_clip_find(cat, argv[i], &clip, err) || nn_face_each(cat, clip, collect, &g, err))
            goto out;
    for (int i = 0; i < g.count; i++)
        if (guess_one(&g, i, err) || nn_check_stop("guessing", err))
            goto out;
    printf("%d of %d faces labelled by %s\n", g.labelled, g.count,
           o.model ? o.model : "the bundled model");
    ret = 0;
out:
    nn_recogniser_free(g.net);
    free(g.crop);
    free(g.id);
    return ret;
}

int nn_label_guess(int argc, char **argv, struct nn_err *err)
{
    return nn_change("guess", argc, argv, guess, err);
}
