/* cmd_analyze.c - a film's emotions as curves, as a picture and as markers. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/progress.h"
#include "common/stop.h"
#include "runtime/markers.h"
#include "runtime/session.h"

static struct {
    const char *output, *edl, *otio, *picture, *start, *model, *face_model;
    double least, apart, least_micro;
    int64_t threads;
    int no_drop, baseline, json;
} o = { .least = 0.5, .apart = 1.5, .least_micro = 0.5 };

struct job {
    const char *path;
    struct nn_player player;
    struct nn_source *source;
    struct nn_markers markers;
    struct nn_micro_event *micro;
    int micros, micro_room;
    struct nn_marked of;
    const struct nn_shot *shot;
    int shots;
};

/* "scene.mov" of its path. */
static const char *base(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash && slash[1] ? slash + 1 : path;
}

static int begin(struct job *j, struct nn_err *err)
{
    const struct nn_source_opts so = { .frame_rate = { 25, 1 } };
    struct nn_player_opts po = { .model = o.model, .face_model = o.face_model, .seed = 1,
                                 .baseline = o.baseline ? 1 : -1,
                                 .threads = (int)o.threads };
    const struct nn_media_info *info;

    if (!(j->source = nn_source_open(j->path, &so, err)))
        return -1;
    if (nn_source_live(j->source) || !nn_source_can_rewind(j->source))
        return nn_fail(err, NN_EUSAGE, "%s is no film: what passes only once cannot be analysed",
                       j->path);
    info = nn_source_info(j->source);
    po.w = info->w;
    po.h = info->h;
    j->of = (struct nn_marked){ .path = j->path, .name = base(j->path), .rate = info->frame_rate,
                                .markers = &j->markers };
    if (j->of.rate.num <= 0 || j->of.rate.den <= 0)
        j->of.rate = (struct nn_rational){ 25, 1 };
    j->of.tc = nn_timecode_of(j->of.rate, o.no_drop);
    if (o.start && nn_timecode_parse(j->of.tc, o.start, &j->of.start, err))
        return nn_fail_in(err, "--start-timecode");
    /* What a file says may be counted another way than --no-drop asks: then from one hour on. */
    if (!o.start && (!*info->timecode ||
                     nn_timecode_parse(j->of.tc, info->timecode, &j->of.start, NULL)))
        nn_timecode_parse(j->of.tc, "01:00:00:00", &j->of.start, NULL);
    return nn_player_init(&j->player, &po, err);
}

/* Keeps the micro-expressions that ended in this frame, and draws them into the curve of the
 * frames that they lasted. */
static int keep(struct job *j, const struct nn_seen *seen, struct nn_err *err)
{
    struct nn_history *h = &j->player.history;

    for (int i = 0; i < seen->micros; i++) {
        const struct nn_micro_event *e = &seen->micro[i];
        if (j->micros == j->micro_room) {
            int room = j->micro_room ? 2 * j->micro_room : 32;
            struct nn_micro_event *more = realloc(j->micro, (size_t)room * sizeof *more);
            if (!more)
                return nn_fail_mem(err, "micro-expressions");
            j->micro = more;
            j->micro_room = room;
        }
        j->micro[j->micros++] = *e;
        for (int64_t k = h->count; k-- > 0 && h->moment[k].t > e->onset;)
            if (h->moment[k].t < e->offset)
                h->moment[k].micro = fmaxf(h->moment[k].micro, e->strength);
    }
    return 0;
}

static int find(struct job *j, double rate, struct nn_err *err)
{
    if (nn_markers_find(&j->markers, &j->player.history, rate, (float)o.least, o.apart, err))
        return -1;
    for (int i = 0; i < j->micros; i++)
        if ((double)j->micro[i].strength >= o.least_micro &&
            nn_markers_micro(&j->markers, &j->micro[i], rate, err))
            return -1;
    return 0;
}

static int look(struct job *j, struct nn_err *err)
{
    const struct nn_media_info *info = nn_source_info(j->source);
    double rate = (double)j->of.rate.num / (double)j->of.rate.den, t;
    struct nn_progress bar;
    struct nn_source_frame f;
    int64_t first = 0;
    int got;

    nn_progress_start(&bar, "analyze", (int64_t)(info->duration * rate + 0.5));
    while ((got = nn_check_stop("analyze", err) ? -1 : nn_source_next(j->source, &f, err)) > 0) {
        first = j->player.frames ? first : f.pts;
        t = (double)(f.pts - first) * (double)info->time_base.num / (double)info->time_base.den;
        if (nn_analyst_look(&j->player.analyst, f.img, t, err) < 0) {
            got = -1;
            break;
        }
        j->player.seen = j->player.analyst.seen;
        if (nn_player_steer(&j->player, f.img->w, f.img->h, t, err) ||
            keep(j, &j->player.seen, err)) {
            got = -1;
            break;
        }
        nn_progress_update(&bar, j->player.frames, NULL);
    }
    nn_progress_stop(&bar);
    if (!got && !j->player.frames)
        return nn_fail(err, NN_EFORMAT, "%s has no frames", j->path);
    if (got < 0)
        return -1;
    j->of.frames = (int64_t)(nn_history_last(&j->player.history)->t * rate + 1.5);
    return find(j, rate, err) ||
           nn_shots_finish(j->player.analyst.shots, &j->shot, &j->shots, err) ? -1 : 0;
}

