#include "runtime/media/convert.h"

#include <libavutil/display.h>
#include <libavutil/mem.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/media/tonemap.h"

static void set_quiet(void)
{
    av_log_set_level(AV_LOG_QUIET);
}

void nn_libav_quiet(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, set_quiet);
}

const char *nn_libav_error(int code, char buf[64])
{
    av_strerror(code, buf, 64);
    return buf;
}

void nn_convert_release(struct nn_convert *c)
{
    sws_freeContext(c->sws);
    nn_image_release(&c->flat);
    free(c->tonemap);
    av_free(c->plane);
    memset(c, 0, sizeof *c);
}

int nn_convert_rotation(const int32_t *matrix)
{
    double turn = matrix ? av_display_rotation_get(matrix) : 0;     /* anticlockwise */
    int quarter = isnan(turn) ? 0 : (int)lround(-turn / 90);

    return ((quarter % 4 + 4) % 4) * 90;
}

int nn_convert_matrix(int colorspace, int h)
{
    switch (colorspace) {
    case AVCOL_SPC_BT709: return SWS_CS_ITU709;
    case AVCOL_SPC_FCC: return SWS_CS_FCC;
    case AVCOL_SPC_SMPTE240M: return SWS_CS_SMPTE240M;
    case AVCOL_SPC_BT2020_NCL:
    case AVCOL_SPC_BT2020_CL: return SWS_CS_BT2020;
    case AVCOL_SPC_BT470BG:
    case AVCOL_SPC_SMPTE170M: return SWS_CS_ITU601;
    default: return h >= 720 ? SWS_CS_ITU709 : SWS_CS_ITU601;
    }
}

static int is_full_range(const AVFrame *f)
{
    switch (f->format) {
    case AV_PIX_FMT_YUVJ420P:
    case AV_PIX_FMT_YUVJ422P:
    case AV_PIX_FMT_YUVJ444P:
    case AV_PIX_FMT_YUVJ440P:
    case AV_PIX_FMT_YUVJ411P: return 1;
    default: return f->color_range == AVCOL_RANGE_JPEG;
    }
}

/* Whether the first plane is grey as nn_image wants it: 8 bits, 0..255. */
static int has_plain_luma(const AVFrame *f)
{
    const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(f->format);

    if (f->format == AV_PIX_FMT_GRAY8)
        return f->color_range != AVCOL_RANGE_MPEG;
    return d && !(d->flags & AV_PIX_FMT_FLAG_RGB) && d->flags & AV_PIX_FMT_FLAG_PLANAR &&
           d->comp[0].depth == 8 && d->comp[0].step == 1 && is_full_range(f);
}

static void copy_luma(const AVFrame *f, struct nn_image *img)
{
    uint8_t *to = img->px;

    for (int y = 0; y < f->height; y++) {
        const uint8_t *from = f->data[0] + (ptrdiff_t)y * f->linesize[0];
        if (img->channels == 1) {
            memcpy(to, from, (size_t)f->width);
            to += f->width;
            continue;
        }
        for (int x = 0; x < f->width; x++, to += 3)
            to[0] = to[1] = to[2] = from[x];
    }
}

static int is_deep(const AVFrame *f)
{
    return nn_tonemap_name(f->color_trc, f->color_primaries) != NULL;
}

/* swscale makes interleaved RGB of YUV pixel by pixel, but planes with SIMD: the same bits in
 * a sixth of the time, interleaving included. Of RGB it copies. */
static int set_planes(struct nn_convert *c, const AVFrame *f, int deep, struct nn_err *err)
{
    const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(f->format);

    av_freep(&c->plane);
    if (!deep && (!d || d->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL)))
        return 0;
    c->pitch = (f->width * (deep ? 2 : 1) + 63) & ~63;
    c->plane = av_malloc(3 * (size_t)c->pitch * (size_t)f->height + 64);
    return c->plane ? 0 : nn_fail_mem(err, "picture");
}

static int prepare(struct nn_convert *c, const AVFrame *f, struct nn_err *err)
{
    int matrix = nn_convert_matrix(f->colorspace, f->height), full = is_full_range(f);
    int deep = is_deep(f);

    if (c->sws && c->w == f->width && c->h == f->height && c->format == f->format &&
        c->matrix == matrix && c->full_range == full && c->deep == deep)
        return 0;
    sws_freeContext(c->sws);
    c->sws = NULL;
    if (deep && !c->tonemap && !(c->tonemap = calloc(1, sizeof *c->tonemap)))
        return nn_fail_mem(err, "HDR picture");
    if (set_planes(c, f, deep, err))
        return -1;
    c->sws = sws_getContext(f->width, f->height, f->format, f->width, f->height,
                            deep       ? AV_PIX_FMT_GBRP16
                            : c->plane ? AV_PIX_FMT_GBRP
                                       : AV_PIX_FMT_RGB24,
                            SWS_BICUBIC | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP |
                                SWS_ACCURATE_RND | SWS_BITEXACT,
                            NULL, NULL, NULL);
    if (!c->sws) {
        const char *name = av_get_pix_fmt_name(f->format);
        return nn_fail(err, NN_EUNSUPPORTED, "cannot convert pixel format %s to RGB",
                       name ? name : "(unknown)");
    }
    /* Refused for RGB sources, which need neither. */
    sws_setColorspaceDetails(c->sws, sws_getCoefficients(matrix), full,
                             sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, 1 << 16, 1 << 16);
    c->w = f->width;
    c->h = f->height;
    c->format = f->format;
    c->matrix = matrix;
    c->full_range = full;
    c->deep = deep;
    return 0;
}

