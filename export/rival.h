/*
 * rival.h - one model in any of several engines, to be compared: ours, ONNX
 * Runtime ("ort") and OpenCV's DNN ("opencv").
 */
#ifndef NN_EXPORT_RIVAL_H
#define NN_EXPORT_RIVAL_H

#include "runtime/engine/engine.h"

enum { NN_RIVALS = 3 };

struct nn_rival;

/* Row i of the engines there are, "ours" first; NULL after the last. */
const char *nn_rival_engine(int i);
/* "ONNX Runtime 1.30.0"; NULL and `err` when it is not here. */
const char *nn_rival_describe(const char *engine, char *buf, size_t size, struct nn_err *err);

/* Of `opts`, which may be NULL, `engine` stands over the kind, and OpenCV takes the threads
 * alone. Free with nn_rival_free(). */
struct nn_rival *nn_rival_load(const char *engine, const char *path,
                               const struct nn_engine_opts *opts, struct nn_err *err);
void nn_rival_free(struct nn_rival *r);         /* NULL is fine */

/* As nn_engine_run() and nn_engine_output(). */
int nn_rival_run(struct nn_rival *r, const struct nn_value *in, int nin, struct nn_err *err);
const struct nn_value *nn_rival_output(const struct nn_rival *r, int i);

const char *nn_rival_name(const struct nn_rival *r);    /* "ort" */
const struct nn_engine *nn_rival_ours(const struct nn_rival *r);    /* NULL: another's */

#endif
