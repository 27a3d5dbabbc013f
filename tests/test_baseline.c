/* Resting faces: a constant bias goes, what departs from it stays; how sure it is. */
#include "runtime/face/baseline.h"
#include "runtime/face/track.h"
#include "tests/test.h"

/* A face that looks sad at rest, after `seconds` of watching. */
static void watch(struct nn_baseline *b, double seconds, float out[NN_EMOTIONS])
{
    for (double t = 0; t < seconds; t += 0.04) {
        const float rest[NN_EMOTIONS] = { 0.03f, 0.02f, 0.05f, 0.05f, 0.30f, 0.50f, 0.05f };
        memcpy(out, rest, sizeof rest);
        nn_baseline_take(b, out, t > 0 ? 0.04 : 0);
    }
}

static int strongest(const float p[NN_EMOTIONS])
{
    int best = 0;

    for (int e = 1; e < NN_EMOTIONS; e++)
        best = p[e] > p[best] ? e : best;
    return best;
}

static void test_rest(void)
{
    struct nn_baseline b = { 0 };
    float p[NN_EMOTIONS], sum = 0;

    watch(&b, 0.05, p);
    CHECK(strongest(p) == NN_SAD);              /* at first it is taken as it is */
    watch(&b, 6, p);
    CHECK(strongest(p) == NN_NEUTRAL);
    for (int e = 0; e < NN_EMOTIONS; e++)
        sum += p[e];
    CHECK_NEAR(sum, 1, 1e-5);
    float joy[NN_EMOTIONS] = { 0.02f, 0.02f, 0.03f, 0.70f, 0.10f, 0.10f, 0.03f };
    nn_baseline_take(&b, joy, 0.04);
    CHECK(strongest(joy) == NN_HAPPY && joy[NN_HAPPY] > 0.6f);
    float none[NN_EMOTIONS] = { 0 };            /* no numbers but what is one comes out */
    nn_baseline_take(&b, none, 0.04);
    CHECK(none[0] > 0 && none[0] < 1);
}

static void test_sure(void)
{
    const float high[NN_EMOTIONS] = { [NN_HAPPY] = 0.9f, [NN_NEUTRAL] = 0.1f };
    const float low[NN_EMOTIONS] = { 0.15f, 0.15f, 0.14f, 0.14f, 0.14f, 0.14f, 0.14f };
    const float calm[2] = { 0, 0 };
    struct nn_track k = { 0 };
    float last;

    nn_track_feel(&k, high, calm, 0.5f, 0);
    CHECK_NEAR(k.sure, 1, 1e-6);
    last = k.sure;
    for (int i = 0; i < 50; i++) {              /* it fades, it does not jump */
        nn_track_feel(&k, low, calm, 0.5f, 0.04);
        CHECK(k.sure <= last && last - k.sure < 0.2f);
        last = k.sure;
    }
    CHECK(k.sure < 0.01f);
    nn_track_feel(&k, low, calm, 0, 1);         /* a model that does not know when to be silent */
    CHECK(k.sure > 0.9f);
}

int main(void)
{
    test_rest();
    test_sure();
    return test_done();
}