static void code(const struct job *j, double t, char out[NN_TIMECODE_TEXT])
{
    double rate = (double)j->of.rate.num / (double)j->of.rate.den;

    nn_timecode_text(j->of.tc, j->of.start + (int64_t)(t * rate + 0.5), out);
}

static int write_csv(const struct job *j, struct nn_err *err)
{
    struct nn_atomic a;
    char tc[NN_TIMECODE_TEXT];

    if (nn_atomic_open(&a, o.output, err))
        return -1;
    fputs("frame,seconds,timecode,present", a.f);
    for (int e = 0; e < NN_EMOTIONS; e++)
        fprintf(a.f, ",%s", nn_emotions[e].name);
    fputs(",valence,arousal,micro\n", a.f);
    for (int64_t i = 0; i < j->player.history.count; i++) {
        const struct nn_moment *m = &j->player.history.moment[i];
        code(j, m->t, tc);
        fprintf(a.f, "%lld,%.6f,%s,%.4f", (long long)m->number, m->t, tc, (double)m->present);
        for (int e = 0; e < NN_EMOTIONS; e++)
            fprintf(a.f, ",%.4f", (double)m->mood[e]);
        fprintf(a.f, ",%.4f,%.4f,%.4f\n", (double)m->valence, (double)m->arousal,
                (double)m->micro);
    }
    return nn_atomic_commit(&a, err);
}

/* The film and its markers; with every frame's curves when `frames`. */
static cJSON *report(const struct job *j, int frames)
{
    cJSON *root = cJSON_CreateObject(), *all;
    char tc[NN_TIMECODE_TEXT];

    cJSON_AddStringToObject(root, "film", j->path);
    cJSON_AddNumberToObject(root, "frames", (double)j->player.history.count);
    cJSON_AddNumberToObject(root, "rate", (double)j->of.rate.num / (double)j->of.rate.den);
    cJSON_AddBoolToObject(root, "drop_frame", j->of.tc.drop > 0);
    code(j, 0, tc);
    cJSON_AddStringToObject(root, "start", tc);
    cJSON_AddNumberToObject(root, "shots", j->shots);
    all = cJSON_AddArrayToObject(root, "markers");
    for (int i = 0; i < j->markers.count; i++) {
        const struct nn_marker *m = &j->markers.marker[i];
        cJSON *row = cJSON_CreateObject();
        nn_timecode_text(j->of.tc, j->of.start + m->frame, tc);
        cJSON_AddStringToObject(row, "timecode", tc);
        cJSON_AddNumberToObject(row, "frame", (double)m->frame);
        cJSON_AddNumberToObject(row, "length", (double)m->length);
        cJSON_AddStringToObject(row, "kind", m->micro ? "micro" : "peak");
        cJSON_AddNumberToObject(row, "apex", (double)m->apex);
        cJSON_AddStringToObject(row, "emotion", nn_emotions[m->emotion].name);
        cJSON_AddNumberToObject(row, "strength", (double)m->strength);
        cJSON_AddItemToArray(all, row);
    }
    all = frames ? cJSON_AddObjectToObject(root, "curves") : NULL;
    for (int e = -5; all && e < NN_EMOTIONS; e++) {
        static const char *const other[] = { "seconds", "present", "valence", "arousal",
                                             "micro" };
        cJSON *row = cJSON_AddArrayToObject(all, e < 0 ? other[e + 5] : nn_emotions[e].name);
        for (int64_t i = 0; i < j->player.history.count; i++) {
            const struct nn_moment *m = &j->player.history.moment[i];
            double v = e >= 0 ? (double)m->mood[e] : e == -5 ? m->t : e == -4 ? (double)m->present :
                       e == -3 ? (double)m->valence : e == -2 ? (double)m->arousal :
                       (double)m->micro;
            cJSON_AddItemToArray(row, cJSON_CreateNumber(v));
        }
    }
    return root;
}

