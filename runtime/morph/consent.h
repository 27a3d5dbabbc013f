/*
 * consent.h - somebody's face in another picture: only with their consent, and the film says so.
 *
 * A picture whose face is put to use carries PICTURE.consent.json beside it,
 *   { "name": "who", "purpose": "what they agreed to", "until": "2027-12-31" }
 * ("until" is optional, its day is the last), or the command is told "NAME: WHY". What comes of
 * it is a sentence that goes to stderr and into the file that is written. Nothing here can know
 * whether it is true: it makes somebody say so, by name, where it stays.
 */
#ifndef NN_RUNTIME_MORPH_CONSENT_H
#define NN_RUNTIME_MORPH_CONSENT_H

#include "common/err.h"
#include "common/image.h"

enum { NN_CONSENT_NOTE = 300 };

/* `said`: "NAME: WHY", or NULL, and the file must be there. Fills `note`, and logs it. -1 with
 * NN_EUSAGE without either, or when it is over. */
int nn_face_consent(const char *picture, const char *said, char note[NN_CONSENT_NOTE],
                    struct nn_err *err);
/* The same of the file's text, on the day "YYYY-MM-DD". `name` is for errors. */
int nn_face_consent_parse(const char *text, const char *name, const char *today,
                          char note[NN_CONSENT_NOTE], struct nn_err *err);

#endif
