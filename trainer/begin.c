#include "trainer/begin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/emotion.h"
#include "common/log.h"
#include "runtime/onnx/onnx.h"
#include "trainer/fit.h"
#include "trainer/gan_fit.h"
#include "trainer/nets/nets.h"
#include "trainer/teacher.h"
#include "trainer/torch.h"
#include "trainer/votes.h"

enum { MOST_KEPT = 256 << 20 };         /* bytes of a file */
/* Where the recipe does not say. */
static const double VOTES_WEIGHT = 0.5, TEACHER_SHARE = 0.5;

/* What nn_fit() relies on, said before a run exists that could not go on. */
static int check_init(struct nn_graph *g, const struct nn_begin *b, struct nn_err *err)
{
    const char *classes = nn_graph_meta(g, "neonnoir.classes");
    const struct nn_tensor *in, *out;

    if (nn_onnx_infer(g, err))
        return -1;
    if (g->nin != 1 || g->nout < (b->s.votes > 0 ? 2 : 1))
        return nn_fail(err, NN_EUNSUPPORTED, "%d inputs and %d outputs; training wants one input "
                       "and %s", g->nin, g->nout,
                       b->s.votes > 0 ? "votes behind the logits" : "an output");
    in = &g->tensor[g->in[0]];
    out = &g->tensor[g->out[0]];
    if (in->ndim != 4 || (in->dim[1] != 1 && in->dim[1] != 3) || in->dim[2] < 1 || in->dim[3] < 1)
        return nn_fail(err, NN_EUNSUPPORTED, "its input is no batch of grey or RGB pictures");
    if (out->ndim != 2 || out->dim[1] != NN_EMOTIONS)
        return nn_fail(err, NN_EUNSUPPORTED, "it does not end in %d logits", NN_EMOTIONS);
    if (classes && strcmp(classes, NN_EMOTION_CLASSES))
        return nn_fail(err, NN_EUNSUPPORTED, "it has the classes %.100s, not %s", classes,
                       NN_EMOTION_CLASSES);
    for (int i = 0; i < g->nnode; i++)
        if (!nn_torch_interprets(g->node[i].op))
            return nn_fail(err, NN_EUNSUPPORTED, "node %s: the trainer does not interpret %s",
                           g->node[i].name, g->node[i].op);
    return 0;
}

/* The network this run begins with; normalisation follows a given model. */
static struct nn_graph *first_graph(struct nn_begin *b, struct nn_err *err)
{
    struct nn_net_emotion net = {
        .size = (int)b->s.size, .width = (int)b->s.width, .votes = b->s.votes > 0,
        .blocks = { (int)b->s.blocks[0], (int)b->s.blocks[1], (int)b->s.blocks[2] },
        .dropout = b->s.dropout, .seed = (uint64_t)b->s.seed,
    };
    struct nn_graph *g;
    int known;

    if (!b->init)
        return nn_net_emotion(&net, err);
    if (!(g = nn_onnx_read(b->init, err)))
        return NULL;
    known = check_init(g, b, err) ? -1 : nn_fit_normal(g, &b->s.normal, err);
    if (known < 0) {
        nn_fail_in(err, "%s", b->init);
        nn_graph_free(g);
        return NULL;
    }
    if (!known)
        nn_warn("%s does not say how it wants its input; mean %g and deviation %g are used",
                b->init, b->s.normal.mean, b->s.normal.std);
    return g;
}

/* A copy, so that the run can go on when the file is gone. */
static int keep(struct nn_catalog *cat, const struct nn_run *run, const char *file,
                const char *as, struct nn_err *err)
{
    char path[NN_PATH], *data;
    size_t size;
    int ret;

    if (nn_run_path(cat, run->name, as, path, err) ||
        !(data = nn_file_read(file, MOST_KEPT, &size, err)))
        return -1;
    ret = nn_file_write(path, data, size, err);
    free(data);
    return ret;
}

