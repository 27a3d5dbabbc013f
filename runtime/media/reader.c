#include "runtime/media/reader.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/pixdesc.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/media/container.h"
#include "runtime/media/convert.h"
#include "runtime/media/hardware.h"
#include "runtime/media/tonemap.h"

/* Damaged packets in a row after which a container is taken to hold nothing more. */
enum { MAX_DAMAGE = 256 };

struct nn_reader {
    char *path;
    struct nn_reader_opts opts;
    struct nn_container in;
    int live;
    struct nn_media_info info;
    AVFormatContext *fmt;   /* that of `in` */
    AVStream *st;
    AVCodecContext *dec;
    AVPacket *pkt;
    AVFrame *frame;
    struct nn_hardware hardware;
    struct nn_convert conv;
    struct nn_image img;
    int draining;           /* the file is at its end; the decoder still has frames */
    int64_t frames;         /* given so far */
    int64_t pts, end;       /* of the last frame */
    int64_t early;          /* see stamp() */
    double reached;         /* seconds: where the packet of any stream ends that ends last */
    int failed;             /* something did not decode; the first is in `fault` */
    struct nn_err fault;
};

/* "3.20 s", where the reader stands. */
static double seconds(const struct nn_reader *r, int64_t pts)
{
    return (double)pts * (double)r->st->time_base.num / (double)r->st->time_base.den;
}

static void note_fault(struct nn_reader *r, int64_t pts, const char *what)
{
    if (r->failed++)
        return;
    if (pts != AV_NOPTS_VALUE)
        nn_fail(&r->fault, NN_EFORMAT, "%s: damaged at %.2f s: %s", r->path, seconds(r, pts), what);
    else if (r->frames)
        nn_fail(&r->fault, NN_EFORMAT, "%s: damaged behind %.2f s: %s", r->path,
                seconds(r, r->end), what);
    else
        nn_fail(&r->fault, NN_EFORMAT, "%s: damaged at its beginning: %s", r->path, what);
}

/* The film's stream: not a cover picture. NULL when there is none. */
static AVStream *find_video(AVFormatContext *fmt)
{
    int best = av_find_best_stream(fmt, AVMEDIA_TYPE_VIDEO, -1, -1, NULL, 0);

    if (best >= 0 && !(fmt->streams[best]->disposition & AV_DISPOSITION_ATTACHED_PIC))
        return fmt->streams[best];
    for (unsigned i = 0; i < fmt->nb_streams; i++) {
        AVStream *st = fmt->streams[i];
        if (st->codecpar->codec_type == AVMEDIA_TYPE_VIDEO &&
            !(st->disposition & AV_DISPOSITION_ATTACHED_PIC))
            return st;
    }
    return NULL;
}

static AVStream *find_audio(AVFormatContext *fmt)
{
    int best = av_find_best_stream(fmt, AVMEDIA_TYPE_AUDIO, -1, -1, NULL, 0);

    return best < 0 ? NULL : fmt->streams[best];
}

static const int32_t *display_matrix(const AVStream *st)
{
#if LIBAVFORMAT_VERSION_MAJOR >= 61
    const AVPacketSideData *sd = av_packet_side_data_get(st->codecpar->coded_side_data,
                                                         st->codecpar->nb_coded_side_data,
                                                         AV_PKT_DATA_DISPLAYMATRIX);
    return sd && sd->size >= 36 ? (const int32_t *)(const void *)sd->data : NULL;
#else
    size_t size = 0;
    const uint8_t *data = av_stream_get_side_data(st, AV_PKT_DATA_DISPLAYMATRIX, &size);
    return data && size >= 36 ? (const int32_t *)(const void *)data : NULL;
#endif
}

static int channels_of(const AVCodecParameters *p)
{
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(59, 24, 100)
    return p->ch_layout.nb_channels;
#else
    return p->channels;
#endif
}

static int64_t duration_of(const AVFrame *f)
{
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
    return f->duration;
#else
    return f->pkt_duration;
#endif
}

