#include "runtime/signals/bus.h"

#include <math.h>
#include <string.h>

static const struct nn_signal_info others[] = {
    [NN_SIG_PRESENT] = { "face.present", "", 0, 1, "how much a face is there; fades in and out" },
    [NN_SIG_COUNT] = { "face.count", "faces", 0, 32, "faces seen in this frame" },
    [NN_SIG_X] = { "face.x", "widths", 0, 1, "centre of the strongest face, 0 left, 1 right" },
    [NN_SIG_Y] = { "face.y", "heights", 0, 1, "centre of the strongest face, 0 top, 1 bottom" },
    [NN_SIG_SIZE] = { "face.size", "heights", 0, 1, "side of the strongest face" },
    [NN_SIG_VALENCE] = { "face.valence", "", -1, 1, "unpleasant to pleasant" },
    [NN_SIG_AROUSAL] = { "face.arousal", "", -1, 1, "calm to excited" },
    [NN_SIG_CUT] = { "shot.cut", "", 0, 1, "1 at a cut, gone after half a second" },
    [NN_SIG_SHOT] = { "shot.seconds", "s", 0, 86400, "since the last cut" },
    [NN_SIG_TIME] = { "time.seconds", "s", 0, 86400, "since the film began" },
    [NN_SIG_BREATH] = { "time.breath", "", 0, 1, "swells and falls every four seconds" },
    [NN_SIG_HEAD_YAW] = { "head.yaw", "degrees", -90, 90, "head turned to the picture's right" },
    [NN_SIG_HEAD_PITCH] = { "head.pitch", "degrees", -90, 90, "head raised" },
    [NN_SIG_HEAD_ROLL] = { "head.roll", "degrees", -180, 180, "head leaned clockwise" },
    [NN_SIG_SURE] = { "face.sure", "", 0, 1, "how far the emotions can be believed; they fade with "
                      "it" },
    [NN_SIG_PULSE_BPM] = { "pulse.bpm", "1/min", 0, 300, "heart rate, from OSC or a recording" },
    [NN_SIG_PULSE_PHASE] = { "pulse.phase", "turns", 0, 1,
                             "0 at a heartbeat, 1 at the next; runs by pulse.bpm unless fed" },
    [NN_SIG_PULSE_BEAT] = { "pulse.beat", "", 0, 1,
                            "1 at a heartbeat, falling until the next; follows the phase unless "
                            "fed" },
    [NN_SIG_EDA] = { "eda.arousal", "", 0, 1,
                     "arousal by the skin's conductance, from OSC or a recording" },
    [NN_SIG_IMU_YAW] = { "imu.yaw", "degrees", -180, 180, "turn of a gyroscope, from OSC or a "
                         "recording" },
    [NN_SIG_IMU_PITCH] = { "imu.pitch", "degrees", -90, 90, "its nod" },
    [NN_SIG_IMU_ROLL] = { "imu.roll", "degrees", -180, 180, "its tilt" },
    [NN_SIG_SCENE] = { "scene.number", "", 0, 15, "the patch's scene that is on, from 0" },
    [NN_SIG_SCENE_LAST] = { "scene.last", "", 0, 15, "the one that fades out" },
    [NN_SIG_SCENE_FADE] = { "scene.fade", "", 0, 1, "how far the fade has come; 1: none is on" },
    [NN_SIG_MICRO] = { "face.micro", "", 0, 1, "jumps when a micro-expression ends, gone in a "
                       "second" },
    [NN_SIG_DREAM_MOVED] = { "dream.moved", "radii", 0, 86400, "how far the effect dream's latent "
                             "went" },
    [NN_SIG_DREAM_PACE] = { "dream.pace", "radii/s", 0, 100, "how fast it goes" },
    [NN_SIG_DREAM_PUSH] = { "dream.push", "", 0, 100, "how hard the emotions push it" },
};

/* One of these for each emotion, built from the one list of them. */
#define FELT(e, name) [e] = { "face." name, "", 0, 1, name " in the strongest face, smoothed" }
static const struct nn_signal_info felt[NN_EMOTIONS] = {
    FELT(NN_ANGRY, "anger"), FELT(NN_DISGUST, "disgust"), FELT(NN_FEAR, "fear"),
    FELT(NN_HAPPY, "joy"), FELT(NN_NEUTRAL, "neutral"), FELT(NN_SAD, "sadness"),
    FELT(NN_SURPRISE, "surprise"),
};

const struct nn_signal_info *nn_signal_info(int s)
{
    int e = s - NN_SIG_EMOTION;

    return e >= 0 && e < NN_EMOTIONS ? &felt[e] : &others[s];
}

int nn_signal_find(const char *name)
{
    for (int s = 0; s < NN_SIGNALS; s++)
        if (!strcmp(nn_signal_info(s)->name, name))
            return s;
    return -1;
}

void nn_bus_init(struct nn_bus *b)
{
    memset(b, 0, sizeof *b);
    for (int s = 0; s < NN_BUS; s++)
        b->time[s] = -1;
    b->value[NN_SIG_SCENE_FADE] = 1;
    b->value[NN_SIG_X] = b->value[NN_SIG_Y] = 0.5f;
}

void nn_bus_put(struct nn_bus *b, int s, const struct nn_signal_info *info, float value, double t)
{
    if (isnan(value))
        return;
    b->value[s] = value < info->min ? info->min : value > info->max ? info->max : value;
    b->time[s] = t;
}

void nn_bus_set(struct nn_bus *b, int s, float value, double t)
{
    nn_bus_put(b, s, nn_signal_info(s), value, t);
}

void nn_bus_pulse(struct nn_bus *b, double dt)
{
    const float *bpm = &b->value[NN_SIG_PULSE_BPM];
    float *phase = &b->value[NN_SIG_PULSE_PHASE];

    if (b->time[NN_SIG_PULSE_PHASE] < 0 && b->time[NN_SIG_PULSE_BPM] < 0)
        return;                 /* nobody's heart */
    if (b->time[NN_SIG_PULSE_PHASE] < 0)
        *phase = (float)fmod((double)*phase + dt * (double)*bpm / 60, 1);
    if (b->time[NN_SIG_PULSE_BEAT] < 0)
        b->value[NN_SIG_PULSE_BEAT] = (1 - *phase) * (1 - *phase);
}

int nn_signal_log_open(struct nn_signal_log *l, const char *path,
                       const struct nn_own_signals *own, struct nn_err *err)
{
    if (nn_atomic_open(&l->file, path, err))
        return -1;
    l->count = NN_SIGNALS + (own ? own->count : 0);
    fputs("frame,seconds", l->file.f);
    for (int s = 0; s < l->count; s++)
        fprintf(l->file.f, ",%s",
                s < NN_SIGNALS ? nn_signal_info(s)->name : own->info[s - NN_SIGNALS].name);
    fputc('\n', l->file.f);
    return 0;
}

void nn_signal_log_row(struct nn_signal_log *l, const struct nn_bus *b, int64_t frame, double t)
{
    fprintf(l->file.f, "%lld,%.6f", (long long)frame, t);
    for (int s = 0; s < l->count; s++)
        fprintf(l->file.f, ",%.5g", (double)b->value[s]);
    fputc('\n', l->file.f);
}

int nn_signal_log_close(struct nn_signal_log *l, struct nn_err *err)
{
    return nn_atomic_commit(&l->file, err);
}

void nn_signal_log_abort(struct nn_signal_log *l)
{
    nn_atomic_abort(&l->file);
}
