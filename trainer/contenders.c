#include "trainer/contenders.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datasets/snapshot.h"
#include "trainer/answers.h"
#include "trainer/labelled.h"
#include "trainer/seen.h"

int nn_contenders_is_file(const char *name)
{
    size_t n = strlen(name);

    return n > 5 && !strcmp(name + n - 5, ".onnx");
}

static struct nn_contender *add(struct nn_contenders *c, const char *name, const char *model,
                                struct nn_err *err)
{
    struct nn_contender *k;

    for (int i = 0; i < c->n; i++) {
        if (!strcmp(c->one[i]->model, model)) {
            nn_fail(err, NN_EUSAGE, "%s is there twice", name);
            return NULL;
        }
    }
    if (c->n == NN_CONTENDERS) {
        nn_fail(err, NN_EUSAGE, "more than %d to compare", NN_CONTENDERS);
        return NULL;
    }
    if (!(k = calloc(1, sizeof *k))) {
        nn_fail_mem(err, "contender");
        return NULL;
    }
    c->one[c->n++] = k;
    k->name = strdup(name);
    k->model = strdup(model);
    if (k->name && k->model)
        return k;
    nn_fail_mem(err, "contender");
    return NULL;
}

static int add_file(struct nn_contenders *c, const char *path, const char *factor,
                    struct nn_err *err)
{
    if (factor)
        return nn_fail(err, NN_EUSAGE, "%s is no run, so it has no label %s", path, factor);
    return add(c, path, path, err) ? 0 : -1;
}

static int add_run(struct nn_contenders *c, struct nn_catalog *cat, const struct nn_run *r,
                   const char *factor, struct nn_err *err)
{
    struct nn_contender *k;
    char path[NN_PATH], group[NN_RUN_VALUE] = "";
    int has = 1;

    if (nn_run_path(cat, r->name, "best.onnx", path, err) ||
        (factor && (has = nn_run_label_get(cat, r->id, factor, group, err)) < 0))
        return -1;
    if (!has)
        return nn_fail(err, NN_EUSAGE, "%s has no label %s; say `neonnoir train label %s %s=...`",
                       r->name, factor, r->name, factor);
    if (!nn_exists(path))
        return nn_fail(err, NN_ENOTFOUND, "%s has no best.onnx yet: not one epoch is done",
                       r->name);
    if (!(k = add(c, r->name, path, err)))
        return -1;
    k->run = r->id;
    k->snapshot = r->snapshot;
    k->settings = cJSON_Parse(r->settings);
    memcpy(k->group, group, sizeof group);
    return 0;
}

/* What the search for a factor's runs is handed. */
struct search {
    struct nn_contenders *c;
    struct nn_catalog *cat;
    const char *factor;
    struct nn_err *err;
};

static int consider(void *arg, const struct nn_run *r)
{
    struct search *s = arg;
    char path[NN_PATH], value[NN_RUN_VALUE];
    int has = nn_run_label_get(s->cat, r->id, s->factor, value, s->err);

    if (has < 0 || nn_run_path(s->cat, r->name, "best.onnx", path, s->err))
        return -1;
    return has && nn_exists(path) ? add_run(s->c, s->cat, r, s->factor, s->err) : 0;
}

static int check_groups(const struct nn_contenders *c, const char *factor, struct nn_err *err)
{
    for (int i = 1; i < c->n; i++)
        if (strcmp(c->one[i]->group, c->one[0]->group))
            return 0;
    return nn_fail(err, NN_EUSAGE, "all of these runs have %s=%s: there is nothing to compare it "
                   "with", factor, c->one[0]->group);
}

int nn_contenders_find(struct nn_contenders *c, struct nn_catalog *cat, char *const *name, int n,
                       const char *factor, struct nn_err *err)
{
    struct search s = { c, cat, factor, err };
    struct nn_run r;

    memset(c, 0, sizeof *c);
    if (!n && factor && nn_run_each(cat, consider, &s, err))
        return -1;
    for (int i = 0; i < n; i++) {
        if (nn_contenders_is_file(name[i]) ? add_file(c, name[i], factor, err)
            : nn_run_find(cat, name[i], &r, err) || add_run(c, cat, &r, factor, err))
            return -1;
    }
    if (c->n >= 2)
        return factor ? check_groups(c, factor, err) : 0;
    if (factor && !n)
        return nn_fail(err, NN_ENOTFOUND, "%s the label %s: `neonnoir train label RUN %s=...` "
                       "gives it to others", c->n ? "only one run bears" : "no run bears", factor,
                       factor);
    return nn_fail(err, NN_EUSAGE, "say two or more runs or models to compare, or --factor");
}

/* By its content: the same faces may be frozen twice. */
static int load(struct nn_catalog *cat, const struct nn_contender *k, struct nn_snapshot *s,
                struct nn_err *err)
{
    char id[32];

    if (!k->snapshot)
        return nn_fail(err, NN_EUSAGE, "%s was trained on no snapshot of this catalog: say with "
                       "--on which faces to compare on", k->name);
    snprintf(id, sizeof id, "%lld", (long long)k->snapshot);
    return nn_snapshot_load(cat, id, s, err);
}

int nn_contenders_snapshot(const struct nn_contenders *c, struct nn_catalog *cat, int64_t *out,
                           struct nn_err *err)
{
    struct nn_snapshot first = { 0 }, other = { 0 };
    int ret = load(cat, c->one[0], &first, err);

