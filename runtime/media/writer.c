#include "runtime/media/writer.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/fs.h"
#include "runtime/media/convert.h"
#include "runtime/media/recording.h"
#include "runtime/media/sound.h"

/* x264's output depends on the number of threads: the same on every machine. REORDER:
 * frames that an encoder may hold back, with room to spare. */
enum { THREADS = 4, DEFAULT_CRF = 18, REORDER = 512 };

static const struct codec {
    const char *name, *encoder;
    enum AVPixelFormat format, alpha;   /* AV_PIX_FMT_NONE: has no alpha */
    uint32_t tag;                       /* that players want in MP4; 0: libav's */
    int only_mov;
} codecs[] = {
    { "h264", "libx264", AV_PIX_FMT_YUV420P, AV_PIX_FMT_NONE, 0, 0 },
    { "hevc", "libx265", AV_PIX_FMT_YUV420P, AV_PIX_FMT_NONE, MKTAG('h', 'v', 'c', '1'), 0 },
    /* 422 HQ, or 4444 with its alpha, which this codec keeps without loss. */
    { "prores", "prores_ks", AV_PIX_FMT_YUV422P10, AV_PIX_FMT_YUVA444P10, 0, 1 },
};

struct nn_writer {
    struct nn_atomic file;
    const struct codec *codec;
    int w, h, channels;         /* of the frames; the film's are even where chroma is halved */
    AVFormatContext *fmt;
    struct nn_recording *recording;     /* only live; else fmt->pb is libav's file */
    AVStream *st;
    AVCodecContext *enc;
    AVFrame *frame;
    AVPacket *pkt;
    struct SwsContext *sws;
    struct nn_sound *sound;
    struct nn_image padded;     /* only for odd sizes */
    int64_t shift;              /* taken off all pts, in enc->time_base */
    int64_t pts[REORDER];       /* of the last frames: from them, how long each is shown */
    size_t frames;
    int64_t last_duration;      /* of the film's last frame */
};

static int fails(struct nn_writer *wr, int code, struct nn_err *err)
{
    char why[64];

    return nn_fail(err, code == AVERROR(ENOMEM) ? NN_EMEM : NN_EIO, "cannot write %s: %s",
                   wr->file.path, nn_libav_error(code, why));
}

/* Options of the encoder, deterministic; live ones keep up with a camera and hold no
 * frames back. */
static void encoder_options(const struct nn_writer *wr, const struct nn_writer_opts *o,
                            AVDictionary **opts)
{
    int x264 = !strcmp(wr->codec->name, "h264"), x265 = !strcmp(wr->codec->name, "hevc");

    if (!x264 && !x265) {
        av_dict_set(opts, "profile", o->alpha ? "4444" : "hq", 0);
        av_dict_set(opts, "vendor", "apl0", 0);     /* else some editors refuse the file */
        return;
    }
    av_dict_set_int(opts, "crf", o->quality ? o->quality : DEFAULT_CRF, 0);
    av_dict_set(opts, "preset", !o->live ? "medium" : x264 ? "veryfast" : "ultrafast", 0);
    if (o->live)
        av_dict_set(opts, "tune", "zerolatency", 0);
    if (x265)
        av_dict_set(opts, "x265-params", "log-level=none:frame-threads=2:info=0", 0);
}

static int open_encoder(struct nn_writer *wr, const struct nn_writer_opts *o, struct nn_err *err)
{
    const AVCodec *codec = avcodec_find_encoder_by_name(wr->codec->encoder);
    AVCodecContext *enc;
    AVDictionary *opts = NULL;
    int ret, halved_w, halved_h;

    if (!codec || !(wr->enc = enc = avcodec_alloc_context3(codec)))
        return nn_fail(err, NN_EUNSUPPORTED, "this libav was built without %s", wr->codec->encoder);
    enc->pix_fmt = o->alpha ? wr->codec->alpha : wr->codec->format;
    av_pix_fmt_get_chroma_sub_sample(enc->pix_fmt, &halved_w, &halved_h);
    enc->width = halved_w ? (wr->w + 1) & ~1 : wr->w;
    enc->height = halved_h ? (wr->h + 1) & ~1 : wr->h;
    enc->time_base = (AVRational){ (int)o->time_base.num, (int)o->time_base.den };
    if (o->frame_rate.num > 0)
        enc->framerate = (AVRational){ (int)o->frame_rate.num, (int)o->frame_rate.den };
    enc->thread_count = THREADS;
    enc->color_range = AVCOL_RANGE_MPEG;
    enc->colorspace = AVCOL_SPC_BT709;
    enc->color_primaries = AVCOL_PRI_BT709;
    enc->color_trc = AVCOL_TRC_BT709;
    enc->codec_tag = wr->codec->tag;
    enc->flags |= AV_CODEC_FLAG_BITEXACT;
    if (o->live)        /* a fragment begins with a key frame: one a second */
        enc->gop_size = o->frame_rate.num > 0
                        ? (int)(o->frame_rate.num / o->frame_rate.den) + 1 : 30;
    if (wr->fmt->oformat->flags & AVFMT_GLOBALHEADER)
        enc->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    encoder_options(wr, o, &opts);
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

    wr->sws = sws_getContext(enc->width, enc->height,
                             wr->channels == 4 ? AV_PIX_FMT_RGBA : AV_PIX_FMT_RGB24, enc->width,
                             enc->height, enc->pix_fmt,
                             SWS_BICUBIC | SWS_FULL_CHR_H_INP | SWS_ACCURATE_RND | SWS_BITEXACT,
                             NULL, NULL, NULL);
    if (!wr->sws ||
        sws_setColorspaceDetails(wr->sws, from, 1, to, 0, 0, 1 << 16, 1 << 16) < 0)
        return nn_fail(err, NN_EUNSUPPORTED, "cannot convert %d x %d frames to YUV", wr->w, wr->h);
    if (!(wr->frame = av_frame_alloc()) || !(wr->pkt = av_packet_alloc()))
        return nn_fail_mem(err, "frame");
    if (wr->w == enc->width && wr->h == enc->height)
        return 0;
    return nn_image_init(&wr->padded, enc->width, enc->height, wr->channels, err);
}

