/* scene.c - a seed becomes a scene; a scene becomes a picture. */
#include <stdlib.h>

#include "runtime/synth/view.h"

/* Small, and enough to meter. */
enum { METER_W = 72, METER_H = 48 };

struct nn_synth *nn_synth_scene(uint64_t seed, const struct nn_synth_look *look,
                                struct nn_err *err)
{
    struct nn_synth *s = calloc(1, sizeof *s);
    struct nn_synth_view *v = nn_synth_view_new(METER_W, METER_H, NULL, err);
    struct nn_rng r;

    if (!s || !v) {
        free(s);
        nn_synth_view_free(v);
        nn_fail_mem(err, "a scene");
        return NULL;
    }
    s->seed = seed;
    s->look = look ? *look : nn_synth_look_any();
    nn_rng_seed(&r, seed, 1);
    nn_synth_throw(s, &r);
    nn_rng_seed(&r, seed, 2);
    nn_synth_place(s, &r);
    nn_synth_illuminate(s);
    s->exposure = 1;
    nn_synth_paint(v, s, 0);
    s->exposure = nn_synth_expose(v);
    nn_synth_view_free(v);
    return s;
}

void nn_synth_free(struct nn_synth *s)
{
    free(s);
}

void nn_synth_render(struct nn_synth_view *v, struct nn_synth *s, double t, struct nn_image *img)
{
    nn_synth_paint(v, s, t);
    nn_synth_finish(v, img);
}
