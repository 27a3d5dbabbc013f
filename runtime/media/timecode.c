#include "runtime/media/timecode.h"

#include <math.h>
#include <stdio.h>

struct nn_timecode nn_timecode_of(struct nn_rational rate, int no_drop)
{
    double fps = rate.den > 0 && rate.num > 0 ? (double)rate.num / (double)rate.den : 25;
    struct nn_timecode tc = { fps > 999 ? 999 : fps < 1 ? 1 : (int)(fps + 0.5), 0 };

    if (!no_drop && (tc.nominal == 30 || tc.nominal == 60) &&
        fabs(fps - tc.nominal / 1.001) < 0.005 * tc.nominal / 30)
        tc.drop = tc.nominal / 15;
    return tc;
}

/* Frames in ten minutes, nine of which are short. */
static int64_t in_ten(struct nn_timecode tc)
{
    return 600 * (int64_t)tc.nominal - 9 * tc.drop;
}

void nn_timecode_text(struct nn_timecode tc, int64_t frame, char out[NN_TIMECODE_TEXT])
{
    int64_t day = 144 * in_ten(tc), tens, rest, label, n = tc.nominal;
    unsigned h, m, s, f;

    frame = (frame % day + day) % day;
    tens = frame / in_ten(tc);
    rest = frame % in_ten(tc);
    label = frame + 9 * tc.drop * tens;
    if (rest >= 60 * n)         /* the first minute of ten is whole */
        label += tc.drop * (1 + (rest - 60 * n) / (60 * n - tc.drop));
    f = (unsigned)(label % n);
    s = (unsigned)(label / n % 60);
    m = (unsigned)(label / (60 * n) % 60);
    h = (unsigned)(label / (3600 * n) % 24);
    snprintf(out, NN_TIMECODE_TEXT, "%02u:%02u:%02u%c%02u", h, m, s, tc.drop ? ';' : ':', f % 1000);
}

int nn_timecode_parse(struct nn_timecode tc, const char *text, int64_t *frame, struct nn_err *err)
{
    unsigned h, m, s, f;
    int end = 0;
    int64_t minutes;

    if (sscanf(text, "%2u:%2u:%2u%*1[:;.,]%3u%n", &h, &m, &s, &f, &end) != 4 || text[end] ||
        h > 23 || m > 59 || s > 59 || f >= (unsigned)tc.nominal)
        return nn_fail(err, NN_EUSAGE, "a time code is HH:MM:SS:FF with frames below %d, not "
                       "'%.40s'", tc.nominal, text);
    if (f < (unsigned)tc.drop && s == 0 && m % 10)
        return nn_fail(err, NN_EUSAGE, "there is no time code %.40s: drop-frame counting leaves it "
                       "out", text);
    minutes = 60 * (int64_t)h + m;
    *frame = (minutes * 60 + s) * tc.nominal + f - tc.drop * (minutes - minutes / 10);
    return 0;
}
