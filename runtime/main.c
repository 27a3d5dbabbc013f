/* main.c - neonnoir-run: plays a film whose picture follows its faces. */
#include "common/cli.h"
#include "runtime/run.h"

int main(int argc, char **argv)
{
    static const struct nn_program program = {
        .name = "neonnoir-run",
        .brief = "the picture feels what the actor feels",
        .cmds = nn_run_cmds,
    };

    return nn_cli_main(&program, argc, argv);
}
