/* Directions as a picture and as JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "common/emotion.h"
#include "runtime/draw/canvas.h"
#include "trainer/latent.h"

enum { EDGE = 24, LEFT = 176, HEAD = 92, CELL = 112, GAP = 6, STEPS = 7, SAMPLES = 2, APART = 28 };

char *nn_latent_format(const struct nn_latent *l)
{
    cJSON *root = cJSON_CreateObject();
    char *text;

    for (int w = 0; w < l->n; w++) {
        cJSON *j = cJSON_AddObjectToObject(root, l->way[w].name), *v;
        cJSON_AddStringToObject(j, "by", l->way[w].by_look ? "look" : "condition");
        v = cJSON_AddArrayToObject(j, "v");
        for (int i = 0; i < l->floats; i++) {
            char number[32];    /* shortest that a float needs: files stay small and the same */
            snprintf(number, sizeof number, "%.6g", (double)l->way[w].v[i]);
            cJSON_AddItemToArray(v, cJSON_CreateRaw(number));
        }
    }
    text = cJSON_PrintUnformatted(root);
    cJSON_Delete(root);
    return text;
}

static unsigned colour_of(const char *name)
{
    int emotion = nn_emotion_find(name);

    return emotion >= 0 ? nn_rgb(nn_emotions[emotion].rgb) : NN_CYAN;
}

/* One sample along one way, from -1 to 1. */
static int draw_walk(struct nn_canvas *c, const struct nn_latent *l, struct nn_sampler *g,
                     const float *v, const float *zc, double x, double y, float *work,
                     struct nn_image *img, struct nn_err *err)
{
    float *at = work, *image = work + l->floats;

    for (int s = 0; s < STEPS; s++) {
        float strength = 2.0f * (float)s / (STEPS - 1) - 1;
        struct nn_box box = { (float)x + s * (CELL + GAP), (float)y, CELL, CELL };
        for (int i = 0; i < l->floats; i++)
            at[i] = zc[i] + strength * v[i];
        if (nn_sampler_run(g, at, at + g->z, 1, image, err))
            return -1;
        nn_sampler_bytes(image, g->size, img->px);
        nn_canvas_picture(c, img, box);
        if (2 * s == STEPS - 1)
            nn_canvas_frame(c, box, NN_DIM, 1.5);
    }
    return 0;
}

static int draw_ways(struct nn_canvas *c, const struct nn_latent *l, struct nn_sampler *g,
                     uint64_t seed, float *work, struct nn_image *img, struct nn_err *err)
{
    float *zc = work + l->floats + nn_sampler_floats(g);
    int wide = STEPS * (CELL + GAP) + APART;

    for (int k = 0; k < SAMPLES; k++) {
        struct nn_rng rng;
        nn_rng_seed(&rng, seed, (uint64_t)k);
        nn_sampler_latent(g, &rng, zc);
        nn_latent_base(g, zc + g->z);
        for (int s = 0; s < STEPS; s += STEPS / 2) {
            static const char *const label[] = { "-1", "0", "+1" };
            nn_canvas_text(c, LEFT + k * wide + s * (CELL + GAP) + CELL / 2.0, HEAD - 10,
                           NN_CENTRE, 14, 0, NN_DIM, label[s / (STEPS / 2)]);
        }
        for (int w = 0; w < l->n; w++)
            if (draw_walk(c, l, g, l->way[w].v, zc, LEFT + k * wide, HEAD + w * (CELL + GAP),
                          work, img, err))
                return -1;
    }
    return 0;
}

static void draw_names(struct nn_canvas *c, const struct nn_latent *l)
{
    char text[100];

    for (int w = 0; w < l->n; w++) {
        const struct nn_latent_way *way = &l->way[w];
        double y = HEAD + w * (CELL + GAP) + CELL / 2.0;
        nn_canvas_title(c, EDGE, y - 6, LEFT - EDGE - 12, 18, colour_of(way->name), way->name);
        snprintf(text, sizeof text, "by %s", way->by_look ? "look" : "condition");
        nn_canvas_text(c, EDGE, y + 12, NN_LEFT, 12, 0, NN_DIM, text);
        snprintf(text, sizeof text, "moves %.0f %%", 100 * way->moves);
        nn_canvas_text(c, EDGE, y + 28, NN_LEFT, 12, 0, NN_DIM, text);
    }
}

int nn_latent_sheet(const struct nn_latent *l, struct nn_sampler *g, const char *title,
                    uint64_t seed, const char *path, struct nn_err *err)
{
    int w = LEFT + SAMPLES * (STEPS * (CELL + GAP) + APART) - APART - GAP + EDGE;
    struct nn_canvas *c = nn_canvas_new(w, HEAD + l->n * (CELL + GAP) + EDGE, NN_INK, err);
    float *work = malloc((size_t)(2 * l->floats + nn_sampler_floats(g)) * sizeof *work);
    struct nn_image img = { 0 };
    int ret = -1;

    if (c && !work)
        nn_fail_mem(err, "pictures");
    if (!c || !work || nn_image_init(&img, g->size, g->size, 3, err))
        goto out;
    nn_canvas_title(c, EDGE, 38, w - 2 * EDGE, 20, NN_AMBER, title);
    nn_canvas_text(c, EDGE, 62, NN_LEFT, 14, 0, NN_DIM,
                   "directions of the latent space from strength -1 to +1, on two samples");
    draw_names(c, l);
    if (!draw_ways(c, l, g, seed, work, &img, err))
        ret = nn_canvas_write_png(c, path, err);
out:
    nn_image_release(&img);
    nn_canvas_free(c);
    free(work);
    return ret;
}
