/* Snapshots: labels, splits by subject, clip and picture, leaks, consent, a stable hash. */
#include "common/emotion.h"
#include "datasets/consent.h"
#include "tests/catalog.h"

static struct nn_snapshot make(struct nn_catalog *cat, const char *name, const char *where,
                               double valid, uint64_t seed, int keep)
{
    struct nn_snapshot_request req = { name, where, valid, seed, keep };
    struct nn_snapshot s;

    CHECK_OK(nn_snapshot_make(cat, &req, &s, &err), &err);
    return s;
}

static int64_t count(const struct nn_snapshot *s, int split, int leaked)
{
    int64_t n = 0;

    for (int64_t i = 0; i < s->count; i++)
        n += s->sample[i].split == split && s->sample[i].leaked == leaked;
    return n;
}

static int label_of(const struct nn_snapshot *s, int64_t face)
{
    for (int64_t i = 0; i < s->count; i++)
        if (s->sample[i].face == face)
            return s->sample[i].label;
    return -1;
}

/* "dup" is in train twice (with two labels) and in valid. */
static const struct picture set[] = {
    { "one", "train/happy/1.png", "happy", "train", "" },
    { "two", "train/sad/2.png", "sad", "train", "" },
    { "dup", "train/sad/3.png", "sad", "train", "" },
    { "dup", "train/fear/4.png", "fear", "train", "" },
    { "dup", "valid/sad/5.png", "sad", "valid", "" },
    { "six", "valid/angry/6.png", "angry", "valid", "" },
    { "ten", "test/angry/7.png", "angry", "test", "" },
    { "none", "train/none/8.png", NULL, "train", "" },
};
enum { COUNT = sizeof set / sizeof *set };

static void given_splits(void)
{
    struct nn_catalog *cat = fresh_catalog();
    struct nn_snapshot s, loaded;
    nn_hash hash;

    for (int i = 0; i < COUNT; i++)
        put_picture(cat, &set[i]);
    s = make(cat, "kept", NULL, 0, 1, 1);
    CHECK(s.count == 7 && s.leaks == 0);
    CHECK(count(&s, NN_TRAIN, 0) == 4);
    CHECK(count(&s, NN_VALID, 1) == 1 && count(&s, NN_VALID, 0) == 1);
    nn_snapshot_release(&s);

    s = make(cat, NULL, NULL, 0, 1, 0);
    CHECK(s.count == 5 && s.leaks == 2 && !strcmp(s.licence, "test licence"));
    CHECK(count(&s, NN_TRAIN, 0) == 2 && count(&s, NN_VALID, 1) == 1 && count(&s, NN_TEST, 0) == 1);
    for (int64_t i = 1; i < s.count; i++)
        CHECK(s.sample[i - 1].split <= s.sample[i].split);
    CHECK_OK(nn_snapshot_load(cat, "latest", &loaded, &err), &err);
    CHECK(loaded.count == s.count && !strcmp(loaded.hash, s.hash) && loaded.leaks == 2);
    CHECK(!strcmp(loaded.name, s.name) && !strcmp(loaded.licence, s.licence));
    for (int64_t i = 0; i < s.count; i++)
        CHECK(loaded.sample[i].face == s.sample[i].face &&
              loaded.sample[i].label == s.sample[i].label &&
              loaded.sample[i].split == s.sample[i].split &&
              loaded.sample[i].leaked == s.sample[i].leaked &&
              !strcmp(loaded.sample[i].picture, s.sample[i].picture));
    snprintf(hash, sizeof hash, "%s", s.hash);
    nn_snapshot_release(&loaded);
    nn_snapshot_release(&s);
    CHECK(nn_snapshot_load(cat, "none", &s, &err) == -1 && err.code == NN_ENOTFOUND);
    end_catalog(cat);

    /* The same pictures in another order: other ids, the same hash. */
    cat = fresh_catalog();
    for (int i = COUNT; i--;)
        put_picture(cat, &set[i]);
    s = make(cat, NULL, "kind:image", 0, 77, 0);
    CHECK(!strcmp(s.hash, hash));
    nn_snapshot_release(&s);
    end_catalog(cat);
}

