#include "runtime/media/v4l2.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

static int real_open(const char *path)
{
    return open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

static int real_control(int fd, unsigned long request, void *arg)
{
    return ioctl(fd, request, arg);
}

static void *real_map(int fd, size_t size, long offset)
{
    return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
}

static int real_wait(int fd, int ms)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };

    return poll(&p, 1, ms);
}

static long real_write(int fd, const void *from, size_t size)
{
    return write(fd, from, size);
}

static const struct nn_v4l2_calls real = { real_open, close, real_control, real_map, munmap,
                                           real_wait, real_write };
const struct nn_v4l2_calls *nn_v4l2 = &real;

int nn_v4l2_is(const char *word)
{
    return !strncmp(word, "/dev/video", 10) || !strncmp(word, "/dev/v4l/", 9);
}

int nn_v4l2_control(int fd, unsigned long request, void *arg)
{
    int ret;

    do
        ret = nn_v4l2->control(fd, request, arg);
    while (ret < 0 && errno == EINTR);
    return ret;
}

/* "; there are /dev/video2 and the like", for who named the wrong one. */
static const char *others(char buf[200])
{
    DIR *dir = opendir("/dev");
    struct dirent *e;
    size_t n = 0;

    snprintf(buf, 200, "no video device is plugged in");
    while (dir && (e = readdir(dir)) && n < 150)
        if (!strncmp(e->d_name, "video", 5) && strlen(e->d_name) < 12)
            n += (size_t)snprintf(buf + n, 200 - n, "%s/dev/%s", n ? ", " : "there are ",
                                  e->d_name);
    if (dir)
        closedir(dir);
    return buf;
}

static int cannot_open(const char *path, struct nn_err *err)
{
    char buf[200];

    switch (errno) {
    case ENOENT:
    case ENXIO:
    case ENODEV: return nn_fail(err, NN_ENOTFOUND, "there is no %s; %s", path, others(buf));
    case EACCES: return nn_fail(err, NN_EIO, "%s may not be opened; join the group 'video'", path);
    case EBUSY: return nn_fail(err, NN_EIO, "%s is used by another program", path);
    default: return nn_fail_errno(err, "cannot open %s", path);
    }
}

int nn_v4l2_open(const char *path, unsigned need, struct nn_err *err)
{
    struct v4l2_capability cap = { 0 };
    int fd = nn_v4l2->open(path);
    unsigned can;

    if (fd < 0)
        return cannot_open(path, err);
    if (nn_v4l2_control(fd, VIDIOC_QUERYCAP, &cap)) {
        nn_fail(err, NN_EFORMAT, "%s is no video device", path);
        nn_v4l2->close(fd);
        return -1;
    }
    can = cap.capabilities & V4L2_CAP_DEVICE_CAPS ? cap.device_caps : cap.capabilities;
    if (can & need)
        return fd;
    nn_fail(err, NN_EUNSUPPORTED, "%s (%.31s) %s", path, (const char *)cap.card,
            need == V4L2_CAP_VIDEO_CAPTURE ? "gives no pictures, or only in several planes"
                                           : "takes no pictures; v4l2loopback makes one that does");
    nn_v4l2->close(fd);
    return -1;
}

enum AVPixelFormat nn_v4l2_format(unsigned fourcc, enum AVCodecID *codec)
{
    *codec = AV_CODEC_ID_NONE;
    switch (fourcc) {
    case V4L2_PIX_FMT_YUYV: return AV_PIX_FMT_YUYV422;
    case V4L2_PIX_FMT_UYVY: return AV_PIX_FMT_UYVY422;
    case V4L2_PIX_FMT_NV12: return AV_PIX_FMT_NV12;
    case V4L2_PIX_FMT_YUV420: return AV_PIX_FMT_YUV420P;
    case V4L2_PIX_FMT_RGB24: return AV_PIX_FMT_RGB24;
    case V4L2_PIX_FMT_BGR24: return AV_PIX_FMT_BGR24;
    case V4L2_PIX_FMT_GREY: return AV_PIX_FMT_GRAY8;
    case V4L2_PIX_FMT_MJPEG:
    case V4L2_PIX_FMT_JPEG: *codec = AV_CODEC_ID_MJPEG; return AV_PIX_FMT_YUVJ422P;
    default: return AV_PIX_FMT_NONE;
    }
}
