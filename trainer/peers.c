#include "trainer/peers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Launchers: who I am, how many we are, where process 0 is. */
static const struct {
    const char *rank, *count, *host;
} launchers[] = {
    { "RANK", "WORLD_SIZE", "MASTER_ADDR" },
    { "SLURM_PROCID", "SLURM_NTASKS", "SLURM_LAUNCH_NODE_IPADDR" },
    { "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", NULL },
    { "PMI_RANK", "PMI_SIZE", NULL },
};
enum { LAUNCHERS = sizeof launchers / sizeof *launchers, MOST = 4096 };

static int number(const char *name, int most, int *out, struct nn_err *err)
{
    const char *text = getenv(name);
    char *end;
    long v;

    if (!text)
        return nn_fail(err, NN_EUSAGE, "the launcher gives no %s", name);
    errno = 0;
    v = strtol(text, &end, 10);
    if (end == text || *end || errno || v < 0 || v > most)
        return nn_fail(err, NN_EUSAGE, "%s is \"%.40s\", not a number from 0 to %d", name, text,
                       most);
    *out = (int)v;
    return 0;
}

int nn_peers_find(struct nn_peers_place *p, struct nn_err *err)
{
    const char *host = getenv("MASTER_ADDR");
    int i = 0;

    *p = (struct nn_peers_place){ .count = 1, .port = NN_PEERS_PORT };
    while (i < LAUNCHERS && !getenv(launchers[i].rank))
        i++;
    if (i == LAUNCHERS)
        return 0;
    if (number(launchers[i].rank, MOST, &p->rank, err) ||
        number(launchers[i].count, MOST, &p->count, err) ||
        (getenv("MASTER_PORT") && number("MASTER_PORT", 65535, &p->port, err)))
        return -1;
    if (p->count < 1 || p->rank >= p->count)
        return nn_fail(err, NN_EUSAGE, "%s is %d of %s %d", launchers[i].rank, p->rank,
                       launchers[i].count, p->count);
    if (!host && launchers[i].host)
        host = getenv(launchers[i].host);
    snprintf(p->host, sizeof p->host, "%s", host ? host : "127.0.0.1");
    return 0;
}
