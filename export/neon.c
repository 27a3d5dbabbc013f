/* The colours of values: two ramps through the palette of runtime/draw/canvas.h. */
#include <math.h>

#include "export/plates.h"

struct stop {
    float at;
    uint8_t rgb[3];
};

static void ramp(const struct stop *s, float v, uint8_t rgb[3])
{
    float t;

    v = isnan(v) || v < 0 ? 0 : v > 1 ? 1 : v;
    while (v > s[1].at)
        s++;
    t = (v - s[0].at) / (s[1].at - s[0].at);
    for (int c = 0; c < 3; c++)
        rgb[c] = (uint8_t)lrintf((float)s[0].rgb[c] + t * (float)(s[1].rgb[c] - s[0].rgb[c]));
}

void nn_neon_diverging(float v, uint8_t rgb[3])
{
    static const struct stop above[] = {
        { 0, { 20, 22, 36 } }, { .25f, { 78, 16, 74 } }, { .65f, { 255, 45, 149 } },
        { .88f, { 255, 132, 190 } }, { 1, { 255, 214, 232 } },
    };
    static const struct stop below[] = {
        { 0, { 20, 22, 36 } }, { .25f, { 12, 58, 92 } }, { .65f, { 45, 226, 230 } },
        { .88f, { 146, 243, 240 } }, { 1, { 222, 255, 252 } },
    };

    ramp(v < 0 ? below : above, fabsf(v), rgb);
}

void nn_neon_glow(float v, uint8_t rgb[3])
{
    static const struct stop stops[] = {
        { 0, { 13, 15, 26 } }, { .18f, { 38, 20, 78 } }, { .4f, { 132, 22, 138 } },
        { .62f, { 255, 45, 149 } }, { .82f, { 255, 150, 90 } }, { .93f, { 255, 208, 90 } },
        { 1, { 255, 244, 214 } },
    };

    ramp(stops, v, rgb);
}
