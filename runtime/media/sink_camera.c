/*
 * sink_camera.c - a v4l2loopback device, which OBS and browsers see as a camera.
 *
 * Planar 4:2:0, what all of them read; an odd last column or row is left out.
 */
#include <errno.h>
#include <libswscale/swscale.h>
#include <stdlib.h>

#include "runtime/media/convert.h"
#include "runtime/media/outlet.h"
#include "runtime/media/v4l2.h"

struct loopback {
    int fd, w, h;
    struct SwsContext *sws;
    uint8_t *yuv;
    size_t size;
};

static int set_format(struct nn_sink *s, struct nn_err *err)
{
    struct loopback *l = s->state;
    struct v4l2_format fmt = { .type = V4L2_BUF_TYPE_VIDEO_OUTPUT };
    struct v4l2_pix_format *p = &fmt.fmt.pix;

    p->width = (unsigned)l->w;
    p->height = (unsigned)l->h;
    p->pixelformat = V4L2_PIX_FMT_YUV420;
    p->field = V4L2_FIELD_NONE;
    p->bytesperline = p->width;
    p->sizeimage = (unsigned)l->size;
    p->colorspace = l->h >= 720 ? V4L2_COLORSPACE_REC709 : V4L2_COLORSPACE_SMPTE170M;
    if (nn_v4l2_control(l->fd, VIDIOC_S_FMT, &fmt) || p->pixelformat != V4L2_PIX_FMT_YUV420 ||
        p->width != (unsigned)l->w || p->height != (unsigned)l->h)
        return nn_fail(err, NN_EUNSUPPORTED, "%s does not take %d x %d pixels; another program may "
                       "hold it at another size", s->word, l->w, l->h);
    return 0;
}

static int open_loopback(struct nn_sink *s, struct nn_err *err)
{
    struct loopback *l = s->state = calloc(1, sizeof *l);
    int matrix = nn_convert_matrix(AVCOL_SPC_UNSPECIFIED, s->opts.h);

    if (!l)
        return nn_fail_mem(err, "loopback device");
    l->fd = -1;
    l->w = s->opts.w & ~1;
    l->h = s->opts.h & ~1;
    if (l->w < 2 || l->h < 2)
        return nn_fail(err, NN_EUNSUPPORTED, "%s: frames of %d x %d pixels", s->word, s->opts.w,
                       s->opts.h);
    l->size = (size_t)l->w * (size_t)l->h * 3 / 2;
    if ((l->fd = nn_v4l2_open(s->word, V4L2_CAP_VIDEO_OUTPUT, err)) < 0 || set_format(s, err))
        return -1;
    l->yuv = malloc(l->size + 64);      /* swscale may write some bytes behind a row */
    l->sws = sws_getContext(l->w, l->h, AV_PIX_FMT_RGB24, l->w, l->h, AV_PIX_FMT_YUV420P,
                            SWS_BILINEAR | SWS_ACCURATE_RND | SWS_BITEXACT, NULL, NULL, NULL);
    if (!l->yuv || !l->sws ||
        sws_setColorspaceDetails(l->sws, sws_getCoefficients(SWS_CS_DEFAULT), 1,
                                 sws_getCoefficients(matrix), 0, 0, 1 << 16, 1 << 16) < 0)
        return nn_fail_mem(err, "loopback device");
    return 0;
}

static int frame(struct nn_sink *s, const struct nn_image *img, int64_t pts, struct nn_err *err)
{
    struct loopback *l = s->state;
    size_t luma = (size_t)l->w * (size_t)l->h;
    uint8_t *plane[4] = { l->yuv, l->yuv + luma, l->yuv + luma + luma / 4 };
    int stride[4] = { l->w, l->w / 2, l->w / 2 }, from = img->w * 3;
    const uint8_t *px = img->px;

    (void)pts;
    sws_scale(l->sws, &px, &from, 0, l->h, plane, stride);
    /* Nobody reads fast enough: a camera's picture is lost, too. */
    if (nn_v4l2->write(l->fd, l->yuv, l->size) < 0 && errno != EAGAIN && errno != EINTR)
        return nn_fail_errno(err, "cannot write %s", s->word);
    return 0;
}

static void end(struct nn_sink *s)
{
    struct loopback *l = s->state;

    if (!l)
        return;
    if (l->fd >= 0)
        nn_v4l2->close(l->fd);
    sws_freeContext(l->sws);
    free(l->yuv);
    free(l);
}

static int finish(struct nn_sink *s, struct nn_err *err)
{
    (void)err;
    end(s);
    return 0;
}

const struct nn_outlet_type nn_outlet_camera = { nn_v4l2_is, 0, 0, open_loopback, frame, NULL,
                                                 finish, end };
