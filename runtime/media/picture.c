#include "runtime/media/picture.h"

#include <libavcodec/avcodec.h>
#include <libavutil/imgutils.h>
#include <libswscale/swscale.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/fs.h"
#include "runtime/media/convert.h"

enum { MAX_PIXELS = 64 << 20, MAX_SIDE = 32768, MAX_FILE = 256 << 20 };

static const struct magic {
    const char *bytes;
    int at, size;
    enum AVCodecID id;
} magics[] = {
    { "\x89PNG\r\n\x1a\n", 0, 8, AV_CODEC_ID_PNG },
    { "\xff\xd8\xff", 0, 3, AV_CODEC_ID_MJPEG },
    { "GIF87a", 0, 6, AV_CODEC_ID_GIF },
    { "GIF89a", 0, 6, AV_CODEC_ID_GIF },
    { "WEBP", 8, 4, AV_CODEC_ID_WEBP },
    { "BM", 0, 2, AV_CODEC_ID_BMP },
    { "II*\0", 0, 4, AV_CODEC_ID_TIFF },
    { "MM\0*", 0, 4, AV_CODEC_ID_TIFF },
};

static enum AVCodecID sniff(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++) {
        const struct magic *m = &magics[i];
        if (size >= (size_t)(m->at + m->size) &&
            !memcmp(bytes + m->at, m->bytes, (size_t)m->size))
            return m->id;
    }
    return AV_CODEC_ID_NONE;
}

/* The mjpeg decoder fills what a truncated file lacks with grey and is content.
 * A whole one has an end marker behind its last start of scan. */
static int jpeg_is_cut(const uint8_t *p, size_t size)
{
    for (size_t i = size; i >= 2; i--) {
        if (p[i - 2] == 0xff && p[i - 1] == 0xd9)
            return 0;
        if (p[i - 2] == 0xff && p[i - 1] == 0xda)
            return 1;
    }
    return 1;
}

/* Likewise GIF, which ends with a semicolon, perhaps padded by zeros. */
static int gif_is_cut(const uint8_t *p, size_t size)
{
    while (size && !p[size - 1])
        size--;
    return !size || p[size - 1] != ';';
}

/* Asked before a picture's memory is got: the place to refuse absurd sizes. */
static int get_buffer(AVCodecContext *ctx, AVFrame *f, int flags)
{
    int *size = ctx->opaque;

    size[0] = f->width;
    size[1] = f->height;
    if ((int64_t)f->width * f->height > MAX_PIXELS || f->width > MAX_SIDE || f->height > MAX_SIDE)
        return AVERROR(ERANGE);
    return avcodec_default_get_buffer2(ctx, f, flags);
}

/* Decodes the first frame of `pkt`'s bytes. */
static int decode(AVCodecContext *ctx, const AVCodec *codec, AVPacket *pkt, AVFrame *f,
                  const char *name, struct nn_err *err)
{
    int size[2] = { 0, 0 }, ret;
    char why[64];

    ctx->opaque = size;
    ctx->get_buffer2 = get_buffer;
    ctx->thread_count = 1;
    if (codec->id != AV_CODEC_ID_TIFF)      /* there it objects to sound files, too */
        ctx->err_recognition = AV_EF_EXPLODE | AV_EF_CRCCHECK;
    ret = avcodec_open2(ctx, codec, NULL);
    if (ret >= 0)
        ret = avcodec_send_packet(ctx, pkt);
    if (ret >= 0)
        ret = avcodec_send_packet(ctx, NULL);
    if (ret >= 0)
        ret = avcodec_receive_frame(ctx, f);
    if (ret == AVERROR(ERANGE))
        return nn_fail(err, NN_EFORMAT, "%s claims %d x %d pixels, more than %d megapixels", name,
                       size[0], size[1], MAX_PIXELS >> 20);
    if (ret < 0)
        return nn_fail(err, NN_EFORMAT, "%s is damaged %s data: %s", name, codec->name,
                       ret == AVERROR_EOF ? "no picture in it" : nn_libav_error(ret, why));
    if (f->decode_error_flags || f->flags & AV_FRAME_FLAG_CORRUPT)
        return nn_fail(err, NN_EFORMAT, "%s is damaged %s data", name, codec->name);
    return 0;
}

/* A camera's EXIF orientation, 1..8: clockwise degrees that set the picture upright, and
 * whether it must be mirrored then. libav has read the tag. */
