/*
 * tflite_build.h - small TensorFlow Lite files from one-line descriptions.
 *
 *   tensors: "x 1x7x6x3; w 4x3x3x3 f16 ~; b 4 ~; p 2 i32 =1,2; y 1x4x3x4"
 *   ops:     "CONV_2D x w b > y : 0,2,2,1"
 *
 * A tensor is a name, a shape ("-" for a scalar; "?" is an open dimension, 1 in the
 * file), a type (float32 unless said), "qSCALE:ZERO" or "qa" (one scale a slice of
 * dimension 0, of the last with "qz"), and, for constants, "~" (seeded noise) or "="
 * and values. What no operator makes is an input, what none reads an output. Options
 * follow ":", one a field: an integer, "f" and a real number, "-" for none; "_" stands
 * for an absent input; "@NAME" instead of an operator is a custom one, its options ints.
 */
#ifndef NN_TESTS_TFLITE_BUILD_H
#define NN_TESTS_TFLITE_BUILD_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/rng.h"

enum { TB_MAX = 1 << 16, TB_TENSORS = 24, TB_OPS = 8 };

struct tb { /* a FlatBuffer written forwards: what is pointed to comes later */
    uint8_t byte[TB_MAX];
    size_t size;
    size_t data[TB_TENSORS];    /* where constant i's vector is */
};

struct tb_tensor {
    char name[32], type[8];
    int ndim, open[8], made, used, noise;
    int64_t dim[8];
    double value[64], scale;
    int nvalue, zero, per_slice;
};

struct tb_op {
    char name[40], option[16][16];
    int in[16], out[16], nin, nout, noption;
};

struct tb_model {
    struct tb_tensor tensor[TB_TENSORS];
    struct tb_op op[TB_OPS];
    int ntensor, nop;
};

static inline void tb_put(struct tb *b, size_t at, uint64_t v, int size)
{
    for (int i = 0; i < size; i++)
        b->byte[at + (size_t)i] = (uint8_t)(v >> (8 * i));
}

static inline size_t tb_room(struct tb *b, size_t bytes, size_t align, size_t before)
{
    while ((b->size + before) % align)
        b->size++;
    if (b->size + bytes > TB_MAX)
        abort();
    b->size += bytes;
    return b->size - bytes;
}

/* A table of `n` fields, all absent: vtable, then four bytes a field. */
static inline size_t tb_table(struct tb *b, int n)
{
    size_t vsize = 4 + 2 * (size_t)n, v = tb_room(b, vsize, 4, vsize);
    size_t t = tb_room(b, 4 + 4 * (size_t)n, 4, 0);

    tb_put(b, v, vsize, 2);
    tb_put(b, v + 2, 4 + 4 * (uint64_t)n, 2);
    tb_put(b, t, t - v, 4);
    return t;
}

static inline size_t tb_field(struct tb *b, size_t table, int field)
{
    size_t v = table - (b->byte[table] | (size_t)b->byte[table + 1] << 8);

    tb_put(b, v + 4 + 2 * (size_t)field, 4 + 4 * (uint64_t)field, 2);
    return table + 4 + 4 * (size_t)field;
}

static inline void tb_int(struct tb *b, size_t table, int field, int64_t v)
{
    tb_put(b, tb_field(b, table, field), (uint64_t)v, 4);
}

static inline void tb_ref(struct tb *b, size_t table, int field, size_t to)
{
    size_t at = tb_field(b, table, field);

    tb_put(b, at, to - at, 4);
}

/* A vector of zeros: its position; elements start 4 bytes later. */
static inline size_t tb_vec(struct tb *b, size_t n, size_t width, size_t align)
{
    size_t at = tb_room(b, 4 + n * width, align < 4 ? 4 : align, 4);

    tb_put(b, at, n, 4);
    return at;
}

static inline void tb_text(struct tb *b, size_t table, int field, const char *s)
{
    size_t at = tb_vec(b, strlen(s), 1, 4);

    memcpy(b->byte + at + 4, s, strlen(s));
    b->size++;      /* its zero */
    tb_ref(b, table, field, at);
}

static inline size_t tb_width(const struct tb_tensor *t)
{
    return !strcmp(t->type, "f16") ? 2 : !strcmp(t->type, "i64") ? 8
           : !strcmp(t->type, "i8") || !strcmp(t->type, "u8") || !strcmp(t->type, "bool") ? 1 : 4;
}

