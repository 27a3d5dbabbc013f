/*
 * limit.h - the flash limiter: what leaves the chain may not flash more than three times a second.
 *
 * A flash is a pair of opposing changes that a quarter of the screen goes through together
 * (WCAG 2.x, "general flash and red flash thresholds"; ITU-R BT.1702 has the same quarter):
 * - general: relative luminance changes by 10 % of the maximum or more, the darker of the two
 *   pictures being below 0.80;
 * - red: (R - G - B) * 320 changes by more than 20, either picture being a saturated red,
 *   R / (R + G + B) >= 0.8, all in linear light and below 0 taken as 0.
 *
 * It looks at samples in a grid of cells, knows no frame but those that were shown, and steps in
 * when the flashes of the last second are spent: then the cells that flash move only a part of
 * the way from the last picture to the new one, so that a strobe becomes its own mean, not
 * darkness. A film that is fine keeps its bits. The same frames give the same bits at any number
 * of threads.
 */
#ifndef NN_RUNTIME_EFFECTS_LIMIT_H
#define NN_RUNTIME_EFFECTS_LIMIT_H

#include "common/err.h"
#include "common/image.h"
#include "common/pool.h"

struct nn_limit;

/* What passed one side of the limiter. */
struct nn_flashes {
    int64_t general, red;               /* flashes in all: pairs of changes */
    int most_general, most_red;         /* in any one second */
    double brightness;                  /* mean relative luminance of all frames, 0..1 */
};

struct nn_limit_report {
    int64_t frames, held;               /* in all, and those that were changed */
    struct nn_flashes before, after;
};

/* For RGB frames of w x h; the pool (may be NULL) stays the caller's. Free with nn_limit_free(). */
struct nn_limit *nn_limit_new(int w, int h, struct nn_pool *pool, struct nn_err *err);
void nn_limit_free(struct nn_limit *l);     /* NULL is fine */

/* The next frame, in place, shown at t seconds (never falling). With `hold` 0 it only counts. */
void nn_limit_run(struct nn_limit *l, struct nn_image *img, double t, int hold);

struct nn_limit_report nn_limit_report(const struct nn_limit *l);

#endif
