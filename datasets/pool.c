/*
 * pool.c - the media pool: bytes under their hash, written beside and renamed.
 *
 * No fsync a file: the pool must survive kill -9, where the kernel still holds
 * the pages; `dataset verify --deep` finds what a power cut has spoilt, and
 * putting the bytes again mends a file of the wrong size.
 */
#define _GNU_SOURCE     /* F_OFD_SETLK: locks that belong to a handle, not to the process */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "datasets/db.h"

int nn_media_path(const struct nn_catalog *cat, const char *hash, char out[NN_PATH],
                  struct nn_err *err)
{
    if (strlen(hash) != NN_HASH_HEX || strspn(hash, "0123456789abcdef") != NN_HASH_HEX)
        return nn_fail(err, NN_EARG, "\"%.70s\" is no hash", hash);
    return nn_path(out, err, "%s/pool/%.2s/%s", cat->dir, hash, hash);
}

/* The lock goes with the process, so a killed one leaves none behind. */
static int lock(struct nn_catalog *cat, short kind, int wait, struct nn_err *err)
{
    struct flock l = { .l_type = kind, .l_whence = SEEK_SET };
    char path[NN_PATH];

    if (!cat->pool_lock) {
        if (nn_path(path, err, "%s/pool/.lock", cat->dir))
            return -1;
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (fd < 0)
            return nn_fail_errno(err, "cannot write into the pool %s/pool", cat->dir);
        cat->pool_lock = fd;
    }
    while (fcntl(cat->pool_lock, wait ? F_OFD_SETLKW : F_OFD_SETLK, &l)) {
        if (errno == EINTR && wait)
            continue;
        if (errno == EAGAIN || errno == EACCES)
            return nn_fail(err, NN_EDB, "another program is putting files into %s; try again when "
                           "it is done", cat->dir);
        nn_fail_errno(err, "cannot lock the pool %s/pool", cat->dir);
        nn_pool_unlock(cat);
        return -1;
    }
    return 0;
}

int nn_pool_lock_alone(struct nn_catalog *cat, struct nn_err *err)
{
    return lock(cat, F_WRLCK, 0, err);
}

/* Before the first file is put, and before one that is there is taken for granted. */
static int lock_to_put(struct nn_catalog *cat, struct nn_err *err)
{
    return cat->pool_lock ? 0 : lock(cat, F_RDLCK, 1, err);
}

void nn_pool_unlock(struct nn_catalog *cat)
{
    if (cat->pool_lock)
        close(cat->pool_lock);
    cat->pool_lock = 0;
}

static int walk_folder(const char *folder, int top,
                       int (*each)(void *arg, const char *name, const char *path, int64_t bytes),
                       void *arg, struct nn_err *err)
{
    DIR *dir = opendir(folder);
    char path[NN_PATH];
    struct dirent *e;
    struct stat st;
    int ret = 0;

    if (!dir)
        return nn_fail_errno(err, "cannot read %s", folder);
    while (!ret && (e = readdir(dir))) {
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") || !strcmp(e->d_name, ".lock"))
            continue;
        if ((ret = nn_path(path, err, "%s/%s", folder, e->d_name)) || lstat(path, &st))
            continue;
        if (top && S_ISDIR(st.st_mode))
            ret = walk_folder(path, 0, each, arg, err);
        else
            ret = each(arg, e->d_name, path, (int64_t)st.st_size);
    }
    closedir(dir);
    return ret;
}

int nn_pool_walk(const struct nn_catalog *cat,
                 int (*each)(void *arg, const char *name, const char *path, int64_t bytes),
                 void *arg, struct nn_err *err)
{
    char pool[NN_PATH];

    if (nn_path(pool, err, "%s/pool", cat->dir))
        return -1;
    return walk_folder(pool, 1, each, arg, err);
}

static int has(const char *path, int64_t size)
{
    struct stat st;

    return !stat(path, &st) && S_ISREG(st.st_mode) && st.st_size == size;
}