static int size_image(struct nn_image *img, int w, int h, int channels, struct nn_err *err)
{
    if (img->px && img->w == w && img->h == h && img->channels == channels)
        return 0;
    nn_image_release(img);
    return nn_image_init(img, w, h, channels, err);
}

/* By planes of green, blue and red. */
static void scale_planes(struct nn_convert *c, const AVFrame *f, uint8_t *to)
{
    size_t size = (size_t)c->pitch * (size_t)f->height;
    uint8_t *data[4] = { c->plane, c->plane + size, c->plane + 2 * size };
    int stride[4] = { c->pitch, c->pitch, c->pitch };

    if (c->deep)
        nn_tonemap_prepare(c->tonemap, f);
    sws_scale(c->sws, (const uint8_t *const *)f->data, f->linesize, 0, f->height, data, stride);
    for (int y = 0; y < f->height; y++, to += (size_t)f->width * 3) {
        const uint8_t *g = data[0] + (size_t)y * (size_t)c->pitch, *b = g + size, *r = b + size;
        if (c->deep) {
            nn_tonemap_row(c->tonemap, (const void *)r, (const void *)g, (const void *)b, to,
                           f->width);
            continue;
        }
        for (int x = 0; x < f->width; x++) {
            to[3 * x] = r[x];
            to[3 * x + 1] = g[x];
            to[3 * x + 2] = b[x];
        }
    }
}

static void to_grey(const struct nn_image *rgb, uint8_t *to)
{
    const uint8_t *p = rgb->px;

    for (size_t n = (size_t)rgb->w * (size_t)rgb->h; n; n--, p += 3)
        *to++ = (uint8_t)((299 * p[0] + 587 * p[1] + 114 * p[2] + 500) / 1000);
}

static void turn(const struct nn_image *from, int rotation, struct nn_image *to)
{
    int ch = from->channels;

    for (int y = 0; y < to->h; y++) {
        for (int x = 0; x < to->w; x++) {
            int sx = rotation == 90 ? y : rotation == 180 ? from->w - 1 - x : from->w - 1 - y;
            int sy = rotation == 90 ? from->h - 1 - x : rotation == 180 ? from->h - 1 - y : x;
            const uint8_t *p = from->px + ((size_t)sy * (size_t)from->w + (size_t)sx) * (size_t)ch;
            uint8_t *q = to->px + ((size_t)y * (size_t)to->w + (size_t)x) * (size_t)ch;
            for (int k = 0; k < ch; k++)
                q[k] = p[k];
        }
    }
}

static int convert_flat(struct nn_convert *c, const AVFrame *f, struct nn_image *img,
                        struct nn_err *err);

/* Colours as of any other picture, transparency as swscale has it. */
static int convert_with_alpha(struct nn_convert *c, const AVFrame *f, struct nn_image *img,
                              struct nn_err *err)
{
    struct SwsContext *sws = sws_getContext(f->width, f->height, f->format, f->width, f->height,
                                            AV_PIX_FMT_RGBA, SWS_POINT, NULL, NULL, NULL);
    struct nn_image rgb = { 0 };
    int stride = f->width * 4, ret = -1;

    if (!sws)
        nn_fail(err, NN_EUNSUPPORTED, "cannot convert pixel format %s",
                av_get_pix_fmt_name(f->format));
    else if (!nn_image_init(&rgb, f->width, f->height, 3, err) && !convert_flat(c, f, &rgb, err)) {
        sws_scale(sws, (const uint8_t *const *)f->data, f->linesize, 0, f->height, &img->px,
                  &stride);
        for (size_t i = 0, n = (size_t)img->w * (size_t)img->h; i < n; i++)
            memcpy(img->px + 4 * i, rgb.px + 3 * i, 3);
        ret = 0;
    }
    sws_freeContext(sws);
    nn_image_release(&rgb);
    return ret;
}

/* The picture as stored, into `img`, which has its size. */
static int convert_flat(struct nn_convert *c, const AVFrame *f, struct nn_image *img,
                        struct nn_err *err)
{
    struct nn_image rgb = { 0 };
    uint8_t *data[4] = { img->px };
    int stride[4] = { f->width * 3 };

    if (has_plain_luma(f) && img->channels < 4 &&
        (img->channels == 1 || f->format == AV_PIX_FMT_GRAY8)) {
        copy_luma(f, img);
        return 0;
    }
    if (img->channels == 4)
        return convert_with_alpha(c, f, img, err);
    if (prepare(c, f, err))
        return -1;
    if (img->channels == 1) {
        if (nn_image_init(&rgb, f->width, f->height, 3, err))
            return -1;
        data[0] = rgb.px;
    }
    if (c->plane)
        scale_planes(c, f, data[0]);
    else
        sws_scale(c->sws, (const uint8_t *const *)f->data, f->linesize, 0, f->height, data, stride);
    if (img->channels == 1)
        to_grey(&rgb, img->px);
    nn_image_release(&rgb);
    return 0;
}

int nn_convert_frame(struct nn_convert *c, const AVFrame *f, int rotation, struct nn_image *img,
                     struct nn_err *err)
{
    int aside = rotation == 90 || rotation == 270, channels = img->channels;

    if (size_image(img, aside ? f->height : f->width, aside ? f->width : f->height, channels, err))
        return -1;
    if (!rotation)
        return convert_flat(c, f, img, err);
    if (size_image(&c->flat, f->width, f->height, channels, err) ||
        convert_flat(c, f, &c->flat, err))
        return -1;
    turn(&c->flat, rotation, img);
    return 0;
}
