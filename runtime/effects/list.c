/* list.c - every effect there is, in the order in which lists show them. */
#include <string.h>

#include "runtime/effects/effect.h"

extern const struct nn_effect_type fx_fireworks, fx_rednoise, fx_particles, fx_saturation,
    fx_glitch, fx_bloom;

const struct nn_effect_type *const nn_effects[] = {
    &fx_fireworks, &fx_rednoise, &fx_particles, &fx_saturation, &fx_glitch, &fx_bloom, NULL,
};

const struct nn_effect_type *nn_effect_find(const char *name)
{
    for (int i = 0; nn_effects[i]; i++)
        if (!strcmp(nn_effects[i]->name, name))
            return nn_effects[i];
    return NULL;
}

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
