/*
 * LSTM and GRU with vectors: what the inputs give to the gates is one product for all
 * steps; what remains of a step is the state times its weights, added in place, and
 * the gates. A single sequence reads those weights in panels as wide as the registers
 * allow, several go through the tiles together.
 */
#include "runtime/engine/recurrent.h"

#include <math.h>
#include <string.h>

#include "runtime/engine/conv.h"

enum { BLOCK = 32, PANEL = 8 };     /* steps worked on together; vectors, as simd/panel.c has it */

/* The state's weights of gates that are known at the same time. */
struct part {
    int64_t first, n;           /* columns */
    float *w, *bias;            /* bias: zeros, or what the reset gate shall hold back */
};

struct way {
    float *w, *bias;            /* of the inputs, packed */
    struct part part[2];
};

struct nn_cells {
    int64_t many, rows;         /* gates * h; steps * batch */
    struct way way[2];
    int32_t *xat, *yat;         /* of a block's rows */
    int32_t *hat, *gat;         /* of the sequences in the state, and in the gates */
};

static int64_t padded(const struct nn_task *t, int64_t n)
{
    return nn_vectors(n, t->simd->lanes) * t->simd->lanes;
}

/* All columns of one product. y and its residual are one, or there is none. */
static void product(const struct nn_task *t, struct nn_tile *tile, const float *w,
                    const float *bias, int64_t n, int64_t k)
{
    static const int64_t zero;
    int64_t left = nn_vectors(n, t->simd->lanes), done = 0, width;
    float *y = tile->y;
    int in_place = tile->res != NULL;

    tile->taps = 1;
    tile->run = k;
    tile->off = &zero;
    tile->lo = -INFINITY;
    tile->hi = INFINITY;
    for (int v; left > 0; left -= v, done += width) {
        v = nn_columns(left);
        width = v * t->simd->lanes;
        tile->w = w + done * k;
        tile->bias = bias + done;
        tile->y = y + done;
        tile->res = in_place ? tile->y : NULL;
        tile->width = (int)(n - done < width ? n - done : width);
        t->simd->tile[v](tile);
    }
}

/* Scratch of one direction: gates of every step, then state, cell and room of a step. */
static float *gates_of(const struct nn_task *t, int way)
{
    const struct nn_recurrent *s = t->state;

    return (float *)t->memory + way * (s->cells->rows * s->cells->many + 3 * s->batch * s->h);
}

/* What the inputs give, BLOCK rows a job. */
static void inputs(struct nn_task *t, int64_t from, int64_t to)
{
    const struct nn_recurrent *s = t->state;
    const struct nn_cells *c = s->cells;
    int64_t blocks = (c->rows + BLOCK - 1) / BLOCK;

    for (int64_t i = from; i < to; i++) {
        int64_t row = i % blocks * BLOCK;
        const struct way *way = &c->way[i / blocks];
        struct nn_tile tile = { .x = (const float *)t->in[0]->data + row * s->in,
                                .xat = c->xat, .yat = c->yat,
                                .y = gates_of(t, (int)(i / blocks)) + row * c->many,
                                .count = c->rows - row < BLOCK ? c->rows - row : BLOCK };
        product(t, &tile, way->w, way->bias, c->many, s->in);
    }
}

/* y += the state's part, or y = bias + it where `apart`. */
static void state(const struct nn_task *t, const struct part *p, const float *x, float *y,
                  int apart)
{
    const struct nn_recurrent *s = t->state;
    struct nn_tile tile = { .x = x, .xat = s->cells->hat, .y = y,
                            .yat = apart ? s->cells->hat : s->cells->gat,
                            .res = apart ? NULL : y, .count = s->batch };

    if (s->batch == 1)
        t->simd->panels(y, x, p->w, apart ? p->bias : y, s->h, p->n);
    else
        product(t, &tile, p->w, p->bias, p->n, s->h);
}

/* Gates i, o, f, c of one sequence. */
static void lstm_gates(const struct nn_task *t, float *restrict g, float *restrict h,
                       float *restrict c, float *restrict room, int64_t n)
{
    t->simd->row_sigmoid(g, g, 3 * n);
    t->simd->row_tanh(g + 3 * n, g + 3 * n, n);
    for (int64_t k = 0; k < n; k++)
        c[k] = g[2 * n + k] * c[k] + g[k] * g[3 * n + k];
    t->simd->row_tanh(room, c, n);
    for (int64_t k = 0; k < n; k++)
        h[k] = g[n + k] * room[k];
}

