/*
 * source_pictures.c - a folder, a pattern ("f*.png") or a numbered sequence ("f%04d.png")
 * of pictures as a film, in natural order: 2 before 10.
 */
#include <dirent.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "common/fs.h"
#include "runtime/media/feed.h"
#include "runtime/media/picture.h"

enum { MAX_PICTURES = 1 << 22 };

struct pictures {
    char dir[NN_PATH], pattern[NN_PATH];
    char **name;
    int count, room;
    int n;                          /* the next */
    int damaged;
    struct nn_err fault;
};

static int has_wildcard(const char *word)
{
    const char *percent = strchr(word, '%');

    return strpbrk(word, "*?[") ||
           (percent && percent[1 + strspn(percent + 1, "0123456789")] == 'd');
}

static int is_pictures(const char *word)
{
    struct stat st;

    if (!stat(word, &st))
        return S_ISDIR(st.st_mode);
    return has_wildcard(word);
}

static int is_picture_name(const char *name)
{
    static const char *const ext[] = { ".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif",
                                       ".tiff" };
    const char *dot = strrchr(name, '.');

    for (size_t i = 0; dot && i < sizeof ext / sizeof *ext; i++)
        if (!strcasecmp(dot, ext[i]))
            return 1;
    return 0;
}

/* Runs of digits by their value, everything else by bytes; "01" before "1" when all else
 * is the same. */
static int natural(const void *pa, const void *pb)
{
    const char *a = *(char *const *)pa, *b = *(char *const *)pb, *a0 = a, *b0 = b;

    while (*a && *b) {
        size_t za = strspn(a, "0"), zb = strspn(b, "0");
        size_t na = strspn(a + za, "0123456789"), nb = strspn(b + zb, "0123456789");
        if (za + na && zb + nb) {
            int cmp = na != nb ? (na > nb) - (na < nb) : memcmp(a + za, b + zb, na);
            if (cmp)
                return cmp;
            a += za + na;
            b += zb + nb;
        } else if (*a != *b) {
            return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
        } else {
            a++, b++;
        }
    }
    return *a ? 1 : *b ? -1 : strcmp(a0, b0);
}

/* "f%04d.png" as a pattern: "f[0-9]*.png". */
static int set_pattern(struct pictures *s, const char *base, struct nn_err *err)
{
    const char *percent = strchr(base, '%'), *d = percent ? strchr(percent, 'd') : NULL;

    if (!percent || !d)
        return nn_path(s->pattern, err, "%s", *base ? base : "*");
    return nn_path(s->pattern, err, "%.*s[0-9]*%s", (int)(percent - base), base, d + 1);
}

static int add(struct pictures *s, const char *name, struct nn_err *err)
{
    if (s->count == s->room) {
        int room = s->room ? 2 * s->room : 256;
        char **more = room > MAX_PICTURES ? NULL : realloc(s->name, (size_t)room * sizeof *more);
        if (!more)
            return nn_fail_mem(err, "names of pictures");
        s->name = more;
        s->room = room;
    }
    if (!(s->name[s->count] = strdup(name)))
        return nn_fail_mem(err, "names of pictures");
    s->count++;
    return 0;
}

static int list(struct pictures *s, struct nn_err *err)
{
    DIR *dir = opendir(s->dir);
    struct dirent *e;
    int ret = 0;

    if (!dir)
        return nn_fail_errno(err, "cannot read the folder %s", s->dir);
    while (!ret && (e = readdir(dir)))
        if (e->d_name[0] != '.' && is_picture_name(e->d_name) && !fnmatch(s->pattern, e->d_name, 0))
            ret = add(s, e->d_name, err);
    closedir(dir);
    if (!ret && s->count)
        qsort(s->name, (size_t)s->count, sizeof *s->name, natural);
    return ret;
}

static void close_pictures(struct nn_feed *f)
{
    struct pictures *s = f->state;

    for (int i = 0; s && i < s->count; i++)
        free(s->name[i]);
    if (s)
        free(s->name);
    free(s);
    f->state = NULL;
}

/* The next picture that can be read into `img`; 0: none is left. */
static int read_next(struct nn_feed *f, struct nn_image *img)
{
    struct pictures *s = f->state;
    struct nn_image got;
    struct nn_err why;
    char path[NN_PATH];

    for (; s->n < s->count; s->n++) {
        if (!nn_path(path, &why, "%s/%s", s->dir, s->name[s->n]) &&
            !nn_picture_read(path, 3, &got, &why)) {
            nn_image_release(img);
            *img = got;
            return 1;
        }
        if (!s->damaged++)
            s->fault = why;
    }
    return 0;
}

static int open_pictures(struct nn_feed *f, struct nn_err *err)
{
    struct pictures *s = f->state = calloc(1, sizeof *s);
    const char *slash = strrchr(f->word, '/'), *base = slash ? slash + 1 : f->word;
    struct nn_rational rate = nn_feed_rate(f, 25);
    struct nn_image first = { .channels = 3 };
    struct stat st;

    if (!s)
        return nn_fail_mem(err, "pictures");
    if (!stat(f->word, &st) && S_ISDIR(st.st_mode)) {
        if (nn_path(s->dir, err, "%s", f->word) || set_pattern(s, "", err))
            return -1;
    } else if (nn_path(s->dir, err, "%.*s", slash ? (int)(slash - f->word) : 1,
                       slash ? f->word : ".") || set_pattern(s, base, err)) {
        return -1;
    }
    if (!*s->dir)
        strcpy(s->dir, "/");
    if (list(s, err))
        return -1;
    if (!s->count)
        return nn_fail(err, NN_ENOTFOUND, "%s: no pictures there (PNG, JPEG, BMP, GIF, WebP, TIFF)",
                       f->word);
    if (!read_next(f, &first))
        return nn_fail(err, s->fault.code, "%s", s->fault.msg);
    f->info = (struct nn_media_info){ .container = "pictures", .codec = "none",
                                      .pixel_format = "rgb24", .w = first.w, .h = first.h };
    f->info.time_base = (struct nn_rational){ rate.den, rate.num };
    f->info.frame_rate = rate;
    f->info.duration = (double)s->count * (double)rate.den / (double)rate.num;
    nn_image_release(&first);
    s->n = s->damaged = 0;
    return 0;
}

static int next(struct nn_feed *f, struct nn_image *img, int64_t *pts, double *captured,
                struct nn_err *err)
{
    struct pictures *s = f->state;

    (void)captured;
    (void)err;
    if (img ? !read_next(f, img) : s->n >= s->count)
        return NN_SOURCE_END;
    *pts = s->n++;
    return NN_SOURCE_FRAME;
}

static int rewind_pictures(struct nn_feed *f, struct nn_err *err)
{
    struct pictures *s = f->state;

    (void)err;
    s->n = 0;
    return 0;
}

static const struct nn_err *fault(const struct nn_feed *f)
{
    const struct pictures *s = f->state;

    return s->damaged ? &s->fault : NULL;
}

const struct nn_feed_type nn_feed_pictures = { is_pictures, open_pictures, close_pictures, next,
                                               rewind_pictures, fault };
