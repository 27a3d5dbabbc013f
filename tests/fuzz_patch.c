/* libFuzzer: patches; what is read can be played, its numbers stay within their limits. */
#include <math.h>
#include <stdlib.h>

#include "runtime/signals/patch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct nn_patch *p, const struct nn_bus *bus)
{
    for (int i = 0; i < p->count; i++)
        for (int k = 0; k < nn_effect_params(p->link[i].effect); k++) {
            const struct nn_param *param = &p->link[i].effect->param[k];
            float v = p->link[i].value[k];
            if (!(v >= param->min && v <= param->max))
                abort();
        }
    for (int s = NN_SIGNALS; s < NN_SIGNALS + p->owns; s++)
        if (!isfinite(bus->value[s]))
            abort();
    if (p->change.now < 0 || p->change.now >= p->scenes || p->change.last >= p->scenes)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cJSON *root = cJSON_ParseWithLength((const char *)data, size);
    struct nn_patch *p = root ? nn_patch_parse(root, NULL) : NULL;
    struct nn_bus bus;

    cJSON_Delete(root);
    if (!p)
        return 0;
    nn_bus_init(&bus);
    for (int i = 0; i < 60; i++) {
        for (int s = 0; s < NN_SIGNALS; s++) {
            const struct nn_signal_info *info = nn_signal_info(s);
            nn_bus_set(&bus, s, i % (s + 2) ? info->min : info->max, i);
        }
        nn_patch_update(p, &bus, i % 7 ? 0.04 : i % 2 ? 0 : 1e6);
        check(p, &bus);
    }
    nn_patch_free(p);
    return 0;
}
