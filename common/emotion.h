/*
 * emotion.h - the seven emotions, their order and their colours, in one place.
 *
 * The order is the alphabetical one of FER2013's class folders and of our
 * networks' outputs. Valence and arousal place each on Russell's circumplex
 * ("A circumplex model of affect", 1980), -1..1; the figures are ours, read
 * off its published plots, and serve to turn probabilities into two signals.
 */
#ifndef NN_COMMON_EMOTION_H
#define NN_COMMON_EMOTION_H

#include <stdint.h>

enum nn_emotion {
    NN_ANGRY,
    NN_DISGUST,
    NN_FEAR,
    NN_HAPPY,
    NN_NEUTRAL,
    NN_SAD,
    NN_SURPRISE,
    NN_EMOTIONS         /* how many */
};

struct nn_emotion_info {
    const char *name;       /* class folder, tag emotion/NAME: "happy" */
    const char *signal;     /* behind "face.": "joy" */
    float valence, arousal; /* -1..1 */
    uint8_t rgb[3];         /* its colour in every chart and overlay */
};

/* How somebody feels, now: what is known of it, zeros where nothing is. */
struct nn_mood {
    float emotion[NN_EMOTIONS]; /* 0..1, times how far they are believed */
    float valence, arousal;     /* -1..1 */
    float presence;             /* how much of a face is there, 0..1 */
    float micro;                /* jumps to 0..1 with a micro-expression, gone in a second */
    float beat;                 /* of the heart: 1 when it beats, falling until the next */
};

/* Their names in order, as a model's metadata list them. */
#define NN_EMOTION_CLASSES "angry,disgust,fear,happy,neutral,sad,surprise"

extern const struct nn_emotion_info nn_emotions[NN_EMOTIONS];

/* By name or common synonym ("anger", "joy", "sadness"), any case; -1 when
 * there is none. */
int nn_emotion_find(const char *name);

#endif
