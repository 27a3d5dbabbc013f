/*
 * model.h - what a .tflite file says, read once and checked.
 *
 * Table layouts and numbers are facts of TensorFlow's schema.fbs (schema version 3,
 * github.com/tensorflow/tensorflow, tensorflow/compiler/mlir/lite/schema). Data and
 * option tables stay in the file's bytes, which must outlive the model.
 */
#ifndef NN_RUNTIME_TFLITE_MODEL_H
#define NN_RUNTIME_TFLITE_MODEL_H

#include "common/arena.h"
#include "runtime/onnx/graph.h"
#include "runtime/tflite/flat.h"

enum nn_tfl_type { /* TensorType */
    NN_TFL_F32 = 0, NN_TFL_F16 = 1, NN_TFL_I32 = 2, NN_TFL_U8 = 3, NN_TFL_I64 = 4,
    NN_TFL_BOOL = 6, NN_TFL_I16 = 7, NN_TFL_I8 = 9, NN_TFL_F64 = 10
};

struct nn_tfl_tensor {
    const char *name;           /* one printable line, perhaps empty, perhaps not unique */
    int type;                   /* enum nn_tfl_type, or another number: no use is made of it */
    int ndim;
    int64_t dim[NN_MAX_DIMS];   /* >= 0, or NN_DYNAMIC by its shape signature */
    const uint8_t *data;        /* a constant's values, unaligned; else NULL */
    struct nn_flat_vec scale, zero; /* quantisation: one a tensor, or one a slice of `axis` */
    int axis;
    int sparse, variable;
};

struct nn_tfl_op {
    int code;                   /* BuiltinOperator */
    const char *custom;         /* name of a custom operator, else NULL */
    struct nn_flat_vec in, out; /* tensor indices, checked; -1: absent */
    struct nn_flat_table options;
    struct nn_flat_vec custom_options;  /* bytes */
};

struct nn_tfl_model {
    struct nn_flat flat;
    struct nn_arena arena;
    const char *name;           /* the sub-graph's */
    int ntensor, nop, nin, nout;
    struct nn_tfl_tensor *tensor;
    struct nn_tfl_op *op;
    int *in, *out;              /* tensor indices, checked */
    int nmeta;
    struct nn_meta *meta;       /* description and metadata that is text */
};

/* 0, or -1 with `err`. Release in both cases. */
int nn_tfl_parse(struct nn_tfl_model *m, const void *bytes, size_t size, const char *name,
                 struct nn_err *err);
void nn_tfl_release(struct nn_tfl_model *m);

/* "FLOAT32"; "an unknown type" for numbers newer than this list. */
const char *nn_tfl_type_name(int type);
/* Bytes of one element; 0 for types that we make no use of. */
size_t nn_tfl_type_size(int type);
/* Are its values numbers with a scale: real numbers, stored as codes? */
int nn_tfl_quantised(const struct nn_tfl_tensor *t);
/* Its elements, or -1 where a dimension is open. */
int64_t nn_tfl_elements(const struct nn_tfl_tensor *t);

#endif
