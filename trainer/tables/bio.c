/*
 * Arousal by pulse and skin: people at rest and under stress (Stroop test, interview, hurried
 * breathing). Heart rates of all people stand in one file; for some there are the wristband's own
 * files too, with beats and skin conductance.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/bio/features.h"
#include "trainer/csv.h"
#include "trainer/tables/tasks.h"

/* Seconds: a row is the last WINDOW, every STEP; the first REST say what rest is. */
enum { WINDOW = 60, STEP = 10, REST = 300, PEOPLE = NN_TABLE_GROUPS, LONGEST = 4 * 3600 };

struct series {
    double *at, *v;             /* seconds (unix), value */
    int n, cap;
};

struct person {
    int number;
    struct series rate, label, beats, skin;
};

struct reader {
    struct person person[PEOPLE];
    int people;
};

static int append(struct series *s, double at, double v, struct nn_err *err)
{
    if (s->n == s->cap) {
        int cap = s->cap ? 2 * s->cap : 4096;
        double *a, *b;
        if (s->n >= 64 * LONGEST)
            return nn_fail(err, NN_EUNSUPPORTED, "a recording is too long");
        if ((a = realloc(s->at, (size_t)cap * sizeof *a)))
            s->at = a;
        if ((b = realloc(s->v, (size_t)cap * sizeof *b)))
            s->v = b;
        if (!a || !b)
            return nn_fail_mem(err, "recording");
        s->cap = cap;
    }
    s->at[s->n] = at;
    s->v[s->n++] = v;
    return 0;
}

static struct person *find_person(struct reader *r, int number, struct nn_err *err)
{
    for (int i = 0; i < r->people; i++)
        if (r->person[i].number == number)
            return &r->person[i];
    if (r->people == PEOPLE) {
        nn_fail(err, NN_EUNSUPPORTED, "more than %d people", PEOPLE);
        return NULL;
    }
    r->person[r->people].number = number;
    return &r->person[r->people++];
}

/* Participant,HR,respr,Time(sec),Label; without HR at some ends. */
static int read_labels(struct reader *r, struct nn_csv *c, struct nn_err *err)
{
    static const char *const columns[] = { "Participant", "HR", "Time(sec)", "Label", NULL };
    int at[4], width = nn_csv_head(c, columns, at, err), more;

    if (width < 0)
        return -1;
    c->missing = 1;
    while ((more = nn_csv_row(c, width, err)) > 0) {
        double number = c->v[at[0]], rate = c->v[at[1]], when = c->v[at[2]], label = c->v[at[3]];
        struct person *p;
        if (isnan(rate))
            continue;
        if (!(number >= 0 && number < 1e6) || isnan(when) || (label != 0 && label != 1))
            return nn_fail(err, NN_EFORMAT, "%s, line %lld: no person, time or label of 0 or 1",
                           c->name, (long long)c->line);
        if (!(p = find_person(r, (int)number, err)) || append(&p->rate, when, rate, err) ||
            append(&p->label, when, label, err))
            return -1;
    }
    return more;
}

/* Start, rate, then values. */
static int read_skin(struct person *p, struct nn_csv *c, struct nn_err *err)
{
    double start, rate;
    int more;

    if ((more = nn_csv_row(c, 1, err)) <= 0)
        return more;
    start = c->v[0];
    if ((more = nn_csv_row(c, 1, err)) <= 0)
        return more;
    rate = c->v[0];
    if (!(rate >= 1 && rate <= 1000))
        return nn_fail(err, NN_EFORMAT, "%s: a rate of %g a second", c->name, rate);
    while ((more = nn_csv_row(c, 1, err)) > 0)
        if (append(&p->skin, start + p->skin.n / rate, c->v[0], err))
            return -1;
    return more;
}

/* A line "start, IBI", then seconds since the start and since the beat before. */
static int read_beats(struct person *p, struct nn_csv *c, struct nn_err *err)
{
    static const char *const columns[] = { " IBI", NULL };
    size_t size = (size_t)(c->end - c->at);
    char first[40], *end;
    double start;
    int at, more;

    size = size < sizeof first ? size : sizeof first - 1;
    memcpy(first, c->at, size);
    first[size] = 0;
    start = strtod(first, &end);
    if (nn_csv_head(c, columns, &at, err) < 0)
        return -1;
    if (end == first || *end != ',' || !isfinite(start) || at != 1)
        return nn_fail(err, NN_EFORMAT, "%s does not begin with a time and IBI", c->name);
    while ((more = nn_csv_row(c, 2, err)) > 0)
        if (append(&p->beats, start + c->v[0], c->v[1], err))
            return -1;
    return more;
}

/* SNN/EDA.csv, SNN/IBI.csv, and the table of all people. */
static int take_file(void *arg, const char *name, const void *data, size_t size,
                     struct nn_err *err)
{
    struct reader *r = arg;
    const char *base = nn_table_base(name), *folder = base;
    struct person *p;
    struct nn_csv c;
    char *end;
    long number;

