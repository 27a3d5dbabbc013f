/* list.c - every effect there is. */
#include <string.h>

#include "runtime/effects/effect.h"

/* In the order in which lists show them. */
#define EFFECTS(X) \
    X(fireworks) X(rednoise) X(particles) X(saturation) X(glitch) X(bloom) \
    X(collapse) X(static) X(film) X(aberration) X(pixelate) \
    X(fracture) X(echo) X(freeze) X(fog) X(rain) X(nebula) \
    X(coderain) X(logo) X(smear) X(lut) X(overlay) X(dream) X(morph)

#define DECLARE(name) extern const struct nn_effect_type fx_##name;
#define LIST(name) &fx_##name,
EFFECTS(DECLARE)

const struct nn_effect_type *const nn_effects[] = { EFFECTS(LIST) NULL };

const struct nn_effect_type *nn_effect_find(const char *name)
{
    for (int i = 0; nn_effects[i]; i++)
        if (!strcmp(nn_effects[i]->name, name))
            return nn_effects[i];
    return NULL;
}
