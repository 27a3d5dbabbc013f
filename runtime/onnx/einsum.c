#include "runtime/onnx/einsum.h"

#include <string.h>

static int letter(char c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' : c >= 'a' && c <= 'z' ? c - 'a' + 26 : -1;
}

/* Labels of one term up to ',' or '-' or the end; an ellipsis takes what `rank` leaves,
 * or `dots` dimensions where the rank is not given (-1). */
static const char *term(const char **at, int rank, int dots, int *label, int *count)
{
    const char *p = *at;
    int letters = 0, ellipsis = 0;

    *count = 0;
    for (const char *q = p; *q && *q != ',' && *q != '-'; q++)
        letters += letter(*q) >= 0;
    if (rank >= 0)
        dots = rank - letters;
    for (; *p && *p != ',' && *p != '-'; p++) {
        if (*p == ' ')
            continue;
        if (!strncmp(p, "...", 3)) {
            if (ellipsis++ || dots < 0 || *count + dots > NN_MAX_DIMS)
                return "its equation has an ellipsis too many";
            for (int i = 0; i < dots; i++)
                label[(*count)++] = NN_EINSUM_LABELS - dots + i;
            p += 2;
            continue;
        }
        if (letter(*p) < 0)
            return "its equation has a sign that is no letter";
        if (*count == NN_MAX_DIMS)
            return "its equation has a term of more than 8 letters";
        label[(*count)++] = letter(*p);
    }
    *at = p;
    return rank >= 0 && *count != rank ? "its equation does not fit an input's rank" : NULL;
}

static const char *take_sizes(struct nn_einsum *e, int k, const struct nn_tensor *t)
{
    for (int i = 0; i < e->rank[k]; i++) {
        int l = e->label[k][i], dots = l >= 52;
        int64_t *size = &e->size[l], d = t->dim[i];
        if (!e->uses[l]++ || *size == d || *size < 0 || (dots && *size == 1))
            *size = d < 0 && e->uses[l] > 1 && *size > 1 ? *size : d;
        else if (d >= 0 && !(dots && d == 1))
            return "its equation gives one letter two sizes";
    }
    return NULL;
}

const char *nn_einsum_parse(struct nn_einsum *e, const char *equation, int nin,
                            struct nn_tensor *const *in)
{
    const char *p = equation, *wrong;
    int dots = 0;

    *e = (struct nn_einsum){ .nin = nin };
    if (nin < 1 || nin > NN_EINSUM_INPUTS)
        return "it needs 1 to 8 inputs";
    for (int l = 0; l < NN_EINSUM_LABELS; l++)
        e->size[l] = 1;
    for (int k = 0; k < nin; k++, p++) {
        if ((wrong = term(&p, in[k]->ndim, 0, e->label[k], &e->rank[k])) ||
            (wrong = take_sizes(e, k, in[k])))
            return wrong;
        if (*p != (k == nin - 1 ? *p : ','))
            return "its equation has too few terms";
        if (k == nin - 1)
            break;
    }
    for (int l = 52; l < NN_EINSUM_LABELS; l++)
        dots += e->uses[l] > 0;
    if (p[0] == '-' && p[1] == '>') {
        p += 2;
        if ((wrong = term(&p, -1, dots, e->out, &e->nout)) || *p)
            return wrong ? wrong : "its equation goes on behind the output";
        for (int i = 0; i < e->nout; i++)
            if (!e->uses[e->out[i]])
                return "its equation has an output letter without an input";
        return NULL;
    }
    if (*p)
        return "its equation has too many terms";
    /* Without an output: the ellipsis, then the letters that come once. */
    for (int i = 0, l = 52; i < NN_EINSUM_LABELS; i++, l = (l + 1) % NN_EINSUM_LABELS)
        if (l >= 52 ? e->uses[l] > 0 : e->uses[l] == 1) {
            if (e->nout == NN_MAX_DIMS)
                return "its result has more than 8 dimensions";
            e->out[e->nout++] = l;
        }
    return NULL;
}
