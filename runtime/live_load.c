#include "runtime/live_load.h"

#include <math.h>
#include <stdio.h>

enum { WARM = 8, LATE = 3 };                /* frames not judged; late ones until a level goes */
static const double ROOM = 0.7;             /* of the budget: below it all is well */
static const double PATIENCE = 2, LONGEST = 32, REGRET = 3, FADE = 0.25;    /* seconds */

/* From which level on a kind of effect is left out. */
static const int gone[NN_TOUCHES] = { [NN_POINT] = NN_LOAD_LEVELS, [NN_AREA] = 4,
                                      [NN_SPRITE] = 5, [NN_WARP] = 6 };

void nn_load_init(struct nn_load *l, double budget_ms)
{
    *l = (struct nn_load){ .budget = budget_ms, .patience = PATIENCE, .since = LONGEST };
    for (int i = 0; i < NN_TOUCHES; i++)
        l->keep[i] = 1;
}

static int judge(struct nn_load *l, double ms, double dt)
{
    l->over = ms > l->budget ? l->over + 1 : 0;
    l->calm = ms < ROOM * l->budget ? l->calm + dt : 0;
    l->since += dt;
    if (l->over >= LATE && l->level < NN_LOAD_LEVELS - 1) {
        if (l->since < REGRET)
            l->patience = fmin(2 * l->patience, LONGEST);
        l->level++;
        l->over = 0;
        l->calm = 0;
        if (l->level > l->worst)
            l->worst = l->level;
        return 1;
    }
    if (!l->level && l->calm > LONGEST)
        l->patience = PATIENCE;
    if (!l->level || l->calm < l->patience)
        return 0;
    l->level--;
    l->calm = l->since = 0;
    return 1;
}

int nn_load_frame(struct nn_load *l, double ms, double dt)
{
    int changed = 0;

    dt = dt > 0 ? fmin(dt, 0.5) : 0;
    if (l->warm < WARM)         /* memory is touched for the first time */
        l->warm++;
    else
        changed = judge(l, ms, dt);
    for (int i = 0; i < NN_TOUCHES; i++) {
        float step = (float)(dt / FADE), way = l->level >= gone[i] ? -step : step;
        l->keep[i] = fmaxf(0, fminf(1, l->keep[i] + way));
    }
    return changed;
}

int nn_load_every(const struct nn_load *l)
{
    return 1 << (l->level < 3 ? l->level : 3);
}

void nn_load_words(const struct nn_load *l, char out[80])
{
    static const char *const what[] = { "", "", "", "", ", no area effects",
                                        ", no area effects, no sprites",
                                        ", point effects alone" };

    out[0] = 0;
    if (l->level)
        snprintf(out, 80, "analysis 1/%d%s", nn_load_every(l), what[l->level]);
}
