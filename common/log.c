#include "common/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int level = 1;
static int status_shown;

void nn_log_level(int l)
{
    level = l;
}

int nn_log_is_terminal(void)
{
    static int known = -1;

    if (known < 0)
        known = isatty(STDERR_FILENO) && getenv("TERM");
    return known;
}

static void clear_status(void)
{
    if (status_shown)
        fputs("\r\033[K", stderr);
    status_shown = 0;
}

static void say(int at, const char *prefix, const char *fmt, va_list ap)
{
    if (level < at)
        return;
    pthread_mutex_lock(&lock);
    clear_status();
    fputs(prefix, stderr);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    pthread_mutex_unlock(&lock);
}

#define SAY(at, prefix)             \
    do {                            \
        va_list ap;                 \
        va_start(ap, fmt);          \
        say(at, prefix, fmt, ap);   \
        va_end(ap);                 \
    } while (0)

void nn_info(const char *fmt, ...)
{
    SAY(1, "");
}

void nn_warn(const char *fmt, ...)
{
    SAY(1, "warning: ");
}

void nn_debug(const char *fmt, ...)
{
    SAY(2, "");
}

void nn_log_status(const char *line)
{
    if (!nn_log_is_terminal() || level < 1)
        return;
    pthread_mutex_lock(&lock);
    clear_status();
    if (line) {
        fputs(line, stderr);
        fflush(stderr);
        status_shown = 1;
    }
    pthread_mutex_unlock(&lock);
}
