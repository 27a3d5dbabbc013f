/*
 * dnn.h - OpenCV's DNN module, to compare the engine with; the door to it.
 *
 * No C++ type and no exception passes it; failures are NN_EVISION. Float inputs
 * alone. OpenCV's thread count is the process's: the last one loaded or run
 * with sets it.
 */
#ifndef NN_EXPORT_DNN_H
#define NN_EXPORT_DNN_H

#include "runtime/engine/engine.h"
#include "runtime/onnx/graph.h"

struct nn_dnn;

/* `g` is the same file as read by nn_onnx_read(), for the order and names of its
 * outputs; it may go afterwards. Free with nn_dnn_free(). */
struct nn_dnn *nn_dnn_load(const char *path, const struct nn_graph *g, int threads,
                           struct nn_err *err);
void nn_dnn_free(struct nn_dnn *d);             /* NULL is fine */

/* As nn_engine_run() and nn_engine_output(); types are always NN_F32. */
int nn_dnn_run(struct nn_dnn *d, const struct nn_value *in, int nin, struct nn_err *err);
const struct nn_value *nn_dnn_output(const struct nn_dnn *d, int i);

const char *nn_dnn_version(void);               /* "4.6.0" */

#endif
