#define _GNU_SOURCE
#include "datasets/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/fs.h"

enum { MAX_DEPTH = 64 };

struct nn_archive {
    const char *path;           /* as handed in; for messages */
    struct archive *ar;         /* NULL: a directory */
    locale_t utf8;              /* libarchive converts names by the locale */
    int64_t file_size;
    int64_t claimed;            /* bytes of all entries so far, as their headers say */
    int64_t unpacked;           /* bytes handed out */
    struct level {              /* a directory being walked */
        struct dirent **entry;
        int count, next;
        size_t name_end;        /* of its own name in `name` */
    } level[MAX_DEPTH];
    int depth;
    char name[NN_PATH];
    char *buf;
    size_t size;
};

static int not_dots(const struct dirent *d)
{
    return strcmp(d->d_name, ".") && strcmp(d->d_name, "..");
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* Opens `name` below the root, which becomes the innermost level. */
static int enter(struct nn_archive *a, struct nn_err *err)
{
    char dir[NN_PATH];
    struct level *l = &a->level[a->depth];

    if (a->depth == MAX_DEPTH)
        return nn_fail(err, NN_EUNSUPPORTED, "%s/%s: folders nest deeper than %d", a->path, a->name,
                       MAX_DEPTH);
    if (nn_path(dir, err, "%s/%s", a->path, a->name))
        return -1;
    l->count = scandir(dir, &l->entry, not_dots, by_bytes);
    if (l->count < 0)
        return nn_fail_errno(err, "cannot read directory %s", dir);
    l->next = 0;
    l->name_end = strlen(a->name);
    a->depth++;
    return 0;
}

static void leave(struct nn_archive *a)
{
    struct level *l = &a->level[--a->depth];

    while (l->next < l->count)
        free(l->entry[l->next++]);
    free(l->entry);
}

static int next_in_dir(struct nn_archive *a, struct nn_err *err)
{
    char full[NN_PATH];
    struct stat st;

    while (a->depth) {
        struct level *l = &a->level[a->depth - 1];
        if (l->next == l->count) {
            leave(a);
            continue;
        }
        struct dirent *d = l->entry[l->next++];
        int n = snprintf(a->name + l->name_end, NN_PATH - l->name_end, "%s%s",
                         l->name_end ? "/" : "", d->d_name);
        free(d);
        if (n < 0 || (size_t)n >= NN_PATH - l->name_end)
            return nn_fail(err, NN_EUNSUPPORTED, "%s: a path is longer than %d bytes", a->path,
                           NN_PATH);
        if (nn_path(full, err, "%s/%s", a->path, a->name))
            return -1;
        if (lstat(full, &st))
            return nn_fail_errno(err, "cannot read %s", full);
        if (S_ISDIR(st.st_mode) && enter(a, err))
            return -1;
        if (S_ISREG(st.st_mode))
            return 1;
    }
    return 0;
}

static struct archive *open_libarchive(const char *path, struct nn_err *err)
{
    /* Not support_*_all: that lets libarchive start programs for odd filters, and
     * read mtree lists, which name files elsewhere. */
    static int (*const support[])(struct archive *) = {
        archive_read_support_filter_gzip,   archive_read_support_filter_bzip2,
        archive_read_support_filter_xz,     archive_read_support_filter_lzma,
        archive_read_support_filter_lzip,   archive_read_support_filter_zstd,
        archive_read_support_filter_lz4,    archive_read_support_filter_compress,
        archive_read_support_format_tar,    archive_read_support_format_zip,
        archive_read_support_format_7zip,   archive_read_support_format_rar,
        archive_read_support_format_rar5,   archive_read_support_format_cpio,
        archive_read_support_format_cab,    archive_read_support_format_lha,
        archive_read_support_format_iso9660,
    };
    struct archive *ar = archive_read_new();

    if (!ar) {
        nn_fail_mem(err, path);
        return NULL;
    }
    for (size_t i = 0; i < sizeof support / sizeof *support; i++)
        support[i](ar);         /* one that this libarchive lacks is not offered */
    if (archive_read_open_filename(ar, path, 1 << 16) != ARCHIVE_OK) {
        nn_fail(err, NN_EFORMAT, "%s cannot be read as an archive: %s", path,
                archive_error_string(ar));
        archive_read_free(ar);
        return NULL;
    }
    return ar;
}

struct nn_archive *nn_archive_open(const char *path, struct nn_err *err)
{
    struct nn_archive *a;
    struct stat st;

    if (stat(path, &st)) {
        nn_fail_errno(err, "cannot open %s", path);
        return NULL;
    }
    if (!(a = calloc(1, sizeof *a))) {
        nn_fail_mem(err, path);
        return NULL;
    }
    a->path = path;
    a->file_size = st.st_size;
    a->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (S_ISDIR(st.st_mode) ? enter(a, err) : !(a->ar = open_libarchive(path, err))) {
        nn_archive_close(a);
        return NULL;
    }
    return a;
}

void nn_archive_close(struct nn_archive *a)
{
    if (!a)
        return;
    while (a->depth)
        leave(a);
    archive_read_free(a->ar);       /* NULL is fine */
    if (a->utf8)
        freelocale(a->utf8);
    free(a->buf);
    free(a);
}

static int has_dotdot(const char *name)
{
    for (const char *p = name; (p = strstr(p, "..")); p += 2)
        if ((p == name || p[-1] == '/' || p[-1] == '\\') && (!p[2] || p[2] == '/' || p[2] == '\\'))
            return 1;
    return 0;
}

/* An archive that seems to hold far more than its bytes can say. */
static int check_ratio(struct nn_archive *a, int64_t unpacked, int64_t packed, struct nn_err *err)
{
    if (unpacked > NN_UNPACKED_MAX)
        return nn_fail(err, NN_EFORMAT, "%s unpacks to more than %lld GB; refused", a->path,
                       (long long)(NN_UNPACKED_MAX >> 30));
    if (unpacked > NN_RATIO_FREE && unpacked / NN_RATIO_MAX > packed)
        return nn_fail(err, NN_EFORMAT,
                       "%s unpacks to more than %d times its size, as no pictures do; refused",
                       a->path, NN_RATIO_MAX);
    return 0;
}

static int check_entry(struct nn_archive *a, struct archive_entry *e, struct nn_err *err)
{
    int type = (int)archive_entry_filetype(e);
    const char *why = NULL;

    if (a->name[0] == '/' || a->name[0] == '\\' || (a->name[0] && a->name[1] == ':'))
        why = "has an absolute path";
    else if (has_dotdot(a->name))
        why = "leads outside by \"..\"";
    else if (archive_entry_hardlink(e) || type == AE_IFLNK)
        why = "is a link";
    else if (type != AE_IFREG && type != AE_IFDIR)
        why = "is a special file";
    else if (archive_entry_is_encrypted(e))
        why = "is encrypted";
    if (why)
        return nn_fail(err, NN_EFORMAT, "%s: entry \"%s\" %s; the archive is refused", a->path,
                       a->name, why);
    if (archive_entry_size(e) > NN_ENTRY_MAX)
        return nn_fail(err, NN_EFORMAT, "%s: entry \"%s\" has %lld bytes, more than %lld MB; "
                       "the archive is refused", a->path, a->name,
                       (long long)archive_entry_size(e), (long long)(NN_ENTRY_MAX >> 20));
    if (archive_entry_size_is_set(e))
        a->claimed += archive_entry_size(e);
    /* Both: zip can pass entries over without unpacking them, tar cannot. */
    if (check_ratio(a, a->claimed, a->file_size, err))
        return -1;
    return check_ratio(a, archive_filter_bytes(a->ar, 0), archive_filter_bytes(a->ar, -1), err);
}

static int fail_damaged(struct nn_archive *a, struct nn_err *err)
{
    const char *why = archive_error_string(a->ar);

    return nn_fail(err, NN_EFORMAT, "%s: damaged or truncated archive%s%s: %s", a->path,
                   a->name[0] ? " behind " : "", a->name, why ? why : "unknown error");
}

static int next_in_archive(struct nn_archive *a, struct nn_err *err)
{
    struct archive_entry *e;

    for (;;) {
        locale_t before = uselocale(a->utf8);   /* 0, where there is none, changes nothing */
        int ret = archive_read_next_header(a->ar, &e);
        const char *name = ret == ARCHIVE_OK || ret == ARCHIVE_WARN ? archive_entry_pathname_utf8(e)
                                                                    : NULL;
        uselocale(before);
        if (ret == ARCHIVE_EOF)
            return 0;
        if (ret != ARCHIVE_OK && ret != ARCHIVE_WARN)
            return fail_damaged(a, err);
        if (!name)
            name = archive_entry_pathname(e);
        if (!name)
            name = "(unreadable name)";
        while (name[0] == '.' && name[1] == '/')
            name += 2;
        if (nn_path(a->name, err, "%s", name))
            return nn_fail_in(err, "%s", a->path);
        if (check_entry(a, e, err))
            return -1;
        if (archive_entry_filetype(e) == AE_IFREG)
            return 1;
    }
}

int nn_archive_next(struct nn_archive *a, const char **name, struct nn_err *err)
{
    *name = a->name;
    return a->ar ? next_in_archive(a, err) : next_in_dir(a, err);
}

static int grow(struct nn_archive *a, size_t want, struct nn_err *err)
{
    size_t size = a->size ? a->size : 1 << 16;
    char *p;

    while (size < want)
        size *= 2;
    if (size == a->size)
        return 0;
    if (!(p = realloc(a->buf, size)))
        return nn_fail_mem(err, a->name);
    a->buf = p;
    a->size = size;
    return 0;
}

int nn_archive_data(struct nn_archive *a, const void **data, size_t *size, struct nn_err *err)
{
    char full[NN_PATH];
    size_t n = 0;

    if (!a->ar) {
        free(a->buf);
        a->buf = NULL;
        if (nn_path(full, err, "%s/%s", a->path, a->name) ||
            !(a->buf = nn_file_read(full, NN_ENTRY_MAX, size, err)))
            return 1;
        *data = a->buf;
        return 0;
    }
    for (;;) {
        if (grow(a, n + (1 << 15), err))
            return -1;
        la_ssize_t got = archive_read_data(a->ar, a->buf + n, a->size - n);
        if (got < 0)
            return fail_damaged(a, err);
        if (!got)
            break;
        n += (size_t)got;
        a->unpacked += got;
        if (n > (size_t)NN_ENTRY_MAX)   /* the header lied, or said nothing */
            return nn_fail(err, NN_EFORMAT, "%s: entry \"%s\" has more than %lld MB; refused",
                           a->path, a->name, (long long)(NN_ENTRY_MAX >> 20));
        if (check_ratio(a, a->unpacked, a->file_size, err))
            return -1;
    }
    *data = a->buf;
    *size = n;
    return 0;
}

int nn_archive_check(const char *path, int64_t *files, struct nn_err *err)
{
    struct nn_archive *a = nn_archive_open(path, err);
    const char *name;
    int ret = -1;

    *files = 0;
    if (!a)
        return -1;
    while ((ret = nn_archive_next(a, &name, err)) > 0)
        ++*files;
    nn_archive_close(a);
    return ret;
}
