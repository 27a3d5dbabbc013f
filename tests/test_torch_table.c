/* Tables: features, CSV, what is refused, and networks that answer alike in engine and libtorch. */
#include <sys/stat.h>

#include "common/fs.h"
#include "common/stop.h"
#include "runtime/bio/features.h"
#include "runtime/hand/features.h"
#include "runtime/imu/features.h"
#include "tests/test.h"
#include "trainer/csv.h"
#include "trainer/table_fit.h"
#include "trainer/table_judge.h"
#include "trainer/torch.h"

static char dir[200];

static void hand_features(void)
{
    float xy[NN_HAND_FLOATS] = { 0 }, far[NN_HAND_FLOATS], a[NN_HAND_FLOATS], b[NN_HAND_FLOATS];

    for (int i = 0; i < NN_HAND_FLOATS; i++) {
        xy[i] = (float)(i * i % 37) - 7;
        far[i] = 3 * xy[i] + (i % 2 ? 200 : -90);      /* another size, another place */
    }
    nn_hand_features(xy, a);
    nn_hand_features(far, b);
    for (int i = 0; i < NN_HAND_FLOATS; i++) {
        CHECK_NEAR(a[i], b[i], 1e-5);
        CHECK(a[i] >= -1 && a[i] <= 1);
    }
    CHECK(a[0] == 0 && a[1] == 0);
    CHECK_NEAR(a[3] / a[2], (xy[3] - xy[1]) / (xy[2] - xy[0]), 1e-5);
    nn_hand_features(a, b);                             /* prepared twice is prepared once */
    CHECK(!memcmp(a, b, sizeof a));
    memset(xy, 0, sizeof xy);
    nn_hand_features(xy, a);
    CHECK(!memcmp(a, xy, sizeof a));
}

static void track_features(void)
{
    float xy[NN_TRACK_FLOATS], out[NN_TRACK_FLOATS];

    for (int i = 0; i < NN_TRACK_POINTS; i++) {
        xy[2 * i] = 100 + 64 * (float)i;
        xy[2 * i + 1] = 50 - 32 * (float)i;
    }
    nn_track_features(xy, 640, out);
    for (int i = 0; i < NN_TRACK_POINTS; i++) {
        CHECK_NEAR(out[i], 0.1 * i, 1e-6);
        CHECK_NEAR(out[NN_TRACK_POINTS + i], -0.05 * i, 1e-6);
    }
}

static void imu_features(void)
{
    static struct nn_imu_sample s[NN_IMU_WINDOW];
    float out[NN_IMU_FLOATS];

    for (int i = 0; i < NN_IMU_WINDOW; i++)
        s[i] = (struct nn_imu_sample){ { (float)i / 10, 1, -2 }, { 3, 4, (float)-i } };
    s[5].gyro[1] = 1000;
    s[6].accel[0] = -1000;
    nn_imu_features(s, out);
    CHECK_NEAR(out[63], 6.3, 1e-6);
    CHECK(out[64] == 1 && out[64 + 5] == 35 && out[2 * 64] == -2);
    CHECK(out[3 * 64] == 3 && out[3 * 64 + 6] == -160 && out[5 * 64 + 63] == -63);
}

