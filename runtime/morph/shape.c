#include "runtime/morph/shape.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"

/* A mean face: the eyes 1 apart, their middle the origin, y down, z towards the camera. From
 * Farkas' "Anthropometry of the Head and Face" (1994): pupils 62 mm apart, 115 mm above the chin,
 * the face 130 mm, the head 155 mm wide; five as in ArcFace's template (arXiv 1801.07698). The
 * five come first; what has a mirror image is followed by it. */
static const float mean[NN_SHAPE_MEAN][3] = {
    { -0.5f, 0, 0 }, { 0.5f, 0, 0 }, { 0, 0.57f, 0.45f },
    { -0.414f, 1.155f, 0.1f }, { 0.414f, 1.155f, 0.1f },
    { -0.74f, 0.03f, -0.1f }, { 0.74f, 0.03f, -0.1f },          /* eyes' corners and lids */
    { -0.27f, 0.04f, 0.05f }, { 0.27f, 0.04f, 0.05f },
    { -0.5f, -0.11f, 0.05f }, { 0.5f, -0.11f, 0.05f },
    { -0.5f, 0.11f, 0.03f }, { 0.5f, 0.11f, 0.03f },
    { -0.90f, -0.28f, -0.1f }, { 0.90f, -0.28f, -0.1f },        /* brows */
    { -0.55f, -0.42f, 0.1f }, { 0.55f, -0.42f, 0.1f },
    { -0.18f, -0.32f, 0.15f }, { 0.18f, -0.32f, 0.15f },
    { 0, 0.05f, 0.2f }, { -0.27f, 0.63f, 0.2f }, { 0.27f, 0.63f, 0.2f }, { 0, 0.74f, 0.3f },
    { 0, 1.03f, 0.25f }, { 0, 1.36f, 0.25f },                   /* lips */
    { 0, 1.86f, 0.1f }, { -0.45f, 1.74f, -0.1f }, { 0.45f, 1.74f, -0.1f },      /* jaw */
    { -0.80f, 1.42f, -0.4f }, { 0.80f, 1.42f, -0.4f },
    { -0.98f, 1.00f, -0.7f }, { 0.98f, 1.00f, -0.7f },
    { -1.05f, 0.50f, -0.8f }, { 1.05f, 0.50f, -0.8f },
    { -1.06f, 0, -0.8f }, { 1.06f, 0, -0.8f },
    { -0.98f, -0.50f, -0.6f }, { 0.98f, -0.50f, -0.6f },
};
static const float head[NN_SHAPE_HEAD][3] = {
    { 0, -1.02f, -0.1f }, { -0.45f, -0.97f, -0.15f }, { 0.45f, -0.97f, -0.15f },   /* hairline */
    { -0.82f, -0.80f, -0.4f }, { 0.82f, -0.80f, -0.4f },
    { 0, -2.00f, -1 }, { -0.65f, -1.85f, -1 }, { 0.65f, -1.85f, -1 },           /* crown */
    { -1.15f, -1.35f, -1 }, { 1.15f, -1.35f, -1 },
    { -1.36f, -0.50f, -1.2f }, { 1.36f, -0.50f, -1.2f },                        /* sides */
    { -1.36f, 0.40f, -1.2f }, { 1.36f, 0.40f, -1.2f },
    { -1.26f, 1.10f, -1.2f }, { 1.26f, 1.10f, -1.2f },
    { -0.80f, 2.15f, -1 }, { 0.80f, 2.15f, -1 }, { 0, 2.50f, -0.6f },           /* neck */
    { -2.00f, 3.00f, -1.2f }, { 2.00f, 3.00f, -1.2f },                          /* shoulders */
};

/* The mean face's axes in the picture, and how far it is turned aside. */
struct pose {
    float o[2], x[2], y[2], turn;
};

static struct pose pose_of(const float five[5][2])
{
    struct pose p = { .turn = 0 };
    float nose[2], det;