static inline int64_t tb_count(const struct tb_tensor *t)
{
    int64_t n = 1;

    for (int i = 0; i < t->ndim; i++)
        n *= t->dim[i];
    return n;
}

static inline int tb_is_const(const struct tb_tensor *t)
{
    return t->noise || t->nvalue;
}

static inline uint64_t tb_code(const struct tb_tensor *t, double v)
{
    float f = (float)v;
    uint32_t bits;

    memcpy(&bits, &f, sizeof bits);
    if (!strcmp(t->type, "f16")) {  /* noise is normal and needs no rounding mode */
        int e = (int)(bits >> 23 & 255) - 127 + 15;
        return (bits >> 31 << 15) | (e < 1 ? 0 : (uint32_t)e << 10 | (bits >> 13 & 1023));
    }
    return !strcmp(t->type, "f32") ? bits : (uint64_t)(int64_t)v;
}

static inline void tb_data(struct tb *b, size_t table, const struct tb_tensor *t, int index)
{
    size_t n = (size_t)tb_count(t), w = tb_width(t), at = tb_vec(b, n * w, 1, 16);
    int codes = !strcmp(t->type, "i8") || !strcmp(t->type, "u8");
    struct nn_rng r;

    nn_rng_seed(&r, 11, (uint64_t)index);
    for (size_t i = 0; i < n; i++) {
        double v = t->noise ? nn_rng_range(&r, -1, 1) : t->value[i % (size_t)t->nvalue];
        if (t->noise && codes)
            v = floor(v * 127) + (*t->type == 'u' ? 128 : 0);
        tb_put(b, at + 4 + i * w, tb_code(t, v), (int)w);
    }
    tb_ref(b, table, 0, b->data[index] = at);
}

static inline void tb_quantise(struct tb *b, size_t table, const struct tb_tensor *t)
{
    size_t q = tb_table(b, 7), n = 1, scale, zero;
    int axis = t->per_slice == 'z' ? t->ndim - 1 : 0;

    if (t->per_slice)
        n = (size_t)t->dim[axis];
    tb_ref(b, table, 4, q);
    scale = tb_vec(b, n, 4, 4);
    zero = tb_vec(b, n, 8, 8);
    for (size_t i = 0; i < n; i++) {
        float f = (float)t->scale * (float)(i + 1);
        uint32_t bits;
        memcpy(&bits, &f, sizeof bits);
        tb_put(b, scale + 4 + 4 * i, bits, 4);
        tb_put(b, zero + 4 + 8 * i, (uint64_t)(int64_t)t->zero, 8);
    }
    tb_ref(b, q, 2, scale);
    tb_ref(b, q, 3, zero);
    tb_int(b, q, 6, axis);
}

static inline int tb_type(const char *name)
{
    static const char *const names[] = { "f32", "f16", "i32", "u8", "i64", "str", "bool", "i16",
                                         "c64", "i8" };

    for (int i = 0; i < (int)(sizeof names / sizeof *names); i++)
        if (!strcmp(name, names[i]))
            return i;
    abort();
}

static inline int tb_find(const struct tb_model *m, const char *name)
{
    for (int i = 0; i < m->ntensor; i++)
        if (!strcmp(m->tensor[i].name, name))
            return i;
    if (strcmp(name, "_")) {
        fprintf(stderr, "tflite_build: no tensor '%s'\n", name);
        abort();
    }
    return -1;
}

static inline void tb_parse_tensor(struct tb_tensor *t, char *text)
{
    char *save, *word = strtok_r(text, " ", &save);

    strcpy(t->type, "f32");
    snprintf(t->name, sizeof t->name, "%s", word);
    word = strtok_r(NULL, " ", &save);
    for (char *p = word; *p != '-' && *p; p += *p == 'x') {
        t->open[t->ndim] = *p == '?';
        t->dim[t->ndim++] = *p == '?' ? (p++, 1) : strtoll(p, &p, 10);
    }
    while ((word = strtok_r(NULL, " ", &save))) {
        if (*word == '~') {
            t->noise = 1;
        } else if (*word == '=') {
            for (char *p = word + 1; *p && t->nvalue < 64; p += *p == ',')
                t->value[t->nvalue++] = strtod(p, &p);
        } else if (*word == 'q') {
            t->per_slice = word[1] == 'a' || word[1] == 'z' ? word[1] : 0;
            t->scale = t->per_slice ? 0.004 : strtod(word + 1, &word);
            t->zero = *word == ':' ? atoi(word + 1) : 0;
        } else {
            snprintf(t->type, sizeof t->type, "%s", word);
        }
    }
}