static int open_decoder(struct nn_reader *r, struct nn_err *err)
{
    const AVCodecParameters *par = r->st->codecpar;
    const AVCodec *codec = avcodec_find_decoder(par->codec_id);
    char why[64];
    int ret;

    if (!codec)
        return nn_fail(err, NN_EUNSUPPORTED, "%s: libav has no decoder for its video (%s)", r->path,
                       avcodec_get_name(par->codec_id));
    r->dec = avcodec_alloc_context3(codec);
    r->pkt = av_packet_alloc();
    r->frame = av_frame_alloc();
    if (!r->dec || !r->pkt || !r->frame)
        return nn_fail_mem(err, "decoder");
    r->dec->thread_count = 0;       /* one for each core; the frames do not depend on it */
    if (r->live) {                  /* a thread for each frame would hold back as many frames */
        r->dec->thread_type = FF_THREAD_SLICE;
        r->dec->flags |= AV_CODEC_FLAG_LOW_DELAY;
    }
    r->dec->pkt_timebase = r->st->time_base;
    r->dec->max_pixels = (int64_t)1 << 27;
    ret = avcodec_parameters_to_context(r->dec, par);
    if (ret >= 0 && r->opts.hardware)
        nn_hardware_try(&r->hardware, r->dec, codec);
    if (ret >= 0)
        ret = avcodec_open2(r->dec, codec, NULL);
    if (ret < 0)
        return nn_fail(err, NN_EFORMAT, "%s: cannot decode its video (%s): %s", r->path,
                       avcodec_get_name(par->codec_id), nn_libav_error(ret, why));
    return 0;
}

/* As the picture's stream, the file or a track of time codes says. */
static const char *timecode_of(const struct nn_reader *r)
{
    const AVDictionaryEntry *e = av_dict_get(r->st->metadata, "timecode", NULL, 0);

    e = e ? e : av_dict_get(r->fmt->metadata, "timecode", NULL, 0);
    for (unsigned i = 0; i < r->fmt->nb_streams && !e; i++)
        e = av_dict_get(r->fmt->streams[i]->metadata, "timecode", NULL, 0);
    return e ? e->value : "";
}

static void fill_info(struct nn_reader *r, const AVStream *audio)
{
    struct nn_media_info *i = &r->info;
    const AVCodecParameters *par = r->st->codecpar;
    const char *format = av_get_pix_fmt_name(par->format);
    const char *hdr = nn_tonemap_name((int)par->color_trc, (int)par->color_primaries);
    AVRational rate = r->st->avg_frame_rate.num > 0 ? r->st->avg_frame_rate : r->st->r_frame_rate;
    int aside;

    snprintf(i->container, sizeof i->container, "%s", r->fmt->iformat->name);
    snprintf(i->codec, sizeof i->codec, "%s", avcodec_get_name(par->codec_id));
    snprintf(i->pixel_format, sizeof i->pixel_format, "%s", format ? format : "unknown");
    i->rotation = nn_convert_rotation(display_matrix(r->st));
    aside = i->rotation == 90 || i->rotation == 270;
    i->w = aside ? par->height : par->width;
    i->h = aside ? par->width : par->height;
    i->time_base = (struct nn_rational){ r->st->time_base.num, r->st->time_base.den };
    i->frame_rate = (struct nn_rational){ 0, 1 };
    if (rate.num > 0 && rate.den > 0)
        i->frame_rate = (struct nn_rational){ rate.num, rate.den };
    i->start_pts = r->st->start_time == AV_NOPTS_VALUE ? 0 : r->st->start_time;
    if (r->st->duration != AV_NOPTS_VALUE && r->st->duration > 0)
        i->duration = seconds(r, r->st->duration);
    else if (r->fmt->duration > 0)
        i->duration = (double)r->fmt->duration / AV_TIME_BASE;
    snprintf(i->hdr, sizeof i->hdr, "%s", hdr ? hdr : "");
    snprintf(i->timecode, sizeof i->timecode, "%s", timecode_of(r));
    i->has_audio = audio != NULL;
    if (!audio)
        return;
    snprintf(i->audio_codec, sizeof i->audio_codec, "%s",
             avcodec_get_name(audio->codecpar->codec_id));
    i->audio_rate = audio->codecpar->sample_rate;
    i->audio_channels = channels_of(audio->codecpar);
}

static void close_streams(struct nn_reader *r)
{
    avcodec_free_context(&r->dec);
    nn_hardware_release(&r->hardware);
    nn_container_close(&r->in);
    r->fmt = NULL;
    av_packet_free(&r->pkt);
    av_frame_free(&r->frame);
}