    for (int c = 0; c < 2; c++) {
        p.o[c] = 0.5f * (five[0][c] + five[1][c]);
        p.x[c] = 0.75f * (five[1][c] - five[0][c]) + 0.25f / 0.828f * (five[4][c] - five[3][c]);
        p.y[c] = (0.5f * (five[3][c] + five[4][c]) - p.o[c]) / 1.155f;
        nose[c] = five[2][c] - p.o[c];
    }
    det = p.x[0] * p.y[1] - p.x[1] * p.y[0];
    if (fabsf(det) > 1e-6f)     /* the nose aside, which sticks out: tan of the turn */
        p.turn = (nose[0] * p.y[1] - nose[1] * p.y[0]) / det / 0.45f;
    p.turn = p.turn > 0.5f ? 0.5f : p.turn < -0.5f ? -0.5f : p.turn;
    return p;
}

static void lay(const struct pose *p, const float at[3], float out[2])
{
    float x = at[0] + p->turn * at[2];

    for (int c = 0; c < 2; c++)
        out[c] = p->o[c] + x * p->x[c] + at[1] * p->y[c];
}

static void add_head(struct nn_shape *s)
{
    struct pose p = pose_of((const float (*)[2])s->five);

    for (int i = 0; i < NN_SHAPE_HEAD; i++)
        lay(&p, head[i], s->at[s->face + i]);
    s->count = s->face + NN_SHAPE_HEAD;
}

void nn_shape_from_five(struct nn_shape *s, const float five[5][2])
{
    struct pose p = pose_of(five);

    memset(s, 0, sizeof *s);
    memcpy(s->five, five, sizeof s->five);
    s->face = NN_SHAPE_MEAN;
    for (int i = 0; i < NN_SHAPE_MEAN; i++)
        lay(&p, mean[i], s->at[i]);
    /* What hangs on a point goes where that one really is. */
    static const struct { uint8_t of, by; float share; } tie[] = {
        { 20, 2, 0.8f }, { 21, 2, 0.8f }, { 22, 2, 0.8f }, { 19, 2, 0.2f },
        { 5, 0, 1 }, { 7, 0, 1 }, { 9, 0, 1 }, { 11, 0, 1 }, { 13, 0, 0.8f }, { 15, 0, 0.8f },
        { 17, 0, 0.7f }, { 6, 1, 1 }, { 8, 1, 1 }, { 10, 1, 1 }, { 12, 1, 1 }, { 14, 1, 0.8f },
        { 16, 1, 0.8f }, { 18, 1, 0.7f }, { 23, 3, 0.5f }, { 23, 4, 0.5f }, { 24, 3, 0.5f },
        { 24, 4, 0.5f },
    };
    for (size_t i = 0; i < sizeof tie / sizeof *tie; i++)
        for (int c = 0; c < 2; c++) {
            float laid[2];
            lay(&p, mean[tie[i].by], laid);
            s->at[tie[i].of][c] += tie[i].share * (five[tie[i].by][c] - laid[c]);
        }
    memcpy(s->at, five, sizeof s->five);
    add_head(s);
}

static void take(struct nn_shape *s, const float five[5][2], const float (*at)[2], int n)
{
    int kept = n < NN_SHAPE_FACE ? n : NN_SHAPE_FACE;

    memset(s, 0, sizeof *s);
    memcpy(s->five, five, sizeof s->five);
    s->face = kept;
    for (int i = 0; i < kept; i++)
        memcpy(s->at[i], at[(int64_t)i * n / kept], sizeof s->at[i]);
    add_head(s);
}

void nn_shape_from_marks(struct nn_shape *s, const float five[5][2],
                         const struct nn_landmarks *marks)
{
    take(s, five, marks->at, marks->count);
}

/* ---- a file of them */

