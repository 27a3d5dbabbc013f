/*
 * v4l2.h - a Video4Linux device: cameras in, loopback devices out.
 *
 * By the kernel's own calls (docs.kernel.org/userspace-api/media/v4l): mapped buffers, whose
 * time stamps are those of the driver on the monotonic clock, that of nn_now(). Single-planar
 * devices only. Helper of source_camera.c and sink_camera.c.
 */
#ifndef NN_RUNTIME_MEDIA_V4L2_H
#define NN_RUNTIME_MEDIA_V4L2_H

#include <libavcodec/avcodec.h>
#include <linux/videodev2.h>
#include <stddef.h>

#include "common/err.h"

/* The system's calls; a test puts a driver of its own here. All as in POSIX. */
struct nn_v4l2_calls {
    int (*open)(const char *path);          /* read and write, not blocking */
    int (*close)(int fd);
    int (*control)(int fd, unsigned long request, void *arg);
    void *(*map)(int fd, size_t size, long offset);     /* MAP_FAILED when not */
    int (*unmap)(void *p, size_t size);
    int (*wait)(int fd, int ms);            /* poll() for something to read */
    long (*write)(int fd, const void *from, size_t size);
};
extern const struct nn_v4l2_calls *nn_v4l2;

/* Whether the word is a video device's path, there or not. */
int nn_v4l2_is(const char *word);

/* Opens the device and checks that it can do `need` (V4L2_CAP_VIDEO_CAPTURE or _OUTPUT). -1. */
int nn_v4l2_open(const char *path, unsigned need, struct nn_err *err);

/* ioctl() that is not interrupted: 0, or -1 and errno. */
int nn_v4l2_control(int fd, unsigned long request, void *arg);

/* How libav calls a pixel format of cameras; AV_PIX_FMT_NONE: we cannot read it. Compressed
 * ones (Motion JPEG) give `*codec`, else AV_CODEC_ID_NONE. */
enum AVPixelFormat nn_v4l2_format(unsigned fourcc, enum AVCodecID *codec);

#endif
