/*
 * cmds.h - the sub-commands of neonnoir-export; main.c has their table.
 */
#ifndef NN_EXPORT_CMDS_H
#define NN_EXPORT_CMDS_H

#include "common/cli.h"

extern const struct nn_opt nn_export_onnx_opts[], nn_export_verify_opts[], nn_export_inspect_opts[],
    nn_export_visualize_opts[], nn_export_convert_opts[], nn_export_int8_opts[],
    nn_export_bench_opts[], nn_export_latent_opts[], nn_export_look_opts[];

int nn_export_onnx(int argc, char **argv, struct nn_err *err);
int nn_export_verify(int argc, char **argv, struct nn_err *err);
int nn_export_inspect(int argc, char **argv, struct nn_err *err);
int nn_export_visualize(int argc, char **argv, struct nn_err *err);
int nn_export_convert(int argc, char **argv, struct nn_err *err);
int nn_export_bench(int argc, char **argv, struct nn_err *err);
int nn_export_latent(int argc, char **argv, struct nn_err *err);
int nn_export_look(int argc, char **argv, struct nn_err *err);
int nn_export_int8(int argc, char **argv, struct nn_err *err);

#endif
