/*
 * source_camera.c - a V4L2 camera: "/dev/video0".
 *
 * Asks for opts->w x h (1280x720) at opts->frame_rate (30), in Motion JPEG above VGA, since
 * USB 2 carries no more of uncompressed pictures, and takes what the driver makes of that.
 */
#include <errno.h>
#include <libavutil/imgutils.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "common/log.h"
#include "common/progress.h"
#include "runtime/media/convert.h"
#include "runtime/media/feed.h"
#include "runtime/media/v4l2.h"

enum { BUFFERS = 4, WAIT_MS = 100 };
static const double SILENCE = 3;        /* seconds without a picture: the camera is lost */

struct camera {
    int fd, streaming, buffers;
    struct { void *p; size_t size; } map[BUFFERS];
    struct v4l2_pix_format pix;
    enum AVPixelFormat format;
    AVCodecContext *dec;                /* of Motion JPEG */
    AVFrame *frame;
    AVPacket *pkt;
    struct nn_convert conv;
    double heard;                       /* nn_now() of the last picture */
    int ends;                           /* its JPEGs have an end marker */
};

static void close_camera(struct nn_feed *f)
{
    struct camera *c = f->state;
    int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;

    if (!c)
        return;
    if (c->streaming)
        nn_v4l2_control(c->fd, VIDIOC_STREAMOFF, &type);
    for (int i = 0; i < c->buffers; i++)
        nn_v4l2->unmap(c->map[i].p, c->map[i].size);
    if (c->fd >= 0)
        nn_v4l2->close(c->fd);
    avcodec_free_context(&c->dec);
    av_frame_free(&c->frame);
    av_packet_free(&c->pkt);
    nn_convert_release(&c->conv);
    free(c);
    f->state = NULL;
}

/* The format to ask for among those that the camera offers; 0: none that we can read. */
static unsigned choose_format(const struct camera *c, int large)
{
    struct v4l2_fmtdesc d = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };
    unsigned best = 0;
    int best_rank = -1;

    for (; d.index < 64 && !nn_v4l2_control(c->fd, VIDIOC_ENUM_FMT, &d); d.index++) {
        enum AVCodecID codec;
        int rank;
        if (nn_v4l2_format(d.pixelformat, &codec) == AV_PIX_FMT_NONE)
            continue;
        rank = codec != AV_CODEC_ID_NONE ? (large ? 3 : 0) : d.pixelformat == V4L2_PIX_FMT_GREY ? 1
                                                                                                : 2;
        if (rank > best_rank) {
            best_rank = rank;
            best = d.pixelformat;
        }
    }
    return best;
}

static int set_format(struct nn_feed *f, struct nn_err *err)
{
    struct camera *c = f->state;
    struct v4l2_format fmt = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };
    struct v4l2_streamparm parm = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };
    struct v4l2_fract *tpf = &parm.parm.capture.timeperframe;
    struct nn_rational rate = nn_feed_rate(f, 30);
    int w = f->opts.w > 0 ? f->opts.w : 1280, h = f->opts.h > 0 ? f->opts.h : 720;
    enum AVCodecID codec;

    fmt.fmt.pix.width = (unsigned)w;
    fmt.fmt.pix.height = (unsigned)h;
    fmt.fmt.pix.pixelformat = choose_format(c, (int64_t)w * h > 640 * 480);
    fmt.fmt.pix.field = V4L2_FIELD_ANY;
    if (!fmt.fmt.pix.pixelformat || nn_v4l2_control(c->fd, VIDIOC_S_FMT, &fmt))
        return nn_fail(err, NN_EUNSUPPORTED, "%s: no pixel format that we can read", f->word);
    c->pix = fmt.fmt.pix;
    c->format = nn_v4l2_format(c->pix.pixelformat, &codec);
    if (c->format == AV_PIX_FMT_NONE || c->pix.width < 1 || c->pix.height < 1 ||
        c->pix.width > 16384 || c->pix.height > 16384)
        return nn_fail(err, NN_EUNSUPPORTED, "%s gives %u x %u pixels of a format that we cannot "
                       "read", f->word, c->pix.width, c->pix.height);
    *tpf = (struct v4l2_fract){ (unsigned)rate.den, (unsigned)rate.num };
    if (!nn_v4l2_control(c->fd, VIDIOC_S_PARM, &parm) && tpf->numerator && tpf->denominator)
        rate = (struct nn_rational){ tpf->denominator, tpf->numerator };
    f->info = (struct nn_media_info){ .container = "v4l2", .w = (int)c->pix.width,
                                      .h = (int)c->pix.height, .frame_rate = rate };
    snprintf(f->info.codec, sizeof f->info.codec, "%s",
             codec == AV_CODEC_ID_NONE ? "rawvideo" : avcodec_get_name(codec));
    snprintf(f->info.pixel_format, sizeof f->info.pixel_format, "%.4s",
             (const char *)&c->pix.pixelformat);
    f->info.time_base = (struct nn_rational){ 1, 1000000 };
    if (codec == AV_CODEC_ID_NONE)
        return 0;
    if (!(c->dec = avcodec_alloc_context3(avcodec_find_decoder(codec))) ||
        avcodec_open2(c->dec, NULL, NULL) < 0)
        return nn_fail(err, NN_EUNSUPPORTED, "%s: libav cannot decode its pictures", f->word);
    return 0;
}

