/*
 * record.h - a live show as a log, from which it can be rendered again to the bit.
 *
 * A .nnlog file is the 8 bytes "NNLOG\r\n\x1a", then records. All numbers are little-endian;
 * f32 and f64 are IEEE 754; a text is u32 bytes, then UTF-8 without a zero.
 *
 *   record   u32 size of payload, u32 CRC-32 (IEEE) of kind and payload, u8 kind, payload
 *
 *   'H' head, the first record
 *            u32 version (1), u32 w, h, u8 camera (1: frames are counted as they came; 0: by
 *            their place in a film), u8 flash free (1: the flash limiter only counted), i64 time
 *            base num, den, i64 frame rate num, den, u64 seed, text input, text program
 *   'P' patch, before the first frame and where another one began
 *            f64 t, u8 goes on (1: the effects keep their state; 0: they begin anew), text path,
 *            text JSON, u16 effects, a text each, u16 signals, a text each. Signals and values
 *            count as 0 from here on
 *   'S' seen, a frame that was analysed, when its result reached the picture
 *            i64 looks, f64 t, f64 cut_t, i64 cuts, f32 detect_ms, f32 emotion_ms, u16 faces,
 *            of each i32 id, f32 box x y w h, f32 score, f32 presence, u8 has mood,
 *            7 f32 mood, f32 sure, 2 f32 affect, u8 points, 5 x 2 f32, 3 f32 pose
 *   'F' frame, one that was shown
 *            i64 number, i64 pts, f64 t, u8 level of dropped work, 5 f32 ms of the stages, f32 ms
 *            of latency (of the frame before, as this one is not out yet), the person: f32
 *            presence, 4 f32 box, u8 points, 5 x 2 f32, 3 f32 pose, f32 beat;
 *            u16 count of signals that changed, of each u16 number, f32 value;
 *            u16 count of effects' values that changed, of each u8 effect, u8 parameter, f32;
 *            u64 hash of the picture, of nn_picture_hash()
 *   'K' event  f64 t, text: what somebody did ("patch rage", "scene 2")
 *   'E' end    i64 frames, i64 missed, i64 looks
 *
 * A log that breaks off is good up to its last whole record.
 */
#ifndef NN_RUNTIME_RECORD_H
#define NN_RUNTIME_RECORD_H

#include "runtime/media/reader.h"
#include "runtime/run.h"

enum { NN_LOG_VERSION = 1, NN_LOG_TEXT = 1 << 20 };     /* bytes of the longest text */

struct nn_log_head {
    int w, h, camera, flash_free;
    struct nn_rational time_base, frame_rate;
    uint64_t seed;
    char input[512], program[64];
};

struct nn_log_frame {
    int64_t number, pts;
    double t;
    int level;
    float ms[NN_STAGES], latency_ms;
    uint64_t hash;
};

/* 64 bits of a picture: four lanes of multiply and rotate over its bytes. */
uint64_t nn_picture_hash(const struct nn_image *img);

/* ---- writing: nothing here allocates but open and patch */

struct nn_recorder;

/* A file in its place at once. Free with nn_recorder_close(). */
struct nn_recorder *nn_recorder_open(const char *path, const struct nn_log_head *head,
                                     struct nn_err *err);
/* `json` is the patch as it was read from `path`; `goes_on`: its effects keep their state. */
void nn_recorder_patch(struct nn_recorder *r, const struct nn_patch *patch, const char *path,
                       const char *json, double t, int goes_on);
void nn_recorder_seen(struct nn_recorder *r, const struct nn_seen *seen);
/* The signals and the drive are p's. */
void nn_recorder_frame(struct nn_recorder *r, const struct nn_player *p,
                       const struct nn_log_frame *f);
void nn_recorder_event(struct nn_recorder *r, double t, const char *what);
/* Whether writing failed, which is said once: the log is whole up to there. */
int nn_recorder_failed(const struct nn_recorder *r);
/* -1 when anything of it could not be written. NULL is fine. */
int nn_recorder_close(struct nn_recorder *r, int64_t frames, int64_t missed, int64_t looks,
                      struct nn_err *err);

/* ---- reading */

enum nn_log_kind { NN_LOG_END, NN_LOG_PATCH, NN_LOG_SEEN, NN_LOG_FRAME, NN_LOG_EVENT };

struct nn_log {
    FILE *f;
    char path[NN_PATH];
    struct nn_log_head head;
    uint8_t *record;                /* the last one's payload */
    size_t room;
    int64_t records, frames;
    int cut;                        /* it broke off: what came last is not whole */
    /* of the patch that plays now */
    char patch_path[NN_PATH], *json;
    int goes_on, effects, signals;
    char effect[NN_MAX_CHAIN][32];
    int signal[NN_SIGNALS];         /* numbers on the bus of those of the log; -1: unknown */
    /* as of the last record */
    double t;
    struct nn_seen seen;
    struct nn_log_frame frame;
    struct nn_drive drive;
    float value[NN_SIGNALS];        /* of the signals, by their number on the bus */
    char event[128];
};

/* Zeroes and fills `l`; nn_log_release() it in any case. `f` (read from where it is, then the
 * log's) is for files that are open already; NULL opens `path`. -1 when it is no log, or one
 * of a newer version. */
int nn_log_open(struct nn_log *l, const char *path, FILE *f, struct nn_err *err);
/* The next record: an nn_log_kind; NN_LOG_END also where it broke off (l->cut); -1: what is
 * whole makes no sense. */
int nn_log_next(struct nn_log *l, struct nn_err *err);
void nn_log_release(struct nn_log *l);

#endif
