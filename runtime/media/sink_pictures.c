/*
 * sink_pictures.c - PNG pictures: "frames/" or "f%05d.png", counted from 1.
 *
 * Each is put in place whole, so those that are there are good whatever happens then.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/fs.h"
#include "runtime/media/outlet.h"
#include "runtime/media/picture.h"

struct pictures {
    char before[NN_PATH];           /* the number goes between these */
    char behind[64];
    int digits;
    int64_t n;
};

static int is_pictures(const char *word)
{
    const char *percent = strchr(word, '%');
    size_t n = strlen(word);

    return (n && word[n - 1] == '/') || nn_is_dir(word) ||
           (percent && percent[1 + strspn(percent + 1, "0123456789")] == 'd');
}

/* Splits "a%05d.png". No format of the user's reaches printf. */
static int parse(struct pictures *s, const char *word, struct nn_err *err)
{
    const char *percent = strchr(word, '%'), *dot = strrchr(word, '.');
    char *d;

    if (!percent) {
        s->digits = 5;
        strcpy(s->behind, ".png");
        return nn_path(s->before, err, "%s%s", word, word[strlen(word) - 1] == '/' ? "" : "/");
    }
    s->digits = (int)strtol(percent + 1, &d, 10);
    if (s->digits > 12 || strlen(d + 1) >= sizeof s->behind || strchr(d + 1, '/') ||
        strchr(d, '%') || !dot || strcasecmp(dot, ".png"))
        return nn_fail(err, NN_EUSAGE, "%s: pictures are named like frames/f%%05d.png", word);
    strcpy(s->behind, d + 1);
    return nn_path(s->before, err, "%.*s", (int)(percent - word), word);
}

static int open_pictures(struct nn_sink *s, struct nn_err *err)
{
    struct pictures *p = s->state = calloc(1, sizeof *p);
    char dir[NN_PATH], *slash;

    if (!p)
        return nn_fail_mem(err, "pictures");
    if (parse(p, s->word, err) || nn_path(dir, err, "%s", p->before))
        return -1;
    if ((slash = strrchr(dir, '/')) && slash != dir) {
        *slash = 0;
        return nn_mkdirs(dir, err);
    }
    return 0;
}

static int frame(struct nn_sink *s, const struct nn_image *img, int64_t pts, struct nn_err *err)
{
    struct pictures *p = s->state;
    char path[NN_PATH];

    (void)pts;
    if (nn_path(path, err, "%s%0*lld%s", p->before, p->digits, (long long)++p->n, p->behind))
        return -1;
    return nn_picture_write_note(img, path, s->opts.comment, err);
}

static void end(struct nn_sink *s)
{
    free(s->state);
}

static int finish(struct nn_sink *s, struct nn_err *err)
{
    (void)err;
    end(s);
    return 0;
}

const struct nn_outlet_type nn_outlet_pictures = { is_pictures, 1, 1, open_pictures, frame, NULL,
                                                   finish, end };
