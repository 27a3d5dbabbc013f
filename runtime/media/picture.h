/*
 * picture.h - still pictures to and from nn_image: PNG, JPEG, BMP, WebP, GIF's
 * first frame, whatever libav decodes, set upright by their EXIF orientation; written as
 * PNG or JPEG by extension.
 */
#ifndef NN_RUNTIME_MEDIA_PICTURE_H
#define NN_RUNTIME_MEDIA_PICTURE_H

#include "common/err.h"
#include "common/image.h"

/* channels 1, 3 or 4: what `img` shall have. Errors name `name`. Thread-safe.
 * More than 64 megapixels is refused before decoding. Release `img`. */
int nn_picture_decode(const void *bytes, size_t size, const char *name, int channels,
                      struct nn_image *img, struct nn_err *err);
int nn_picture_read(const char *path, int channels, struct nn_image *img, struct nn_err *err);

/* Atomically; the format follows the extension (.png, .jpg). Deterministic. */
int nn_picture_write(const struct nn_image *img, const char *path, struct nn_err *err);
enum { NN_PICTURE_NOTE = 1024 };
/* As that; with a note, which goes into the file as its comment, PNG alone. NULL, "": without. */
int nn_picture_write_note(const struct nn_image *img, const char *path, const char *note,
                          struct nn_err *err);
/* Puts a note into a PNG file that is there; "" is none. */
int nn_picture_note(const char *path, const char *note, struct nn_err *err);
/* PNG into malloc'd memory; free with free(). */
void *nn_picture_encode_png(const struct nn_image *img, size_t *size, struct nn_err *err);

#endif
