/*
 * looks.h - a few numbers for how a picture looks, all of its encoded (sRGB) values in 0..1.
 */
#ifndef NN_TRAINER_LOOKS_H
#define NN_TRAINER_LOOKS_H

enum nn_look_kind {
    NN_LOOK_BRIGHTNESS,     /* mean of BT.709's luma */
    NN_LOOK_CONTRAST,       /* its deviation */
    NN_LOOK_SATURATION,     /* mean of the largest less the smallest of R, G, B */
    NN_LOOK_WARMTH,         /* mean of R - B: red and amber over blue */
    NN_LOOK_MAGENTA,        /* mean of (R + B) / 2 - G: magenta over green */
    NN_LOOK_DETAIL,         /* mean difference of neighbours' luma */
    NN_LOOK_NEON,           /* root of the share of glowing pixels times that of dark ones: a pixel
                             * glows by how bright its strongest channel and how far the weakest
                             * from it is, both beyond 0.5 and 0.3, and is dark below 0.25; each
                             * through a slope 0.2 wide, so that small changes count */
    NN_LOOKS
};

extern const char *const nn_look_names[NN_LOOKS];

/* Of a picture (3, size, size) of -1..1. */
void nn_looks(const float *image, int size, double out[NN_LOOKS]);

#endif
