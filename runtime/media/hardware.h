/*
 * hardware.h - decoding by the graphics card, where one is there. The reader's helper.
 *
 * Only for codecs whose decoding is exact by their standard (H.264, HEVC, VP9, AV1), so
 * that a film has the same bits with and without it. Whatever does not work is left to the
 * processor without a word: a card that is not there, a profile that it does not know.
 */
#ifndef NN_RUNTIME_MEDIA_HARDWARE_H
#define NN_RUNTIME_MEDIA_HARDWARE_H

#include <libavcodec/avcodec.h>

#include "common/err.h"

struct nn_hardware {                    /* zeroed at first */
    enum AVPixelFormat format;          /* of frames on the card, where `device` is set */
    AVBufferRef *device;
    AVFrame *here;                      /* a frame fetched from there */
};

/* Sets `dec` up to decode on a card, before avcodec_open2(). */
void nn_hardware_try(struct nn_hardware *h, AVCodecContext *dec, const AVCodec *codec);
/* Brings a frame that is on the card into memory; others stay as they are. */
int nn_hardware_fetch(struct nn_hardware *h, AVFrame *f, struct nn_err *err);
void nn_hardware_release(struct nn_hardware *h);

#endif
