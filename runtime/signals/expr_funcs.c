/* expr_funcs.c - what expressions can do: operators, shapes, memory, chance and clocks. */
#include <math.h>
#include <stddef.h>

#include "runtime/signals/expr.h"

enum { RING = 256 };

typedef const struct nn_expr_now now_t;
typedef struct nn_expr_node node_t;
#define FUNC(name) static float name(node_t *n, const float *a, now_t *now)
#define PLAIN(name, value) FUNC(name) { (void)n; (void)now; return value; }

static float clamp(float x, float lo, float hi)
{
    return x < lo ? lo : x > hi ? hi : x;
}

PLAIN(add, a[0] + a[1])
PLAIN(sub, a[0] - a[1])
PLAIN(mul, a[0] * a[1])
PLAIN(divide, fabsf(a[1]) > 1e-12f ? a[0] / a[1] : NAN)
PLAIN(neg, -a[0])
PLAIN(less, a[0] < a[1] ? 1 : 0)
PLAIN(more, a[0] > a[1] ? 1 : 0)
PLAIN(f_abs, fabsf(a[0]))
PLAIN(f_clamp, clamp(a[0], a[1], a[2]))
PLAIN(mix, a[0] + (a[1] - a[0]) * a[2])
PLAIN(root, a[0] >= 0 ? sqrtf(a[0]) : NAN)
PLAIN(power, powf(a[0], a[1]))
PLAIN(f_floor, floorf(a[0]))
PLAIN(fract, a[0] - floorf(a[0]))
PLAIN(sine, (float)(0.5 - 0.5 * cos(6.283185307179586 * (double)a[0])))
PLAIN(tri, 1 - fabsf(2 * (a[0] - floorf(a[0])) - 1))
PLAIN(square, a[0] - floorf(a[0]) < (n->args > 1 ? a[1] : 0.5f) ? 1 : 0)

FUNC(f_min)
{
    float v = a[0];

    (void)now;
    for (int i = 1; i < n->args; i++)
        v = a[i] < v ? a[i] : v;
    return v;
}

FUNC(f_max)
{
    float v = a[0];

    (void)now;
    for (int i = 1; i < n->args; i++)
        v = a[i] > v ? a[i] : v;
    return v;
}

FUNC(smooth)
{
    float x;

    (void)n;
    (void)now;
    if (!(fabsf(a[2] - a[1]) > 1e-12f))
        return NAN;
    x = clamp((a[0] - a[1]) / (a[2] - a[1]), 0, 1);
    return x * x * (3 - 2 * x);
}

/* Straight lines through points whose x rise; level beyond the ends. */
FUNC(curve)
{
    (void)now;
    if (a[0] <= a[1])
        return a[2];
    for (int i = 3; i + 1 < n->args; i += 2)
        if (a[0] <= a[i])
            return a[i] > a[i - 2] ? a[i - 1] + (a[i + 1] - a[i - 1]) * (a[0] - a[i - 2]) /
                                     (a[i] - a[i - 2]) : a[i + 1];
    return a[n->args % 2 ? n->args - 1 : n->args - 2];
}

/* How far towards the goal dt seconds go, with a time constant of tau. */
static float towards(double dt, float tau)
{
    return tau > 0 ? (float)(1 - exp(-dt / (double)tau)) : 1;
}

FUNC(lag)
{
    float tau = a[0] > n->s[0] || n->args < 3 ? a[1] : a[2];

    n->s[0] = now->first ? a[0] : n->s[0] + towards(now->dt, tau) * (a[0] - n->s[0]);
    return n->s[0];
}

/* Change a second. Two frames at one time have none. */
FUNC(delta)
{
    float rate = now->first || !(now->dt > 0) ? 0 : (a[0] - n->s[0]) / (float)now->dt;

    n->s[0] = a[0];
    if (n->args > 1)
        n->s[1] += towards(now->dt, a[1]) * (rate - n->s[1]);
    return n->args > 1 ? n->s[1] : rate;
}

/* s: open, seconds open. */
FUNC(gate)
{
    float slack = n->args > 2 ? a[2] : 0, hold = n->args > 3 ? a[3] : 0;

    if (n->s[0] > 0) {
        n->s[1] += (float)now->dt;
        if (n->s[1] >= hold && a[0] < a[1] - slack)
            n->s[0] = 0;
    } else if (a[0] >= a[1]) {
        n->s[0] = 1;
        n->s[1] = 0;
    }
    return n->s[0];
}

