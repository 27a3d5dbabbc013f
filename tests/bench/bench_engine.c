/*
 * The engine beside ONNX Runtime (NEONNOIR_ORT) and OpenCV's DNN: time on one and
 * two threads, in turn; load time, memory and size; and with a core kept busy.
 *
 *   bench_engine [PART OF A MODEL'S NAME]   NEONNOIR_BENCH_SECONDS=0.5 per engine and model
 *
 * ncnn is not measured.
 */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/fs.h"
#include "export/feed.h"
#include "export/race.h"
#include "runtime/onnx/onnx.h"
#include "tests/bench/models.h"

static const struct {
    const char *name;
    nn_bench_model *make;
    const char *file;           /* of NEONNOIR_TESTDATA, or "/": of the project's data */
} models[] = {
    { "mini-Xception 48", nn_bench_xception, NULL },
    { "MobileNetV2 112", nn_bench_mobilenet, NULL },
    { "ResNet 112", nn_bench_resnet, NULL },
    { "DCGAN 128", nn_bench_dcgan, NULL },
    { "upsample gen. 128", nn_bench_upsample, NULL },
    { "RFB-320", NULL, "models/ultraface/version-RFB-320.onnx" },
    { "YuNet 320", NULL, "models/yunet/yunet_n_320_320.onnx" },
    { "hand landmarks 224", NULL, "models/mediapipe-onnx/hand_landmark.onnx" },
    { "emotion", NULL, "/models/emotion.onnx" },
    { "LSTM 64x64, 128", nn_bench_lstm, NULL },
    { "GRU 64x64, 128", nn_bench_gru, NULL },
    { "chain 16x320x320", nn_bench_chain, NULL },
};
enum { MODELS = sizeof models / sizeof *models, NETWORKS = 9 };     /* these make the mean */

static struct {
    const char *dir;
    char path[MODELS][NN_PATH];
    double seconds, log_ratio[2][NN_RIVALS];
    int counted[2][NN_RIVALS], here[NN_RIVALS], bad;
} b;

/* Writes the model where all engines read it; -1 when it is absent. Others' files go
 * through our reader and writer too: where one lists its constants as inputs, ONNX
 * Runtime would refuse to fold them and lose by what is no merit of ours. */
static int place(int i, struct nn_err *err)
{
    const char *data = getenv("NEONNOIR_TESTDATA");
    const char *file = models[i].file;
    char from[NN_PATH];
    struct nn_graph *g;
    int ret;

    if (file && *file == '/' && nn_data_path(from, file + 1, err))
        return -1;
    if (file && *file != '/')
        snprintf(from, sizeof from, "%s/%s", data ? data : "../shared/data", file);
    if (file && !nn_exists(from))
        return nn_fail(err, NN_ENOTFOUND, "no test data");
    snprintf(b.path[i], NN_PATH, "%s/%d.onnx", b.dir, i);
    g = file ? nn_onnx_read(from, err) : models[i].make(err);
    ret = g && !nn_onnx_infer(g, err) ? nn_onnx_write(g, b.path[i], err) : -1;
    nn_graph_free(g);
    return ret;
}

/* All engines' answers to one input, against the first's. */
static void agree(const char *name, struct nn_rival **r, int n, const struct nn_feed *f, int nout)
{
    struct nn_err err = { 0 };

    for (int i = 0; i < n; i++)
        if (nn_rival_run(r[i], f->v, f->n, &err))
            goto bad;
    for (int i = 1; i < n; i++)
        for (int k = 0; k < nout; k++) {
            struct nn_apart apart;
            if (nn_value_apart(nn_rival_output(r[0], k), nn_rival_output(r[i], k), &apart, &err))
                goto bad;
            if (!(apart.relative <= 1e-3))
                b.bad |= printf("!!! %s: output %d of %s and %s differ by %g of the largest\n",
                                name, k, nn_rival_name(r[0]), nn_rival_name(r[i]),
                                apart.relative) > 0;
        }
    return;
bad:
    b.bad |= printf("!!! %s: %s\n", name, err.msg) > 0;
}

