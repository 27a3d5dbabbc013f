/*
 * cmds.h - the sub-commands of neonnoir-label; main.c has their table.
 */
#ifndef NN_LABELER_CMDS_H
#define NN_LABELER_CMDS_H

#include "common/cli.h"

extern const struct nn_opt nn_label_add_opts[], nn_label_rm_opts[], nn_label_ls_opts[],
    nn_label_collect_opts[], nn_label_faces_opts[], nn_label_guess_opts[],
    nn_label_log_opts[];

int nn_label_add(int argc, char **argv, struct nn_err *err);
int nn_label_rm(int argc, char **argv, struct nn_err *err);
int nn_label_ls(int argc, char **argv, struct nn_err *err);
int nn_label_collect(int argc, char **argv, struct nn_err *err);
int nn_label_faces(int argc, char **argv, struct nn_err *err);
int nn_label_guess(int argc, char **argv, struct nn_err *err);
int nn_label_import(int argc, char **argv, struct nn_err *err);
int nn_label_undo(int argc, char **argv, struct nn_err *err);
int nn_label_log(int argc, char **argv, struct nn_err *err);

#endif
