#define _GNU_SOURCE
#include "common/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int nn_path(char out[NN_PATH], struct nn_err *err, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(out, NN_PATH, fmt, ap);
    va_end(ap);
    if (n < 0 || n >= NN_PATH)
        return nn_fail(err, NN_EUSAGE, "path too long: %.60s...", out);
    return 0;
}

char *nn_file_read(const char *path, size_t limit, size_t *size, struct nn_err *err)
{
    FILE *f = fopen(path, "rb");
    char *buf = NULL, *out = NULL;
    struct stat st;

    if (!f || fstat(fileno(f), &st)) {
        nn_fail_errno(err, "cannot open %s", path);
    } else if (!S_ISREG(st.st_mode)) {
        nn_fail(err, NN_EIO, "%s is not a plain file", path);
    } else if ((size_t)st.st_size > limit) {
        nn_fail(err, NN_EFORMAT, "%s has %lld bytes, more than the limit of %zu", path,
                (long long)st.st_size, limit);
    } else if (!(buf = malloc((size_t)st.st_size + 1))) {
        nn_fail_mem(err, path);
    } else if (fread(buf, 1, (size_t)st.st_size, f) != (size_t)st.st_size) {
        nn_fail_errno(err, "cannot read %s", path);
    } else {
        buf[st.st_size] = 0;
        *size = (size_t)st.st_size;
        out = buf;
        buf = NULL;
    }
    free(buf);
    if (f)
        fclose(f);
    return out;
}

int nn_mkdirs(const char *path, struct nn_err *err)
{
    char part[NN_PATH];

    if (nn_path(part, err, "%s", path))
        return -1;
    for (char *p = part + 1;; p++) {
        if (*p != '/' && *p)
            continue;
        char was = *p;
        *p = 0;
        if (mkdir(part, 0777) && errno != EEXIST) {
            int why = errno;
            if (!nn_is_dir(part)) {     /* "/" and mount points may fail otherwise */
                errno = why;
                return nn_fail_errno(err, "cannot make directory %s", part);
            }
        }
        if (!(*p = was))
            break;
    }
    return nn_is_dir(path) ? 0 : nn_fail(err, NN_EIO, "%s is not a directory", path);
}

int nn_is_dir(const char *path)
{
    struct stat st;

    return !stat(path, &st) && S_ISDIR(st.st_mode);
}

int nn_exists(const char *path)
{
    return !access(path, F_OK);
}

int nn_atomic_name(struct nn_atomic *a, const char *path, struct nn_err *err)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    const char *dot = strrchr(base, '.');
    int dir = (int)(base - path), fd;
    struct stat st;

    a->f = NULL;
    a->tmp[0] = 0;
    if (!stat(path, &st) && !S_ISREG(st.st_mode))   /* root could replace /dev/null */
        return nn_fail(err, NN_EUSAGE, "cannot write %s: it is %s", path,
                       S_ISDIR(st.st_mode) ? "a folder" : "no ordinary file");
    if (nn_path(a->path, err, "%s", path) ||
        nn_path(a->tmp, err, "%.*s.%.*s.XXXXXX%s", dir, path,
                (int)(dot ? dot - base : (long)strlen(base)), base, dot ? dot : ""))
        return -1;
    if ((fd = mkostemps(a->tmp, dot ? (int)strlen(dot) : 0, O_CLOEXEC)) < 0) {
        a->tmp[0] = 0;
        return nn_fail_errno(err, "cannot write %s", path);
    }
    fchmod(fd, 0644);
    close(fd);
    return 0;
}

int nn_atomic_open(struct nn_atomic *a, const char *path, struct nn_err *err)
{
    if (nn_atomic_name(a, path, err))
        return -1;
    if (!(a->f = fopen(a->tmp, "wb"))) {
        nn_fail_errno(err, "cannot write %s", path);
        nn_atomic_abort(a);
        return -1;
    }
    return 0;
}

int nn_atomic_commit(struct nn_atomic *a, struct nn_err *err)
{
    int bad = 0;

    if (a->f) {
        bad = ferror(a->f) || fflush(a->f) || fsync(fileno(a->f));
        bad |= fclose(a->f) != 0;
        a->f = NULL;
    }
    if (bad || rename(a->tmp, a->path)) {
        nn_fail_errno(err, "cannot write %s", a->path);
        nn_atomic_abort(a);
        return -1;
    }
    a->tmp[0] = 0;
    return 0;
}

void nn_atomic_abort(struct nn_atomic *a)
{
    if (a->f)
        fclose(a->f);
    a->f = NULL;
    if (a->tmp[0])
        unlink(a->tmp);
    a->tmp[0] = 0;
}

int nn_file_write(const char *path, const void *data, size_t size, struct nn_err *err)
{
    struct nn_atomic a;

    if (nn_atomic_open(&a, path, err))
        return -1;
    if (size && fwrite(data, 1, size, a.f) != size) {
        nn_fail_errno(err, "cannot write %s", path);
        nn_atomic_abort(&a);
        return -1;
    }
    return nn_atomic_commit(&a, err);
}

int nn_program_dir(char out[NN_PATH], struct nn_err *err)
{
    ssize_t n = readlink("/proc/self/exe", out, NN_PATH - 1);
    char *slash;

    if (n < 0)
        return nn_fail_errno(err, "cannot find this program's own path");
    out[n] = 0;
    if ((slash = strrchr(out, '/')))
        *slash = 0;
    return 0;
}

int nn_data_path(char out[NN_PATH], const char *name, struct nn_err *err)
{
    static const char *const beside[] = { "../runtime", "../../runtime", "../share/neonnoir" };
    const char *env = getenv("NEONNOIR_DATA");
    char dir[NN_PATH];

    if (env && !nn_path(out, NULL, "%s/%s", env, name) && nn_exists(out))
        return 0;
    if (nn_program_dir(dir, err))
        return -1;
    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++)
        if (!nn_path(out, NULL, "%s/%s/%s", dir, beside[i], name) && nn_exists(out))
            return 0;
    return nn_fail(err, NN_ENOTFOUND, "cannot find %s beside %s; set NEONNOIR_DATA to its folder",
                   name, dir);
}