static int read_points(const cJSON *list, const char *what, int least, int most, double limit,
                       float (*at)[2], struct nn_err *err)
{
    const cJSON *one;
    int n = 0;

    if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) < least ||
        cJSON_GetArraySize(list) > most)
        return nn_fail(err, NN_EFORMAT, "\"%s\" must be a list of %d to %d points [x, y]", what,
                       least, most);
    cJSON_ArrayForEach(one, list) {
        for (int c = 0; c < 2; c++) {
            const cJSON *v = cJSON_GetArrayItem(one, c);
            if (cJSON_GetArraySize(one) != 2 || !cJSON_IsNumber(v) ||
                !(fabs(v->valuedouble) <= limit))
                return nn_fail(err, NN_EFORMAT, "%s[%d]: two numbers within %g pixels", what, n,
                               limit);
            at[n][c] = (float)v->valuedouble;
        }
        n++;
    }
    return n;
}

static int from_json(struct nn_shape *s, const cJSON *root, const char *name, int w, int h,
                     struct nn_err *err)
{
    static const char *const known[] = { "five", "points", "note", NULL };
    float five[5][2], at[NN_SHAPE_FACE][2];
    double limit = 10.0 * (w > h ? w : h);
    const char *odd;
    int n = 0;

    if (!cJSON_IsObject(root))
        return nn_fail(err, NN_EFORMAT, "%s: landmarks are an object with \"five\"", name);
    if ((odd = nn_json_unknown(root, known)))
        return nn_fail(err, NN_EFORMAT, "%s: \"%s\" is nothing that is known here: five, points, "
                       "note", name, odd);
    if (read_points(cJSON_GetObjectItemCaseSensitive(root, "five"), "five", 5, 5, limit, five,
                    err) < 0 ||
        (cJSON_HasObjectItem(root, "points") &&
         (n = read_points(cJSON_GetObjectItemCaseSensitive(root, "points"), "points", 3,
                          NN_SHAPE_FACE, limit, at, err)) < 0))
        return nn_fail_in(err, "%s", name);
    if (hypotf(five[1][0] - five[0][0], five[1][1] - five[0][1]) < 2)
        return nn_fail(err, NN_EFORMAT, "%s: five: the eyes are less than 2 pixels apart", name);
    if (n)
        take(s, (const float (*)[2])five, (const float (*)[2])at, n);
    else
        nn_shape_from_five(s, (const float (*)[2])five);
    return 0;
}

int nn_shape_read(struct nn_shape *s, const char *path, int w, int h, struct nn_err *err)
{
    cJSON *root = nn_json_read(path, err);
    int ret = root ? from_json(s, root, path, w, h, err) : -1;

    cJSON_Delete(root);
    return ret;
}

int nn_shape_parse(struct nn_shape *s, const char *text, const char *name, int w, int h,
                   struct nn_err *err)
{
    cJSON *root = cJSON_Parse(text);
    int ret = root ? from_json(s, root, name, w, h, err)
                   : nn_fail(err, NN_EFORMAT, "%s: no JSON", name);

    cJSON_Delete(root);
    return ret;
}

/* ---- in a picture */

void nn_shape_five_in(struct nn_box box, float five[5][2])
{
    static const float usual[5][2] = { { 0.31f, 0.40f }, { 0.69f, 0.40f }, { 0.5f, 0.617f },
                                       { 0.343f, 0.839f }, { 0.657f, 0.839f } };

    for (int i = 0; i < 5; i++) {
        five[i][0] = box.x + usual[i][0] * box.w;
        five[i][1] = box.y + usual[i][1] * box.h;
    }
}

