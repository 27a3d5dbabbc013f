#include "export/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "common/stop.h"
#include "export/feed.h"
#include "export/rival.h"
#include "runtime/onnx/onnx.h"

struct pair {
    struct nn_graph *g;
    struct nn_rival *ours, *theirs;
    char what[64];              /* "ONNX Runtime 1.30.0" */
    struct nn_apart *apart;     /* the worst of each output */
    int64_t times;
};

/* One set of inputs through both; the worst is kept. */
static int compare(struct pair *p, const struct nn_feed *f, struct nn_err *err)
{
    if (nn_rival_run(p->ours, f->v, f->n, err) || nn_rival_run(p->theirs, f->v, f->n, err))
        return -1;
    for (int i = 0; i < p->g->nout; i++) {
        struct nn_apart a, *worst = &p->apart[i];
        if (nn_value_apart(nn_rival_output(p->ours, i), nn_rival_output(p->theirs, i), &a, err))
            return -1;
        worst->most = a.most > worst->most ? a.most : worst->most;
        worst->relative = a.relative > worst->relative ? a.relative : worst->relative;
    }
    p->times++;
    return nn_check_stop("verify", err);
}

static int run(struct pair *p, const char *path, const struct nn_verify_opts *o, struct nn_err *err)
{
    const struct nn_opt_list *in = o->input, *shape = o->shape;
    struct nn_engine_opts opts = { .max_memory = o->max_memory };
    int64_t times = in->count == p->g->nin ? 1 : o->count;      /* no noise, no second time */

    for (int i = 0; i < in->count; i++)
        if (nn_feed_file(NULL, p->g, in->value[i], err))
            return -1;
    if (nn_feed_shape(p->g, shape->value, shape->count, err) ||
        !nn_rival_describe(o->engine, p->what, sizeof p->what, err) ||
        !(p->ours = nn_rival_load("ours", path, &opts, err)) ||
        !(p->theirs = nn_rival_load(o->engine, path, &opts, err)))
        return -1;
    if (!(p->apart = calloc((size_t)p->g->nout + 1, sizeof *p->apart)))
        return nn_fail_mem(err, path);
    for (int64_t k = 0; k < times; k++) {
        struct nn_feed f;
        int bad = nn_feed_init(&f, p->g, (uint64_t)k + 1, err);
        for (int i = 0; i < in->count && !bad; i++)
            bad = nn_feed_file(&f, p->g, in->value[i], err);
        bad = bad || compare(p, &f, err);
        nn_feed_release(&f);
        if (bad)
            return nn_fail_in(err, "%s", path);
    }
    return 0;
}

static int passes(const struct pair *p, int i, double tolerance)
{
    return p->apart[i].relative <= tolerance;   /* not for infinity */
}

static int report_json(const struct pair *p, const char *path, double tolerance, int pass,
                       struct nn_err *err)
{
    cJSON *root = cJSON_CreateObject(), *list;

    cJSON_AddStringToObject(root, "model", path);
    cJSON_AddStringToObject(root, "against", p->what);
    cJSON_AddNumberToObject(root, "inputs_compared", (double)p->times);
    cJSON_AddNumberToObject(root, "tolerance", tolerance);
    list = cJSON_AddArrayToObject(root, "outputs");
    for (int i = 0; i < p->g->nout; i++) {
        cJSON *j = cJSON_CreateObject();
        cJSON_AddStringToObject(j, "name", p->g->tensor[p->g->out[i]].name);
        cJSON_AddNumberToObject(j, "largest_difference", p->apart[i].most);
        cJSON_AddNumberToObject(j, "relative_difference", p->apart[i].relative);
        cJSON_AddBoolToObject(j, "pass", passes(p, i, tolerance));
        cJSON_AddItemToArray(list, j);
    }
    cJSON_AddBoolToObject(root, "pass", pass);
    return nn_json_print(root, err);
}

static int report(const struct pair *p, const char *path, const struct nn_verify_opts *o,
                  struct nn_err *err)
{
    int pass = 1, bad = 0;

    for (int i = 0; i < p->g->nout; i++)
        pass &= passes(p, i, o->tolerance);
    if (o->json)
        bad = report_json(p, path, o->tolerance, pass, err);
    for (int i = 0; i < p->g->nout && !o->json; i++) {
        const struct nn_value *v = nn_rival_output(p->ours, i);
        char shape[128];
        printf("%s  %-24s %s %-16s largest difference %.3g, relative %.3g\n",
               passes(p, i, o->tolerance) ? "PASS" : "FAIL", v->name, nn_dtype_name(v->type),
               nn_shape_text(v->ndim, v->dim, shape, sizeof shape), p->apart[i].most,
               p->apart[i].relative);
    }
    if (!o->json)
        printf("%s: %s against %s on %lld sets of inputs (tolerance %g of the largest value)\n",
               path, pass ? "PASS" : "FAIL", p->what, (long long)p->times, o->tolerance);
    if (bad)
        return -1;
    return pass ? 0 : nn_fail(err, NN_EFORMAT, "%s: the engine and %s differ", path, p->what);
}

int nn_verify_rival(const char *path, const struct nn_verify_opts *o, struct nn_err *err)
{
    struct pair p = { .g = nn_onnx_read(path, err) };
    int bad = !p.g || run(&p, path, o, err) || report(&p, path, o, err);

    nn_rival_free(p.ours);
    nn_rival_free(p.theirs);
    nn_graph_free(p.g);
    free(p.apart);
    return bad ? -1 : 0;
}
