#include "runtime/face/micro.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/face/micro_part.h"

enum { MOST = 4 };                      /* people watched */

static const float WINDOW = 1.2f;       /* the crop beside the face's box */
static const float SMALL = 64;          /* pixels */
static const float LEAST = 0.006f;      /* of the face's side: a departure, at least; */
static const float NEAR_REST = 0.003f;  /* and what is rest, at most */
static const float USUAL = 5, RESTLESS = 2;     /* the same two, times the person's usual */
static const float BACK = 0.3f;         /* of the apex: the offset */
static const float LOST = 0.3f;         /* the share of the face that can be followed, at least */
static const float TURNED = 0.6f;       /* of how far the head turned meanwhile, at least */
static const double SHORTEST = 0.04, LONGEST = 0.5, STILL = 0.25, GAP = 0.2;  /* seconds */
static const double YOUNG = 0.5, OLD = 1.0, OVER = 1.5;     /* seconds: of the face at rest */
static const double FORGET = 1.5;       /* seconds: the emotions' mean */
static const double LEARN = 1.0;        /* seconds: nothing is told of somebody new */

struct region {
    enum { RESTING, AWAY, BUSY } state;
    double quiet;               /* seconds at rest */
    double onset, apex, last;   /* seconds: of AWAY; and the last frame at rest */
    float peak, turn, lids;     /* farthest; as far the head turned, and both lids moved, since */
    int together;               /* the eyes moved alike at the apex */
    float usual;                /* running median of how far it is from rest */
    float felt[NN_EMOTIONS];    /* the emotions' departure at the apex */
};

struct person {
    int id;
    double t, known;            /* of the last frame; seconds watched */
    struct nn_flow_face face;   /* at rest: that of second `rested`, */
    struct nn_micro_layout layout;      /* its places, */
    double rested;
    float side, scale;          /* its window's, pixels; a pixel of the crop in sides of the face */
    float away[NN_MICRO_PARTS][2];      /* from there, upright, in sides of the face */
    struct region region[NN_MICRO_REGIONS];
    float rest[NN_EMOTIONS];
    struct nn_micro_event event;    /* over, but another region of the same may be stronger */
    int waiting;                /* whether there is one */
    double told;                /* offset of the last one told */
};

struct nn_micro {
    struct person person[MOST];
    struct nn_image crop;
    struct nn_flow_face face;
    struct nn_flow flow;
    int64_t blinks;
};

struct nn_micro *nn_micro_new(struct nn_err *err)
{
    struct nn_micro *m = calloc(1, sizeof *m);

    if (!m) {
        nn_fail_mem(err, "micro-expressions");
        return NULL;
    }
    if (nn_image_init(&m->crop, NN_FLOW_SIDE, NN_FLOW_SIDE, 1, err)) {
        free(m);
        return NULL;
    }
    return m;
}

void nn_micro_free(struct nn_micro *m)
{
    if (m)
        nn_image_release(&m->crop);
    free(m);
}

void nn_micro_cut(struct nn_micro *m)
{
    for (int i = 0; i < MOST; i++)
        m->person[i].id = 0;
}

int64_t nn_micro_blinks(const struct nn_micro *m)
{
    return m->blinks;
}

/* ---- where things are */

/* The window goes along with the face, and keeps its size. */
static struct nn_box window_of(const struct nn_box *face, float side)
{
    return (struct nn_box){ face->x + (face->w - side) / 2, face->y + (face->h - side) / 2, side,
                            side };
}

/* ---- what departs */

static float length(const float v[2])
{
    return sqrtf(v[0] * v[0] + v[1] * v[1]);
}

static float departure(const struct person *p, int r)
{
    float most = 0;

    for (int i = 0; i < NN_MICRO_PARTS; i++)
        if ((int)nn_micro_region_of[i] == r)
            most = fmaxf(most, length(p->away[i]));
    return most;
}

