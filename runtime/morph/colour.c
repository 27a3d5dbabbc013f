#include "runtime/morph/colour.h"

#include <math.h>
#include <string.h>

#include "runtime/effects/field.h"

typedef double matrix[3][3];

int nn_tone_of(const struct nn_pixels *p, struct nn_tone *t)
{
    size_t n = (size_t)p->w * (size_t)p->h;
    double all = 0, sum[3] = { 0 }, square[3][3] = { { 0 } };

    for (size_t i = 0; i < n; i++) {
        const float *px = p->px + 4 * i;
        double w = px[3] > 0.5f ? (double)px[3] : 0, v[3];
        if (w <= 0)
            continue;
        all += w;
        for (int c = 0; c < 3; c++) {
            v[c] = sqrt((double)px[c]);
            sum[c] += w * v[c];
            for (int d = 0; d <= c; d++)
                square[c][d] += w * v[c] * v[d];
        }
    }
    if (all < 16)
        return -1;
    for (int c = 0; c < 3; c++) {
        t->mean[c] = (float)(sum[c] / all);
        for (int d = 0; d <= c; d++)
            t->cov[c][d] = t->cov[d][c] = (float)(square[c][d] / all -
                                                  sum[c] / all * (sum[d] / all));
    }
    return 0;
}

void nn_tone_mix(const struct nn_tone *a, const struct nn_tone *b, float t, struct nn_tone *out)
{
    for (int c = 0; c < 3; c++) {
        out->mean[c] = (1 - t) * a->mean[c] + t * b->mean[c];
        for (int d = 0; d < 3; d++)
            out->cov[c][d] = (1 - t) * a->cov[c][d] + t * b->cov[c][d];
    }
}

/* v diag(to^power) v' of a symmetric matrix, by Jacobi's rotations; eigenvalues from `least`. */
static void power(const matrix in, double exponent, double least, matrix out)
{
    matrix a, v = { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } };

    memcpy(a, in, sizeof a);
    for (int sweep = 0; sweep < 24; sweep++) {
        int p = sweep % 3 == 2, q = sweep % 3 == 0 ? 1 : 2;
        double th = 0.5 * atan2(2 * a[p][q], a[q][q] - a[p][p]), c = cos(th), s = sin(th);
        for (int k = 0; k < 3; k++) {
            double x = a[k][p], y = a[k][q];
            a[k][p] = c * x - s * y;
            a[k][q] = s * x + c * y;
        }
        for (int k = 0; k < 3; k++) {
            double x = a[p][k], y = a[q][k];
            a[p][k] = c * x - s * y;
            a[q][k] = s * x + c * y;
            x = v[k][p];
            y = v[k][q];
            v[k][p] = c * x - s * y;
            v[k][q] = s * x + c * y;
        }
    }
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            out[i][j] = 0;
            for (int k = 0; k < 3; k++)
                out[i][j] += v[i][k] * v[j][k] * pow(fmax(a[k][k], least), exponent);
        }
}

static void times(const matrix a, const matrix b, matrix out)
{
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            out[i][j] = a[i][0] * b[0][j] + a[i][1] * b[1][j] + a[i][2] * b[2][j];
}

void nn_tone_between(const struct nn_tone *from, const struct nn_tone *to, struct nn_tone_map *m)
{
    static const double least = 1e-4;   /* of a variance: grey skin has none across colours */
    matrix a, b, half, back, mid, tmp, root, map;

    m->any = memcmp(from, to, sizeof *from) != 0;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            a[i][j] = (double)from->cov[i][j] + (i == j ? least : 0);
            b[i][j] = (double)to->cov[i][j] + (i == j ? least : 0);
        }
    power((const double (*)[3])a, 0.5, 1e-9, half);
    power((const double (*)[3])a, -0.5, 1e-9, back);
    times((const double (*)[3])half, (const double (*)[3])b, tmp);
    times((const double (*)[3])tmp, (const double (*)[3])half, mid);
    power((const double (*)[3])mid, 0.5, 1e-12, root);
    times((const double (*)[3])back, (const double (*)[3])root, tmp);
    times((const double (*)[3])tmp, (const double (*)[3])back, map);
    /* Within bounds: its own eigenvalues, which are gains of contrast. */
    power((const double (*)[3])map, 1, 0.5, tmp);
    power((const double (*)[3])tmp, -1, 0.5, mid);
    power((const double (*)[3])mid, -1, 1e-9, map);
    for (int i = 0; i < 3; i++) {
        m->add[i] = to->mean[i];
        for (int j = 0; j < 3; j++) {
            m->m[i][j] = (float)map[i][j];
            m->add[i] -= m->m[i][j] * from->mean[j];
        }
    }
}

NN_WIDE
void nn_tone_apply(const struct nn_tone_map *m, float share, float *px, int n)
{
    if (!m->any)
        return;
    for (int i = 0; i < n; i++, px += 4) {
        float w = share * px[3], r = sqrtf(px[0]), g = sqrtf(px[1]), b = sqrtf(px[2]);
        for (int c = 0; c < 3; c++) {
            float v = m->m[c][0] * r + m->m[c][1] * g + m->m[c][2] * b + m->add[c];
            v = v > 0 ? v * v : 0;
            px[c] += w * (v - px[c]);
        }
    }
}
