/*
 * test_camera.c - cameras and loopback devices against a driver of our own, which behaves as
 * the kernel's documents say: it can be unplugged, lie about sizes and damage pictures.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <time.h>

#include "common/progress.h"
#include "runtime/media/picture.h"
#include "runtime/media/sink.h"
#include "runtime/media/source.h"
#include "runtime/media/v4l2.h"
#include "tests/test.h"

enum { FD = 1000, W = 64, H = 48, STRIDE = 2 * W + 32, SIZE = STRIDE * H, BUFFERS = 3 };

/* What the driver is like now. */
static struct {
    atomic_int plugged, opened, frames, damage, silent;
    unsigned caps;
    unsigned formats[3];
    unsigned asked_format, w, h, format;
    int streaming, queued[BUFFERS], next;
    uint8_t memory[BUFFERS][SIZE];
    const void *jpeg;
    size_t jpeg_size;
    double stamp;
    size_t written;
    uint8_t first;
} drv;

static int fails(int code)
{
    errno = code;
    return -1;
}

/* CHECK() is the main thread's. */
static void must(int held)
{
    if (!held)
        abort();
}

static int fake_open(const char *path)
{
    if (!atomic_load(&drv.plugged) || strcmp(path, "/dev/video99"))
        return fails(ENOENT);
    atomic_fetch_add(&drv.opened, 1);
    return FD;
}

static int fake_close(int fd)
{
    must(fd == FD);
    atomic_fetch_sub(&drv.opened, 1);
    drv.streaming = 0;
    return 0;
}

/* A picture of red with one green column, as YUYV by BT.601, or a JPEG. */
static unsigned fill(uint8_t *to)
{
    if (drv.format == V4L2_PIX_FMT_MJPEG) {
        memcpy(to, drv.jpeg, drv.jpeg_size);
        return (unsigned)drv.jpeg_size;
    }
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W / 2; x++) {
            uint8_t *p = to + y * STRIDE + 4 * x;
            p[0] = p[2] = 81, p[1] = 90, p[3] = 240;
        }
    return SIZE;
}

static int dequeue(struct v4l2_buffer *b)
{
    struct timespec ts;
    int damage = atomic_load(&drv.damage);

    for (int i = 0; i < BUFFERS; i++, drv.next = (drv.next + 1) % BUFFERS)
        if (drv.queued[drv.next])
            break;
    if (!drv.queued[drv.next])
        return fails(EAGAIN);
    drv.queued[drv.next] = 0;
    b->index = (unsigned)drv.next;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    b->timestamp.tv_sec = ts.tv_sec;
    b->timestamp.tv_usec = ts.tv_nsec / 1000;
    b->flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
    b->bytesused = fill(drv.memory[drv.next]);
    if (damage == 1)
        b->flags |= V4L2_BUF_FLAG_ERROR;
    if (damage == 2)
        b->bytesused /= 3;
    if (damage == 3)
        b->bytesused = 1u << 30;
    atomic_fetch_add(&drv.frames, 1);
    return 0;
}

static int set_format(struct v4l2_format *f)
{
    drv.asked_format = f->fmt.pix.pixelformat;
    if (f->type == V4L2_BUF_TYPE_VIDEO_OUTPUT)
        return 0;
    f->fmt.pix.width = drv.w;
    f->fmt.pix.height = drv.h;
    f->fmt.pix.bytesperline = drv.asked_format == V4L2_PIX_FMT_YUYV ? STRIDE : 0;
    f->fmt.pix.colorspace = V4L2_COLORSPACE_SRGB;
    drv.format = drv.asked_format;
    return 0;
}