static int open_streams(struct nn_reader *r, struct nn_err *err)
{
    const AVStream *audio;

    if (nn_container_open(&r->in, r->path, &r->opts, err))
        return -1;
    r->fmt = r->in.fmt;
    audio = find_audio(r->fmt);
    if (!(r->st = find_video(r->fmt)))
        return nn_fail(err, NN_EFORMAT, "%s has no video stream%s", r->path,
                       audio ? ", only sound" : "");
    if (r->st->codecpar->width < 1 || r->st->codecpar->height < 1)
        return nn_fail(err, NN_EFORMAT, "%s: nothing of its video can be decoded", r->path);
    r->live = r->opts.kind == NN_READ_URL && r->fmt->duration <= 0;
    if (open_decoder(r, err))
        return -1;
    fill_info(r, audio);
    r->draining = r->failed = 0;
    r->frames = 0;
    r->reached = 0;
    return 0;
}

struct nn_reader *nn_reader_open(const char *path, struct nn_err *err)
{
    return nn_reader_open_as(path, &(struct nn_reader_opts){ 0 }, err);
}

struct nn_reader *nn_reader_open_as(const char *path, const struct nn_reader_opts *opts,
                                    struct nn_err *err)
{
    struct nn_reader *r = calloc(1, sizeof *r);

    nn_libav_quiet();
    if (!r || !(r->path = strdup(path))) {
        free(r);
        nn_fail_mem(err, "reader");
        return NULL;
    }
    r->img.channels = 3;
    r->opts = *opts;
    r->in.fd = -1;
    if (open_streams(r, err)) {
        nn_reader_close(r);
        return NULL;
    }
    return r;
}

void nn_reader_close(struct nn_reader *r)
{
    if (!r)
        return;
    close_streams(r);
    nn_convert_release(&r->conv);
    nn_image_release(&r->img);
    free(r->path);
    free(r);
}

const struct nn_media_info *nn_reader_info(const struct nn_reader *r)
{
    return &r->info;
}

int64_t nn_reader_end(const struct nn_reader *r)
{
    return r->end;
}

int nn_reader_live(const struct nn_reader *r)
{
    return r->live;
}

const struct nn_err *nn_reader_fault(const struct nn_reader *r)
{
    return r->failed ? &r->fault : NULL;
}

int nn_reader_rewind(struct nn_reader *r, struct nn_err *err)
{
    if (r->opts.kind == NN_READ_PIPE || r->live)
        return nn_fail(err, NN_EUNSUPPORTED, "%s cannot be read twice", r->path);
    close_streams(r);       /* exact, where seeking depends on the container */
    return open_streams(r, err);
}

static void note_reached(struct nn_reader *r)
{
    AVRational tb = r->fmt->streams[r->pkt->stream_index]->time_base;
    int64_t pts = r->pkt->pts != AV_NOPTS_VALUE ? r->pkt->pts : r->pkt->dts;
    double end = (double)(pts + r->pkt->duration) * av_q2d(tb);

    if (pts != AV_NOPTS_VALUE && end > r->reached)
        r->reached = end;
}

/* Of an address: that it is lost says more than what was damaged on the way. */
static void note_loss(struct nn_reader *r, int code)
{
    char why[64];

    r->failed++;
    nn_fail(&r->fault, NN_EIO, "%s is lost: %s", r->path,
            code == AVERROR_EXIT ? "it fell silent" : nn_libav_error(code, why));
}

/* Hands the decoder the next packet of the film, or tells it that none follows. */
static void feed(struct nn_reader *r)
{
    char why[64];
    int ret, damaged = 0;

    do {
        av_packet_unref(r->pkt);
        if ((ret = nn_container_packet(&r->in, r->pkt)) >= 0)
            note_reached(r);
        else if (ret == AVERROR_INVALIDDATA)    /* what follows may be whole again */
            note_fault(r, AV_NOPTS_VALUE, nn_libav_error(ret, why));
    } while (ret >= 0 ? r->pkt->stream_index != r->st->index
                      : ret == AVERROR_INVALIDDATA && ++damaged < MAX_DAMAGE);
    if (ret < 0) {
        if (ret != AVERROR_EOF && r->opts.kind == NN_READ_URL)
            note_loss(r, ret);
        else if (ret != AVERROR_EOF)
            note_fault(r, AV_NOPTS_VALUE, nn_libav_error(ret, why));
        else if (r->fmt->pb && r->fmt->pb->error && r->fmt->pb->error != AVERROR_EOF)
            note_fault(r, AV_NOPTS_VALUE, nn_libav_error(r->fmt->pb->error, why));
        r->draining = 1;
        avcodec_send_packet(r->dec, NULL);
        return;
    }
    if (r->pkt->flags & AV_PKT_FLAG_CORRUPT)
        note_fault(r, r->pkt->pts, "the packet is cut short");
    /* Never AVERROR(EAGAIN): the decoder was emptied before. */
    ret = avcodec_send_packet(r->dec, r->pkt);
    if (ret < 0 && ret != AVERROR_EOF)
        note_fault(r, r->pkt->pts, nn_libav_error(ret, why));
}

