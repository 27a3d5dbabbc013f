/*
 * consent.h - persons who can be recognised, and what they have agreed to.
 *
 * A face belongs to the person whose name its subject bears. A person may have
 * several consents; one is in force while it is not withdrawn and its last day is
 * not over. Snapshots leave out the faces of a registered person without a consent
 * to training in force; subjects who are not registered are left in. Withdrawing
 * keeps the row, with the time, because a snapshot made before it was lawful then.
 */
#ifndef NN_DATASETS_CONSENT_H
#define NN_DATASETS_CONSENT_H

#include "datasets/catalog.h"

enum nn_purpose { NN_TRAINING, NN_EXHIBITION, NN_PUBLICATION, NN_PURPOSES };
extern const char *const nn_purpose_names[NN_PURPOSES]; /* "training", ... */

struct nn_person {
    int64_t id;
    const char *name, *note, *added;
    int64_t faces;              /* whose subject is the name */
};

struct nn_consent {
    const char *person;
    enum nn_purpose purpose;
    const char *granted;
    const char *until;          /* last day "2027-12-31"; "" without end */
    const char *withdrawn;      /* "" in force, or over */
    int in_force;               /* today */
};

/* Registers a person; a known name keeps its row and gets a new note, if one is given. */
int nn_person_add(struct nn_catalog *cat, const char *name, const char *note, int64_t *id,
                  struct nn_err *err);
/* NN_ENOTFOUND lists the persons there are. */
int nn_person_find(struct nn_catalog *cat, const char *name, int64_t *id, struct nn_err *err);
int nn_person_each(struct nn_catalog *cat, int (*each)(void *arg, const struct nn_person *p),
                   void *arg, struct nn_err *err);

/* `until`: NULL, or a day as YYYY-MM-DD, not before today. */
int nn_consent_grant(struct nn_catalog *cat, int64_t person, enum nn_purpose purpose,
                     const char *until, struct nn_err *err);
/* Withdraws what is in force for the purpose; *count says how many rows that were. */
int nn_consent_withdraw(struct nn_catalog *cat, int64_t person, enum nn_purpose purpose,
                        int64_t *count, struct nn_err *err);
/* 1 when a consent of the person for the purpose is in force, 0, -1. */
int nn_consent_holds(struct nn_catalog *cat, int64_t person, enum nn_purpose purpose,
                     struct nn_err *err);
/* All consents of one person, or of all (0), oldest first. */
int nn_consent_each(struct nn_catalog *cat, int64_t person_or_0,
                    int (*each)(void *arg, const struct nn_consent *c), void *arg,
                    struct nn_err *err);

#endif
