/*
 * types.h - element types and limits of tensors, for graphs and for the engine's users.
 */
#ifndef NN_RUNTIME_ONNX_TYPES_H
#define NN_RUNTIME_ONNX_TYPES_H

#include <stddef.h>
#include <stdint.h>

/* ONNX's TensorProto.DataType numbers. */
enum nn_dtype {
    NN_UNDEFINED = 0, NN_F32 = 1, NN_U8 = 2, NN_I8 = 3, NN_U16 = 4, NN_I16 = 5, NN_I32 = 6,
    NN_I64 = 7, NN_STRING = 8, NN_BOOL = 9, NN_F16 = 10, NN_F64 = 11, NN_U32 = 12, NN_U64 = 13,
    NN_BF16 = 16
};

enum {
    NN_MAX_DIMS = 8,
    NN_DYNAMIC = -1             /* a dimension known only when the graph runs */
};

#endif
