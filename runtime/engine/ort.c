#include "runtime/engine/ort.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/engine/ort_api.h"

struct nn_ort {
    const struct ort_api *api;
    struct ort_env *env;
    struct ort_memory *memory;
    struct ort_session *session;
    struct nn_graph *g;         /* inputs, outputs, metadata */
    const char **in_name, **out_name;
    struct ort_value **in, **made;
    struct nn_value *out;
};

/* Stays loaded for good: a library with threads of its own survives no unloading. */
static const struct ort_base *open_library(struct nn_err *err)
{
    static const char *const usual[] = { "libonnxruntime.so", "libonnxruntime.so.1" };
    const char *named = getenv("NEONNOIR_ORT");
    const struct ort_base *(*base)(void);
    void *lib = NULL;

    if (named && *named) {
        if (!(lib = dlopen(named, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE))) {
            nn_fail(err, NN_ENOTFOUND, "NEONNOIR_ORT: %s", dlerror());
            return NULL;
        }
    } else {
        for (size_t i = 0; !lib && i < sizeof usual / sizeof *usual; i++)
            lib = dlopen(usual[i], RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
        if (!lib) {
            nn_fail(err, NN_ENOTFOUND, "no libonnxruntime.so here; NEONNOIR_ORT=FILE names one");
            return NULL;
        }
    }
    *(void **)&base = dlsym(lib, "OrtGetApiBase");
    if (!base)
        nn_fail(err, NN_EUNSUPPORTED, "%s is no ONNX Runtime: it has no OrtGetApiBase",
                named ? named : "libonnxruntime.so");
    return base ? base() : NULL;
}

const char *nn_ort_version(struct nn_err *err)
{
    const struct ort_base *base = open_library(err);

    return base ? base->version() : NULL;
}

/* 0, or -1 with ONNX Runtime's own words, on one line. */
static int check(const struct nn_ort *o, struct ort_status *st, struct nn_err *err)
{
    char line[500];
    size_t n;

    if (!st)
        return 0;
    n = strlen(o->api->message(st));
    n = n < sizeof line ? n : sizeof line - 1;
    memcpy(line, o->api->message(st), n);
    for (line[n] = 0; n > 0; n--)
        if (line[n - 1] == '\n' || line[n - 1] == '\r')
            line[n - 1] = ' ';
    o->api->status_free(st);
    return nn_fail(err, NN_EUNSUPPORTED, "ONNX Runtime: %s", line);
}

/* Type and dimensions; an unknown dimension is NN_DYNAMIC there too. */
static int read_shape(const struct nn_ort *o, const struct ort_shape *s, enum nn_dtype *type,
                      int *ndim, int64_t *dim, struct nn_err *err)
{
    size_t n;
    int t;

    if (check(o, o->api->element_type(s, &t), err) || check(o, o->api->ndim(s, &n), err))
        return -1;
    if (n > NN_MAX_DIMS || !nn_dtype_size(t))
        return nn_fail(err, NN_EUNSUPPORTED, "a tensor of %zu dimensions and type %s", n,
                       nn_dtype_name(t));
    *type = t;
    *ndim = (int)n;
    return check(o, o->api->dims(s, dim, n), err);
}

static int add_value(struct nn_ort *o, size_t i, int is_input, struct ort_allocator *a,
                     struct nn_err *err)
{
    const struct ort_api *api = o->api;
    const struct ort_shape *s = NULL;
    struct ort_type *type = NULL;
    char *name = NULL;
    enum nn_dtype t;
    int64_t dim[NN_MAX_DIMS];
    int ndim, tensor, ret = -1;

    if (check(o, (is_input ? api->in_name : api->out_name)(o->session, i, a, &name), err) ||
        check(o, (is_input ? api->in_type : api->out_type)(o->session, i, &type), err) ||
        check(o, api->tensor_of_type(type, &s), err))
        goto out;
    if (!s) {
        nn_fail(err, NN_EUNSUPPORTED, "'%s' is a sequence or a map", name);
        goto out;
    }
    if (read_shape(o, s, &t, &ndim, dim, err)) {
        nn_fail_in(err, "'%s'", name);
        goto out;
    }
    /* No dimensions may mean a scalar or that nothing is known. */
    tensor = nn_graph_find(o->g, name);
    if (tensor < 0)
        tensor = nn_graph_tensor(o->g, name, t, ndim ? ndim : -1, dim);
    if (is_input)
        nn_graph_input_add(o->g, tensor);
    else
        nn_graph_output(o->g, tensor);
    ret = 0;
out:
    if (type)
        api->type_free(type);
    if (name)
        check(o, api->allocator_free(a, name), NULL);
    return ret;
}

static int add_metadata(struct nn_ort *o, struct ort_allocator *a, struct nn_err *err)
{
    const struct ort_api *api = o->api;
    struct ort_metadata *m = NULL;
    char **keys = NULL, *value = NULL;
    int64_t n = 0;
    int bad = check(o, api->metadata(o->session, &m), err) ||
              check(o, api->metadata_keys(m, a, &keys, &n), err);

    for (int64_t i = 0; i < n; i++) {
        value = NULL;
        bad = bad || check(o, api->metadata_value(m, a, keys[i], &value), err);
        if (!bad && value && nn_graph_set_meta(o->g, keys[i], value))
            bad = nn_fail_mem(err, "metadata");
        if (value)
            check(o, api->allocator_free(a, value), NULL);
        check(o, api->allocator_free(a, keys[i]), NULL);
    }
    if (keys)
        check(o, api->allocator_free(a, keys), NULL);
    if (m)
        api->metadata_free(m);
    return bad ? -1 : 0;
}

/* What the session takes and gives, and room for a run's values. */
static int describe(struct nn_ort *o, const char *name, struct nn_err *err)
{
    struct ort_allocator *a;
    struct nn_arena *m;
    size_t nin, nout;

    if (!(o->g = nn_graph_new(name, err)) || check(o, o->api->allocator(&a), err) ||
        check(o, o->api->in_count(o->session, &nin), err) ||
        check(o, o->api->out_count(o->session, &nout), err))
        return -1;
    for (size_t i = 0; i < nin; i++)
        if (add_value(o, i, 1, a, err))
            return -1;
    for (size_t i = 0; i < nout; i++)
        if (add_value(o, i, 0, a, err))
            return -1;
    if (add_metadata(o, a, err))
        return -1;
    if (o->g->failed)
        return nn_fail_mem(err, name);
    m = &o->g->arena;
    o->in_name = nn_arena_array(m, nin, sizeof *o->in_name);
    o->out_name = nn_arena_array(m, nout, sizeof *o->out_name);
    o->in = nn_arena_array(m, nin, sizeof *o->in);
    o->made = nn_arena_array(m, nout, sizeof *o->made);
    o->out = nn_arena_array(m, nout, sizeof *o->out);
    if (!o->in_name || !o->out_name || !o->in || !o->made || !o->out)
        return nn_fail_mem(err, name);
    for (size_t i = 0; i < nin; i++)
        o->in_name[i] = o->g->tensor[o->g->in[i]].name;
    for (size_t i = 0; i < nout; i++)
        o->out_name[i] = o->g->tensor[o->g->out[i]].name;
    return 0;
}

/* `onnx` NULL: from the file `name`. */
static struct nn_ort *start(const void *onnx, size_t size, const char *name, int threads,
                            struct nn_err *err)
{
    const struct ort_base *base = open_library(err);
    struct nn_ort *o = base ? calloc(1, sizeof *o) : NULL;
    struct ort_options *opt = NULL;
    int bad = !o;

    if (base && !o)
        nn_fail_mem(err, name);
    if (o && !(o->api = base->api(ORT_API_VERSION)))
        bad = nn_fail(err, NN_EUNSUPPORTED, "ONNX Runtime %s: too old", base->version());
    bad = bad || check(o, o->api->env_new(ORT_LOG_ERROR, "neonnoir", &o->env), err) ||
          check(o, o->api->cpu_memory(ORT_ARENA_ALLOCATOR, ORT_MEM_DEFAULT, &o->memory), err) ||
          check(o, o->api->options_new(&opt), err) ||
          check(o, o->api->set_threads(opt, threads), err) ||
          check(o, o->api->set_graph_threads(opt, 1), err) ||
          check(o, onnx ? o->api->session_parse(o->env, onnx, size, opt, &o->session)
                        : o->api->session_load(o->env, name, opt, &o->session), err) ||
          describe(o, name, err);
    if (opt)
        o->api->options_free(opt);
    if (!bad)
        return o;
    nn_ort_free(o);
    return NULL;
}

struct nn_ort *nn_ort_load(const char *path, int threads, struct nn_err *err)
{
    return start(NULL, 0, path, threads, err);
}

struct nn_ort *nn_ort_parse(const void *onnx, size_t size, const char *name, int threads,
                            struct nn_err *err)
{
    return start(onnx, size, name, threads, err);
}

const struct nn_graph *nn_ort_graph(const struct nn_ort *o)
{
    return o->g;
}

static void release_values(const struct nn_ort *o, struct ort_value **v, int n)
{
    for (int i = 0; v && i < n; i++) {
        if (v[i])
            o->api->value_free(v[i]);
        v[i] = NULL;
    }
}

void nn_ort_free(struct nn_ort *o)
{
    if (!o)
        return;
    if (o->g) {
        release_values(o, o->in, o->g->nin);
        release_values(o, o->made, o->g->nout);
    }
    if (o->session)
        o->api->session_free(o->session);
    if (o->memory)
        o->api->memory_free(o->memory);
    if (o->env)
        o->api->env_free(o->env);
    nn_graph_free(o->g);
    free(o);
}

static int take_input(struct nn_ort *o, const struct nn_value *v, struct nn_err *err)
{
    struct nn_tensor t = { .name = v->name, .type = v->type, .ndim = v->ndim };
    int64_t none = 0;
    int i = 0;

    while (i < o->g->nin && strcmp(o->in_name[i], v->name))
        i++;
    if (i == o->g->nin)
        return nn_fail(err, NN_ENOTFOUND, "the model has no input '%s'", v->name);
    if (v->ndim < 0 || v->ndim > NN_MAX_DIMS)
        return nn_fail(err, NN_EARG, "input '%s' has %d dimensions", v->name, v->ndim);
    memcpy(t.dim, v->dim, sizeof t.dim);
    if (nn_tensor_elements(&t) < 0 || !nn_dtype_size(v->type))
        return nn_fail(err, NN_EARG, "input '%s' has no possible shape or type", v->name);
    release_values(o, &o->in[i], 1);
    return check(o, o->api->tensor_over(o->memory, nn_tensor_bytes(&t) ? v->data : &none,
                                        nn_tensor_bytes(&t), v->dim, (size_t)v->ndim, v->type,
                                        &o->in[i]), err);
}

static int read_output(struct nn_ort *o, int i, struct nn_err *err)
{
    struct nn_value *v = &o->out[i];
    struct ort_shape *s = NULL;
    int is_tensor, ret;

    *v = (struct nn_value){ .name = o->out_name[i] };
    if (!o->made[i] || check(o, o->api->is_tensor(o->made[i], &is_tensor), err) || !is_tensor)
        return nn_fail(err, NN_EUNSUPPORTED, "output '%s' is no tensor", v->name);
    ret = check(o, o->api->shape_of(o->made[i], &s), err) ||
          read_shape(o, s, &v->type, &v->ndim, v->dim, err) ||
          check(o, o->api->tensor_data(o->made[i], &v->data), err);
    if (s)
        o->api->shape_free(s);
    return ret ? -1 : 0;
}

int nn_ort_run(struct nn_ort *o, const struct nn_value *in, int nin, struct nn_err *err)
{
    release_values(o, o->in, o->g->nin);
    release_values(o, o->made, o->g->nout);
    for (int i = 0; i < nin; i++)
        if (take_input(o, &in[i], err))
            return -1;
    for (int i = 0; i < o->g->nin; i++)
        if (!o->in[i])
            return nn_fail(err, NN_EARG, "input '%s' is missing", o->in_name[i]);
    if (check(o, o->api->run(o->session, NULL, o->in_name,
                             (const struct ort_value *const *)o->in, (size_t)o->g->nin,
                             o->out_name, (size_t)o->g->nout, o->made), err))
        return -1;
    for (int i = 0; i < o->g->nout; i++)
        if (read_output(o, i, err))
            return -1;
    return 0;
}

const struct nn_value *nn_ort_output(const struct nn_ort *o, int i)
{
    return i >= 0 && i < o->g->nout ? &o->out[i] : NULL;
}
