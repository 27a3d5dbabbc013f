/*
 * session.h - one run of neonnoir-run: what was asked for, what is open, and the
 * steps that a film, a live show and a replay share.
 */
#ifndef NN_RUNTIME_SESSION_H
#define NN_RUNTIME_SESSION_H

#include "common/json.h"
#include "runtime/media/sink.h"
#include "runtime/media/source.h"
#include "runtime/record.h"
#include "runtime/run.h"

/* The words of the command line. */
struct nn_run_opts {
    const char *input, *patch, *signals, *timeline, *sheet, *model, *face_model, *engine;
    const char *format, *size, *codec, *record, *replay, *keep;
    const char *signals_in, *osc_out;
    int64_t osc_in, seed, threads, max_memory, display;
    struct nn_opt_list output;
    double rate, budget;
    int baseline, no_baseline, fullscreen, live, no_flash_limit;
    int debug, run, json, list_effects, list_signals, list_functions;
};

/* What one run holds, so that every end of it lets go of the same. */
struct nn_session {
    const struct nn_run_opts *o;
    int live;
    struct nn_player player;
    struct nn_source *source;
    struct nn_sinks sinks, kept;    /* kept: the frames as they came */
    char says[NN_SAYS];             /* in the comments of films and pictures */
    struct nn_hud *hud;
    struct nn_sheet *sheet;
    struct nn_signal_log log;
    struct nn_recorder *recorder;
    struct nn_log *replay;
    int64_t same, different;        /* frames of a replay beside the show's */
    struct nn_image frame;          /* being drawn on; of the source's size */
    const struct nn_shot *shot;     /* the player's */
    int shots;
    double wall;                    /* seconds that the film took */
};

int nn_run_list_effects(int json, struct nn_err *err);
/* With those of a patch, when `patch` is not NULL. */
int nn_run_list_signals(const char *patch, int json, struct nn_err *err);
int nn_run_list_functions(int json, struct nn_err *err);

/* Whether the frames go to stdout, where then nothing else may. */
int nn_run_takes_stdout(const struct nn_run_opts *o);
/* Refuses words that contradict each other and outputs that cannot be written or are read;
 * asks for the mode, o->debug, when somebody is there to answer. */
int nn_run_check(struct nn_run_opts *o, struct nn_err *err);

/* Opens what `o` names: source, player, outputs. nn_session_close() in any case. */
int nn_session_open(struct nn_session *s, const struct nn_run_opts *o, struct nn_err *err);
void nn_session_close(struct nn_session *s);
/* The outputs, which a replay opens with its first patch. */
int nn_session_sinks(struct nn_session *s, struct nn_err *err);
/* Where the patch's file is. */
int nn_session_patch_path(const struct nn_session *s, char out[NN_PATH], struct nn_err *err);
/* Seconds of a time stamp of the source's. */
double nn_session_seconds(const struct nn_session *s, int64_t pts);

/* Plays a film to its end, every frame, and draws what is drawn at its end. */
int nn_session_film(struct nn_session *s, struct nn_err *err);
/* The latter alone: sheet, time line, and the outputs are put in their places. */
int nn_session_finish(struct nn_session *s, struct nn_err *err);
/* Who watches in a window may have seen enough: -1 with NN_EINTR. */
int nn_session_left(struct nn_session *s, struct nn_err *err);
/* Renders the live show of the log s->o->replay again, from s->source. */
int nn_session_replay(struct nn_session *s, struct nn_err *err);

/* What the flash limiter saw and did: into a report, or as two lines of text. */
void nn_flashes_json(const struct nn_player *p, cJSON *root);
void nn_flashes_print(const struct nn_player *p);

/* What is printed of a film that was played. */
int nn_session_report(const struct nn_session *s, struct nn_err *err);

#endif
