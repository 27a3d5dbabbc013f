#include "runtime/effects/effect.h"

#include <string.h>

int nn_effect_params(const struct nn_effect_type *fx)
{
    int n = 0;

    while (n < NN_MAX_PARAMS && fx->param[n].name)
        n++;
    return n;
}

int nn_effect_param(const struct nn_effect_type *fx, const char *name)
{
    for (int i = 0; i < nn_effect_params(fx); i++)
        if (!strcmp(fx->param[i].name, name))
            return i;
    return -1;
}
