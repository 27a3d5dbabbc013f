/* Static and moving gestures: tables of hand landmarks and of finger-tip tracks. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/hand/features.h"
#include "trainer/csv.h"
#include "trainer/tables/tasks.h"

/* The recordings name neither people nor sessions, and neighbouring rows are neighbouring frames:
 * rows are split into PIECES consecutive parts of each class, so that hardly any frame has its
 * neighbour on the other side. */
enum { PIECES = 5 };

/* Tracks are in widths and heights of a camera of 960 x 540: their steps are 1/960 and 1/540. */
enum { TRACK_WIDTH = 960, TRACK_HEIGHT = 540 };

struct reader {
    struct nn_table *t;
    const char *file;           /* which of the archive's */
    int floats, classes;
    void (*prepare)(const double *v, float *out);
    int found;
};

static void prepare_hand(const double *v, float *out)
{
    float xy[NN_HAND_FLOATS];

    for (int i = 0; i < NN_HAND_FLOATS; i++)
        xy[i] = (float)v[i];
    nn_hand_features(xy, out);
}

static void prepare_track(const double *v, float *out)
{
    float xy[NN_TRACK_FLOATS];

    for (int i = 0; i < NN_TRACK_FLOATS; i++)
        xy[i] = (float)(v[i] * (i % 2 ? TRACK_HEIGHT : TRACK_WIDTH));
    nn_track_features(xy, TRACK_WIDTH, out);
}

static int take_file(void *arg, const char *name, const void *data, size_t size,
                     struct nn_err *err)
{
    struct reader *r = arg;
    float x[NN_HAND_FLOATS > NN_TRACK_FLOATS ? NN_HAND_FLOATS : NN_TRACK_FLOATS];
    struct nn_csv c;
    int more;

    if (strcmp(nn_table_base(name), r->file))
        return 0;
    r->found = 1;
    nn_csv_init(&c, name, data, size);
    while ((more = nn_csv_row(&c, 1 + r->floats, err)) > 0) {
        if (c.v[0] < 0 || c.v[0] >= r->classes || c.v[0] != floor(c.v[0]))
            return nn_fail(err, NN_EFORMAT, "%s, line %lld: class %g is none of 0 to %d", name,
                           (long long)c.line, c.v[0], r->classes - 1);
        for (int i = 1; i <= r->floats; i++)    /* beyond, steps would overflow floats */
            if (fabs(c.v[i]) > 1e6)
                return nn_fail(err, NN_EFORMAT, "%s, line %lld: %g is no coordinate", name,
                               (long long)c.line, c.v[i]);
        r->prepare(c.v + 1, x);
        if (nn_table_add(r->t, x, (int)c.v[0], 0, -1, err))
            return -1;
    }
    return more;
}

static int split_pieces(struct nn_table *t, int classes, struct nn_err *err)
{
    int64_t count[NN_TABLE_CLASSES] = { 0 }, seen[NN_TABLE_CLASSES] = { 0 };
    char name[NN_TABLE_NAME];

    for (int i = 1; i <= PIECES; i++) {
        snprintf(name, sizeof name, "piece %d", i);
        if (nn_table_group(t, name, err) < 0)
            return -1;
    }
    for (int64_t i = 0; i < t->n; i++)
        count[t->label[i]]++;
    for (int c = 0; c < classes; c++)
        if (count[c] < PIECES)
            return nn_fail(err, NN_EFORMAT, "class %d has %lld rows, fewer than %d", c,
                           (long long)count[c], PIECES);
    for (int64_t i = 0; i < t->n; i++) {
        int c = t->label[i];
        t->group[i] = (int)(seen[c]++ * PIECES / count[c]);
    }
    return 0;
}

