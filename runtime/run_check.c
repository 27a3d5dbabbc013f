/* run_check.c - words of the command line that cannot be meant. */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/stop.h"
#include "runtime/session.h"

int nn_run_takes_stdout(const struct nn_run_opts *o)
{
    for (int i = 0; i < o->output.count; i++)
        if (nn_sink_is_stdout(o->output.value[i]))
            return 1;
    return 0;
}

/* Sets o->debug by asking, when somebody is there to answer. */
static int choose_mode(struct nn_run_opts *o, struct nn_err *err)
{
    char line[64];

    if (o->debug && o->run)
        return nn_fail(err, NN_EUSAGE, "--debug or --run, not both");
    if (o->debug || o->run || !strcmp(o->input, "-") || nn_run_takes_stdout(o) ||
        !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return 0;
    for (;;) {
        printf("Welcome to Neon Noir Collective. Choose your mode: Debug or Run? ");
        fflush(stdout);
        if (!fgets(line, sizeof line, stdin))
            return nn_stopping() ? nn_check_stop("run", err)
                                 : nn_fail(err, NN_EUSAGE, "no mode was chosen; --debug or --run");
        line[strcspn(line, "\r\n")] = 0;
        o->debug = !strcasecmp(line, "d") || !strcasecmp(line, "debug");
        if (o->debug || !strcasecmp(line, "r") || !strcasecmp(line, "run"))
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
static int check_outputs(const struct nn_run_opts *o, struct nn_err *err)
{
    enum { INPUTS = 6, SHEETS = 5 };
    struct { const char *name, *path; } file[INPUTS + SHEETS + NN_MAX_SINKS] = {
        { "input", strcmp(o->input, "-") ? o->input : NULL },
        { "patch", o->patch }, { "model", o->model }, { "face-model", o->face_model },
        { "replay", o->replay }, { "signals-in", o->signals_in },
    };
    const char *sheet[SHEETS][2] = { { "signals", o->signals }, { "timeline", o->timeline },
                                     { "sheet", o->sheet }, { "record", o->record },
                                     { "keep", o->keep } };
    const int whole = SHEETS - 2;       /* those that are put in their places when whole */
    int files = INPUTS;
    struct nn_atomic probe;

    if (o->output.count > NN_MAX_SINKS)
        return nn_fail(err, NN_EUSAGE, "more than %d outputs", NN_MAX_SINKS);
    for (int i = 0; i < o->output.count; i++, files++) {
        file[files].name = "output";
        file[files].path = nn_sink_is_stdout(o->output.value[i])
                           ? NULL : nn_sink_path(o->output.value[i]);
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
        if (!file[i].path || i >= files - SHEETS + whole ||
            (!strcmp(file[i].name, "output") && !nn_sink_is_file(file[i].path)))
            continue;
        if (nn_atomic_name(&probe, file[i].path, err))
            return -1;
        nn_atomic_abort(&probe);
    }
    return 0;
}

int nn_run_check(struct nn_run_opts *o, struct nn_err *err)
{
    if (!o->input || !o->output.count)
        return nn_fail(err, NN_EUSAGE, "--%s FILE is needed; see --help",
                       o->input ? "output" : "input");
    if (o->replay && (o->live || o->record || o->keep))
        return nn_fail(err, NN_EUSAGE, "--replay renders a show that is over: neither --live nor "
                       "--record goes with it");
    if (strcmp(o->engine, "ours") && strcmp(o->engine, "ort"))
        return nn_fail(err, NN_EUSAGE, "--engine is ours or ort (ONNX Runtime), not '%s'",
                       o->engine);
    return check_outputs(o, err) ? -1 : choose_mode(o, err);
}
