#include <stddef.h>

#include "datasets/cmds.h"

static const struct nn_cmd cmds[] = {
    { "init", NULL, "make a catalog", "neonnoir init -C my-film", NULL, 0, 0, nn_dataset_init },
    { "ls", NULL, "list clips, media, collections, tags, snapshots or runs",
      "neonnoir dataset ls --where 'in:\"Chaotic Beauty\" emotion:angry faces>0'\n"
      "  neonnoir dataset ls --tags --json",
      nn_dataset_ls_opts, 0, 0, nn_dataset_ls },
    { "show", "CLIP|HASH|SNAPSHOT|RUN", "everything about one of them",
      "neonnoir dataset show megamind-2", nn_dataset_show_opts, 1, 1, nn_dataset_show },
    { "stats", NULL, "counts by kind, label, split, tag, collection and licence",
      "neonnoir dataset stats", nn_dataset_stats_opts, 0, 0, nn_dataset_stats },
    { "snapshot", NULL, "freeze labelled faces for training",
      "neonnoir dataset snapshot --name faces-1 --where 'in:\"Neon Noir\" source:person'",
      nn_dataset_snapshot_opts, 0, 0, nn_dataset_snapshot },
    { "verify", NULL, "check the database, the pool and the snapshots",
      "neonnoir dataset verify --deep", nn_dataset_verify_opts, 0, 0, nn_dataset_verify },
    { "consent", "[add|grant|withdraw PERSON]", "persons, and what they agreed to",
      "neonnoir dataset consent add \"Ada Lovelace\" --note \"form in folder 3\"\n"
      "  neonnoir dataset consent grant \"Ada Lovelace\" --for training --until 2027-12-31\n"
      "  neonnoir dataset consent withdraw \"Ada Lovelace\" --for training",
      nn_dataset_consent_opts, 0, 2, nn_dataset_consent },
    { 0 },
};

int main(int argc, char **argv)
{
    static const struct nn_program program = {
        "neonnoir-dataset", "the catalog: list, show, count, freeze, check", cmds, 1,
    };

    return nn_cli_main(&program, argc, argv);
}
