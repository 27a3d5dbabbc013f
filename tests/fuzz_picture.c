/*
 * fuzz_picture.c - libFuzzer: any bytes as a picture.
 */
#include "runtime/media/picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct nn_err err = { 0 };
    struct nn_image img;

    if (!nn_picture_decode(data, size, "fuzz", size & 1 ? 1 : 3, &img, &err))
        nn_image_release(&img);
    return 0;
}
