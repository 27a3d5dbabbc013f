/*
 * fuzz_cube.c - libFuzzer: any bytes as a .cube file; what parses is looked up inside, at the
 * ends and outside its domain.
 */
#include <stdint.h>
#include <stdlib.h>

#include "runtime/effects/cube.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const float at[] = { -1e30f, -0.5f, 0, 0.3f, 0.9999999f, 1, 7, 1e30f, 0.5f };
    struct nn_err err = { 0 };
    struct nn_cube c;

    if (nn_cube_parse((const char *)data, size, "fuzz", &c, &err))
        return err.code ? 0 : (abort(), 0);
    for (size_t i = 0; i < 9 * 9 * 9; i++) {
        float in[3] = { at[i % 9], at[i / 9 % 9], at[i / 81] };
        nn_cube_look(&c, (float *const[]){ &in[0], &in[1], &in[2] }, 1);
    }
    nn_cube_release(&c);
    return 0;
}
