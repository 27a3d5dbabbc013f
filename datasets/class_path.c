#include "datasets/class_path.h"

#include <string.h>
#include <strings.h>

#include "common/emotion.h"

static const struct { const char *folder, *split; } splits[] = {
    { "train", "train" },       { "training", "train" },     { "valid", "valid" },
    { "validation", "valid" },  { "val", "valid" },          { "publictest", "valid" },
    { "test", "test" },         { "testing", "test" },       { "privatetest", "test" },
};

static const char *split_of(const char *name, size_t n)
{
    for (size_t i = 0; i < sizeof splits / sizeof *splits; i++)
        if (strlen(splits[i].folder) == n && !strncasecmp(splits[i].folder, name, n))
            return splits[i].split;
    return NULL;
}

void nn_slug(const char *text, size_t n, char *out, size_t size)
{
    size_t o = 0;

    for (size_t i = 0; i < n && o + 1 < size; i++) {
        unsigned char ch = (unsigned char)text[i];
        if (ch >= 'A' && ch <= 'Z')
            ch = (unsigned char)(ch - 'A' + 'a');
        if ((ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || ch >= 0x80)
            out[o++] = (char)ch;
        else if (o && out[o - 1] != '-')
            out[o++] = '-';
    }
    while (o && out[o - 1] == '-')
        o--;
    out[o] = 0;
}

void nn_class_path(const char *path, struct nn_class_path *out)
{
    const char *file = path, *above = NULL, *dot;
    size_t above_len = 0;

    out->split = "";
    out->label[0] = 0;
    out->emotion = -1;
    for (const char *slash; (slash = strchr(file, '/')); file = slash + 1) {
        const char *split = split_of(file, (size_t)(slash - file));
        above = split ? NULL : file;
        above_len = (size_t)(slash - file);
        if (split)
            out->split = split;
    }
    if (above)
        nn_slug(above, above_len, out->label, sizeof out->label);
    if (out->label[0])
        out->emotion = nn_emotion_find(out->label);
    dot = strrchr(file, '.');
    nn_slug(file, dot ? (size_t)(dot - file) : strlen(file), out->stem, sizeof out->stem);
}

int nn_is_picture_name(const char *path)
{
    static const char *const ends[] = { ".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif",
                                        ".tiff" };
    const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path;
    const char *dot = strrchr(file, '.');

    if (!dot || file[0] == '.')     /* ._x.png is what macOS leaves beside x.png */
        return 0;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (!strcasecmp(dot, ends[i]))
            return 1;
    return 0;
}