/* One row: ours, and each rival with theirs / ours; "-" where one cannot load it. */
static void row(int i, int threads, struct nn_lap *lap, const int *at, double mmac, double peak)
{
    double gmacs = mmac * 1e-3 / lap[0].median;

    printf("%-19s %6.1f %3d %8.3f %8.3f %7.1f %4.0f %%", models[i].name, mmac, threads,
           1e3 * lap[0].median, 1e3 * lap[0].p99, gmacs, 100e9 * gmacs / (peak * threads));
    for (int e = 1; e < NN_RIVALS; e++) {
        double ratio = at[e] < 0 ? 0 : lap[at[e]].median / lap[0].median;
        if (at[e] < 0) {
            printf("%10s        ", "-");
            continue;
        }
        printf("%10.3f (%5.2f)", 1e3 * lap[at[e]].median, ratio);
        if (i < NETWORKS) {
            b.log_ratio[threads - 1][e] += log(ratio);
            b.counted[threads - 1][e]++;
        }
    }
    printf("\n");
    fflush(stdout);
}

static int race(int i, int threads, double peak, struct nn_err *err)
{
    struct nn_engine_opts opts = { .threads = threads };
    struct nn_rival *r[NN_RIVALS] = { NULL };
    struct nn_lap lap[NN_RIVALS];
    struct nn_graph *g = nn_onnx_read(b.path[i], err);
    struct nn_feed f = { 0 };
    int at[NN_RIVALS], n = 0;
    int bad = !g || nn_feed_shape(g, NULL, 0, err) || nn_feed_init(&f, g, 1, err);

    for (int e = 0; e < NN_RIVALS && !bad; e++) {
        struct nn_err why = { 0 };
        at[e] = b.here[e] && (r[n] = nn_rival_load(nn_rival_engine(e), b.path[i], &opts, &why))
                    ? n++ : -1;
        if (e > 0 && at[e] < 0 && b.here[e] && threads == 1)
            printf("%-19s %s\n", models[i].name, why.msg);
        bad = e == 0 && at[e] < 0 && nn_fail(err, why.code, "%s", why.msg);
    }
    if (!bad) {
        agree(models[i].name, r, n, &f, g->nout);
        bad = nn_race(r, n, f.v, f.n, b.seconds, lap, err);
    }
    if (!bad)
        row(i, threads, lap, at, (double)nn_graph_macs(g) * 1e-6, peak);
    for (int e = 0; e < NN_RIVALS; e++)
        nn_rival_free(r[e]);
    nn_feed_release(&f);
    nn_graph_free(g);
    return bad ? -1 : 0;
}

static void means(void)
{
    for (int t = 0; t < 2; t++)
        for (int e = 1; e < NN_RIVALS; e++)
            if (b.counted[t][e])
                printf("geometric mean, %d thread%s, %s / ours: %.2f (the first %d)\n", t + 1,
                       t ? "s" : "", nn_rival_engine(e),
                       exp(b.log_ratio[t][e] / b.counted[t][e]), b.counted[t][e]);
}

/* Load time, memory and size, each engine in a process of its own. */
static void alone(int i, const char *here)
{
    for (int e = 0; e < NN_RIVALS; e++) {
        char cmd[2 * NN_PATH + 100];
        double load, first;
        long rss, program, libraries;
        FILE *p;
        if (!b.here[e])
            continue;
        snprintf(cmd, sizeof cmd, "'%s/alone%s' '%s' 1%s 2>/dev/null", here,
                 e == 2 ? "_opencv" : "", b.path[i], e == 1 ? " ort" : "");
        p = popen(cmd, "r");
        if (p && fscanf(p, "%lf %lf %ld %ld %ld", &load, &first, &rss, &program, &libraries) == 5)
            printf("%-19s %-7s %8.1f %9.2f %9.1f %9.2f\n", models[i].name, nn_rival_engine(e), load,
                   first, (double)rss / 1024, (double)(e ? libraries : program) / 1024);
        else
            printf("%-19s %-7s        -\n", models[i].name, nn_rival_engine(e));
        if (p)
            pclose(p);
    }
}