static int give_back(struct camera *c, unsigned index)
{
    struct v4l2_buffer b = { .index = index, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
                             .memory = V4L2_MEMORY_MMAP };

    return nn_v4l2_control(c->fd, VIDIOC_QBUF, &b);
}

static int start_stream(struct nn_feed *f, struct nn_err *err)
{
    struct camera *c = f->state;
    struct v4l2_requestbuffers req = { .count = BUFFERS, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
                                       .memory = V4L2_MEMORY_MMAP };
    int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;

    if (nn_v4l2_control(c->fd, VIDIOC_REQBUFS, &req) || req.count < 1)
        return nn_fail(err, NN_EUNSUPPORTED, "%s: the camera has no buffers, another program may "
                       "use it", f->word);
    for (unsigned i = 0; i < req.count && i < BUFFERS; i++) {
        struct v4l2_buffer b = { .index = i, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
                                 .memory = V4L2_MEMORY_MMAP };
        void *p = MAP_FAILED;
        if (!nn_v4l2_control(c->fd, VIDIOC_QUERYBUF, &b))
            p = nn_v4l2->map(c->fd, b.length, (long)b.m.offset);
        if (p == MAP_FAILED)
            return nn_fail_errno(err, "%s: cannot map the camera's buffers", f->word);
        c->map[i].p = p;
        c->map[i].size = b.length;
        c->buffers++;
        if (give_back(c, i))
            return nn_fail_errno(err, "%s: the camera takes no buffer", f->word);
    }
    if (nn_v4l2_control(c->fd, VIDIOC_STREAMON, &type))
        return nn_fail_errno(err, "%s: the camera does not start", f->word);
    c->streaming = 1;
    c->heard = nn_now();
    return 0;
}

static int open_camera(struct nn_feed *f, struct nn_err *err)
{
    struct camera *c = f->state = calloc(1, sizeof *c);

    f->live = 1;
    if (!c)
        return nn_fail_mem(err, "camera");
    c->fd = -1;
    c->frame = av_frame_alloc();
    c->pkt = av_packet_alloc();
    if (!c->frame || !c->pkt)
        return nn_fail_mem(err, "camera");
    if ((c->fd = nn_v4l2_open(f->word, V4L2_CAP_VIDEO_CAPTURE, err)) < 0 || set_format(f, err) ||
        start_stream(f, err))
        return -1;
    if (!f->hushed)
        nn_info("%s: %d x %d %s, %.4g frames/s", f->word, f->info.w, f->info.h,
                f->info.pixel_format,
                (double)f->info.frame_rate.num / (double)f->info.frame_rate.den);
    return 0;
}

/* The decoder fills what a cut JPEG lacks with grey and is content. Cameras put bytes behind
 * the end marker; a few have none at all. */
