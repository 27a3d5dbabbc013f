#include "trainer/targets.h"

#include <stdlib.h>
#include <string.h>

/* A face's row in the catalog and its place in the split. */
struct place {
    int64_t face, index;
};

struct search {
    struct nn_targets *to;
    const struct nn_votes *votes;
    struct place *place;        /* by face */
};

static int by_face(const void *a, const void *b)
{
    int64_t x = ((const struct place *)a)->face, y = ((const struct place *)b)->face;

    return (x > y) - (x < y);
}

static int one(void *arg, int64_t face, const char *path)
{
    struct search *s = arg;
    struct place key = { face, 0 }, *p;
    const float *share = nn_votes_find(s->votes, path);
    float *to;

    p = bsearch(&key, s->place, (size_t)s->to->n, sizeof key, by_face);
    if (!p || !share)
        return 0;
    to = s->to->row + p->index * s->to->width + NN_EMOTIONS;
    s->to->voted += to[0] == 0 && !memcmp(to, to + 1, (NN_VOTES - 1) * sizeof *to);
    memcpy(to, share, NN_VOTES * sizeof *to);
    return 0;
}

static int join(struct nn_targets *t, struct nn_catalog *cat, const struct nn_snapshot *s,
                enum nn_split split, const char *path, struct nn_err *err)
{
    struct nn_votes votes;
    struct search search = { t, &votes, malloc((size_t)t->n * sizeof *search.place) };
    int64_t n = 0;
    int ret = nn_votes_read(&votes, path, err);

    if (!ret && !search.place)
        ret = nn_fail_mem(err, "votes");
    for (int64_t i = 0; i < s->count && !ret && n < t->n; i++)
        if (s->sample[i].split == (int)split) {
            search.place[n] = (struct place){ s->sample[i].face, n };
            n++;
        }
    if (!ret) {
        qsort(search.place, (size_t)n, sizeof *search.place, by_face);
        ret = nn_face_paths(cat, one, &search, err);
    }
    if (!ret && !t->voted)
        ret = nn_fail(err, NN_ENOTFOUND, "%s names no picture of snapshot %s", path, s->name);
    free(search.place);
    nn_votes_release(&votes);
    return ret;
}

int nn_targets_init(struct nn_targets *t, const struct nn_faces *f, struct nn_catalog *cat,
                    const struct nn_snapshot *s, enum nn_split split, const char *votes,
                    struct nn_err *err)
{
    *t = (struct nn_targets){ .n = f->n, .width = NN_EMOTIONS + (votes ? NN_VOTES : 0) };
    if (!(t->row = calloc((size_t)(t->n * t->width), sizeof *t->row)))
        return nn_fail_mem(err, "targets");
    for (int64_t i = 0; i < t->n; i++)
        t->row[i * t->width + f->label[i]] = 1;
    return votes ? join(t, cat, s, split, votes, err) : 0;
}

void nn_targets_release(struct nn_targets *t)
{
    free(t->row);
    *t = (struct nn_targets){ 0 };
}

void nn_targets_batch(const struct nn_targets *t, const int64_t *face, int64_t n, float *out)
{
    for (int64_t i = 0; i < n; i++)
        memcpy(out + i * t->width, t->row + face[i] * t->width, (size_t)t->width * sizeof *out);
}