static int write_json(const struct job *j, struct nn_err *err)
{
    cJSON *root = report(j, 1);
    char *text = cJSON_PrintUnformatted(root);
    int ret = text ? nn_file_write(o.output, text, strlen(text), err)
                   : nn_fail_mem(err, "curves");

    cJSON_free(text);
    cJSON_Delete(root);
    return ret;
}

static int write_all(struct job *j, struct nn_err *err)
{
    const char *dot = o.output ? strrchr(o.output, '.') : NULL;

    if (o.output && (dot && !strcmp(dot, ".json") ? write_json(j, err) : write_csv(j, err)))
        return -1;
    return (o.edl && nn_edl_write(&j->of, o.edl, err)) ||
           (o.otio && nn_otio_write(&j->of, o.otio, err)) ||
           (o.picture && nn_timeline_film(&j->player, j->source, j->shot, j->shots, j->path,
                                          o.picture, err)) ? -1 : 0;
}

static int tell(const struct job *j, struct nn_err *err)
{
    char tc[NN_TIMECODE_TEXT];

    if (o.json)
        return nn_json_print(report(j, 0), err);
    printf("%s: %lld frames, %d shots, %d markers\n", j->of.name,
           (long long)j->player.history.count, j->shots, j->markers.count);
    for (int i = 0; i < j->markers.count; i++) {
        const struct nn_marker *m = &j->markers.marker[i];
        nn_timecode_text(j->of.tc, j->of.start + m->frame, tc);
        printf("  %s  %4lld frames  %-16s %s\n", tc, (long long)m->length, m->name, m->note);
    }
    return 0;
}

static int analyze(int argc, char **argv, struct nn_err *err)
{
    const char *const out[] = { o.output, o.edl, o.otio, o.picture };
    struct job j = { .path = argv[0] };
    struct nn_atomic probe;
    int ret = -1;

    (void)argc;
    for (size_t i = 0; i < sizeof out / sizeof *out; i++) {
        if (out[i] && !strcmp(out[i], j.path))
            return nn_fail(err, NN_EUSAGE, "%s would be written over itself", j.path);
        if (out[i] && nn_atomic_name(&probe, out[i], err))
            return -1;
        if (out[i])
            nn_atomic_abort(&probe);
    }
    if (!begin(&j, err) && !look(&j, err) && !write_all(&j, err))
        ret = tell(&j, err);
    nn_markers_release(&j.markers);
    free(j.micro);
    nn_player_release(&j.player);
    nn_source_close(j.source);
    return ret;
}

static const struct nn_opt opts[] = {
    { "output", 'o', NN_OPT_TEXT, "FILE", "the curves, .csv or .json", &o.output, 0, 0 },
    { "edl", 0, NN_OPT_TEXT, "FILE", "markers for DaVinci Resolve", &o.edl, 0, 0 },
    { "otio", 0, NN_OPT_TEXT, "FILE", "markers as an OpenTimelineIO time line", &o.otio, 0, 0 },
    { "picture", 0, NN_OPT_TEXT, "FILE", "draw the curves as PNG", &o.picture, 0, 0 },
    { "least", 0, NN_OPT_REAL, "X", "how strong a peak must be, 0 to 1", &o.least, 0.01, 1 },
    { "apart", 0, NN_OPT_REAL, "SECONDS", "between two of the same emotion", &o.apart, 0, 3600 },
    { "least-micro", 0, NN_OPT_REAL, "X", "how strong a micro-expression must be, 0 to 1",
      &o.least_micro, 0, 1 },
    { "start-timecode", 0, NN_OPT_TEXT, "HH:MM:SS:FF", "of the first frame (the file's own, or "
      "01:00:00:00)", &o.start, 0, 0 },
    { "no-drop", 0, NN_OPT_FLAG, NULL, "count 29.97 and 59.94 without leaving labels out",
      &o.no_drop, 0, 0 },
    { "model", 'm', NN_OPT_TEXT, "FILE", "emotion model, or tiny: our small one", &o.model, 0, 0 },
    { "face-model", 0, NN_OPT_TEXT, "FILE", "face detector, ONNX or TFLite; \"cascade\": OpenCV's",
      &o.face_model, 0, 0 },
    { "baseline", 0, NN_OPT_FLAG, NULL, "learn the resting faces of an interview", &o.baseline,
      0, 0 },
    { "threads", 0, NN_OPT_INT, "N", "at most; 0: one for each core", &o.threads, 0, 256 },
    { "json", 0, NN_OPT_FLAG, NULL, "print JSON", &o.json, 0, 0 },
    { 0 },
};

const struct nn_cmd nn_analyze_cmds[] = {
    { "", "FILM", "curves of what a film's faces feel, and markers for DaVinci Resolve and others",
      "neonnoir analyze scene.mov --edl scene.edl --picture scene.png -o scene.csv", opts, 1, 1,
      analyze },
    { 0 },
};