static int fake_control(int fd, unsigned long request, void *arg)
{
    must(fd == FD);
    if (!atomic_load(&drv.plugged))
        return fails(ENODEV);
    switch (request) {
    case VIDIOC_QUERYCAP: {
        struct v4l2_capability *cap = arg;
        strcpy((char *)cap->card, "Fake Camera");
        cap->capabilities = V4L2_CAP_DEVICE_CAPS | 0x7f;
        cap->device_caps = drv.caps;
        return 0;
    }
    case VIDIOC_ENUM_FMT: {
        struct v4l2_fmtdesc *d = arg;
        if (d->index > 2 || !drv.formats[d->index])
            return fails(EINVAL);
        d->pixelformat = drv.formats[d->index];
        return 0;
    }
    case VIDIOC_S_FMT: return set_format(arg);
    case VIDIOC_S_PARM: return 0;
    case VIDIOC_REQBUFS: ((struct v4l2_requestbuffers *)arg)->count = BUFFERS; return 0;
    case VIDIOC_QUERYBUF: {
        struct v4l2_buffer *b = arg;
        b->length = SIZE;
        b->m.offset = b->index;
        return 0;
    }
    case VIDIOC_QBUF: drv.queued[((struct v4l2_buffer *)arg)->index] = 1; return 0;
    case VIDIOC_DQBUF: return drv.streaming ? dequeue(arg) : fails(EINVAL);
    case VIDIOC_STREAMON: drv.streaming = 1; return 0;
    case VIDIOC_STREAMOFF: drv.streaming = 0; return 0;
    default: return fails(ENOTTY);
    }
}

static void *fake_map(int fd, size_t size, long offset)
{
    return fd == FD && size == SIZE && offset < BUFFERS ? drv.memory[offset] : MAP_FAILED;
}

static int fake_unmap(void *p, size_t size)
{
    must(p && size == SIZE);
    return 0;
}

static int fake_wait(int fd, int ms)
{
    (void)fd;
    nanosleep(&(struct timespec){ 0, (ms < 5 ? ms : 5) * 1000000 }, NULL);
    return !atomic_load(&drv.silent);
}

static long fake_write(int fd, const void *from, size_t size)
{
    must(fd == FD);
    drv.written += size;
    drv.first = *(const uint8_t *)from;
    return drv.written > 3 * size ? fails(EAGAIN) : (long)size;
}

static const struct nn_v4l2_calls fake = { fake_open, fake_close, fake_control, fake_map,
                                           fake_unmap, fake_wait, fake_write };

static void plug(unsigned caps, unsigned format, unsigned w, unsigned h)
{
    drv.caps = caps;
    drv.formats[0] = V4L2_PIX_FMT_SN9C10X;      /* one that we cannot read */
    drv.formats[1] = V4L2_PIX_FMT_GREY;
    drv.formats[2] = format;
    drv.w = w;
    drv.h = h;
    atomic_store(&drv.damage, 0);
    atomic_store(&drv.silent, 0);
    atomic_store(&drv.plugged, 1);
}

/* Frames within `seconds`, all of them red. */
static int take(struct nn_source *s, int want, double seconds)
{
    struct nn_source_frame f;
    struct nn_err err = { 0 };
    double start = nn_now();
    int n = 0;

    while (n < want && nn_now() - start < seconds) {
        int got = nn_source_next(s, &f, &err);
        CHECK(got == NN_SOURCE_FRAME || got == NN_SOURCE_NOTHING);
        if (got != NN_SOURCE_FRAME)
            continue;
        CHECK(f.img->w == W && f.img->h == H);
        CHECK(f.img->px[0] > 245 && f.img->px[1] < 10 && f.img->px[2] < 10);
        CHECK(nn_now() - f.captured < 0.2 && f.captured <= nn_now());
        n++;
    }
    return n;
}

/* Pictures, then a plug that is pulled, then put back. */
static void test_camera(unsigned format)
{
    struct nn_source_opts opts = { .w = 1280, .h = 720 };
    struct nn_err err = { 0 };
    struct nn_source *s;
    double start;

    plug(V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING, format, W, H);
    s = nn_source_open("/dev/video99", &opts, &err);
    CHECK_OK(s ? 0 : -1, &err);
    if (!s)
        return;
    CHECK(nn_source_live(s) && drv.asked_format == format);
    CHECK(take(s, 5, 3) == 5);
    for (int damage = 1; damage <= 3; damage++) {   /* damaged pictures are left out */
        atomic_store(&drv.damage, damage);
        take(s, 2, 0.1);
        CHECK(take(s, 1, 0.1) == 0 && !nn_source_lost(s));
    }
    atomic_store(&drv.damage, 0);
    CHECK(take(s, 2, 3) == 2);
    atomic_store(&drv.plugged, 0);
    for (start = nn_now(); !nn_source_lost(s) && nn_now() - start < 3;)
        take(s, 1, 0.02);
    CHECK(nn_source_lost(s) && !atomic_load(&drv.opened));
    take(s, 2, 0.05);
    CHECK(take(s, 1, 0.1) == 0);
    atomic_store(&drv.plugged, 1);
    CHECK(take(s, 5, 3) == 5 && !nn_source_lost(s));
    nn_source_close(s);
    CHECK(!atomic_load(&drv.opened) && !drv.streaming);
}