static int upright(const AVFrame *f, int *mirrored)
{
    static const int turn[9] = { 0, 0, 0, 180, 180, 90, 90, 270, 270 };
    const AVDictionaryEntry *tag = av_dict_get(f->metadata, "Orientation", NULL, 0);
    int o = tag ? atoi(tag->value) : 1;

    *mirrored = o == 2 || o == 4 || o == 5 || o == 7;
    return o >= 1 && o <= 8 ? turn[o] : 0;
}

static void mirror(struct nn_image *img)
{
    size_t ch = (size_t)img->channels, row = (size_t)img->w * ch;

    for (int y = 0; y < img->h; y++)
        for (int x = 0; x < img->w / 2; x++) {
            uint8_t *a = img->px + (size_t)y * row + (size_t)x * ch, keep[4];
            uint8_t *b = img->px + (size_t)y * row + (size_t)(img->w - 1 - x) * ch;
            memcpy(keep, a, ch);
            memcpy(a, b, ch);
            memcpy(b, keep, ch);
        }
}

int nn_picture_decode(const void *bytes, size_t size, const char *name, int channels,
                      struct nn_image *img, struct nn_err *err)
{
    enum AVCodecID id = sniff(bytes, size);
    const AVCodec *codec;
    AVCodecContext *ctx = NULL;
    AVPacket *pkt = NULL;
    AVFrame *f = NULL;
    struct nn_convert conv = { 0 };
    int ret = -1, mirrored = 0;

    nn_libav_quiet();
    *img = (struct nn_image){ .channels = channels };
    if (channels != 1 && channels != 3 && channels != 4)
        return nn_fail(err, NN_EARG, "a picture has 1, 3 or 4 channels, not %d", channels);
    if (!size)
        return nn_fail(err, NN_EFORMAT, "%s is empty", name);
    if (id == AV_CODEC_ID_NONE)
        return nn_fail(err, NN_EFORMAT, "%s is no picture (PNG, JPEG, BMP, GIF, WebP, TIFF)", name);
    if (size > MAX_FILE)
        return nn_fail(err, NN_EFORMAT, "%s is larger than %d MB", name, MAX_FILE >> 20);
    if ((id == AV_CODEC_ID_MJPEG && jpeg_is_cut(bytes, size)) ||
        (id == AV_CODEC_ID_GIF && gif_is_cut(bytes, size)))
        return nn_fail(err, NN_EFORMAT, "%s is a truncated %s", name,
                       id == AV_CODEC_ID_GIF ? "GIF" : "JPEG");
    if (!(codec = avcodec_find_decoder(id)))
        return nn_fail(err, NN_EUNSUPPORTED, "%s: libav has no decoder for %s", name,
                       avcodec_get_name(id));
    ctx = avcodec_alloc_context3(codec);
    pkt = av_packet_alloc();
    f = av_frame_alloc();
    if (!ctx || !pkt || !f || av_new_packet(pkt, (int)size)) {
        nn_fail_mem(err, name);
        goto out;
    }
    memcpy(pkt->data, bytes, size);
    if (decode(ctx, codec, pkt, f, name, err))
        goto out;
    if (nn_convert_frame(&conv, f, upright(f, &mirrored), img, err)) {
        nn_fail_in(err, "%s", name);
        goto out;
    }
    if (mirrored)
        mirror(img);
    ret = 0;
out:
    if (ret)
        nn_image_release(img);
    nn_convert_release(&conv);
    av_frame_free(&f);
    av_packet_free(&pkt);
    avcodec_free_context(&ctx);
    return ret;
}

int nn_picture_read(const char *path, int channels, struct nn_image *img, struct nn_err *err)
{
    size_t size = 0;
    char *bytes = nn_file_read(path, MAX_FILE, &size, err);
    int ret;

    *img = (struct nn_image){ 0 };
    if (!bytes)
        return -1;
    ret = nn_picture_decode(bytes, size, path, channels, img, err);
    free(bytes);
    return ret;
}

static enum AVPixelFormat format_of(const struct nn_image *img)
{
    return img->channels == 1   ? AV_PIX_FMT_GRAY8
           : img->channels == 4 ? AV_PIX_FMT_RGBA
                                : AV_PIX_FMT_RGB24;
}

