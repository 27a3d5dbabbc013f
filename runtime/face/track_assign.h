/*
 * track_assign.h - who is whom, all at once.
 */
#ifndef NN_RUNTIME_FACE_TRACK_ASSIGN_H
#define NN_RUNTIME_FACE_TRACK_ASSIGN_H

enum { NN_MAX_ASSIGN = 48 };

/*
 * The one-to-one assignment of `rows` things to `cols` others (together at most NN_MAX_ASSIGN)
 * whose likenesses like[r * cols + c] >= 0 add up to most: of[r] is a column, or -1. Nothing is
 * assigned to a likeness of 0. Shortest augmenting paths (Jonker and Volgenant, Computing 1987).
 */
void nn_assign(const float *like, int rows, int cols, int *of);

#endif