static inline void tb_parse_op(struct tb_model *m, struct tb_op *op, char *text)
{
    char *save, *word = strtok_r(text, " ", &save);
    int outputs = 0;

    snprintf(op->name, sizeof op->name, "%s", word);
    while ((word = strtok_r(NULL, " ", &save)) && *word != ':') {
        int t = *word == '>' ? -1 : tb_find(m, word);
        if (*word == '>')
            outputs = 1;
        else if (outputs)
            m->tensor[op->out[op->nout++] = t].made = 1;
        else if ((op->in[op->nin++] = t) >= 0)
            m->tensor[t].used = 1;
    }
    word = word ? strtok_r(NULL, " ", &save) : NULL;
    for (char *p = word ? strtok_r(word, ",", &save) : NULL; p; p = strtok_r(NULL, ",", &save))
        snprintf(op->option[op->noption++], 16, "%s", p);
}

static inline void tb_describe(struct tb_model *m, const char *tensors, const char *ops)
{
    char text[2000], *save;

    memset(m, 0, sizeof *m);
    snprintf(text, sizeof text, "%s", tensors);
    for (char *p = strtok_r(text, ";", &save); p; p = strtok_r(NULL, ";", &save))
        tb_parse_tensor(&m->tensor[m->ntensor++], p);
    snprintf(text, sizeof text, "%s", ops);
    for (char *p = strtok_r(text, ";", &save); p; p = strtok_r(NULL, ";", &save))
        tb_parse_op(m, &m->op[m->nop++], p);
}

static inline int tb_number(const char *name)
{
    static const struct {
        int code;
        const char *name;
    } ops[] = {
#define OP(code, name, convert, onnx) { code, #name },
#define LACK(code, name) { code, #name },
#include "runtime/tflite/ops.def"
#undef OP
#undef LACK
    };

    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (!strcmp(ops[i].name, name))
            return ops[i].code;
    fprintf(stderr, "tflite_build: no operator '%s'\n", name);
    abort();
}

static inline void tb_indices(struct tb *b, size_t table, int field, int n, const int *v)
{
    size_t at = tb_vec(b, (size_t)n, 4, 4);

    for (int i = 0; i < n; i++)
        tb_put(b, at + 4 + 4 * (size_t)i, (uint64_t)(int64_t)v[i], 4);
    tb_ref(b, table, field, at);
}

/* BuiltinOptions of the operators that have any (schema.fbs). */
static inline int tb_options_type(int code)
{
    static const struct {
        int code, type;
    } types[] = {
        { 0, 11 }, { 1, 5 }, { 2, 10 }, { 3, 1 }, { 4, 2 }, { 5, 94 }, { 9, 8 }, { 11, 12 },
        { 17, 5 }, { 18, 21 }, { 22, 17 }, { 23, 15 }, { 25, 9 }, { 26, 19 }, { 36, 23 },
        { 40, 27 }, { 41, 28 }, { 42, 29 }, { 43, 30 }, { 45, 32 }, { 49, 35 }, { 53, 37 },
        { 56, 40 }, { 67, 49 }, { 74, 27 }, { 79, 57 }, { 81, 27 }, { 82, 27 }, { 83, 59 },
        { 88, 64 }, { 89, 27 }, { 97, 74 }, { 98, 75 }, { 100, 77 }, { 102, 79 }, { 126, 101 },
    };

    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].code == code)
            return types[i].type;
    return 0;
}

static inline void tb_write_options(struct tb *b, size_t table, const struct tb_op *op)
{
    int custom = *op->name == '@';
    size_t o;

    if (custom) {
        o = tb_vec(b, 4 * (size_t)op->noption, 1, 4);
        for (int i = 0; i < op->noption; i++)
            tb_put(b, o + 4 + 4 * (size_t)i, (uint64_t)atoi(op->option[i]), 4);
        tb_ref(b, table, 5, o);
        return;
    }
    o = tb_table(b, op->noption);
    tb_int(b, table, 3, tb_options_type(tb_number(op->name)));
    tb_ref(b, table, 4, o);
    for (int i = 0; i < op->noption; i++) {
        float f = (float)atof(op->option[i] + 1);
        uint32_t bits;
        memcpy(&bits, &f, sizeof bits);
        if (*op->option[i] == 'f')
            tb_int(b, o, i, bits);
        else if (strcmp(op->option[i], "-"))
            tb_int(b, o, i, atoi(op->option[i]));
    }
}

