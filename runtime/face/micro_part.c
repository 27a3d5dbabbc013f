#include "runtime/face/micro_part.h"

#include <math.h>

const char *const nn_micro_region_name[NN_MICRO_REGIONS] = { "brows", "eyes", "mouth" };

const enum nn_micro_region nn_micro_region_of[NN_MICRO_PARTS] = {
    [NN_BROW_L] = NN_MICRO_BROWS, [NN_BROW_R] = NN_MICRO_BROWS, [NN_EYE_L] = NN_MICRO_EYES,
    [NN_EYE_R] = NN_MICRO_EYES, [NN_CORNER_L] = NN_MICRO_MOUTH, [NN_CORNER_R] = NN_MICRO_MOUTH,
    [NN_LIP_UP] = NN_MICRO_MOUTH, [NN_LIP_LOW] = NN_MICRO_MOUTH,
};

/* Places and sizes, in distances of the eyes from the middle between them, x along their line;
 * the mouth's are from its middle. */
static const struct { float x, y, sx, sy; } part[NN_MICRO_PARTS] = {
    [NN_BROW_L] = { -0.46f, -0.36f, 0.20f, 0.09f },
    [NN_BROW_R] = { 0.46f, -0.36f, 0.20f, 0.09f },
    [NN_EYE_L] = { -0.5f, 0, 0.16f, 0.09f },
    [NN_EYE_R] = { 0.5f, 0, 0.16f, 0.09f },
    [NN_CORNER_L] = { -0.38f, 0, 0.13f, 0.13f },
    [NN_CORNER_R] = { 0.38f, 0, 0.13f, 0.13f },
    [NN_LIP_UP] = { 0, -0.12f, 0.16f, 0.08f },
    [NN_LIP_LOW] = { 0, 0.14f, 0.16f, 0.08f },
};

static void to_crop(const struct nn_box *w, float x, float y, float out[2])
{
    out[0] = (x - w->x) / w->w * NN_FLOW_SIDE;
    out[1] = (y - w->y) / w->h * NN_FLOW_SIDE;
}

void nn_micro_place(const struct nn_track *k, const struct nn_box *w, struct nn_micro_layout *l)
{
    const float (*q)[2] = k->point;
    float left[2], right[2];

    if (k->points == 5 && hypotf(q[1][0] - q[0][0], q[1][1] - q[0][1]) > 0.15f * k->box.w) {
        to_crop(w, q[0][0], q[0][1], left);
        to_crop(w, q[1][0], q[1][1], right);
        to_crop(w, (q[3][0] + q[4][0]) / 2, (q[3][1] + q[4][1]) / 2, l->mouth);
    } else {
        to_crop(w, k->box.x + 0.30f * k->box.w, k->box.y + 0.36f * k->box.h, left);
        to_crop(w, k->box.x + 0.70f * k->box.w, k->box.y + 0.36f * k->box.h, right);
        to_crop(w, k->box.x + 0.50f * k->box.w, k->box.y + 0.80f * k->box.h, l->mouth);
    }
    l->dx = right[0] - left[0];
    l->dy = right[1] - left[1];
    for (int c = 0; c < 2; c++)
        l->eyes[c] = (left[c] + right[c]) / 2;
}

void nn_micro_motion(const struct nn_flow *f, const struct nn_micro_layout *l, int i,
                     float out[2])
{
    const float *from = nn_micro_region_of[i] == NN_MICRO_MOUTH ? l->mouth : l->eyes;
    float d2 = l->dx * l->dx + l->dy * l->dy, d = sqrtf(d2), sum[2] = { 0, 0 }, all = 0.02f;

    for (int b = 0; b < NN_FLOW_BLOCKS; b++) {
        float x = f->at[b][0] - from[0], y = f->at[b][1] - from[1], w;
        float u = (x * l->dx + y * l->dy) / d2 - part[i].x;
        float v = (y * l->dx - x * l->dy) / d2 - part[i].y;
        u /= part[i].sx;
        v /= part[i].sy;
        if (u * u + v * v > 9)
            continue;
        w = f->trust[b] * expf(-0.5f * (u * u + v * v));
        all += w;
        for (int c = 0; c < 2; c++)
            sum[c] += w * f->move[b][c];
    }
    out[0] = (sum[0] * l->dx + sum[1] * l->dy) / (d * all);
    out[1] = (sum[1] * l->dx - sum[0] * l->dy) / (d * all);
}
