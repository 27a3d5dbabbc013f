#include "trainer/teacher.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/emotion.h"
#include "runtime/onnx/onnx.h"
#include "trainer/fit.h"

struct nn_teacher {
    struct nn_torch *torch;
    struct nn_peers *peers;
    int64_t floats;             /* of a picture */
    float *logits;
    int64_t room;               /* rows in there */
};

static int check(struct nn_graph *g, int w, int h, int c, const struct nn_normal *normal,
                 struct nn_err *err)
{
    const char *classes = nn_graph_meta(g, "neonnoir.classes");
    struct nn_normal its = *normal;
    const struct nn_tensor *in;

    if (nn_onnx_infer(g, err) || nn_fit_normal(g, &its, err) < 0)
        return -1;
    in = g->nin == 1 ? &g->tensor[g->in[0]] : NULL;
    if (!in || in->ndim != 4 || in->dim[1] != c || in->dim[2] != h || in->dim[3] != w)
        return nn_fail(err, NN_EUNSUPPORTED, "a teacher must take what its pupil takes, "
                       "pictures of %d x %d x %d", c, h, w);
    if (its.mean != normal->mean || its.std != normal->std)
        return nn_fail(err, NN_EUNSUPPORTED, "the teacher wants mean %g and deviation %g, the "
                       "pupil %g and %g", its.mean, its.std, normal->mean, normal->std);
    if (!classes || strcmp(classes, NN_EMOTION_CLASSES))
        return nn_fail(err, NN_EUNSUPPORTED, "the teacher's classes are not %s",
                       NN_EMOTION_CLASSES);
    return 0;
}

struct nn_teacher *nn_teacher_new(const char *path, int w, int h, int c,
                                  const struct nn_normal *normal, struct nn_peers *peers,
                                  struct nn_err *err)
{
    struct nn_torch_opts opts = { .threads = 1 };
    struct nn_teacher *t = calloc(1, sizeof *t);
    struct nn_graph *g = t ? nn_onnx_read(path, err) : NULL;

    if (!t)
        nn_fail_mem(err, "teacher");
    if (!g) {
        free(t);
        return NULL;
    }
    t->peers = peers;
    t->floats = (int64_t)w * h * c;
    if (check(g, w, h, c, normal, err) || !(t->torch = nn_torch_new(g, &opts, err)) ||
        (nn_torch_out_floats(t->torch) != NN_EMOTIONS &&
         nn_fail(err, NN_EUNSUPPORTED, "the teacher does not end in %d logits", NN_EMOTIONS))) {
        nn_fail_in(err, "%s", path);
        nn_teacher_free(t);
        t = NULL;
    }
    nn_graph_free(g);
    return t;
}

void nn_teacher_free(struct nn_teacher *t)
{
    if (!t)
        return;
    nn_torch_free(t->torch);
    free(t->logits);
    free(t);
}

static void blend(const float *logit, double weight, double heat, float *target)
{
    double top = -INFINITY, sum = 0, p[NN_EMOTIONS];

    for (int k = 0; k < NN_EMOTIONS; k++)
        top = fmax(top, (double)logit[k]);
    for (int k = 0; k < NN_EMOTIONS; k++)
        sum += p[k] = exp(((double)logit[k] - top) / heat);
    for (int k = 0; k < NN_EMOTIONS; k++)
        target[k] = (float)((1 - weight) * (double)target[k] + weight * p[k] / sum);
}

int nn_teacher_blend(struct nn_teacher *t, const float *x, int64_t n, double weight, double heat,
                     float *target, int64_t width, struct nn_err *err)
{
    int64_t rank = nn_peers_rank(t->peers), count = nn_peers_count(t->peers);
    int64_t first = n * rank / count, mine = n * (rank + 1) / count - first;

    if (mine > t->room) {
        float *room = realloc(t->logits, (size_t)(mine * NN_EMOTIONS) * sizeof *room);
        if (!room)
            return nn_fail_mem(err, "teacher");
        t->logits = room;
        t->room = mine;
    }
    if (mine && nn_torch_eval(t->torch, x + first * t->floats, mine, 0, t->logits, err))
        return nn_fail_in(err, "teacher");
    for (int64_t i = 0; i < mine; i++)
        blend(t->logits + i * NN_EMOTIONS, weight, heat, target + (first + i) * width);
    return 0;
}
