#include "runtime/signals/words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST = 40 };

/* Letters put in, left out, changed or swapped with the next (restricted
 * Damerau-Levenshtein distance); words beyond LONGEST are far from everything. */
static int distance(const char *a, const char *b)
{
    int row[3][LONGEST + 1], n = (int)strlen(a), m = (int)strlen(b);

    if (n > LONGEST || m > LONGEST)
        return LONGEST;
    for (int k = 0; k <= m; k++)
        row[0][k] = k;
    for (int i = 1; i <= n; i++) {
        int *now = row[i % 3];
        const int *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];
        now[0] = i;
        for (int k = 1; k <= m; k++) {
            int best = last[k - 1] + (a[i - 1] != b[k - 1]);
            best = last[k] + 1 < best ? last[k] + 1 : best;
            best = now[k - 1] + 1 < best ? now[k - 1] + 1 : best;
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1] &&
                before[k - 2] + 1 < best)
                best = before[k - 2] + 1;
            now[k] = best;
        }
    }
    return row[n % 3][m];
}

const char *nn_hint(char out[NN_HINT], const char *word, const char *const *all, int n)
{
    int best = ((int)strlen(word) + 1) / 3, near = -1;
    size_t used = 0;

    for (int i = 0; i < n; i++) {
        int d = distance(word, all[i]);
        if (d < best || (d == best && near < 0)) {
            best = d;
            near = i;
        }
    }
    *out = 0;
    if (near >= 0) {
        snprintf(out, NN_HINT, "; did you mean \"%s\"?", all[near]);
        return out;
    }
    for (int i = 0; i < n; i++) {
        int more = snprintf(out + used, NN_HINT - used, "%s%s", i ? ", " : "; there are ", all[i]);
        if (used + (size_t)more >= NN_HINT - 8) {
            snprintf(out + used, NN_HINT - used, ", ...");
            return out;
        }
        used += (size_t)more;
    }
    return out;
}

int nn_check_known(const cJSON *obj, const char *at, const char *const *known, struct nn_err *err)
{
    const char *odd = nn_json_unknown(obj, known);
    char hint[NN_HINT];
    int n = 0;

    if (!odd)
        return 0;
    while (known[n])
        n++;
    return nn_fail(err, NN_EFORMAT, "%s%s%.40s is unknown%s", at, *at ? "." : "", odd,
                   nn_hint(hint, odd, known, n));
}

int nn_read_pair(const cJSON *obj, const char *at, const char *name, float out[2],
                 struct nn_err *err)
{
    const cJSON *a = cJSON_GetObjectItemCaseSensitive(obj, name);

    if (!a)
        return 0;
    if (!cJSON_IsArray(a) || cJSON_GetArraySize(a) != 2 || !cJSON_IsNumber(a->child) ||
        !cJSON_IsNumber(a->child->next) || !isfinite((float)a->child->valuedouble) ||
        !isfinite((float)a->child->next->valuedouble))
        return nn_fail(err, NN_EFORMAT, "%s.%s is not an array of two numbers", at, name);
    out[0] = (float)a->child->valuedouble;
    out[1] = (float)a->child->next->valuedouble;
    return 0;
}

int nn_read_within(const cJSON *obj, const char *at, const char *name, double lo, double hi,
                   float *out, struct nn_err *err)
{
    double v = (double)*out;

    if (nn_json_number(obj, at, name, 0, &v, err))
        return -1;
    if (!(v >= lo && v <= hi))
        return nn_fail(err, NN_EFORMAT, "%s.%s: %g is not in %g to %g", at, name, v, lo, hi);
    *out = (float)v;
    return 0;
}

int nn_read_choice(const cJSON *obj, const char *at, const char *name, const char *const *words,
                   int *out, struct nn_err *err)
{
    const char *word = NULL;
    char hint[NN_HINT];
    int n = 0;

    if (nn_json_text(obj, at, name, 0, &word, err))
        return -1;
    for (; words[n]; n++)
        if (word && !strcmp(words[n], word))
            *out = n;
    if (!word || !strcmp(words[*out], word))
        return 0;
    return nn_fail(err, NN_EFORMAT, "%s.%s: no %s \"%.40s\"%s", at, name, name, word,
                   nn_hint(hint, word, words, n));
}
