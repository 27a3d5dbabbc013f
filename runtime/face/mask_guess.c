#include "runtime/face/mask_guess.h"

#include <math.h>
#include <string.h>

static const float KEEP = 0.85f;        /* share of what was known of the colours, a frame */
static const float RARE = 3e-4f;        /* share of the fields below which a colour says little */

/* How likely a place is part of somebody whose face has side 1 and its middle at 0, 0: a head
 * that leans, a neck, shoulders two and a half faces wide, as artists' canons have them. */
static float body(float u, float v, float lean)
{
    float a = lean * 0.01745329252f, c = cosf(a), s = sinf(a);
    float hu = (c * u + s * v) / 0.66f, hv = (c * v - s * u + 0.12f) / 0.88f;
    float head = nn_smooth(1.3f, 0.85f, sqrtf(hu * hu + hv * hv));
    float half = v < 0.6f ? 0.38f : 0.38f + 0.95f * nn_smooth(0.6f, 1.25f, v) +
                                    0.1f * fminf(1, fmaxf(0, v - 1.25f));
    float trunk = nn_smooth(0.25f, 0.6f, v) * nn_smooth(1.25f, 0.8f, fabsf(u) / half);

    return fmaxf(head, trunk);
}

static int bin(const float *const rgb[3], int i)
{
    int b = 0;

    for (int c = 0; c < 3; c++) {
        int k = (int)(rgb[c][i] * NN_MASK_BINS);
        b = b * NN_MASK_BINS + (k < 0 ? 0 : k < NN_MASK_BINS ? k : NN_MASK_BINS - 1);
    }
    return b;
}

/* Learns the colours of what is surely inside and surely outside. */
static void learn(struct nn_mask_guess *g, int n, const float *const rgb[3], const float *p)
{
    enum { BINS = NN_MASK_BINS * NN_MASK_BINS * NN_MASK_BINS };
    float keep = g->frames++ ? KEEP : 0;
    int in = 0, out = 0;

    for (int i = 0; i < n; i++) {
        in += p[i] > 0.9f;
        out += p[i] < 0.05f;
    }
    for (int b = 0; b < BINS; b++) {
        g->in[b] *= keep;
        g->out[b] *= keep;
    }
    for (int i = 0; i < n; i++) {
        if (p[i] > 0.9f)
            g->in[bin(rgb, i)] += (1 - keep) / (float)in;
        if (p[i] < 0.05f)
            g->out[bin(rgb, i)] += (1 - keep) / (float)out;
    }
}

static float change(const float *const a[3], const float *const b[3], int i)
{
    return fabsf(a[0][i] - b[0][i]) + fabsf(a[1][i] - b[1][i]) + fabsf(a[2][i] - b[2][i]);
}

void nn_mask_guess(struct nn_mask_guess *g, int w, int h, const float *const rgb[3],
                   const float *const before[3], const struct nn_box *face, float lean, float *p)
{
    float side = face->w > 1 ? face->w : 1, cx = face->x + face->w / 2;
    float cy = face->y + face->h / 2, mean = 0;
    int n = w * h;

    for (int i = 0; i < n; i++)
        p[i] = body(((float)(i % w) + 0.5f - cx) / side, ((float)(i / w) + 0.5f - cy) / side,
                    lean);
    learn(g, n, rgb, p);
    for (int i = 0; i < n && before; i++)
        mean += change(rgb, before, i) / (float)n;
    for (int i = 0; i < n; i++) {
        int b = bin(rgb, i);
        float q = fmaxf(0.02f, fminf(0.98f, p[i])), x = logf(q / (1 - q));
        x += fmaxf(-3, fminf(3, logf((g->in[b] + RARE) / (g->out[b] + RARE))));
        /* Before a camera that stands still only people move; a moving one says nothing. */
        if (before && mean < 0.04f && p[i] > 0.1f)
            x += fminf(1.5f, 12 * fmaxf(0, change(rgb, before, i) - 3 * mean - 0.03f));
        p[i] = 1 / (1 + expf(-x));
    }
}
