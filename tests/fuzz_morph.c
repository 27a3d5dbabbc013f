/*
 * fuzz_morph.c - libFuzzer: any bytes as a file of landmarks, and as a consent; a face that
 * parses is bent onto itself.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/morph/consent.h"
#include "runtime/morph/dissolve.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char note[NN_CONSENT_NOTE], *text = malloc(size + 1);
    float hull[NN_SHAPE_HULL][2];
    struct nn_err err = { 0 };
    struct nn_shape s;
    int n;

    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = 0;
    if (nn_face_consent_parse(text, "fuzz", "2027-01-01", note, &err) && !err.code)
        abort();
    err.code = NN_OK;
    if (nn_shape_parse(&s, text, "fuzz", 640, 480, &err)) {
        if (!err.code)
            abort();
    } else if ((n = nn_shape_hull(&s, 1, hull)) < 1 || n > NN_SHAPE_HULL) {
        abort();
    } else {
        nn_shape_inside((const float (*)[2])hull, n, 8, 100, 100);
    }
    free(text);
    return 0;
}
