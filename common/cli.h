/*
 * cli.h - sub-commands and options as tables; help is generated from them.
 *
 * A program is a table of commands, a command a row with its options and its
 * function. Options may stand before, between and after the operands; "--"
 * ends them. `--name value`, `--name=value`, `-n value`; flags take no value;
 * sizes are bytes, or with K, M or G behind them that many times 1024.
 * Every program understands --help, -v/--verbose, -q/--quiet and, when it says
 * so, -C/--catalog DIR (default $NEONNOIR_CATALOG, then "neonnoir-catalog").
 *
 *   static struct { int64_t epochs; int json; } o = { .epochs = 20 };
 *   static const struct nn_opt opts[] = {
 *       { "epochs", 'e', NN_OPT_INT, "N", "passes over the data", &o.epochs, 1, 10000 },
 *       { "json", 0, NN_OPT_FLAG, NULL, "print JSON", &o.json, 0, 0 },
 *       { 0 },
 *   };
 */
#ifndef NN_COMMON_CLI_H
#define NN_COMMON_CLI_H

#include <stdint.h>

#include "common/err.h"

enum nn_opt_kind {
    NN_OPT_FLAG,    /* int: set to 1 */
    NN_OPT_INT,     /* int64_t, min..max */
    NN_OPT_REAL,    /* double, min..max */
    NN_OPT_SIZE,    /* int64_t: bytes, min..max */
    NN_OPT_TEXT,    /* const char *: points into argv */
    NN_OPT_LIST,    /* struct nn_opt_list: may be given several times */
    NN_OPT_CALL     /* struct nn_opt_call: called at once, so options behind it overrule it */
};

struct nn_opt_call {
    int (*call)(const char *value, struct nn_err *err);     /* 0, or -1 with `err` */
};

struct nn_opt_list {
    const char *value[32];
    int count;
};

struct nn_opt {
    const char *name;       /* without dashes */
    char letter;            /* 0: none */
    enum nn_opt_kind kind;
    const char *arg;        /* "FILE"; NULL for flags */
    const char *help;
    void *to;               /* the variable; its first value is the default shown */
    double min, max;        /* INT, REAL and SIZE; both 0: any */
};

struct nn_cmd {
    const char *name;       /* "": what runs when the first word is no command's name */
    const char *args;       /* operands as help shows them: "CLIP... TAG..." */
    const char *brief;      /* one line */
    const char *example;    /* one or more lines, each a whole command; may be NULL */
    const struct nn_opt *opts;  /* ended by a row of zeros; NULL: none */
    int min_args, max_args; /* operands; max -1: any number */
    /* argv holds the operands alone. 0 or -1 with `err`. */
    int (*run)(int argc, char **argv, struct nn_err *err);
};

struct nn_program {
    const char *name;       /* "neonnoir-ingest" */
    const char *brief;
    const struct nn_cmd *cmds;  /* ended by a row of zeros */
    int uses_catalog;       /* offers -C */
};

/* Runs what argv asks for; prints errors. Returns the exit status: 0 done,
 * 1 failed, 2 misused, 130 interrupted. Catches Ctrl-C (stop.h) first. */
int nn_cli_main(const struct nn_program *program, int argc, char **argv);

/* The catalog's directory after parsing. */
const char *nn_cli_catalog(void);

#endif