static void bio_features(void)
{
    struct nn_bio_level rest = { 60, 40, NAN }, now = { 75, 20, 3 };
    float logits[NN_EMOTIONS] = { 1, -2, 30 }, out[NN_BIO_FLOATS];
    double at[12], interval[12], t = 9;

    nn_bio_features(logits, &now, &rest, out);
    CHECK(out[0] == 1 && out[1] == -2 && out[2] == 5 && out[NN_EMOTIONS] == 1);
    CHECK_NEAR(out[NN_BIO_RATE], 1.5, 1e-6);
    CHECK_NEAR(out[NN_BIO_VARIABILITY], log(0.5), 1e-6);
    CHECK(out[NN_BIO_VARIABILITY + 1] == 1 && !out[NN_BIO_SKIN] && !out[NN_BIO_SKIN + 1]);
    nn_bio_features(NULL, &now, &rest, out);
    CHECK(!out[2] && !out[NN_EMOTIONS]);
    for (int i = 0; i < 12; i++) {              /* 0.8 and 0.85 s in turn: differences of 50 ms */
        interval[i] = i % 2 ? 0.8 : 0.85;
        at[i] = t += interval[i];
    }
    CHECK_NEAR(nn_bio_rmssd(at, interval, 12), 50, 1e-3);
    CHECK(isnan(nn_bio_rmssd(at, interval, 10)));       /* 9 pairs */
    at[11] += 3;                                        /* a gap before the last */
    CHECK_NEAR(nn_bio_rmssd(at, interval, 12), 50, 1e-3);
    at[6] += 3;
    CHECK(isnan(nn_bio_rmssd(at, interval, 12)));
}

static void varied_rows_keep_their_kind(void)
{
    float in[NN_TRACK_FLOATS], out[NN_TRACK_FLOATS];
    int mirrored = 0;

    /* A circle, clockwise as one sees it: y goes down. */
    for (int i = 0; i < NN_TRACK_POINTS; i++) {
        in[i] = 0.1f * cosf(0.4f * (float)i);
        in[NN_TRACK_POINTS + i] = 0.1f * sinf(0.4f * (float)i);
    }
    for (uint64_t seed = 0; seed < 40; seed++) {
        struct nn_rng rng;
        int label = 1;
        double area = 0;
        nn_rng_seed(&rng, seed, 0);
        nn_task_motion.vary(in, out, &label, &rng);
        for (int i = 0; i + 1 < NN_TRACK_POINTS; i++)
            area += (double)out[i] * out[NN_TRACK_POINTS + i + 1] -
                    (double)out[i + 1] * out[NN_TRACK_POINTS + i];
        CHECK(area > 0 ? label == 1 : label == 2);
        mirrored += label == 2;
    }
    CHECK(mirrored > 8 && mirrored < 32);
}

static int csv(const char *text, int columns, int rows, const char *says)
{
    struct nn_err err = { 0 };
    struct nn_csv c;
    int more, n = 0;

    nn_csv_init(&c, "t.csv", text, strlen(text));
    while ((more = nn_csv_row(&c, columns, &err)) > 0)
        n++;
    return n == rows && (says ? more < 0 && strstr(err.msg, says) : !more);
}

static void csv_rows(void)
{
    const char *want[] = { "b", "c", NULL };
    struct nn_err err = { 0 };
    struct nn_csv c;
    int at[2];

    CHECK(csv("1,2\n3,-4e1\r\n\n 5 , 6 ", 2, 3, NULL));
    CHECK(csv("", 2, 0, NULL));
    CHECK(csv("1,2\n3,x\n", 2, 1, "line 2: \"x\" is no number"));
    CHECK(csv("1,2\n3,4.5.6\n", 2, 1, "line 2"));
    CHECK(csv("1,\n", 2, 0, "line 1"));
    CHECK(csv("1,nan\n", 2, 0, "nan"));
    CHECK(csv("1,1e999\n", 2, 0, "1e999"));
    nn_csv_init(&c, "t.csv", "1,,3\n1,x,3\n", 11);
    c.missing = 1;
    CHECK(nn_csv_row(&c, 3, &err) == 1 && isnan(c.v[1]) && c.v[2] == 3);
    CHECK(nn_csv_row(&c, 3, &err) == -1);
    CHECK(csv("\n1,2,3\n", 2, 0, "line 2: 3 numbers, not 2"));
    nn_csv_init(&c, "t.csv", "a,b,c\n1,2,3\n", 12);
    CHECK(nn_csv_head(&c, want, at, &err) == 3 && at[0] == 1 && at[1] == 2);
    CHECK(nn_csv_row(&c, 3, &err) == 1 && c.v[2] == 3 && c.line == 2);
    nn_csv_init(&c, "t.csv", "a,b,d\n", 6);
    CHECK(nn_csv_head(&c, want, at, &err) == -1 && strstr(err.msg, "no column \"c\""));
    nn_csv_init(&c, "t.csv", "\n", 1);
    CHECK(nn_csv_head(&c, want, at, &err) == -1 && strstr(err.msg, "empty"));
}

