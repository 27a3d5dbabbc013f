/*
 * image.h - a picture in memory: 8-bit, interleaved, tightly packed rows.
 *
 * 1 channel is grey, 3 are RGB (sRGB encoded), 4 RGB with straight alpha (overlays).
 * Reading and writing files is runtime/media/picture.h; drawing on them is
 * runtime/draw/canvas.h.
 */
#ifndef NN_COMMON_IMAGE_H
#define NN_COMMON_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

struct nn_image {
    int w, h, channels;     /* 1, 3 or 4 */
    uint8_t *px;            /* w * h * channels bytes, owned */
};

/* A box in pixels of the picture it belongs to; x, y of the top left corner. */
struct nn_box {
    float x, y, w, h;
};

/* Zeroed (black). Sizes 1..32768. Release with nn_image_release(). */
int nn_image_init(struct nn_image *img, int w, int h, int channels, struct nn_err *err);
void nn_image_release(struct nn_image *img);    /* a zeroed one is fine */

static inline size_t nn_image_size(const struct nn_image *img)
{
    return (size_t)img->w * (size_t)img->h * (size_t)img->channels;
}

/*
 * Samples `box` of `src` into `dst` (already initialised: its size and channel
 * count are the wanted ones). Area-averages when shrinking, bilinear when
 * growing; pixels outside `src` repeat its border. RGB to grey by BT.601
 * weights (.299 .587 .114), grey to RGB by copying. Not for 4 channels.
 */
void nn_image_crop(const struct nn_image *src, struct nn_box box, struct nn_image *dst);

#endif
