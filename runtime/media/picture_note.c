/* A PNG that says something in itself. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/fs.h"
#include "runtime/media/picture.h"

enum {
    HEAD = 33,              /* bytes of a PNG's signature (8) and header (12 + 13) */
    MAX_FILE = 256 << 20
};

/* The checksum of a PNG's chunks (ISO 15948, annex D). */
static uint32_t crc(const uint8_t *p, size_t n)
{
    uint32_t c = 0xffffffffu;

    while (n--) {
        c ^= *p++;
        for (int k = 0; k < 8; k++)
            c = c & 1 ? 0xedb88320u ^ c >> 1 : c >> 1;
    }
    return ~c;
}

static void big(uint8_t *to, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* `size` bytes of a picture with `n` of another put in at `at`. */
static int put(const char *path, const char *bytes, size_t size, size_t at, const uint8_t *in,
               size_t n, struct nn_err *err)
{
    char *all = malloc(size + n);
    int ret;

    if (!all)
        return nn_fail_mem(err, "a picture's comment");
    memcpy(all, bytes, at);
    memcpy(all + at, in, n);
    memcpy(all + at + n, bytes + at, size - at);
    ret = nn_file_write(path, all, size + n, err);
    free(all);
    return ret;
}

static int put_note(const char *path, const char *png, size_t size, const char *note,
                    struct nn_err *err)
{
    static const char key[] = "Comment";        /* iTXt: UTF-8, not compressed, no language */
    uint8_t chunk[NN_PICTURE_NOTE + 64] = { 0 };
    size_t n = strlen(note);

    if (n >= NN_PICTURE_NOTE || size <= HEAD || memcmp(png, "\x89PNG", 4))
        return nn_fail(err, NN_EUSAGE, "%s: a picture of somebody's face says so in itself, which "
                       "we write as .png", path);
    memcpy(chunk + 4, "iTXt", 4);
    memcpy(chunk + 8, key, sizeof key);
    memcpy(chunk + 8 + sizeof key + 4, note, n);
    n += sizeof key + 4;
    big(chunk, (uint32_t)n);
    big(chunk + 8 + n, crc(chunk + 4, n + 4));
    return put(path, png, size, HEAD, chunk, n + 12, err);
}

int nn_picture_write_note(const struct nn_image *img, const char *path, const char *note,
                          struct nn_err *err)
{
    const char *dot = strrchr(path, '.');
    size_t size = 0;
    void *png;
    int ret;

    if (!note || !*note)
        return nn_picture_write(img, path, err);
    if (!dot || strcasecmp(dot, ".png"))
        return put_note(path, "", 0, note, err);        /* refuses */
    if (!(png = nn_picture_encode_png(img, &size, err)))
        return -1;
    ret = put_note(path, png, size, note, err);
    free(png);
    return ret;
}

int nn_picture_note(const char *path, const char *note, struct nn_err *err)
{
    size_t size = 0;
    char *png = *note ? nn_file_read(path, MAX_FILE, &size, err) : NULL;
    int ret = png ? put_note(path, png, size, note, err) : *note ? -1 : 0;

    free(png);
    return ret;
}
