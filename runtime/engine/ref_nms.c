/*
 * NonMaxSuppression: of each batch and class, boxes by falling score, but for those that
 * overlap a better one by more than the threshold. Like those of ref_open.c, run() says
 * how many there are.
 */
#include <math.h>

#include "runtime/engine/kernel.h"
#include "runtime/engine/sort.h"

struct nms {
    int64_t batches, classes, boxes;
    int centred;                /* boxes are x, y, width, height; else two corners y, x */
};

struct box {
    float y0, x0, y1, x1;
};

static struct box box_at(const float *b, int centred)
{
    struct box c = { fminf(b[0], b[2]), fminf(b[1], b[3]), fmaxf(b[0], b[2]), fmaxf(b[1], b[3]) };

    if (centred)
        c = (struct box){ b[1] - b[3] / 2, b[0] - b[2] / 2, b[1] + b[3] / 2, b[0] + b[2] / 2 };
    return c;
}

static float area(const struct box *b)
{
    return (b->y1 - b->y0) * (b->x1 - b->x0);
}

/* Area of both over area of either. */
static float overlap(const struct box *a, const struct box *b)
{
    float h = fminf(a->y1, b->y1) - fmaxf(a->y0, b->y0);
    float w = fminf(a->x1, b->x1) - fmaxf(a->x0, b->x0);

    return h > 0 && w > 0 ? h * w / (area(a) + area(b) - h * w) : 0;
}

static int by_score(const void *arg, int64_t a, int64_t b)
{
    const float *score = arg;

    return (score[a] < score[b]) - (score[a] > score[b]);
}

/* Adds those of one batch and class to y; how many there are then. */
static int64_t pick(struct nn_task *t, int64_t batch, int64_t class, int64_t most, int64_t have)
{
    const struct nms *s = t->state;
    const float *boxes = (const float *)t->in[0]->data + batch * s->boxes * 4;
    const float *score = (const float *)t->in[1]->data + (batch * s->classes + class) * s->boxes;
    const struct nn_tensor *iou = t->nin > 3 ? t->in[3] : NULL;
    const struct nn_tensor *least = t->nin > 4 ? t->in[4] : NULL;
    float limit = iou ? *(const float *)iou->data : 0;
    int64_t *order = t->memory, *y = t->out->data, n = 0, first = have;

    for (int64_t i = 0; i < s->boxes; i++)
        if (!least || score[i] > *(const float *)least->data)
            order[n++] = i;
    nn_sort(order, order + s->boxes, n, by_score, score);
    for (int64_t i = 0; i < n && have - first < most; i++) {
        struct box b = box_at(boxes + order[i] * 4, s->centred);
        int64_t k = first;
        for (; k < have; k++) {
            struct box taken = box_at(boxes + y[k * 3 + 2] * 4, s->centred);
            if (overlap(&b, &taken) > limit)
                break;
        }
        if (k < have)
            continue;
        y[have * 3] = batch;
        y[have * 3 + 1] = class;
        y[have++ * 3 + 2] = order[i];
    }
    return have;
}

/* Boxes wanted of each class; absent: none. */
static int64_t most_of(const struct nn_task *t)
{
    const struct nn_tensor *m = t->nin > 2 ? t->in[2] : NULL;
    int64_t most = m ? *(const int64_t *)m->data : 0, boxes = t->in[0]->dim[1];

    return most < 0 ? 0 : most > boxes ? boxes : most;
}

static void run(struct nn_task *t)
{
    const struct nms *s = t->state;
    int64_t most = most_of(t), have = 0;

    for (int64_t b = 0; b < s->batches; b++)
        for (int64_t c = 0; c < s->classes; c++)
            have = pick(t, b, c, most, have);
    t->out->dim[0] = have;
}

static int is_number(const struct nn_task *t, int k, enum nn_dtype type)
{
    return k >= t->nin || !t->in[k] || (t->in[k]->type == type && nn_count(t->in[k]) == 1);
}

const char *prepare_nms(struct nn_task *t)
{
    const struct nn_tensor *x = t->in[0], *score = t->in[1];
    struct nms *s = t->state = nn_arena_alloc(t->arena, sizeof *s);
    int64_t most;

    if (!s)
        return "out of memory";
    if (x->type != NN_F32 || score->type != NN_F32)
        return "only float32 is supported";
    if (x->ndim != 3 || score->ndim != 3 || x->dim[2] != 4 || x->dim[0] != score->dim[0] ||
        x->dim[1] != score->dim[2])
        return "needs boxes N x B x 4 and scores N x classes x B";
    if (!is_number(t, 2, NN_I64) || !is_number(t, 3, NN_F32) || !is_number(t, 4, NN_F32))
        return "its limits are not one number each";
    *s = (struct nms){ x->dim[0], score->dim[1], x->dim[1],
                       nn_attr_int(t->node, "center_point_box", 0) != 0 };
    most = t->nin > 2 && t->in[2] && !t->in[2]->data ? s->boxes : most_of(t);
    t->out->ndim = 3;           /* counted in three, so that the product is checked */
    t->out->dim[0] = s->batches * s->classes;
    t->out->dim[1] = most;
    t->out->dim[2] = 3;
    if (nn_count(t->out) < 0)
        return "its output may be too large";
    t->out->ndim = 2;
    t->out->dim[0] *= most;
    t->out->dim[1] = 3;
    t->scratch = (size_t)s->boxes * 2 * sizeof(int64_t);
    t->run = run;
    return NULL;
}