static int open_file(struct nn_writer *wr, int live, struct nn_err *err)
{
    AVDictionary *opts = NULL;
    char url[NN_PATH];
    int ret = 0;

    if (nn_path(url, err, "file:%s", wr->file.tmp))
        return -1;
    if (live && !(wr->recording = nn_recording_open(wr->file.tmp, err)))
        return -1;
    if (live)
        wr->fmt->pb = nn_recording_io(wr->recording);
    else if ((ret = avio_open(&wr->fmt->pb, url, AVIO_FLAG_WRITE)) < 0)
        return fails(wr, ret, err);
    /* The index goes to the front, for players that read as they load; a recording has one
     * in each fragment. */
    av_dict_set(&opts, "movflags", live ? "+frag_keyframe+empty_moov+default_base_moof"
                                        : "+faststart", 0);
    if (live)
        av_dict_set(&opts, "cluster_time_limit", "1000", 0);
    wr->fmt->flags |= AVFMT_FLAG_BITEXACT;
    wr->fmt->strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL;    /* FLAC, Opus */
    ret = avformat_write_header(wr->fmt, &opts);
    av_dict_free(&opts);
    if (ret < 0)
        return fails(wr, ret, err);
    if (!live)
        return 0;
    avio_flush(wr->fmt->pb);
    return nn_atomic_commit(&wr->file, err);
}

static int open_all(struct nn_writer *wr, const struct nn_writer_opts *o, struct nn_err *err)
{
    const char *dot = strrchr(wr->file.path, '.');
    const char *format = !strcasecmp(dot, ".mov") ? "mov"
                         : !strcasecmp(dot, ".mkv") ? "matroska" : "mp4";
    char url[NN_PATH];

    if (nn_path(url, err, "file:%s", wr->file.tmp))
        return -1;
    avformat_alloc_output_context2(&wr->fmt, NULL, format, url);
    if (!wr->fmt || !(wr->st = avformat_new_stream(wr->fmt, NULL)))
        return nn_fail_mem(err, "film");
    if (o->comment && *o->comment)
        av_dict_set(&wr->fmt->metadata, "comment", o->comment, 0);
    if (open_encoder(wr, o, err) || open_scaler(wr, err) ||
        (o->audio_from && nn_sound_open(&wr->sound, o->audio_from, wr->fmt, err)) ||
        open_file(wr, o->live, err))
        return -1;
    if (wr->sound)
        wr->shift = llrint(nn_sound_origin(wr->sound) / av_q2d(wr->enc->time_base));
    return 0;
}

/* The codec that the options name and the container takes. */
static const struct codec *choose_codec(const char *path, const struct nn_writer_opts *o,
                                        struct nn_err *err)
{
    const char *name = o->codec ? o->codec : o->alpha ? "prores" : "h264";
    const char *dot = strrchr(path, '.');
    const struct codec *c = NULL;

    if (!dot || (strcasecmp(dot, ".mp4") && strcasecmp(dot, ".m4v") && strcasecmp(dot, ".mov") &&
                 strcasecmp(dot, ".mkv"))) {
        nn_fail(err, NN_EUSAGE, "%s: films are written as .mp4, .mov or .mkv", path);
        return NULL;
    }
    for (size_t i = 0; i < sizeof codecs / sizeof *codecs; i++)
        if (!strcmp(name, codecs[i].name))
            c = &codecs[i];
    if (!c)
        nn_fail(err, NN_EUSAGE, "no codec '%s'; there are h264, hevc and prores", name);
    else if (o->alpha && c->alpha == AV_PIX_FMT_NONE)
        nn_fail(err, NN_EUSAGE, "%s: %s has no alpha; prores has", path, name);
    else if (c->only_mov && strcasecmp(dot, ".mov") && strcasecmp(dot, ".mkv"))
        nn_fail(err, NN_EUSAGE, "%s: ProRes is written as .mov", path);
    else
        return c;
    return NULL;
}