/* The picture as an AVFrame in the format that the encoder wants. */
static AVFrame *frame_of(const struct nn_image *img, enum AVPixelFormat format)
{
    enum AVPixelFormat from = format_of(img);
    const uint8_t *data[4] = { img->px };
    int stride[4] = { img->w * img->channels };
    AVFrame *f = av_frame_alloc();
    struct SwsContext *sws = NULL;

    if (!f)
        return NULL;
    f->width = img->w;
    f->height = img->h;
    f->format = format;
    if (av_frame_get_buffer(f, 0) < 0) {
        av_frame_free(&f);
    } else if (from == format) {
        av_image_copy(f->data, f->linesize, data, stride, format, img->w, img->h);
    } else if ((sws = sws_getContext(img->w, img->h, from, img->w, img->h, format,
                                     SWS_BICUBIC | SWS_FULL_CHR_H_INP | SWS_ACCURATE_RND |
                                         SWS_BITEXACT,
                                     NULL, NULL, NULL))) {
        f->color_range = AVCOL_RANGE_JPEG;
        sws_scale(sws, data, stride, 0, img->h, f->data, f->linesize);
    } else {
        av_frame_free(&f);
    }
    sws_freeContext(sws);
    return f;
}

/* One picture through one encoder. Free the packet with av_packet_free(). */
static AVPacket *encode(const struct nn_image *img, enum AVCodecID id, struct nn_err *err)
{
    enum AVPixelFormat format = id == AV_CODEC_ID_MJPEG ? AV_PIX_FMT_YUVJ444P : format_of(img);
    const AVCodec *codec = avcodec_find_encoder(id);
    AVCodecContext *ctx = codec ? avcodec_alloc_context3(codec) : NULL;
    AVPacket *pkt = av_packet_alloc();
    AVFrame *f = frame_of(img, format);
    int ok = 0;

    nn_libav_quiet();
    if (ctx && pkt && f) {
        ctx->width = img->w;
        ctx->height = img->h;
        ctx->pix_fmt = format;
        ctx->color_range = AVCOL_RANGE_JPEG;
        ctx->time_base = (AVRational){ 1, 25 };
        ctx->thread_count = 1;
        /* No encoder version in the file; a JPEG at quality scale 2 of 2..31. */
        ctx->flags |= AV_CODEC_FLAG_BITEXACT;
        if (id == AV_CODEC_ID_MJPEG) {
            ctx->flags |= AV_CODEC_FLAG_QSCALE;
            ctx->global_quality = 2 * FF_QP2LAMBDA;
            f->quality = ctx->global_quality;
        }
        ok = avcodec_open2(ctx, codec, NULL) >= 0 && avcodec_send_frame(ctx, f) >= 0 &&
             avcodec_send_frame(ctx, NULL) >= 0 && avcodec_receive_packet(ctx, pkt) >= 0;
    }
    if (!ok) {
        nn_fail(err, NN_EUNSUPPORTED, "cannot encode a %d x %d picture as %s", img->w, img->h,
                avcodec_get_name(id));
        av_packet_free(&pkt);
    }
    av_frame_free(&f);
    avcodec_free_context(&ctx);
    return pkt;
}

void *nn_picture_encode_png(const struct nn_image *img, size_t *size, struct nn_err *err)
{
    AVPacket *pkt = encode(img, AV_CODEC_ID_PNG, err);
    void *out = NULL;

    if (!pkt)
        return NULL;
    *size = (size_t)pkt->size;
    if ((out = malloc(*size)))
        memcpy(out, pkt->data, *size);
    else
        nn_fail_mem(err, "PNG");
    av_packet_free(&pkt);
    return out;
}

int nn_picture_write(const struct nn_image *img, const char *path, struct nn_err *err)
{
    const char *dot = strrchr(path, '.');
    enum AVCodecID id;
    AVPacket *pkt;
    int ret;

    if (dot && !strcasecmp(dot, ".png"))
        id = AV_CODEC_ID_PNG;
    else if (dot && (!strcasecmp(dot, ".jpg") || !strcasecmp(dot, ".jpeg")))
        id = AV_CODEC_ID_MJPEG;
    else
        return nn_fail(err, NN_EUSAGE, "%s: pictures are written as .png or .jpg", path);
    if (!(pkt = encode(img, id, err)))
        return nn_fail_in(err, "%s", path);
    ret = nn_file_write(path, pkt->data, (size_t)pkt->size, err);
    av_packet_free(&pkt);
    return ret;
}
