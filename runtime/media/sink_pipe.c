/*
 * sink_pipe.c - Y4M (the mjpegtools' yuv4mpeg(5)) or raw RGB into a pipe or a file.
 *
 * Y4M cannot say which matrix its colours are by: it is the one that who reads it will
 * take, BT.709 from 720 lines up and BT.601 below.
 */
#include <fcntl.h>
#include <libswscale/swscale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/media/convert.h"
#include "runtime/media/outlet.h"
#include "runtime/media/pipe.h"

struct out {
    int fd, raw;
    struct SwsContext *sws;
    uint8_t *yuv;                   /* a frame's three planes */
    size_t size;
};

static int is_pipe(const char *word)
{
    const char *dot = strrchr(word, '.');

    return nn_pipe_is(word) || (dot && (!strcasecmp(dot, ".y4m") || !strcasecmp(dot, ".rgb")));
}

static int open_file(const char *word, struct nn_err *err)
{
    struct stat st;
    int fd;

    if (nn_pipe_is(word))
        return nn_pipe_open_write(word, err);
    if ((fd = open(word, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) < 0 || fstat(fd, &st))
        return nn_fail_errno(err, "cannot write %s", word);
    return fd;
}

static int open_y4m(struct nn_sink *s, struct out *o, struct nn_err *err)
{
    const struct nn_sink_opts *so = &s->opts;
    size_t w = (size_t)so->w, h = (size_t)so->h;
    int matrix = nn_convert_matrix(AVCOL_SPC_UNSPECIFIED, so->h);
    char header[160];

    o->size = w * h + 2 * ((w + 1) / 2) * ((h + 1) / 2);
    o->yuv = malloc(o->size + 64);      /* swscale may write some bytes behind a row */
    o->sws = sws_getContext(so->w, so->h, AV_PIX_FMT_RGB24, so->w, so->h, AV_PIX_FMT_YUV420P,
                            SWS_BICUBIC | SWS_FULL_CHR_H_INP | SWS_ACCURATE_RND | SWS_BITEXACT,
                            NULL, NULL, NULL);
    if (!o->yuv || !o->sws ||
        sws_setColorspaceDetails(o->sws, sws_getCoefficients(SWS_CS_DEFAULT), 1,
                                 sws_getCoefficients(matrix), 0, 0, 1 << 16, 1 << 16) < 0)
        return nn_fail(err, NN_EUNSUPPORTED, "cannot convert %d x %d frames to YUV", so->w, so->h);
    snprintf(header, sizeof header,
             "YUV4MPEG2 W%d H%d F%lld:%lld Ip A1:1 C420mpeg2 XCOLORRANGE=LIMITED\n", so->w, so->h,
             (long long)so->frame_rate.num, (long long)so->frame_rate.den);
    return nn_pipe_write(o->fd, header, strlen(header), s->word, err);
}

static void end(struct nn_sink *s)
{
    struct out *o = s->state;

    if (!o)
        return;
    nn_pipe_close(o->fd);
    sws_freeContext(o->sws);
    free(o->yuv);
    free(o);
}

static int open_pipe(struct nn_sink *s, struct nn_err *err)
{
    const char *format = s->opts.format, *dot = strrchr(s->word, '.');
    struct out *o = s->state = calloc(1, sizeof *o);

    if (!o)
        return nn_fail_mem(err, "pipe");
    o->fd = -1;
    if (format && strcmp(format, "y4m") && strcmp(format, "rgb24"))
        return nn_fail(err, NN_EUSAGE, "a pipe's format is y4m or rgb24, not '%s'", format);
    o->raw = format ? !strcmp(format, "rgb24") : dot && !strcasecmp(dot, ".rgb");
    if ((o->fd = open_file(s->word, err)) < 0)
        return -1;
    return o->raw ? 0 : open_y4m(s, o, err);
}

static int frame(struct nn_sink *s, const struct nn_image *img, int64_t pts, struct nn_err *err)
{
    struct out *o = s->state;
    int cw = (img->w + 1) / 2, stride[4] = { img->w, cw, cw }, from = img->w * 3;
    size_t luma = (size_t)img->w * (size_t)img->h, chroma = (size_t)cw * (size_t)((img->h + 1) / 2);
    uint8_t *plane[4] = { o->yuv, o->yuv + luma, o->yuv + luma + chroma };
    const uint8_t *px = img->px;

    (void)pts;
    if (o->raw)
        return nn_pipe_write(o->fd, img->px, nn_image_size(img), s->word, err);
    sws_scale(o->sws, &px, &from, 0, img->h, plane, stride);
    return nn_pipe_write(o->fd, "FRAME\n", 6, s->word, err) ||
           nn_pipe_write(o->fd, o->yuv, o->size, s->word, err) ? -1 : 0;
}

static int finish(struct nn_sink *s, struct nn_err *err)
{
    struct out *o = s->state;
    int fd = o->fd, ret = 0;

    o->fd = -1;
    if (fd > STDERR_FILENO && close(fd))
        ret = nn_fail_errno(err, "cannot write %s", s->word);
    end(s);
    return ret;
}

const struct nn_outlet_type nn_outlet_pipe = { is_pipe, 1, 0, open_pipe, frame, NULL, finish,
                                               end };
