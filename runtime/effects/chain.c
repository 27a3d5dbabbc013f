#include "runtime/effects/chain.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "runtime/effects/srgb.h"

enum {
    STRIP = 16,             /* rows of one piece of work */
    DESK = 8                /* rows of floats on a desk: tmp, three planes, codes */
};

struct item {
    const struct nn_effect_type *fx;
    void *state, *asset;
    float p[NN_MAX_PARAMS];
    struct nn_scene scene;  /* the chain's, with this one's dice and asset */
};

struct nn_chain {
    struct nn_arena arena;
    struct nn_scene scene;
    struct nn_frame frame, spare;
    struct item *item;
    int count;
    float light[256];
    /* Where a thread works on a row, small enough for its cache: one for each. */
    float *desk;
    atomic_flag *taken;
    int desks;
    /* the pass under way */
    struct nn_image *img;
    int first, last;                /* items [first, last) run row by row */
    int reads, writes;              /* whether it decodes and encodes */
};

static int make_frame(struct nn_arena *a, struct nn_frame *f, int w, int h)
{
    size_t size = ((size_t)w * (size_t)h + 15) / 16 * 16;

    *f = (struct nn_frame){ .w = w, .h = h };
    for (int i = 0; i < 3; i++)
        if (!(f->plane[i] = nn_arena_array(a, size, sizeof(float))))
            return -1;
    return 0;
}

/* Floats from one row of a desk to the next: whole cache lines, and not a power of two, whose
 * rows would drive each other out of the cache. */
static size_t desk_row(int w)
{
    return ((size_t)w + 15) / 16 * 16 + 16;
}

static int make_desks(struct nn_chain *c)
{
    size_t n = c->scene.pool ? (size_t)nn_pool_threads(c->scene.pool) : 1;

    c->desks = (int)n;
    c->taken = nn_arena_array(&c->arena, n, sizeof *c->taken);
    c->desk = nn_arena_array(&c->arena, n * DESK, desk_row(c->scene.w) * sizeof(float));
    if (!c->taken || !c->desk)
        return -1;
    for (size_t i = 0; i < n; i++)
        atomic_flag_clear(&c->taken[i]);
    return 0;
}

/* The chain's scene as item i sees it: two of a kind must not throw the same dice. */
static void look(struct nn_chain *c, int i)
{
    struct item *it = &c->item[i];

    it->scene = c->scene;
    it->scene.seed += (uint64_t)i * 0x9e3779b97f4a7c15u;
    it->scene.asset = it->asset;
}

static int make_item(struct nn_chain *c, int i, const struct nn_slot *slot, struct nn_err *err)
{
    struct item *it = &c->item[i];

    it->fx = slot->fx;
    for (int k = 0; k < nn_effect_params(it->fx); k++)
        it->p[k] = it->fx->param[k].preset;
    if (!it->fx->open && slot->file)
        return nn_fail(err, NN_EUSAGE, "the effect %s takes no file", it->fx->name);
    look(c, i);
    if (it->fx->open && !(it->asset = it->fx->open(slot->file, &it->scene, err)))
        return -1;
    if (it->fx->state_size &&
        !(it->state = nn_arena_alloc(&c->arena, it->fx->state_size(c->scene.w, c->scene.h))))
        return nn_fail_mem(err, "effects");
    look(c, i);
    if (it->fx->init)
        it->fx->init(it->state, &it->scene);
    return 0;
}

struct nn_chain *nn_chain_new(const struct nn_slot *slot, int count, int w, int h,
                              uint64_t seed, struct nn_pool *pool, struct nn_err *err)
{
    struct nn_chain *c = calloc(1, sizeof *c);
    if (!c)
        goto memory;
    c->scene = (struct nn_scene){ .w = w, .h = h, .seed = seed, .unit = (float)h / 720.0f,
                                  .pool = pool, .frame = -1 };
    nn_srgb_table(c->light);
    if (make_frame(&c->arena, &c->frame, w, h) || make_frame(&c->arena, &c->spare, w, h) ||
        make_desks(c) ||
        !(c->item = nn_arena_array(&c->arena, (size_t)count, sizeof *c->item)))
        goto memory;
    for (; c->count < count; c->count++)
        if (make_item(c, c->count, &slot[c->count], err))
            goto fail;
    return c;
memory:
    nn_fail_mem(err, "effects");
fail:
    nn_chain_free(c);
    return NULL;
}

void nn_chain_free(struct nn_chain *c)
{
    if (!c)
        return;
    for (int i = 0; i < c->count; i++)
        if (c->item[i].asset)
            c->item[i].fx->close(c->item[i].asset);
    nn_arena_release(&c->arena);
    free(c);
}

void nn_chain_set(struct nn_chain *c, int i, const float value[NN_MAX_PARAMS])
{
    memcpy(c->item[i].p, value, sizeof c->item[i].p);
}