static void refusals(void)
{
    struct nn_catalog *cat = fresh_catalog();
    struct nn_snapshot_request empty = { 0 }, share = { .valid = 0.95 };
    struct nn_snapshot s;

    CHECK(nn_snapshot_make(cat, &empty, &s, &err) == -1 && strstr(err.msg, "nothing to freeze"));
    CHECK(nn_snapshot_make(cat, &share, &s, &err) == -1 && err.code == NN_EUSAGE);
    put_picture(cat, &set[0]);
    s = make(cat, "mine", NULL, 0, 0, 0);
    nn_snapshot_release(&s);
    static const char *const bad[] = { "mine", "latest", "17", "", "line\nbreak" };
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct nn_snapshot_request req = { .name = bad[i] };
        CHECK(nn_snapshot_make(cat, &req, &s, &err) == -1 && err.code == NN_EUSAGE);
    }
    end_catalog(cat);
}

/* Which of `n` equal strings' samples are valid; all of a kind must agree. */
static void own_splits(void)
{
    enum { N = 60 };
    struct nn_catalog *cat = fresh_catalog();
    struct ids id[N];
    int8_t split[N], other[N];
    struct nn_snapshot s;
    int differs = 0;

    for (int i = 0; i < N; i++) {
        char bytes[16], path[16], subject[16];
        snprintf(bytes, sizeof bytes, "picture %d", i % 50);        /* ten are twice there */
        snprintf(path, sizeof path, "p%d.png", i);
        snprintf(subject, sizeof subject, "person %d", i % 12);
        id[i] = put_picture(cat, &(struct picture){ bytes, path, "happy", "", i < 40 ? subject
                                                                                    : "" });
    }
    s = make(cat, NULL, NULL, 0.25, 5, 0);
    CHECK(s.count == N && s.leaks == 0);
    CHECK(count(&s, NN_VALID, 0) > 0 && count(&s, NN_VALID, 0) <= N / 4);
    CHECK(count(&s, NN_VALID, 1) == 0 && count(&s, NN_TRAIN, 0) >= N - N / 4);
    for (int i = 0; i < N; i++)
        for (int64_t k = 0; k < s.count; k++)
            if (s.sample[k].face == id[i].face)
                split[i] = s.sample[k].split;
    for (int i = 0; i < N; i++)
        for (int k = 0; k < i; k++) {
            if (i < 40 && i % 12 == k % 12)
                CHECK(split[i] == split[k]);        /* a subject */
            if (id[i].clip == id[k].clip)
                CHECK(split[i] == split[k]);        /* a clip, a picture */
        }
    nn_snapshot_release(&s);

    for (uint64_t seed = 0; seed < 8; seed++) {
        s = make(cat, NULL, NULL, 0.25, seed, 0);
        for (int i = 0; i < N; i++)
            for (int64_t k = 0; k < s.count; k++)
                if (s.sample[k].face == id[i].face)
                    other[i] = s.sample[k].split;
        CHECK(seed != 5 || !memcmp(split, other, sizeof split));
        differs += memcmp(split, other, sizeof split) != 0;
        nn_snapshot_release(&s);
    }
    CHECK(differs >= 5);
    s = make(cat, NULL, NULL, 0, 5, 0);
    CHECK(count(&s, NN_TRAIN, 0) == N);
    nn_snapshot_release(&s);
    end_catalog(cat);

    /* Two clips and a small share: valid still gets one. */
    cat = fresh_catalog();
    put_picture(cat, &set[0]);
    put_picture(cat, &(struct picture){ "two", "2.png", "sad", "", "" });
    put_picture(cat, &(struct picture){ "tri", "3.png", "sad", "", "" });
    s = make(cat, NULL, NULL, 0.1, 0, 0);
    CHECK(count(&s, NN_VALID, 0) == 1 && count(&s, NN_TRAIN, 0) == 2);
    nn_snapshot_release(&s);
    end_catalog(cat);
}

