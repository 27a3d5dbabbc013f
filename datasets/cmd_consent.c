/* neonnoir dataset consent: register persons, write down what they agree to. */
#include <stdio.h>
#include <string.h>

#include "common/json.h"
#include "datasets/cmds.h"
#include "datasets/consent.h"
#include "datasets/undo.h"

static struct {
    const char *purpose, *until, *note;
    int json;
} o = { .purpose = "training" };

const struct nn_opt nn_dataset_consent_opts[] = {
    { "for", 0, NN_OPT_TEXT, "PURPOSE", "training, exhibition or publication", &o.purpose, 0, 0 },
    { "until", 0, NN_OPT_TEXT, "DAY", "last day, as 2027-12-31", &o.until, 0, 0 },
    { "note", 0, NN_OPT_TEXT, "TEXT", "how to reach the person, where the form is", &o.note, 0, 0 },
    { "json", 0, NN_OPT_FLAG, NULL, "print JSON", &o.json, 0, 0 },
    { 0 },
};

static int see_person(void *arg, const struct nn_person *p)
{
    cJSON *list = arg, *item;

    if (!list) {
        printf("%s: %lld faces%s%s\n", p->name, (long long)p->faces, *p->note ? "; " : "", p->note);
        return 0;
    }
    item = cJSON_CreateObject();
    cJSON_AddStringToObject(item, "name", p->name);
    cJSON_AddStringToObject(item, "note", p->note);
    cJSON_AddStringToObject(item, "added", p->added);
    cJSON_AddNumberToObject(item, "faces", (double)p->faces);
    cJSON_AddItemToArray(list, item);
    return 0;
}

static int see_consent(void *arg, const struct nn_consent *c)
{
    cJSON *list = arg, *item;

    if (!list) {
        printf("  %s: %s, granted %s%s%s%s%s\n", c->person, nn_purpose_names[c->purpose],
               c->granted, *c->until ? ", until " : "", c->until,
               *c->withdrawn ? ", withdrawn " : "",
               *c->withdrawn ? c->withdrawn : c->in_force ? "" : ", over");
        return 0;
    }
    item = cJSON_CreateObject();
    cJSON_AddStringToObject(item, "person", c->person);
    cJSON_AddStringToObject(item, "purpose", nn_purpose_names[c->purpose]);
    cJSON_AddStringToObject(item, "granted", c->granted);
    cJSON_AddStringToObject(item, "until", c->until);
    cJSON_AddStringToObject(item, "withdrawn", c->withdrawn);
    cJSON_AddBoolToObject(item, "in_force", c->in_force);
    cJSON_AddItemToArray(list, item);
    return 0;
}

static int list(struct nn_catalog *cat, struct nn_err *err)
{
    cJSON *out = o.json ? cJSON_CreateObject() : NULL;

    if (nn_person_each(cat, see_person, out ? cJSON_AddArrayToObject(out, "persons") : NULL, err) ||
        nn_consent_each(cat, 0, see_consent, out ? cJSON_AddArrayToObject(out, "consents") : NULL,
                        err)) {
        cJSON_Delete(out);
        return -1;
    }
    return out ? nn_json_print(out, err) : 0;
}

static int find_purpose(enum nn_purpose *p, struct nn_err *err)
{
    for (*p = 0; *p < NN_PURPOSES; ++*p)
        if (!strcmp(nn_purpose_names[*p], o.purpose))
            return 0;
    return nn_fail(err, NN_EUSAGE, "--for takes training, exhibition or publication, not \"%.40s\"",
                   o.purpose);
}

static int change(struct nn_catalog *cat, const char *verb, const char *name, struct nn_err *err)
{
    enum nn_purpose purpose;
    int64_t person, count;

    if (find_purpose(&purpose, err))
        return -1;
    if (!strcmp(verb, "add"))
        return nn_person_add(cat, name, o.note, &person, err);
    if (nn_person_find(cat, name, &person, err))
        return -1;
    if (!strcmp(verb, "grant"))
        return nn_consent_grant(cat, person, purpose, o.until, err);
    if (nn_consent_withdraw(cat, person, purpose, &count, err))
        return -1;
    return count ? 0 : nn_fail(err, NN_ENOTFOUND, "no consent of %s to %s is in force", name,
                               o.purpose);
}

int nn_dataset_consent(int argc, char **argv, struct nn_err *err)
{
    struct nn_catalog *cat;
    char what[400], who[64];
    int ret = -1;

    if (argc && (argc != 2 || (strcmp(argv[0], "add") && strcmp(argv[0], "grant") &&
                               strcmp(argv[0], "withdraw"))))
        return nn_fail(err, NN_EUSAGE, "consent lists, or: consent add|grant|withdraw PERSON");
    if (!(cat = nn_catalog_open(nn_cli_catalog(), argc ? NN_WRITE : NN_READ, err)))
        return -1;
    if (!argc) {
        ret = list(cat, err);
    } else {
        snprintf(what, sizeof what, "consent %s \"%.200s\"%s%.40s", argv[0], argv[1],
                 *argv[0] == 'a' ? "" : " for ", *argv[0] == 'a' ? "" : o.purpose);
        if (!nn_undo_begin(cat, nn_undo_who(who), what, err)) {
            if (!(ret = change(cat, argv[0], argv[1], err)))
                ret = nn_undo_commit(cat, err);
            else
                nn_undo_cancel(cat);
        }
    }
    nn_catalog_close(cat);
    return ret;
}