/* Gates z, r, h of all sequences; `room` is what the reset gate lets pass. */
static void gru_gates(const struct nn_task *t, const struct part *p, float *gates, float *h,
                      float *room)
{
    const struct nn_recurrent *s = t->state;
    int64_t n = s->h;

    if (!s->first_reset)
        state(t, p, h, room, 1);
    for (int64_t b = 0; b < s->batch; b++) {
        float *restrict g = gates + s->cells->gat[b], *restrict v = room + b * n;
        t->simd->row_sigmoid(g, g, 2 * n);
        for (int64_t k = 0; k < n; k++)
            if (s->first_reset)
                v[k] = g[n + k] * h[b * n + k];
            else
                g[2 * n + k] += g[n + k] * v[k];
    }
    if (s->first_reset)
        state(t, p, room, gates + 2 * n, 0);
    for (int64_t b = 0; b < s->batch; b++) {
        float *restrict g = gates + s->cells->gat[b], *restrict now = h + b * n;
        t->simd->row_tanh(g + 2 * n, g + 2 * n, n);
        for (int64_t k = 0; k < n; k++)
            now[k] = (1 - g[k]) * g[2 * n + k] + g[k] * now[k];
    }
}

static void begin(const struct nn_task *t, int input, int way, float *to)
{
    const struct nn_recurrent *s = t->state;
    const struct nn_tensor *from = input < t->nin ? t->in[input] : NULL;

    for (int64_t b = 0; b < s->batch; b++, to += s->h) {
        int64_t at = (s->swap ? b * s->ways + way : way * s->batch + b) * s->h;
        if (from)
            memcpy(to, (const float *)from->data + at, (size_t)s->h * sizeof *to);
        else
            memset(to, 0, (size_t)s->h * sizeof *to);
    }
}

/* The states go to output `k`: at a step, or at the end (-1). */
static void keep(const struct nn_task *t, int k, int way, int64_t step, const float *from)
{
    const struct nn_recurrent *s = t->state;

    for (int64_t b = 0; k < t->nout && t->outs[k] && b < s->batch; b++) {
        int64_t at = step < 0 ? (s->swap ? b * s->ways + way : way * s->batch + b)
                   : s->swap ? (b * s->steps + step) * s->ways + way
                             : (step * s->ways + way) * s->batch + b;
        memcpy((float *)t->outs[k]->data + at * s->h, from + b * s->h,
               (size_t)s->h * sizeof *from);
    }
}

static void ways(struct nn_task *t, int64_t from, int64_t to)
{
    const struct nn_recurrent *s = t->state;
    const struct nn_cells *cells = s->cells;

    for (int way = (int)from; way < to; way++) {
        float *gates = gates_of(t, way), *h = gates + cells->rows * cells->many;
        float *c = h + s->batch * s->h, *room = c + s->batch * s->h;
        begin(t, 5, way, h);
        begin(t, 6, way, c);
        for (int64_t i = 0; i < s->steps; i++) {
            int64_t step = way || s->backward ? s->steps - 1 - i : i;
            float *g = gates + (s->swap ? step : step * s->batch) * cells->many;
            state(t, &cells->way[way].part[0], h, g, 0);
            if (s->gates == 3)
                gru_gates(t, &cells->way[way].part[1], g, h, room);
            for (int64_t b = 0; s->gates == 4 && b < s->batch; b++)
                lstm_gates(t, g + cells->gat[b], h + b * s->h, c + b * s->h, room, s->h);
            keep(t, 0, way, step, h);
        }
        keep(t, 1, way, -1, h);
        keep(t, 2, way, -1, c);
    }
}

static void run(struct nn_task *t)
{
    const struct nn_recurrent *s = t->state;
    const struct nn_cells *c = s->cells;

    nn_task_rows(t, s->ways * ((c->rows + BLOCK - 1) / BLOCK), BLOCK * s->in * c->many, inputs);
    nn_task_rows(t, s->ways, c->rows * s->h * c->many, ways);
}

