/* record_read.c - reading the log of a live show, bytes of which may be anything. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/record.h"
#include "runtime/record_pack.h"

enum { LARGEST = 4 * NN_LOG_TEXT };     /* bytes of a record */

/* The next whole record: its kind; 0 at the end or where it breaks off; -1 out of memory. */
static int fetch(struct nn_log *l, struct nn_unpack *k, struct nn_err *err)
{
    uint8_t head[9];
    struct nn_unpack h = { head, sizeof head, 0 };
    size_t got = fread(head, 1, sizeof head, l->f), size;
    uint32_t crc;

    l->cut = got > 0;                   /* until the record turns out to be whole */
    if (got < sizeof head)
        return 0;
    size = (size_t)nn_unpack_int(&h, 4);
    crc = (uint32_t)nn_unpack_int(&h, 4);
    if (size > LARGEST)
        return 0;
    if (size > l->room) {
        uint8_t *more = realloc(l->record, size);
        if (!more)
            return nn_fail_mem(err, "log");
        l->record = more;
        l->room = size;
    }
    if (fread(l->record, 1, size, l->f) != size || nn_log_crc(head[8], l->record, size) != crc)
        return 0;
    l->cut = 0;
    l->records++;
    *k = (struct nn_unpack){ l->record, size, 0 };
    return head[8];
}

static int wrong(const struct nn_log *l, const char *what, struct nn_err *err)
{
    return nn_fail(err, NN_EFORMAT, "%s: record %lld: %s", l->path, (long long)l->records, what);
}

static int read_head(struct nn_log *l, struct nn_unpack *k, struct nn_err *err)
{
    struct nn_log_head *h = &l->head;
    uint32_t version = (uint32_t)nn_unpack_int(k, 4), w, height;

    if (version != NN_LOG_VERSION)
        return nn_fail(err, NN_EUNSUPPORTED, "%s: a log of version %u, we know %d", l->path,
                       version, NN_LOG_VERSION);
    w = (uint32_t)nn_unpack_int(k, 4);
    height = (uint32_t)nn_unpack_int(k, 4);
    h->camera = (int)nn_unpack_int(k, 1);
    h->flash_free = (int)nn_unpack_int(k, 1);
    h->time_base.num = (int64_t)nn_unpack_int(k, 8);
    h->time_base.den = (int64_t)nn_unpack_int(k, 8);
    h->frame_rate.num = (int64_t)nn_unpack_int(k, 8);
    h->frame_rate.den = (int64_t)nn_unpack_int(k, 8);
    h->seed = nn_unpack_int(k, 8);
    nn_unpack_text(k, h->input, sizeof h->input);
    nn_unpack_text(k, h->program, sizeof h->program);
    if (k->bad || w < 1 || w > 32768 || height < 1 || height > 32768 || h->time_base.num < 1 ||
        h->time_base.den < 1 || h->frame_rate.num < 0 || h->frame_rate.den < 0)
        return wrong(l, "the head makes no sense", err);
    h->w = (int)w;
    h->h = (int)height;
    return 0;
}

int nn_log_open(struct nn_log *l, const char *path, FILE *f, struct nn_err *err)
{
    char magic[sizeof nn_log_magic];
    struct nn_unpack k;
    int kind;

    memset(l, 0, sizeof *l);
    l->f = f;
    if (nn_path(l->path, err, "%s", path))
        return -1;
    if (!l->f && !(l->f = fopen(path, "rb")))
        return nn_fail_errno(err, "cannot read %s", path);
    if (fread(magic, 1, sizeof magic, l->f) != sizeof magic ||
        memcmp(magic, nn_log_magic, sizeof magic))
        return nn_fail(err, NN_EFORMAT, "%s is no log of a live show", path);
    if ((kind = fetch(l, &k, err)) < 0)
        return -1;
    if (kind != 'H')
        return nn_fail(err, NN_EFORMAT, "%s: the log has no head", path);
    return read_head(l, &k, err);
}

static int read_patch(struct nn_log *l, struct nn_unpack *k, struct nn_err *err)
{
    char name[64];
    size_t size;

    l->t = nn_unpack_f64(k);
    l->goes_on = (int)nn_unpack_int(k, 1);
    nn_unpack_text(k, l->patch_path, sizeof l->patch_path);
    size = k->left >= 4 ? k->left - 4 : 0;
    free(l->json);
    if (!(l->json = calloc(1, size + 1)))
        return nn_fail_mem(err, "log");
    nn_unpack_text(k, l->json, size + 1);
    l->effects = (int)nn_unpack_int(k, 2);
    if (l->effects > NN_MAX_CHAIN)
        return wrong(l, "more effects than there may be", err);
    for (int i = 0; i < l->effects; i++)
        nn_unpack_text(k, l->effect[i], sizeof l->effect[i]);
    l->signals = (int)nn_unpack_int(k, 2);
    if (l->signals > NN_SIGNALS)
        return wrong(l, "more signals than there are", err);
    for (int i = 0; i < l->signals; i++) {
        nn_unpack_text(k, name, sizeof name);
        l->signal[i] = nn_signal_find(name);
    }
    memset(l->value, 0, sizeof l->value);
    memset(&l->drive, 0, sizeof l->drive);
    return NN_LOG_PATCH;
}

/* What effects and drawings may rely on: numbers, near the picture. */
static int sane(const float *v, int n)
{
    for (int i = 0; i < n; i++)
        if (!(v[i] > -1e5f && v[i] < 1e5f))
            return 0;
    return 1;
}

