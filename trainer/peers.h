/*
 * peers.h - several processes that train one network together, on one machine or on many.
 *
 * A launcher starts the same command several times and tells each by variables who it is:
 * torchrun (RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT), Slurm's srun (SLURM_PROCID,
 * SLURM_NTASKS, SLURM_LAUNCH_NODE_IPADDR), Open MPI's mpirun (OMPI_COMM_WORLD_RANK, _SIZE) or
 * MPICH's (PMI_RANK, PMI_SIZE). They meet at process 0's address and port; sums go through
 * libtorch's c10d with Gloo. The catalog must be the same for all: only process 0 writes in it.
 */
#ifndef NN_TRAINER_PEERS_H
#define NN_TRAINER_PEERS_H

#include <stddef.h>

#include "common/err.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { NN_PEERS_PORT = 29500 };     /* torchrun's, where nobody says */

struct nn_peers_place {
    int rank, count;                /* 0 and 1: alone */
    char host[256];                 /* of process 0 */
    int port;
};

/* What the launcher says. Variables that contradict each other or are no numbers: -1. */
int nn_peers_find(struct nn_peers_place *p, struct nn_err *err);

struct nn_peers;

/* Meets the others, which must come within `seconds`; *out stays NULL when alone. Free with
 * nn_peers_free(). */
int nn_peers_join(const struct nn_peers_place *p, int seconds, struct nn_peers **out,
                  struct nn_err *err);
void nn_peers_free(struct nn_peers *p);         /* NULL is fine */
int nn_peers_rank(const struct nn_peers *p);    /* 0 when alone (NULL) */
int nn_peers_count(const struct nn_peers *p);   /* 1 when alone */

/* Process 0's text reaches all others: given there, written into text[size] elsewhere. */
int nn_peers_tell(struct nn_peers *p, const char *key, char *text, size_t size,
                  struct nn_err *err);

#ifdef __cplusplus
}
#endif

#endif
