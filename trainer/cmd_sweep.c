/* neonnoir train sweep: which settings are best, by successive halving. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "common/log.h"
#include "trainer/begin.h"
#include "trainer/cmds.h"
#include "trainer/sweep.h"

static struct {
    const char *snapshot, *recipe, *name, *votes, *teacher;
    int64_t runs, eta, seed;
    int json;
} o = { .snapshot = "latest", .name = "sweep", .runs = 9, .eta = 3, .seed = 1 };

const struct nn_opt nn_train_sweep_opts[] = {
    { "snapshot", 's', NN_OPT_TEXT, "NAME", "what to train on", &o.snapshot, 0, 0 },
    { "recipe", 'r', NN_OPT_TEXT, "FILE.json", "settings, some with a list or a range", &o.recipe,
      0, 0 },
    { "name", 0, NN_OPT_TEXT, "NAME", "what the runs' names begin with", &o.name, 0, 0 },
    { "votes", 0, NN_OPT_TEXT, "FILE.csv", "annotators' votes, as in train emotion", &o.votes, 0,
      0 },
    { "teacher", 0, NN_OPT_TEXT, "MODEL.onnx", "learn from its answers, too", &o.teacher, 0, 0 },
    { "candidates", 'n', NN_OPT_INT, "N", "settings drawn", &o.runs, 2, NN_SWEEP_MOST },
    { "eta", 0, NN_OPT_INT, "N", "one in N goes on, to be trained N times as long", &o.eta, 2, 16 },
    { "seed", 0, NN_OPT_INT, "N", "of what is drawn", &o.seed, 0, 1e9 },
    { "json", 0, NN_OPT_FLAG, NULL, "print JSON", &o.json, 0, 0 },
    { 0 },
};

struct candidate {
    int i;
    struct nn_begin begin;
    char drawn[300];
    double accuracy[NN_SWEEP_RUNGS];    /* < 0: its loss was no number */
};

struct job {
    struct nn_catalog *cat;
    struct nn_snapshot snap;
    struct candidate *c;                /* (runs): the best first, as far as they got */
    struct nn_rung rung[NN_SWEEP_RUNGS];
    int rungs;
};

static const char *run_name(const struct candidate *c, int rung, char buf[100])
{
    snprintf(buf, 100, "%.60s-%d-%03d", o.name, rung + 1, c->i + 1);
    return buf;
}

static int draw_all(struct job *job, struct nn_err *err)
{
    struct nn_sweep s = { 0 };
    int64_t epochs = 0;
    int ret = nn_sweep_read(&s, o.recipe, err);

    for (int i = 0; i < o.runs && !ret; i++) {
        struct candidate *c = &job->c[i];
        c->i = i;
        c->begin.votes = o.votes;
        c->begin.teacher = o.teacher;
        ret = nn_sweep_draw(&s, (uint64_t)o.seed, i, &c->begin.s, c->drawn, err) ||
              nn_begin_check(&c->begin, err) ? -1 : 0;
        epochs = c->begin.s.epochs;
    }
    nn_sweep_release(&s);
    if (!ret)
        job->rungs = nn_sweep_rungs((int)o.runs, (int)o.eta, epochs, job->rung);
    return ret;
}

/* The run that stands under this name is this candidate's: then it is done or goes on. */
static int check_run(const struct job *job, const struct nn_run *run, const struct nn_settings *s,
                     struct nn_err *err)
{
    cJSON *json = nn_settings_to_json(s);
    char *text = json ? cJSON_Print(json) : NULL;
    int ret = 0;

    if (!text)
        ret = nn_fail_mem(err, "settings");
    else if (strcmp(text, run->settings) || run->snapshot != job->snap.id)
        ret = nn_fail(err, NN_EUSAGE, "there is a run \"%s\" with other settings or another "
                      "snapshot: take another --name", run->name);
    cJSON_free(text);
    cJSON_Delete(json);
    return ret;
}

static int begin_one(struct job *job, struct candidate *c, int rung, const char *name,
                     struct nn_err *err)
{
    char sweep[80], rungs[32], which[32];
    const char *const label[] = { sweep, rungs, which };
    struct nn_err why = { 0 };
    struct nn_run run;

    c->begin.s.epochs = job->rung[rung].epochs;
    if (!nn_run_find(job->cat, name, &run, &why))
        return check_run(job, &run, &c->begin.s, err);
    if (why.code != NN_ENOTFOUND) {
        *err = why;
        return -1;
    }
    snprintf(sweep, sizeof sweep, "sweep=%.60s", o.name);
    snprintf(rungs, sizeof rungs, "rung=%d", rung + 1);
    snprintf(which, sizeof which, "candidate=%d", c->i + 1);
    c->begin.name = name;
    c->begin.label = label;
    c->begin.labels = 3;
    return nn_begin_run(&c->begin, job->cat, &job->snap, &run, err);
}

static int train_one(struct job *job, struct candidate *c, int rung, struct nn_err *err)
{
    char name[100];
    struct nn_run run;

    if (begin_one(job, c, rung, run_name(c, rung, name), err))
        return -1;
    nn_info("%s: %s", name, c->drawn);
    if (!nn_begin_rest(job->cat, name, NULL, &run, err)) {
        c->accuracy[rung] = run.best_metric;
        return 0;
    }
    if (err->code == NN_EINTR)
        return nn_fail(err, NN_EINTR, "%s is saved; the same command goes on with the sweep", name);
    if (err->code != NN_ETORCH)
        return -1;
    nn_warn("%s is out: %s", name, err->msg);       /* it diverged */
    c->accuracy[rung] = -1;
    return 0;
}

