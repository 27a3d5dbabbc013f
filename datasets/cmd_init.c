/* neonnoir init: a new catalog. */
#include <stdio.h>

#include "datasets/catalog.h"
#include "datasets/cmds.h"

int nn_dataset_init(int argc, char **argv, struct nn_err *err)
{
    int made;

    (void)argc, (void)argv;
    if (nn_catalog_init(nn_cli_catalog(), &made, err))
        return -1;
    if (made)
        printf("made the catalog %s\nnext: neonnoir ingest footage -C %s FILE\n", nn_cli_catalog(),
               nn_cli_catalog());
    else
        printf("the catalog %s is there already; nothing was changed\n", nn_cli_catalog());
    return 0;
}
