#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/json.h"
#include "common/log.h"
#include "common/progress.h"
#include "common/stop.h"
#include "runtime/media/sink.h"
#include "runtime/media/source.h"
#include "runtime/run.h"

static struct {
    const char *input, *patch, *signals, *timeline, *sheet, *model, *face_model, *engine;
    const char *format, *size, *codec;
    int64_t seed, threads, max_memory;
    struct nn_opt_list output;
    double rate;
    int64_t display;
    int overlay, fullscreen;
    int debug, run, json, list_effects, list_signals;
} o = { .patch = "neon-noir", .seed = 1, .max_memory = NN_ENGINE_MEMORY, .engine = "ours" };

/* What one run holds, so that every end of it lets go of the same. */
struct session {
    struct nn_player player;
    struct nn_source *source;
    struct nn_sinks sinks;
    struct nn_hud *hud;
    struct nn_sheet *sheet;
    struct nn_signal_log log;
    struct nn_image frame;
    const struct nn_shot *shot;     /* the player's */
    int shots;
    double wall;                    /* seconds that the film took */
};

static int list_effects(struct nn_err *err)
{
    static const char *const touch[] = { "point", "warp", "area", "sprite" };

    if (o.json) {
        cJSON *all = cJSON_CreateArray();
        for (int i = 0; nn_effects[i]; i++) {
            cJSON *fx = cJSON_CreateObject(), *params = cJSON_AddArrayToObject(fx, "params");
            cJSON_AddStringToObject(fx, "effect", nn_effects[i]->name);
            cJSON_AddStringToObject(fx, "brief", nn_effects[i]->brief);
            cJSON_AddStringToObject(fx, "touch", touch[nn_effects[i]->touch]);
            for (int k = 0; k < nn_effect_params(nn_effects[i]); k++) {
                const struct nn_param *p = &nn_effects[i]->param[k];
                cJSON *row = cJSON_CreateObject();
                cJSON_AddStringToObject(row, "param", p->name);
                cJSON_AddNumberToObject(row, "min", (double)p->min);
                cJSON_AddNumberToObject(row, "max", (double)p->max);
                cJSON_AddNumberToObject(row, "preset", (double)p->preset);
                cJSON_AddStringToObject(row, "brief", p->brief);
                cJSON_AddItemToArray(params, row);
            }
            cJSON_AddItemToArray(all, fx);
        }
        return nn_json_print(all, err);
    }
    for (int i = 0; nn_effects[i]; i++) {
        printf("%s (%s) - %s\n", nn_effects[i]->name, touch[nn_effects[i]->touch],
               nn_effects[i]->brief);
        for (int k = 0; k < nn_effect_params(nn_effects[i]); k++) {
            const struct nn_param *p = &nn_effects[i]->param[k];
            printf("  %-10s %5g to %-4g [%g]  %s\n", p->name, (double)p->min, (double)p->max,
                   (double)p->preset, p->brief);
        }
    }
    return 0;
}

static int list_signals(struct nn_err *err)
{
    cJSON *all = o.json ? cJSON_CreateArray() : NULL;

    for (int s = 0; s < NN_SIGNALS; s++) {
        const struct nn_signal_info *info = nn_signal_info(s);
        if (all) {
            cJSON *row = cJSON_CreateObject();
            cJSON_AddStringToObject(row, "signal", info->name);
            cJSON_AddStringToObject(row, "unit", info->unit);
            cJSON_AddNumberToObject(row, "min", (double)info->min);
            cJSON_AddNumberToObject(row, "max", (double)info->max);
            cJSON_AddStringToObject(row, "brief", info->brief);
            cJSON_AddItemToArray(all, row);
        } else {
            printf("%-14s %2g to %-6g %-8s %s\n", info->name, (double)info->min,
                   (double)info->max, info->unit, info->brief);
        }
    }
    return all ? nn_json_print(all, err) : 0;
}

/* Whether the frames go to stdout, where then nothing else may. */
static int stdout_is_taken(void)
{
    for (int i = 0; i < o.output.count; i++)
        if (nn_sink_is_stdout(o.output.value[i]))
            return 1;
    return 0;
}