static int load(struct reader *r, const char *path, struct nn_err *err)
{
    nn_table_init(r->t, r->floats);
    if (nn_table_walk(path, take_file, r, err))
        return nn_fail_in(err, "%s", path);
    if (!r->found)
        return nn_fail(err, NN_ENOTFOUND, "%s holds no %s", path, r->file);
    return split_pieces(r->t, r->classes, err) ? nn_fail_in(err, "%s: %s", path, r->file) : 0;
}

static int load_hand(struct nn_table *t, const char *path, struct nn_err *err)
{
    struct reader r = { t, "keypoint.csv", NN_HAND_FLOATS, 3, prepare_hand, 0 };

    return load(&r, path, err);
}

static int load_track(struct nn_table *t, const char *path, struct nn_err *err)
{
    struct reader r = { t, "point_history.csv", NN_TRACK_FLOATS, 4, prepare_track, 0 };

    return load(&r, path, err);
}

/* Left hands are mirrored right ones. */
static void vary_hand(const float *in, float *out, int *label, struct nn_rng *rng)
{
    float angle = nn_rng_range(rng, -0.5f, 0.5f), mirror = nn_rng_below(rng, 2) ? -1 : 1;
    float stretch = nn_rng_range(rng, 0.85f, 1.15f), xy[NN_HAND_FLOATS];
    float c = cosf(angle), s = sinf(angle);

    (void)label;
    for (int i = 0; i < NN_HAND_FLOATS; i += 2) {
        float x = mirror * stretch * in[i] + 0.015f * nn_rng_normal(rng);
        float y = in[i + 1] + 0.015f * nn_rng_normal(rng);
        xy[i] = c * x - s * y;
        xy[i + 1] = s * x + c * y;
    }
    nn_hand_features(xy, out);
}

/* Mirrored, a turn is the other turn. */
static void vary_track(const float *in, float *out, int *label, struct nn_rng *rng)
{
    enum { CLOCKWISE = 1, COUNTER_CLOCKWISE = 2 };
    int mirror = (int)nn_rng_below(rng, 2);
    float angle = nn_rng_range(rng, -0.5f, 0.5f), scale = nn_rng_range(rng, 0.75f, 1.33f);
    float c = scale * cosf(angle), s = scale * sinf(angle), xy[NN_TRACK_FLOATS];

    if (mirror && (*label == CLOCKWISE || *label == COUNTER_CLOCKWISE))
        *label = CLOCKWISE + COUNTER_CLOCKWISE - *label;
    for (int i = 0; i < NN_TRACK_POINTS; i++) {
        float x = (mirror ? -1 : 1) * in[i], y = in[NN_TRACK_POINTS + i];
        xy[2 * i] = c * x - s * y + 0.001f * nn_rng_normal(rng);
        xy[2 * i + 1] = s * x + c * y + 0.001f * nn_rng_normal(rng);
    }
    nn_track_features(xy, 1, out);
}

#define LICENCE "Apache-2.0, Kazuhito00/hand-gesture-recognition-using-mediapipe"

const struct nn_table_task nn_task_gesture = {
    .name = "gesture", .brief = "a hand's landmarks to a static gesture",
    .classes = "open,close,pointer", .features = NN_HAND_VERSION, .licence = LICENCE,
    .units = "x, y of 21 points from the wrist, divided by the largest magnitude; y down",
    .input = "hand", .channels = NN_HAND_FLOATS, .length = 1, .width = 32, .epochs = 20,
    .groups = "piece of the recording", .load = load_hand, .vary = vary_hand,
};

const struct nn_table_task nn_task_motion = {
    .name = "motion", .brief = "the track of a finger tip to a moving gesture",
    .classes = "stop,clockwise,counter-clockwise,move", .features = NN_TRACK_VERSION,
    .licence = LICENCE,
    .units = "x then y of 16 points from the oldest, in widths of the frame; y down",
    .input = "track", .channels = 2, .length = NN_TRACK_POINTS, .width = 16, .epochs = 40,
    .groups = "piece of the recording", .load = load_track, .vary = vary_track,
};
