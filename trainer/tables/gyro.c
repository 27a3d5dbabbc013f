/* Gestures of a hand that holds a gyroscope: windows of a recording, judged at their middle. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/imu/features.h"
#include "trainer/csv.h"
#include "trainer/tables/tasks.h"

/* A window every STRIDE samples: neighbours differ little. Recordings longer than MOST are no
 * recordings of a gesture. */
enum { GESTURES = 16, NONE = GESTURES, STRIDE = 4, MOST = 1 << 20 };

static const char *const columns[] = {
    "gyroX", "gyroY", "gyroZ", "accX", "accY", "accZ", "target2", NULL,
};

struct recording {
    struct nn_imu_sample *s;
    char *active;           /* the gesture is being done */
    int64_t n, cap;
};

static void release(struct recording *r)
{
    free(r->s);
    free(r->active);
}

static int append(struct recording *r, const double *v, const int *at, struct nn_err *err)
{
    if (r->n == MOST)
        return nn_fail(err, NN_EUNSUPPORTED, "more than %d samples", MOST);
    if (r->n == r->cap) {
        int64_t cap = r->cap ? 2 * r->cap : 2048;
        void *s = realloc(r->s, (size_t)cap * sizeof *r->s);
        void *a = s ? realloc(r->active, (size_t)cap) : NULL;
        if (s)
            r->s = s;
        if (a)
            r->active = a;
        if (!s || !a)
            return nn_fail_mem(err, "recording");
        r->cap = cap;
    }
    for (int k = 0; k < 3; k++) {
        r->s[r->n].gyro[k] = (float)v[at[k]];
        r->s[r->n].accel[k] = (float)v[at[3 + k]];
    }
    r->active[r->n++] = v[at[6]] > 0.5;
    return 0;
}

static int read_samples(struct recording *r, const char *name, const void *data, size_t size,
                        struct nn_err *err)
{
    struct nn_csv c;
    int at[7], width, more;

    nn_csv_init(&c, name, data, size);
    if ((width = nn_csv_head(&c, columns, at, err)) < 0)
        return -1;
    while ((more = nn_csv_row(&c, width, err)) > 0)
        if (append(r, c.v, at, err))
            return nn_fail_in(err, "%s", name);
    return more;
}

/* Windows whose middle lies in the recording; before and behind it the sensor rests. */
static int add_windows(struct nn_table *t, const struct recording *r, int gesture, int group,
                       struct nn_err *err)
{
    struct nn_imu_sample window[NN_IMU_WINDOW];
    float x[NN_IMU_FLOATS];
    int event = t->events - 1;

    for (int64_t i = 0; i < r->n; i++) {
        event += r->active[i] && (!i || !r->active[i - 1]);
        if (i % STRIDE)
            continue;
        for (int64_t k = 0; k < NN_IMU_WINDOW; k++) {
            int64_t from = i - NN_IMU_WINDOW / 2 + k;
            window[k] = from < 0 || from >= r->n ? (struct nn_imu_sample){ { 0 }, { 0 } }
                                                 : r->s[from];
        }
        nn_imu_features(window, x);
        if (nn_table_add(t, x, r->active[i] ? gesture : NONE, group, r->active[i] ? event : -1,
                         err))
            return -1;
    }
    return 0;
}

/* PERSON_gestureNN.csv */
static int take_file(void *arg, const char *name, const void *data, size_t size,
                     struct nn_err *err)
{
    struct nn_table *t = arg;
    struct recording r = { 0 };
    const char *base = nn_table_base(name), *mark = strstr(base, "_gesture");
    char person[NN_TABLE_NAME], *end = NULL;
    long gesture = mark ? strtol(mark + 8, &end, 10) : -1;
    int group, ret;

