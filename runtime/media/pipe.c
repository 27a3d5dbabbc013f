#include "runtime/media/pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/stop.h"

enum { LOOK_MS = 100 };     /* how often a waiting pipe looks whether it shall stop */

int nn_pipe_is(const char *word)
{
    struct stat st;

    return !strcmp(word, "-") ||
           (!stat(word, &st) && (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode)));
}

int nn_pipe_open_read(const char *word, struct nn_err *err)
{
    int fd = strcmp(word, "-") ? open(word, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : STDIN_FILENO;

    if (fd < 0)
        return nn_fail_errno(err, "cannot read %s", word);
    if (isatty(fd))
        return nn_fail(err, NN_EUSAGE, "stdin is a terminal; a pipe of Y4M is wanted there");
    return fd;
}

/* Opening a FIFO for writing needs somebody who reads. */
static int wait_for_reader(const char *word, struct nn_err *err)
{
    const struct timespec wait = { 0, 20 * 1000 * 1000 };
    int fd;

    while ((fd = open(word, O_WRONLY | O_NONBLOCK | O_CLOEXEC)) < 0 && errno == ENXIO) {
        if (nn_check_stop("waiting for a reader", err))
            return -1;
        nanosleep(&wait, NULL);
    }
    return fd < 0 ? nn_fail_errno(err, "cannot write %s", word) : fd;
}

int nn_pipe_open_write(const char *word, struct nn_err *err)
{
    /* A reader that goes away is an error with a sentence, not the end of the program. */
    signal(SIGPIPE, SIG_IGN);
    if (strcmp(word, "-"))
        return wait_for_reader(word, err);
    if (isatty(STDOUT_FILENO))
        return nn_fail(err, NN_EUSAGE, "stdout is a terminal; lead it into a pipe or a file");
    return STDOUT_FILENO;
}

void nn_pipe_close(int fd)
{
    if (fd > STDERR_FILENO)
        close(fd);
}

/* 1 when the descriptor is ready; -1 when asked to stop. */
static int wait_for(int fd, short what, const atomic_int *quit, struct nn_err *err)
{
    struct pollfd p = { .fd = fd, .events = what };

    for (;;) {
        if (nn_check_stop("the pipe", err))
            return -1;
        if (quit && atomic_load(quit))
            return nn_fail(err, NN_EINTR, "the pipe is closed");
        if (poll(&p, 1, LOOK_MS) > 0)
            return 1;
    }
}

long nn_pipe_read(int fd, void *to, size_t size, const atomic_int *quit, struct nn_err *err)
{
    for (;;) {
        ssize_t n;
        if (wait_for(fd, POLLIN, quit, err) < 0)
            return -1;
        if ((n = read(fd, to, size)) >= 0)
            return n;
        if (errno != EAGAIN && errno != EINTR)
            return nn_fail_errno(err, "cannot read the pipe");
    }
}

int nn_pipe_write(int fd, const void *from, size_t size, const char *name, struct nn_err *err)
{
    const char *p = from;

    while (size) {
        ssize_t n;
        if (wait_for(fd, POLLOUT, NULL, err) < 0)
            return -1;
        /* A pipe that is ready has room for a page; a blocking stdout would wait for more. */
        n = write(fd, p, size < 4096 ? size : 4096);
        if (n < 0 && errno == EPIPE)
            return nn_fail(err, NN_EIO, "%s: its reader went away", name);
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return nn_fail_errno(err, "cannot write %s", name);
        if (n > 0) {
            p += n;
            size -= (size_t)n;
        }
    }
    return 0;
}