static int open_temporary(struct nn_catalog *cat, char tmp[NN_PATH], struct nn_err *err)
{
    int fd;

    do {
        if (nn_path(tmp, err, "%s/pool/.put-%ld-%lld", cat->dir, (long)getpid(),
                    (long long)cat->temporaries++))
            return -1;
        fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
    } while (fd < 0 && errno == EEXIST);
    if (fd < 0)
        nn_fail_errno(err, "cannot write into the pool %s/pool", cat->dir);
    return fd;
}

static int write_all(int fd, const char *data, size_t size)
{
    while (size) {
        ssize_t n = write(fd, data, size);
        if (n < 0 && errno != EINTR)
            return -1;
        if (n > 0) {
            data += n;
            size -= (size_t)n;
        }
    }
    return 0;
}

/* Gives the temporary its name. */
static int settle(const struct nn_catalog *cat, const char *tmp, const char *path, const char *hash,
                  struct nn_err *err)
{
    char folder[NN_PATH];

    if (!rename(tmp, path))
        return 0;
    if (errno == ENOENT && !nn_path(folder, NULL, "%s/pool/%.2s", cat->dir, hash) &&
        (!mkdir(folder, 0777) || errno == EEXIST) && !rename(tmp, path))
        return 0;
    nn_fail_errno(err, "cannot write %s", path);
    unlink(tmp);
    return -1;
}

int nn_media_put(struct nn_catalog *cat, const void *data, size_t size, nn_hash hash,
                 struct nn_err *err)
{
    char path[NN_PATH], tmp[NN_PATH];
    int fd, bad;

    nn_hash_bytes(data, size, hash);
    if (nn_media_path(cat, hash, path, err) || lock_to_put(cat, err))
        return -1;
    if (has(path, (int64_t)size))
        return 0;
    if ((fd = open_temporary(cat, tmp, err)) < 0)
        return -1;
    bad = write_all(fd, data, size);
    if (bad)
        nn_fail_errno(err, "cannot write into the pool %s/pool", cat->dir);
    if (close(fd) && !bad)
        bad = nn_fail_errno(err, "cannot write into the pool %s/pool", cat->dir);
    if (bad) {
        unlink(tmp);
        return -1;
    }
    return settle(cat, tmp, path, hash, err);
}

/* Copies while hashing, so that the name belongs to the bytes that were stored even
 * when somebody writes to the file meanwhile. */
static int copy(FILE *from, int to, const char *path, nn_hash hash, struct nn_err *err)
{
    static _Thread_local char buf[1 << 18];
    struct nn_hasher h;
    size_t n;

    nn_hasher_init(&h);
    while ((n = fread(buf, 1, sizeof buf, from)) > 0) {
        nn_hasher_add(&h, buf, n);
        if (write_all(to, buf, n))
            return nn_fail_errno(err, "cannot copy %s into the pool", path);
    }
    if (ferror(from))
        return nn_fail_errno(err, "cannot read %s", path);
    nn_hasher_finish(&h, hash);
    return 0;
}

int nn_media_put_file(struct nn_catalog *cat, const char *path, nn_hash hash, struct nn_err *err)
{
    char stored[NN_PATH], tmp[NN_PATH];
    struct stat st;
    FILE *from;
    int fd, bad;

    if (lock_to_put(cat, err) || nn_hash_file(path, hash, err) ||
        nn_media_path(cat, hash, stored, err))
        return -1;
    if (stat(path, &st))
        return nn_fail_errno(err, "cannot open %s", path);
    if (has(stored, st.st_size))
        return 0;
    if (!(from = fopen(path, "rb")))
        return nn_fail_errno(err, "cannot open %s", path);
    if ((fd = open_temporary(cat, tmp, err)) < 0) {
        fclose(from);
        return -1;
    }
    bad = copy(from, fd, path, hash, err) || nn_media_path(cat, hash, stored, err);
    fclose(from);
    if (close(fd) && !bad)
        bad = nn_fail_errno(err, "cannot copy %s into the pool", path);
    if (bad) {
        unlink(tmp);
        return -1;
    }
    return settle(cat, tmp, stored, hash, err);
}
