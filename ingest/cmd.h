/*
 * cmd.h - the sub-commands of neonnoir-ingest; each is one file, cmd_NAME.c,
 * ending in its row of the table.
 */
#ifndef NN_INGEST_CMD_H
#define NN_INGEST_CMD_H

#include "common/cli.h"

extern const struct nn_cmd nn_cmd_footage;
extern const struct nn_cmd nn_cmd_images;

#endif