/* Whether x rose through one half since the last call; what it was is kept in *was. */
static int rises(float x, float *was)
{
    int up = x >= 0.5f && *was < 0.5f;

    *was = x;
    return up;
}

FUNC(sample)
{
    if (rises(a[1], &n->s[1]) || now->first)
        n->s[0] = a[0];
    return n->s[0];
}

FUNC(toggle)
{
    (void)now;
    if (rises(a[0], &n->s[1]))
        n->s[0] = 1 - n->s[0];
    return n->s[0];
}

FUNC(count)
{
    (void)now;
    if (rises(a[0], &n->s[1]))
        n->s[0] = fmodf(n->s[0] + 1, n->args > 1 && a[1] >= 1 ? floorf(a[1]) : 65536);
    return n->s[0];
}

/* A ring of values a 255th of the delay apart, so that any frame rate fits; s: the
 * newest one's place, seconds since it was put there, how many there are. */
FUNC(delay)
{
    float step = clamp(a[1], 0, 30) / (RING - 2), at;
    int head = (int)n->s[0], filled = (int)n->s[2], back;

    if (!(step > 0))
        return a[0];
    n->s[1] += (float)now->dt;
    if (n->s[1] > step * RING * 2)              /* a gap: the past is level */
        n->s[1] = step * RING * 2;
    if (now->first) {
        n->ring[0] = a[0];
        filled = 1;
    }
    for (; n->s[1] >= step; n->s[1] -= step) {
        head = (head + 1) % RING;
        n->ring[head] = a[0];
        filled = filled < RING ? filled + 1 : RING;
    }
    n->s[0] = (float)head;
    n->s[2] = (float)filled;
    at = (float)(RING - 2) - n->s[1] / step;    /* steps back from the newest */
    at = clamp(at, 0, (float)(filled - 1));
    back = (int)at;
    if (back >= filled - 1)
        return n->ring[(head - (filled - 1) + RING) % RING];
    at -= (float)back;
    return n->ring[(head - back + RING) % RING] * (1 - at) +
           n->ring[(head - back - 1 + RING) % RING] * at;
}

/* Attack and decay, then the level it sustains while the gate is open, then release;
 * all straight. s: level, stage (0 rest or release, 1 attack, 2 decay), the gate before. */
FUNC(envelope)
{
    float dt = (float)now->dt, level = n->s[0], sustain = clamp(a[3], 0, 1);

    if (rises(a[0], &n->s[2]))
        n->s[1] = 1;
    else if (a[0] < 0.5f && n->s[1] > 1)
        n->s[1] = 0;
    if (n->s[1] == 1) {                         /* an attack is finished, whatever the gate does */
        level += a[1] > 0 ? dt / a[1] : 1;
        if (level >= 1)
            n->s[1] = 2;
    } else if (n->s[1] == 2) {
        level -= a[2] > 0 ? dt / a[2] * (1 - sustain) : 1;
        level = level > sustain ? level : sustain;
    } else {
        level -= a[4] > 0 ? dt / a[4] : 1;
    }
    return n->s[0] = clamp(level, 0, 1);
}

/* Dice: 0 to 1 from (seed, node, throw), the finaliser of splitmix64. */
static float dice(now_t *now, const node_t *n, int64_t throw)
{
    uint64_t z = now->seed + 0x9e3779b97f4a7c15u * ((uint64_t)throw + 1) +
                 0xd1b54a32d192ed03u * ((uint64_t)n->id + 1);

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (float)((z ^ z >> 31) >> 40) * 0x1p-24f;
}

/* Turns since the start at a speed that may change, within what a frame can show. */
static double turns(node_t *n, now_t *now, float per_second)
{
    n->phase += now->dt * (double)clamp(per_second, 0, 1000);
    return n->phase;
}

FUNC(steps)
{
    return dice(now, n, (int64_t)turns(n, now, a[0]));
}

FUNC(noise)
{
    double at = turns(n, now, a[0]);
    float x = (float)(at - floor(at)), from = dice(now, n, (int64_t)at);

    return from + (dice(now, n, (int64_t)at + 1) - from) * x * x * (3 - 2 * x);
}

