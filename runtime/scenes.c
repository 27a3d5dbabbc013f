#include "runtime/scenes.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/effects/srgb.h"

enum { STRIP = 16, ROWS = 7 };              /* rows of floats that mixing a row takes */

struct part {
    struct nn_chain *chain;
    int first, count;                       /* links of the patch */
    double t;                               /* its own clock, which stands while it is off */
    int on;
};

struct nn_scenes {
    struct part part[NN_MAX_SCENES];
    int count;
    double t;                               /* of the last frame */
    struct nn_pool *pool;
    float light[256];
    struct nn_image other;                  /* the picture of the scene that fades out */
    float *desk;                            /* ROWS w for each strip */
    /* the mix under way */
    struct nn_image *img;
    float x;
};

static int make_part(struct nn_scenes *s, const struct nn_patch *patch, int i, int w, int h,
                     uint64_t seed, struct nn_err *err)
{
    const struct nn_scene_links *scene = &patch->scene[i];
    struct nn_slot slot[NN_MAX_CHAIN] = { { NULL, NULL } };
    struct part *part = &s->part[i];

    for (int k = 0; k < scene->count; k++) {
        const struct nn_link *link = &patch->link[scene->first + k];
        slot[k] = (struct nn_slot){ link->effect, *link->file ? link->file : NULL };
    }
    part->first = scene->first;
    part->count = scene->count;
    part->chain = nn_chain_new(slot, scene->count, w, h,
                               seed + (uint64_t)i * 0xd1b54a32d192ed03u, s->pool, err);
    return part->chain ? 0 : -1;
}

struct nn_scenes *nn_scenes_new(const struct nn_patch *patch, int w, int h, uint64_t seed,
                                struct nn_pool *pool, struct nn_err *err)
{
    struct nn_scenes *s = calloc(1, sizeof *s);
    size_t strips = (size_t)(h + STRIP - 1) / STRIP;

    if (!s) {
        nn_fail_mem(err, "scenes");
        return NULL;
    }
    s->pool = pool;
    nn_srgb_table(s->light);
    for (; s->count < patch->scenes; s->count++)
        if (make_part(s, patch, s->count, w, h, seed, err))
            goto fail;
    if (s->count > 1 && nn_image_init(&s->other, w, h, 3, err))
        goto fail;
    if (s->count > 1 && !(s->desk = calloc(strips * (size_t)w, ROWS * sizeof *s->desk))) {
        nn_fail_mem(err, "scenes");
        goto fail;
    }
    return s;
fail:
    nn_scenes_free(s);
    return NULL;
}

void nn_scenes_free(struct nn_scenes *s)
{
    for (int i = 0; s && i < s->count; i++)
        nn_chain_free(s->part[i].chain);
    if (s) {
        nn_image_release(&s->other);
        free(s->desk);
    }
    free(s);
}

int nn_scenes_want_mask(const struct nn_patch *patch)
{
    int want = 0;

    for (int i = 0; i < patch->count; i++)
        want |= patch->link[i].effect->wants_mask;
    return want;
}

void nn_scenes_says(const struct nn_scenes *s, char *text, size_t size)
{
    for (int i = 0; i < s->count; i++)
        nn_chain_says(s->part[i].chain, text, size);
}

int nn_scenes_live(struct nn_scenes *s, struct nn_err *err)
{
    for (int i = 0; i < s->count; i++)
        if (nn_chain_live(s->part[i].chain, err))
            return -1;
    return 0;
}

void nn_scenes_poll(struct nn_scenes *s, float value[NN_MAX_CHAIN][NN_MAX_PARAMS])
{
    for (int i = 0; i < s->count; i++)
        for (int k = 0; k < s->part[i].count; k++)
            nn_chain_poll(s->part[i].chain, k, value[s->part[i].first + k]);
}

int nn_scenes_tell(const struct nn_scenes *s, struct nn_fade fade, float out[NN_TOLD])
{
    return fade.now >= 0 && fade.now < s->count && nn_chain_tell(s->part[fade.now].chain, out);
}

static void mix_strip(void *arg, int strip)
{
    struct nn_scenes *s = arg;
    int w = s->img->w, end = (strip + 1) * STRIP < s->img->h ? (strip + 1) * STRIP : s->img->h;
    float *desk = s->desk + (size_t)strip * (size_t)w * ROWS, *a[3], *b[3];

    for (int i = 0; i < 3; i++) {
        a[i] = desk + (size_t)i * (size_t)w;
        b[i] = desk + (size_t)(i + 3) * (size_t)w;
    }
    for (int y = strip * STRIP; y < end; y++) {
        size_t at = (size_t)y * (size_t)w * 3;
        nn_srgb_decode(s->light, s->img->px + at, 3, w, a);
        nn_srgb_decode(s->light, s->other.px + at, 3, w, b);
        for (int i = 0; i < 3; i++)
            for (int x = 0; x < w; x++)
                a[i][x] = b[i][x] + s->x * (a[i][x] - b[i][x]);
        nn_srgb_encode(a, w, s->img->px + at, 3, (uint32_t *)(void *)(desk + (size_t)w * 6));
    }
}

static void run_part(struct nn_scenes *s, int i, float value[NN_MAX_CHAIN][NN_MAX_PARAMS],
                     const struct nn_person *who, struct nn_image *img, double t)
{
    struct part *part = &s->part[i];

    for (int k = 0; k < part->count; k++)
        nn_chain_set(part->chain, k, value[part->first + k]);
    part->t = s->count == 1 ? t : part->on && t > s->t ? part->t + (t - s->t) : part->t;
    nn_chain_person(part->chain, who);
    nn_chain_run(part->chain, img, part->t);
}

void nn_scenes_run(struct nn_scenes *s, float value[NN_MAX_CHAIN][NN_MAX_PARAMS],
                   struct nn_fade fade, const struct nn_person *who, struct nn_image *img,
                   double t)
{
    if (fade.now < 0 || fade.now >= s->count || fade.last < 0 || fade.last >= s->count)
        fade = (struct nn_fade){ 0, 0, 1 };
    if (!(fade.x < 1))
        fade.last = fade.now;
    if (fade.last != fade.now) {
        memcpy(s->other.px, img->px, nn_image_size(img));
        run_part(s, fade.last, value, who, &s->other, t);
    }
    run_part(s, fade.now, value, who, img, t);
    if (fade.last != fade.now) {
        s->img = img;
        s->x = fade.x > 0 ? fade.x : 0;
        nn_pool_run(s->pool, (img->h + STRIP - 1) / STRIP, mix_strip, s);
    }
    for (int i = 0; i < s->count; i++)
        s->part[i].on = i == fade.now || i == fade.last;
    s->t = t;
}
