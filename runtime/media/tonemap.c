#include "runtime/media/tonemap.h"

#include <libavutil/mastering_display_metadata.h>
#include <math.h>

static const float WHITE = 203, HLG_PEAK = 1000, MOST = 10000;      /* cd/m2 */

const char *nn_tonemap_name(int transfer, int primaries)
{
    return transfer == AVCOL_TRC_SMPTE2084      ? "PQ"
           : transfer == AVCOL_TRC_ARIB_STD_B67 ? "HLG"
           : primaries == AVCOL_PRI_BT2020      ? "BT.2020"
                                                : NULL;
}

/* BT.2100, table 4: PQ's EOTF, 0..1 to cd/m2, and its inverse. */
static double pq_light(double e)
{
    double p = pow(e, 1 / 78.84375);

    return 10000 * pow(fmax(p - 0.8359375, 0) / (18.8515625 - 18.6875 * p), 1 / 0.1593017578125);
}

static double pq_code(double light)
{
    double y = pow(light / 10000, 0.1593017578125);

    return pow((0.8359375 + 18.8515625 * y) / (1 + 18.6875 * y), 78.84375);
}

/* BT.2100, table 5: HLG's inverse OETF, the scene's light 0..1. */
static double hlg_light(double e)
{
    const double a = 0.17883277, b = 1 - 4 * a, c = 0.5 - a * log(4 * a);

    return e <= 0.5 ? e * e / 3 : (exp((e - c) / a) + b) / 12;
}

/* BT.2390-10, 5.4.1: light under a display that ends at WHITE, black at 0. */
static double eetf(double light, double peak)
{
    double top = pq_code(peak), most = pq_code((double)WHITE) / top, knee = 1.5 * most - 0.5;
    double e = fmin(pq_code(light) / top, 1), t;

    if (peak <= (double)WHITE || e < knee)
        return light;
    t = (e - knee) / (1 - knee);
    e = (2 * t * t * t - 3 * t * t + 1) * knee + (t * t * t - 2 * t * t + t) * (1 - knee) +
        (3 * t * t - 2 * t * t * t) * most;
    return pq_light(e * top);
}

/* What the film says of its own brightest; else what most are graded for. */
static float peak_of(const AVFrame *f)
{
    const AVFrameSideData *cll, *mdm;
    double peak = 1000;

    cll = av_frame_get_side_data(f, AV_FRAME_DATA_CONTENT_LIGHT_LEVEL);
    mdm = av_frame_get_side_data(f, AV_FRAME_DATA_MASTERING_DISPLAY_METADATA);
    if (f->color_trc != AVCOL_TRC_SMPTE2084)
        return f->color_trc == AVCOL_TRC_ARIB_STD_B67 ? HLG_PEAK : WHITE;
    if (cll && ((const AVContentLightMetadata *)(const void *)cll->data)->MaxCLL)
        peak = ((const AVContentLightMetadata *)(const void *)cll->data)->MaxCLL;
    else if (mdm && ((const AVMasteringDisplayMetadata *)(const void *)mdm->data)->has_luminance)
        peak = av_q2d(((const AVMasteringDisplayMetadata *)(const void *)mdm->data)->max_luminance);
    return (float)(peak >= 300 && peak <= 10000 ? peak : 1000);
}

void nn_tonemap_prepare(struct nn_tonemap *t, const AVFrame *f)
{
    float peak = peak_of(f);

    /* Not every frame repeats the film's metadata: what it said stays said. */
    if (t->transfer == (int)f->color_trc && t->transfer && (peak == t->peak || peak == 1000))
        return;
    t->transfer = (int)f->color_trc;
    t->peak = peak;
    for (int i = 0; i < NN_TONE_SIZE; i++) {
        double x = (double)i / (NN_TONE_SIZE - 1), light = x * x * (double)MOST;
        t->light[i] = (float)(t->transfer == AVCOL_TRC_SMPTE2084      ? pq_light(x)
                              : t->transfer == AVCOL_TRC_ARIB_STD_B67 ? hlg_light(x)
                                                                      : WHITE * pow(x, 2.4));
        t->gain[i] = (float)(i ? eetf(light, (double)peak) / light / (double)WHITE
                               : 1 / (double)WHITE);
        t->ootf[i] = (float)(i ? (double)HLG_PEAK * pow(x * x, 0.2) : 0);
        t->code[i] = (uint8_t)lrint(255 * pow(x * x, 1 / 2.4));
    }
}

static float clampf(float v, float hi)
{
    return v > 0 ? (v < hi ? v : hi) : 0;
}

void nn_tonemap_row(const struct nn_tonemap *t, const uint16_t *red, const uint16_t *green,
                    const uint16_t *blue, uint8_t *to, int n)
{
    const float last = NN_TONE_SIZE - 1;
    int hlg = t->transfer == AVCOL_TRC_ARIB_STD_B67;

    for (int x = 0; x < n; x++, to += 3) {
        float r = t->light[red[x] >> 4], g = t->light[green[x] >> 4], b = t->light[blue[x] >> 4];
        float p[3], most = 0, gain;
        if (hlg) {
            float y = 0.2627f * r + 0.6780f * g + 0.0593f * b;
            float k = t->ootf[(int)(sqrtf(y < 1 ? y : 1) * last)];
            r *= k, g *= k, b *= k;
        }
        /* BT.2087-0, from BT.2020's primaries to BT.709's. */
        p[0] = clampf(1.6605f * r - 0.5876f * g - 0.0728f * b, MOST);
        p[1] = clampf(-0.1246f * r + 1.1329f * g - 0.0083f * b, MOST);
        p[2] = clampf(-0.0182f * r - 0.1006f * g + 1.1187f * b, MOST);
        for (int k = 0; k < 3; k++)
            most = p[k] > most ? p[k] : most;
        gain = t->gain[(int)(sqrtf(most / MOST) * last + 0.5f)];
        for (int k = 0; k < 3; k++)
            to[k] = t->code[(int)(sqrtf(clampf(p[k] * gain, 1)) * last + 0.5f)];
    }
}
