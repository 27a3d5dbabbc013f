#include "runtime/media/recording.h"

#include <errno.h>
#include <fcntl.h>
#include <libavutil/error.h>
#include <libavutil/mem.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUFFER = 1 << 16 };

struct nn_recording {
    AVIOContext *io;
    char *path;
    int fd, failed;                 /* errno of the first write that did not work */
    int64_t at, size, whole;        /* bytes: of the next write, of the file, of whole fragments */
};

static int write_bytes(void *arg, uint8_t *from, int size, enum AVIODataMarkerType type,
                       int64_t time)
{
    struct nn_recording *r = arg;
    int left = size;

    (void)time;
    if (r->failed)
        return AVERROR(r->failed);
    if (r->at == r->size &&
        (type == AVIO_DATA_MARKER_SYNC_POINT || type == AVIO_DATA_MARKER_BOUNDARY_POINT))
        r->whole = r->at;
    while (left) {
        ssize_t n = pwrite(r->fd, from, (size_t)left, r->at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            r->failed = n < 0 ? errno : ENOSPC;
            return AVERROR(r->failed);
        }
        from += n;
        left -= (int)n;
        r->at += n;
    }
    if (r->at > r->size)
        r->size = r->at;
    return size;
}

static int64_t seek(void *arg, int64_t to, int whence)
{
    struct nn_recording *r = arg;

    switch (whence & ~AVSEEK_FORCE) {
    case AVSEEK_SIZE: return r->size;
    case SEEK_CUR: to += r->at; break;
    case SEEK_END: to += r->size; break;
    default: break;
    }
    return to < 0 ? AVERROR(EINVAL) : (r->at = to);
}

struct nn_recording *nn_recording_open(const char *path, struct nn_err *err)
{
    struct nn_recording *r = calloc(1, sizeof *r);
    uint8_t *buffer = av_malloc(BUFFER);

    if (r)
        r->fd = -1;
    if (!r || !buffer || !(r->path = strdup(path)) ||
        !(r->io = avio_alloc_context(buffer, BUFFER, 1, r, NULL, NULL, seek))) {
        av_free(buffer);
        nn_fail_mem(err, "recording");
    } else if ((r->fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC)) < 0) {
        nn_fail_errno(err, "cannot write %s", path);
    } else {
        r->io->write_data_type = write_bytes;
        return r;
    }
    nn_recording_close(r, 1, NULL);
    return NULL;
}

AVIOContext *nn_recording_io(struct nn_recording *r)
{
    return r->io;
}

int nn_recording_close(struct nn_recording *r, int whole, struct nn_err *err)
{
    int ret = 0;

    if (!r)
        return 0;
    if (r->io) {
        avio_flush(r->io);
        av_freep(&r->io->buffer);
    }
    avio_context_free(&r->io);
    if (r->fd >= 0 && (!whole || r->failed) && r->whole > 0 && ftruncate(r->fd, r->whole))
        ret = nn_fail_errno(err, "cannot cut %s back to what is whole", r->path);
    if (r->failed) {
        errno = r->failed;
        ret = nn_fail_errno(err, "cannot write %s", r->path);
    }
    if (r->fd >= 0 && close(r->fd) && !ret)
        ret = nn_fail_errno(err, "cannot write %s", r->path);
    free(r->path);
    free(r);
    return ret;
}
