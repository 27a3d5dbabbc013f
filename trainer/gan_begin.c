/* A GAN's run from its first file on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/onnx/onnx.h"
#include "trainer/gan_fit.h"
#include "trainer/gan_meta.h"
#include "trainer/gan_pictures.h"
#include "trainer/nets/nets.h"

int nn_gan_describe(struct nn_graph *g, const struct nn_gan_settings *s,
                    const struct nn_gan_data *d, struct nn_err *err)
{
    float mean[NN_GAN_CONDITIONS];
    cJSON *names = cJSON_CreateArray(), *means = cJSON_CreateArray();
    char number[3][24], *text[2];
    int bad;

    nn_gan_data_mean(d, mean);
    for (int k = 0; k < d->conditions; k++) {
        cJSON_AddItemToArray(names, cJSON_CreateString(d->name[k]));
        cJSON_AddItemToArray(means, cJSON_CreateNumber((double)mean[k]));
    }
    text[0] = cJSON_PrintUnformatted(names);
    text[1] = cJSON_PrintUnformatted(means);
    snprintf(number[0], sizeof number[0], "%lld", (long long)s->size);
    snprintf(number[1], sizeof number[1], "%lld", (long long)s->latent);
    snprintf(number[2], sizeof number[2], "%lld", (long long)d->n);
    bad = !text[0] || !text[1] || nn_graph_set_meta(g, "neonnoir.kind", "generator") ||
          nn_graph_set_meta(g, "neonnoir.size", number[0]) ||
          nn_graph_set_meta(g, "neonnoir.latent", number[1]) ||
          nn_graph_set_meta(g, "neonnoir.pictures", number[2]) ||
          nn_graph_set_meta(g, "neonnoir.conditions", text[0]) ||
          nn_graph_set_meta(g, "neonnoir.condition_mean", text[1]);
    cJSON_free(text[0]);
    cJSON_free(text[1]);
    cJSON_Delete(names);
    cJSON_Delete(means);
    return bad ? nn_fail_mem(err, "metadata") : 0;
}

static int write_graph(struct nn_catalog *cat, const struct nn_run *run, struct nn_graph *g,
                       const char *file, struct nn_err *err)
{
    char path[NN_PATH];

    return nn_run_path(cat, run->name, file, path, err) || nn_onnx_write(g, path, err) ? -1 : 0;
}

/* The run's row and what its directory holds from the start. */
static int make(struct nn_catalog *cat, const char *name, const char *const *label, int labels,
                struct nn_graph *g, struct nn_graph *d, const struct nn_gan_data *data,
                struct nn_run *run, const char *settings, struct nn_err *err)
{
    char path[NN_PATH];

    if (nn_run_add(cat, name, run, err) || write_graph(cat, run, g, "generator.onnx", err) ||
        write_graph(cat, run, g, "best.onnx", err) ||
        write_graph(cat, run, d, "discriminator.onnx", err) ||
        nn_run_path(cat, run->name, "recipe.json", path, err) ||
        nn_file_write(path, settings, strlen(settings), err) ||
        nn_run_path(cat, run->name, "real.png", path, err) || nn_gan_real(data, path, err) ||
        nn_run_path(cat, run->name, "pictures.safetensors", path, err) ||
        nn_gan_data_write(data, path, err))
        return -1;
    return nn_run_label_put(cat, run->id, label, labels, err);
}

int nn_gan_begin(struct nn_catalog *cat, const char *name, const char *const *label, int labels,
                 const struct nn_gan_settings *s, const struct nn_gan_data *data, int64_t snapshot,
                 struct nn_run *run, struct nn_err *err)
{
    struct nn_net_gan net = { .size = (int)s->size, .latent = (int)s->latent,
                              .conditions = data->conditions, .width = (int)s->width,
                              .widest = (int)s->widest, .seed = (uint64_t)s->seed };
    struct nn_graph *g, *d = NULL;
    cJSON *json = nn_gan_settings_to_json(s);
    char *text = json ? cJSON_Print(json) : NULL;
    int ret = -1;

    if (data->n < s->batch) {
        nn_fail(err, NN_EARG, "%lld pictures for a batch of %lld: add some, or make it smaller",
                (long long)data->n, (long long)s->batch);
        goto out;
    }
    if (!(g = nn_net_generator(&net, err)))
        goto out;
    if (!text)
        nn_fail_mem(err, "settings");
    else if ((d = nn_net_discriminator(&net, err)) && !nn_gan_describe(g, s, data, err) &&
             !nn_catalog_begin(cat, err)) {
        *run = (struct nn_run){ .snapshot = snapshot, .task = "gan", .settings = text,
                                .state = "running", .epochs = (s->images + 999) / 1000 };
        /* Killed or failed in between, there is no run: one without its files could not go on. */
        if (make(cat, name, label, labels, g, d, data, run, text, err))
            nn_catalog_rollback(cat);
        else
            ret = nn_catalog_commit(cat, err);
    }
    nn_graph_free(g);
    nn_graph_free(d);
out:
    cJSON_Delete(json);
    cJSON_free(text);
    return ret;
}
