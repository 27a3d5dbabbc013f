/*
 * Pictures a second of the trainer's generator on one core, in our engine beside ONNX Runtime
 * (NEONNOIR_ORT: its library; without, ours alone), in turn on the same latents. Live, 128 pixels
 * are to reach 60 a second and 256 pixels 24. Weights are seeded: they do not change the time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/rng.h"
#include "export/race.h"
#include "runtime/onnx/onnx.h"
#include "trainer/nets/nets.h"

static const struct { int size, want; } cases[] = { { 64, 60 }, { 128, 60 }, { 256, 24 } };

static int write_model(const char *path, int size, struct nn_err *err)
{
    struct nn_net_gan o = { .size = size, .latent = 128, .width = 24, .widest = 160, .seed = 1 };
    struct nn_graph *g = nn_net_generator(&o, err);
    int bad = !g || nn_onnx_write(g, path, err);

    nn_graph_free(g);
    return bad ? -1 : 0;
}

static int race(const char *path, int size, int want, int n, struct nn_err *err)
{
    float z[128];
    struct nn_value in = { .name = "z", .type = NN_F32, .ndim = 2, .dim = { 1, 128 }, .data = z };
    struct nn_rival *r[2] = { NULL, NULL };
    struct nn_lap lap[2];
    struct nn_rng rng;
    int bad;

    nn_rng_seed(&rng, 1, 1);
    for (int i = 0; i < 128; i++)
        z[i] = nn_rng_normal(&rng);
    bad = write_model(path, size, err) || !(r[0] = nn_rival_load("ours", path, NULL, err)) ||
          (n == 2 && !(r[1] = nn_rival_load("ort", path, NULL, err)));
    if (!bad && !(bad = nn_race(r, n, &in, 1, 4, lap, err))) {
        printf("%4d x %-4d %10.1f %8d", size, size, 1 / lap[0].median, want);
        if (n == 2)
            printf(" %14.1f %8.2f", 1 / lap[1].median, lap[1].median / lap[0].median);
        printf("%s\n", 1 / lap[0].median < want ? "   short of what is wanted" : "");
    }
    nn_rival_free(r[0]);
    nn_rival_free(r[1]);
    return bad ? -1 : 0;
}

int main(void)
{
    struct nn_err err = { 0 };
    char path[64], what[100];
    int bad = 0, n = 2;

    snprintf(path, sizeof path, "/tmp/nn_bench_gan_%d.onnx", (int)getpid());
    if (!nn_rival_describe("ort", what, sizeof what, &err)) {
        snprintf(what, sizeof what, "no ONNX Runtime here");
        n = 1;
    }
    printf("pictures a second on one core; %s\n%11s %10s %8s %14s %8s\n", what, "pixels", "ours",
           "wanted", "ONNX Runtime", "ratio");
    for (size_t i = 0; i < sizeof cases / sizeof *cases && !bad; i++)
        bad = race(path, cases[i].size, cases[i].want, n, &err);
    if (bad)
        fprintf(stderr, "bench_gan: %s\n", err.msg);
    remove(path);
    return bad != 0;
}
