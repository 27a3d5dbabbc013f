#include "trainer/place.h"

#include <stddef.h>

#include "common/json.h"

/* The last ones are younger than some checkpoints. */
enum { OLD = 7 };

static const struct {
    const char *name;
    size_t at;
} members[] = {
#define MEMBER(m) { #m, offsetof(struct nn_place, m) }
    MEMBER(epoch), MEMBER(batch), MEMBER(loss), MEMBER(correct), MEMBER(seen), MEMBER(best),
    MEMBER(seconds), MEMBER(stale), MEMBER(scale), MEMBER(whole),
#undef MEMBER
};
enum { MEMBERS = sizeof members / sizeof *members };

int nn_place_save(const struct nn_place *p, struct nn_torch *t, const char *path,
                  struct nn_err *err)
{
    cJSON *note = cJSON_CreateObject();
    char *text;
    int ret;

    for (int i = 0; i < MEMBERS; i++)
        cJSON_AddNumberToObject(note, members[i].name,
                                *(const double *)(const void *)((const char *)p + members[i].at));
    text = cJSON_PrintUnformatted(note);
    cJSON_Delete(note);
    if (!text)
        return nn_fail_mem(err, "checkpoint");
    ret = nn_torch_save(t, path, text, err);
    cJSON_free(text);
    return ret;
}

int nn_place_load(struct nn_place *p, struct nn_torch *t, const char *path, struct nn_err *err)
{
    char note[1024];
    cJSON *json;
    int ret = 0;

    if (nn_torch_load(t, path, note, sizeof note, err))
        return -1;
    if (!(json = cJSON_Parse(note)))
        return nn_fail(err, NN_EFORMAT, "%s does not say where the run stood", path);
    for (int i = 0; i < MEMBERS && !ret; i++)
        ret = nn_json_number(json, path, members[i].name, i < OLD,
                             (double *)(void *)((char *)p + members[i].at), err);
    cJSON_Delete(json);
    return ret;
}
