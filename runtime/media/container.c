#include "runtime/media/container.h"

#include <sys/stat.h>

#include "common/fs.h"
#include "common/progress.h"
#include "common/stop.h"
#include "runtime/media/convert.h"
#include "runtime/media/pipe.h"

enum { PIPE_BUFFER = 1 << 16 };

int nn_container_quits(const struct nn_container *c)
{
    return nn_stopping() || (c->opts.quit && atomic_load(c->opts.quit));
}

/* libav asks this while it waits for the network. */
static int interrupt(void *arg)
{
    const struct nn_container *c = arg;

    return nn_container_quits(c) || nn_now() > c->deadline;
}

static int read_pipe(void *arg, uint8_t *to, int size)
{
    const struct nn_container *c = arg;
    struct nn_err err = { 0 };
    long n = nn_pipe_read(c->fd, to, (size_t)size, c->opts.quit, &err);

    return n > 0 ? (int)n : !n ? AVERROR_EOF : err.code == NN_EINTR ? AVERROR_EXIT : AVERROR(EIO);
}

static int prepare_pipe(struct nn_container *c, struct nn_err *err)
{
    uint8_t *buffer = av_malloc(PIPE_BUFFER);

    if (!buffer ||
        !(c->io = avio_alloc_context(buffer, PIPE_BUFFER, 0, c, read_pipe, NULL, NULL))) {
        av_free(buffer);
        return nn_fail_mem(err, "pipe");
    }
    if ((c->fd = nn_pipe_open_read(c->path, err)) < 0)
        return -1;
    c->fmt->pb = c->io;
    return 0;
}

/* Fills `url` and says which protocols may be followed from there: no play list of a file
 * leads to the network, and none of the network to a file. */
static int prepare_url(struct nn_container *c, char url[NN_PATH], AVDictionary **opts,
                       struct nn_err *err)
{
    struct stat st;

    if (c->opts.kind == NN_READ_URL) {
        av_dict_set(opts, "protocol_whitelist",
                    "http,https,httpproxy,tcp,tls,udp,rtp,rtsp,rtmp,srt,crypto", 0);
        av_dict_set(opts, "rtsp_transport", "tcp", 0);  /* no lost packets, no open ports */
        c->fmt->interrupt_callback = (AVIOInterruptCB){ interrupt, c };
        c->deadline = nn_now() + c->opts.timeout;
        return nn_path(url, err, "%s", c->path);
    }
    if (!stat(c->path, &st) && S_ISREG(st.st_mode) && !st.st_size)
        return nn_fail(err, NN_EFORMAT, "%s is empty", c->path);
    av_dict_set(opts, "protocol_whitelist", "file", 0);
    /* "file:" so that no name is taken for a protocol. */
    return nn_path(url, err, "file:%s", c->path);
}

int nn_container_open(struct nn_container *c, const char *path, const struct nn_reader_opts *o,
                      struct nn_err *err)
{
    char url[NN_PATH] = "", why[64];
    AVDictionary *opts = NULL;
    int ret;

    *c = (struct nn_container){ .path = path, .opts = *o, .fd = -1 };
    if (!(c->fmt = avformat_alloc_context()))
        return nn_fail_mem(err, "film");
    if (c->opts.kind == NN_READ_PIPE ? prepare_pipe(c, err) : prepare_url(c, url, &opts, err)) {
        av_dict_free(&opts);
        return -1;
    }
    ret = avformat_open_input(&c->fmt, *url ? url : NULL, NULL, &opts);
    av_dict_free(&opts);
    if (ret >= 0)
        ret = avformat_find_stream_info(c->fmt, NULL);
    if (ret >= 0)
        return 0;
    if (nn_container_quits(c))
        return nn_fail(err, NN_EINTR, "opening %s interrupted", c->path);
    if (c->opts.kind == NN_READ_URL)
        return nn_fail(err, NN_EIO, "cannot open %s: %s", c->path,
                       ret == AVERROR_EXIT ? "no answer" : nn_libav_error(ret, why));
    return nn_fail(err, ret == AVERROR_INVALIDDATA || ret == AVERROR_EOF ? NN_EFORMAT : NN_EIO,
                   ret == AVERROR_INVALIDDATA ? "%s is no film, or its index is cut off: %s"
                                              : "cannot open %s as a film: %s",
                   c->path, nn_libav_error(ret, why));
}

void nn_container_close(struct nn_container *c)
{
    avformat_close_input(&c->fmt);
    if (c->io)
        av_freep(&c->io->buffer);
    avio_context_free(&c->io);
    nn_pipe_close(c->fd);
    c->fd = -1;
}

int nn_container_packet(struct nn_container *c, AVPacket *pkt)
{
    c->deadline = nn_now() + c->opts.timeout;
    return av_read_frame(c->fmt, pkt);
}
