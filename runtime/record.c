/* record.c - writing the log of a live show. */
#include "runtime/record.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/progress.h"
#include "runtime/record_pack.h"

enum { RECORD = 1 << 16, BUFFER = 1 << 18 };
static const double FLUSH = 0.5;    /* seconds of a show that a power cut may cost */

struct nn_recorder {
    FILE *f;
    char path[NN_PATH];
    int failed;
    struct nn_err why;
    double flushed;
    float value[NN_SIGNALS];        /* what the log has said last */
    float drive[NN_MAX_CHAIN][NN_MAX_PARAMS];
    uint8_t record[RECORD];
    char buffer[BUFFER];
};

uint64_t nn_picture_hash(const struct nn_image *img)
{
    uint64_t lane[4] = { 0x9e3779b97f4a7c15u, 0xbf58476d1ce4e5b9u, 0x94d049bb133111ebu,
                         (uint64_t)img->w << 32 | (uint64_t)img->h };
    const uint8_t *p = img->px, *end = p + nn_image_size(img);
    uint64_t h = 0, word[4];

    for (; p < end; p += sizeof word) {
        size_t n = (size_t)(end - p) < sizeof word ? (size_t)(end - p) : sizeof word;
        memset(word, 0, sizeof word);
        memcpy(word, p, n);
        for (int i = 0; i < 4; i++) {
            lane[i] = (lane[i] ^ word[i]) * 0xd6e8feb86659fd93u;
            lane[i] = lane[i] << 29 | lane[i] >> 35;
        }
        if (n < sizeof word)
            break;
    }
    for (int i = 0; i < 4; i++) {
        h = (h ^ lane[i]) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    return h;
}

static struct nn_pack begin(struct nn_recorder *r)
{
    return (struct nn_pack){ .p = r->record, .room = sizeof r->record };
}

static void fail(struct nn_recorder *r)
{
    if (r->failed++)
        return;
    nn_fail_errno(&r->why, "cannot write %s", r->path);
    nn_warn("%s; the show goes on, the log ends here", r->why.msg);
}

static void put(struct nn_recorder *r, uint8_t kind, const struct nn_pack *k)
{
    uint8_t head[9] = { 0 };
    struct nn_pack h = { .p = head, .room = sizeof head };

    if (r->failed)
        return;
    nn_pack_int(&h, k->n, 4);
    nn_pack_int(&h, nn_log_crc(kind, k->p, k->n), 4);
    nn_pack_int(&h, kind, 1);
    if (k->full || fwrite(head, 1, h.n, r->f) != h.n || fwrite(k->p, 1, k->n, r->f) != k->n) {
        fail(r);
        return;
    }
    if (nn_now() - r->flushed < FLUSH)
        return;
    r->flushed = nn_now();
    if (fflush(r->f))
        fail(r);
}

struct nn_recorder *nn_recorder_open(const char *path, const struct nn_log_head *head,
                                     struct nn_err *err)
{
    struct nn_recorder *r = calloc(1, sizeof *r);
    struct nn_pack k;

    if (!r || nn_path(r->path, err, "%s", path)) {
        if (!r)
            nn_fail_mem(err, "recorder");
        free(r);
        return NULL;
    }
    if (!(r->f = fopen(path, "wb"))) {
        nn_fail_errno(err, "cannot write %s", path);
        free(r);
        return NULL;
    }
    setvbuf(r->f, r->buffer, _IOFBF, sizeof r->buffer);
    if (fwrite(nn_log_magic, 1, sizeof nn_log_magic, r->f) != sizeof nn_log_magic)
        fail(r);
    k = begin(r);
    nn_pack_int(&k, NN_LOG_VERSION, 4);
    nn_pack_int(&k, (uint64_t)head->w, 4);
    nn_pack_int(&k, (uint64_t)head->h, 4);
    nn_pack_int(&k, (uint64_t)head->camera, 1);
    nn_pack_int(&k, (uint64_t)head->flash_free, 1);
    nn_pack_int(&k, (uint64_t)head->time_base.num, 8);
    nn_pack_int(&k, (uint64_t)head->time_base.den, 8);
    nn_pack_int(&k, (uint64_t)head->frame_rate.num, 8);
    nn_pack_int(&k, (uint64_t)head->frame_rate.den, 8);
    nn_pack_int(&k, head->seed, 8);
    nn_pack_text(&k, head->input);
    nn_pack_text(&k, head->program);
    put(r, 'H', &k);
    return r;
}

void nn_recorder_patch(struct nn_recorder *r, const struct nn_patch *patch, const char *path,
                       const char *json, double t, int goes_on)
{
    size_t room = strlen(path) + strlen(json) + RECORD;
    struct nn_pack k = { .p = malloc(room) };

    k.room = k.p ? room : 0;
    nn_pack_f64(&k, t);
    nn_pack_int(&k, (uint64_t)goes_on, 1);
    nn_pack_text(&k, path);
    nn_pack_text(&k, json);
    nn_pack_int(&k, (uint64_t)patch->count, 2);
    for (int i = 0; i < patch->count; i++)
        nn_pack_text(&k, patch->link[i].effect->name);
    nn_pack_int(&k, NN_SIGNALS, 2);
    for (int s = 0; s < NN_SIGNALS; s++)
        nn_pack_text(&k, nn_signal_info(s)->name);
    put(r, 'P', &k);
    free(k.p);
    memset(r->value, 0, sizeof r->value);
    memset(r->drive, 0, sizeof r->drive);
}

void nn_recorder_seen(struct nn_recorder *r, const struct nn_seen *seen)
{
    struct nn_pack k = begin(r);

    nn_pack_int(&k, (uint64_t)seen->looks, 8);
    nn_pack_f64(&k, seen->t);
    nn_pack_f64(&k, seen->cut_t);
    nn_pack_int(&k, (uint64_t)seen->cuts, 8);
    nn_pack_f32(&k, &seen->detect_ms, 1);
    nn_pack_f32(&k, &seen->emotion_ms, 1);
    nn_pack_int(&k, (uint64_t)seen->faces.count, 2);
    for (int i = 0; i < seen->faces.count; i++) {
        const struct nn_track *f = &seen->faces.track[i];
        nn_pack_int(&k, (uint32_t)f->id, 4);
        nn_pack_f32(&k, (const float[]){ f->box.x, f->box.y, f->box.w, f->box.h }, 4);
        nn_pack_f32(&k, &f->score, 1);
        nn_pack_f32(&k, &f->presence, 1);
        nn_pack_int(&k, (uint64_t)f->has_mood, 1);
        nn_pack_f32(&k, f->mood, NN_EMOTIONS);
        nn_pack_f32(&k, &f->sure, 1);
        nn_pack_f32(&k, f->affect, 2);
        nn_pack_int(&k, (uint64_t)f->points, 1);
        nn_pack_f32(&k, f->point[0], 10);
        nn_pack_f32(&k, f->pose, 3);
    }
    put(r, 'S', &k);
}

/* How many of n floats changed, bit for bit; each goes into the record, if there is one. */
static int changes(struct nn_pack *k, const float *now, float *old, int n, int per)
{
    int count = 0;

    for (int i = 0; i < n; i++) {
        if (!memcmp(&now[i], &old[i], sizeof *now))
            continue;
        count++;
        if (!k)
            continue;
        nn_pack_int(k, per ? (uint64_t)(i / per) | (uint64_t)(i % per) << 8 : (uint64_t)i, 2);
        nn_pack_f32(k, &now[i], 1);
        old[i] = now[i];
    }
    return count;
}

void nn_recorder_frame(struct nn_recorder *r, const struct nn_player *p,
                       const struct nn_log_frame *f)
{
    const struct nn_person *who = &p->drive.who;
    int values = p->patch->count * NN_MAX_PARAMS;
    struct nn_pack k = begin(r);

    nn_pack_int(&k, (uint64_t)f->number, 8);
    nn_pack_int(&k, (uint64_t)f->pts, 8);
    nn_pack_f64(&k, f->t);
    nn_pack_int(&k, (uint64_t)f->level, 1);
    nn_pack_f32(&k, f->ms, NN_STAGES);
    nn_pack_f32(&k, &f->latency_ms, 1);
    nn_pack_f32(&k, &who->presence, 1);
    nn_pack_f32(&k, (const float[]){ who->face.x, who->face.y, who->face.w, who->face.h }, 4);
    nn_pack_int(&k, (uint64_t)who->points, 1);
    nn_pack_f32(&k, who->point[0], 10);
    nn_pack_f32(&k, who->pose, 3);
    nn_pack_f32(&k, &who->beat, 1);
    nn_pack_int(&k, (uint64_t)changes(NULL, p->bus.value, r->value, NN_SIGNALS, 0), 2);
    changes(&k, p->bus.value, r->value, NN_SIGNALS, 0);
    nn_pack_int(&k, (uint64_t)changes(NULL, p->drive.value[0], r->drive[0], values, 0), 2);
    changes(&k, p->drive.value[0], r->drive[0], values, NN_MAX_PARAMS);
    nn_pack_int(&k, f->hash, 8);
    put(r, 'F', &k);
}

void nn_recorder_event(struct nn_recorder *r, double t, const char *what)
{
    struct nn_pack k = begin(r);

    nn_pack_f64(&k, t);
    nn_pack_text(&k, what);
    put(r, 'K', &k);
}

int nn_recorder_failed(const struct nn_recorder *r)
{
    return r->failed;
}

int nn_recorder_close(struct nn_recorder *r, int64_t frames, int64_t missed, int64_t looks,
                      struct nn_err *err)
{
    struct nn_pack k;
    int ret = 0;

    if (!r)
        return 0;
    k = begin(r);
    nn_pack_int(&k, (uint64_t)frames, 8);
    nn_pack_int(&k, (uint64_t)missed, 8);
    nn_pack_int(&k, (uint64_t)looks, 8);
    put(r, 'E', &k);
    if (fclose(r->f))
        fail(r);
    if (r->failed)
        ret = nn_fail(err, r->why.code, "%s", r->why.msg);
    free(r);
    return ret;
}