static void refuses(unsigned caps, unsigned format, unsigned w, const char *words)
{
    struct nn_source_opts opts = { 0 };
    struct nn_err err = { 0 };

    plug(caps, format, w, H);
    drv.formats[1] = V4L2_PIX_FMT_SN9C10X;
    CHECK(!nn_source_open("/dev/video99", &opts, &err));
    CHECK(strstr(err.msg, "/dev/video99") && strstr(err.msg, words));
    CHECK(!atomic_load(&drv.opened));
}

static void test_loopback(void)
{
    struct nn_sink_opts opts = { .w = W + 1, .h = H + 1, .time_base = { 1, 30 } };
    struct nn_sinks all = { 0 };
    struct nn_err err = { 0 };
    struct nn_image img;

    CHECK_OK(nn_image_init(&img, W + 1, H + 1, 3, &err), &err);
    memset(img.px, 255, nn_image_size(&img));
    plug(V4L2_CAP_VIDEO_OUTPUT, 0, W, H);
    CHECK_OK(nn_sinks_add(&all, "/dev/video99", &opts, &err), &err);
    for (int i = 0; i < 5; i++)     /* the last two when the device is busy */
        CHECK_OK(nn_sinks_frame(&all, NULL, &img, i, &err), &err);
    CHECK(drv.asked_format == V4L2_PIX_FMT_YUV420);
    CHECK(drv.written == 5 * W * H * 3 / 2 && drv.first == 235);
    CHECK_OK(nn_sinks_finish(&all, &err), &err);
    CHECK(!atomic_load(&drv.opened));
    plug(V4L2_CAP_VIDEO_CAPTURE, 0, W, H);
    CHECK(nn_sinks_add(&all, "/dev/video99", &opts, &err) < 0 && strstr(err.msg, "v4l2loopback"));
    CHECK(!atomic_load(&drv.opened));
    nn_image_release(&img);
}

int main(void)
{
    const struct nn_v4l2_calls *real = nn_v4l2;
    struct nn_source_opts opts = { 0 };
    struct nn_sink_opts so = { .w = 8, .h = 8, .time_base = { 1, 30 } };
    struct nn_sinks all = { 0 };
    struct nn_err err = { 0 };
    struct nn_image red;
    char path[300], dir[200];
    AVPacket *jpeg;
    FILE *f;

    CHECK(real->open("/dev/video98") < 0);
    CHECK(!nn_source_open("/dev/video98", &opts, &err) && err.code == NN_ENOTFOUND);
    CHECK(strstr(err.msg, "there is no /dev/video98") != NULL);
    CHECK(nn_sinks_add(&all, "/dev/video98", &so, &err) < 0 && err.code == NN_ENOTFOUND);

    nn_v4l2 = &fake;
    CHECK_OK(nn_image_init(&red, W, H, 3, &err), &err);
    for (size_t i = 0; i < nn_image_size(&red); i += 3)
        red.px[i] = 255;
    if (!test_scratch(dir, sizeof dir) || !(jpeg = av_packet_alloc()) || av_new_packet(jpeg, SIZE))
        return 1;
    snprintf(path, sizeof path, "%s/red.jpg", dir);
    CHECK_OK(nn_picture_write(&red, path, &err), &err);
    if ((f = fopen(path, "rb"))) {
        drv.jpeg_size = fread(jpeg->data, 1, SIZE, f);
        fclose(f);
    }
    drv.jpeg = jpeg->data;
    test_camera(V4L2_PIX_FMT_MJPEG);
    test_camera(V4L2_PIX_FMT_YUYV);
    refuses(V4L2_CAP_VIDEO_OUTPUT, V4L2_PIX_FMT_YUYV, W, "gives no pictures");
    refuses(V4L2_CAP_VIDEO_CAPTURE, V4L2_PIX_FMT_SN9C10X, W, "no pixel format");
    refuses(V4L2_CAP_VIDEO_CAPTURE, V4L2_PIX_FMT_YUYV, 0, "0 x 48");
    test_loopback();
    remove(path);
    remove(dir);
    av_packet_free(&jpeg);
    nn_image_release(&red);
    return test_done();
}
