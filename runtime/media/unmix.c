#include "runtime/media/unmix.h"

enum { PLAY = 1 };      /* levels that a value may be off */

/* The least alpha, of 255, by which `part` of `whole` can be gone, but for PLAY. */
static int share(int part, int whole)
{
    return part > PLAY ? (255 * (part - PLAY) + whole - 1) / whole : 0;
}

static int alpha_of(const uint8_t *b, const uint8_t *a)
{
    int alpha = 0;

    for (int k = 0; k < 3; k++) {
        int need = a[k] > b[k] ? share(a[k] - b[k], 255 - b[k]) : share(b[k] - a[k], b[k]);
        alpha = need > alpha ? need : alpha;
    }
    return alpha;
}

/* The overlay's value that makes a of b: b + (a - b) * 255 / alpha, as near as there is one. */
static uint8_t solve(int b, int a, int alpha)
{
    int d = 255 * (a - b), half = d < 0 ? -(alpha / 2) : alpha / 2;
    int v = alpha ? b + (d + half) / alpha : 0;

    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

int nn_unmix(const struct nn_image *before, const struct nn_image *after,
             struct nn_image *overlay, struct nn_err *err)
{
    const uint8_t *b = before->px, *a = after->px;
    uint8_t *to;

    if (before->w != after->w || before->h != after->h || before->channels != 3 ||
        after->channels != 3)
        return nn_fail(err, NN_EARG, "an overlay of %d x %d and %d x %d", before->w, before->h,
                       after->w, after->h);
    if (overlay->px && (overlay->w != after->w || overlay->h != after->h))
        nn_image_release(overlay);
    if (!overlay->px && nn_image_init(overlay, after->w, after->h, 4, err))
        return -1;
    to = overlay->px;
    for (size_t n = (size_t)after->w * (size_t)after->h; n; n--, a += 3, b += 3, to += 4) {
        int alpha = alpha_of(b, a);
        for (int k = 0; k < 3; k++)
            to[k] = solve(b[k], a[k], alpha);
        to[3] = (uint8_t)alpha;
    }
    return 0;
}