    nn_csv_init(&c, name, data, size);
    if (!strcmp(base, "Improved_All_Combined_hr_rsp_binary.csv"))
        return read_labels(r, &c, err);
    if (strcmp(base, "EDA.csv") && strcmp(base, "IBI.csv"))
        return 0;
    for (folder -= base > name; folder > name && folder[-1] != '/';)
        folder--;
    number = *folder == 'S' ? strtol(folder + 1, &end, 10) : -1;
    if (number < 0 || number > 1000000 || *end != '/')
        return nn_fail(err, NN_EFORMAT, "%s is in no person's folder (S02)", name);
    if (!(p = find_person(r, (int)number, err)))
        return -1;
    return *base == 'E' ? read_skin(p, &c, err) : read_beats(p, &c, err);
}

/* Mean of a series from..to; NAN without a value. */
static float mean(const struct series *s, double from, double to)
{
    double sum = 0;
    int n = 0;

    for (int i = 0; i < s->n; i++) {
        if (s->at[i] >= from && s->at[i] < to) {
            sum += s->v[i];
            n++;
        }
    }
    return n ? (float)(sum / n) : NAN;
}

static struct nn_bio_level level(const struct person *p, double from, double to)
{
    const struct series *b = &p->beats;
    int first = 0, last;

    while (first < b->n && b->at[first] < from)
        first++;
    for (last = first; last < b->n && b->at[last] < to;)
        last++;
    return (struct nn_bio_level){
        mean(&p->rate, from, to),
        b->n ? nn_bio_rmssd(b->at + first, b->v + first, last - first) : NAN,
        mean(&p->skin, from, to),
    };
}

static int add_person(struct nn_table *t, const struct person *p, struct nn_err *err)
{
    double begin = p->rate.n ? p->rate.at[0] : 0, end = p->rate.n ? p->rate.at[p->rate.n - 1] : 0;
    struct nn_bio_level rest = level(p, begin, begin + REST), now;
    char name[NN_TABLE_NAME];
    float x[NN_BIO_FLOATS];
    int group;

    if (end - begin > LONGEST)
        return nn_fail(err, NN_EFORMAT, "person %d is recorded for more than %d s", p->number,
                       (int)LONGEST);
    if (end - begin < REST + WINDOW)    /* skin and beats alone say nothing of stress */
        return 0;
    snprintf(name, sizeof name, "person %02d", p->number);
    if ((group = nn_table_group(t, name, err)) < 0)
        return -1;
    for (double at = begin + REST + WINDOW; at <= end; at += STEP) {
        float stress = mean(&p->label, at - WINDOW, at);
        now = level(p, at - WINDOW, at);
        if (isnan(stress))
            continue;
        nn_bio_features(NULL, &now, &rest, x);
        if (nn_table_add(t, x, stress > 0.5f, group, -1, err))
            return -1;
    }
    return 0;
}

static void release(struct reader *r)
{
    for (int i = 0; i < r->people; i++) {
        struct series *s[] = { &r->person[i].rate, &r->person[i].label, &r->person[i].beats,
                               &r->person[i].skin };
        for (int k = 0; k < 4; k++) {
            free(s[k]->at);
            free(s[k]->v);
        }
    }
    free(r);
}

static int load(struct nn_table *t, const char *path, struct nn_err *err)
{
    struct reader *r = calloc(1, sizeof *r);
    int ret = r ? 0 : nn_fail_mem(err, path);

    nn_table_init(t, NN_BIO_FLOATS);
    if (r && nn_table_walk(path, take_file, r, err))
        ret = nn_fail_in(err, "%s", path);
    for (int i = 0; r && i < r->people && !ret; i++)
        ret = add_person(t, &r->person[i], err);
    if (!ret && !t->n)
        ret = nn_fail(err, NN_ENOTFOUND, "%s holds no person at rest and under stress", path);
    if (r)
        release(r);
    return ret;
}

/* Senses come and go: without the others, each must do. */
static void vary(const float *in, float *out, int *label, struct nn_rng *rng)
{
    int there = 0;

    (void)label;
    memcpy(out, in, NN_BIO_FLOATS * sizeof *out);
    for (int at = NN_BIO_RATE; at < NN_BIO_FLOATS; at += 2) {
        if (out[at + 1] > 0)
            out[at] += 0.1f * nn_rng_normal(rng);
        there += out[at + 1] > 0;
    }
    for (int at = NN_BIO_RATE; at < NN_BIO_FLOATS && there > 1; at += 2) {
        if (out[at + 1] > 0 && nn_rng_below(rng, 4) == 0) {
            out[at] = out[at + 1] = 0;
            there--;
        }
    }
}

const struct nn_table_task nn_task_fusion = {
    .name = "fusion", .brief = "face, pulse and skin to arousal",
    .classes = "rest,stress", .features = NN_BIO_VERSION,
    .units = "7 emotion logits and 1 (a face); (bpm above rest) / 10 and 1 (known); ln of rmssd "
             "over rest and 1; ln of skin conductance over rest and 1; 0 for what is not known",
    .licence = "MIT, italha-d/Stress-Predict-Dataset",
    .input = "senses", .channels = NN_BIO_FLOATS, .length = 1, .width = 16, .epochs = 8,
    .balance = 1, .groups = "person", .load = load, .vary = vary,
};