    *out = c->one[0]->snapshot;
    for (int i = 1; i < c->n && !ret; i++) {
        if (c->one[i]->snapshot == *out)
            continue;
        ret = load(cat, c->one[i], &other, err);
        if (!ret && strcmp(first.hash, other.hash))
            ret = nn_fail(err, NN_EUSAGE, "%s was trained on the snapshot %.60s, %s on %.60s: say "
                          "with --on which faces to compare on", c->one[0]->name, first.name,
                          c->one[i]->name, other.name);
        nn_snapshot_release(&other);
    }
    nn_snapshot_release(&first);
    return ret;
}

/* Faces of a snapshot that some run was trained on by way of another one are leaked, too. */
static int mark_seen(const struct nn_contenders *c, const struct nn_contenders_ask *how,
                     struct nn_faces *f, struct nn_err *err)
{
    struct nn_catalog *cat = nn_catalog_open(how->catalog, NN_READ, err);
    int ret = cat ? 0 : -1;

    for (int i = 0; i < c->n && !ret; i++)
        ret = nn_seen_mark(f, cat, how->on, how->split, c->one[i]->snapshot, err);
    nn_catalog_close(cat);
    return ret;
}

static int read_faces(struct nn_contenders *c, const struct nn_contenders_ask *how,
                      struct nn_faces *f, struct nn_err *err)
{
    char id[32];
    int64_t skipped;

    snprintf(id, sizeof id, "%lld", (long long)how->snapshot);
    if (how->on ? nn_labelled_load(f, how->on, how->split, how->catalog, &skipped, c->origin, err)
                : nn_labelled_snapshot(f, id, how->split, how->catalog, c->origin, err))
        return -1;
    if (f->n >= INT32_MAX)
        return nn_fail(err, NN_EUNSUPPORTED, "too many faces");
    if (c->label && f->n != c->faces + c->leaked)
        return nn_fail(err, NN_EIO, "%s changed while it was read", c->origin);
    return how->on && !nn_exists(how->on) ? mark_seen(c, how, f, err) : 0;
}

/* The labels of the faces that count; the same for every size they are read at. */
static int keep_labels(struct nn_contenders *c, const struct nn_faces *f, int with_leaked,
                       struct nn_err *err)
{
    int64_t n = 0;

    if (c->label)
        return 0;
    if (!(c->label = malloc((size_t)f->n)))
        return nn_fail_mem(err, "labels");
    for (int64_t i = 0; i < f->n; i++)
        if (with_leaked || !f->leaked[i])
            c->label[n++] = f->label[i];
    c->faces = n;
    c->leaked = f->n - n;
    return n ? 0 : nn_fail(err, NN_ENOTFOUND, "all faces of %s are leaked; --leaked compares on "
                           "them", c->origin);
}

static int keep_verdicts(struct nn_contenders *c, struct nn_contender *k, const struct nn_faces *f,
                         const struct nn_answers *a, double temperature, int with_leaked,
                         struct nn_err *err)
{
    double prob[NN_EMOTIONS];
    int64_t n = 0;

    k->says = (struct nn_verdicts){ c->label, malloc((size_t)c->faces),
                                    malloc((size_t)c->faces * sizeof(double)) };
    if (!k->says.said || !k->says.nll)
        return nn_fail_mem(err, "verdicts");
    for (int64_t i = 0; i < a->n; i++) {
        if (!with_leaked && f->leaked[i])
            continue;
        nn_answers_softmax(a->logit[i], temperature, prob);
        k->says.said[n] = (int8_t)nn_answers_top(a->logit[i]);
        k->says.nll[n++] = -log(fmax(prob[f->label[i]], 1e-38));
    }
    return 0;
}

static int ask_one(struct nn_contenders *c, struct nn_contender *k,
                   const struct nn_contenders_ask *how, struct nn_faces *f, struct nn_err *err)
{
    struct nn_engine_opts opts = { .pool = how->pool };
    struct nn_recogniser *r = nn_recogniser_new(k->model, &opts, err);
    struct nn_answers a = { 0 };
    int w, h, channels, ret = -1;

    if (!r)
        return -1;
    nn_recogniser_input(r, &w, &h, &channels);
    if (f->w != w || f->h != h || f->c != channels) {
        nn_faces_release(f);
        nn_faces_init(f, w, h, channels);
        if (read_faces(c, how, f, err))
            goto out;
    }
    if (!keep_labels(c, f, how->with_leaked, err) &&
        !nn_answers_ask(&a, r, f, NN_TTA_NONE, err))
        ret = keep_verdicts(c, k, f, &a, (double)nn_recogniser_temperature(r), how->with_leaked,
                            err);
out:
    nn_answers_release(&a);
    nn_recogniser_free(r);
    return ret;
}

int nn_contenders_ask(struct nn_contenders *c, const struct nn_contenders_ask *how,
                      struct nn_err *err)
{
    struct nn_faces f = { 0 };
    int ret = 0;

    for (int i = 0; i < c->n && !ret; i++)
        ret = ask_one(c, c->one[i], how, &f, err);
    nn_faces_release(&f);
    return ret;
}

void nn_contenders_release(struct nn_contenders *c)
{
    for (int i = 0; i < c->n; i++) {
        free(c->one[i]->name);
        free(c->one[i]->model);
        cJSON_Delete(c->one[i]->settings);
        free(c->one[i]->says.said);
        free(c->one[i]->says.nll);
        free(c->one[i]);
    }
    free(c->label);
    memset(c, 0, sizeof *c);
}
