/*
 * pictures.h - the pictures that a model is made eight bits wide on, and judged by.
 */
#ifndef NN_EXPORT_PICTURES_H
#define NN_EXPORT_PICTURES_H

#include "export/sight.h"
#include "trainer/faces.h"

struct nn_pictures {
    size_t max_memory;          /* of each engine that looks at them; 0: its default */
    struct nn_sight sight;
    int64_t count;              /* of pictures to calibrate on */
    char origin[240];           /* where they are from, in words */
    struct nn_faces train, valid;   /* labelled faces; empty for plain pictures */
    char judged[240];           /* where `valid` is from */
    float *x;                   /* plain pictures as the model wants them, else NULL */
};

struct nn_judgement {
    int64_t faces;
    double accuracy;
    int64_t same;               /* of the second: answers that equal the first's */
};

/*
 * From labelled faces (`on`: snapshot, directory or archive; train to calibrate,
 * valid to judge, all where there is no such split) or from any pictures
 * (`images`: directory or archive); at most `count`, evenly spread. Close with
 * nn_pictures_close().
 */
int nn_pictures_open(struct nn_pictures *p, const struct nn_graph *g,
                     const struct nn_normal *normal, const char *on, const char *images,
                     int64_t count, const char *catalog, struct nn_err *err);
void nn_pictures_close(struct nn_pictures *p);      /* a zeroed one is fine */

/* Picture i to calibrate on, for nn_calibrate(); arg is the nn_pictures. */
int nn_pictures_fill(void *arg, int64_t i, float *x, struct nn_err *err);

/* How far the outputs of `b` lie from those of `a`, on at most 100 of the
 * pictures: 10 log10 of a's energy over the difference's; 200 where they are equal. */
int nn_pictures_noise(struct nn_pictures *p, const struct nn_graph *a, const struct nn_graph *b,
                      double *db, struct nn_err *err);
/* Accuracy of both on `valid`; nothing (faces 0) without it, or where the model is
 * not one of our seven emotions in our order. */
int nn_pictures_judge(struct nn_pictures *p, const struct nn_graph *a, const struct nn_graph *b,
                      struct nn_judgement *ja, struct nn_judgement *jb, struct nn_err *err);

#endif
