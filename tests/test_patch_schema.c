/* docs/patch.schema.json says what the reader says: every patch of ours is valid by it, and
 * what it refuses the reader refuses. The checker here knows the keywords that it uses. */
#include <glob.h>
#include <regex.h>

#include "common/json.h"
#include "runtime/signals/patch.h"
#include "tests/test.h"

static cJSON *schema;
static char why[400];

static int valid(const cJSON *v, const cJSON *s, const char *at);

static int say(const char *at, const char *what)
{
    snprintf(why, sizeof why, "%s: %s", at, what);
    return 0;
}

static const cJSON *get(const cJSON *o, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(o, name);
}

/* POSIX knows no (?!...): "^(?!x)" is true where "^x" is not. */
static int matches(const char *pattern, const char *text)
{
    char turned[200];
    regex_t re;
    int not = !strncmp(pattern, "^(?!", 4), found;

    if (not)
        snprintf(turned, sizeof turned, "^(%s", pattern + 4);
    CHECK(!regcomp(&re, not ? turned : pattern, REG_EXTENDED | REG_NOSUB));
    found = !regexec(&re, text, 0, NULL, 0);
    regfree(&re);
    return found != not;
}

static int is(const cJSON *v, const char *type)
{
    return !strcmp(type, "object") ? cJSON_IsObject(v)
         : !strcmp(type, "array") ? cJSON_IsArray(v)
         : !strcmp(type, "string") ? cJSON_IsString(v)
         : !strcmp(type, "number") && cJSON_IsNumber(v);
}

static int valid_members(const cJSON *v, const cJSON *s, const char *at)
{
    const cJSON *m, *k, *rest = get(s, "additionalProperties"), *names = get(s, "propertyNames");
    char place[200];

    cJSON_ArrayForEach(m, v) {
        const cJSON *own = get(get(s, "properties"), m->string);
        int known = own != NULL;
        snprintf(place, sizeof place, "%.120s.%.60s", at, m->string);
        if (own && !valid(m, own, place))
            return 0;
        if (names && !matches(get(names, "pattern")->valuestring, m->string))
            return say(place, "propertyNames");
        cJSON_ArrayForEach(k, get(s, "patternProperties"))
            if (matches(k->string, m->string)) {
                known = 1;
                if (!valid(m, k, place))
                    return 0;
            }
        if (!known && cJSON_IsFalse(rest))
            return say(place, "additionalProperties");
        if (!known && cJSON_IsObject(rest) && !valid(m, rest, place))
            return 0;
    }
    cJSON_ArrayForEach(m, get(s, "dependentRequired"))
        cJSON_ArrayForEach(k, m)
            if (get(v, m->string) && !get(v, k->valuestring))
                return say(at, "dependentRequired");
    m = get(s, "maxProperties");
    return m && cJSON_GetArraySize(v) > m->valueint ? say(at, "maxProperties") : 1;
}

static int valid_size(const cJSON *v, const cJSON *s, const char *at)
{
    const cJSON *lo, *hi;
    double n = cJSON_IsNumber(v) ? v->valuedouble : cJSON_IsString(v)
             ? (double)strlen(v->valuestring) : cJSON_GetArraySize(v);

    lo = get(s, cJSON_IsNumber(v) ? "minimum" : cJSON_IsString(v) ? "minLength" : "minItems");
    hi = get(s, cJSON_IsNumber(v) ? "maximum" : cJSON_IsString(v) ? "maxLength" : "maxItems");
    return (lo && n < lo->valuedouble) || (hi && n > hi->valuedouble) ? say(at, "size") : 1;
}

static int valid_choice(const cJSON *v, const cJSON *s, const char *at)
{
    const cJSON *k, *all = get(s, "enum"), *any = get(s, "anyOf"), *one = get(s, "oneOf");
    const cJSON *of = any ? any : one;
    int n = 0;

    cJSON_ArrayForEach(k, all)
        n += cJSON_Compare(v, k, 1);
    if (all && !n)
        return say(at, "enum");
    n = 0;
    cJSON_ArrayForEach(k, of)
        n += valid(v, k, at);
    return (any && !n) || (!any && one && n != 1) ? say(at, any ? "anyOf" : "oneOf") : 1;
}

static int valid(const cJSON *v, const cJSON *s, const char *at)
{
    const cJSON *k, *ref = get(s, "$ref"), *type = get(s, "type");

    if (ref)
        return valid(v, get(get(schema, "$defs"), ref->valuestring + 8), at);
    if (type && !is(v, type->valuestring))
        return say(at, type->valuestring);
    cJSON_ArrayForEach(k, get(s, "required"))
        if (!get(v, k->valuestring))
            return say(at, k->valuestring);
    if (cJSON_IsObject(v) && !valid_members(v, s, at))
        return 0;
    if (cJSON_IsArray(v) && get(s, "items"))
        cJSON_ArrayForEach(k, v)
            if (!valid(k, get(s, "items"), at))
                return 0;
    return (cJSON_IsObject(v) || valid_size(v, s, at)) && valid_choice(v, s, at);
}

/* Keywords that valid() would pass over in silence. */
static void check_keywords(const cJSON *s, int names)
{
    static const char *const known[] = { "$schema", "$id", "title", "description", "type",
        "required", "oneOf", "anyOf", "dependentRequired", "additionalProperties", "properties",
        "maxProperties", "propertyNames", "pattern", "patternProperties", "$ref", "$defs", "items",
        "minItems", "maxItems", "minimum", "maximum", "minLength", "maxLength", "enum", "default",
        NULL };
    const cJSON *m;

    if (cJSON_IsObject(s) && !names)
        CHECK(nn_json_unknown(s, known) == NULL);
    cJSON_ArrayForEach(m, s)
        if (!m->string || (strcmp(m->string, "dependentRequired") && strcmp(m->string, "default")))
            check_keywords(m, !names && m->string && (!strcmp(m->string, "properties") ||
                           !strcmp(m->string, "patternProperties") || !strcmp(m->string, "$defs")));
}

