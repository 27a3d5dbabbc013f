#include "common/cli.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/stop.h"

static struct {
    const char *catalog;
    int verbose, quiet, help;
} global;

static const struct nn_opt common_opts[] = {
    { "help", 'h', NN_OPT_FLAG, NULL, "show this help", &global.help, 0, 0 },
    { "verbose", 'v', NN_OPT_FLAG, NULL, "say more", &global.verbose, 0, 0 },
    { "quiet", 'q', NN_OPT_FLAG, NULL, "say only errors", &global.quiet, 0, 0 },
    { 0 },
};

static const struct nn_opt catalog_opts[] = {
    { "catalog", 'C', NN_OPT_TEXT, "DIR", "the catalog ($NEONNOIR_CATALOG)", &global.catalog, 0,
      0 },
    { 0 },
};

static const struct nn_opt *find_in(const struct nn_opt *o, const char *name, size_t n, char letter)
{
    for (; o && o->name; o++)
        if (letter ? o->letter == letter : strlen(o->name) == n && !strncmp(o->name, name, n))
            return o;
    return NULL;
}

static const struct nn_opt *find(const struct nn_program *p, const struct nn_cmd *c,
                                 const char *name, size_t n, char letter)
{
    const struct nn_opt *o = find_in(c->opts, name, n, letter);

    if (!o)
        o = find_in(common_opts, name, n, letter);
    if (!o && p->uses_catalog)
        o = find_in(catalog_opts, name, n, letter);
    return o;
}

static int in_range(const struct nn_opt *o, double v)
{
    return (o->min == 0 && o->max == 0) || (v >= o->min && v <= o->max);
}

/* "2G", "1536M": the largest unit that divides it. */
static const char *size_text(int64_t bytes, char buf[32])
{
    static const char units[] = { 0, 'K', 'M', 'G' };
    int u = 0;

    while (bytes && bytes % 1024 == 0 && u < 3) {
        bytes /= 1024;
        u++;
    }
    snprintf(buf, 32, "%lld%c", (long long)bytes, units[u]);
    return buf;
}

static int bad_size(const struct nn_opt *o, const char *value, struct nn_err *err)
{
    char lo[32], hi[32];

    return nn_fail(err, NN_EUSAGE, "--%s takes a size like 512M or 2G, from %s to %s, not \"%s\"",
                   o->name, size_text((int64_t)o->min, lo), size_text((int64_t)o->max, hi), value);
}

static int bad_value(const struct nn_opt *o, const char *value, struct nn_err *err)
{
    const char *what = o->kind == NN_OPT_INT ? "a whole number" : "a number";

    if (o->min == 0 && o->max == 0)
        return nn_fail(err, NN_EUSAGE, "--%s takes %s, not \"%s\"", o->name, what, value);
    return nn_fail(err, NN_EUSAGE, "--%s takes %s from %.12g to %.12g, not \"%s\"", o->name, what,
                   o->min, o->max, value);
}

static int assign(const struct nn_opt *o, const char *value, struct nn_err *err)
{
    struct nn_opt_list *list;
    char *end;

    errno = 0;
    switch (o->kind) {
    case NN_OPT_FLAG:
        *(int *)o->to = 1;
        return 0;
    case NN_OPT_INT: {
        long long v = strtoll(value, &end, 10);
        if (errno || end == value || *end || !in_range(o, (double)v))
            return bad_value(o, value, err);
        *(int64_t *)o->to = v;
        return 0;
    }
    case NN_OPT_REAL: {
        double v = strtod(value, &end);
        if (errno || end == value || *end || v != v || !in_range(o, v))
            return bad_value(o, value, err);
        *(double *)o->to = v;
        return 0;
    }
    case NN_OPT_SIZE: {
        static const char units[] = "KMG";
        double v = strtod(value, &end);
        const char *unit = end != value && *end ? strchr(units, *end) : NULL;
        if (unit)
            v = ldexp(v, 10 * (int)(unit - units + 1));
        if (errno || end == value || end[!!unit] || !(v >= 0 && v < 9e15) ||
            !in_range(o, v))
            return bad_size(o, value, err);
        *(int64_t *)o->to = (int64_t)v;
        return 0;
    }
    case NN_OPT_TEXT:
        *(const char **)o->to = value;
        return 0;
    case NN_OPT_LIST:
        list = o->to;
        if (list->count == (int)(sizeof list->value / sizeof *list->value))
            return nn_fail(err, NN_EUSAGE, "--%s is given too often", o->name);
        list->value[list->count++] = value;
        return 0;
    case NN_OPT_CALL:
        return ((const struct nn_opt_call *)o->to)->call(value, err);
    }
    return 0;
}

/* Parses argv in place: operands are moved to its front. */
static int parse(const struct nn_program *p, const struct nn_cmd *c, int *argc, char **argv,
                 struct nn_err *err)
{
    int n = 0, only_operands = 0;