/* Two threads while another process takes a core: how long the slowest wait. */
static int beside_busy(int i, struct nn_err *err)
{
    struct nn_engine_opts opts = { .threads = 2 };
    pid_t parent = getpid(), busy = fork();
    int bad = 0;

    if (!busy) {
        while (getppid() == parent)
            for (volatile unsigned n = 0; n < 1u << 24; n++) ;
        _exit(0);
    }
    for (int e = 0; e < NN_RIVALS && !bad; e++) {
        struct nn_graph *g = b.here[e] ? nn_onnx_read(b.path[i], err) : NULL;
        struct nn_err why;      /* what it cannot load, the table above has told */
        struct nn_feed f = { 0 };
        struct nn_lap lap;
        struct nn_rival *r = NULL;
        if (g && !nn_feed_shape(g, NULL, 0, &why) && !nn_feed_init(&f, g, 1, &why) &&
            (r = nn_rival_load(nn_rival_engine(e), b.path[i], &opts, &why)) &&
            !(bad = nn_race(&r, 1, f.v, f.n, 4 * b.seconds, &lap, err)))
            printf("%-19s %-7s %9.3f %9.3f %7.1f %s\n", models[i].name, nn_rival_engine(e),
                   1e3 * lap.median, 1e3 * lap.p99, lap.p99 / lap.median,
                   e ? "" : lap.p99 <= 5 * lap.median ? "(aim: 5; reached)" : "(aim: 5; MISSED)");
        fflush(stdout);
        nn_rival_free(r);
        nn_feed_release(&f);
        nn_graph_free(g);
    }
    kill(busy, SIGKILL);
    waitpid(busy, NULL, 0);
    return bad;
}

static void introduce(double peak)
{
    struct nn_err err = { 0 };
    char what[100];

    for (int e = 0; e < NN_RIVALS; e++) {
        b.here[e] = nn_rival_describe(nn_rival_engine(e), what, sizeof what, &err) != NULL;
        if (b.here[e])
            printf("%s%s", e ? ", " : "", what);
    }
    printf("; one core's peak %.1f GMAC/s\n", 1e-9 * peak);
    if (!b.here[1])
        printf("without ONNX Runtime (%s); one way to get it:\n"
               "    npm pack onnxruntime-node && tar "
               "xzf onnxruntime-node-*.tgz\n    NEONNOIR_ORT=package/bin/napi-v6/linux/x64/"
               "libonnxruntime.so.1 make bench\n", err.msg);
}

static int measure(const char *here, const char *part, struct nn_err *err)
{
    double peak = nn_peak_macs();
    int use[MODELS];

    introduce(peak);
    printf(
        "\nmedians of interleaved rounds, ms; (x) is theirs over ours: above 1 ours is faster\n");
    printf("%-19s %6s %3s %8s %8s %7s %6s %10s %7s %10s\n", "", "MMAC", "thr", "ours", "p99",
           "GMAC/s", "peak", "ort", "", "opencv");
    for (int i = 0; i < MODELS; i++) {
        struct nn_err why = { 0 };
        use[i] = strstr(models[i].name, part) && !place(i, &why);
        if (why.code)
            printf("%-19s left out: %s\n", models[i].name, why.msg);
        for (int t = 1; t <= 2 && use[i] && !why.code; t++)
            if (race(i, t, peak, &why))
                b.bad |= printf("!!! %s: %s\n", models[i].name, why.msg) > 0;
        if (why.code == NN_EINTR)
            return *err = why, -1;
    }
    means();
    printf("\nin a process of its own, 1 thread\n%-19s %-7s %8s %9s %9s %9s\n", "", "", "load ms",
           "first ms", "resid. MB", "disk MB");
    for (int i = 0; i < MODELS; i++)
        if (use[i])
            alone(i, here);
    printf("\n2 threads, another process busy\n%-19s %-7s %9s %9s %7s\n", "", "", "median", "p99",
           "ratio");
    for (int i = 0; i < MODELS; i++)
        if (use[i] && beside_busy(i, err) && err->code == NN_EINTR)
            return -1;
    return 0;
}

int main(int argc, char **argv)
{
    const char *seconds = getenv("NEONNOIR_BENCH_SECONDS"), *tmp = getenv("TMPDIR");
    char dir[NN_PATH], here[NN_PATH];
    struct nn_err err = { 0 };
    int bad;

    b.seconds = seconds && atof(seconds) > 0 ? atof(seconds) : 0.5;
    snprintf(dir, sizeof dir, "%s/nn-bench-XXXXXX", tmp ? tmp : "/tmp");
    snprintf(here, sizeof here, "%s", argv[0]);
    if (strrchr(here, '/'))
        *strrchr(here, '/') = 0;
    if (!(b.dir = mkdtemp(dir)))
        return perror(dir), 1;
    bad = measure(here, argc > 1 ? argv[1] : "", &err) || b.bad;
    if (err.code)
        fprintf(stderr, "bench_engine: %s\n", err.msg);
    for (int i = 0; i < MODELS; i++)
        if (*b.path[i])
            unlink(b.path[i]);
    rmdir(dir);
    return bad;
}
