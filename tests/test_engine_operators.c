/*
 * Operators with attributes that ONNX's own cases hardly cover, on seeded noise, compared
 * with what ONNX Runtime 1.30 made of the same nodes (tests/data/operator_outputs.def).
 *
 *   NEONNOIR_OPERATORS=write test_engine_operators >tests/data/operator_outputs.def
 *
 * asks ONNX Runtime again. A case is its name, operator and opset, its attributes
 * ("pads=1,1 mode=wrap alpha=0.5"; "3," is a list of one) and its inputs, each a type
 * (f float32, i int32, l int64, u uint8, b int8, c int8 of seven bits, with which ONNX
 * Runtime is exact on every machine), a shape ("-": a scalar) and values after "=" or noise;
 * "_" is an absent one. The first is an input, the rest are constants.
 */
#include "common/rng.h"
#include "runtime/engine/engine.h"
#include "runtime/onnx/graph.h"
#include "tests/test.h"

enum { MAX_INPUTS = 10, MAX_OUTPUTS = 3, MAX_VALUES = 600 };

static const struct {
    const char *name, *op;
    int opset, outputs;
    const char *attrs, *inputs;
} cases[] = {
#include "tests/data/operator_cases.def"
};

/* A case's outputs in order, one after the other. */
static const struct {
    const char *name;
    int n;
    double v[MAX_VALUES];
} outputs[] = {
#include "tests/data/operator_outputs.def"
};

struct operand {
    enum nn_dtype type;         /* NN_UNDEFINED: absent */
    int ndim;
    int64_t dim[NN_MAX_DIMS];
    void *data;
};

static int64_t count(int ndim, const int64_t *dim)
{
    int64_t n = 1;

    for (int k = 0; k < ndim; k++)
        n *= dim[k];
    return n;
}

static double number(enum nn_dtype type, const void *data, int64_t i)
{
    switch (type) {
    case NN_F32: return (double)((const float *)data)[i];
    case NN_I64: return (double)((const int64_t *)data)[i];
    case NN_I32: return ((const int32_t *)data)[i];
    case NN_I8: return ((const int8_t *)data)[i];
    default: return ((const uint8_t *)data)[i];
    }
}

static void set(const struct operand *o, int64_t i, double v)
{
    switch (o->type) {
    case NN_F32: ((float *)o->data)[i] = (float)v; break;
    case NN_I64: ((int64_t *)o->data)[i] = (int64_t)v; break;
    case NN_I32: ((int32_t *)o->data)[i] = (int32_t)v; break;
    case NN_I8: ((int8_t *)o->data)[i] = (int8_t)v; break;
    default: ((uint8_t *)o->data)[i] = (uint8_t)v;
    }
}

/* One input out of "f 1x2x3=0.5,1"; what follows it. */
static const char *read_operand(const char *p, int seed, struct operand *o)
{
    static const char letters[] = "filubc";
    static const enum nn_dtype types[] = { NN_F32, NN_I32, NN_I64, NN_U8, NN_I8, NN_I8 };
    struct nn_rng r;
    int seven;
    int64_t n;

    *o = (struct operand){ 0 };
    p += strspn(p, " ;");
    if (*p == '_')
        return p + 1;
    o->type = types[strchr(letters, *p) - letters];
    seven = *p == 'c';
    for (p += strspn(p + 1, " ") + 1; *p >= '0' && *p <= '9'; p += *p == 'x')
        o->dim[o->ndim++] = strtol(p, (char **)&p, 10);
    p += *p == '-';
    n = count(o->ndim, o->dim);
    o->data = calloc((size_t)n + 1, sizeof(int64_t));
    nn_rng_seed(&r, 11, (uint64_t)seed);
    for (int64_t i = 0; i < n; i++)
        if (*p == '=' || *p == ',')
            set(o, i, strtod(p + 1, (char **)&p));
        else
            set(o, i, o->type == NN_F32 ? (double)nn_rng_range(&r, -1, 1)
                    : seven ? nn_rng_below(&r, 128) - 64.
                            : nn_rng_below(&r, 256) - (o->type == NN_U8 ? 0. : 128.));
    return p;
}

/* Lists of an attribute; the graph keeps what they point to. */
static void read_lists(struct nn_graph *g, const char *name, char *text)
{
    static char *words[8];
    static float floats[4][8];
    static int used;
    int64_t ints[NN_MAX_DIMS * 2];
    int n = 0, is_float = strchr(text, '.') != NULL, is_int = strchr("-0123456789", *text) != NULL;

    for (char *w = strtok(text, ","); w; w = strtok(NULL, ","), n++)
        if (is_float)
            floats[used % 4][n] = strtof(w, NULL);
        else if (is_int)
            ints[n] = strtol(w, NULL, 10);
        else
            words[n] = w;
    if (is_int && !is_float) {
        nn_graph_attr_ints(g, name, n, ints);
        return;
    }
    struct nn_attr *a = nn_graph_attr_add(g, name);
    a->count = n;
    a->kind = is_float ? NN_ATTR_FLOATS : NN_ATTR_STRINGS;
    a->floats = floats[used++ % 4];
    a->strings = (const char *const *)words;
}

