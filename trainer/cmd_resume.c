/* neonnoir train resume */
#include "trainer/cmds.h"
#include "trainer/together.h"

int nn_train_resume(int argc, char **argv, struct nn_err *err)
{
    struct nn_catalog *cat = NULL;
    struct nn_peers *peers;
    int ret = -1;

    (void)argc;
    if (!nn_together_join(&peers, err) && (cat = nn_together_open(peers, err)))
        ret = nn_together_train(cat, argv[0], peers, err);
    nn_catalog_close(cat);
    nn_peers_free(peers);
    return ret;
}