struct nn_writer *nn_writer_open(const char *path, int w, int h, const struct nn_writer_opts *opts,
                                 struct nn_err *err)
{
    const struct codec *codec = choose_codec(path, opts, err);
    struct nn_writer *wr = NULL;

    nn_libav_quiet();
    if (!codec)
        return NULL;
    if (w < 1 || h < 1 || w > 16384 || h > 16384)
        nn_fail(err, NN_EUNSUPPORTED, "%s: a film of %d x %d pixels", path, w, h);
    else if (opts->time_base.num < 1 || opts->time_base.den < 1 ||
             opts->time_base.num > INT32_MAX || opts->time_base.den > INT32_MAX)
        nn_fail(err, NN_EARG, "%s: no time base", path);
    else if (!(wr = calloc(1, sizeof *wr)))
        nn_fail_mem(err, "writer");
    if (!wr)
        return NULL;
    wr->codec = codec;
    wr->w = w;
    wr->h = h;
    wr->channels = opts->alpha ? 4 : 3;
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
    size_t ch = (size_t)wr->channels, from = (size_t)img->w * ch, to = (size_t)wr->padded.w * ch;

    for (int y = 0; y < wr->padded.h; y++) {
        uint8_t *row = wr->padded.px + (size_t)y * to;
        memcpy(row, img->px + (size_t)(y < img->h ? y : img->h - 1) * from, from);
        if (to > from)
            memcpy(row + from, row + from - ch, ch);
    }
    return wr->padded.px;
}

/* How long the frame with this pts is shown. */
static int64_t duration_at(const struct nn_writer *wr, int64_t pts)
{
    size_t hi = wr->frames, lo = hi > REORDER ? hi - REORDER : 0;

    while (hi - lo > 1) {
        size_t mid = (lo + hi) / 2;
        if (wr->pts[mid % REORDER] <= pts)
            lo = mid;
        else
            hi = mid;
    }
    if (lo + 1 < wr->frames)
        return wr->pts[(lo + 1) % REORDER] - wr->pts[lo % REORDER];
    if (wr->last_duration > 0)
        return wr->last_duration;
    return lo ? wr->pts[lo % REORDER] - wr->pts[(lo - 1) % REORDER] : 1;
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
    int64_t last = wr->frames ? wr->pts[(wr->frames - 1) % REORDER] : 0;

    if (wr->frames && pts <= last)
        return nn_fail(err, NN_EARG, "%s: time stamp %lld does not follow %lld", wr->file.path,
                       (long long)pts, (long long)last);
    wr->pts[wr->frames++ % REORDER] = pts;
    return 0;
}

int nn_writer_frame(struct nn_writer *wr, const struct nn_image *img, int64_t pts,
                    struct nn_err *err)
{
    const uint8_t *data[4] = { img->px };
    int stride[4] = { wr->enc->width * wr->channels }, ret;

    if (img->w != wr->w || img->h != wr->h || img->channels != wr->channels)
        return nn_fail(err, NN_EARG, "%s: a frame of %d x %d in a film of %d x %d", wr->file.path,
                       img->w, img->h, wr->w, wr->h);
    if (remember(wr, pts - wr->shift, err))
        return -1;
    if (wr->padded.px)
        data[0] = pad(wr, img);
    av_frame_unref(wr->frame);      /* the encoder may still hold the last one's pixels */
    wr->frame->width = wr->enc->width;
    wr->frame->height = wr->enc->height;
    wr->frame->format = wr->enc->pix_fmt;
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
    if (wr->recording)
        wr->fmt->pb = NULL;
    nn_recording_close(wr->recording, 0, NULL);
    nn_sound_free(wr->sound);
    avcodec_free_context(&wr->enc);
    av_frame_free(&wr->frame);
    av_packet_free(&wr->pkt);
    sws_freeContext(wr->sws);
    nn_image_release(&wr->padded);
    if (wr->fmt)
        avio_closep(&wr->fmt->pb);
    avformat_free_context(wr->fmt);
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
    if ((ret = av_write_trailer(wr->fmt)) < 0 ||
        (!wr->recording && (ret = avio_closep(&wr->fmt->pb)) < 0))
        return fails(wr, ret, err);
    return 0;
}

/* A recording is in its place already. */
static int finish_recording(struct nn_writer *wr, int ret, struct nn_err *err)
{
    struct nn_recording *r = wr->recording;

    wr->recording = NULL;
    wr->fmt->pb = NULL;
    return nn_recording_close(r, !ret, ret ? NULL : err) || ret ? -1 : 0;
}

int nn_writer_finish(struct nn_writer *wr, struct nn_err *err)
{
    int ret = end_film(wr, err);

    if (wr->recording)
        ret = finish_recording(wr, ret, err);
    else if (ret)
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