static int is_cut(struct camera *c, const uint8_t *p, size_t size)
{
    for (size_t i = size; i >= 2; i--)
        if (p[i - 2] == 0xff && p[i - 1] == 0xd9)
            return !(c->ends = 1);
    return c->ends;
}

/* The buffer's bytes as c->frame, uncompressed. 0: they are too few, or damaged. */
static int wrap(struct camera *c, uint8_t *bytes, size_t size)
{
    const struct v4l2_pix_format *p = &c->pix;
    unsigned enc = p->ycbcr_enc ? p->ycbcr_enc : V4L2_MAP_YCBCR_ENC_DEFAULT(p->colorspace);
    int w = (int)p->width, h = (int)p->height, line[4] = { 0 };
    unsigned range = p->quantization;

    if (c->dec) {
        c->pkt->data = bytes;       /* without a reference libav copies what it keeps */
        c->pkt->size = (int)size;
        return size < 1u << 30 && !is_cut(c, bytes, size) &&
               avcodec_send_packet(c->dec, c->pkt) >= 0 &&
               avcodec_receive_frame(c->dec, c->frame) >= 0 && !c->frame->decode_error_flags;
    }
    av_frame_unref(c->frame);
    c->frame->width = w;
    c->frame->height = h;
    c->frame->format = c->format;
    if (av_image_fill_linesizes(line, c->format, w) < 0)
        return 0;
    if (p->bytesperline > (unsigned)line[0] && p->bytesperline < 1 << 20) {
        if (line[1])                /* the other planes' lines keep their share of the first's */
            for (int i = 1; i < 4; i++)
                line[i] = (int)((int64_t)line[i] * p->bytesperline / line[0]);
        line[0] = (int)p->bytesperline;
    }
    memcpy(c->frame->linesize, line, sizeof line);
    int need = av_image_fill_pointers(c->frame->data, c->format, h, bytes, line);
    if (need < 0 || (size_t)need > size)
        return 0;
    if (!range)
        range = V4L2_MAP_QUANTIZATION_DEFAULT(0, p->colorspace, enc);
    c->frame->colorspace = enc == V4L2_YCBCR_ENC_709 ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
    c->frame->color_range = range == V4L2_QUANTIZATION_FULL_RANGE ||
                            c->format == AV_PIX_FMT_GRAY8 ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
    return 1;
}

static int lost(struct nn_feed *f, const char *why, struct nn_err *err)
{
    return nn_fail(err, NN_EIO, "%s: %s", f->word, why);
}

static int next(struct nn_feed *f, struct nn_image *img, int64_t *pts, double *captured,
                struct nn_err *err)
{
    struct camera *c = f->state;
    struct v4l2_buffer b = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP };
    int got = NN_SOURCE_NOTHING;

    errno = 0;
    if (nn_v4l2->wait(c->fd, WAIT_MS) <= 0 || nn_v4l2_control(c->fd, VIDIOC_DQBUF, &b)) {
        if (errno == ENODEV || errno == EIO)
            return lost(f, "the camera is unplugged", err);
        return nn_now() - c->heard < SILENCE ? NN_SOURCE_NOTHING
               : lost(f, "the camera gives no pictures any more", err);
    }
    if (b.index >= (unsigned)c->buffers)
        return lost(f, "the driver gave a buffer that is none", err);
    c->heard = nn_now();
    if ((b.flags & V4L2_BUF_FLAG_TIMESTAMP_MASK) == V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC)
        *captured = (double)b.timestamp.tv_sec + (double)b.timestamp.tv_usec * 1e-6;
    *pts = (int64_t)(*captured * 1e6);
    if (!(b.flags & V4L2_BUF_FLAG_ERROR) && b.bytesused <= c->map[b.index].size &&
        wrap(c, c->map[b.index].p, b.bytesused)) {
        got = NN_SOURCE_FRAME;
        if (img && nn_convert_frame(&c->conv, c->frame, 0, img, err))
            got = -1;
    }
    av_frame_unref(c->frame);
    if (give_back(c, b.index) && got >= 0)
        return lost(f, "the camera is unplugged", err);
    return got;
}

const struct nn_feed_type nn_feed_camera = { nn_v4l2_is, open_camera, close_camera, next, NULL,
                                             NULL };
