#include "runtime/face/micro_flow.h"

#include <math.h>
#include <string.h>

enum {
    SIDE = NN_FLOW_SIDE, HALF = SIDE / 2, AROUND = 12,  /* pixels: the local mean's half side */
    EDGE = 12, STEP = 8                                 /* pixels: first block, and to the next */
};

static const float FLAT = 2e-4f;        /* squared slope of log grey: where texture ends */
static const float FAR = 6;             /* pixels: blocks that went further are lost */

/* ---- making ready */

/* out := in - its mean within AROUND pixels, by running sums along one axis after the other. */
static void without_mean(const float *in, float *out)
{
    static const int n = SIDE;
    float mean[SIDE], row[SIDE][SIDE];

    for (int y = 0; y < n; y++) {
        float sum = 0;
        int from = 0, to = 0;
        for (int x = 0; x < n; x++) {
            for (; to < n && to <= x + AROUND; to++)
                sum += in[y * n + to];
            for (; from < x - AROUND; from++)
                sum -= in[y * n + from];
            row[y][x] = sum / (float)(to - from);
        }
    }
    memset(mean, 0, sizeof mean);
    for (int y = 0, from = 0, to = 0; y < n; y++) {
        for (; to < n && to <= y + AROUND; to++)
            for (int x = 0; x < n; x++)
                mean[x] += row[to][x];
        for (; from < y - AROUND; from++)
            for (int x = 0; x < n; x++)
                mean[x] -= row[from][x];
        for (int x = 0; x < n; x++)
            out[y * n + x] = in[y * n + x] - mean[x] / (float)(to - from);
    }
}

/* 1 2 1 along both axes. */
static void soften(const float *in, float *out)
{
    float row[SIDE];

    for (int y = 0; y < SIDE; y++) {
        const float *m = in + y * SIDE, *u = y ? m - SIDE : m, *d = y + 1 < SIDE ? m + SIDE : m;
        for (int x = 0; x < SIDE; x++)
            row[x] = 0.25f * u[x] + 0.5f * m[x] + 0.25f * d[x];
        for (int x = 0; x < SIDE; x++)
            out[y * SIDE + x] = 0.25f * row[x ? x - 1 : 0] + 0.5f * row[x] +
                                0.25f * row[x + 1 < SIDE ? x + 1 : x];
    }
}

void nn_flow_face(const uint8_t *grey, struct nn_flow_face *out)
{
    float ln[256], raw[SIDE * SIDE];

    for (int i = 0; i < 256; i++)
        ln[i] = logf(16.0f + (float)i);
    for (int i = 0; i < SIDE * SIDE; i++)
        out->fine[i] = ln[grey[i]];
    without_mean(out->fine, raw);
    soften(raw, out->fine);
    for (int y = 0; y < HALF; y++)
        for (int x = 0; x < HALF; x++) {
            const float *p = out->fine + 2 * y * SIDE + 2 * x;
            out->coarse[y * HALF + x] = 0.25f * (p[0] + p[1] + p[SIDE] + p[SIDE + 1]);
        }
}

/* ---- one block */

struct patch {
    int x, y, r, side;          /* middle, half side of the window; side of the picture */
    float gx[256], gy[256], v[256];
    float xx, xy, yy, energy;
};

static void patch_of(struct patch *k, const float *px)
{
    int n = 0;

    k->xx = k->xy = k->yy = k->energy = 0;
    for (int y = k->y - k->r; y < k->y + k->r; y++)
        for (int x = k->x - k->r; x < k->x + k->r; x++, n++) {
            const float *p = px + y * k->side + x;
            k->gx[n] = 0.5f * (p[1] - p[-1]);
            k->gy[n] = 0.5f * (p[k->side] - p[-k->side]);
            k->v[n] = p[0];
            k->xx += k->gx[n] * k->gx[n];
            k->xy += k->gx[n] * k->gy[n];
            k->yy += k->gy[n] * k->gy[n];
            k->energy += p[0] * p[0];
        }
}

/* One step towards where the patch lies in `px`, from `u`; `hold` pulls it back to where it
 * began. Returns what is left of the difference as a share of the patch's energy, -1 outside. */
