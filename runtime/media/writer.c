#include "runtime/media/writer.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/opt.h>
#include <libswscale/swscale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/fs.h"
#include "runtime/media/convert.h"
#include "runtime/media/sound.h"

/* x264's output depends on the number of threads: the same on every machine. */
enum { THREADS = 4, DEFAULT_CRF = 18 };

struct nn_writer {
    struct nn_atomic file;
    int w, h;                   /* of the frames; the film's are even */
    AVFormatContext *fmt;
    AVStream *st;
    AVCodecContext *enc;
    AVFrame *frame;
    AVPacket *pkt;
    struct SwsContext *sws;
    struct nn_sound *sound;
    struct nn_image padded;     /* only for odd sizes */
    int64_t shift;              /* taken off all pts, in enc->time_base */
    int64_t *pts;               /* of all frames so far: from them, how long each is shown */
    size_t frames, room;
    int64_t last_duration;      /* of the film's last frame */
};

static int fails(struct nn_writer *wr, int code, struct nn_err *err)
{
    char why[64];

    return nn_fail(err, code == AVERROR(ENOMEM) ? NN_EMEM : NN_EIO, "cannot write %s: %s",
                   wr->file.path, nn_libav_error(code, why));
}

static int open_encoder(struct nn_writer *wr, const struct nn_writer_opts *o, struct nn_err *err)
{
    const AVCodec *codec = avcodec_find_encoder_by_name("libx264");
    AVCodecContext *enc;
    AVDictionary *opts = NULL;
    int ret;

    if (!codec || !(wr->enc = enc = avcodec_alloc_context3(codec)))
        return nn_fail(err, NN_EUNSUPPORTED, "this libav was built without libx264");
    enc->width = (wr->w + 1) & ~1;
    enc->height = (wr->h + 1) & ~1;
    enc->pix_fmt = AV_PIX_FMT_YUV420P;
    enc->time_base = (AVRational){ (int)o->time_base.num, (int)o->time_base.den };
    if (o->frame_rate.num > 0)
        enc->framerate = (AVRational){ (int)o->frame_rate.num, (int)o->frame_rate.den };
    enc->thread_count = THREADS;
    enc->color_range = AVCOL_RANGE_MPEG;
    enc->colorspace = AVCOL_SPC_BT709;
    enc->color_primaries = AVCOL_PRI_BT709;
    enc->color_trc = AVCOL_TRC_BT709;
    enc->flags |= AV_CODEC_FLAG_BITEXACT;
    if (wr->fmt->oformat->flags & AVFMT_GLOBALHEADER)
        enc->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    av_dict_set_int(&opts, "crf", o->quality ? o->quality : DEFAULT_CRF, 0);
    av_dict_set(&opts, "preset", "medium", 0);
    ret = avcodec_open2(enc, codec, &opts);
    av_dict_free(&opts);
    if (ret < 0)
        return fails(wr, ret, err);
    if ((ret = avcodec_parameters_from_context(wr->st->codecpar, enc)) < 0)
        return fails(wr, ret, err);
    wr->st->time_base = enc->time_base;
    wr->st->avg_frame_rate = enc->framerate;
    return 0;
}

static int open_scaler(struct nn_writer *wr, struct nn_err *err)
{
    const AVCodecContext *enc = wr->enc;
    const int *from = sws_getCoefficients(SWS_CS_DEFAULT), *to = sws_getCoefficients(SWS_CS_ITU709);

    wr->sws = sws_getContext(enc->width, enc->height, AV_PIX_FMT_RGB24, enc->width, enc->height,
                             AV_PIX_FMT_YUV420P,
                             SWS_BICUBIC | SWS_FULL_CHR_H_INP | SWS_ACCURATE_RND | SWS_BITEXACT,
                             NULL, NULL, NULL);
    if (!wr->sws ||
        sws_setColorspaceDetails(wr->sws, from, 1, to, 0, 0, 1 << 16, 1 << 16) < 0)
        return nn_fail(err, NN_EUNSUPPORTED, "cannot convert %d x %d frames to YUV", wr->w, wr->h);
    if (!(wr->frame = av_frame_alloc()) || !(wr->pkt = av_packet_alloc()))
        return nn_fail_mem(err, "frame");
    if (wr->w == enc->width && wr->h == enc->height)
        return 0;
    return nn_image_init(&wr->padded, enc->width, enc->height, 3, err);
}

