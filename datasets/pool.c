/*
 * pool.c - the media pool: bytes under their hash, written beside and renamed.
 *
 * No fsync a file: the pool must survive kill -9, where the kernel still holds
 * the pages; `dataset verify --deep` finds what a power cut has spoilt, and
 * putting the bytes again mends a file of the wrong size.
 */
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
    if (nn_media_path(cat, hash, path, err))
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

    if (stat(path, &st))
        return nn_fail_errno(err, "cannot open %s", path);
    if (!S_ISREG(st.st_mode))
        return nn_fail(err, NN_EIO, "%s is not a plain file", path);
    if (nn_hash_file(path, hash, err) || nn_media_path(cat, hash, stored, err))
        return -1;
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
