/*
 * alone MODEL THREADS [ort]: one engine in a process of its own, which loads a
 * model, runs it, and says what that took. Built with -DALONE_OPENCV it is
 * OpenCV's. Prints: load ms, first run ms, resident kB, kB of this program,
 * kB of the shared libraries beyond the C and C++ run time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/progress.h"
#include "runtime/engine/engine.h"
#include "runtime/onnx/onnx.h"
#ifdef ALONE_OPENCV
#include "export/dnn.h"
#endif

enum { RUNS = 20 };

struct model {
    struct nn_engine *engine;
#ifdef ALONE_OPENCV
    struct nn_dnn *dnn;
    struct nn_graph *g;
#endif
    const struct nn_graph *graph;
};

static int load(struct model *m, const char *path, int threads, int ort, struct nn_err *err)
{
#ifdef ALONE_OPENCV
    (void)ort;
    if (!(m->g = nn_onnx_read(path, err)) || !(m->dnn = nn_dnn_load(path, m->g, threads, err)))
        return -1;
    m->graph = m->g;
#else
    struct nn_engine_opts opts = { .kind = ort ? NN_ENGINE_ORT : NN_ENGINE_OURS,
                                   .threads = threads };

    if (!(m->engine = nn_engine_load(path, &opts, err)))
        return -1;
    m->graph = nn_engine_graph(m->engine);
#endif
    return 0;
}

static int run(struct model *m, const struct nn_value *in, int n, struct nn_err *err)
{
#ifdef ALONE_OPENCV
    return nn_dnn_run(m->dnn, in, n, err);
#else
    return nn_engine_run(m->engine, in, n, err);
#endif
}

static long resident(void)
{
    FILE *f = fopen("/proc/self/status", "r");
    char line[256];
    long kb = 0;

    while (f && fgets(line, sizeof line, f))
        if (!strncmp(line, "VmRSS:", 6))
            kb = atol(line + 6);
    if (f)
        fclose(f);
    return kb;
}

/* Sizes of the files whose code is mapped here; a file's mappings stand together. */
static void on_disk(long *program, long *libraries)
{
    static const char *const usual[] = { "/libc.", "/libm.", "/libstdc++", "/libgcc_s", "/ld-",
                                         "/libpthread", "/libdl.", "/librt." };
    FILE *f = fopen("/proc/self/maps", "r");
    char line[4096], last[4096] = "", *path;
    struct stat st;

    *program = *libraries = 0;
    while (f && fgets(line, sizeof line, f)) {
        int skip = 0;
        line[strcspn(line, "\n")] = 0;
        path = strchr(line, '/');
        if (!path || !strstr(line, "r-xp") || !strcmp(path, last) || stat(path, &st))
            continue;
        strcpy(last, path);
        for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
            skip |= strstr(path, usual[i]) != NULL;
        if (strstr(path, "/alone"))
            *program += (long)(st.st_size / 1024);
        else if (!skip)
            *libraries += (long)(st.st_size / 1024);
    }
    if (f)
        fclose(f);
}

int main(int argc, char **argv)
{
    struct nn_err err = { 0 };
    struct model m = { 0 };
    struct nn_value in[4] = { { 0 } };
    double start = nn_now(), loaded, first = 0;
    long program, libraries;
    int n = 0;

    if (argc < 3 || load(&m, argv[1], atoi(argv[2]), argc > 3, &err))
        return fprintf(stderr, "alone: %s\n", err.msg), 1;
    loaded = nn_now() - start;
    for (; n < m.graph->nin && n < 4; n++) {
        struct nn_tensor t = m.graph->tensor[m.graph->in[n]];
        for (int k = 0; k < t.ndim; k++)
            t.dim[k] = t.dim[k] < 0 ? 1 : t.dim[k];
        in[n] = (struct nn_value){ t.name, t.type, t.ndim, { 0 }, NULL };
        memcpy(in[n].dim, t.dim, sizeof t.dim);
        in[n].data = calloc(1, nn_tensor_bytes(&t) + 1);
    }
#ifdef ALONE_OPENCV     /* it has weights of its own */
    for (int i = 0; i < n; i++)
        in[i].name = strdup(in[i].name);
    nn_graph_free(m.g);
#endif
    for (int i = 0; i < RUNS; i++) {
        start = nn_now();
        if (run(&m, in, n, &err))
            return fprintf(stderr, "alone: %s\n", err.msg), 1;
        first = i ? first : nn_now() - start;
    }
    on_disk(&program, &libraries);
    printf("%.3f %.3f %ld %ld %ld\n", 1e3 * loaded, 1e3 * first, resident(), program, libraries);
    return 0;
}