FUNC(throw_dice)
{
    if (rises(a[0], &n->s[1]))
        n->phase += 1;
    return dice(now, n, (int64_t)n->phase);
}

FUNC(clock_phase)
{
    float beats = n->args > 1 ? a[1] : 1;
    double at = beats > 0 ? turns(n, now, a[0] / 60 / beats) : n->phase;

    return (float)(at - floor(at));
}

/* 1 in the frame where a phase began again. */
FUNC(tick)
{
    float was = n->s[0];

    n->s[0] = a[0];
    return !now->first && a[0] < was - 0.5f ? 1 : 0;
}

const struct nn_expr_func nn_expr_funcs[] = {
    { "+", "a, b", "sum", 2, 2, 0, add },
    { "-", "a, b", "difference", 2, 2, 0, sub },
    { "*", "a, b", "product", 2, 2, 0, mul },
    { "/", "a, b", "quotient; by 0 there is no answer", 2, 2, 0, divide },
    { "<", "a, b", "1 when a is less, else 0", 2, 2, 0, less },
    { ">", "a, b", "1 when a is more, else 0", 2, 2, 0, more },
    { "neg", "x", "-x", 1, 1, 0, neg },
    { "min", "a, b, ...", "the least of up to 8", 1, 8, 0, f_min },
    { "max", "a, b, ...", "the largest of up to 8", 1, 8, 0, f_max },
    { "abs", "x", "without its sign", 1, 1, 0, f_abs },
    { "clamp", "x, lo, hi", "x held within", 3, 3, 0, f_clamp },
    { "mix", "a, b, x", "a at x = 0, b at 1", 3, 3, 0, mix },
    { "sqrt", "x", "square root", 1, 1, 0, root },
    { "pow", "x, y", "x to the power of y", 2, 2, 0, power },
    { "floor", "x", "the whole number below", 1, 1, 0, f_floor },
    { "fract", "x", "x without its whole number: a phase", 1, 1, 0, fract },
    { "smooth", "x, from, to", "0 to 1 between, softly at both ends", 3, 3, 0, smooth },
    { "curve", "x, x1, y1, x2, y2, ...", "lines through up to 8 points, x rising", 5, 17, 0,
      curve },
    { "lag", "x, rise[, fall]", "follows x, time constants in seconds", 2, 3, 0, lag },
    { "delta", "x[, seconds]", "change of x a second, smoothed when seconds are given", 1, 2, 0,
      delta },
    { "gate", "x, at[, hysteresis[, hold]]", "1 from when x reaches `at` until it falls below "
      "at - hysteresis, for `hold` seconds at least", 2, 4, 0, gate },
    { "sample", "x, trigger", "x as it was when the trigger rose through 0.5", 2, 2, 0, sample },
    { "delay", "x, seconds", "x as it was, up to 30 seconds ago", 2, 2, RING, delay },
    { "envelope", "gate, attack, decay, sustain, release", "0 to 1: seconds, seconds, level, "
      "seconds", 5, 5, 0, envelope },
    { "toggle", "trigger", "0 and 1 in turns, each time the trigger rises", 1, 1, 0, toggle },
    { "count", "trigger[, n]", "times that the trigger rose, beginning again at n", 1, 2, 0,
      count },
    { "noise", "rate", "smooth chance, 0 to 1, `rate` new goals a second", 1, 1, 0, noise },
    { "steps", "rate", "chance in steps, 0 to 1, `rate` a second", 1, 1, 0, steps },
    { "dice", "trigger", "another chance, 0 to 1, each time the trigger rises", 1, 1, 0,
      throw_dice },
    { "clock", "bpm[, beats]", "phase, 0 to 1, of each beat or of so many", 1, 2, 0,
      clock_phase },
    { "tick", "phase", "1 in the frame where a phase begins again", 1, 1, 0, tick },
    { "sine", "phase", "0, 1 and back, as a sine", 1, 1, 0, sine },
    { "triangle", "phase", "0, 1 and back, in straight lines", 1, 1, 0, tri },
    { "square", "phase[, width]", "1 for the first half, or `width`, of each turn, then 0", 1, 2,
      0, square },
    { NULL, NULL, NULL, 0, 0, 0, NULL },
};
