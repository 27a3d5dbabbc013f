/* Resize and Upsample of NHWC pictures: the channels of a pixel at once. */
#include <string.h>

#include "runtime/engine/conv.h"
#include "runtime/engine/resize.h"

static void resize_rows(struct nn_task *t, int64_t from, int64_t to)
{
    const struct nn_resize *r = t->state;
    int64_t n = t->out->dim[3];

    for (int64_t i = from; i < to; i++) {
        const struct nn_tap *v = &r->row[i % r->oh];
        const float *x = (const float *)t->in[0]->data + i / r->oh * r->h * r->w * n;
        const float *top = x + v->a * r->w * n, *low = x + v->b * r->w * n;
        float *y = (float *)t->out->data + i * r->ow * n;
        for (int64_t j = 0; j < r->ow; j++, y += n) {
            const struct nn_tap *h = &r->col[j];
            const float *p[4] = { top + h->a * n, top + h->b * n, low + h->a * n,
                                  low + h->b * n };
            float w[4] = { (1 - h->part) * (1 - v->part), h->part * (1 - v->part),
                           (1 - h->part) * v->part, h->part * v->part };
            if (r->nearest)
                memcpy(y, p[0], (size_t)n * sizeof *y);
            else
                t->simd->row_blend(y, p, w, 4, n);
        }
    }
}

static void run(struct nn_task *t)
{
    const struct nn_resize *r = t->state;

    nn_task_rows(t, t->out->dim[0] * r->oh, r->ow * t->out->dim[3], resize_rows);
}

const char *prepare_nhwc_resize(struct nn_task *t)
{
    struct nn_resize *r = t->state = nn_arena_alloc(t->arena, sizeof *r);

    t->run = run;
    return r ? nn_resize_init(t, r) : "out of memory";
}

int nn_resize_doubles(const struct nn_task *t)
{
    const struct nn_resize *r = t->state;

    if (t->run != run || !r->nearest || r->oh != 2 * r->h || r->ow != 2 * r->w)
        return 0;
    for (int64_t i = 0; i < r->oh; i++)
        if (r->row[i].a != i / 2)
            return 0;
    for (int64_t i = 0; i < r->ow; i++)
        if (r->col[i].a != i / 2)
            return 0;
    return 1;
}
