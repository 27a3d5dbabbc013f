/* neonnoir label faces: a person's word on what faces show and whose they are. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/emotion.h"
#include "datasets/tag.h"
#include "labeler/change.h"
#include "labeler/cmds.h"

static struct {
    const char *emotion, *subject, *faces, *of;
    double at;
} o = { .at = -1 };

/* How far from --at a face may be, in seconds: further, and another one is meant. */
static const double NEAR = 0.5;

const struct nn_opt nn_label_faces_opts[] = {
    { "emotion", 'e', NN_OPT_TEXT, "NAME", "angry disgust fear happy neutral sad surprise",
      &o.emotion, 0, 0 },
    { "subject", 0, NN_OPT_TEXT, "PERSON", "whose face it is (\"\": nobody's)", &o.subject, 0, 0 },
    { "of", 0, NN_OPT_TEXT, "WHOM", "only those of this subject: a person, or \"track-2\"", &o.of,
      0, 0 },
    { "at", 0, NN_OPT_REAL, "SECONDS", "only the faces nearest to this time of the film", &o.at, 0,
      1e7 },
    { "face", 0, NN_OPT_TEXT, "ID,...", "only these (dataset show CLIP lists them)", &o.faces, 0,
      0 },
    { 0 },
};

struct face {
    int64_t id, pts;
    int chosen;
};

struct faces {
    struct face *f;
    int count, room;
    struct nn_err *err;
};

/* A track is found by its short name, "track-2" for "megamind-1/track-2". */
static int is_of(const char *subject)
{
    const char *slash = strrchr(subject, '/');

    return o.of && (!strcmp(subject, o.of) || (slash && !strcmp(slash + 1, o.of)));
}

static int take(void *arg, const struct nn_face_row *row)
{
    struct faces *s = arg;

    if (s->count == s->room) {
        int room = s->room ? 2 * s->room : 64;
        struct face *more = realloc(s->f, (size_t)room * sizeof *more);
        if (!more)
            return nn_fail_mem(s->err, "faces");
        s->f = more;
        s->room = room;
    }
    s->f[s->count++] = (struct face){ row->id, row->pts, is_of(row->subject) };
    return 0;
}

/* The faces of the one moment that is nearest. */
static int choose_at(struct faces *s, const struct nn_medium *m, struct nn_err *err)
{
    double unit = (double)m->time_base_num / (double)m->time_base_den, best = INFINITY;
    int64_t pts = 0;

    for (int i = 0; i < s->count; i++) {
        double away = fabs((double)(s->f[i].pts - m->first_pts) * unit - o.at);
        if (away < best) {
            best = away;
            pts = s->f[i].pts;
        }
    }
    if (best > NEAR)
        return nn_fail(err, NN_ENOTFOUND, "no face within %g s of %g s; the nearest is at %.2f s",
                       NEAR, o.at, (double)(pts - m->first_pts) * unit);
    for (int i = 0; i < s->count; i++)
        s->f[i].chosen = s->f[i].pts == pts;
    return 0;
}

static int choose_listed(struct faces *s, const char *clip, struct nn_err *err)
{
    const char *p = o.faces;
    char *end;

    do {
        long long id = strtoll(p, &end, 10);
        int i = 0;
        if (end == p || (*end && *end != ','))
            return nn_fail(err, NN_EUSAGE, "--face takes numbers joined by ',', not \"%.60s\"",
                           o.faces);
        while (i < s->count && s->f[i].id != id)
            i++;
        if (i == s->count)
            return nn_fail(err, NN_ENOTFOUND, "face %lld is not in %s; `neonnoir dataset show %s` "
                           "lists its faces", id, clip, clip);
        s->f[i].chosen = 1;
        p = end + 1;
    } while (*end);
    return 0;
}

/* take() has marked them. */
static int chosen_of(const struct faces *s, const char *clip, struct nn_err *err)
{
    for (int i = 0; i < s->count; i++)
        if (s->f[i].chosen)
            return 0;
    return nn_fail(err, NN_ENOTFOUND, "no face of \"%.60s\" in %s; `neonnoir dataset show %s` "
                   "lists its faces", o.of, clip, clip);
}

static int choose(struct faces *s, const struct nn_medium *m, const char *clip, struct nn_err *err)
{
    if (!s->count)
        return nn_fail(err, NN_ENOTFOUND, "no faces were found in %s", clip);
    if (o.faces)
        return choose_listed(s, clip, err);
    if (o.at >= 0)
        return choose_at(s, m, err);
    if (o.of)
        return chosen_of(s, clip, err);
    for (int i = 0; i < s->count; i++)
        s->f[i].chosen = 1;
    return 0;
}

static int label(struct nn_catalog *cat, const struct faces *s, const char *who, int emotion,
                 struct nn_err *err)
{
    char tag[40];
    int64_t id = 0;
    int n = 0, one;

    if (emotion >= 0) {
        snprintf(tag, sizeof tag, "emotion/%s", nn_emotions[emotion].name);
        if (nn_tag_id(cat, tag, 1, &id, err))
            return -1;
    }
    for (int i = 0; i < s->count; i++) {
        struct nn_tagging t = { NN_ON_FACE, s->f[i].id, NN_PERSON, who, 1.0f };
        if (!s->f[i].chosen)
            continue;
        if ((id && nn_tag_put(cat, id, &t, &one, err)) ||
            (o.subject && nn_face_set_subject(cat, s->f[i].id, o.subject, err)))
            return -1;
        n++;
    }
    printf("%d face%s of %d labelled%s%s%s%s\n", n, n == 1 ? "" : "s", s->count, id ? " " : "",
           id ? nn_emotions[emotion].name : "", o.subject ? ", subject " : "",
           o.subject ? o.subject : "");
    return 0;
}

static int faces(struct nn_catalog *cat, const char *who, int argc, char **argv, struct nn_err *err)
{
    int emotion = o.emotion ? nn_emotion_find(o.emotion) : -1, ret = -1;
    struct faces s = { .err = err };
    struct nn_clip c;
    struct nn_medium m;
    int64_t id;

    (void)argc;
    if (!o.emotion && !o.subject)
        return nn_fail(err, NN_EUSAGE, "say what they show with --emotion, or whose they are with "
                       "--subject");
    if (o.emotion && emotion < 0)
        return nn_fail(err, NN_EUSAGE, "\"%.40s\" is none of angry disgust fear happy neutral sad "
                       "surprise", o.emotion);
    if ((o.faces != NULL) + (o.at >= 0) + (o.of != NULL) > 1)
        return nn_fail(err, NN_EUSAGE, "one of --at, --face and --of, not several");
    if (!nn_clip_find(cat, argv[0], &id, err) && !nn_clip_load(cat, id, &c, &m, err) &&
        !nn_face_each(cat, id, take, &s, err) && !choose(&s, &m, c.name, err))
        ret = label(cat, &s, who, emotion, err);
    free(s.f);
    return ret;
}

int nn_label_faces(int argc, char **argv, struct nn_err *err)
{
    char verb[200];

    snprintf(verb, sizeof verb, "faces%s%.40s%s%.80s", o.emotion ? " --emotion " : "",
             o.emotion ? o.emotion : "", o.subject ? " --subject " : "",
             o.subject ? o.subject : "");
    return nn_change(verb, argc, argv, faces, err);
}
