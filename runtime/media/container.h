/*
 * container.h - a film's container, opened where it is: a file, a pipe, a network address.
 * The reader's helper.
 */
#ifndef NN_RUNTIME_MEDIA_CONTAINER_H
#define NN_RUNTIME_MEDIA_CONTAINER_H

#include <libavformat/avformat.h>

#include "runtime/media/reader.h"

struct nn_container {
    const char *path;               /* the caller's */
    struct nn_reader_opts opts;
    AVFormatContext *fmt;
    AVIOContext *io;                /* of a pipe */
    int fd;                         /* of a pipe, else -1 */
    double deadline;                /* nn_now() until which a URL may stay silent */
};

/* Opens opts->kind of `path`; release it with nn_container_close() in any case. It must
 * not be moved while it is open. */
int nn_container_open(struct nn_container *c, const char *path, const struct nn_reader_opts *opts,
                      struct nn_err *err);
void nn_container_close(struct nn_container *c);

/* av_read_frame() that Ctrl-C, opts->quit and the time-out end. */
int nn_container_packet(struct nn_container *c, AVPacket *pkt);
/* Whether it shall end. */
int nn_container_quits(const struct nn_container *c);

#endif
