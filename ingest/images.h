/*
 * images.h - class-folder picture sets into the catalog.
 *
 * A picture becomes a medium of kind image with one clip of one frame and an
 * origin (source, path inside it). In a folder named after an emotion it also
 * gets one face, the whole picture, tagged emotion/NAME; in another class folder
 * its clip is tagged class/NAME. Identical bytes under two paths are one medium
 * with two origins, each with its own label.
 */
#ifndef NN_INGEST_IMAGES_H
#define NN_INGEST_IMAGES_H

#include <stdint.h>

#include "datasets/catalog.h"

struct nn_images_opts {
    const char *source;         /* NULL: the real path of what is handed in */
    const char *licence, *author;
    int64_t limit;              /* pictures to take at most; 0: all */
};

/* Why a picture, or another file, did not go in. */
enum nn_images_skip {
    NN_SKIP_OTHER_FILE, NN_SKIP_NO_CLASS, NN_SKIP_DAMAGED, NN_SKIP_UNREADABLE, NN_SKIPS
};
extern const char *const nn_images_skips[NN_SKIPS];

struct nn_class_count {
    char split[8], label[64];
    int64_t count;
};

/* What happened; sums over several calls. */
struct nn_images_report {
    int64_t seen, added, already, skipped[NN_SKIPS];
    struct nn_class_count *class;   /* of those added or already there, sorted */
    int classes;
};
void nn_images_report_release(struct nn_images_report *r);

/* Takes a directory or archive in, in transactions of some hundred pictures. On
 * failure, Ctrl-C included, what was whole is in; running it again goes on. */
int nn_images_add(struct nn_catalog *cat, const char *path, const struct nn_images_opts *opts,
                  struct nn_images_report *report, struct nn_err *err);

#endif
