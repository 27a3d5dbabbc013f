/* libFuzzer: checkpoints are foreign bytes too. */
#include "trainer/safetensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct nn_arrays a;
    volatile uint8_t sum = 0;

    if (!nn_arrays_parse(data, size, "fuzz", &a, NULL)) {
        for (int i = 0; i < a.count; i++)
            for (size_t k = 0; k < a.array[i].bytes; k++)
                sum = (uint8_t)(sum + ((const uint8_t *)a.array[i].data)[k]);
        nn_arrays_release(&a);
    }
    return 0;
}