int nn_chain_live(struct nn_chain *c, struct nn_err *err)
{
    for (int i = 0; i < c->count; i++)
        if (c->item[i].fx->live && c->item[i].fx->live(c->item[i].asset, err))
            return -1;
    return 0;
}

void nn_chain_poll(struct nn_chain *c, int i, float value[NN_MAX_PARAMS])
{
    if (c->item[i].fx->poll)
        value[NN_PARAM_SHOWN] = c->item[i].fx->poll(c->item[i].asset);
}

void nn_chain_says(const struct nn_chain *c, char *text, size_t size)
{
    for (int i = 0; i < c->count; i++) {
        const struct nn_effect_type *fx = c->item[i].fx;
        const char *more = fx->says ? fx->says(c->item[i].asset) : "";
        size_t n = strlen(text);
        if (*more && !strstr(text, more))
            snprintf(text + n, size - n, "%s%s", n ? "; " : "", more);
    }
}

int nn_chain_tell(const struct nn_chain *c, float out[NN_TOLD])
{
    for (int i = 0; i < c->count; i++)
        if (c->item[i].fx->tell) {
            c->item[i].fx->tell(c->item[i].asset, out);
            return 1;
        }
    return 0;
}

void nn_chain_person(struct nn_chain *c, const struct nn_person *who)
{
    struct nn_box last = c->scene.who.face;

    c->scene.who = *who;
    if (!(who->face.w > 0))     /* where it was last, while it fades */
        c->scene.who.face = last;
}

/* A desk that nobody sits at; there are as many as threads. */
static int sit_down(struct nn_chain *c)
{
    int i = 0;

    while (atomic_flag_test_and_set_explicit(&c->taken[i], memory_order_acquire))
        i = i + 1 < c->desks ? i + 1 : 0;
    return i;
}

/* Rows that are decoded and encoded in one pass never leave the desk. */
static void run_strip(void *arg, int strip)
{
    struct nn_chain *c = arg;
    int end = (strip + 1) * STRIP < c->scene.h ? (strip + 1) * STRIP : c->scene.h;
    int w = c->scene.w, seat = sit_down(c), channels = c->img->channels;
    size_t side = desk_row(w);
    float *tmp = c->desk + (size_t)seat * DESK * side, *at_desk = tmp + 4 * side;

    for (int y = strip * STRIP; y < end; y++) {
        size_t at = (size_t)y * (size_t)w;
        uint8_t *px = c->img->px + at * (size_t)channels;
        float *rgb[3];
        for (int i = 0; i < 3; i++)
            rgb[i] = c->reads && c->writes ? at_desk + (size_t)i * side : c->frame.plane[i] + at;
        if (c->reads)
            nn_srgb_decode(c->light, px, channels, w, rgb);
        for (int i = c->first; i < c->last; i++)
            if (c->item[i].fx->row && c->item[i].p[0] > 0)
                c->item[i].fx->row(c->item[i].state, &c->item[i].scene, c->item[i].p, y,
                                   rgb, tmp);
        if (c->writes)
            nn_srgb_encode(rgb, w, px, channels, (uint32_t *)(void *)(tmp + 7 * side));
    }
    atomic_flag_clear_explicit(&c->taken[seat], memory_order_release);
}

static void run_pass(struct nn_chain *c, int first, int last, int reads, int writes)
{
    c->first = first;
    c->last = last;
    c->reads = reads;
    c->writes = writes;
    nn_pool_run(c->scene.pool, (c->scene.h + STRIP - 1) / STRIP, run_strip, c);
}

static void advance(struct nn_chain *c, double t)
{
    c->scene.dt = c->scene.frame < 0 || t < c->scene.t ? 0 : t - c->scene.t;
    c->scene.t = t;
    c->scene.frame++;
    for (int i = 0; i < c->count; i++) {
        look(c, i);
        if (c->item[i].fx->advance)
            c->item[i].fx->advance(c->item[i].state, &c->item[i].scene, c->item[i].p);
    }
}

void nn_chain_run(struct nn_chain *c, struct nn_image *img, double t)
{
    int from = 0, pending = 0, reads = 1;   /* pending: row effects that wait in [from, i) */

    advance(c, t);
    c->img = img;
    for (int i = 0; i < c->count; i++) {
        struct item *it = &c->item[i];
        if (!(it->p[0] > 0))
            continue;
        if (it->fx->row) {
            pending++;
            continue;
        }
        if (reads || pending)
            run_pass(c, from, i, reads, 0);
        it->fx->render(it->state, &it->scene, it->p, &c->frame, &c->spare);
        from = i + 1;
        pending = reads = 0;
    }
    if (pending || !reads)
        run_pass(c, from, c->count, reads, 1);
}
