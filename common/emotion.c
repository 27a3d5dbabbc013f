#include "common/emotion.h"

#include <strings.h>

const struct nn_emotion_info nn_emotions[NN_EMOTIONS] = {
    { "angry",    "anger",    -0.6f,  0.8f, { 255,  45,  70 } },
    { "disgust",  "disgust",  -0.7f,  0.3f, { 140, 200,  60 } },
    { "fear",     "fear",     -0.7f,  0.7f, { 160,  90, 255 } },
    { "happy",    "joy",       0.8f,  0.5f, { 255, 200,  40 } },
    { "neutral",  "neutral",   0.0f,  0.0f, { 150, 160, 175 } },
    { "sad",      "sadness",  -0.7f, -0.5f, {  60, 130, 255 } },
    { "surprise", "surprise",  0.2f,  0.8f, {  60, 235, 225 } },
};

static const struct { const char *word; enum nn_emotion is; } synonyms[] = {
    { "rage", NN_ANGRY }, { "disgusted", NN_DISGUST }, { "afraid", NN_FEAR },
    { "fearful", NN_FEAR },
    { "happiness", NN_HAPPY }, { "sorrow", NN_SAD }, { "surprised", NN_SURPRISE },
};

int nn_emotion_find(const char *name)
{
    for (int i = 0; i < NN_EMOTIONS; i++)
        if (!strcasecmp(name, nn_emotions[i].name) || !strcasecmp(name, nn_emotions[i].signal))
            return i;
    for (unsigned i = 0; i < sizeof synonyms / sizeof *synonyms; i++)
        if (!strcasecmp(name, synonyms[i].word))
            return synonyms[i].is;
    return -1;
}
