#include "runtime/face/track_assign.h"

/* Every row has a column of its own besides, at no gain, so that it may stay alone. */
struct costs {
    const float *like;
    int rows, cols;
};

static double cost(const struct costs *c, int r, int k)
{
    return k < c->cols ? -(double)c->like[r * c->cols + k] : 0;
}

/* Gives row r a column, moving others along the cheapest path; u, v: the dual variables. */
static void augment(const struct costs *c, int r, double *u, double *v, int *row_of)
{
    int n = c->cols + c->rows, at = -1, from[NN_MAX_ASSIGN] = { 0 }, done[NN_MAX_ASSIGN] = { 0 };
    double least[NN_MAX_ASSIGN] = { 0 }, path = 0;
    int row = r;

    if (n < 1 || n > NN_MAX_ASSIGN)
        return;
    for (int k = 0; k < n; k++) {
        least[k] = 1e30;
        from[k] = -1;
    }
    do {
        int next = 0;
        while (next < n - 1 && done[next])
            next++;
        for (int k = 0; k < n; k++) {
            double d = path + cost(c, row, k) - u[row] - v[k];
            if (done[k])
                continue;
            if (d < least[k]) {
                least[k] = d;
                from[k] = at;
            }
            if (least[k] < least[next])
                next = k;
        }
        path = least[next];
        done[next] = 1;
        at = next;
        row = row_of[at];
    } while (row >= 0);
    u[r] += path;
    for (int k = 0; k < n; k++)
        if (done[k] && k != at) {
            u[row_of[k]] += path - least[k];
            v[k] -= path - least[k];
        }
    while (at >= 0) {
        int before = from[at];
        row_of[at] = before < 0 ? r : row_of[before];
        at = before;
    }
}

void nn_assign(const float *like, int rows, int cols, int *of)
{
    const struct costs c = { like, rows, cols };
    double u[NN_MAX_ASSIGN] = { 0 }, v[NN_MAX_ASSIGN] = { 0 };
    int row_of[NN_MAX_ASSIGN];

    for (int k = 0; k < cols + rows; k++)
        row_of[k] = -1;
    for (int r = 0; r < rows; r++) {
        of[r] = -1;
        augment(&c, r, u, v, row_of);
    }
    for (int k = 0; k < cols; k++)
        if (row_of[k] >= 0 && like[row_of[k] * cols + k] > 0)
            of[row_of[k]] = k;
}
