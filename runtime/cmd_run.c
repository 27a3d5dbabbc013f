/* cmd_run.c - the options of neonnoir-run, and what they start. */
#include <stdlib.h>

#include "runtime/live.h"

static struct nn_run_opts o = {
    .seed = 1, .max_memory = NN_ENGINE_MEMORY, .engine = "ours"
};

static int play(struct nn_session *s, struct nn_err *err)
{
    struct nn_show *show;
    int ret;

    if (s->o->replay)
        return nn_session_replay(s, err) || nn_session_report(s, err) ? -1 : 0;
    if (!s->live)
        return nn_session_film(s, err) || nn_session_report(s, err) ? -1 : 0;
    if (!(show = calloc(1, sizeof *show)))
        return nn_fail_mem(err, "live show");
    ret = nn_show_run(show, s, err) || nn_show_report(show, err) ? -1 : 0;
    nn_show_release(show);
    free(show);
    return ret;
}

static int run(int argc, char **argv, struct nn_err *err)
{
    struct nn_session s;
    int ret;

    (void)argc;
    (void)argv;
    if (o.list_effects)
        return nn_run_list_effects(o.json, err);
    if (o.list_signals)
        return nn_run_list_signals(o.patch, o.json, err);
    if (o.list_functions)
        return nn_run_list_functions(o.json, err);
    if (nn_run_check(&o, err))
        return -1;
    ret = nn_session_open(&s, &o, err) || play(&s, err) ? -1 : 0;
    nn_session_close(&s);
    return ret;
}

static const struct nn_opt opts[] = {
    { "input", 'i', NN_OPT_TEXT, "WORD", "film, folder or f%04d.png, - or FIFO (Y4M), URL, "
      "/dev/videoN, synthetic:WxH@FPS", &o.input, 0, 0 },
    { "patch", 'p', NN_OPT_TEXT, "FILE|NAME", "what moves what (neon-noir)", &o.patch, 0, 0 },
    { "output", 'o', NN_OPT_LIST, "WORD", "film (.mp4 .mov .mkv), f%05d.png or folder/, - or FIFO "
      "(Y4M), /dev/videoN, window; overlay:x.mov what was done alone; again for several",
      &o.output, 0, 0 },
    { "codec", 0, NN_OPT_TEXT, "NAME", "of films: h264, hevc or prores", &o.codec, 0, 0 },
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
    { "live", 'l', NN_OPT_FLAG, NULL, "play a file at its own pace, as a camera would (cameras are "
      "always live)", &o.live, 0, 0 },
    { "budget", 0, NN_OPT_REAL, "MS", "live: from camera to output, before work is dropped; 0: two "
      "frames' time", &o.budget, 0, 10000 },
    { "record", 0, NN_OPT_TEXT, "FILE.nnlog", "live: log everything that the picture went by",
      &o.record, 0, 0 },
    { "keep", 0, NN_OPT_TEXT, "FILM.mkv", "live: write the frames as they came, for a camera's "
      "--replay", &o.keep, 0, 0 },
    { "replay", 0, NN_OPT_TEXT, "FILE.nnlog", "render that show again from the film in --input, "
      "the same to the bit", &o.replay, 0, 0 },
    { "signals", 0, NN_OPT_TEXT, "FILE", "write the signals of all frames as CSV", &o.signals,
      0, 0 },
    { "signals-in", 0, NN_OPT_TEXT, "FILE", "play signals of a CSV file, in place of what is seen",
      &o.signals_in, 0, 0 },
    { "osc-in", 0, NN_OPT_INT, "PORT", "take signals, parameters, scenes and patches by OSC",
      &o.osc_in, 1, 65535 },
    { "osc-out", 0, NN_OPT_TEXT, "HOST:PORT", "send signals and parameters of every frame by OSC",
      &o.osc_out, 0, 0 },
    { "timeline", 0, NN_OPT_TEXT, "FILE", "draw moods and effects over time as PNG", &o.timeline,
      0, 0 },
    { "sheet", 0, NN_OPT_TEXT, "FILE", "draw each effect before and after as PNG", &o.sheet,
      0, 0 },
    { "model", 'm', NN_OPT_TEXT, "FILE", "emotion model, or tiny: our small one", &o.model, 0, 0 },
    { "face-model", 0, NN_OPT_TEXT, "FILE", "face detector, ONNX or TFLite; \"cascade\": OpenCV's",
      &o.face_model, 0, 0 },
    { "baseline", 0, NN_OPT_FLAG, NULL, "learn resting faces in films, too (live it always does)",
      &o.baseline, 0, 0 },
    { "no-baseline", 0, NN_OPT_FLAG, NULL, "take faces as they are, live as well", &o.no_baseline,
      0, 0 },
    { "engine", 0, NN_OPT_TEXT, "NAME", "that runs it: ours, or ort (ONNX Runtime)", &o.engine,
      0, 0 },
    { "seed", 's', NN_OPT_INT, "N", "of all chance", &o.seed, 0, 9007199254740992.0 },
    { "threads", 0, NN_OPT_INT, "N", "at most; 0: one for each core", &o.threads, 0, 256 },
    { "max-memory", 0, NN_OPT_SIZE, "SIZE", "for the model's weights and values", &o.max_memory,
      1 << 20, 0x1p40 },
    { "no-flash-limit", 0, NN_OPT_FLAG, NULL, "let the picture flash more than three times a "
      "second", &o.no_flash_limit, 0, 0 },
    { "json", 0, NN_OPT_FLAG, NULL, "print JSON", &o.json, 0, 0 },
    { "list-effects", 0, NN_OPT_FLAG, NULL, "tell which effects there are", &o.list_effects, 0, 0 },
    { "list-signals", 0, NN_OPT_FLAG, NULL, "tell which signals there are, with "
      "--patch also its own", &o.list_signals, 0, 0 },
    { "list-functions", 0, NN_OPT_FLAG, NULL, "tell what a patch can derive signals by",
      &o.list_functions, 0, 0 },
    { 0 },
};

const struct nn_cmd nn_run_cmds[] = {
    { "", NULL, "play a film whose picture follows its faces",
      "neonnoir-run --input scene.mov --patch rage --output scene-rage.mp4 --timeline moods.png\n"
      "  neonnoir-run --input /dev/video0 --output window --record show.nnlog",
      opts, 0, 0, run },
    { 0 },
};