static inline void tb_write_tensor(struct tb *b, size_t table, const struct tb_tensor *t, int index)
{
    size_t shape = tb_vec(b, (size_t)t->ndim, 4, 4), signature = 0;
    int open = 0;

    for (int i = 0; i < t->ndim; i++) {
        tb_put(b, shape + 4 + 4 * (size_t)i, (uint64_t)t->dim[i], 4);
        open |= t->open[i];
    }
    tb_ref(b, table, 0, shape);
    tb_int(b, table, 1, tb_type(t->type));
    tb_int(b, table, 2, tb_is_const(t) ? index + 1 : 0);
    tb_text(b, table, 3, t->name);
    if (t->scale > 0)
        tb_quantise(b, table, t);
    if (!open)
        return;
    signature = tb_vec(b, (size_t)t->ndim, 4, 4);
    for (int i = 0; i < t->ndim; i++)
        tb_put(b, signature + 4 + 4 * (size_t)i, (uint64_t)(t->open[i] ? -1 : t->dim[i]), 4);
    tb_ref(b, table, 7, signature);
}

/* Tables in a vector of references: its elements are `at` + 4, + 8, … */
static inline size_t tb_element(struct tb *b, size_t vec, int i, int fields)
{
    size_t t = tb_table(b, fields), at = vec + 4 + 4 * (size_t)i;

    tb_put(b, at, t - at, 4);
    return t;
}

/* The file, in b->byte[0 .. b->size). */
static inline void tb_build(struct tb *b, const struct tb_model *m)
{
    int in[TB_TENSORS], out[TB_TENSORS], nin = 0, nout = 0;
    size_t model, codes, graphs, graph, tensors, ops, buffers;

    memset(b, 0, sizeof *b);
    b->size = 8;
    memcpy(b->byte + 4, "TFL3", 4);
    model = tb_table(b, 7);
    tb_put(b, 0, model, 4);
    tb_int(b, model, 0, 3);
    tb_text(b, model, 3, "made by a test");
    tb_ref(b, model, 1, codes = tb_vec(b, (size_t)m->nop, 4, 4));
    tb_ref(b, model, 2, graphs = tb_vec(b, 1, 4, 4));
    tb_ref(b, model, 4, buffers = tb_vec(b, (size_t)m->ntensor + 1, 4, 4));
    graph = tb_element(b, graphs, 0, 5);
    tb_ref(b, graph, 0, tensors = tb_vec(b, (size_t)m->ntensor, 4, 4));
    tb_ref(b, graph, 3, ops = tb_vec(b, (size_t)m->nop, 4, 4));
    tb_text(b, graph, 4, "main");
    tb_element(b, buffers, 0, 1);
    for (int i = 0; i < m->ntensor; i++) {
        const struct tb_tensor *t = &m->tensor[i];
        size_t buffer = tb_element(b, buffers, i + 1, 1);
        tb_write_tensor(b, tb_element(b, tensors, i, 8), t, i);
        if (tb_is_const(t))
            tb_data(b, buffer, t, i);
        else if (!t->made)
            in[nin++] = i;
        else if (!t->used)
            out[nout++] = i;
    }
    tb_indices(b, graph, 1, nin, in);
    tb_indices(b, graph, 2, nout, out);
    for (int i = 0; i < m->nop; i++) {
        const struct tb_op *op = &m->op[i];
        size_t o = tb_element(b, ops, i, 6), c = tb_element(b, codes, i, 4);
        int code = *op->name == '@' ? 32 : tb_number(op->name);
        tb_int(b, o, 0, i);
        tb_indices(b, o, 1, op->nin, op->in);
        tb_indices(b, o, 2, op->nout, op->out);
        if (op->noption)
            tb_write_options(b, o, op);
        tb_int(b, c, 0, code < 127 ? code : 127);
        tb_int(b, c, 3, code);
        tb_int(b, c, 2, 1);
        if (*op->name == '@')
            tb_text(b, c, 1, op->name + 1);
    }
}

#endif
