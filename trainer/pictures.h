/*
 * pictures.h - square colour pictures in memory, out of folders, archives and films.
 */
#ifndef NN_TRAINER_PICTURES_H
#define NN_TRAINER_PICTURES_H

#include "common/image.h"

struct nn_pictures {
    int size;               /* of every picture: size x size */
    int64_t n, cap, most;   /* most: reading ends when there are so many; 0: any number */
    uint8_t *px;            /* (n, size, size, 3) */
    char (*name)[48];       /* "p01.png", "film.mp4 12.0 s"; cut where it is too long */
    int64_t skipped;        /* files that are no picture or film, or broken */
};

/* Empty. Release with nn_pictures_release(). */
void nn_pictures_init(struct nn_pictures *p, int size);
void nn_pictures_release(struct nn_pictures *p);
/* Adds the middle square of an RGB picture, scaled. */
int nn_pictures_add(struct nn_pictures *p, const struct nn_image *img, const char *name,
                    struct nn_err *err);
/* All pictures of a folder or archive in their order, and a frame every `every` seconds of a film,
 * by itself or in the folder. None at all is an error; what is broken is told and skipped. */
int nn_pictures_read(struct nn_pictures *p, const char *path, double every, struct nn_err *err);

static inline uint8_t *nn_pictures_px(const struct nn_pictures *p, int64_t i)
{
    return p->px + (size_t)i * 3 * (size_t)p->size * (size_t)p->size;
}

#endif