/* Sets o.debug by asking, when somebody is there to answer. */
static int choose_mode(struct nn_err *err)
{
    char line[64];

    if (o.debug && o.run)
        return nn_fail(err, NN_EUSAGE, "--debug or --run, not both");
    if (o.debug || o.run || !strcmp(o.input, "-") || stdout_is_taken() ||
        !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return 0;
    for (;;) {
        printf("Welcome to Neon Noir Collective. Choose your mode: Debug or Run? ");
        fflush(stdout);
        if (!fgets(line, sizeof line, stdin))
            return nn_stopping() ? nn_check_stop("run", err)
                                 : nn_fail(err, NN_EUSAGE, "no mode was chosen; --debug or --run");
        line[strcspn(line, "\r\n")] = 0;
        o.debug = !strcasecmp(line, "d") || !strcasecmp(line, "debug");
        if (o.debug || !strcasecmp(line, "r") || !strcasecmp(line, "run"))
            return 0;
    }
}

static int same_file(const char *a, const char *b)
{
    struct stat sa, sb;

    return !stat(a, &sa) && !stat(b, &sb) && sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
}

/* No output may be what is read, or another output; and each must be possible
 * to write, which is better known before the film is rendered than after. */
static int check_outputs(struct nn_err *err)
{
    enum { INPUTS = 4, SHEETS = 3 };
    struct { const char *name, *path; } file[INPUTS + SHEETS + NN_MAX_SINKS] = {
        { "input", strcmp(o.input, "-") ? o.input : NULL },
        { "patch", o.patch }, { "model", o.model }, { "face-model", o.face_model },
    };
    const char *sheet[SHEETS][2] = { { "signals", o.signals }, { "timeline", o.timeline },
                                     { "sheet", o.sheet } };
    int files = INPUTS;
    struct nn_atomic probe;

    if (o.output.count > NN_MAX_SINKS)
        return nn_fail(err, NN_EUSAGE, "more than %d outputs", NN_MAX_SINKS);
    for (int i = 0; i < o.output.count; i++, files++) {
        file[files].name = "output";
        file[files].path = nn_sink_is_stdout(o.output.value[i]) ? NULL : o.output.value[i];
    }
    for (int i = 0; i < SHEETS; i++, files++) {
        file[files].name = sheet[i][0];
        file[files].path = sheet[i][1];
    }
    for (int i = INPUTS; i < files; i++) {
        for (int k = 0; k < i && file[i].path; k++)
            if (file[k].path && (!strcmp(file[i].path, file[k].path) ||
                                 same_file(file[i].path, file[k].path)))
                return nn_fail(err, NN_EUSAGE, "--%s would write over the %s %s", file[i].name,
                               file[k].name, file[k].path);
        if (!file[i].path || (!strcmp(file[i].name, "output") && !nn_sink_is_file(file[i].path)))
            continue;
        if (nn_atomic_name(&probe, file[i].path, err))
            return -1;
        nn_atomic_abort(&probe);
    }
    return 0;
}

static int check_words(struct nn_err *err)
{
    if (!o.input || !o.output.count)
        return nn_fail(err, NN_EUSAGE, "--%s FILE is needed; see --help",
                       o.input ? "output" : "input");
    if (strcmp(o.engine, "ours") && strcmp(o.engine, "ort"))
        return nn_fail(err, NN_EUSAGE, "--engine is ours or ort (ONNX Runtime), not '%s'",
                       o.engine);
    return check_outputs(err) ? -1 : choose_mode(err);
}

static int open_source(struct session *s, struct nn_err *err)
{
    struct nn_source_opts so = { .frame_rate = { (int64_t)(o.rate * 1000 + 0.5), 1000 },
                                 .format = o.format };
    char end;

    if (o.size && sscanf(o.size, "%5dx%5d%c", &so.w, &so.h, &end) != 2)
        return nn_fail(err, NN_EUSAGE, "--size is WIDTHxHEIGHT, not '%s'", o.size);
    return (s->source = nn_source_open(o.input, &so, err)) ? 0 : -1;
}

static int open_sinks(struct session *s, struct nn_err *err)
{
    const struct nn_media_info *info = nn_source_info(s->source);
    struct nn_sink_opts so = { .w = info->w, .h = info->h, .time_base = info->time_base,
                               .frame_rate = info->frame_rate,
                               .audio_from = info->has_audio && nn_source_is_file(o.input)
                                             ? o.input : NULL,
                               .codec = o.codec, .format = o.format, .overlay = o.overlay,
                               .live = nn_source_live(s->source), .fullscreen = o.fullscreen,
                               .display = (int)o.display };

    for (int i = 0; i < o.output.count; i++)
        if (nn_sinks_add(&s->sinks, o.output.value[i], &so, err))
            return -1;
    return 0;
}

static int begin(struct session *s, struct nn_err *err)
{
    const struct nn_media_info *info;
    struct nn_player_opts po = { .patch = o.patch, .model = o.model,
                                 .face_model = o.face_model, .threads = (int)o.threads,
                                 .seed = (uint64_t)o.seed,
                                 .max_memory = (size_t)o.max_memory,
                                 .engine = strcmp(o.engine, "ort") ? NN_ENGINE_OURS
                                                                   : NN_ENGINE_ORT };

    if (open_source(s, err))
        return -1;
    info = nn_source_info(s->source);
    po.w = info->w;
    po.h = info->h;
    if (nn_player_init(&s->player, &po, err) ||
        nn_image_init(&s->frame, info->w, info->h, 3, err) ||
        (o.debug && !(s->hud = nn_hud_new(info->w, info->h, err))) ||
        (o.sheet && !(s->sheet = nn_sheet_new(info->w, info->h, err))) ||
        (o.signals && nn_signal_log_open(&s->log, o.signals, err)))
        return -1;
    return open_sinks(s, err);
}

static double seconds(const struct nn_media_info *info, int64_t pts)
{
    return (double)pts * (double)info->time_base.num / (double)info->time_base.den;
}

static int play_frame(struct session *s, const struct nn_image *img, int64_t pts, double t,
                      double read_ms, struct nn_err *err)
{
    struct nn_moment *now;
    double t0;

    memcpy(s->frame.px, img->px, nn_image_size(img));
    if (nn_player_frame(&s->player, img, &s->frame, t, err))
        return -1;
    now = &s->player.history.moment[s->player.history.count - 1];
    now->ms[NN_STAGE_READ] = (float)read_ms;
    if (s->sheet)
        nn_sheet_look(s->sheet, &s->player, img, &s->frame);
    if (s->hud)
        nn_hud_draw(s->hud, &s->player, &s->frame);
    t0 = nn_now();
    if (nn_sinks_frame(&s->sinks, img, &s->frame, pts, err))
        return -1;
    now->ms[NN_STAGE_WRITE] = (float)(1e3 * (nn_now() - t0));
    if (s->log.file.f)
        nn_signal_log_row(&s->log, &s->player.bus, s->player.history.count - 1, t);
    return 0;
}

static int play(struct session *s, struct nn_err *err)
{
    const struct nn_media_info *info = nn_source_info(s->source);
    const struct nn_history *history = &s->player.history;
    double rate = info->frame_rate.den && info->frame_rate.num > 0 ?
                  (double)info->frame_rate.num / (double)info->frame_rate.den : 0;
    struct nn_progress bar;
    struct nn_source_frame f;
    int64_t first = 0;
    double start = nn_now(), t0;
    int got;

    nn_progress_start(&bar, "run", (int64_t)(info->duration * rate + 0.5));
    for (;;) {
        if (nn_check_stop("run", err))
            break;
        t0 = nn_now();
        if ((got = nn_source_next(s->source, &f, err)) <= 0) {
            nn_progress_stop(&bar);
            s->wall = nn_now() - start;
            return got < 0 || history->count ? got
                   : nn_fail(err, NN_EFORMAT, "%s has no frames", o.input);
        }
        if (got == NN_SOURCE_NOTHING)
            continue;
        if (!history->count)
            first = f.pts;
        if (play_frame(s, f.img, f.pts, seconds(info, f.pts - first), 1e3 * (nn_now() - t0),
                       err))
            break;
        nn_progress_update(&bar, history->count, NULL);
    }
    nn_progress_stop(&bar);
    if (err->code == NN_EINTR)
        nn_fail(err, NN_EINTR, "run interrupted; %s is left as it was", o.output.value[0]);
    return -1;
}

/* Fetches the posters' pictures, which only the end of the film tells, in a second reading. */
static int draw_timeline(struct session *s, struct nn_err *err)
{
    struct nn_image *poster = calloc((size_t)s->shots, sizeof *poster);
    struct nn_source_frame f;
    int ret = -1, found = 0;

    if (!poster)
        return nn_fail_mem(err, "posters");
    if (nn_source_rewind(s->source, err))
        goto out;
    for (int64_t n = 0; found < s->shots; n++) {
        if (nn_source_next(s->source, &f, err) <= 0)
            break;
        for (int i = 0; i < s->shots; i++) {
            const struct nn_image *img = f.img;
            if (s->shot[i].poster != n)
                continue;
            if (nn_image_init(&poster[i], img->w > 960 ? 960 : img->w,
                              img->w > 960 ? (img->h * 960 + img->w / 2) / img->w : img->h, 3, err))
                goto out;
            nn_image_crop(img, (struct nn_box){ 0, 0, (float)img->w, (float)img->h }, &poster[i]);
            found++;
        }
    }
    ret = nn_timeline_write(&s->player, s->shot, poster, s->shots, o.input, o.timeline, err);
out:
    for (int i = 0; i < s->shots; i++)
        nn_image_release(&poster[i]);
    free(poster);
    return ret;
}

static int finish(struct session *s, struct nn_err *err)
{
    if (nn_shots_finish(s->player.analyst.shots, &s->shot, &s->shots, err))
        return -1;
    if ((o.signals && nn_signal_log_close(&s->log, err)) ||
        (o.sheet && nn_sheet_write(s->sheet, &s->player, o.input, o.sheet, err)) ||
        (o.timeline && draw_timeline(s, err)))
        return -1;
    return nn_sinks_finish(&s->sinks, err);
}

static int report_json(const struct session *s, struct nn_err *err)
{
    const struct nn_history *h = &s->player.history;
    cJSON *root = cJSON_CreateObject(), *stages, *shots;
    float mean;

    cJSON_AddStringToObject(root, "input", o.input);
    cJSON_AddStringToObject(root, "output", o.output.value[0]);
    cJSON_AddStringToObject(root, "patch", s->player.patch->name);
    cJSON_AddNumberToObject(root, "frames", (double)h->count);
    cJSON_AddNumberToObject(root, "seconds", s->wall);
    cJSON_AddNumberToObject(root, "fps", (double)h->count / s->wall);
    stages = cJSON_AddObjectToObject(root, "stages");
    for (int i = 0; i < NN_STAGES; i++) {
        cJSON *row = cJSON_AddObjectToObject(stages, nn_stage_name[i]);
        cJSON_AddNumberToObject(row, "median_ms", nn_history_ms(h, (enum nn_stage)i, 0.5));
        cJSON_AddNumberToObject(row, "p99_ms", nn_history_ms(h, (enum nn_stage)i, 0.99));
    }
    shots = cJSON_AddArrayToObject(root, "shots");
    for (int i = 0; i < s->shots; i++) {
        int e = nn_history_mood(h, s->shot[i].start, s->shot[i].end, &mean);
        cJSON *row = cJSON_CreateObject();
        cJSON_AddNumberToObject(row, "start", (double)s->shot[i].start);
        cJSON_AddNumberToObject(row, "end", (double)s->shot[i].end);
        if (e < 0)
            cJSON_AddNullToObject(row, "emotion");
        else
            cJSON_AddStringToObject(row, "emotion", nn_emotions[e].name);
        cJSON_AddNumberToObject(row, "mean", (double)mean);
        cJSON_AddItemToArray(shots, row);
    }
    return nn_json_print(root, err);
}

static int report(const struct session *s, struct nn_err *err)
{
    const struct nn_history *h = &s->player.history;
    float mean;

    if (stdout_is_taken())
        return 0;
    if (o.json)
        return report_json(s, err);
    printf("%s: %lld frames, %.1f frames/s, patch %s\n", o.output.value[0], (long long)h->count,
           (double)h->count / s->wall, s->player.patch->name);
    printf("  ms a frame    median     p99\n");
    for (int i = 0; i < NN_STAGES; i++)
        printf("  %-12s %7.2f %7.2f\n", nn_stage_name[i], nn_history_ms(h, (enum nn_stage)i, 0.5),
               nn_history_ms(h, (enum nn_stage)i, 0.99));
    for (int i = 0; i < s->shots; i++) {
        int e = nn_history_mood(h, s->shot[i].start, s->shot[i].end, &mean);
        printf("  shot %-3d frames %lld to %lld: ", i + 1, (long long)s->shot[i].start,
               (long long)s->shot[i].end - 1);
        if (e < 0)
            puts("nobody's face");
        else
            printf("%s (%.0f %%)\n", nn_emotions[e].name, (double)mean * 100);
    }
    return 0;
}

static int run(int argc, char **argv, struct nn_err *err)
{
    struct session s;
    int ret;

    (void)argc;
    (void)argv;
    if (o.list_effects)
        return list_effects(err);
    if (o.list_signals)
        return list_signals(err);
    if (check_words(err))
        return -1;
    memset(&s, 0, sizeof s);
    ret = begin(&s, err) || play(&s, err) || finish(&s, err) || report(&s, err) ? -1 : 0;
    nn_sinks_abort(&s.sinks);
    nn_signal_log_abort(&s.log);
    nn_sheet_free(s.sheet);
    nn_hud_free(s.hud);
    nn_image_release(&s.frame);
    nn_player_release(&s.player);
    nn_source_close(s.source);
    return ret;
}

static const struct nn_opt opts[] = {
    { "input", 'i', NN_OPT_TEXT, "WORD", "film, folder or f%04d.png, - or FIFO (Y4M), URL, "
      "/dev/videoN, synthetic:WxH@FPS", &o.input, 0, 0 },
    { "patch", 'p', NN_OPT_TEXT, "FILE|NAME", "what moves what", &o.patch, 0, 0 },
    { "output", 'o', NN_OPT_LIST, "WORD", "film (.mp4 .mov .mkv), f%05d.png or folder/, - or FIFO "
      "(Y4M), /dev/videoN, window; again for several", &o.output, 0, 0 },
    { "codec", 0, NN_OPT_TEXT, "NAME", "of films: h264, hevc or prores", &o.codec, 0, 0 },
    { "overlay", 0, NN_OPT_FLAG, NULL, "write what was done alone, with alpha (.mov or PNG)",
      &o.overlay, 0, 0 },
    { "rate", 0, NN_OPT_REAL, "FPS", "of pictures and raw pipes that come in; wanted of a camera",
      &o.rate, 0, 1000 },
    { "size", 0, NN_OPT_TEXT, "WxH", "of a raw pipe that comes in; wanted of a camera", &o.size,
      0, 0 },
    { "format", 0, NN_OPT_TEXT, "NAME", "of pipes: y4m, or rgb24 with --size", &o.format, 0, 0 },
    { "fullscreen", 0, NN_OPT_FLAG, NULL, "let a window fill its display", &o.fullscreen, 0, 0 },
    { "display", 0, NN_OPT_INT, "N", "that a window is on, from 0", &o.display, 0, 15 },
    { "debug", 'd', NN_OPT_FLAG, NULL, "draw what it sees and does over it", &o.debug,
      0, 0 },
    { "run", 'r', NN_OPT_FLAG, NULL, "draw nothing over it (and do not ask)", &o.run, 0, 0 },
    { "signals", 0, NN_OPT_TEXT, "FILE", "write the signals of all frames as CSV", &o.signals,
      0, 0 },
    { "timeline", 0, NN_OPT_TEXT, "FILE", "draw moods and effects over time as PNG", &o.timeline,
      0, 0 },
    { "sheet", 0, NN_OPT_TEXT, "FILE", "draw each effect before and after as PNG", &o.sheet,
      0, 0 },
    { "model", 'm', NN_OPT_TEXT, "FILE", "emotion model, ONNX, in place of ours", &o.model, 0, 0 },
    { "face-model", 0, NN_OPT_TEXT, "FILE", "face detector, ONNX or TFLite; \"cascade\": OpenCV's",
      &o.face_model, 0, 0 },
    { "engine", 0, NN_OPT_TEXT, "NAME", "that runs it: ours, or ort (ONNX Runtime)", &o.engine,
      0, 0 },
    { "seed", 's', NN_OPT_INT, "N", "of all chance", &o.seed, 0, 9007199254740992.0 },
    { "threads", 0, NN_OPT_INT, "N", "at most; 0: one for each core", &o.threads, 0, 256 },
    { "max-memory", 0, NN_OPT_SIZE, "SIZE", "for the model's weights and values", &o.max_memory,
      1 << 20, 0x1p40 },
    { "json", 0, NN_OPT_FLAG, NULL, "print JSON", &o.json, 0, 0 },
    { "list-effects", 0, NN_OPT_FLAG, NULL, "tell which effects there are", &o.list_effects, 0, 0 },
    { "list-signals", 0, NN_OPT_FLAG, NULL, "tell which signals there are", &o.list_signals, 0, 0 },
    { 0 },
};

const struct nn_cmd nn_run_cmds[] = {
    { "", NULL, "play a film whose picture follows its faces",
      "neonnoir-run --input scene.mov --patch rage --output scene-rage.mp4 --timeline moods.png",
      opts, 0, 0, run },
    { 0 },
};
