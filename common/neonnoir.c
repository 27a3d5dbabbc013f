/*
 * neonnoir.c - starts the programs by their short names, as git does:
 * `neonnoir ingest footage x.mp4` runs `neonnoir-ingest footage x.mp4`.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/fs.h"

static const struct { const char *word, *program, *first, *brief; } programs[] = {
    { "init",    "neonnoir-dataset", "init", "make a catalog" },
    { "ingest",  "neonnoir-ingest",  NULL,   "bring footage and labelled pictures in" },
    { "dataset", "neonnoir-dataset", NULL,   "list, show, count, freeze and check the catalog" },
    { "label",   "neonnoir-label",   NULL,   "tag clips, fill collections, label faces" },
    { "train",   "neonnoir-train",   NULL,   "train emotion networks and judge them" },
    { "export",  "neonnoir-export",  NULL,   "write, verify and inspect ONNX models" },
    { "run",     "neonnoir-run",     NULL,   "play a film whose picture follows its faces" },
    { "analyze", "neonnoir-run",     "analyze", "curves and markers of a film's emotions" },
    { "synth",   "neonnoir-run",     "synth", "neon-noir pictures and films, with true tags" },
    { "morph",   "neonnoir-run",     "morph", "from one face to another; more of an expression" },
};
enum { COUNT = sizeof programs / sizeof *programs };

static void help(FILE *f)
{
    fputs("neonnoir - the picture feels what the actor feels\n\nCommands:\n", f);
    for (int i = 0; i < COUNT; i++)
        fprintf(f, "  %-10s %s\n", programs[i].word, programs[i].brief);
    fputs("\nneonnoir COMMAND --help tells more.\n", f);
}

/* The program beside this one, so that a build tree works uninstalled. */
static int start(const char *program, char **argv)
{
    struct nn_err err = { 0 };
    char dir[NN_PATH], path[NN_PATH];

    if (!nn_program_dir(dir, &err) && !nn_path(path, &err, "%s/%s", dir, program)) {
        execv(path, argv);
        nn_fail_errno(&err, "cannot start %s", path);
    }
    fprintf(stderr, "neonnoir: %s\n", err.msg);
    return 1;
}

int main(int argc, char **argv)
{
    if (argc < 2 || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
        help(argc < 2 ? stderr : stdout);
        return argc < 2 ? 2 : 0;
    }
    for (int i = 0; i < COUNT; i++) {
        if (strcmp(argv[1], programs[i].word))
            continue;
        if (programs[i].first) {            /* `init` stays the sub-command */
            argv[0] = (char *)programs[i].program;
            return start(programs[i].program, argv);
        }
        argv[1] = (char *)programs[i].program;
        return start(programs[i].program, argv + 1);
    }
    fprintf(stderr, "neonnoir: no command \"%s\"; neonnoir --help lists them\n", argv[1]);
    return 2;
}
