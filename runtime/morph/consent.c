#include "runtime/morph/consent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/fs.h"
#include "common/json.h"
#include "common/log.h"
#include "runtime/media/picture.h"

/* Control characters have no place in a name, nor in a file's comment. */
static int sayable(const char *s, size_t most)
{
    if (!*s || strlen(s) > most)
        return 0;
    for (; *s; s++)
        if ((unsigned char)*s < ' ' || *s == 127)
            return 0;
    return 1;
}

static int is_day(const char *s)
{
    static const char form[] = "dddd-dd-dd";

    if (strlen(s) != sizeof form - 1)
        return 0;
    for (int i = 0; form[i]; i++)
        if (form[i] == '-' ? s[i] != '-' : s[i] < '0' || s[i] > '9')
            return 0;
    return 1;
}

static int from_json(const cJSON *root, const char *name, const char *today,
                     char note[NN_CONSENT_NOTE], struct nn_err *err)
{
    static const char *const known[] = { "name", "purpose", "until", NULL };
    const char *who = "", *why = "", *until = NULL, *odd;

    if (!cJSON_IsObject(root))
        return nn_fail(err, NN_EFORMAT, "%s: a consent is an object with \"name\" and \"purpose\"",
                       name);
    if ((odd = nn_json_unknown(root, known)))
        return nn_fail(err, NN_EFORMAT, "%s: \"%.40s\" is nothing that is known here: name, "
                       "purpose, until", name, odd);
    if (nn_json_text(root, "", "name", 1, &who, err) ||
        nn_json_text(root, "", "purpose", 1, &why, err) ||
        nn_json_text(root, "", "until", 0, &until, err))
        return nn_fail_in(err, "%s", name);
    if (!sayable(who, 80) || !sayable(why, 160))
        return nn_fail(err, NN_EFORMAT, "%s: \"name\" and \"purpose\" are one line each, of at "
                       "most 80 and 160 bytes", name);
    if (until && !is_day(until))
        return nn_fail(err, NN_EFORMAT, "%s: \"until\" is a day, YYYY-MM-DD", name);
    if (until && strcmp(until, today) < 0)
        return nn_fail(err, NN_EUSAGE, "%s: the consent of %s was until %s, which is over", name,
                       who, until);
    snprintf(note, NN_CONSENT_NOTE, "face of %s used with consent: %s", who, why);
    return 0;
}

int nn_face_consent_parse(const char *text, const char *name, const char *today,
                          char note[NN_CONSENT_NOTE], struct nn_err *err)
{
    cJSON *root = cJSON_Parse(text);
    int ret = root ? from_json(root, name, today, note, err)
                   : nn_fail(err, NN_EFORMAT, "%s: no JSON", name);

    cJSON_Delete(root);
    return ret;
}

/* "NAME: WHY". */
static int from_words(const char *said, char note[NN_CONSENT_NOTE], struct nn_err *err)
{
    const char *colon = strchr(said, ':'), *why = colon ? colon + 1 : "";

    while (*why == ' ')
        why++;
    if (!colon || colon == said || colon - said > 80 || !sayable(said, 250) || !*why)
        return nn_fail(err, NN_EUSAGE, "--i-have-consent takes \"NAME: WHY\": whose face it is, "
                       "and what they agreed to");
    snprintf(note, NN_CONSENT_NOTE, "face of %.*s used with consent: %s", (int)(colon - said),
             said, why);
    return 0;
}

int nn_face_consent(const char *picture, const char *said, char note[NN_CONSENT_NOTE],
                    struct nn_err *err)
{
    char path[NN_PATH], today[16];
    time_t now = time(NULL);
    struct tm tm;
    cJSON *root;
    int ret;

    if (said) {
        ret = from_words(said, note, err);
    } else {
        if (nn_path(path, err, "%s.consent.json", picture))
            return -1;
        if (!nn_exists(path))
            return nn_fail(err, NN_EUSAGE, "%s: a face is used only with its person's consent: "
                           "say so in %s ({ \"name\": ..., \"purpose\": ... })%s", picture, path,
                           " or, on the command line, with --i-have-consent \"NAME: WHY\"");
        localtime_r(&now, &tm);
        strftime(today, sizeof today, "%Y-%m-%d", &tm);
        root = nn_json_read(path, err);
        ret = root ? from_json(root, path, today, note, err) : -1;
        cJSON_Delete(root);
    }
    if (!ret)
        nn_info("%s: %s", picture, note);
    return ret;
}