    for (int i = 0; i < *argc; i++) {
        char *a = argv[i];
        const char *name = a + 2, *eq, *value;
        const struct nn_opt *o;

        if (only_operands || a[0] != '-' || !a[1]) {
            argv[n++] = a;
            continue;
        }
        if (!strcmp(a, "--")) {
            only_operands = 1;
            continue;
        }
        if (a[1] == '-') {
            eq = strchr(name, '=');
            o = find(p, c, name, eq ? (size_t)(eq - name) : strlen(name), 0);
            value = eq ? eq + 1 : NULL;
        } else {
            o = find(p, c, NULL, 0, a[1]);
            value = a[2] ? a + 2 : NULL;
        }
        if (!o)
            return nn_fail(err, NN_EUSAGE, "unknown option %s; see %s%s%s --help", a, p->name,
                           *c->name ? " " : "", c->name);
        if (o->kind == NN_OPT_FLAG && value)
            return nn_fail(err, NN_EUSAGE, "--%s takes no value", o->name);
        if (o->kind != NN_OPT_FLAG && !value) {
            if (++i == *argc)
                return nn_fail(err, NN_EUSAGE, "--%s needs %s", o->name, o->arg);
            value = argv[i];
        }
        if (assign(o, value, err))
            return -1;
    }
    *argc = n;
    return 0;
}

static void default_of(const struct nn_opt *o, char *out, size_t size)
{
    char text[32];

    out[0] = 0;
    if (o->kind == NN_OPT_INT && *(int64_t *)o->to)
        snprintf(out, size, " [%lld]", (long long)*(int64_t *)o->to);
    else if (o->kind == NN_OPT_REAL && *(double *)o->to > 0)      /* below: "not given" */
        snprintf(out, size, " [%g]", *(double *)o->to);
    else if (o->kind == NN_OPT_SIZE && *(int64_t *)o->to)
        snprintf(out, size, " [%s]", size_text(*(int64_t *)o->to, text));
    else if (o->kind == NN_OPT_TEXT && *(const char **)o->to)
        snprintf(out, size, " [%s]", *(const char **)o->to);
}

static void help_opts(const struct nn_opt *o)
{
    char left[64], dflt[128];

    for (; o && o->name; o++) {
        char letter[] = { '-', o->letter, ',', ' ', 0 };
        snprintf(left, sizeof left, "%s--%s%s%s", o->letter ? letter : "    ", o->name,
                 o->arg ? " " : "", o->arg ? o->arg : "");
        default_of(o, dflt, sizeof dflt);
        printf("  %-28s %s%s\n", left, o->help, dflt);
    }
}

static void help_cmd(const struct nn_program *p, const struct nn_cmd *c)
{
    printf("%s%s%s%s%s - %s\n\n", p->name, *c->name ? " " : "", c->name,
           c->args && *c->args ? " " : "", c->args ? c->args : "", c->brief);
    help_opts(c->opts);
    if (p->uses_catalog)
        help_opts(catalog_opts);
    help_opts(common_opts);
    if (c->example)
        printf("\nExample:\n  %s\n", c->example);
}

static void help_program(const struct nn_program *p, FILE *f)
{
    fprintf(f, "%s - %s\n\nCommands:\n", p->name, p->brief);
    for (const struct nn_cmd *c = p->cmds; c->name; c++) {
        char left[80];
        snprintf(left, sizeof left, "%s%s%s", c->name, *c->name ? " " : "",
                 c->args ? c->args : "");
        fprintf(f, "  %-34s %s\n", left, c->brief);
    }
    fprintf(f, "\n%s COMMAND --help tells more.\n", p->name);
}

static int exit_status(const struct nn_err *err)
{
    return err->code == NN_EUSAGE ? 2 : err->code == NN_EINTR ? 130 : 1;
}

static int run(const struct nn_program *p, const struct nn_cmd *c, int argc, char **argv)
{
    struct nn_err err = { 0 };

    if (parse(p, c, &argc, argv, &err))
        goto fail;
    if (global.help) {
        help_cmd(p, c);
        return 0;
    }
    nn_log_level(global.quiet ? 0 : global.verbose ? 2 : 1);
    if (argc < c->min_args || (c->max_args >= 0 && argc > c->max_args)) {
        nn_fail(&err, NN_EUSAGE, "%s %s wants %s; see --help",
                p->name, c->name, c->args ? c->args : "no operands");
        goto fail;
    }
    nn_stop_catch();
    if (!c->run(argc, argv, &err)) {
        if (!fflush(stdout) && !ferror(stdout))
            return 0;
        nn_fail_errno(&err, "cannot write to stdout");
    }
fail:
    nn_log_status(NULL);
    fprintf(stderr, "%s: %s\n", p->name, err.msg);
    return exit_status(&err);
}

int nn_cli_main(const struct nn_program *p, int argc, char **argv)
{
    const char *env = getenv("NEONNOIR_CATALOG"), *word;
    const struct nn_cmd *otherwise = NULL;

    global.catalog = env && *env ? env : "neonnoir-catalog";
    if (!*p->cmds->name && !p->cmds[1].name)
        return run(p, p->cmds, argc - 1, argv + 1);
    if (argc < 2) {
        help_program(p, stderr);
        return 2;
    }
    word = argv[1];
    if (!strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "help")) {
        help_program(p, stdout);
        return 0;
    }
    for (const struct nn_cmd *c = p->cmds; c->name; c++) {
        if (!strcmp(c->name, word))
            return run(p, c, argc - 2, argv + 2);
        if (!*c->name)
            otherwise = c;
    }
    if (otherwise)
        return run(p, otherwise, argc - 1, argv + 1);
    fprintf(stderr, "%s: no command \"%s\"; %s --help lists them\n", p->name, word, p->name);
    return 2;
}

const char *nn_cli_catalog(void)
{
    return global.catalog;
}