/* How far the eyes moved alike: the smaller of both along their common direction. */
static float lids(const struct person *p)
{
    const float *l = p->away[NN_EYE_L], *r = p->away[NN_EYE_R];
    float common[2] = { l[0] + r[0], l[1] + r[1] }, n = length(common);

    if (n < 1e-6f)
        return 0;
    return fmaxf(0, fminf(l[0] * common[0] + l[1] * common[1],
                          r[0] * common[0] + r[1] * common[1]) / n);
}

static float felt_change(const float felt[NN_EMOTIONS])
{
    float sum = 0;

    for (int e = 0; e < NN_EMOTIONS; e++)
        sum += 0.5f * fabsf(felt[e]);
    return sum;
}

static float threshold(const struct region *g)
{
    float ease = fminf(felt_change(g->felt) / 0.3f, 1);

    return fmaxf(LEAST, USUAL * g->usual) * (1 - 0.4f * ease);
}

/* A departure is over: if it was a micro-expression, and the strongest of its moment, it waits
 * to be told. */
static void judge(struct nn_micro *m, struct person *p, int r, double t)
{
    const struct region *g = &p->region[r];
    struct nn_micro_event e = { .id = p->id, .onset = g->onset, .apex = g->apex, .offset = t,
                                .region = (enum nn_micro_region)r, .emotion = NN_NEUTRAL };
    float need = threshold(g);

    if (g->peak < need || g->peak < TURNED * g->turn || t - g->onset < SHORTEST ||
        p->known < LEARN || g->onset < p->told)
        return;
    if ((r == NN_MICRO_EYES && g->together) || (r == NN_MICRO_BROWS && g->lids > 0.6f * g->peak)) {
        m->blinks += r == NN_MICRO_EYES;
        return;
    }
    for (int i = 0; i < NN_EMOTIONS; i++)
        if (i != NN_NEUTRAL && g->felt[i] > fmaxf(e.felt, 0.05f)) {
            e.emotion = i;
            e.felt = g->felt[i];
        }
    e.strength = 1 - exp2f(-g->peak / need) * (1 - e.felt);
    if (!p->waiting || e.strength > p->event.strength)
        p->event = e;
    p->waiting = 1;
}

/* Nothing that began before its end can be stronger any more. */
static int tell(struct person *p, struct nn_micro_event *out)
{
    for (int r = 0; r < NN_MICRO_REGIONS; r++)
        if (p->region[r].state == AWAY && p->region[r].onset < p->event.offset)
            return 0;
    if (!p->waiting)
        return 0;
    *out = p->event;
    p->told = out->offset;
    p->waiting = 0;
    return 1;
}

/* The next frame of one region. */
static void follow(struct nn_micro *m, struct person *p, int r, const float felt[NN_EMOTIONS],
                   double t, double dt)
{
    struct region *g = &p->region[r];
    float rest = fmaxf(NEAR_REST, RESTLESS * g->usual), s = departure(p, r);

    g->usual *= expf((s > g->usual ? 1.5f : -1.5f) * (float)dt);
    g->usual = fminf(fmaxf(g->usual, 0.0005f), 0.02f);
    if (g->state == RESTING && s > rest) {
        g->state = g->quiet >= STILL ? AWAY : BUSY;
        g->onset = g->last;
        g->peak = g->turn = g->lids = 0;
    }
    if (g->state == AWAY) {
        g->turn = fmaxf(g->turn, m->flow.turn * p->scale);
        g->lids = fmaxf(g->lids, lids(p));
        if (s > g->peak) {
            g->peak = s;
            g->apex = t;
            g->together = lids(p) > 0.35f * s;
            memcpy(g->felt, felt, sizeof g->felt);
        }
        if (t - g->onset > LONGEST)
            g->state = BUSY;
        else if (s < fmaxf(rest, BACK * g->peak)) {
            judge(m, p, r, t);
            g->state = BUSY;
        }
    }
    if (s <= rest) {
        g->quiet = g->state == RESTING ? g->quiet + dt : 0;
        g->state = RESTING;
        g->last = t;
    }
}

