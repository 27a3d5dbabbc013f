/* neonnoir train latent: directions by which a generator is steered. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fs.h"
#include "common/json.h"
#include "common/pool.h"
#include "datasets/run.h"
#include "runtime/onnx/onnx.h"
#include "trainer/cmds.h"
#include "trainer/latent.h"

static struct {
    const char *to, *sheet;
    struct nn_latent_opts s;
    struct nn_opt_list blends;
    int64_t seed, threads;
    int json;
} o = { .s = { .samples = 3000, .least = 0.1, .least_moves = 0.02 }, .seed = 1 };

const struct nn_opt nn_train_latent_opts[] = {
    { "output", 'o', NN_OPT_TEXT, "OUT.onnx", "write there, else into the model itself", &o.to, 0,
      0 },
    { "sheet", 0, NN_OPT_TEXT, "FILE.png", "draw every direction from - to +", &o.sheet, 0, 0 },
    { "blend", 0, NN_OPT_LIST, "NAME=OTHER+...", "a direction takes others in, such as "
      "angry=tag/crimson or sad=tag/blue-hour+brightness*-0.5; repeatable", &o.blends, 0, 0 },
    { "samples", 'n', NN_OPT_INT, "N", "to look at; a fifth is held out", &o.s.samples, 100, 1e6 },
    { "least", 0, NN_OPT_REAL, "R2", "a look that is known less well is refused", &o.s.least, 0,
      1 },
    { "least-moves", 0, NN_OPT_REAL, "SHARE", "so is a direction that changes a picture less than "
      "this share of what another sample does", &o.s.least_moves, 0, 1 },
    { "seed", 0, NN_OPT_INT, "N", "of the samples", &o.seed, 0, 1e9 },
    { "threads", 't', NN_OPT_INT, "N", "0: one for each core", &o.threads, 0, 256 },
    { "json", 0, NN_OPT_FLAG, NULL, "print JSON", &o.json, 0, 0 },
    { 0 },
};

static int find_model(const char *word, char path[NN_PATH], struct nn_err *err)
{
    struct nn_catalog *cat;
    struct nn_run run;
    int ret = -1;

    if (nn_exists(word))
        return nn_path(path, err, "%s", word);
    if (!(cat = nn_catalog_open(nn_cli_catalog(), NN_READ, err)))
        return -1;
    if (!nn_run_find(cat, word, &run, err) && !nn_run_path(cat, run.name, "best.onnx", path, err))
        ret = 0;
    nn_catalog_close(cat);
    return ret;
}

/* Into another file: the whole of it at once, so that none is left without its directions. */
static int store(const struct nn_latent *l, const char *path, struct nn_err *err)
{
    char *text = nn_latent_format(l);
    struct nn_meta meta = { "neonnoir.directions", text };
    struct nn_graph *g = NULL;
    int ret = -1;

    if (!text)
        return nn_fail_mem(err, "directions");
    if (!o.to)
        ret = nn_onnx_annotate(path, &meta, 1, err);
    else if ((g = nn_onnx_read(path, err)))
        ret = nn_graph_set_meta(g, meta.key, meta.value) ? nn_fail_mem(err, "directions")
                                                         : nn_onnx_write(g, o.to, err);
    nn_graph_free(g);
    cJSON_free(text);
    return ret;
}

static cJSON *look_json(const struct nn_latent_look *k)
{
    cJSON *j = cJSON_CreateObject();

    cJSON_AddNumberToObject(j, "mean", k->mean);
    cJSON_AddNumberToObject(j, "deviation", k->deviation);
    cJSON_AddNumberToObject(j, "r2", k->r2);
    cJSON_AddNumberToObject(j, "r2_alone", k->own);
    cJSON_AddNumberToObject(j, "left", k->left);
    cJSON_AddBoolToObject(j, "kept", k->kept);
    return j;
}

static int report_json(const struct nn_latent *l, const char *path, struct nn_err *err)
{
    cJSON *j = cJSON_CreateObject(), *part;

    cJSON_AddStringToObject(j, "model", path);
    cJSON_AddNumberToObject(j, "samples", (double)l->samples);
    part = cJSON_AddObjectToObject(j, "looks");
    for (int k = 0; k < NN_LOOKS; k++)
        cJSON_AddItemToObject(part, nn_look_names[k], look_json(&l->look[k]));
    part = cJSON_AddObjectToObject(j, "directions");
    for (int w = 0; w < l->n; w++) {
        cJSON *way = cJSON_AddObjectToObject(part, l->way[w].name);
        cJSON_AddStringToObject(way, "by", l->way[w].by_look ? "look" : "condition");
        cJSON_AddNumberToObject(way, "moves", l->way[w].moves);
    }
    cJSON_AddStringToObject(j, "refused", l->refused);
    return nn_json_print(j, err);
}

static void report_text(const struct nn_latent *l, const char *path)
{
    printf("%s: %lld samples\n%-12s %8s %9s %7s %9s %6s\n", path, (long long)l->samples, "look",
           "mean", "deviation", "R2", "alone", "left");
    for (int k = 0; k < NN_LOOKS; k++) {
        const struct nn_latent_look *m = &l->look[k];
        printf("%-12s %8.4f %9.4f %7.3f", nn_look_names[k], m->mean, m->deviation, m->r2);
        if (m->left > 0)
            printf(" %9.3f %6.2f%s\n", m->own, m->left, m->kept ? "" : "  refused: others say it");
        else
            printf("  refused: not known well enough\n");
    }
    printf("\n%-20s %-10s %s\n", "direction", "by", "moves");
    for (int w = 0; w < l->n; w++)
        printf("%-20s %-10s %4.0f %%\n", l->way[w].name,
               l->way[w].by_look ? "look" : "condition", 100 * l->way[w].moves);
    if (*l->refused)
        printf("refused: %s\n", l->refused);
}

int nn_train_latent(int argc, char **argv, struct nn_err *err)
{
    struct nn_latent *l = calloc(1, sizeof *l);
    struct nn_pool *pool = l ? nn_pool_new((int)o.threads, err) : NULL;
    struct nn_sampler *g = NULL;
    char path[NN_PATH];
    int ret = -1;

    (void)argc;
    if (!l)
        return nn_fail_mem(err, "directions");
    o.s.seed = (uint64_t)o.seed;
    o.s.blend = o.blends.value;
    o.s.blends = o.blends.count;
    if (!pool || find_model(argv[0], path, err) || !(g = nn_sampler_new(path, pool, err)) ||
        nn_latent_find(g, &o.s, l, err))
        goto out;
    if (!l->n) {
        nn_fail(err, NN_EUNSUPPORTED, "%s: no direction is known well enough; nothing is stored",
                path);
        goto out;
    }
    if ((o.sheet && nn_latent_sheet(l, g, argv[0], o.s.seed + 2, o.sheet, err)) ||
        store(l, path, err))
        goto out;
    if (o.json) {
        ret = report_json(l, o.to ? o.to : path, err);
    } else {
        report_text(l, o.to ? o.to : path);
        ret = 0;
    }
out:
    nn_latent_release(l);
    free(l);
    nn_sampler_free(g);
    nn_pool_free(pool);
    return ret;
}
