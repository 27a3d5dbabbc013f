#include "runtime/effects/chain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"

enum {
    STRIP = 16,             /* rows of one piece of work: some 250 kB at 1280, in cache */
    STEPS = 16384           /* of the encoding table: five to the finest sRGB step */
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
    float *tmp;                     /* 4 w floats for each strip */
    float decode[256];
    uint8_t encode[STEPS + 1];
    /* the pass under way */
    struct nn_image *img;
    int first, last;                /* items [first, last) run row by row */
    int reads, writes;              /* whether it decodes and encodes */
};

/* IEC 61966-2-1, both ways. */
static void fill_tables(struct nn_chain *c)
{
    for (int i = 0; i < 256; i++) {
        double v = i / 255.0;
        c->decode[i] = (float)(v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4));
    }
    for (int i = 0; i <= STEPS; i++) {
        double v = (double)i / STEPS;
        v = v <= 0.0031308 ? v * 12.92 : 1.055 * pow(v, 1 / 2.4) - 0.055;
        c->encode[i] = (uint8_t)(v * 255 + 0.5);
    }
}

static int make_frame(struct nn_arena *a, struct nn_frame *f, int w, int h)
{
    size_t size = ((size_t)w * (size_t)h + 15) / 16 * 16;

    *f = (struct nn_frame){ .w = w, .h = h };
    for (int i = 0; i < 3; i++)
        if (!(f->plane[i] = nn_arena_array(a, size, sizeof(float))))
            return -1;
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
    if (it->fx->open && !(it->asset = it->fx->open(slot->file, err)))
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
    size_t strips = (size_t)(h + STRIP - 1) / STRIP;

    if (!c)
        goto memory;
    c->scene = (struct nn_scene){ .w = w, .h = h, .seed = seed, .unit = (float)h / 720.0f,
                                  .pool = pool, .frame = -1 };
    fill_tables(c);
    if (make_frame(&c->arena, &c->frame, w, h) || make_frame(&c->arena, &c->spare, w, h) ||
        !(c->tmp = nn_arena_array(&c->arena, strips * (size_t)w, 4 * sizeof(float))) ||
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

void nn_chain_person(struct nn_chain *c, const struct nn_person *who)
{
    struct nn_box last = c->scene.who.face;

    c->scene.who = *who;
    if (!(who->face.w > 0))     /* where it was last, while it fades */
        c->scene.who.face = last;
}

static void read_row(const struct nn_chain *c, int y, float *const rgb[3])
{
    const uint8_t *in = c->img->px + (size_t)y * (size_t)c->scene.w * 3;

    for (int x = 0; x < c->scene.w; x++, in += 3)
        for (int i = 0; i < 3; i++)
            rgb[i][x] = c->decode[in[i]];
}

/* Light beyond white keeps its hue and burns out towards white, as film does. */
static void roll_off(float v[3])
{
    float m = v[0] > v[1] ? v[0] : v[1], white;

    m = v[2] > m ? v[2] : m;
    if (!(m > 1))
        return;
    white = (m - 1) / (m + 2.5f);
    for (int i = 0; i < 3; i++) {
        float hue = v[i] / m;
        v[i] = hue + (1 - hue) * white;
    }
}

static void write_row(const struct nn_chain *c, int y, float *const rgb[3])
{
    uint8_t *out = c->img->px + (size_t)y * (size_t)c->scene.w * 3;

    for (int x = 0; x < c->scene.w; x++, out += 3) {
        float v[3] = { rgb[0][x], rgb[1][x], rgb[2][x] };
        roll_off(v);
        for (int i = 0; i < 3; i++) {       /* written so that NaN becomes black */
            float in = v[i] > 0 ? v[i] < 1 ? v[i] : 1 : 0;
            out[i] = c->encode[(int)(in * STEPS + 0.5f)];
        }
    }
}

static void run_strip(void *arg, int strip)
{
    struct nn_chain *c = arg;
    int end = (strip + 1) * STRIP < c->scene.h ? (strip + 1) * STRIP : c->scene.h;
    float *tmp = c->tmp + (size_t)strip * (size_t)c->scene.w * 4;

    for (int y = strip * STRIP; y < end; y++) {
        size_t at = (size_t)y * (size_t)c->scene.w;
        float *const rgb[3] = { c->frame.plane[0] + at, c->frame.plane[1] + at,
                                c->frame.plane[2] + at };
        if (c->reads)
            read_row(c, y, rgb);
        for (int i = c->first; i < c->last; i++)
            if (c->item[i].fx->row && c->item[i].p[0] > 0)
                c->item[i].fx->row(c->item[i].state, &c->item[i].scene, c->item[i].p, y,
                                   rgb, tmp);
        if (c->writes)
            write_row(c, y, rgb);
    }
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