/* A teacher and its share of the targets ask for each other. */
static int check_teacher(struct nn_begin *b, struct nn_err *err)
{
    struct nn_teacher *t;

    if (!b->teacher && b->s.teacher > 0)
        return nn_fail(err, NN_EUSAGE, "the recipe gives a teacher %g of the targets: say which, "
                       "with --teacher MODEL.onnx", b->s.teacher);
    if (!b->teacher)
        return 0;
    b->s.teacher = b->s.teacher > 0 ? b->s.teacher : TEACHER_SHARE;
    t = nn_teacher_new(b->teacher, (int)b->s.size, (int)b->s.size, 1, &b->s.normal, NULL, err);
    nn_teacher_free(t);
    return t ? 0 : -1;
}

/* Votes and their weight ask for each other. */
static int check_votes(struct nn_begin *b, struct nn_err *err)
{
    struct nn_votes v;
    int ret;

    if (!b->votes && b->s.votes > 0)
        return nn_fail(err, NN_EUSAGE, "the recipe gives votes a weight of %g: say which, with "
                       "--votes FILE.csv", b->s.votes);
    if (!b->votes)
        return 0;
    b->s.votes = b->s.votes > 0 ? b->s.votes : VOTES_WEIGHT;
    ret = nn_votes_read(&v, b->votes, err);
    nn_votes_release(&v);
    return ret;
}

int nn_begin_check(struct nn_begin *b, struct nn_err *err)
{
    return nn_run_label_check(b->label, b->labels, err) || check_votes(b, err) ||
           check_teacher(b, err) ? -1 : 0;
}

/* The run's row and what its directory holds from the start. */
static int make(struct nn_begin *b, struct nn_catalog *cat, const struct nn_graph *g,
                const char *settings, struct nn_run *run, struct nn_err *err)
{
    char path[NN_PATH];

    if (nn_run_add(cat, b->name, run, err) ||
        nn_run_path(cat, run->name, "graph.onnx", path, err) || nn_onnx_write(g, path, err) ||
        nn_run_path(cat, run->name, "recipe.json", path, err) ||
        nn_file_write(path, settings, strlen(settings), err) ||
        nn_run_label_put(cat, run->id, b->label, b->labels, err) ||
        (b->s.votes > 0 && keep(cat, run, b->votes, NN_FIT_VOTES, err)) ||
        (b->s.teacher > 0 && keep(cat, run, b->teacher, NN_FIT_TEACHER, err)))
        return -1;
    return 0;
}

int nn_begin_run(struct nn_begin *b, struct nn_catalog *cat, const struct nn_snapshot *snap,
                 struct nn_run *run, struct nn_err *err)
{
    struct nn_graph *g = first_graph(b, err);
    cJSON *json = g ? nn_settings_to_json(&b->s) : NULL;
    char *text = json ? cJSON_Print(json) : NULL;
    int ret = -1;

    if (g && !text)
        nn_fail_mem(err, "settings");
    if (text && !nn_catalog_begin(cat, err)) {
        *run = (struct nn_run){ .snapshot = snap->id, .task = "emotion", .settings = text,
                                .state = "running", .epochs = b->s.epochs };
        /* Killed or failed in between, there is no run: one without its files could not go on. */
        if (make(b, cat, g, text, run, err))
            nn_catalog_rollback(cat);
        else
            ret = nn_catalog_commit(cat, err);
    }
    nn_graph_free(g);
    cJSON_Delete(json);
    cJSON_free(text);
    return ret;
}

int nn_begin_rest(struct nn_catalog *cat, const char *name, struct nn_peers *peers,
                  struct nn_run *run, struct nn_err *err)
{
    struct nn_snapshot snap = { 0 };
    struct nn_settings s = nn_settings_default;
    char id[32];
    int ret = -1;

    if (nn_run_find(cat, name, run, err))
        return -1;
    if (!strcmp(run->state, "done")) {
        nn_info("%s is done", run->name);
        return 0;
    }
    if (!strcmp(run->task, "gan"))
        return nn_peers_count(peers) > 1
            ? nn_fail(err, NN_EUNSUPPORTED, "%s: a GAN is trained by one process", run->name)
            : nn_gan_rest(cat, run, err);
    snprintf(id, sizeof id, "%lld", (long long)run->snapshot);
    if (nn_settings_from_json(&s, run->settings, "the run's settings", err) ||
        nn_snapshot_load(cat, id, &snap, err))
        goto out;
    ret = nn_fit(cat, run, &s, &snap, peers, err);
out:
    nn_snapshot_release(&snap);
    return ret;
}
