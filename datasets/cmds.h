/*
 * cmds.h - the sub-commands of neonnoir-dataset; main.c has their table.
 */
#ifndef NN_DATASETS_CMDS_H
#define NN_DATASETS_CMDS_H

#include "common/cli.h"

extern const struct nn_opt nn_dataset_ls_opts[], nn_dataset_show_opts[], nn_dataset_stats_opts[],
    nn_dataset_snapshot_opts[], nn_dataset_verify_opts[], nn_dataset_consent_opts[];

int nn_dataset_init(int argc, char **argv, struct nn_err *err);
int nn_dataset_ls(int argc, char **argv, struct nn_err *err);
int nn_dataset_show(int argc, char **argv, struct nn_err *err);
int nn_dataset_stats(int argc, char **argv, struct nn_err *err);
int nn_dataset_snapshot(int argc, char **argv, struct nn_err *err);
int nn_dataset_verify(int argc, char **argv, struct nn_err *err);
int nn_dataset_consent(int argc, char **argv, struct nn_err *err);

#endif
