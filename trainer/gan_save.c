/* A GAN's checkpoint: all that a step depends on. */
#include "common/fs.h"
#include "common/json.h"
#include "common/log.h"
#include "common/progress.h"
#include "trainer/gan_fit_state.h"

static const struct {
    const char *name;
    size_t at;
} noted[] = {
#define NOTE(m) { #m, offsetof(struct nn_gan_fit, m) }
    NOTE(augment), NOTE(sure), NOTE(loss_g), NOTE(loss_d), NOTE(penalty), NOTE(penalties),
    NOTE(signs), NOTE(since), NOTE(seconds),
#undef NOTE
};
enum { NOTED = sizeof noted / sizeof *noted };

static double *noted_at(struct nn_gan_fit *f, int i)
{
    return (double *)(void *)((char *)f + noted[i].at);
}

int nn_gan_fit_save(struct nn_gan_fit *f, struct nn_err *err)
{
    cJSON *note = cJSON_CreateObject();
    char path[NN_PATH], *text;
    int ret;

    f->saved = nn_now();
    cJSON_AddNumberToObject(note, "step", (double)f->step);
    for (int i = 0; i < NOTED; i++)
        cJSON_AddNumberToObject(note, noted[i].name, *noted_at(f, i));
    text = cJSON_PrintUnformatted(note);
    cJSON_Delete(note);
    if (!text)
        return nn_fail_mem(err, "checkpoint");
    ret = nn_run_path(f->cat, f->run->name, "last.safetensors", path, err);
    if (!ret)
        ret = nn_gan_save(f->gan, path, text, err);
    cJSON_free(text);
    return ret;
}

int nn_gan_fit_restore(struct nn_gan_fit *f, struct nn_err *err)
{
    char path[NN_PATH], note[1024];
    double step = 0;
    cJSON *json;
    int ret;

    if (nn_run_path(f->cat, f->run->name, "last.safetensors", path, err))
        return -1;
    if (!nn_exists(path))
        return 0;
    if (nn_gan_load(f->gan, path, note, sizeof note, err))
        return -1;
    if (!(json = cJSON_Parse(note)))
        return nn_fail(err, NN_EFORMAT, "%s does not say where the run stood", path);
    ret = nn_json_number(json, path, "step", 1, &step, err);
    for (int i = 0; i < NOTED && !ret; i++)
        ret = nn_json_number(json, path, noted[i].name, 1, noted_at(f, i), err);
    cJSON_Delete(json);
    f->step = (int64_t)step;
    nn_info("going on behind %lld pictures", (long long)(f->step * f->s.batch));
    return ret;
}
