/*
 * shape.h - the points of a face that a morph carries along.
 *
 * A face's own points come first: those of a landmark model, of a file, or, from a detector's five,
 * a mean face laid over them. Behind them come the head: hairline, crown, ears, neck and shoulders
 * of usual proportions, so that hair goes along with its face instead of tearing off it.
 */
#ifndef NN_RUNTIME_MORPH_SHAPE_H
#define NN_RUNTIME_MORPH_SHAPE_H

#include "runtime/face/detect.h"
#include "runtime/face/landmark.h"

enum { NN_SHAPE_FACE = 136, NN_SHAPE_HEAD = 21, NN_SHAPE_MEAN = 38,
       NN_SHAPE_HULL = NN_SHAPE_FACE + 5 };

struct nn_shape {
    float five[5][2];           /* as in struct nn_face, pixels */
    int face;                   /* own points of the face: NN_SHAPE_MEAN from five points */
    int count;                  /* those and NN_SHAPE_HEAD of the head */
    float at[NN_SHAPE_FACE + NN_SHAPE_HEAD][2];
};

/* The mean face over five points, and the head about it. */
void nn_shape_from_five(struct nn_shape *s, const float five[5][2]);
/* A model's points; of more than NN_SHAPE_FACE, evenly chosen ones. */
void nn_shape_from_marks(struct nn_shape *s, const float five[5][2],
                         const struct nn_landmarks *marks);

/*
 * Reads a file of landmarks in pixels of the picture:
 *   { "five": [[x, y], ...], "points": [[x, y], ...] }
 * five: the eyes (the picture's left one first), the nose's tip, the mouth's corners; points: 3
 * to NN_SHAPE_FACE more of the face, in any order that is the same in both files; may be missing.
 * Coordinates within ten pictures' sizes (w x h).
 */
int nn_shape_read(struct nn_shape *s, const char *path, int w, int h, struct nn_err *err);
/* The same of bytes. `name` is for errors. */
int nn_shape_parse(struct nn_shape *s, const char *text, const char *name, int w, int h,
                   struct nn_err *err);

/* The largest face of a picture. `marks` may be NULL. *faces says how many there were; 0, or -1
 * with NN_ENOTFOUND when there is none (`name` is for the error). */
int nn_shape_find(struct nn_shape *s, struct nn_detector *d, struct nn_landmarker *marks,
                  const struct nn_image *img, const char *name, int *faces, struct nn_err *err);

/* Where five points usually lie in a face's box, for a detector that finds none. */
void nn_shape_five_in(struct nn_box box, float five[5][2]);

/* (left, top) becomes the origin, and `scale` pixels one. */
void nn_shape_place(struct nn_shape *s, double left, double top, double scale);

/* Between two shapes of as many points: (1 - t) a + t b. */
void nn_shape_mix(const struct nn_shape *a, const struct nn_shape *b, float t,
                  struct nn_shape *out);

float nn_shape_eyes(const struct nn_shape *s, float middle[2]);     /* their distance */

/* The outline of the face's own points, up to the brows, or with the `forehead` up to the hair;
 * returns how many points it has. */
int nn_shape_hull(const struct nn_shape *s, int forehead, float hull[NN_SHAPE_HULL][2]);
/* How much face is at (x, y), 0..1, inside such an outline; half at it, soft over `soft` pixels. */
float nn_shape_inside(const float (*hull)[2], int n, float soft, float x, float y);

#endif
