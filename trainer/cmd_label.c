/* neonnoir train label */
#include "datasets/run.h"
#include "trainer/cmds.h"

int nn_train_label(int argc, char **argv, struct nn_err *err)
{
    const char *const *text = (const char *const *)argv + 1;
    struct nn_catalog *cat = NULL;
    struct nn_run run;
    int ret = -1;

    if (!nn_run_label_check(text, argc - 1, err) &&
        (cat = nn_catalog_open(nn_cli_catalog(), NN_WRITE, err)) &&
        !nn_run_find(cat, argv[0], &run, err))
        ret = nn_run_label_put(cat, run.id, text, argc - 1, err);
    nn_catalog_close(cat);
    return ret;
}
