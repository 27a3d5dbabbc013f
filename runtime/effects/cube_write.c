#include "common/fs.h"
#include "runtime/effects/cube.h"

int nn_cube_write(const struct nn_cube *c, const char *path, struct nn_err *err)
{
    int count = c->size * c->size * c->size;
    struct nn_atomic a;

    if (nn_atomic_open(&a, path, err))
        return -1;
    if (*c->title)
        fprintf(a.f, "TITLE \"%s\"\n", c->title);
    fprintf(a.f, "LUT_3D_SIZE %d\n", c->size);
    for (int i = 0; i < count; i++)
        fprintf(a.f, "%.5f %.5f %.5f\n", (double)c->entry[i][0], (double)c->entry[i][1],
                (double)c->entry[i][2]);
    return nn_atomic_commit(&a, err);
}