static int open_file(struct nn_writer *wr, struct nn_err *err)
{
    AVDictionary *opts = NULL;
    char url[NN_PATH];
    int ret;

    if (nn_path(url, err, "file:%s", wr->file.tmp))
        return -1;
    if ((ret = avio_open(&wr->fmt->pb, url, AVIO_FLAG_WRITE)) < 0)
        return fails(wr, ret, err);
    /* The index goes to the front, for players that read as they load. */
    av_dict_set(&opts, "movflags", "+faststart", 0);
    wr->fmt->flags |= AVFMT_FLAG_BITEXACT;
    wr->fmt->strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL;    /* FLAC, Opus */
    ret = avformat_write_header(wr->fmt, &opts);
    av_dict_free(&opts);
    return ret < 0 ? fails(wr, ret, err) : 0;
}

static int open_all(struct nn_writer *wr, const struct nn_writer_opts *o, struct nn_err *err)
{
    const char *dot = strrchr(wr->file.path, '.');
    char url[NN_PATH];

    if (nn_path(url, err, "file:%s", wr->file.tmp))
        return -1;
    avformat_alloc_output_context2(&wr->fmt, NULL, strcasecmp(dot, ".mov") ? "mp4" : "mov", url);
    if (!wr->fmt || !(wr->st = avformat_new_stream(wr->fmt, NULL)))
        return nn_fail_mem(err, "film");
    if (open_encoder(wr, o, err) || open_scaler(wr, err) ||
        (o->audio_from && nn_sound_open(&wr->sound, o->audio_from, wr->fmt, err)) ||
        open_file(wr, err))
        return -1;
    if (wr->sound)
        wr->shift = llrint(nn_sound_origin(wr->sound) / av_q2d(wr->enc->time_base));
    return 0;
}

struct nn_writer *nn_writer_open(const char *path, int w, int h, const struct nn_writer_opts *opts,
                                 struct nn_err *err)
{
    struct nn_writer *wr = NULL;
    const char *dot = strrchr(path, '.');

    nn_libav_quiet();
    if (!dot || (strcasecmp(dot, ".mp4") && strcasecmp(dot, ".m4v") && strcasecmp(dot, ".mov")))
        nn_fail(err, NN_EUSAGE, "%s: films are written as .mp4 or .mov", path);
    else if (w < 1 || h < 1 || w > 16384 || h > 16384)
        nn_fail(err, NN_EUNSUPPORTED, "%s: a film of %d x %d pixels", path, w, h);
    else if (opts->time_base.num < 1 || opts->time_base.den < 1 ||
             opts->time_base.num > INT32_MAX || opts->time_base.den > INT32_MAX)
        nn_fail(err, NN_EARG, "%s: no time base", path);
    else if (!(wr = calloc(1, sizeof *wr)))
        nn_fail_mem(err, "writer");
    if (!wr)
        return NULL;
    wr->w = w;
    wr->h = h;
    if (nn_atomic_name(&wr->file, path, err) || open_all(wr, opts, err)) {
        nn_writer_abort(wr);
        return NULL;
    }
    if (opts->frame_rate.num > 0)
        wr->last_duration = av_rescale_q(1, av_inv_q(wr->enc->framerate), wr->enc->time_base);
    return wr;
}

/* Repeats the last column and row. */
static const uint8_t *pad(struct nn_writer *wr, const struct nn_image *img)
{
    size_t from = (size_t)img->w * 3, to = (size_t)wr->padded.w * 3;

    for (int y = 0; y < wr->padded.h; y++) {
        uint8_t *row = wr->padded.px + (size_t)y * to;
        memcpy(row, img->px + (size_t)(y < img->h ? y : img->h - 1) * from, from);
        if (to > from)
            memcpy(row + from, row + from - 3, 3);
    }
    return wr->padded.px;
}

/* How long the frame with this pts is shown. */
static int64_t duration_at(const struct nn_writer *wr, int64_t pts)
{
    size_t lo = 0, hi = wr->frames;

    while (hi - lo > 1) {
        size_t mid = (lo + hi) / 2;
        if (wr->pts[mid] <= pts)
            lo = mid;
        else
            hi = mid;
    }
    if (lo + 1 < wr->frames)
        return wr->pts[lo + 1] - wr->pts[lo];
    if (wr->last_duration > 0)
        return wr->last_duration;
    return lo ? wr->pts[lo] - wr->pts[lo - 1] : 1;
}

