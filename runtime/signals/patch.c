/* patch.c - a patch as a whole: its file, its signals by name. */
#include "runtime/signals/patch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/signals/patch_read.h"
#include "runtime/signals/words.h"

const struct nn_signal_info *nn_patch_signal(const struct nn_patch *p, int s)
{
    return s < NN_SIGNALS ? nn_signal_info(s) : &p->own_info[s - NN_SIGNALS];
}

int nn_patch_find_signal(const struct nn_patch *p, const char *name, struct nn_err *err)
{
    int n = NN_SIGNALS + (p ? p->owns : 0);
    const char *all[NN_BUS];
    char hint[NN_HINT];

    for (int s = n - 1; s >= 0; s--) {
        all[s] = nn_patch_signal(p, s)->name;
        if (!strcmp(all[s], name))
            return s;
    }
    return nn_fail(err, NN_EFORMAT, "no signal \"%.40s\"%s", name, nn_hint(hint, name, all, n));
}

struct nn_own_signals nn_patch_own(const struct nn_patch *p)
{
    return (struct nn_own_signals){ p->owns, p->own_info };
}

static int read_patch(const cJSON *root, struct nn_patch *p, struct nn_err *err)
{
    static const char *const known[] = { "name", "description", "signals", "chain", "scenes",
                                         "change", "$schema", NULL };
    const char *name = NULL, *description = "";

    if (!cJSON_IsObject(root))
        return nn_fail(err, NN_EFORMAT, "a patch is a JSON object");
    if (nn_check_known(root, "", known, err) || nn_json_text(root, "", "name", 1, &name, err) ||
        nn_json_text(root, "", "description", 0, &description, err))
        return -1;
    snprintf(p->name, sizeof p->name, "%s", name);
    snprintf(p->description, sizeof p->description, "%s", description);
    return nn_patch_read_signals(root, p, err) || nn_patch_read_scenes(root, p, err) ? -1 : 0;
}

struct nn_patch *nn_patch_parse(const cJSON *root, struct nn_err *err)
{
    struct nn_patch *p = calloc(1, sizeof *p);

    if (!p) {
        nn_fail_mem(err, "patch");
    } else if (read_patch(root, p, err)) {
        nn_patch_free(p);
        p = NULL;
    } else {
        nn_patch_seed(p, 0);
    }
    return p;
}

/* Files are meant from where the patch is. */
static int find_files(struct nn_patch *p, const char *path, struct nn_err *err)
{
    const char *slash = strrchr(path, '/');
    char file[NN_PATH];

    for (int i = 0; i < p->count && slash; i++) {
        struct nn_link *link = &p->link[i];
        if (!*link->file || *link->file == '/')
            continue;
        memcpy(file, link->file, sizeof file);
        if (nn_path(link->file, err, "%.*s/%s", (int)(slash - path), path, file))
            return -1;
    }
    return 0;
}

int nn_patch_path(const char *word, char out[NN_PATH], struct nn_err *err)
{
    char name[NN_PATH];

    if (nn_path(out, err, "%s", word))
        return -1;
    if (strchr(word, '/') || nn_exists(word))
        return 0;
    if (nn_path(name, err, "patches/%s.json", word) || nn_data_path(out, name, err))
        return nn_fail(err, NN_ENOTFOUND, "no patch \"%s\": neither a file nor one of ours, which "
                       "docs/patches.md lists (neon-noir, emotion-filter, rain-of-sorrow, ...)",
                       word);
    return 0;
}

struct nn_patch *nn_patch_load(const char *word, struct nn_err *err)
{
    char path[NN_PATH];
    struct nn_patch *p = NULL;
    cJSON *root;

    if (nn_patch_path(word, path, err) || !(root = nn_json_read(path, err)))
        return NULL;
    p = nn_patch_parse(root, err);
    if (p && find_files(p, path, err)) {
        nn_patch_free(p);
        p = NULL;
    }
    if (!p)
        nn_fail_in(err, "%s", path);
    cJSON_Delete(root);
    return p;
}

void nn_patch_free(struct nn_patch *p)
{
    for (int i = 0; p && i < p->owns; i++)
        nn_expr_free(p->own[i].expr);
    free(p);
}

void nn_patch_seed(struct nn_patch *p, uint64_t seed)
{
    p->seed = seed;
    for (int i = 0; i < p->owns; i++)
        if (p->own[i].expr)
            p->own[i].expr->seed = seed + (uint64_t)i * 0x9e3779b97f4a7c15u;
}
