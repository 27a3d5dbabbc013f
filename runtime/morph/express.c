#include "runtime/morph/express.h"

#include <math.h>
#include <string.h>

#include "runtime/effects/field.h"

enum { G = NN_FLOW_GRID, N = NN_EXPRESS_GRID };

static const float WINDOW = 1.25f;      /* of a face's box */
static const float DOUBT = 0.25f;       /* blocks' worth of trust that nothing moved */
static const double CALM = 0.07;        /* seconds: half of a change is taken up in about that */
static const float MOST = 0.07f;        /* of the window: no skin goes farther */

struct nn_face_window nn_face_window_of(struct nn_box box, float roll)
{
    return (struct nn_face_window){ box.x + box.w / 2, box.y + box.h / 2, WINDOW * box.w, roll };
}

void nn_express_rest(struct nn_express *e, const uint8_t *grey)
{
    nn_flow_face(grey, &e->rest);
    e->rested = 1;
}

/* A block's motion and its neighbours', by trust: what cannot be followed goes along. */
static float smooth(const struct nn_flow *f, int bx, int by, int c)
{
    float sum = 0, all = DOUBT;

    for (int j = nn_clampi(by - 2, 0, G); j < nn_clampi(by + 3, 0, G); j++)
        for (int i = nn_clampi(bx - 2, 0, G); i < nn_clampi(bx + 3, 0, G); i++) {
            int d = (i - bx) * (i - bx) + (j - by) * (j - by);
            float w = f->trust[j * G + i] * expf(-0.5f * (float)d / 1.2f);
            sum += w * f->move[j * G + i][c];
            all += w;
        }
    return sum / all;
}

void nn_express_look(struct nn_express *e, const uint8_t *grey, double dt)
{
    float k = dt > 0 ? (float)(1 - exp(-dt / CALM)) : 1;

    if (!e->rested)
        nn_express_rest(e, grey);
    nn_flow_face(grey, &e->now);
    nn_flow_between(&e->rest, &e->now, &e->flow);
    k *= nn_smooth(0.15f, 0.4f, e->flow.good);  /* lost: what was known stays */
    for (int b = 0; b < NN_FLOW_BLOCKS; b++)
        for (int c = 0; c < 2; c++)
            e->move[c][b] += k * (smooth(&e->flow, b % G, b / G, c) - e->move[c][b]);
}

/* A cubic B-spline over the blocks, in sides of the window; nothing towards its edge. */
static void departure(const struct nn_express *e, float u, float v, float out[2])
{
    const float (*at)[2] = e->flow.at;
    float step = at[1][0] - at[0][0], x = (u * NN_FLOW_SIDE - at[0][0]) / step;
    float y = (v * NN_FLOW_SIDE - at[0][1]) / step, far, w;
    float wx[4] = { 0 }, wy[4] = { 0 };
    int i0 = (int)floorf(x), j0 = (int)floorf(y);

    x -= (float)i0;
    y -= (float)j0;
    for (int c = 0; c < 2; c++) {
        float t = c ? y : x, s = 1 - t, *k = c ? wy : wx;
        k[0] = s * s * s / 6;
        k[1] = (3 * t * t * t - 6 * t * t + 4) / 6;
        k[2] = (3 * s * s * s - 6 * s * s + 4) / 6;
        k[3] = t * t * t / 6;
    }
    out[0] = out[1] = 0;
    for (int j = 0; j < 4; j++)
        for (int i = 0; i < 4; i++) {
            int b = nn_clampi(j0 + j - 1, 0, G - 1) * G + nn_clampi(i0 + i - 1, 0, G - 1);
            out[0] += wx[i] * wy[j] * e->move[0][b];
            out[1] += wx[i] * wy[j] * e->move[1][b];
        }
    far = hypotf(u - 0.5f, v - 0.5f);
    w = (1 - nn_smooth(0.34f, 0.485f, far)) / NN_FLOW_SIDE;
    for (int c = 0; c < 2; c++)
        out[c] = nn_clampf(out[c] * w, -MOST, MOST);
}

/* A point p of the resting face is at p + m(p) now and shall be at p + factor m(p) = q: p is found
 * by going back and forth. */
void nn_express_aim(struct nn_express *e, float factor)
{
    for (int j = 0; j < N && e->rested; j++)
        for (int i = 0; i < N; i++) {
            float u = (float)i / (N - 1), v = (float)j / (N - 1), m[2], p[2] = { u, v };
            for (int turn = 0; turn < 3; turn++) {
                departure(e, p[0], p[1], m);
                p[0] = u - factor * m[0];
                p[1] = v - factor * m[1];
            }
            e->from[0][j * N + i] = (1 - factor) * m[0];
            e->from[1][j * N + i] = (1 - factor) * m[1];
        }
}

void nn_express_box(const struct nn_face_window *at, int w, int h, int box[4])
{
    float half = 0.5f * at->side;       /* beyond the circle in it nothing moves */

    box[0] = (int)nn_clampf(floorf(at->x - half), 0, (float)w);
    box[1] = (int)nn_clampf(floorf(at->y - half), 0, (float)h);
    box[2] = (int)nn_clampf(ceilf(at->x + half), 0, (float)w) - box[0];
    box[3] = (int)nn_clampf(ceilf(at->y + half), 0, (float)h) - box[1];
}

void nn_express_row(const struct nn_express *e, const struct nn_face_window *at, int y, int x0,
                    int n, float *x, float *down)
{
    float a = at->roll * 0.01745329252f, c = cosf(a) / at->side, s = sinf(a) / at->side;
    float back = at->side * at->side, dy = (float)y - at->y;

    for (int i = 0; i < n; i++) {
        float dx = (float)(x0 + i) - at->x, m[2];
        float u = nn_clampf(0.5f + c * dx + s * dy, 0, 1) * (N - 1);
        float v = nn_clampf(0.5f - s * dx + c * dy, 0, 1) * (N - 1);
        int iu = nn_clampi((int)u, 0, N - 2), iv = nn_clampi((int)v, 0, N - 2), k = iv * N + iu;
        u -= (float)iu;
        v -= (float)iv;
        for (int axis = 0; axis < 2; axis++) {
            const float *f = e->from[axis] + k;
            float top = f[0] + u * (f[1] - f[0]), low = f[N] + u * (f[N + 1] - f[N]);
            m[axis] = top + v * (low - top);
        }
        x[i] = (float)(x0 + i) + back * (c * m[0] - s * m[1]);
        down[i] = (float)y + back * (s * m[0] + c * m[1]);
    }
}
