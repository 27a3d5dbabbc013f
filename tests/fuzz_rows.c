/* libFuzzer: rows of text, as label import reads them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    struct nn_rows r;
    size_t length = 0;

    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = 0;
    nn_rows_init(&r, "fuzz", text, size);
    while (nn_rows_next(&r, NULL) > 0)
        for (int i = 0; i < r.fields; i++)
            length += strlen(r.field[i]) + 1;
    if (length > size + 1)
        abort();                /* no field is as long as what it was cut out of */
    free(text);
    return 0;
}
