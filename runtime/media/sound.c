#include "runtime/media/sound.h"

#include <libavcodec/avcodec.h>
#include <libavutil/audio_fifo.h>
#include <libavutil/channel_layout.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/fs.h"
#include "common/log.h"
#include "runtime/media/convert.h"

struct nn_sound {
    const char *path;               /* of the caller, during open */
    AVFormatContext *in, *out;
    AVStream *from, *to;
    AVPacket *pkt;
    int have, done;                 /* a packet is waiting in pkt; none follows */
    double origin;
    /* Only when encoding: */
    AVCodecContext *dec, *enc;
    SwrContext *swr;
    AVAudioFifo *fifo;
    AVFrame *frame;
    int64_t next;                   /* pts of the next sample that goes into the encoder */
    int started;
};

static int fails(const char *what, int code, struct nn_err *err)
{
    char why[64];

    return nn_fail(err, code == AVERROR(ENOMEM) ? NN_EMEM : NN_EIO, "cannot %s: %s", what,
                   nn_libav_error(code, why));
}

/* The codecs that players expect in an MP4. */
static int can_copy(enum AVCodecID id)
{
    switch (id) {
    case AV_CODEC_ID_AAC:
    case AV_CODEC_ID_MP3:
    case AV_CODEC_ID_MP2:
    case AV_CODEC_ID_AC3:
    case AV_CODEC_ID_EAC3:
    case AV_CODEC_ID_ALAC:
    case AV_CODEC_ID_FLAC:
    case AV_CODEC_ID_OPUS: return 1;
    default: return 0;
    }
}

static int start_copy(struct nn_sound *s, struct nn_err *err)
{
    int ret = avcodec_parameters_copy(s->to->codecpar, s->from->codecpar);

    if (ret < 0)
        return fails("copy the sound", ret, err);
    s->to->codecpar->codec_tag = 0;
    s->to->time_base = s->from->time_base;
    return 0;
}

static int nearest_rate(const AVCodec *codec, int rate)
{
    int best = rate;

    for (const int *r = codec->supported_samplerates; r && *r; r++)
        if (r == codec->supported_samplerates || abs(*r - rate) < abs(best - rate))
            best = *r;
    return best;
}

static int open_decoder(struct nn_sound *s, struct nn_err *err)
{
    const AVCodec *codec = avcodec_find_decoder(s->from->codecpar->codec_id);
    int ret;

    if (!codec || !(s->dec = avcodec_alloc_context3(codec)))
        return nn_fail(err, NN_EUNSUPPORTED, "libav has no decoder for the sound (%s)",
                       avcodec_get_name(s->from->codecpar->codec_id));
    s->dec->pkt_timebase = s->from->time_base;
    ret = avcodec_parameters_to_context(s->dec, s->from->codecpar);
    if (ret >= 0)
        ret = avcodec_open2(s->dec, codec, NULL);
    return ret < 0 ? fails("decode the sound", ret, err) : 0;
}

static int start_encode(struct nn_sound *s, struct nn_err *err)
{
    const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_AAC);
    AVChannelLayout layout;
    int ret;

    if (open_decoder(s, err))
        return -1;
    if (!codec || !(s->enc = avcodec_alloc_context3(codec)))
        return nn_fail(err, NN_EUNSUPPORTED, "libav has no AAC encoder");
    /* 1, 2 and 6 channels have a layout that AAC knows; others become stereo. */
    ret = s->dec->ch_layout.nb_channels;
    av_channel_layout_default(&layout, ret == 1 || ret == 6 ? ret : 2);
    av_channel_layout_copy(&s->enc->ch_layout, &layout);
    s->enc->sample_fmt = AV_SAMPLE_FMT_FLTP;
    s->enc->sample_rate = nearest_rate(codec, s->dec->sample_rate);
    s->enc->bit_rate = 96000 * layout.nb_channels;
    s->enc->time_base = (AVRational){ 1, s->enc->sample_rate };
    s->enc->flags |= AV_CODEC_FLAG_BITEXACT;
    if (s->out->oformat->flags & AVFMT_GLOBALHEADER)
        s->enc->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    if ((ret = avcodec_open2(s->enc, codec, NULL)) < 0 ||
        (ret = avcodec_parameters_from_context(s->to->codecpar, s->enc)) < 0)
        return fails("encode the sound", ret, err);
    s->to->time_base = s->enc->time_base;
    if (!s->dec->ch_layout.nb_channels || s->dec->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC)
        av_channel_layout_default(&s->dec->ch_layout, s->from->codecpar->ch_layout.nb_channels);
    ret = swr_alloc_set_opts2(&s->swr, &layout, AV_SAMPLE_FMT_FLTP, s->enc->sample_rate,
                              &s->dec->ch_layout, s->dec->sample_fmt, s->dec->sample_rate, 0, NULL);
    if (ret >= 0)
        ret = swr_init(s->swr);
    s->fifo = av_audio_fifo_alloc(AV_SAMPLE_FMT_FLTP, layout.nb_channels, 4096);
    s->frame = av_frame_alloc();
    if (ret < 0 || !s->fifo || !s->frame)
        return fails("convert the sound", ret < 0 ? ret : AVERROR(ENOMEM), err);
    nn_info("the sound is %s, which MP4 cannot hold: encoded again as AAC",
            avcodec_get_name(s->from->codecpar->codec_id));
    return 0;
}

