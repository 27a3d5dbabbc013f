#include "runtime/face/track_look.h"

#include <math.h>
#include <stdlib.h>

enum { COLS = 6, ROWS = 10, PROBES = 4 };    /* fields, and pixels looked at along a field's side */

static int within(float v, int n)
{
    int i = v > 0 ? (int)v : 0;

    return i < n ? i : n - 1;
}

/* A fixed number of pixels whatever the face's size, so that it costs next to nothing. */
static void field(const struct nn_image *img, struct nn_box b, uint8_t out[3])
{
    int sum[3] = { 0 };

    for (int j = 0; j < PROBES; j++) {
        int y = within(b.y + b.h * ((float)j + 0.5f) / PROBES, img->h);
        for (int i = 0; i < PROBES; i++) {
            int x = within(b.x + b.w * ((float)i + 0.5f) / PROBES, img->w);
            const uint8_t *p = img->px + ((size_t)y * (size_t)img->w + (size_t)x) *
                                             (size_t)img->channels;
            for (int c = 0; c < 3; c++)
                sum[c] += p[img->channels == 3 ? c : 0];
        }
    }
    for (int c = 0; c < 3; c++)
        out[c] = (uint8_t)((sum[c] + PROBES * PROBES / 2) / (PROBES * PROBES));
}

void nn_look_at(const struct nn_image *img, struct nn_face *face)
{
    struct nn_box b = { face->box.x, face->box.y - 0.2f * face->box.h, face->box.w,
                        2 * face->box.h };

    for (int r = 0; r < ROWS; r++)
        for (int c = 0; c < COLS; c++)
            field(img, (struct nn_box){ b.x + b.w * (float)c / COLS, b.y + b.h * (float)r / ROWS,
                                        b.w / COLS, b.h / ROWS },
                  face->look + 3 * (r * COLS + c));
    face->looked = 1;
}

float nn_look_alike(const uint8_t a[NN_LOOK], const uint8_t b[NN_LOOK])
{
    int sum = 0;

    for (int i = 0; i < NN_LOOK; i++)
        sum += abs(a[i] - b[i]);
    return expf(-(float)sum / NN_LOOK / 32);
}

void nn_look_learn(uint8_t look[NN_LOOK], const uint8_t now[NN_LOOK], float share)
{
    for (int i = 0; i < NN_LOOK; i++)
        look[i] = (uint8_t)((float)look[i] + share * ((float)now[i] - (float)look[i]) + 0.5f);
}