    if (!end || strcmp(end, ".csv") || mark == base)
        return 0;
    if (gesture < 0 || gesture >= GESTURES)
        return nn_fail(err, NN_EFORMAT, "%s: gesture %ld is none of 0 to %d", name, gesture,
                       GESTURES - 1);
    snprintf(person, sizeof person, "%.*s", (int)(mark - base), base);
    if ((group = nn_table_group(t, person, err)) < 0)
        return -1;
    ret = read_samples(&r, name, data, size, err) || add_windows(t, &r, (int)gesture, group, err);
    release(&r);
    return ret ? -1 : 0;
}

static int load(struct nn_table *t, const char *path, struct nn_err *err)
{
    nn_table_init(t, NN_IMU_FLOATS);
    if (nn_table_walk(path, take_file, t, err))
        return nn_fail_in(err, "%s", path);
    if (!t->events)
        return nn_fail(err, NN_ENOTFOUND, "%s holds no recorded gesture (PERSON_gestureNN.csv)",
                       path);
    return 0;
}

/* v turned by the rotation vector a (radians, small: second order is enough to stay a rotation
 * within a thousandth). */
static void turn(const float a[3], float v[3])
{
    float c[3], d[3];

    for (int k = 0; k < 3; k++)
        c[k] = a[(k + 1) % 3] * v[(k + 2) % 3] - a[(k + 2) % 3] * v[(k + 1) % 3];
    for (int k = 0; k < 3; k++)
        d[k] = a[(k + 1) % 3] * c[(k + 2) % 3] - a[(k + 2) % 3] * c[(k + 1) % 3];
    for (int k = 0; k < 3; k++)
        v[k] += c[k] + d[k] / 2;
}

/* The value of a channel at time `at`, between samples; still outside. */
static float between(const float *channel, float at)
{
    int i = (int)floorf(at);
    float part = at - (float)i;

    if (i < 0 || i + 1 >= NN_IMU_WINDOW)
        return 0;
    return (1 - part) * channel[i] + part * channel[i + 1];
}

/* Another pace, another strength, a sensor held a bit otherwise, and its noise. The middle stays
 * the middle. */
static void vary(const float *in, float *out, int *label, struct nn_rng *rng)
{
    struct nn_imu_sample s[NN_IMU_WINDOW];
    float pace = nn_rng_range(rng, 0.8f, 1.25f), strength = nn_rng_range(rng, 0.7f, 1.4f);
    float tilt[3], middle = NN_IMU_WINDOW / 2;

    (void)label;
    for (int k = 0; k < 3; k++)
        tilt[k] = nn_rng_range(rng, -0.2f, 0.2f);
    for (int i = 0; i < NN_IMU_WINDOW; i++) {
        float at = middle + ((float)i - middle) * pace;
        for (int k = 0; k < 3; k++) {
            s[i].gyro[k] = strength * between(in + k * NN_IMU_WINDOW, at) +
                           0.05f * nn_rng_normal(rng);
            s[i].accel[k] = strength * between(in + (3 + k) * NN_IMU_WINDOW, at) +
                            0.1f * nn_rng_normal(rng);
        }
        turn(tilt, s[i].gyro);
        turn(tilt, s[i].accel);
    }
    nn_imu_features(s, out);
}

const struct nn_table_task nn_task_gyro = {
    .name = "gyro", .brief = "a gyroscope's last 64 samples to a gesture of the hand that holds it",
    .classes = "left,right,forward,backward,bounce up,bounce down,turn left,turn right,"
               "shake left-right,shake up-down,tap 1,tap 2,tap 3,tap 4,tap 5,tap 6,none",
    .features = NN_IMU_VERSION,
    .units = "64 samples of gyro x y z in rad/s, accel x y z in m/s^2 without gravity",
    .licence = "MIT, swtietz/UHH-IMU-gestures-comparison",
    .input = "imu", .channels = NN_IMU_CHANNELS, .length = NN_IMU_WINDOW, .width = 32,
    .epochs = 30, .groups = "person", .load = load, .vary = vary,
};
