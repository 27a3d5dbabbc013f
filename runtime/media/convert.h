/*
 * convert.h - a decoded AVFrame of any pixel format to an upright nn_image.
 *
 * The one place where colour is converted on the way in: the matrix (BT.601,
 * BT.709, BT.2020) and the range as the frame is tagged, untagged frames as
 * ITU-R BT.709 from 720 lines up and BT.601 below, which is what players do;
 * chroma is interpolated, sums are rounded. Alpha is dropped. PQ, HLG and BT.2020 become
 * SDR (tonemap.h).
 */
#ifndef NN_RUNTIME_MEDIA_CONVERT_H
#define NN_RUNTIME_MEDIA_CONVERT_H

#include <libavutil/frame.h>

#include "common/err.h"
#include "common/image.h"

struct SwsContext;
struct nn_tonemap;

/* Keeps the scaler between frames of one kind. Zeroed at first. */
struct nn_convert {
    struct SwsContext *sws;
    int w, h, format, matrix, full_range, deep;
    struct nn_image flat;       /* before rotation */
    struct nn_tonemap *tonemap; /* of HDR */
    uint8_t *plane;             /* green, blue, red; of HDR 16 bits each */
    int pitch;                  /* bytes of a plane's row */
};

void nn_convert_release(struct nn_convert *c);

/* Converts `f` and turns it clockwise by 0, 90, 180 or 270 degrees. `img` has the
 * wanted channels in its field (1, 3 or 4) and is made anew when its size differs:
 * start with { .channels = 3 }. Grey comes from full-range luma directly, else
 * from RGB by BT.601 weights. */
int nn_convert_frame(struct nn_convert *c, const AVFrame *f, int rotation, struct nn_image *img,
                     struct nn_err *err);

/* Clockwise degrees (0, 90, 180, 270) that set a picture with this display matrix
 * upright; NULL: 0. */
int nn_convert_rotation(const int32_t *matrix);

/* libav's own words on stderr would stand beside our one clear error: called by
 * everything here that opens something of libav's. Thread-safe. */
void nn_libav_quiet(void);

/* "no such codec" and the like, for an AVERROR; in `buf`, of 64 bytes. */
const char *nn_libav_error(int code, char buf[64]);

/* SWS_CS_* for an AVColorSpace, guessed from the height when untagged. */
int nn_convert_matrix(int colorspace, int h);

#endif
