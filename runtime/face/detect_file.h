/*
 * detect_file.h - a model of faces by its file: where it may lie, and ONNX or TFLite alike.
 */
#ifndef NN_RUNTIME_FACE_DETECT_FILE_H
#define NN_RUNTIME_FACE_DETECT_FILE_H

#include "common/fs.h"
#include "runtime/engine/engine.h"

/*
 * Where a model is: the file `model` or, when that is NULL, the one that the environment variable
 * `env` names, or the first of `names` (ended by NULL) in the data's models folder or in
 * $XDG_DATA_HOME/neonnoir/models. 1 with `out`, 0 when there is none, -1.
 */
int nn_face_file_find(const char *model, const char *env, const char *const *names,
                      char out[NN_PATH], struct nn_err *err);

/* An engine for an ONNX file, or for a TFLite one as if it were (pictures go in NCHW). */
struct nn_engine *nn_face_file_load(const char *path, const struct nn_engine_opts *opts,
                                    struct nn_err *err);

/* What a model takes that is shown one picture. */
struct nn_face_input {
    const char *name;           /* the engine's */
    int w, h;                   /* 0: free */
    int last;                   /* channels come last */
};

/* -1 unless it takes one float32 picture of three channels and 32 to 1024 pixels a side. */
int nn_face_file_input(const struct nn_engine *e, struct nn_face_input *in, struct nn_err *err);

/* Runs it on the pixels of a w x h picture, in the order that it wants them. */
int nn_face_file_run(struct nn_engine *e, const struct nn_face_input *in, int w, int h,
                     float *pixels, struct nn_err *err);

#endif
