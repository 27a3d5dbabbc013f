/*
 * neonnoir-ingest - footage and labelled pictures into the catalog.
 */
#include "ingest/cmd.h"

int main(int argc, char **argv)
{
    const struct nn_cmd cmds[] = { nn_cmd_footage, nn_cmd_images, { 0 } };
    const struct nn_program program = {
        "neonnoir-ingest", "bring footage and labelled pictures into the catalog", cmds, 1
    };

    return nn_cli_main(&program, argc, argv);
}