static void put(const char *name, const char *text)
{
    struct nn_err err = { 0 };
    char path[NN_PATH];

    CHECK_OK(nn_path(path, &err, "%s/%s", dir, name), &err);
    CHECK_OK(nn_file_write(path, text, strlen(text), &err), &err);
}

static int loads(const struct nn_table_task *task, const char *says)
{
    struct nn_table t = { 0 };
    struct nn_err err = { 0 };
    int ret = task->load(&t, dir, &err);

    nn_table_release(&t);
    if (says && !(ret < 0 && strstr(err.msg, says)))
        fprintf(stderr, "%s, not \"%s\"\n", err.msg, says);
    return says ? ret < 0 && strstr(err.msg, says) != NULL : !ret;
}

#define HEAD "fusedX,gyroX,gyroY,gyroZ,accX,accY,accZ,target2\n"

static void recordings(void)
{
    struct nn_table t = { 0 };
    struct nn_err err = { 0 };
    char text[4000] = HEAD;

    CHECK(loads(&nn_task_gesture, "no keypoint.csv"));
    CHECK(loads(&nn_task_gyro, "no recorded gesture"));
    put("p_gesture99.csv", HEAD);
    CHECK(loads(&nn_task_gyro, "gesture 99"));
    unlink(strcat(strcpy(text, dir), "/p_gesture99.csv"));
    put("p_gesture03.csv", "gyroX,gyroY\n1,2\n");
    CHECK(loads(&nn_task_gyro, "no column \"gyroZ\""));
    /* 40 samples, two gestures of 8. */
    strcpy(text, HEAD);
    for (int i = 0; i < 40; i++)
        sprintf(text + strlen(text), "0,%g,0,0,1,0,0,%d\n", i / 2.0, (i >= 8 && i < 16) || i >= 32);
    put("p_gesture03.csv", text);
    CHECK_OK(nn_task_gyro.load(&t, dir, &err), &err);
    CHECK(t.events == 2 && t.groups == 1 && !strcmp(t.group_name[0], "p"));
    for (int64_t i = 0; i < t.n; i++) {
        const float *x = t.x + i * t.floats;
        int sample = (int)(2 * x[NN_IMU_WINDOW / 2]);   /* gyro x counts the samples */
        int doing = (sample >= 8 && sample < 16) || sample >= 32;
        CHECK(t.label[i] == (doing ? 3 : 16));
        CHECK(t.event[i] == (doing ? sample >= 32 : -1));
        CHECK(sample < 4 || x[NN_IMU_WINDOW / 2 - 4] == (float)(sample - 4) / 2);
    }
    CHECK(t.n == 10);
    nn_table_release(&t);
    unlink(strcat(strcpy(text, dir), "/p_gesture03.csv"));
}

/* Two classes that differ in one feature's level, four pieces; one channel has odd units. */
static void made_table(struct nn_table *t, const struct nn_table_task *task)
{
    struct nn_err err = { 0 };
    struct nn_rng rng;
    float x[NN_IMU_FLOATS];

    nn_rng_seed(&rng, 3, 0);
    nn_table_init(t, task->channels * task->length);
    for (int g = 0; g < 3; g++)
        CHECK(nn_table_group(t, (const char *[]){ "a", "b", "c" }[g], &err) == g);
    for (int i = 0; i < 240; i++) {
        int label = i / 2 % 2;
        for (int k = 0; k < t->floats; k++)
            x[k] = 300 + 20 * nn_rng_normal(&rng) + (k % 3 == label ? 40.0f : 0);
        CHECK_OK(nn_table_add(t, x, label, i / 80, i / 2, &err), &err);
    }
}

