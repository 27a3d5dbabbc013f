#include "common/progress.h"

#include <stdio.h>
#include <time.h>

#include "common/log.h"

double nn_now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + 1e-9 * (double)ts.tv_nsec;
}

void nn_progress_start(struct nn_progress *p, const char *label, int64_t total)
{
    p->label = label;
    p->total = total;
    p->t0 = nn_now();
    p->last = 0;
}

void nn_progress_update(struct nn_progress *p, int64_t done, const char *note)
{
    static const char full[] = "##############################";
    double now = nn_now(), spent = now - p->t0, rate;
    char line[160], bar[40] = "", left[32] = "";

    if (!nn_log_is_terminal() || now - p->last < 0.1)
        return;
    p->last = now;
    rate = spent > 0 ? (double)done / spent : 0;
    if (p->total > 0) {
        int n = (int)(30 * done / p->total);
        snprintf(bar, sizeof bar, "[%.*s%*s] ", n, full, 30 - n, "");
        if (rate > 0) {
            int s = (int)((double)(p->total - done) / rate);
            snprintf(left, sizeof left, ", %d:%02d left", s / 60, s % 60);
        }
    }
    snprintf(line, sizeof line, "%s %s%lld, %.1f/s%s%s%s", p->label, bar, (long long)done, rate,
             left, note ? "  " : "", note ? note : "");
    nn_log_status(line);
}

void nn_progress_stop(struct nn_progress *p)
{
    (void)p;
    nn_log_status(NULL);
}
