#include "common/stop.h"

#include <signal.h>
#include <stddef.h>

#include "common/err.h"

static volatile sig_atomic_t asked;

static void on_signal(int sig)
{
    asked = 1;
    signal(sig, SIG_DFL);
}

void nn_stop_catch(void)
{
    struct sigaction sa = { .sa_handler = on_signal };

    sigemptyset(&sa.sa_mask);
    sigaction(SIGINT, &sa, NULL);
    sigaction(SIGTERM, &sa, NULL);
}

int nn_stopping(void)
{
    return asked;
}

int nn_check_stop(const char *what, struct nn_err *err)
{
    return asked ? nn_fail(err, NN_EINTR, "%s interrupted", what) : 0;
}
