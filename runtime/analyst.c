#include "runtime/analyst.h"

#include <math.h>
#include <string.h>

#include "common/fs.h"
#include "common/progress.h"
#include "runtime/face/align.h"

int nn_analyst_init(struct nn_analyst *a, const struct nn_analyst_opts *o, struct nn_err *err)
{
    char path[NN_PATH];

    memset(a, 0, sizeof *a);
    nn_tracker_init(&a->seen.faces);
    a->baseline = o->baseline ? o->baseline > 0 : o->live;
    if (!o->model && nn_data_path(path, "models/emotion.onnx", NULL))
        return nn_fail(err, NN_ENOTFOUND, "the bundled model models/emotion.onnx is missing; name "
                       "an emotion model with --model FILE");
    if (!(a->detector = nn_detector_new(o->face_model, &o->engine, err)) ||
        nn_landmarker_new(&a->landmarker, NULL, &o->engine, err) ||
        !(a->recogniser = nn_recogniser_new(o->model, &o->engine, err)) ||
        !(a->micro = nn_micro_new(err)) ||
        !(a->shots = nn_shots_new(err)))
        return -1;
    return o->live ? nn_shots_live(a->shots, err) : 0;
}

void nn_analyst_release(struct nn_analyst *a)
{
    nn_shots_free(a->shots);
    nn_micro_free(a->micro);
    nn_recogniser_free(a->recogniser);
    nn_landmarker_free(a->landmarker);
    nn_detector_free(a->detector);
    memset(a, 0, sizeof *a);
}

/* The largest faces' points, those of the largest kept. */
static int mark(struct nn_analyst *a, const struct nn_image *img, struct nn_face *face, int n,
                struct nn_err *err)
{
    enum { MOST = 4 };
    struct nn_landmarks others;

    a->seen.marks.count = 0;
    for (int i = 0; i < n && i < MOST && a->landmarker; i++) {
        others.id = 0;
        if (nn_landmarker_find(a->landmarker, img, &face[i], i ? &others : &a->seen.marks,
                               err) < 0)
            return -1;
    }
    return 0;
}

/* Micro-expressions that end in this frame, and what is left of earlier ones. */
static void spot(struct nn_analyst *a, const struct nn_image *in, struct nn_track *k,
                 const float prob[NN_EMOTIONS], double t, double dt)
{
    struct nn_micro_event e;

    k->micro *= (float)exp(-dt / 0.3);
    if (!nn_micro_look(a->micro, in, k, prob, t, &e))
        return;
    k->micro = fmaxf(k->micro, e.strength);
    if (a->seen.micros < NN_MAX_MICRO)
        a->seen.micro[a->seen.micros++] = e;
}

/* Moods of the faces found now, cut by their smoothed boxes: a cascade's own jump
 * about, and the network would see another crop in every frame. */
static int feel(struct nn_analyst *a, const struct nn_image *in, int n, const int *of, double t,
                double dt, struct nn_err *err)
{
    float prob[NN_MAX_FACES][NN_EMOTIONS], affect[NN_MAX_FACES][2];
    struct nn_box box[NN_MAX_FACES];
    float roll[NN_MAX_FACES];
    int track[NN_MAX_FACES], m = 0;

    for (int i = 0; i < n; i++)
        if (of[i] >= 0) {
            const struct nn_track *k = &a->seen.faces.track[of[i]];
            track[m] = of[i];
            roll[m] = k->points ? nn_face_lean(k->point) : 0;
            box[m++] = k->box;
        }
    if (m && nn_recognise_leaning(a->recogniser, in, box, roll, m, prob, affect, err))
        return -1;
    for (int i = 0; i < m; i++) {
        struct nn_track *k = &a->seen.faces.track[track[i]];
        spot(a, in, k, prob[i], t, dt);
        if (a->baseline)
            nn_baseline_take(&k->rest, prob[i], dt);
        nn_track_feel(k, prob[i], affect[i], nn_recogniser_silence(a->recogniser), dt);
    }
    return 0;
}

int nn_analyst_look(struct nn_analyst *a, const struct nn_image *img, double t,
                    struct nn_err *err)
{
    struct nn_seen *seen = &a->seen;
    double t0 = nn_now(), t1, dt = seen->looks ? t - seen->t : 0;
    struct nn_face face[NN_MAX_FACES];
    int of[NN_MAX_FACES], n, cut = nn_shots_feed(a->shots, img, err);

    if (cut < 0 || (n = nn_follow(&a->follow, a->detector, img, cut, face, err)) < 0 ||
        mark(a, img, face, n, err))
        return -1;
    t1 = nn_now();
    if (cut) {
        nn_tracker_cut(&seen->faces);
        nn_micro_cut(a->micro);
    }
    if (cut || !seen->looks)
        seen->cut_t = t;
    seen->cuts += cut;
    nn_tracker_update(&seen->faces, face, n, dt, of);
    seen->marks.id = seen->marks.count && of[0] >= 0 ? seen->faces.track[of[0]].id : 0;
    seen->micros = 0;
    if (feel(a, img, n, of, t, dt, err))
        return -1;
    seen->t = t;
    seen->looks++;
    seen->detect_ms = (float)(1e3 * (t1 - t0));
    seen->emotion_ms = (float)(1e3 * (nn_now() - t1));
    return 0;
}