/* A header that promises much more than came: the file was cut. */
static void check_length(struct nn_reader *r)
{
    double claimed = (double)r->fmt->duration / AV_TIME_BASE, got = seconds(r, r->end);
    double slack = fmin(0.5 + 0.02 * claimed, claimed / 4);

    if (!r->frames || r->fmt->duration <= 0 ||
        r->fmt->duration_estimation_method != AVFMT_DURATION_FROM_STREAM)
        return;
    if (r->reached > got)
        got = r->reached;
    if (got + slack < claimed && !r->failed++)
        nn_fail(&r->fault, NN_EFORMAT, "%s: truncated: it ends at %.2f s of the %.2f s it claims",
                r->path, got, claimed);
}

/* The frame's time stamp and end; stamps that stand still or go back are moved
 * one unit behind their predecessor, for order's sake. AVI has no stamps: frame n
 * is shown at n, but libav counts from the decoder's delay, which is taken off. */
static void stamp(struct nn_reader *r)
{
    int64_t pts = r->frame->best_effort_timestamp, duration = duration_of(r->frame);

    if (duration <= 0 && r->info.frame_rate.num)
        duration = av_rescale_q(1, (AVRational){ (int)r->info.frame_rate.den,
                                                 (int)r->info.frame_rate.num },
                                r->st->time_base);
    if (duration <= 0)
        duration = 1;
    if (pts == AV_NOPTS_VALUE)
        pts = r->frames ? r->end + r->early : r->info.start_pts;
    if (!r->frames)
        r->early = !strcmp(r->fmt->iformat->name, "avi") ? pts - r->info.start_pts : 0;
    pts -= r->early;
    if (r->frames && pts <= r->pts)
        pts = r->pts + 1;
    r->pts = pts;
    r->end = pts + duration;
}

int nn_reader_next(struct nn_reader *r, const struct nn_image **img, int64_t *pts,
                   struct nn_err *err)
{
    if (img)
        *img = &r->img;
    return nn_reader_into(r, img ? &r->img : NULL, pts, err);
}

int nn_reader_into(struct nn_reader *r, struct nn_image *img, int64_t *pts, struct nn_err *err)
{
    char why[64];
    int ret;

    while ((ret = avcodec_receive_frame(r->dec, r->frame)) < 0) {
        if (ret == AVERROR_EOF || (ret != AVERROR(EAGAIN) && r->draining))
            break;
        if (ret != AVERROR(EAGAIN))
            note_fault(r, AV_NOPTS_VALUE, nn_libav_error(ret, why));
        feed(r);
    }
    if (ret < 0) {
        if (nn_container_quits(&r->in))
            return nn_fail(err, NN_EINTR, "reading %s interrupted", r->path);
        if (!r->failed)
            check_length(r);
        if (!r->frames && !r->failed)
            note_fault(r, AV_NOPTS_VALUE, "no frame decodes");
        return r->failed ? nn_fail(err, r->fault.code, "%s", r->fault.msg) : 0;
    }
    stamp(r);
    r->frames++;
    if (r->frame->decode_error_flags || r->frame->flags & AV_FRAME_FLAG_CORRUPT)
        note_fault(r, r->pts, "the frame has errors");
    *pts = r->pts;
    if (img && nn_hardware_fetch(&r->hardware, r->frame, err))
        return nn_fail_in(err, "%s at %.2f s", r->path, seconds(r, r->pts));
    ret = img ? nn_convert_frame(&r->conv, r->frame, r->info.rotation, img, err) : 0;
    av_frame_unref(r->frame);
    return ret ? nn_fail_in(err, "%s at %.2f s", r->path, seconds(r, r->pts)) : 1;
}
