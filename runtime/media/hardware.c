#include "runtime/media/hardware.h"

#include <libavutil/hwcontext.h>
#include <unistd.h>

#include "runtime/media/convert.h"

/* The kinds worth asking for, and the device file without which there is no use in it:
 * libraries of cards that are not there are slow to find that out. */
static const struct { enum AVHWDeviceType type; const char *device; } kinds[] = {
    { AV_HWDEVICE_TYPE_CUDA, "/dev/nvidiactl" },
    { AV_HWDEVICE_TYPE_VAAPI, "/dev/dri/renderD128" },
};

static int is_exact(enum AVCodecID id)
{
    return id == AV_CODEC_ID_H264 || id == AV_CODEC_ID_HEVC || id == AV_CODEC_ID_VP9 ||
           id == AV_CODEC_ID_AV1;
}

/* The decoder asks, once it knows the film: the card's format if that is among them. */
static enum AVPixelFormat choose(AVCodecContext *dec, const enum AVPixelFormat *formats)
{
    const struct nn_hardware *h = dec->opaque;

    for (const enum AVPixelFormat *f = formats; *f != AV_PIX_FMT_NONE; f++)
        if (*f == h->format)
            return *f;
    return avcodec_default_get_format(dec, formats);
}

static enum AVPixelFormat format_on(const AVCodec *codec, enum AVHWDeviceType type)
{
    const AVCodecHWConfig *c;

    for (int i = 0; (c = avcodec_get_hw_config(codec, i)); i++)
        if (c->device_type == type && c->methods & AV_CODEC_HW_CONFIG_METHOD_HW_DEVICE_CTX)
            return c->pix_fmt;
    return AV_PIX_FMT_NONE;
}

void nn_hardware_try(struct nn_hardware *h, AVCodecContext *dec, const AVCodec *codec)
{
    for (size_t i = 0; is_exact(codec->id) && i < sizeof kinds / sizeof *kinds; i++) {
        h->format = format_on(codec, kinds[i].type);
        if (h->format == AV_PIX_FMT_NONE || access(kinds[i].device, R_OK | W_OK) ||
            av_hwdevice_ctx_create(&h->device, kinds[i].type, NULL, NULL, 0) < 0)
            continue;
        if ((h->here = av_frame_alloc()) && (dec->hw_device_ctx = av_buffer_ref(h->device))) {
            dec->opaque = h;
            dec->get_format = choose;
            return;
        }
        nn_hardware_release(h);
    }
}

int nn_hardware_fetch(struct nn_hardware *h, AVFrame *f, struct nn_err *err)
{
    char why[64];
    int ret;

    if (!h->device || f->format != (int)h->format)
        return 0;
    av_frame_unref(h->here);
    if ((ret = av_hwframe_transfer_data(h->here, f, 0)) < 0 ||
        (ret = av_frame_copy_props(h->here, f)) < 0)
        return nn_fail(err, NN_EIO, "the graphics card does not give its frame back: %s",
                       nn_libav_error(ret, why));
    av_frame_unref(f);
    av_frame_move_ref(f, h->here);
    return 0;
}

void nn_hardware_release(struct nn_hardware *h)
{
    av_buffer_unref(&h->device);
    av_frame_free(&h->here);
}
