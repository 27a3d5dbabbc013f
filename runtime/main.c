/* main.c - neonnoir-run: plays a film whose picture follows its faces, or looks at it alone. */
#include <string.h>

#include "common/cli.h"
#include "runtime/morph/morph.h"
#include "runtime/run.h"
#include "runtime/synth/produce.h"

int main(int argc, char **argv)
{
    static const struct nn_program run = {
        .name = "neonnoir-run",
        .brief = "the picture feels what the actor feels",
        .cmds = nn_run_cmds,
    };
    static const struct nn_program analyze = {
        .name = "neonnoir analyze",
        .brief = "what a film's faces feel, for the edit",
        .cmds = nn_analyze_cmds,
    };
    static const struct nn_program synth = {
        .name = "neonnoir synth",
        .brief = "neon-noir scenes out of a seed",
        .cmds = nn_synth_cmds,
    };
    static const struct nn_program morph = {
        .name = "neonnoir morph",
        .brief = "from one face to another",
        .cmds = nn_morph_cmds,
    };

    if (argc > 1 && !strcmp(argv[1], "morph"))
        return nn_cli_main(&morph, argc - 1, argv + 1);
    if (argc > 1 && !strcmp(argv[1], "synth"))
        return nn_cli_main(&synth, argc - 1, argv + 1);
    if (argc > 1 && !strcmp(argv[1], "analyze"))
        return nn_cli_main(&analyze, argc - 1, argv + 1);
    return nn_cli_main(&run, argc, argv);
}
