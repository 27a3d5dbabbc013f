/*
 * bench_faces.c - every face detector at hand over every clip at hand: what it costs, how often
 * it sees a face, how many identities the tracker makes of them, how its boxes lie beside the
 * cascade's. Then the networks' own time beside OpenCV's DNN module with the same file: the
 * cv::FaceDetectorYN of Debian 12's OpenCV 4.6 cannot read today's YuNet (12 outputs), and its
 * time is that module's.
 *
 * Columns: milliseconds of a full search and of following; frames with a face; faces a frame;
 * identities given (/ people there, who are counted anew in every shot); how often the strongest
 * face of a shot became another one; how much boxes shake (median second difference, in sides);
 * the cascade's box beside the network's, in its sides (frames that this is the median of).
 *
 *   bench_faces [DETECTOR [CLIP]]       only those whose names contain the words
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fs.h"
#include "common/log.h"
#include "common/progress.h"
#include "export/dnn.h"
#include "runtime/face/follow.h"
#include "runtime/face/track.h"
#include "runtime/media/reader.h"
#include "runtime/media/shots.h"
#include "runtime/onnx/onnx.h"

#define DOC "/usr/share/doc/opencv-doc/examples/data/"
#define ASL "video/asl/"

/* `people`: how many identities there are, where a person counted them; 0: not known. */
static const struct { const char *path; int people; } clips[] = {
    { DOC "Megamind.avi", 6 }, { DOC "tree.avi", 0 }, { DOC "vtest.avi", 0 },
    { ASL "again.mkv", 1 }, { ASL "book.mkv", 1 }, { ASL "eat.mkv", 1 }, { ASL "hungry.mkv", 1 },
    { ASL "milk.mkv", 1 }, { ASL "no.mkv", 1 }, { ASL "school.mkv", 1 }, { ASL "sorry.mkv", 1 },
    { ASL "thanks.mkv", 1 }, { ASL "want.mkv", 1 },
    { "video/big-buck-bunny_trailer.webm", 0 }, { "video/pyscenedetect/testvideo.mp4", 0 },
};

static const char *const models[] = {
    "cascade", "models/ultraface/version-RFB-320.onnx",
    "models/ultraface/version-slim-320_without_postprocessing.onnx",
    "models/yunet/yunet_n_320_320.onnx", "models/yunet/yunet_s_dynamic.onnx",
    "models/mediapipe-onnx/face_detection_front_128x128_barracuda.onnx",
    "models/mediapipe-tflite/face_detection_short_range.tflite",
};

enum { MAX_FRAMES = 300, EACH = 4, RUNS = 60 };     /* the slow cascade sees every fourth frame */

struct tally {
    int frames, with_face, faces, tracks, switches, gaps;
    double full_ms[MAX_FRAMES], follow_ms[MAX_FRAMES];
    float dx[MAX_FRAMES], dy[MAX_FRAMES], size[MAX_FRAMES], jerk[2][MAX_FRAMES];
    int pairs, jerks[2];
};

