#include "runtime/effects/sign.h"

#include "runtime/effects/field.h"

/* Straight tubes, and O as an ellipse: from the letter's left top corner, letters 0.62 wide. */
struct tube {
    char letter;
    float x0, y0, x1, y1;
};

static const struct tube tubes[] = {
    { 'N', 0, 1, 0, 0 }, { 'N', 0, 0, 0.62f, 1 }, { 'N', 0.62f, 1, 0.62f, 0 },
    { 'E', 0, 0, 0, 1 }, { 'E', 0, 0, 0.55f, 0 }, { 'E', 0, 0.5f, 0.45f, 0.5f },
    { 'E', 0, 1, 0.55f, 1 },
    { 'I', 0.1f, 0, 0.1f, 1 },
    { 'R', 0, 1, 0, 0 }, { 'R', 0, 0, 0.38f, 0 }, { 'R', 0, 0.52f, 0.38f, 0.52f },
    { 'R', 0.38f, 0, 0.58f, 0.14f }, { 'R', 0.58f, 0.14f, 0.58f, 0.38f },
    { 'R', 0.58f, 0.38f, 0.38f, 0.52f }, { 'R', 0.30f, 0.52f, 0.60f, 1 },
};

static const struct {
    char letter;
    float x;
} words[2][4] = {
    { { 'N', 0 }, { 'E', 0.86f }, { 'O', 1.62f }, { 'N', 2.52f } },
    { { 'N', 3.86f }, { 'O', 4.72f }, { 'I', 5.66f }, { 'R', 6.10f } },
};

static float to_tube(const struct tube *t, float x, float y)
{
    float dx = t->x1 - t->x0, dy = t->y1 - t->y0, k;

    k = nn_clampf(((x - t->x0) * dx + (y - t->y0) * dy) / (dx * dx + dy * dy), 0, 1);
    dx = x - t->x0 - k * dx;
    dy = y - t->y0 - k * dy;
    return sqrtf(dx * dx + dy * dy);
}

/* Near enough to an ellipse's distance for one that is almost round. */
static float to_ring(float x, float y)
{
    float u = (x - 0.36f) / 0.36f, v = (y - 0.5f) / 0.5f, r = sqrtf(u * u + v * v);
    float slope = sqrtf(u * u / (0.36f * 0.36f) + v * v / 0.25f) / nn_maxf(r, 1e-3f);

    return fabsf(r - 1) / nn_maxf(slope, 1e-3f);
}

float nn_sign_distance(int word, float x, float y)
{
    float near = 1e9f;

    x += 0.5f * NN_SIGN_WIDE - 0.1f;
    y += 0.5f;
    for (int i = 0; i < 4; i++) {
        char letter = words[word][i].letter;
        float lx = x - words[word][i].x;
        if (letter == 'O')
            near = nn_minf(near, to_ring(lx, y));
        for (size_t k = 0; k < sizeof tubes / sizeof *tubes; k++)
            if (tubes[k].letter == letter)
                near = nn_minf(near, to_tube(&tubes[k], lx, y));
    }
    return near;
}