/* Row-major (n x k) weights, in panels for one sequence or for the tiles. */
static float *pack(struct nn_task *t, const float *w, int64_t n, int64_t k, int tiles)
{
    int64_t width = tiles ? t->simd->lanes : PANEL * t->simd->lanes;
    int64_t all = (n + width - 1) / width * width;
    float *p = nn_arena_array(t->arena, (size_t)all, (size_t)(k ? k : 1) * sizeof *p), *to = p;

    if (p && tiles)
        nn_pack(t->simd, k, n, w, 1, k, p);
    for (int64_t first = 0; p && !tiles && first < n; first += width)
        for (int64_t i = 0; i < k; i++)
            for (int64_t j = first; j < first + width; j++)
                *to++ = j < n ? w[j * k + i] : 0;
    return p;
}

static int pack_part(struct nn_task *t, struct part *p, const float *r, int64_t first, int64_t n)
{
    const struct nn_recurrent *s = t->state;

    p->first = first;
    p->n = n;
    p->w = pack(t, r + first * s->h, n, s->h, s->batch > 1);
    p->bias = nn_arena_array(t->arena, (size_t)padded(t, n) + 1, sizeof *p->bias);
    return p->w && p->bias ? 0 : -1;
}

static int pack_way(struct nn_task *t, int number)
{
    const struct nn_recurrent *s = t->state;
    struct way *way = &s->cells->way[number];
    int64_t many = s->cells->many, split = s->gates == 3 ? 2 * s->h : many;
    const float *w = (const float *)t->in[1]->data + number * many * s->in;
    const float *r = (const float *)t->in[2]->data + number * many * s->h, *b = NULL;

    if (t->nin > 3 && t->in[3])
        b = (const float *)t->in[3]->data + number * 2 * many;
    way->w = pack(t, w, many, s->in, 1);
    way->bias = nn_arena_array(t->arena, (size_t)padded(t, many) + 1, sizeof *way->bias);
    if (!way->w || !way->bias || pack_part(t, &way->part[0], r, 0, split) ||
        (split < many && pack_part(t, &way->part[1], r, split, many - split)))
        return -1;
    for (int64_t i = 0; b && i < many; i++) {
        int apart = i >= split && !s->first_reset;
        way->bias[i] = b[i] + (apart ? 0 : b[many + i]);
        if (apart)
            way->part[1].bias[i - split] = b[many + i];
    }
    return 0;
}

static int fits(const struct nn_task *t)
{
    const struct nn_recurrent *s = t->state;
    int64_t rows = s->steps * s->batch, many = s->gates * s->h;

    if (s->gates < 3 || s->coupled || isfinite(s->clip) || (t->nin > 4 && t->in[4]) ||
        (t->nin > 7 && t->in[7]))
        return 0;
    for (int k = 1; k < 4; k++)
        if (k < t->nin && t->in[k] && !(t->constant & 1u << k))
            return 0;
    for (int i = 0; i < s->ways; i++)
        for (int k = 0; k < s->gates - 1; k++)
            if (s->act[i][k].f != (k ? NN_TANH : NN_SIGMOID))
                return 0;
    return rows < INT32_MAX / (many + 1) && s->in < INT32_MAX / BLOCK;
}

int nn_recurrent_fast(struct nn_task *t)
{
    struct nn_recurrent *s = t->state;
    struct nn_cells *c;

    if (!fits(t))
        return 0;
    if (!(c = s->cells = nn_arena_alloc(t->arena, sizeof *c)))
        return -1;
    c->many = s->gates * s->h;
    c->rows = s->steps * s->batch;
    c->xat = nn_arena_array(t->arena, 2 * (BLOCK + (size_t)s->batch), sizeof *c->xat);
    if (!c->xat)
        return -1;
    c->yat = c->xat + BLOCK;
    c->hat = c->yat + BLOCK;
    c->gat = c->hat + s->batch;
    for (int i = 0; i < BLOCK; i++) {
        c->xat[i] = (int32_t)(i * s->in);
        c->yat[i] = (int32_t)(i * c->many);
    }
    for (int64_t b = 0; b < s->batch; b++) {
        c->hat[b] = (int32_t)(b * s->h);
        c->gat[b] = (int32_t)((s->swap ? b * s->steps : b) * c->many);
    }
    for (int i = 0; i < s->ways; i++)
        if (pack_way(t, i))
            return -1;
    t->scratch = (size_t)(s->ways * (c->rows * c->many + 3 * s->batch * s->h)) * sizeof(float);
    t->run = run;
    return 1;
}
