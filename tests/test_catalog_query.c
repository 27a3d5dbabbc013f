/* The query language: what each condition finds, what is refused, and that words stay words. */
#include "tests/catalog.h"

static char found[200];

static int note(void *arg, const struct nn_clip *c, const struct nn_medium *m)
{
    size_t n = strlen(found);

    (void)arg, (void)m;
    snprintf(found + n, sizeof found - n, "%s%s", n ? " " : "", c->name);
    return 0;
}

/* The names of the clips that `where` selects, or "!" and the error. */
static const char *select_clips(struct nn_catalog *cat, const char *where)
{
    found[0] = 0;
    err.msg[0] = 0;
    if (nn_query_each(cat, where, note, NULL, &err))
        snprintf(found, sizeof found, "!%.180s", err.msg);
    return found;
}

static int64_t add_film(struct nn_catalog *cat)
{
    struct nn_medium m = { .kind = NN_MEDIA_VIDEO, .container = "avi", .codec = "mpeg4", .w = 720,
                           .h = 528, .frames = 270, .time_base_num = 1001,
                           .time_base_den = 24000, .end_pts = 270 };
    struct nn_origin o = { "/film/Megamind.avi", "", "unknown", "DreamWorks" };
    struct nn_clip c = { .end_pts = 270, .end_frame = 270, .name = "megamind-1", .poster = "" };
    int64_t id;
    int added;

    CHECK_OK(nn_media_put(cat, "film", 4, m.hash, &err), &err);
    CHECK_OK(nn_medium_add(cat, &m, &c.medium, &added, &err), &err);
    CHECK_OK(nn_origin_add(cat, c.medium, &o, &id, &added, &err), &err);
    CHECK_OK(nn_clip_add(cat, &c, &id, &added, &err), &err);
    return id;
}

static const struct { const char *where, *want; } table[] = {
    { NULL, "a b c megamind-1" },
    { "", "a b c megamind-1" },
    { "  ", "a b c megamind-1" },
    { "kind:video", "megamind-1" },
    { "-kind:video", "a b c" },
    { "mega", "megamind-1" },
    { "text:MEGAMIND", "megamind-1" },
    { "dreamworks", "megamind-1" },
    { "text:\"megamind 1\"", "megamind-1" },
    { "\"film avi\"", "megamind-1" },
    { "wet", "megamind-1" },                        /* the description of its tag */
    { "tag:rain-soaked-skin-tones", "megamind-1" },
    { "tag:\"Rain-Soaked Skin Tones\"", "megamind-1" },
    { "tag:texture/", "megamind-1" },
    { "tag:texture/* -tag:mood/*", "megamind-1" },
    { "tag:mood/", "" },
    { "tag:emotion/happy", "a" },
    { "emotion:joy", "a" },
    { "emotion:happy", "a" },
    { "emotion:angry -split:valid", "b" },
    { "-emotion:happy kind:image", "b c" },
    { "source:person", "megamind-1" },
    { "source:import", "a b c" },
    { "source:model", "" },
    { "name:megamind-*", "megamind-1" },
    { "name:?", "a b c" },
    { "name:[ab]", "" },
    { "split:train", "a b" },
    { "subject:ada", "c" },
    { "licence:TEST", "a b c" },
    { "origin:megamind.AVI", "megamind-1" },
    { "faces>0", "a b c" },
    { "faces=0", "megamind-1" },
    { "faces:0", "megamind-1" },
    { "tags>0", "megamind-1" },
    { "duration>11 duration<11.5", "megamind-1" },
    { "width>=720 height<600 frames>1", "megamind-1" },
    { "in:\"Chaotic Beauty\"", "a" },
    { "chaotic beauty", "a" },
    { "in:\"neon noir\"", "a c" },
    { "in:\"Neon Noir\" -in:\"Smoke & Mirrors\"", "a c" },
    { "in:Angry", "b c" },
    { "in:Angry split:valid", "c" },
    /* What is refused, with the reason. */
    { "in:Nowhere", "!in:\"Nowhere\": no such collection" },
    { "mod:x", "!a query knows no \"mod\"; it knows text: tag:" },
    { "emotion:bored", "!emotion:bored is none of angry" },
    { "kind:film", "!kind:film is none of video, image" },
    { "faces>many", "!faces> wants a number" },
    { "tag:", "!tag: wants a value" },
    { "text:\"open", "!the query lacks a closing quote" },
    { "text:\"***\"", "!text:\"***\" holds no word" },
    /* Words stay words. */
    { "name:\"x' OR 1=1 --\"", "" },
    { "tag:\"x') OR 1=1 --\"", "" },
    { "subject:\"'; DROP TABLE clip; --\"", "" },
    { "origin:\"%\"", "" },
    { "in:\"Neon Noir' OR '1'='1\"", "!in:\"Neon Noir' OR '1'='1\": no such collection" },
    { "text:\"a OR b\"", "" },
    { "text:\"\\\" OR text : a\"", "" },
    { "faces>0;DROP", "!faces> wants a number" },
    { "kind:image", "a b c" },
};

