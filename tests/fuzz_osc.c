/* libFuzzer: OSC packets, and what they ask for. */
#include <stdlib.h>
#include <string.h>

#include "runtime/signals/osc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct nn_patch *make(void)
{
    cJSON *root = cJSON_Parse("{\"name\":\"t\",\"signals\":{\"osc.a\":{}},\"scenes\":["
                              "{\"name\":\"a\",\"chain\":[{\"effect\":\"bloom\"}]},"
                              "{\"name\":\"b\",\"chain\":[{\"effect\":\"glitch\"}]}]}");
    struct nn_patch *p = nn_patch_parse(root, NULL);

    cJSON_Delete(root);
    return p;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct nn_control c[NN_OSC_BOX];
    static struct nn_osc_in *o;
    static struct nn_patch *p;
    static struct nn_bus bus;
    int n;

    if (!o) {
        nn_bus_init(&bus);
        if (!(o = nn_osc_in_open(0, NULL)) || !(p = make()))
            abort();
    }
    nn_osc_in_feed(o, data, size);
    n = nn_osc_in_take(o, c);
    for (int i = 0; i < n; i++) {
        if (!memchr(c[i].address, 0, NN_ADDRESS) || !memchr(c[i].text, 0, NN_ADDRESS))
            abort();
        nn_control_apply(&c[i], p, &bus, 1);
    }
    nn_patch_update(p, &bus, 0.04);
    for (int i = 0; i < p->count; i++)
        if (!(p->link[i].value[0] >= 0 && p->link[i].value[0] <= 1))
            abort();
    return 0;
}