static float step(const struct patch *k, const float *px, float u[2], float hold)
{
    float fx = floorf(u[0]), fy = floorf(u[1]), ax = u[0] - fx, ay = u[1] - fy;
    int x0 = k->x - k->r + (int)fx, y0 = k->y - k->r + (int)fy, w = 2 * k->r, n = 0;
    float bx = 0, by = 0, left = 0, det, a = k->xx + hold, d = k->yy + hold;

    if (x0 < 0 || y0 < 0 || x0 + w >= k->side || y0 + w >= k->side)
        return -1;
    for (int y = 0; y < w; y++) {
        const float *p = px + (y0 + y) * k->side + x0, *q = p + k->side;
        for (int x = 0; x < w; x++, n++) {
            float top = p[x] + ax * (p[x + 1] - p[x]), low = q[x] + ax * (q[x + 1] - q[x]);
            float e = k->v[n] - (top + ay * (low - top));
            bx += e * k->gx[n];
            by += e * k->gy[n];
            left += e * e;
        }
    }
    det = a * d - k->xy * k->xy;
    if (det > 1e-12f) {
        u[0] += (d * bx - k->xy * by) / det;
        u[1] += (a * by - k->xy * bx) / det;
    }
    return left / (k->energy + 1e-6f);
}

/* The texture along the axis that has least of it, 0..1. */
static float texture(const struct patch *k)
{
    float n = (float)(4 * k->r * k->r), mid = 0.5f * (k->xx + k->yy), dif = 0.5f * (k->xx - k->yy);
    float least = (mid - sqrtf(dif * dif + k->xy * k->xy)) / n;

    return fmaxf(least, 0) / (fmaxf(least, 0) + FLAT);
}

/* ---- the head */

/* 1, x, y and depth, of a block's middle; x and y -1..1. */
static void terms(const float at[2], float out[4])
{
    float x = at[0] / (SIDE / 2) - 1, y = at[1] / (SIDE / 2) - 1, r = (x * x + y * y) / 1.6f;

    out[0] = 1;
    out[1] = x;
    out[2] = y;
    out[3] = sqrtf(fmaxf(0, 1 - r)) + 0.25f * expf(-(x * x + (y - 0.1f) * (y - 0.1f)) / 0.045f);
}

/* Solves a c = b, a symmetric and positive (a small number is added to its diagonal). */
static void solve(float a[4][4], float b[4], float c[4])
{
    for (int i = 0; i < 4; i++)
        a[i][i] += 1e-3f;
    for (int i = 0; i < 4; i++)
        for (int k = i + 1; k < 4; k++) {
            float f = a[k][i] / a[i][i];
            for (int j = i; j < 4; j++)
                a[k][j] -= f * a[i][j];
            b[k] -= f * b[i];
        }
    for (int i = 3; i >= 0; i--) {
        c[i] = b[i];
        for (int j = i + 1; j < 4; j++)
            c[i] -= a[i][j] * c[j];
        c[i] /= a[i][i];
    }
}

/* The head's motion through the blocks' own, at every block. Blocks that depart from it by
 * some `width` pixels count half, then less (Cauchy's weights). */
static void head(const struct nn_flow *f, float width, float out[NN_FLOW_BLOCKS][2])
{
    float c[2][4] = { { 0 } }, t[NN_FLOW_BLOCKS][4], soft = 4 * width;

    for (int i = 0; i < NN_FLOW_BLOCKS; i++)
        terms(f->at[i], t[i]);
    for (int round = 0; round < 6; round++, soft = fmaxf(width, 0.5f * soft)) {
        float a[4][4] = { { 0 } }, b[2][4] = { { 0 } }, copy[4][4];
        for (int i = 0; i < NN_FLOW_BLOCKS; i++) {
            float dx = f->move[i][0] - out[i][0], dy = f->move[i][1] - out[i][1];
            float w = f->trust[i] * (round ? 1 / (1 + (dx * dx + dy * dy) / (soft * soft)) : 1);
            for (int k = 0; k < 4; k++) {
                for (int j = 0; j < 4; j++)
                    a[k][j] += w * t[i][k] * t[i][j];
                b[0][k] += w * t[i][k] * f->move[i][0];
                b[1][k] += w * t[i][k] * f->move[i][1];
            }
        }
        memcpy(copy, a, sizeof copy);
        solve(copy, b[0], c[0]);
        solve(a, b[1], c[1]);
        for (int i = 0; i < NN_FLOW_BLOCKS; i++)
            for (int axis = 0; axis < 2; axis++) {
                out[i][axis] = 0;
                for (int k = 0; k < 4; k++)
                    out[i][axis] += c[axis][k] * t[i][k];
            }
    }
}