static void query_table(struct nn_catalog *cat)
{
    for (unsigned i = 0; i < sizeof table / sizeof *table; i++) {
        const char *got = select_clips(cat, table[i].where), *want = table[i].want;
        int ok = *want == '!' ? !strncmp(got, want, strlen(want)) : !strcmp(got, want);
        CHECK(ok);
        if (!ok)
            fprintf(stderr, "    %s: got \"%s\", want \"%s\"\n",
                    table[i].where ? table[i].where : "(all)", got, want);
    }
}

static int see_collection(void *arg, const struct nn_collection *c)
{
    size_t n = strlen(found);

    (void)arg;
    snprintf(found + n, sizeof found - n, "%d%s:%lld ", c->depth, c->name, (long long)c->clips);
    return 0;
}

static void many_values(struct nn_catalog *cat)
{
    char *where = malloc(300 * 16);
    size_t n = 0;

    for (int i = 0; i < 300; i++)
        n += (size_t)sprintf(where + n, "faces>%d ", i);
    CHECK(!strncmp(select_clips(cat, where), "!the query has more than", 20));
    memset(where, 'x', 4000);
    where[4000] = 0;
    CHECK(*select_clips(cat, where) == '!');
    free(where);
}

int main(void)
{
    struct nn_catalog *cat = fresh_catalog();
    struct ids a = put_picture(cat, &(struct picture){ "1", "a", "happy", "train", "" });
    struct ids c;
    struct nn_tagging t = { NN_ON_CLIP, 0, NN_PERSON, "ada", 1 };
    int64_t film, tag, chaotic, noir, id;
    int changed;

    put_picture(cat, &(struct picture){ "2", "b", "angry", "train", "" });
    c = put_picture(cat, &(struct picture){ "3", "c", "angry", "valid", "ada" });
    film = add_film(cat);
    t.target_id = film;
    CHECK_OK(nn_tag_id(cat, "rain-soaked-skin-tones", 0, &tag, &err), &err);
    CHECK_OK(nn_tag_put(cat, tag, &t, &changed, &err), &err);

    CHECK_OK(nn_collection_id(cat, "chaotic beauty", &chaotic, &err), &err);
    CHECK_OK(nn_collection_id(cat, "Neon Noir", &noir, &err), &err);
    CHECK(nn_collection_id(cat, "Beauty", &id, &err) == -1 && strstr(err.msg, "Chaotic Beauty"));
    CHECK_OK(nn_collection_add(cat, chaotic, a.clip, &changed, &err), &err);
    CHECK(changed);
    CHECK_OK(nn_collection_add(cat, chaotic, a.clip, &changed, &err), &err);
    CHECK(!changed);
    CHECK_OK(nn_collection_add(cat, noir, c.clip, &changed, &err), &err);
    CHECK(nn_collection_add(cat, noir, 4711, &changed, &err) == -1);
    CHECK_OK(nn_collection_create(cat, 0, "Angry", "emotion:angry", &id, &err), &err);
    CHECK(nn_collection_create(cat, 0, "angry", NULL, &id, &err) == -1 && err.code == NN_EUSAGE);
    CHECK(nn_collection_create(cat, 0, "Bad", "mod:x", &id, &err) == -1);
    CHECK(nn_collection_create(cat, 0, "", NULL, &id, &err) == -1);
    /* A child whose query is its parent would hold itself. */
    CHECK_OK(nn_collection_create(cat, 0, "Loop", NULL, &id, &err), &err);
    CHECK(nn_collection_create(cat, id, "Child", "in:Loop", &id, &err) == -1);
    CHECK(strstr(err.msg, "circle") && nn_collection_id(cat, "Child", &id, &err) == -1);
    query_table(cat);
    many_values(cat);

    found[0] = 0;
    CHECK_OK(nn_collection_each(cat, see_collection, NULL, &err), &err);
    CHECK(!strcmp(found, "0Angry:2 0Loop:0 0Neon Noir:2 1Chaotic Beauty:1 1Smoke & Mirrors:0 "));
    CHECK_OK(nn_collection_remove(cat, chaotic, a.clip, &changed, &err), &err);
    CHECK(changed && !strcmp(select_clips(cat, "Neon Noir"), "c"));
    end_catalog(cat);
    return test_done();
}