static void read_attrs(struct nn_graph *g, char *text)
{
    for (char *next, *p = text; *p; p = next) {
        char *eq = strchr(p, '=');
        next = p + strcspn(p, " ");
        if (*next)
            *next++ = 0;
        *eq++ = 0;
        if (strchr(eq, ',')) {
            read_lists(g, p, eq);
        } else if (strchr(eq, '.')) {
            nn_graph_attr_float(g, p, strtof(eq, NULL));
        } else if (strchr("-0123456789", *eq)) {
            nn_graph_attr_int(g, p, strtol(eq, NULL, 10));
        } else {
            struct nn_attr *a = nn_graph_attr_add(g, p);
            a->kind = NN_ATTR_STRING;
            a->s = eq;
        }
    }
}

/* Runs case `c`; its outputs stay the engine's. */
static struct nn_engine *run(size_t c, enum nn_engine_kind kind, struct nn_err *err)
{
    struct nn_engine_opts opts = { .kind = kind };
    struct nn_graph *g = nn_graph_new(cases[c].name, err);
    struct operand o[MAX_INPUTS];
    char attrs[400], name[16];
    struct nn_value x = { .name = "x0" };
    struct nn_engine *e;
    int n = 0, in[MAX_INPUTS], out[MAX_OUTPUTS];

    g->opset = cases[c].opset;
    for (const char *p = cases[c].inputs; *p && n < MAX_INPUTS; n++) {
        p = read_operand(p, n, &o[n]);
        snprintf(name, sizeof name, "x%d", n);
        in[n] = !o[n].type ? -1
              : n ? nn_graph_const(g, name, o[n].type, o[n].ndim, o[n].dim, o[n].data)
                  : nn_graph_input(g, name, o[n].ndim, o[n].dim);
        if (n)
            continue;
        g->tensor[in[0]].type = x.type = o[0].type;
        x.ndim = o[0].ndim;
        x.data = o[0].data;
        memcpy(x.dim, o[0].dim, sizeof x.dim);
    }
    for (int k = 0; k < cases[c].outputs; k++) {
        snprintf(name, sizeof name, "y%d", k);
        out[k] = nn_graph_tensor(g, name, NN_UNDEFINED, -1, NULL);
    }
    nn_graph_node_raw(g, cases[c].op, cases[c].name, n, in, cases[c].outputs, out);
    snprintf(attrs, sizeof attrs, "%s", cases[c].attrs);
    read_attrs(g, attrs);
    for (int k = 0; k < cases[c].outputs; k++)
        nn_graph_output(g, out[k]);
    e = nn_engine_new(g, &opts, err);
    if (e && nn_engine_run(e, &x, 1, err)) {
        nn_engine_free(e);
        e = NULL;
    }
    for (int k = 0; k < n; k++)
        free(o[k].data);
    nn_graph_free(g);
    return e;
}

static void check(size_t c)
{
    struct nn_err err = { 0 };
    struct nn_engine *e = run(c, NN_ENGINE_OURS, &err);
    size_t o = 0;
    int64_t at = 0;

    while (o < sizeof outputs / sizeof *outputs && strcmp(outputs[o].name, cases[c].name))
        o++;
    CHECK(o < sizeof outputs / sizeof *outputs);
    if (!e)
        fprintf(stderr, "%s: %s\n", cases[c].name, err.msg);
    CHECK(e);
    for (int k = 0; e && o < sizeof outputs / sizeof *outputs && k < cases[c].outputs; k++) {
        const struct nn_value *y = nn_engine_output(e, k);
        int64_t n = count(y->ndim, y->dim);
        double worst = 0;
        for (int64_t i = 0; i < n && at < outputs[o].n; i++, at++) {
            double d = fabs(number(y->type, y->data, i) - outputs[o].v[at]);
            worst = d <= worst ? worst : d;
        }
        if (!(worst <= 2e-5))
            fprintf(stderr, "%s, output %d: off by %g\n", cases[c].name, k, worst);
        CHECK(worst <= 2e-5);
    }
    CHECK(!e || o == sizeof outputs / sizeof *outputs || at == outputs[o].n);
    nn_engine_free(e);
}

static int write_outputs(void)
{
    printf("/* What ONNX Runtime makes of operator_cases.def. */\n");
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct nn_err err = { 0 };
        struct nn_engine *e = run(c, NN_ENGINE_ORT, &err);
        int64_t all = 0;
        int column = 0;
        if (!e) {
            fprintf(stderr, "%s: %s\n", cases[c].name, err.msg);
            continue;
        }
        for (int k = 0; k < cases[c].outputs; k++)
            all += count(nn_engine_output(e, k)->ndim, nn_engine_output(e, k)->dim);
        printf("{ \"%s\", %lld, {", cases[c].name, (long long)all);
        for (int k = 0; k < cases[c].outputs; k++) {
            const struct nn_value *y = nn_engine_output(e, k);
            for (int64_t i = 0; i < count(y->ndim, y->dim); i++)
                printf("%s%.9g,", column++ % 7 ? " " : "\n    ", number(y->type, y->data, i));
        }
        printf(" } },\n");
        nn_engine_free(e);
    }
    return 0;
}

int main(void)
{
    const char *what = getenv("NEONNOIR_OPERATORS");

    if (what && !strcmp(what, "write"))
        return write_outputs();
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        check(c);
    return test_done();
}
