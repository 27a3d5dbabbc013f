/* live_stage.c - the stagehand: other patches are made ready behind the scenes. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "common/log.h"
#include "common/progress.h"
#include "common/thermal.h"
#include "runtime/live.h"

static const double NAP = 0.05, LOOK = 0.4, FEEL = 2;  /* seconds: orders, files, temperature */

static void free_acts(struct nn_act *act)
{
    while (act) {
        struct nn_act *next = act->next;
        nn_rig_release(&act->rig);
        free(act->json);
        free(act);
        act = next;
    }
}

/* `again`: a new version of the file that plays. */
static struct nn_act *make_act(const struct nn_show *show, const char *path, int again,
                               struct nn_err *err)
{
    struct nn_act *act = calloc(1, sizeof *act);
    struct nn_patch *patch;
    size_t size;

    if (!act) {
        nn_fail_mem(err, "patch");
        return NULL;
    }
    memcpy(act->path, path, strlen(path) + 1);
    act->again = again;
    if (!(act->json = nn_file_read(path, NN_LOG_TEXT, &size, err)) ||
        nn_rig_make(&act->rig, &show->s->player, (patch = nn_patch_load(path, err)), err)) {
        free_acts(act);
        return NULL;
    }
    return act;
}

static void offer(struct nn_show *show, struct nn_act *act)
{
    free_acts(atomic_exchange(&show->ready, act));      /* an older one that nobody took */
}

static int is_patch(const struct dirent *d)
{
    const char *dot = strrchr(d->d_name, '.');

    return dot && dot != d->d_name && !strcmp(dot, ".json");
}

/* The patch `by` places further in the folder of the one that plays. */
static int neighbour(char path[NN_PATH], int by, struct nn_err *err)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    int dir = slash ? (int)(slash - path) : 0, at = 0, ret = -1;
    struct dirent **list = NULL;
    char folder[NN_PATH];
    int n;

    if (nn_path(folder, err, "%.*s", slash ? dir : 1, slash ? path : "."))
        return -1;
    if ((n = scandir(*folder ? folder : "/", &list, is_patch, alphasort)) <= 0)
        return nn_fail_errno(err, "no patches in %s", folder);
    for (int i = 0; i < n; i++)
        if (!strcmp(list[i]->d_name, name))
            at = i;
    at = ((at + by) % n + n) % n;
    ret = nn_path(path, err, "%s/%s", folder, list[at]->d_name);
    for (int i = 0; i < n; i++)
        free(list[i]);
    free(list);
    return ret;
}

static struct timespec changed(const char *path)
{
    struct stat st;

    return stat(path, &st) ? (struct timespec){ 0, 0 } : st.st_mtim;
}

static void change(struct nn_show *show, char path[NN_PATH], int by)
{
    struct nn_err err = { 0 };
    char to[NN_PATH];
    struct nn_act *act;

    memcpy(to, path, NN_PATH);
    if ((by && neighbour(to, by, &err)) || !(act = make_act(show, to, !by, &err))) {
        nn_warn("%s; the show goes on as it was", err.msg);
        if (by)         /* so that the next order gets past it */
            memcpy(path, to, NN_PATH);
        return;
    }
    memcpy(path, to, NN_PATH);
    offer(show, act);
}

/* A patch by its bare name, in the folder of the one that plays or of ours: who sends names may
 * not make us open what he likes. */
static int find_wish(const struct nn_show *show, char to[NN_PATH], struct nn_err *err)
{
    const char *slash = strrchr(show->path, '/');
    int dir = slash ? (int)(slash - show->path) + 1 : 0;
    char name[NN_PATH];

    if (strchr(show->wish, '/') || *show->wish == '.')
        return nn_fail(err, NN_EUSAGE, "\"%.60s\" is no name of a patch", show->wish);
    if (nn_path(to, err, "%.*s%s.json", dir, show->path, show->wish))
        return -1;
    if (nn_exists(to))
        return 0;
    return nn_path(name, err, "patches/%s.json", show->wish) || nn_data_path(to, name, err) ? -1
                                                                                            : 0;
}

static void grant(struct nn_show *show)
{
    struct nn_err err = { 0 };
    struct nn_act *act = NULL;
    char to[NN_PATH];

    if (find_wish(show, to, &err) ||
        !(act = make_act(show, to, !strcmp(to, show->path), &err))) {
        nn_warn("%s; the show goes on as it was", err.msg);
        return;
    }
    memcpy(show->path, to, NN_PATH);
    offer(show, act);
}

static void *work(void *arg)
{
    const struct timespec nap = { 0, (long)(NAP * 1e9) };
    struct nn_show *show = arg;
    struct timespec since = changed(show->path), now;
    double looked = nn_now(), felt = 0;

    while (!atomic_load(&show->quit)) {
        int by = atomic_exchange(&show->order, 0);
        free_acts(atomic_exchange(&show->used, NULL));
        if (by) {
            change(show, show->path, by);
            since = changed(show->path);
        }
        if (atomic_load(&show->wished)) {
            grant(show);
            since = changed(show->path);
            atomic_store(&show->wished, 0);
        }
        if (nn_now() - looked > LOOK) {
            looked = nn_now();
            now = changed(show->path);
            if (now.tv_sec && (now.tv_sec != since.tv_sec || now.tv_nsec != since.tv_nsec)) {
                since = now;
                change(show, show->path, 0);
            }
        }
        if (show->s->hud && nn_now() - felt > FEEL) {
            felt = nn_now();
            atomic_store(&show->celsius, nn_thermal("/sys"));
        }
        nanosleep(&nap, NULL);
    }
    return NULL;
}

int nn_stage_start(struct nn_show *show, struct nn_err *err)
{
    show->staged = !pthread_create(&show->stage_thread, NULL, work, show);
    return show->staged ? 0 : nn_fail(err, NN_EMEM, "no thread for patches");
}

void nn_stage_stop(struct nn_show *show)
{
    if (show->staged)
        pthread_join(show->stage_thread, NULL);
    show->staged = 0;
    free_acts(atomic_exchange(&show->ready, NULL));
    free_acts(atomic_exchange(&show->used, NULL));
}

void nn_stage_take(struct nn_show *show, double t)
{
    struct nn_act *act = atomic_exchange(&show->ready, NULL);
    struct nn_player *p = &show->s->player;

    if (!act)
        return;
    act->goes_on = act->again && nn_patch_same_effects(act->rig.patch, p->patch);
    nn_patch_adopt(act->rig.patch, p->patch, &p->bus);
    if (act->goes_on) {
        struct nn_patch *old = p->patch;
        p->patch = act->rig.patch;
        act->rig.patch = old;
    } else {
        nn_rig_swap(&act->rig, p);
    }
    if (show->s->recorder)
        nn_recorder_patch(show->s->recorder, p->patch, act->path, act->json, t, act->goes_on);
    nn_info("patch %s%s", p->patch->name, act->again ? ", as it was changed" : "");
    act->next = atomic_load(&show->used);
    while (!atomic_compare_exchange_weak(&show->used, &act->next, act))
        ;
}
