#include "runtime/face/pose.h"

#include <math.h>
#include <string.h>

static const double DEGREE = 0.017453292519943295;

/* canonical_face_model.obj of google/mediapipe: an eye is the middle of its corners (33 and
 * 133, 362 and 263), the nose's tip is 1, the mouth's corners are 61 and 291. */
const float nn_pose_five[5][3] = {
    { -3.151146f, 2.624618f, 3.465663f }, { 3.151146f, 2.624618f, 3.465663f },
    { 0, -1.126865f, 7.475604f },
    { -2.456206f, -4.342621f, 4.283884f }, { 2.456206f, -4.342621f, 4.283884f },
};

/* Ry(yaw) Rx(-pitch) Rz(-roll): first leaned, then raised, then turned. */
static void rotation(const double a[3], double r[3][3])
{
    double sy = sin(a[0]), cy = cos(a[0]), sp = sin(a[1]), cp = cos(a[1]);
    double sr = sin(a[2]), cr = cos(a[2]);

    r[0][0] = cy * cr + sy * sp * sr;
    r[0][1] = cy * sr - sy * sp * cr;
    r[0][2] = sy * cp;
    r[1][0] = -cp * sr;
    r[1][1] = cp * cr;
    r[1][2] = sp;
    r[2][0] = -sy * cr + cy * sp * sr;
    r[2][1] = -sy * sr - cy * sp * cr;
    r[2][2] = cy * cp;
}

static void angles(const double r[3][3], double a[3])
{
    a[0] = atan2(r[0][2], r[2][2]);
    a[1] = asin(fmax(-1, fmin(1, r[1][2])));
    a[2] = atan2(-r[1][0], r[1][1]);
}

/* r := exp([w]) r, Rodrigues' formula. */
static void turn(double r[3][3], const double w[3])
{
    double t = sqrt(w[0] * w[0] + w[1] * w[1] + w[2] * w[2]);
    double s = t > 1e-9 ? sin(t) / t : 1, c = t > 1e-9 ? (1 - cos(t)) / (t * t) : 0.5;

    for (int k = 0; k < 3; k++) {
        double v[3] = { r[0][k], r[1][k], r[2][k] };
        double x[3] = { w[1] * v[2] - w[2] * v[1], w[2] * v[0] - w[0] * v[2],
                        w[0] * v[1] - w[1] * v[0] };
        double y[3] = { w[1] * x[2] - w[2] * x[1], w[2] * x[0] - w[0] * x[2],
                        w[0] * x[1] - w[1] * x[0] };
        for (int i = 0; i < 3; i++)
            r[i][k] = v[i] + s * x[i] + c * y[i];
    }
}

/* Solves the symmetric 4 x 4 system in place (Cholesky, A = L D L'); -1 when it is singular. */
static int solve(double a[4][4], double b[4])
{
    for (int j = 0; j < 4; j++) {
        for (int k = 0; k < j; k++)
            a[j][j] -= a[j][k] * a[j][k] * a[k][k];
        if (!(a[j][j] > 1e-12))
            return -1;
        for (int i = j + 1; i < 4; i++) {
            for (int k = 0; k < j; k++)
                a[i][j] -= a[i][k] * a[j][k] * a[k][k];
            a[i][j] /= a[j][j];
        }
    }
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < i; k++)
            b[i] -= a[i][k] * b[k];
    for (int i = 3; i >= 0; i--) {
        b[i] /= a[i][i];
        for (int k = i + 1; k < 4; k++)
            b[i] -= a[k][i] * b[k];
    }
    return 0;
}

struct points {
    double m[NN_MAX_POSE_POINTS][3], p[NN_MAX_POSE_POINTS][2];     /* about their middles; y up */
    int n;
};