/* ---- people */

static void crop(struct nn_micro *m, const struct nn_image *img, const struct nn_track *k,
                 float side)
{
    nn_image_crop(img, window_of(&k->box, side), &m->crop);
    nn_flow_face(m->crop.px, &m->face);
}

/* The face as it is now is the one at rest. */
static void renew(struct nn_micro *m, struct person *p, const struct nn_image *img,
                  const struct nn_track *k, double t)
{
    struct nn_box w;

    p->side = WINDOW * k->box.w;
    p->scale = WINDOW / NN_FLOW_SIDE;
    w = window_of(&k->box, p->side);
    crop(m, img, k, p->side);
    p->face = m->face;
    nn_micro_place(k, &w, &p->layout);
    p->rested = t;
    for (int r = 0; r < NN_MICRO_REGIONS; r++) {
        struct region *g = &p->region[r];
        g->quiet = g->state == RESTING ? g->quiet : 0;
        g->state = RESTING;
        g->last = t;
    }
}

static void begin(struct nn_micro *m, struct person *p, const struct nn_image *img,
                  const struct nn_track *k, const float prob[NN_EMOTIONS], double t)
{
    memset(p->region, 0, sizeof p->region);
    p->id = k->id;
    p->known = 0;
    p->told = -1e9;
    p->waiting = 0;
    p->t = t;
    memcpy(p->rest, prob, sizeof p->rest);
    renew(m, p, img, k, t);
}

/* Whether it is time for another face at rest: often while nothing moves, later while something
 * does, at once when the head is elsewhere. */
static int stale(const struct nn_micro *m, const struct person *p, const struct nn_track *k,
                 double t)
{
    double age = t - p->rested;
    int away = 0, busy = 0;

    for (int r = 0; r < NN_MICRO_REGIONS; r++) {
        away |= p->region[r].state == AWAY;
        busy |= p->region[r].state == BUSY;
    }
    return age > OVER || (!away && age > (busy ? OLD : YOUNG)) || m->flow.good < LOST ||
           fabsf(WINDOW * k->box.w - p->side) > 0.1f * p->side;
}

/* Whoever is watched, or a place that nobody needs; NULL when there is none. */
static struct person *person_of(struct nn_micro *m, int id, double t)
{
    struct person *place = NULL;

    for (int i = 0; i < MOST; i++) {
        struct person *p = &m->person[i];
        if (p->id == id)
            return p;
        if (!place && (!p->id || t - p->t > GAP || t < p->t))
            place = p;
    }
    return place;
}

int nn_micro_look(struct nn_micro *m, const struct nn_image *img, const struct nn_track *k,
                  const float prob[NN_EMOTIONS], double t, struct nn_micro_event *event)
{
    struct person *p = k->box.w >= SMALL ? person_of(m, k->id, t) : NULL;
    float felt[NN_EMOTIONS], learn;
    double dt;

    if (!p)
        return 0;
    dt = t - p->t;
    if (p->id != k->id || dt < 0 || dt > GAP)
        begin(m, p, img, k, prob, t);
    if (t <= p->t)
        return 0;
    crop(m, img, k, p->side);
    nn_flow_between(&p->face, &m->face, &m->flow);
    p->known += dt;
    p->t = t;
    learn = (float)(1 - exp(-dt / FORGET));
    for (int e = 0; e < NN_EMOTIONS; e++) {
        felt[e] = prob[e] - p->rest[e];
        p->rest[e] += learn * felt[e];
    }
    for (int i = 0; i < NN_MICRO_PARTS; i++) {
        nn_micro_motion(&m->flow, &p->layout, i, p->away[i]);
        for (int c = 0; c < 2; c++)
            p->away[i][c] *= p->scale;
    }
    for (int r = 0; r < NN_MICRO_REGIONS && m->flow.good >= LOST; r++)
        follow(m, p, r, felt, t, dt);
    if (stale(m, p, k, t))
        renew(m, p, img, k, t);
    return tell(p, event);
}