int nn_shape_find(struct nn_shape *s, struct nn_detector *d, struct nn_landmarker *marks,
                  const struct nn_image *img, const char *name, int *faces, struct nn_err *err)
{
    struct nn_face face[NN_MAX_FACES];
    struct nn_landmarks all = { 0 };
    int n = nn_detect(d, img, face, err);

    *faces = n;
    if (n < 0)
        return -1;
    if (n == 0)
        return nn_fail(err, NN_ENOTFOUND, "%s: no face was found in it; name its points with "
                       "--landmarks", name);
    if (marks && nn_landmarker_find(marks, img, &face[0], &all, err) < 0)
        return -1;
    if (!face[0].points)
        nn_shape_five_in(face[0].box, face[0].point);
    if (all.count)
        nn_shape_from_marks(s, (const float (*)[2])face[0].point, &all);
    else
        nn_shape_from_five(s, (const float (*)[2])face[0].point);
    return 0;
}

void nn_shape_place(struct nn_shape *s, double left, double top, double scale)
{
    for (int i = 0; i < s->count + 5; i++) {
        float *at = i < s->count ? s->at[i] : s->five[i - s->count];
        at[0] = (float)(((double)at[0] + 0.5 - left) / scale - 0.5);
        at[1] = (float)(((double)at[1] + 0.5 - top) / scale - 0.5);
    }
}

void nn_shape_mix(const struct nn_shape *a, const struct nn_shape *b, float t,
                  struct nn_shape *out)
{
    struct nn_shape m = *a;

    for (int i = 0; i < a->count; i++)
        for (int c = 0; c < 2; c++)
            m.at[i][c] = (1 - t) * a->at[i][c] + t * b->at[i][c];
    for (int i = 0; i < 5; i++)
        for (int c = 0; c < 2; c++)
            m.five[i][c] = (1 - t) * a->five[i][c] + t * b->five[i][c];
    *out = m;
}

float nn_shape_eyes(const struct nn_shape *s, float middle[2])
{
    middle[0] = 0.5f * (s->five[0][0] + s->five[1][0]);
    middle[1] = 0.5f * (s->five[0][1] + s->five[1][1]);
    return hypotf(s->five[1][0] - s->five[0][0], s->five[1][1] - s->five[0][1]);
}

static int by_place(const void *a, const void *b)
{
    const float *p = a, *q = b;

    return p[0] != q[0] ? (p[0] > q[0]) - (p[0] < q[0]) : (p[1] > q[1]) - (p[1] < q[1]);
}

/* Andrew's monotone chain ("Another efficient algorithm for convex hulls", 1979). */
int nn_shape_hull(const struct nn_shape *s, int forehead, float hull[NN_SHAPE_HULL][2])
{
    float at[NN_SHAPE_HULL][2], up[NN_SHAPE_HULL * 2][2];
    int n = s->face + (forehead ? 5 : 0), k = 0, bottom = 2;      /* the head's first five */

    memcpy(at, s->at, (size_t)n * sizeof *at);
    qsort(at, (size_t)n, sizeof *at, by_place);
    for (int i = 0; i < 2 * n - 1; i++) {       /* there, and back above */
        const float *p = at[i < n ? i : 2 * n - 2 - i];
        bottom = i == n ? k + 1 : bottom;
        while (k >= bottom && (up[k - 1][0] - up[k - 2][0]) * (p[1] - up[k - 2][1]) -
                              (up[k - 1][1] - up[k - 2][1]) * (p[0] - up[k - 2][0]) <= 0)
            k--;
        memcpy(up[k++], p, sizeof *up);
    }
    memcpy(hull, up, (size_t)(k - 1) * sizeof *up);
    return k - 1;
}

float nn_shape_inside(const float (*hull)[2], int n, float soft, float x, float y)
{
    float least = 1e30f;

    for (int i = 0; i < n; i++) {
        const float *a = hull[i], *b = hull[(i + 1) % n];
        float dx = b[0] - a[0], dy = b[1] - a[1], len = sqrtf(dx * dx + dy * dy);
        float d = ((x - a[0]) * -dy + (y - a[1]) * dx) / (len > 0 ? len : 1);
        least = d < least ? d : least;
    }
    least = least / soft + 0.5f;
    least = least < 0 ? 0 : least > 1 ? 1 : least;
    return least * least * (3 - 2 * least);
}
