#include "runtime/face/follow.h"

#include <string.h>

enum { EVERY = 6 };

/* A face that was not found where it was may be back before the next full search. */
static void remember(struct nn_follow *f, const struct nn_face *faces, int n)
{
    int missed = 0;

    for (int i = 0; i < f->count; i++) {
        int found = 0;
        for (int k = 0; k < n && !found; k++)
            found = nn_box_overlap(f->known[i].box, faces[k].box);
        if (!found)
            f->known[missed++] = f->known[i];
    }
    for (int k = 0; k < n && missed < NN_MAX_FACES; k++)
        f->known[missed++] = faces[k];
    f->count = missed;
}

int nn_follow(struct nn_follow *f, struct nn_detector *d, const struct nn_image *img, int cut,
              struct nn_face *faces, struct nn_err *err)
{
    int all = cut || !f->count || ++f->age >= EVERY, n;

    f->count = cut ? 0 : f->count;
    n = nn_detect_known(d, img, f->known, f->count, all, faces, err);
    if (all)
        f->age = f->count = 0;
    if (n >= 0)
        remember(f, faces, n);
    return n;
}
