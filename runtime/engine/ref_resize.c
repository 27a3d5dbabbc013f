/* Resize and Upsample as their definition reads, plane by plane. */
#include "runtime/engine/resize.h"

static void resize_planes(struct nn_task *t, int64_t from, int64_t to)
{
    const struct nn_resize *r = t->state;

    for (int64_t p = from; p < to; p++)
        for (int64_t y = 0; y < r->oh; y++) {
            const float *plane = (const float *)t->in[0]->data + p * r->h * r->w;
            const float *top = plane + r->row[y].a * r->w, *low = plane + r->row[y].b * r->w;
            float *out = (float *)t->out->data + (p * r->oh + y) * r->ow, v = r->row[y].part;
            for (int64_t x = 0; x < r->ow; x++) {
                const struct nn_tap *c = &r->col[x];
                float up, down;
                if (r->nearest) {
                    out[x] = top[c->a];
                    continue;
                }
                up = top[c->a] * (1 - c->part) + top[c->b] * c->part;
                down = low[c->a] * (1 - c->part) + low[c->b] * c->part;
                out[x] = up * (1 - v) + down * v;
            }
        }
}

static void run(struct nn_task *t)
{
    const struct nn_resize *r = t->state;

    nn_task_rows(t, nn_dims(t->out, 0, 2), r->oh * r->ow, resize_planes);
}

const char *prepare_resize(struct nn_task *t)
{
    struct nn_resize *r = t->state = nn_arena_alloc(t->arena, sizeof *r);

    if (!r)
        return "out of memory";
    t->run = run;
    return nn_resize_init(t, r) ? nn_resize_any(t) : NULL;
}