static int open_source(struct nn_sound *s, const char *path, struct nn_err *err)
{
    AVDictionary *opts = NULL;
    char url[NN_PATH];
    int ret;

    if (nn_path(url, err, "file:%s", path))
        return -1;
    av_dict_set(&opts, "protocol_whitelist", "file", 0);
    ret = avformat_open_input(&s->in, url, NULL, &opts);
    av_dict_free(&opts);
    if (ret >= 0)
        ret = avformat_find_stream_info(s->in, NULL);
    return ret < 0 ? fails("open it for its sound", ret, err) : 0;
}

int nn_sound_open(struct nn_sound **out, const char *path, AVFormatContext *film,
                  struct nn_err *err)
{
    struct nn_sound *s = calloc(1, sizeof *s);
    int best = -1;

    *out = NULL;
    if (!s)
        return nn_fail_mem(err, "sound");
    if (open_source(s, path, err))
        goto fail;
    best = av_find_best_stream(s->in, AVMEDIA_TYPE_AUDIO, -1, -1, NULL, 0);
    if (best < 0) {
        nn_sound_free(s);
        return 0;
    }
    for (unsigned i = 0; i < s->in->nb_streams; i++)
        s->in->streams[i]->discard = (int)i == best ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
    s->from = s->in->streams[best];
    s->out = film;
    if (s->in->iformat->flags & AVFMT_TS_DISCONT && s->in->start_time != AV_NOPTS_VALUE)
        s->origin = (double)s->in->start_time / AV_TIME_BASE;
    if (!(s->pkt = av_packet_alloc()) || !(s->to = avformat_new_stream(film, NULL))) {
        nn_fail_mem(err, "sound");
        goto fail;
    }
    if (can_copy(s->from->codecpar->codec_id) ? start_copy(s, err) : start_encode(s, err))
        goto fail;
    *out = s;
    return 0;
fail:
    nn_sound_free(s);
    return nn_fail_in(err, "%s", path);
}

void nn_sound_free(struct nn_sound *s)
{
    if (!s)
        return;
    av_packet_free(&s->pkt);
    av_frame_free(&s->frame);
    if (s->fifo)
        av_audio_fifo_free(s->fifo);
    swr_free(&s->swr);
    avcodec_free_context(&s->enc);
    avcodec_free_context(&s->dec);
    avformat_close_input(&s->in);
    free(s);
}

double nn_sound_origin(const struct nn_sound *s)
{
    return s->origin;
}

static int write_packet(struct nn_sound *s, AVPacket *pkt, AVRational tb, struct nn_err *err)
{
    int ret;

    av_packet_rescale_ts(pkt, tb, s->to->time_base);
    pkt->stream_index = s->to->index;
    pkt->pos = -1;
    ret = av_interleaved_write_frame(s->out, pkt);
    return ret < 0 ? fails("write the sound", ret, err) : 0;
}

/* Packets that the encoder has ready. */
static int drain_encoder(struct nn_sound *s, struct nn_err *err)
{
    AVPacket *pkt = av_packet_alloc();
    int ret = 0;

    if (!pkt)
        return nn_fail_mem(err, "sound");
    while (!ret && avcodec_receive_packet(s->enc, pkt) >= 0)
        ret = write_packet(s, pkt, s->enc->time_base, err);
    av_packet_free(&pkt);
    return ret;
}

/* Encodes whole frames out of the fifo, and at the end what is left, too. */
static int encode(struct nn_sound *s, int last, struct nn_err *err)
{
    int ret, size = s->enc->frame_size, have;

    while ((have = av_audio_fifo_size(s->fifo)) >= size || (last && have > 0)) {
        av_frame_unref(s->frame);
        s->frame->nb_samples = have < size ? have : size;
        s->frame->format = AV_SAMPLE_FMT_FLTP;
        s->frame->sample_rate = s->enc->sample_rate;
        av_channel_layout_copy(&s->frame->ch_layout, &s->enc->ch_layout);
        if ((ret = av_frame_get_buffer(s->frame, 0)) < 0)
            return fails("encode the sound", ret, err);
        av_audio_fifo_read(s->fifo, (void **)s->frame->data, s->frame->nb_samples);
        s->frame->pts = s->next;
        s->next += s->frame->nb_samples;
        if ((ret = avcodec_send_frame(s->enc, s->frame)) < 0)
            return fails("encode the sound", ret, err);
        if (drain_encoder(s, err))
            return -1;
    }
    if (!last)
        return 0;
    avcodec_send_frame(s->enc, NULL);
    return drain_encoder(s, err);
}