static void same_row(const float *in, float *out, int *label, struct nn_rng *rng)
{
    (void)label;
    (void)rng;
    memcpy(out, in, NN_TRACK_FLOATS * sizeof *out);
}

static void count_epochs(void *arg, const struct nn_table_epoch *e)
{
    CHECK(e->number == ++*(int64_t *)arg);
}

static void learns(int channels, int length)
{
    struct nn_table_task task = nn_task_motion;
    struct nn_table_opts o = { .epochs = 8, .batch = 16, .seed = 4, .threads = 1, .width = 8,
                               .rate = 0.02, .ema = 0.9, .dropout = 0.1 };
    struct nn_table t;
    struct nn_err err = { 0 };
    struct nn_graph *g, *again;
    struct nn_left_out out;
    int64_t epochs = 0;
    static float logits[240 * 2], other[240 * 2];
    double difference;

    task.vary = same_row;
    task.classes = "one,two";
    task.channels = channels;
    task.length = length;
    made_table(&t, &task);
    CHECK(nn_task_classes(&task) == 2);
    g = nn_table_train(&t, &task, &o, 1, count_epochs, &epochs, &err);
    CHECK_OK(g ? 0 : -1, &err);
    CHECK(epochs == 8 && !strcmp(nn_graph_meta(g, "neonnoir.task"), "motion"));
    CHECK_OK(nn_table_verify(g, &t, 2, &difference, &err), &err);
    CHECK(difference <= 1e-4);
    CHECK_OK(nn_table_answers(g, &t, 2, 1, logits, &err), &err);
    CHECK(logits[0] == 0 && logits[80 * 2] != 0);       /* group 1 alone was asked */
    CHECK_OK(nn_table_judge(&t, 2, 1, logits, &out, &err), &err);
    CHECK(nn_tally_total(&out.row) == 80 && nn_tally_total(&out.event) == 40);
    CHECK(nn_tally_accuracy(&out.row) > 0.9 && nn_tally_accuracy(&out.event) > 0.9);
    CHECK_NEAR(nn_tally_baseline(&out.row), 0.5, 1e-9);
    epochs = 0;
    again = nn_table_train(&t, &task, &o, 1, count_epochs, &epochs, &err);
    CHECK_OK(nn_table_answers(again, &t, 2, 1, other, &err), &err);
    CHECK(!memcmp(logits, other, sizeof logits));
    nn_graph_free(g);
    nn_graph_free(again);
    nn_table_release(&t);
}

static void figures(void)
{
    struct nn_tally t = { .classes = 3, .count = { { 6, 2 }, { 1, 1 } }, .baseline = 8 };
    double v[] = { 0.9, 0.7, 0.8 };
    struct nn_spread s = nn_spread_of(v, 3);

    CHECK_NEAR(nn_tally_accuracy(&t), 0.7, 1e-12);
    CHECK_NEAR(nn_tally_baseline(&t), 0.8, 1e-12);
    CHECK_NEAR(nn_tally_macro_f1(&t), (12 / 15.0 + 2 / 5.0) / 2, 1e-12);
    CHECK_NEAR(nn_tally_recall(&t), (0.75 + 0.5) / 2, 1e-12);
    CHECK_NEAR(s.mean, 0.8, 1e-12);
    CHECK_NEAR(s.deviation, 0.1, 1e-12);
    CHECK_NEAR(s.least, 0.7, 1e-12);
}

int main(void)
{
    struct nn_err err = { 0 };

    CHECK_OK(nn_torch_setup(1, &err), &err);
    CHECK(test_scratch(dir, sizeof dir));
    hand_features();
    track_features();
    imu_features();
    bio_features();
    varied_rows_keep_their_kind();
    csv_rows();
    recordings();
    learns(NN_TRACK_FLOATS, 1);
    learns(2, NN_TRACK_POINTS);
    figures();
    rmdir(dir);
    return test_done();
}
