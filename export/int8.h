/*
 * int8.h - a float graph to an int8 file, as `neonnoir export int8` does it.
 */
#ifndef NN_EXPORT_INT8_H
#define NN_EXPORT_INT8_H

#include "runtime/onnx/graph.h"

/* Calibrates `g` (folded, opset >= 13) on `on` (snapshot, directory or archive of
 * labelled faces), writes it to `out` and reports to stdout; `name` is what the report
 * calls the float model. */
int nn_int8_write(const struct nn_graph *g, const char *name, const char *on, const char *out,
                  struct nn_err *err);

#endif
