/*
 * features.h - what a network's layers make of one picture, as plates.
 */
#ifndef NN_EXPORT_FEATURES_H
#define NN_EXPORT_FEATURES_H

#include "export/plates.h"
#include "trainer/augment.h"

struct nn_features {
    struct nn_image seen;       /* the picture as the model was given it, RGB */
    char how[160];              /* how it was prepared */
    int n;
    struct nn_plates *layer;    /* one for each node asked for */
};

/*
 * Runs `g` in the engine on the picture at `path`, with what each of `node`
 * (Conv or ConvTranspose) makes, behind its norm and activation, as an
 * extra output. The picture is cut to the input's proportions (an emotion
 * model's to its largest face), scaled, and normalised by `normal`, or NULL: as
 * the model's metadata say, else to 0..1. Open sizes become the picture's own, at most 640, in
 * steps of 32. `opts`: of the engine, may be NULL. Release with nn_features_release().
 */
int nn_features_run(struct nn_features *f, const struct nn_graph *g, const char *path,
                    const struct nn_normal *normal, const struct nn_engine_opts *opts,
                    const int *node, int n, struct nn_err *err);
void nn_features_release(struct nn_features *f);    /* a zeroed one is fine */

#endif
