#include "runtime/markers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int add(struct nn_markers *m, const struct nn_marker *one, struct nn_err *err)
{
    if (m->count == m->room) {
        int room = m->room ? 2 * m->room : 32;
        struct nn_marker *more = realloc(m->marker, (size_t)room * sizeof *more);
        if (!more)
            return nn_fail_mem(err, "markers");
        m->marker = more;
        m->room = room;
    }
    m->marker[m->count++] = *one;
    return 0;
}

/* How far moment i stands above the higher of the two lowest points between it and whatever is
 * higher on either side. */
static float prominence(const struct nn_history *h, int64_t i, int e)
{
    float top = h->moment[i].mood[e], left = top, right = top;

    for (int64_t k = i; k >= 0 && h->moment[k].mood[e] <= top; k--)
        left = fminf(left, h->moment[k].mood[e]);
    for (int64_t k = i + 1; k < h->count && h->moment[k].mood[e] < top; k++)
        right = fminf(right, h->moment[k].mood[e]);
    return top - fmaxf(left, right);
}

static int strongest(const struct nn_moment *m)
{
    int best = 0;

    for (int e = 1; e < NN_EMOTIONS; e++)
        if (m->mood[e] > m->mood[best])
            best = e;
    return best;
}

static void describe(struct nn_marker *one, const struct nn_moment *at)
{
    snprintf(one->name, sizeof one->name, "%s %.0f %%", nn_emotions[one->emotion].name,
             100 * (double)one->strength);
    snprintf(one->note, sizeof one->note, "valence %+.2f, arousal %+.2f", (double)at->valence,
             (double)at->arousal);
}

/* The peak at moment i of emotion e into *one; 0 when there is none. */
static int peak(const struct nn_history *h, int64_t i, int e, float least, double rate,
                struct nn_marker *one)
{
    const struct nn_moment *m = h->moment;
    float top = m[i].mood[e], stands, half;
    int64_t from = i, to = i;

    if (top < least || strongest(&m[i]) != e || (i > 0 && m[i - 1].mood[e] >= top) ||
        (i + 1 < h->count && m[i + 1].mood[e] > top) ||
        (stands = prominence(h, i, e)) < 0.5f * least)
        return 0;
    half = top - 0.5f * stands;
    while (from > 0 && m[from - 1].mood[e] >= half)
        from--;
    while (to + 1 < h->count && m[to + 1].mood[e] >= half)
        to++;
    *one = (struct nn_marker){ .frame = llround(m[from].t * rate), .emotion = e,
                               .length = llround((m[to].t - m[from].t) * rate) + 1,
                               .strength = top, .apex = llround(m[i].t * rate) };
    describe(one, &m[i]);
    return 1;
}

static int by_frame(const void *a, const void *b)
{
    const struct nn_marker *x = a, *y = b;

    return x->frame != y->frame ? (x->frame > y->frame) - (x->frame < y->frame)
                                : x->emotion - y->emotion;
}

int nn_markers_find(struct nn_markers *m, const struct nn_history *h, double rate, float least,
                    double apart, struct nn_err *err)
{
    *m = (struct nn_markers){ 0 };
    for (int e = 0; e < NN_EMOTIONS; e++) {
        int first = m->count;
        struct nn_marker one;
        if (e == NN_NEUTRAL)
            continue;
        for (int64_t i = 0; i < h->count; i++) {
            struct nn_marker *last = m->count > first ? &m->marker[m->count - 1] : NULL;
            if (!peak(h, i, e, least, rate, &one))
                continue;
            if (last && (double)(one.frame - last->frame - last->length) < apart * rate) {
                if (one.strength > last->strength)
                    *last = one;
            } else if (add(m, &one, err)) {
                return -1;
            }
        }
    }
    if (m->count)
        qsort(m->marker, (size_t)m->count, sizeof *m->marker, by_frame);
    return 0;
}

int nn_markers_micro(struct nn_markers *m, const struct nn_micro_event *e, double rate,
                     struct nn_err *err)
{
    struct nn_marker one = { .frame = llround(e->onset * rate), .apex = llround(e->apex * rate),
                             .emotion = e->emotion, .strength = e->strength, .micro = 1 };

    one.length = llround(e->offset * rate) - one.frame;
    one.length = one.length < 1 ? 1 : one.length;
    snprintf(one.name, sizeof one.name, "micro %s%s%s %.0f %%", nn_micro_region_name[e->region],
             e->emotion == NN_NEUTRAL ? "" : ", ",
             e->emotion == NN_NEUTRAL ? "" : nn_emotions[e->emotion].name,
             100 * (double)e->strength);
    snprintf(one.note, sizeof one.note, "%.0f ms, apex after %.0f ms",
             1e3 * (e->offset - e->onset), 1e3 * (e->apex - e->onset));
    if (add(m, &one, err))
        return -1;
    qsort(m->marker, (size_t)m->count, sizeof *m->marker, by_frame);
    return 0;
}

void nn_markers_release(struct nn_markers *m)
{
    free(m->marker);
    *m = (struct nn_markers){ 0 };
}