static void label_order(void)
{
    struct nn_catalog *cat = fresh_catalog();
    struct ids p = put_picture(cat, &(struct picture){ "x", "x.png", NULL, "", "" });
    struct nn_tagging model = { NN_ON_FACE, p.face, NN_MODEL, "net", 0.6f };
    struct nn_tagging import = { NN_ON_FACE, p.face, NN_IMPORT, "fer", 0.4f };
    struct nn_tagging person = { NN_ON_FACE, p.face, NN_PERSON, "ada", 0.3f };
    static const char *const name[] = { "fear", "happy", "sad", "surprise", "contempt" };
    int64_t tag[5];
    struct nn_snapshot s;
    int changed;

    for (int i = 0; i < 5; i++) {
        char text[40];
        snprintf(text, sizeof text, "emotion/%s", name[i]);
        CHECK_OK(nn_tag_id(cat, text, i == 4, &tag[i], &err), &err);
    }
#define PUT(n, t) CHECK_OK(nn_tag_put(cat, tag[n], &(t), &changed, &err), &err)
#define LABEL(want)                                                     \
    s = make(cat, NULL, NULL, 0, 0, 0);                                 \
    CHECK(label_of(&s, p.face) == nn_emotion_find(want));               \
    nn_snapshot_release(&s)
    PUT(0, model);
    model.confidence = 0.7f;
    PUT(1, model);
    LABEL("happy");
    model.confidence = 1;
    PUT(4, model);              /* none of the seven: no label of ours */
    LABEL("happy");
    PUT(2, import);
    LABEL("sad");
    PUT(3, person);
    LABEL("surprise");
    end_catalog(cat);
}

static int see_consent(void *arg, const struct nn_consent *c)
{
    int *n = arg;

    CHECK(!strcmp(c->person, "Ada"));
    n[0]++;
    n[1] += c->in_force;
    n[2] += *c->withdrawn != 0;
    return 0;
}

static void consent(void)
{
    struct nn_catalog *cat = fresh_catalog();
    struct nn_snapshot s;
    int64_t ada, id, count_withdrawn;
    int n[3] = { 0 };

    put_picture(cat, &(struct picture){ "1", "1.png", "happy", "train", "ada" });
    put_picture(cat, &(struct picture){ "2", "2.png", "happy", "train", "bob" });
    put_picture(cat, &(struct picture){ "3", "3.png", "sad", "train", "" });
#define SAMPLES(want, left_out)                                         \
    s = make(cat, NULL, NULL, 0, 0, 0);                                 \
    CHECK(s.count == (want) && s.withheld == (left_out));               \
    nn_snapshot_release(&s)
    SAMPLES(3, 0);
    CHECK_OK(nn_person_add(cat, "Ada", "form in folder 3", &ada, &err), &err);
    SAMPLES(2, 1);
    CHECK_OK(nn_consent_grant(cat, ada, NN_PUBLICATION, NULL, &err), &err);
    SAMPLES(2, 1);
    CHECK_OK(nn_consent_grant(cat, ada, NN_TRAINING, "2999-12-31", &err), &err);
    SAMPLES(3, 0);
    CHECK(nn_consent_holds(cat, ada, NN_TRAINING, &err) == 1);
    CHECK(nn_consent_holds(cat, ada, NN_EXHIBITION, &err) == 0);
    CHECK_OK(nn_consent_withdraw(cat, ada, NN_TRAINING, &count_withdrawn, &err), &err);
    CHECK(count_withdrawn == 1);
    SAMPLES(2, 1);
    static const char *const bad[] = { "2001-01-01", "2999-02-30", "tomorrow", "2999-1-1", "" };
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(nn_consent_grant(cat, ada, NN_TRAINING, bad[i], &err) == -1 && err.code == NN_EUSAGE);
    CHECK_OK(nn_consent_each(cat, ada, see_consent, n, &err), &err);
    CHECK(n[0] == 2 && n[1] == 1 && n[2] == 1);
    CHECK_OK(nn_person_add(cat, "ADA", NULL, &id, &err), &err);
    CHECK(id == ada);
    CHECK(nn_person_find(cat, "Carl", &id, &err) == -1 && strstr(err.msg, "Ada"));
    end_catalog(cat);
}

int main(void)
{
    given_splits();
    refusals();
    own_splits();
    label_order();
    consent();
    return test_done();
}
