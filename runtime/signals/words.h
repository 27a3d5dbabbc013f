/*
 * words.h - what errors in a patch say about a word that is not known.
 */
#ifndef NN_RUNTIME_SIGNALS_WORDS_H
#define NN_RUNTIME_SIGNALS_WORDS_H

#include "common/json.h"

enum { NN_HINT = 320 };

/* `; did you mean "bloom"?` when one of all[0..n) is near `word`, else `; there are a, b, c`
 * as far as there is room. Returns `out`. */
const char *nn_hint(char out[NN_HINT], const char *word, const char *const *all, int n);

/* Refuses members of `obj` that are not in the NULL-ended list `known`. `at` is where obj
 * stands, "" at the top. 0 or -1. */
int nn_check_known(const cJSON *obj, const char *at, const char *const *known,
                   struct nn_err *err);

/* An optional pair of numbers, and an optional number from lo to hi; what is not there
 * leaves *out. 0 or -1. */
int nn_read_pair(const cJSON *obj, const char *at, const char *name, float out[2],
                 struct nn_err *err);
int nn_read_within(const cJSON *obj, const char *at, const char *name, double lo, double hi,
                   float *out, struct nn_err *err);
/* An optional word out of a NULL-ended list: its number into *out. 0 or -1. */
int nn_read_choice(const cJSON *obj, const char *at, const char *name, const char *const *words,
                   int *out, struct nn_err *err);

#endif
