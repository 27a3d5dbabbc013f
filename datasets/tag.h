/*
 * tag.h - tags on clips and faces: "mood/melancholy", "texture/rain", ...
 *
 * A tag is NAMESPACE/NAME, lower case, words joined by '-'; a name without a
 * namespace is looked up in all ("rain-soaked skin tones" finds
 * "texture/rain-soaked-skin-tones"). A tagging says who put it there and how
 * sure: source person, model or import; confidence 0..1; time. emotion/NAME
 * (emotion.h) on a face is its label. What a person changes is journalled and
 * can be undone (undo.h); what an importer or a model adds is known by its source.
 */
#ifndef NN_DATASETS_TAG_H
#define NN_DATASETS_TAG_H

#include "datasets/catalog.h"

enum nn_source { NN_PERSON, NN_MODEL, NN_IMPORT };
enum nn_target { NN_ON_CLIP, NN_ON_FACE };

struct nn_tagging {
    enum nn_target target;
    int64_t target_id;
    enum nn_source source;
    const char *who;            /* login, model or importer's name */
    float confidence;
};

extern const char *const nn_source_names[];             /* "person", "model", "import" */

/* Finds a tag; creates it when `create` (a bare new name goes to "tag/").
 * Upper case and spaces become lower case and '-'. NN_ENOTFOUND lists near ones;
 * a malformed name, or a bare one that several namespaces have, is NN_EUSAGE. */
int nn_tag_id(struct nn_catalog *cat, const char *name, int create, int64_t *id,
              struct nn_err *err);
/* 1 when `name` has a namespace that some tag has already, so that a new tag there is
 * no slip of the pen; the seven emotions are a closed set. 0, -1. */
int nn_tag_fits(struct nn_catalog *cat, const char *name, struct nn_err *err);
/* Adds, or strengthens what the same `who` has put there; *added tells whether
 * anything changed. On a face, emotion/X by a person replaces emotion/Y of any
 * source. */
int nn_tag_put(struct nn_catalog *cat, int64_t tag, const struct nn_tagging *t, int *added,
               struct nn_err *err);
/* Takes the tag off the target, whoever put it there. */
int nn_tag_remove(struct nn_catalog *cat, int64_t tag, enum nn_target target, int64_t target_id,
                  const char *who, int *removed, struct nn_err *err);
/* Calls each(arg, "namespace/name", tagging) for one target. */
int nn_tag_each(struct nn_catalog *cat, enum nn_target target, int64_t target_id,
                int (*each)(void *arg, const char *tag, const struct nn_tagging *t), void *arg,
                struct nn_err *err);

#endif