static void test_ours(void)
{
    glob_t all;

    CHECK(!glob("runtime/patches/*.json", 0, NULL, &all) && all.gl_pathc >= 17);
    for (size_t i = 0; i < all.gl_pathc; i++) {
        struct nn_err err = { 0 };
        cJSON *p = nn_json_read(all.gl_pathv[i], &err);
        int good = p && valid(p, schema, "");
        if (!good)
            fprintf(stderr, "%s%s\n", all.gl_pathv[i], why);
        CHECK(good);
        cJSON_Delete(p);
    }
    globfree(&all);
}

/* The schema and the reader agree; but for names and limits of effects, which only the
 * reader knows. */
static void test_agree(void)
{
#define FX "{\"effect\":\"bloom\"}"
#define MAP(x) "{\"name\":\"t\",\"chain\":[{\"effect\":\"bloom\",\"map\":[{\"param\":\"amount\"," \
    "\"signal\":\"face.joy\"" x "}]}]}"
#define TWO(x) "{\"name\":\"t\",\"scenes\":[{\"name\":\"a\",\"chain\":[" FX "]},{\"name\":\"b\"," \
    "\"chain\":[" FX "]}]" x "}"
    static const struct { const char *text; int good; } cases[] = {
        { "{\"name\":\"t\",\"chain\":[" FX "]}", 1 }, { TWO(""), 1 }, { MAP(""), 1 },
        { "{\"name\":\"t\",\"$schema\":\"x\",\"chain\":[" FX "]}", 1 },
        { "{\"name\":\"t\",\"signals\":{\"x\":\"1\",\"osc.y\":{},\"z\":{\"is\":\"osc.y\"}},"
          "\"chain\":[" FX "]}", 1 },
        { TWO(",\"change\":{\"fade\":2,\"every\":10,\"order\":\"random\"}"), 1 },
        { TWO(",\"change\":{\"signal\":\"shot.cut\",\"threshold\":0.5,\"hold\":1}"), 1 },
        { MAP(",\"curve\":[[0,0],[0.5,1],[1,0]],\"from\":[1,0],\"threshold\":0.5"), 1 },
        { "[]", 0 }, { "{}", 0 }, { "{\"name\":\"t\"}", 0 }, { "{\"chain\":[" FX "]}", 0 },
        { "{\"name\":\"t\",\"chain\":[]}", 0 }, { "{\"name\":\"t\",\"chain\":[3]}", 0 },
        { "{\"name\":\"t\",\"chain\":[{}]}", 0 }, { "{\"name\":\"t\",\"chian\":[]}", 0 },
        { "{\"name\":\"t\",\"change\":{},\"chain\":[" FX "]}", 0 },
        { TWO(",\"chain\":[" FX "]"), 0 }, { TWO(",\"change\":{\"order\":\"odd\"}"), 0 },
        { TWO(",\"change\":{\"signal\":\"shot.cut\"}"), 0 },
        { TWO(",\"change\":{\"threshold\":1}"), 0 }, { TWO(",\"change\":{\"fade\":61}"), 0 },
        { "{\"name\":\"t\",\"signals\":{\"x\":{}},\"chain\":[" FX "]}", 0 },
        { "{\"name\":\"t\",\"signals\":{\"X\":\"1\"},\"chain\":[" FX "]}", 0 },
        { "{\"name\":\"t\",\"signals\":{\"osc.x\":\"1\"},\"chain\":[" FX "]}", 0 },
        { "{\"name\":\"t\",\"signals\":{\"x\":3},\"chain\":[" FX "]}", 0 },
        { MAP(",\"hold\":1"), 0 }, { MAP(",\"attack\":-1"), 0 }, { MAP(",\"curve\":\"wavy\""), 0 },
        { MAP(",\"curve\":[[0,0]]"), 0 }, { MAP(",\"curve\":[[0,0],[2,1]]"), 0 },
        { MAP(",\"from\":[1]"), 0 }, { MAP(",\"range\":[0,\"1\"]"), 0 }, { MAP(",\"x\":1"), 0 },
        { "{\"name\":\"t\",\"chain\":[{\"effect\":\"bloom\",\"params\":{\"tint\":\"1\"}}]}", 0 },
        { "{\"name\":\"t\",\"chain\":[{\"effect\":\"bloom\",\"combine\":{\"tint\":\"or\"}}]}", 0 },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct nn_err err = { 0 };
        cJSON *p = cJSON_Parse(cases[i].text);
        struct nn_patch *patch = nn_patch_parse(p, &err);
        int good = valid(p, schema, "");
        if (good != cases[i].good || !!patch != cases[i].good)
            fprintf(stderr, "%s\n  schema %d %s, reader %d %s\n", cases[i].text, good, why,
                    patch != NULL, err.msg);
        CHECK(good == cases[i].good);
        CHECK(!!patch == cases[i].good);
        nn_patch_free(patch);
        cJSON_Delete(p);
    }
}

int main(void)
{
    struct nn_err err = { 0 };

    schema = nn_json_read("docs/patch.schema.json", &err);
    CHECK(schema != NULL);
    if (schema) {
        check_keywords(schema, 0);
        test_ours();
        test_agree();
    }
    cJSON_Delete(schema);
    return test_done();
}
