/*
 * class_path.h - what a picture's place in a class-folder set says about it:
 * "fer2013/train/happy/fer0000007.png" is happy, of the train split.
 */
#ifndef NN_DATASETS_CLASS_PATH_H
#define NN_DATASETS_CLASS_PATH_H

#include <stddef.h>

struct nn_class_path {
    char label[64];         /* the folder right above the file, as a tag name:
                             * lower case, words joined by '-'; "" without one */
    const char *split;      /* "train", "valid", "test" or "": the innermost level
                             * that is named like one */
    int emotion;            /* enum nn_emotion of the label, or -1 */
    char stem[128];         /* the file's name without extension, as a tag name */
};

void nn_class_path(const char *path, struct nn_class_path *out);

/* Whether the name ends like a picture that nn_picture_decode() reads. */
int nn_is_picture_name(const char *path);

/* Lower case, digits and '-' alone; anything else becomes '-', never twice, at
 * the start or at the end. Bytes of UTF-8 sequences stay. */
void nn_slug(const char *text, size_t n, char *out, size_t size);

#endif
