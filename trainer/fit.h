/*
 * fit.h - a training run: epochs of steps, validation, checkpoints, resume.
 *
 * runs/NAME/ in the catalog holds graph.onnx (the network as it began),
 * last.safetensors (all that a step depends on, with the place in the epoch),
 * best.onnx (averaged weights of the best epoch, ready to export), metrics.csv,
 * TensorBoard's events, loss.png and confusion.png. Ctrl-C saves and marks the run "stopped"; the
 * next fit goes on at that very batch.
 */
#ifndef NN_TRAINER_FIT_H
#define NN_TRAINER_FIT_H

#include "datasets/run.h"
#include "datasets/snapshot.h"
#include "runtime/onnx/graph.h"
#include "trainer/peers.h"
#include "trainer/settings.h"

/* In a run's directory: the votes and the teacher, where settings ask for them. */
#define NN_FIT_VOTES "votes.csv.gz"
#define NN_FIT_TEACHER "teacher.onnx"

/* Trains `run` (its row and directory exist, graph.onnx is there) on the
 * snapshot, from its checkpoint if it has one. 0, or -1: NN_EINTR when the
 * user stopped it (saved). With peers (NULL: alone) a step takes a batch for each of
 * them; process 0 alone writes, the others may have the catalog open for reading. */
int nn_fit(struct nn_catalog *cat, struct nn_run *run, const struct nn_settings *s,
           const struct nn_snapshot *snap, struct nn_peers *peers, struct nn_err *err);

/* How a model's metadata want its input. 1 read, 0 when they do not say (norm stays), -1. */
int nn_fit_normal(const struct nn_graph *g, struct nn_normal *norm, struct nn_err *err);

/* Metadata by which the runtime knows how to feed the network. */
int nn_fit_describe(struct nn_graph *g, const struct nn_settings *s, const struct nn_snapshot *snap,
                    struct nn_err *err);

#endif