/* Resampled samples into the fifo; in NULL: what the resampler held back. */
static int resample(struct nn_sound *s, const AVFrame *in, struct nn_err *err)
{
    int room = swr_get_out_samples(s->swr, in ? in->nb_samples : 0), got = 0;
    uint8_t **buf = NULL;

    if (room <= 0)
        return 0;
    if (av_samples_alloc_array_and_samples(&buf, NULL, s->enc->ch_layout.nb_channels, room,
                                           AV_SAMPLE_FMT_FLTP, 0) < 0)
        return nn_fail_mem(err, "sound");
    got = swr_convert(s->swr, buf, room, in ? (const uint8_t **)in->extended_data : NULL,
                      in ? in->nb_samples : 0);
    if (got > 0)
        got = av_audio_fifo_write(s->fifo, (void **)buf, got);
    av_freep(&buf[0]);
    av_freep(&buf);
    return got < 0 ? fails("convert the sound", got, err) : 0;
}

/* A hole in the source's time stamps becomes silence, so that what follows stays
 * in sync; jitter below a twentieth of a second is left alone. */
static int fill_gap(struct nn_sound *s, const AVFrame *f, struct nn_err *err)
{
    int64_t pts = f->best_effort_timestamp, at, gap;
    int ret;

    if (pts == AV_NOPTS_VALUE)
        return 0;
    at = av_rescale_q(pts, s->from->time_base, s->enc->time_base) -
         llrint(s->origin * s->enc->sample_rate);
    if (!s->started) {
        s->started = 1;
        s->next = at;
        return 0;
    }
    gap = at - (s->next + av_audio_fifo_size(s->fifo) +
                swr_get_delay(s->swr, s->enc->sample_rate));
    if (gap <= s->enc->sample_rate / 20 || gap > (int64_t)s->enc->sample_rate * 600)
        return 0;
    gap = av_rescale(gap, s->dec->sample_rate, s->enc->sample_rate);
    ret = swr_inject_silence(s->swr, (int)gap);
    return ret < 0 ? fails("convert the sound", ret, err) : 0;
}

/* Decodes `pkt` (NULL: the end) and passes it on. Damaged packets are silence. */
static int transcode(struct nn_sound *s, const AVPacket *pkt, struct nn_err *err)
{
    AVFrame *f = av_frame_alloc();
    int ret = 0;

    if (!f)
        return nn_fail_mem(err, "sound");
    avcodec_send_packet(s->dec, pkt);
    while (!ret && avcodec_receive_frame(s->dec, f) >= 0) {
        ret = fill_gap(s, f, err) || resample(s, f, err) || encode(s, 0, err) ? -1 : 0;
        av_frame_unref(f);
    }
    av_frame_free(&f);
    if (!ret && !pkt)
        ret = resample(s, NULL, err) || encode(s, 1, err) ? -1 : 0;
    return ret;
}

static int copy(struct nn_sound *s, struct nn_err *err)
{
    int64_t shift = llrint(s->origin / av_q2d(s->from->time_base));

    if (s->pkt->dts == AV_NOPTS_VALUE)
        s->pkt->dts = s->pkt->pts;
    if (s->pkt->pts == AV_NOPTS_VALUE)
        s->pkt->pts = s->pkt->dts;
    if (s->pkt->pts == AV_NOPTS_VALUE)
        return 0;
    s->pkt->pts -= shift;
    s->pkt->dts -= shift;
    return write_packet(s, s->pkt, s->from->time_base, err);
}

int nn_sound_until(struct nn_sound *s, double t, struct nn_err *err)
{
    while (!s->done) {
        if (!s->have) {
            if (av_read_frame(s->in, s->pkt) < 0) {
                s->done = 1;
                return s->enc ? transcode(s, NULL, err) : 0;
            }
            s->have = 1;
        }
        int64_t at = s->pkt->dts != AV_NOPTS_VALUE ? s->pkt->dts : s->pkt->pts;
        if (s->pkt->stream_index == s->from->index) {
            if (at != AV_NOPTS_VALUE &&
                (double)at * av_q2d(s->from->time_base) - s->origin >= t)
                return 0;
            if (s->enc ? transcode(s, s->pkt, err) : copy(s, err))
                return -1;
        }
        av_packet_unref(s->pkt);
        s->have = 0;
    }
    return 0;
}