static int read_seen(struct nn_log *l, struct nn_unpack *k, struct nn_err *err)
{
    struct nn_seen *s = &l->seen;

    memset(s, 0, sizeof *s);
    s->looks = (int64_t)nn_unpack_int(k, 8);
    s->t = nn_unpack_f64(k);
    s->cut_t = nn_unpack_f64(k);
    s->cuts = (int64_t)nn_unpack_int(k, 8);
    nn_unpack_f32(k, &s->detect_ms, 1);
    nn_unpack_f32(k, &s->emotion_ms, 1);
    s->faces.count = (int)nn_unpack_int(k, 2);
    if (s->faces.count > NN_MAX_TRACKS) {
        s->faces.count = 0;
        return wrong(l, "more faces than there may be", err);
    }
    for (int i = 0; i < s->faces.count; i++) {
        struct nn_track *f = &s->faces.track[i];
        float box[4];
        f->id = (int)(uint32_t)nn_unpack_int(k, 4);
        nn_unpack_f32(k, box, 4);
        f->box = (struct nn_box){ box[0], box[1], box[2], box[3] };
        f->value[2] = box[2];
        nn_unpack_f32(k, &f->score, 1);
        nn_unpack_f32(k, &f->presence, 1);
        f->has_mood = (int)nn_unpack_int(k, 1);
        nn_unpack_f32(k, f->mood, NN_EMOTIONS);
        nn_unpack_f32(k, &f->sure, 1);
        nn_unpack_f32(k, f->affect, 2);
        f->points = nn_unpack_int(k, 1) ? 5 : 0;
        nn_unpack_f32(k, f->point[0], 10);
        nn_unpack_f32(k, f->pose, 3);
        if (!sane(box, 4) || !sane(&f->presence, 1) || !sane(f->mood, NN_EMOTIONS) ||
            !sane(&f->sure, 1) || !sane(f->affect, 2) || !sane(f->point[0], 10) ||
            !sane(f->pose, 3)) {
            s->faces.count = 0;
            return wrong(l, "a face that makes no sense", err);
        }
    }
    return NN_LOG_SEEN;
}

static int read_person(struct nn_person *who, struct nn_unpack *k)
{
    float box[4];

    memset(who, 0, sizeof *who);
    nn_unpack_f32(k, &who->presence, 1);
    nn_unpack_f32(k, box, 4);
    who->face = (struct nn_box){ box[0], box[1], box[2], box[3] };
    who->points = nn_unpack_int(k, 1) ? 5 : 0;
    nn_unpack_f32(k, who->point[0], 10);
    nn_unpack_f32(k, who->pose, 3);
    nn_unpack_f32(k, &who->beat, 1);
    return sane(&who->presence, 1) && sane(box, 4) && sane(who->point[0], 10) &&
           sane(who->pose, 3) && sane(&who->beat, 1);
}

static int read_changes(struct nn_log *l, struct nn_unpack *k, struct nn_err *err)
{
    int n = (int)nn_unpack_int(k, 2);

    for (int i = 0; i < n && !k->bad; i++) {
        int at = (int)nn_unpack_int(k, 2);
        float v;
        nn_unpack_f32(k, &v, 1);
        if (at >= l->signals)
            return wrong(l, "a signal that there is not", err);
        if (l->signal[at] >= 0)
            l->value[l->signal[at]] = v;
    }
    n = (int)nn_unpack_int(k, 2);
    for (int i = 0; i < n && !k->bad; i++) {
        int effect = (int)nn_unpack_int(k, 1), param = (int)nn_unpack_int(k, 1);
        float v;
        nn_unpack_f32(k, &v, 1);
        if (effect >= l->effects || param >= NN_MAX_PARAMS)
            return wrong(l, "a parameter that there is not", err);
        l->drive.value[effect][param] = v;
    }
    return 0;
}

static int read_frame(struct nn_log *l, struct nn_unpack *k, struct nn_err *err)
{
    struct nn_log_frame *f = &l->frame;
    int64_t number = f->number;
    int person;
    double t = f->t;

    f->number = (int64_t)nn_unpack_int(k, 8);
    f->pts = (int64_t)nn_unpack_int(k, 8);
    l->t = f->t = nn_unpack_f64(k);
    f->level = (int)nn_unpack_int(k, 1);
    nn_unpack_f32(k, f->ms, NN_STAGES);
    nn_unpack_f32(k, &f->latency_ms, 1);
    person = read_person(&l->drive.who, k);
    if (read_changes(l, k, err))
        return -1;
    f->hash = nn_unpack_int(k, 8);
    if (k->bad || !person || !isfinite(f->t) || (l->frames && !(f->t >= t)) || f->number < 0 ||
        (l->frames && f->number <= number))
        return wrong(l, "a frame that makes no sense", err);
    if (!l->json)
        return wrong(l, "a frame before the first patch", err);
    l->frames++;
    return NN_LOG_FRAME;
}

int nn_log_next(struct nn_log *l, struct nn_err *err)
{
    struct nn_unpack k = { NULL, 0, 0 };
    int kind = fetch(l, &k, err), ret = NN_LOG_END;

    switch (kind) {
    case 0: case 'E': return NN_LOG_END;
    case -1: return -1;
    case 'P': ret = read_patch(l, &k, err); break;
    case 'S': ret = read_seen(l, &k, err); break;
    case 'F': ret = read_frame(l, &k, err); break;
    case 'K':
        l->t = nn_unpack_f64(&k);
        nn_unpack_text(&k, l->event, sizeof l->event);
        ret = NN_LOG_EVENT;
        break;
    default: return wrong(l, "of a kind that we do not know", err);
    }
    return ret >= 0 && k.bad ? wrong(l, "it is too short", err) : ret;
}

void nn_log_release(struct nn_log *l)
{
    if (l->f)
        fclose(l->f);
    free(l->record);
    free(l->json);
    memset(l, 0, sizeof *l);
}