/* One step: the change of scale and of rotation that lessens the squared distances most. */
static int step(const struct points *q, double r[3][3], double *scale)
{
    double a[4][4] = { { 0 } }, b[4] = { 0 }, w[3];

    for (int i = 0; i < q->n; i++) {
        double y[3];
        for (int k = 0; k < 3; k++)
            y[k] = r[k][0] * q->m[i][0] + r[k][1] * q->m[i][1] + r[k][2] * q->m[i][2];
        const double j[2][4] = { { 0, *scale * y[2], -*scale * y[1], y[0] },
                                 { -*scale * y[2], 0, *scale * y[0], y[1] } };
        for (int k = 0; k < 2; k++) {
            double rest = q->p[i][k] - *scale * y[k];
            for (int u = 0; u < 4; u++) {
                b[u] += j[k][u] * rest;
                for (int v = 0; v < 4; v++)
                    a[u][v] += j[k][u] * j[k][v];
            }
        }
    }
    for (int u = 0; u < 4; u++)         /* Levenberg's hundredth keeps far steps short */
        a[u][u] *= 1.01;
    if (solve(a, b))
        return -1;
    for (int k = 0; k < 3; k++)
        w[k] = fmax(-0.5, fmin(0.5, b[k]));
    turn(r, w);
    *scale += b[3];
    return *scale > 0 ? 0 : -1;
}

static int centre(const float (*model)[3], const float (*at)[2], int count, struct points *q)
{
    double m[3] = { 0 }, p[2] = { 0 };

    q->n = count < NN_MAX_POSE_POINTS ? count : NN_MAX_POSE_POINTS;
    for (int i = 0; i < q->n; i++) {
        for (int k = 0; k < 3; k++)
            m[k] += (double)model[i][k] / q->n;
        for (int k = 0; k < 2; k++)
            p[k] += (double)at[i][k] / q->n;
    }
    if (!isfinite(p[0] + p[1]))
        return -1;
    for (int i = 0; i < q->n; i++) {
        for (int k = 0; k < 3; k++)
            q->m[i][k] = (double)model[i][k] - m[k];
        q->p[i][0] = (double)at[i][0] - p[0];
        q->p[i][1] = p[1] - (double)at[i][1];
    }
    return 0;
}

/* The plane's similarity that lays the model on the points: a start within 90 degrees of lean. */
static int start(const struct points *q, double r[3][3], double *scale)
{
    double c = 0, s = 0, mm = 0, a[3] = { 0 };

    for (int i = 0; i < q->n; i++) {
        c += q->m[i][0] * q->p[i][0] + q->m[i][1] * q->p[i][1];
        s += q->m[i][1] * q->p[i][0] - q->m[i][0] * q->p[i][1];
        mm += q->m[i][0] * q->m[i][0] + q->m[i][1] * q->m[i][1];
    }
    *scale = mm > 0 ? sqrt(c * c + s * s) / mm : 0;
    if (!(*scale > 1e-6))
        return -1;
    a[2] = atan2(s, c);
    rotation(a, r);
    return 0;
}

int nn_pose_solve(const float (*model)[3], const float (*at)[2], int count, float pose[3])
{
    struct points q;
    double r[3][3], a[3], scale;

    if (count < 4 || centre(model, at, count, &q) || start(&q, r, &scale))
        return -1;
    for (int i = 0; i < 20; i++)
        if (step(&q, r, &scale))
            return -1;
    angles((const double (*)[3])r, a);
    if (!isfinite(a[0] + a[1] + a[2]) || fabs(a[0]) > 1.6)
        return -1;
    for (int k = 0; k < 3; k++)
        pose[k] = (float)(a[k] / DEGREE);
    return 0;
}

int nn_pose_of_five(const float at[5][2], float pose[3])
{
    return nn_pose_solve(nn_pose_five, at, 5, pose);
}

void nn_pose_project(const float (*model)[3], int count, const float pose[3], float scale,
                     float cx, float cy, float (*at)[2])
{
    double a[3], r[3][3];

    for (int k = 0; k < 3; k++)
        a[k] = (double)pose[k] * DEGREE;
    rotation(a, r);
    for (int i = 0; i < count; i++) {
        double v[2];
        for (int k = 0; k < 2; k++)
            v[k] = r[k][0] * (double)model[i][0] + r[k][1] * (double)model[i][1] +
                   r[k][2] * (double)model[i][2];
        at[i][0] = cx + scale * (float)v[0];
        at[i][1] = cy - scale * (float)v[1];
    }
}