/* Writes the packets that the encoder has ready, and the sound up to them. */
static int drain(struct nn_writer *wr, struct nn_err *err)
{
    int ret;

    while ((ret = avcodec_receive_packet(wr->enc, wr->pkt)) >= 0) {
        double t = (double)wr->pkt->dts * av_q2d(wr->enc->time_base);
        wr->pkt->duration = duration_at(wr, wr->pkt->pts);
        wr->pkt->stream_index = wr->st->index;
        av_packet_rescale_ts(wr->pkt, wr->enc->time_base, wr->st->time_base);
        if (wr->sound && nn_sound_until(wr->sound, t, err))
            return nn_fail_in(err, "%s", wr->file.path);
        if ((ret = av_interleaved_write_frame(wr->fmt, wr->pkt)) < 0)
            return fails(wr, ret, err);
    }
    return ret == AVERROR(EAGAIN) || ret == AVERROR_EOF ? 0 : fails(wr, ret, err);
}

static int remember(struct nn_writer *wr, int64_t pts, struct nn_err *err)
{
    if (wr->frames && pts <= wr->pts[wr->frames - 1])
        return nn_fail(err, NN_EARG, "%s: time stamp %lld does not follow %lld", wr->file.path,
                       (long long)pts, (long long)wr->pts[wr->frames - 1]);
    if (wr->frames == wr->room) {
        size_t room = wr->room ? 2 * wr->room : 1024;
        int64_t *p = realloc(wr->pts, room * sizeof *p);
        if (!p)
            return nn_fail_mem(err, "time stamps");
        wr->pts = p;
        wr->room = room;
    }
    wr->pts[wr->frames++] = pts;
    return 0;
}

int nn_writer_frame(struct nn_writer *wr, const struct nn_image *img, int64_t pts,
                    struct nn_err *err)
{
    const uint8_t *data[4] = { img->px };
    int stride[4] = { wr->enc->width * 3 }, ret;

    if (img->w != wr->w || img->h != wr->h || img->channels != 3)
        return nn_fail(err, NN_EARG, "%s: a frame of %d x %d in a film of %d x %d", wr->file.path,
                       img->w, img->h, wr->w, wr->h);
    if (remember(wr, pts - wr->shift, err))
        return -1;
    if (wr->padded.px)
        data[0] = pad(wr, img);
    av_frame_unref(wr->frame);      /* the encoder may still hold the last one's pixels */
    wr->frame->width = wr->enc->width;
    wr->frame->height = wr->enc->height;
    wr->frame->format = AV_PIX_FMT_YUV420P;
    if ((ret = av_frame_get_buffer(wr->frame, 0)) < 0)
        return fails(wr, ret, err);
    sws_scale(wr->sws, data, stride, 0, wr->enc->height, wr->frame->data, wr->frame->linesize);
    wr->frame->pts = pts - wr->shift;
    wr->frame->color_range = AVCOL_RANGE_MPEG;
    wr->frame->colorspace = AVCOL_SPC_BT709;
    wr->frame->color_primaries = AVCOL_PRI_BT709;
    wr->frame->color_trc = AVCOL_TRC_BT709;
    if ((ret = avcodec_send_frame(wr->enc, wr->frame)) < 0)
        return fails(wr, ret, err);
    return drain(wr, err);
}

static void release(struct nn_writer *wr)
{
    nn_sound_free(wr->sound);
    avcodec_free_context(&wr->enc);
    av_frame_free(&wr->frame);
    av_packet_free(&wr->pkt);
    sws_freeContext(wr->sws);
    nn_image_release(&wr->padded);
    if (wr->fmt)
        avio_closep(&wr->fmt->pb);
    avformat_free_context(wr->fmt);
    free(wr->pts);
    free(wr);
}

static int end_film(struct nn_writer *wr, struct nn_err *err)
{
    int ret;

    if (!wr->frames)
        return nn_fail(err, NN_EARG, "%s: a film without frames", wr->file.path);
    if ((ret = avcodec_send_frame(wr->enc, NULL)) < 0)
        return fails(wr, ret, err);
    if (drain(wr, err))
        return -1;
    if (wr->sound && nn_sound_until(wr->sound, INFINITY, err))
        return nn_fail_in(err, "%s", wr->file.path);
    if ((ret = av_write_trailer(wr->fmt)) < 0 || (ret = avio_closep(&wr->fmt->pb)) < 0)
        return fails(wr, ret, err);
    return 0;
}

int nn_writer_finish(struct nn_writer *wr, struct nn_err *err)
{
    int ret = end_film(wr, err);

    if (ret)
        nn_atomic_abort(&wr->file);
    else
        ret = nn_atomic_commit(&wr->file, err);
    release(wr);
    return ret;
}

void nn_writer_abort(struct nn_writer *wr)
{
    if (!wr)
        return;
    nn_atomic_abort(&wr->file);
    release(wr);
}