/* ---- the whole */

/* Hair and what is behind the face move otherwise. */
static float inside(const float at[2])
{
    float x = (at[0] - SIDE / 2) / (0.46f * SIDE), y = (at[1] - SIDE / 2) / (0.50f * SIDE);

    return x * x + y * y < 1 ? 1 : 0;
}

static void coarse(const struct nn_flow_face *a, const struct nn_flow_face *b, struct nn_flow *f)
{
    struct patch k;

    for (int i = 0; i < NN_FLOW_BLOCKS; i++) {
        float u[2] = { 0, 0 }, left = 0;
        f->at[i][0] = (float)(EDGE + STEP * (i % NN_FLOW_GRID));
        f->at[i][1] = (float)(EDGE + STEP * (i / NN_FLOW_GRID));
        f->trust[i] = 0;
        f->move[i][0] = f->move[i][1] = 0;
        if (inside(f->at[i]) <= 0)
            continue;
        k.side = HALF;
        k.r = 5;
        k.x = (int)f->at[i][0] / 2;
        k.y = (int)f->at[i][1] / 2;
        patch_of(&k, a->coarse);
        for (int n = 0; n < 4 && left >= 0; n++)
            left = step(&k, b->coarse, u, FLAT * 25);
        if (left < 0 || u[0] * u[0] + u[1] * u[1] > FAR * FAR / 4)
            continue;
        f->move[i][0] = 2 * u[0];
        f->move[i][1] = 2 * u[1];
        f->trust[i] = texture(&k) * fmaxf(0, 1 - left);
    }
}

static void fine(const struct nn_flow_face *a, const struct nn_flow_face *b,
                 const float from[NN_FLOW_BLOCKS][2], struct nn_flow *f)
{
    float good = 0, all = 0;
    struct patch k;

    for (int i = 0; i < NN_FLOW_BLOCKS; i++) {
        float u[2] = { from[i][0], from[i][1] }, left = 0, tex;
        f->trust[i] = 0;
        f->move[i][0] = f->move[i][1] = 0;
        if (inside(f->at[i]) <= 0)
            continue;
        k.side = SIDE;
        k.r = 6;
        k.x = (int)f->at[i][0];
        k.y = (int)f->at[i][1];
        patch_of(&k, a->fine);
        for (int n = 0; n < 5 && left >= 0; n++)
            left = step(&k, b->fine, u, FLAT * 144);
        tex = texture(&k);
        all += tex;
        if (left < 0 || fabsf(u[0] - from[i][0]) > FAR || fabsf(u[1] - from[i][1]) > FAR)
            continue;
        f->move[i][0] = u[0];
        f->move[i][1] = u[1];
        f->trust[i] = tex * fmaxf(0, 1 - left);
        good += f->trust[i];
    }
    f->good = all > 0.02f * NN_FLOW_BLOCKS ? good / all : 0;
}

void nn_flow_between(const struct nn_flow_face *a, const struct nn_flow_face *b,
                     struct nn_flow *f)
{
    float rigid[NN_FLOW_BLOCKS][2] = { { 0 } }, mean[2] = { 0, 0 }, turn = 0, n = 0;

    coarse(a, b, f);
    head(f, 0.5f, rigid);
    fine(a, b, (const float (*)[2])rigid, f);
    head(f, 0.08f, rigid);
    for (int i = 0; i < NN_FLOW_BLOCKS; i++)
        for (int c = 0; c < 2; c++) {
            f->move[i][c] -= rigid[i][c];
            mean[c] += inside(f->at[i]) * rigid[i][c];
            n += 0.5f * inside(f->at[i]);
        }
    for (int i = 0; i < NN_FLOW_BLOCKS; i++)
        for (int c = 0; c < 2; c++) {
            float d = rigid[i][c] - mean[c] / n;
            turn += inside(f->at[i]) * d * d;
        }
    f->shift = sqrtf(mean[0] * mean[0] + mean[1] * mean[1]) / n;
    f->turn = sqrtf(turn / n);
}