static int by_double(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static int by_float(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

static double median(double *v, int n)
{
    qsort(v, (size_t)n, sizeof *v, by_double);
    return n ? v[n / 2] : 0;
}

static double medianf(float *v, int n)
{
    qsort(v, (size_t)n, sizeof *v, by_float);
    return n ? (double)v[n / 2] : 0;
}

/* How the largest face's box lies beside the cascade's: shift of the centre and size, in the
 * cascade's sides. */
static void compare(struct tally *t, const struct nn_face *f, int n, const struct nn_face *c, int m)
{
    if (n < 1 || m < 1 || t->pairs >= MAX_FRAMES || !nn_box_overlap(f[0].box, c[0].box) ||
        f[0].box.w > 2 * c[0].box.w || f[0].box.w < 0.5f * c[0].box.w)
        return;
    t->dx[t->pairs] = (c[0].box.x + c[0].box.w / 2 - f[0].box.x - f[0].box.w / 2) / f[0].box.w;
    t->dy[t->pairs] = (c[0].box.y + c[0].box.h / 2 - f[0].box.y - f[0].box.h / 2) / f[0].box.w;
    t->size[t->pairs++] = c[0].box.w / f[0].box.w;
}

/* How much the largest box shakes: the second difference of its centre and side, in sides. */
static void shake(struct tally *t, int which, const struct nn_face *now, float past[2][3],
                  int known)
{
    float v[3] = { now->box.x + now->box.w / 2, now->box.y + now->box.h / 2, now->box.w }, sum = 0;

    for (int i = 0; i < 3; i++) {
        sum += fabsf(v[i] - 2 * past[0][i] + past[1][i]);
        past[1][i] = past[0][i];
        past[0][i] = v[i];
    }
    if (known >= 2 && t->jerks[which] < MAX_FRAMES)
        t->jerk[which][t->jerks[which]++] = sum / v[2];
}

static int watch(struct nn_detector *d, struct nn_detector *cascade, const char *path,
                 struct tally *t, struct nn_err *err)
{
    struct nn_reader *r = nn_reader_open(path, err);
    struct nn_shots *shots = r ? nn_shots_new(err) : NULL;
    struct nn_follow follow = { .count = 0 };
    struct nn_tracker tracker;
    struct nn_face face[NN_MAX_FACES], full[NN_MAX_FACES], other[NN_MAX_FACES];
    float past[2][2][3] = { { { 0 } } };
    const struct nn_image *img;
    int of[NN_MAX_FACES], last = 0, known[2] = { 0 }, got = -1, m = 0;
    int64_t pts;
    double tb;

    nn_tracker_init(&tracker);
    while (shots && (got = nn_reader_next(r, &img, &pts, err)) > 0 && t->frames < MAX_FRAMES) {
        int cut = nn_shots_feed(shots, img, err), n, all;
        double t0 = nn_now(), t1;
        tb = (double)nn_reader_info(r)->frame_rate.den / (double)nn_reader_info(r)->frame_rate.num;
        if (cut)
            nn_tracker_cut(&tracker);
        if ((all = nn_detect(d, img, full, err)) < 0)
            break;
        t1 = nn_now();
        if ((n = nn_follow(&follow, d, img, cut, face, err)) < 0)
            break;
        t->full_ms[t->frames] = 1e3 * (t1 - t0);
        t->follow_ms[t->frames] = 1e3 * (nn_now() - t1);
        if (cascade && t->frames % EACH == 0 &&
            (m = nn_detect(cascade, img, other, err)) >= 0)
            compare(t, full, all, other, m);
        nn_tracker_update(&tracker, face, n, t->frames ? tb : 0, of);
        for (int i = 0; i < 2; i++) {
            if (cut || !(i ? n : all))
                known[i] = 0;
            if (i ? n : all)
                shake(t, i, i ? &face[0] : &full[0], past[i], known[i]++);
        }
        const struct nn_track *lead = nn_tracker_lead(&tracker);
        if (cut)
            last = 0;
        if (lead && last && lead->id != last)
            t->switches++;
        if (lead)
            last = lead->id;
        t->with_face += n > 0;
        t->faces += n;
        t->frames++;
    }
    t->tracks = tracker.last_id;
    nn_shots_free(shots);
    nn_reader_close(r);
    return got;
}

static void full_path(char out[NN_PATH], const char *data, const char *name)
{
    if (*name == '/' || !strcmp(name, "cascade"))
        snprintf(out, NN_PATH, "%s", name);
    else
        snprintf(out, NN_PATH, "%s/%s", data, name);
}

static const char *base(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* One model on one core in both engines, run about: the least milliseconds of each. */
static void beside_opencv(const char *path, struct nn_err *err)
{
    struct nn_engine *e = nn_engine_load(path, NULL, err);
    const struct nn_graph *g = e ? nn_engine_graph(e) : NULL;
    struct nn_graph *file = e ? nn_onnx_read(path, err) : NULL;
    struct nn_dnn *d = file ? nn_dnn_load(path, file, 1, err) : NULL;
    struct nn_value in = { .type = NN_F32, .ndim = 4 };
    double best[2] = { 1e9, 1e9 };
    size_t n = 1;

    for (int i = 0; d && i < 4; i++) {
        in.dim[i] = g->tensor[g->in[0]].dim[i] < 0 ? i ? 320 : 1 : g->tensor[g->in[0]].dim[i];
        n *= (size_t)in.dim[i];
    }
    in.name = d ? g->tensor[g->in[0]].name : NULL;
    in.data = d ? calloc(n, sizeof(float)) : NULL;
    for (int i = 0; i < 2 * RUNS && in.data; i++) {
        double t0 = nn_now();
        if (i % 2 ? nn_dnn_run(d, &in, 1, err) : nn_engine_run(e, &in, 1, err)) {
            best[i % 2] = 0;
            break;
        }
        best[i % 2] = fmin(best[i % 2], 1e3 * (nn_now() - t0));
    }
    if (in.data && best[0] > 0 && best[1] > 0)
        printf("%-44s %7.2f %7.2f %6.2f\n", base(path), best[0], best[1], best[1] / best[0]);
    else
        printf("%-44s %s\n", base(path), err->msg);
    free(in.data);
    nn_dnn_free(d);
    nn_graph_free(file);
    nn_engine_free(e);
}

int main(int argc, char **argv)
{
    const char *data = getenv("NEONNOIR_TESTDATA");
    struct nn_err err = { 0 };
    struct nn_detector *cascade = nn_detector_new("cascade", NULL, &err);
    static struct tally t;
    char path[NN_PATH], ids[24];

    data = data ? data : "../shared/data";
    printf("%-28.28s %-22s %6s %6s %6s %6s %5s %5s %s  %s\n", "detector", "clip", "full", "follow",
           "seen", "faces", "ids", "swaps", "shakes followed",
           "the cascade's box: right, down, size");
    for (size_t m = 0; m < sizeof models / sizeof *models; m++) {
        struct nn_detector *d;
        if (argc > 1 && !strstr(models[m], argv[1]))
            continue;
        full_path(path, data, models[m]);
        if (!(d = nn_detector_new(path, NULL, &err))) {
            printf("%-28.28s %s\n", base(models[m]), err.msg);
            continue;
        }
        for (size_t c = 0; c < sizeof clips / sizeof *clips; c++) {
            if (argc > 2 && !strstr(clips[c].path, argv[2]))
                continue;
            full_path(path, data, clips[c].path);
            if (!nn_exists(path))
                continue;
            memset(&t, 0, sizeof t);
            if (watch(d, m ? cascade : NULL, path, &t, &err) < 0)
                printf("%s: %s\n", path, err.msg);
            snprintf(ids, sizeof ids, "%d", t.tracks);
            if (clips[c].people)
                snprintf(ids, sizeof ids, "%d/%d", t.tracks, clips[c].people);
            printf("%-28.28s %-22.22s %6.2f %6.2f %5.1f%% %6.2f %5s %5d %6.4f %6.4f",
                   base(models[m]), base(clips[c].path), median(t.full_ms, t.frames),
                   median(t.follow_ms, t.frames), 100.0 * t.with_face / t.frames,
                   (double)t.faces / t.frames, ids, t.switches, medianf(t.jerk[0], t.jerks[0]),
                   medianf(t.jerk[1], t.jerks[1]));
            if (t.pairs)
                printf("  %+.3f %+.3f %.3f (%d)", medianf(t.dx, t.pairs), medianf(t.dy, t.pairs),
                       medianf(t.size, t.pairs), t.pairs);
            putchar('\n');
            fflush(stdout);
        }
        nn_detector_free(d);
    }
    nn_detector_free(cascade);
    printf("\n%-44s %7s %7s %6s\n", "one run on one core, ms", "ours", "OpenCV", "ratio");
    for (size_t m = 1; m < sizeof models / sizeof *models; m++)
        if (strstr(models[m], ".onnx") && (argc < 2 || strstr(models[m], argv[1]))) {
            full_path(path, data, models[m]);
            beside_opencv(path, &err);
        }
    return 0;
}
