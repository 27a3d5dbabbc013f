#include "runtime/media/unmix.h"

/* ceil(255 * part / whole), 0 of nothing. */
static int share(int part, int whole)
{
    return part ? (255 * part + whole - 1) / whole : 0;
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
        for (int k = 0; k < 3; k++) {
            /* b + (a - b) * 255 / alpha, rounded; alpha was chosen so that it is in 0..255. */
            int d = alpha ? 255 * (a[k] - b[k]) : 0, half = d < 0 ? -(alpha / 2) : alpha / 2;
            to[k] = (uint8_t)(alpha ? b[k] + (d + half) / alpha : 0);
        }
        to[3] = (uint8_t)alpha;
    }
    return 0;
}
