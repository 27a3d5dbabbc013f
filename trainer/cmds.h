/*
 * cmds.h - the sub-commands of neonnoir-train; main.c has their table.
 */
#ifndef NN_TRAINER_CMDS_H
#define NN_TRAINER_CMDS_H

#include "common/cli.h"

extern const struct nn_opt nn_train_emotion_opts[], nn_train_show_opts[], nn_train_ls_opts[],
    nn_train_eval_opts[], nn_train_compare_opts[], nn_train_table_opts[], nn_train_sweep_opts[],
    nn_train_eyes_opts[], nn_train_judge_opts[], nn_train_latent_opts[];

extern const struct nn_opt nn_train_gan_opts[];
int nn_train_gan(int argc, char **argv, struct nn_err *err);
int nn_train_emotion(int argc, char **argv, struct nn_err *err);
int nn_train_sweep(int argc, char **argv, struct nn_err *err);
int nn_train_resume(int argc, char **argv, struct nn_err *err);
int nn_train_ls(int argc, char **argv, struct nn_err *err);
int nn_train_compare(int argc, char **argv, struct nn_err *err);
int nn_train_label(int argc, char **argv, struct nn_err *err);
int nn_train_show(int argc, char **argv, struct nn_err *err);
int nn_train_eval(int argc, char **argv, struct nn_err *err);
int nn_train_gesture(int argc, char **argv, struct nn_err *err);
int nn_train_motion(int argc, char **argv, struct nn_err *err);
int nn_train_gyro(int argc, char **argv, struct nn_err *err);
int nn_train_fusion(int argc, char **argv, struct nn_err *err);
int nn_train_eyes(int argc, char **argv, struct nn_err *err);
int nn_train_judge(int argc, char **argv, struct nn_err *err);
int nn_train_latent(int argc, char **argv, struct nn_err *err);

#endif