/* Insertion: the best of a rung first, earlier candidates before equal ones. */
static void sort(struct candidate *c, int n, int rung)
{
    for (int i = 1; i < n; i++) {
        struct candidate moved = c[i];
        int k = i;
        for (; k > 0 && (c[k - 1].accuracy[rung] < moved.accuracy[rung] ||
                         (c[k - 1].accuracy[rung] <= moved.accuracy[rung] && c[k - 1].i > moved.i));
             k--)
            c[k] = c[k - 1];
        c[k] = moved;
    }
}

static int train_all(struct job *job, struct nn_err *err)
{
    for (int r = 0; r < job->rungs; r++) {
        int n = job->rung[r].candidates;
        nn_info("rung %d of %d: %d candidates, %lld epochs each", r + 1, job->rungs, n,
                (long long)job->rung[r].epochs);
        for (int i = 0; i < n; i++)
            if (train_one(job, &job->c[i], r, err))
                return -1;
        sort(job->c, n, r);
        if (job->c[0].accuracy[r] < 0)
            return nn_fail(err, NN_ETORCH, "the loss of every candidate came to be no number: "
                           "lower the recipe's rates");
    }
    return 0;
}

static void tell_text(const struct job *job)
{
    char name[100];

    for (int r = 0; r < job->rungs; r++) {
        printf("rung %d: %lld epochs\n", r + 1, (long long)job->rung[r].epochs);
        for (int i = 0; i < job->rung[r].candidates; i++) {
            const struct candidate *c = &job->c[i];
            if (c->accuracy[r] < 0)
                printf("  %-24s diverged  %s\n", run_name(c, r, name), c->drawn);
            else
                printf("  %-24s %6.2f %%  %s\n", run_name(c, r, name), 100 * c->accuracy[r],
                       c->drawn);
        }
    }
    run_name(&job->c[0], job->rungs - 1, name);
    printf("best: %s\n", name);
    printf("Its accuracy is the best of several on the faces it was chosen by, and so flatters it: "
           "judge it\non others (neonnoir train eval).\n");
    printf("next: neonnoir train show %s\n", name);
}

static int tell_json(const struct job *job, struct nn_err *err)
{
    cJSON *root = cJSON_CreateObject(), *rungs;
    char name[100];

    cJSON_AddStringToObject(root, "best", run_name(&job->c[0], job->rungs - 1, name));
    rungs = cJSON_AddArrayToObject(root, "rungs");
    for (int r = 0; r < job->rungs; r++) {
        cJSON *j = cJSON_CreateObject(), *runs;
        cJSON_AddNumberToObject(j, "epochs", (double)job->rung[r].epochs);
        runs = cJSON_AddArrayToObject(j, "runs");
        for (int i = 0; i < job->rung[r].candidates; i++) {
            const struct candidate *c = &job->c[i];
            cJSON *run = cJSON_CreateObject();
            cJSON_AddStringToObject(run, "name", run_name(c, r, name));
            cJSON_AddStringToObject(run, "drawn", c->drawn);
            if (c->accuracy[r] < 0)
                cJSON_AddNullToObject(run, "accuracy");
            else
                cJSON_AddNumberToObject(run, "accuracy", c->accuracy[r]);
            cJSON_AddItemToArray(runs, run);
        }
        cJSON_AddItemToArray(rungs, j);
    }
    return nn_json_print(root, err);
}

/* What would only show after the first run. */
static int check(struct job *job, struct nn_err *err)
{
    struct nn_peers_place place;
    int64_t valid = 0;

    if (nn_peers_find(&place, err))
        return -1;
    if (place.count > 1)
        return nn_fail(err, NN_EUNSUPPORTED, "a sweep is one process; several train one network "
                       "with train emotion");
    for (int64_t i = 0; i < job->snap.count; i++)
        valid += job->snap.sample[i].split == NN_VALID;
    return valid ? 0 : nn_fail(err, NN_EUSAGE, "snapshot %s has no valid faces to choose by",
                               job->snap.name);
}

int nn_train_sweep(int argc, char **argv, struct nn_err *err)
{
    struct job job = { 0 };
    int ret = -1;

    (void)argc;
    (void)argv;
    if (!o.recipe)
        return nn_fail(err, NN_EUSAGE, "say with --recipe which settings to try");
    if (strlen(o.name) > 54)
        return nn_fail(err, NN_EUSAGE, "--name is longer than 54 letters");
    if (!(job.c = calloc((size_t)o.runs, sizeof *job.c)))
        return nn_fail_mem(err, "candidates");
    if (!draw_all(&job, err) && (job.cat = nn_catalog_open(nn_cli_catalog(), NN_WRITE, err)) &&
        !nn_snapshot_load(job.cat, o.snapshot, &job.snap, err) && !check(&job, err) &&
        !train_all(&job, err)) {
        ret = 0;
        if (o.json)
            ret = tell_json(&job, err);
        else
            tell_text(&job);
    }
    nn_snapshot_release(&job.snap);
    nn_catalog_close(job.cat);
    free(job.c);
    return ret;
}
