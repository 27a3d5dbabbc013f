/*
 * tasks.h - what is learnt from tables: one row for each network.
 *
 * To add one: a file that reads its archive into a table and varies a row, its
 * name here, a command in cmd_table.c and main.c.
 */
#ifndef NN_TRAINER_TABLES_TASKS_H
#define NN_TRAINER_TABLES_TASKS_H

#include "common/rng.h"
#include "trainer/table.h"

struct nn_table_task {
    const char *name;           /* neonnoir.task */
    const char *brief;
    const char *classes;        /* their names, with commas between; neonnoir.classes */
    const char *features;       /* version of the preparation; neonnoir.features */
    const char *units;          /* of the input, for people; neonnoir.units */
    const char *licence;        /* of the data it is made for; neonnoir.data_licence */
    const char *input;          /* the network's input */
    int channels, length;       /* a row is (channels, length); length 1: no course of time */
    int width, epochs;          /* of the network's first layer; passes over the data */
    int balance;                /* rare classes count as much as frequent ones */
    const char *groups;         /* what one group is: "person" */
    /* Reads an archive or folder. 0, or -1: nothing fits, or something is broken. */
    int (*load)(struct nn_table *t, const char *path, struct nn_err *err);
    /* A plausible other row of the same kind; may change the label (a mirrored turn). */
    void (*vary)(const float *in, float *out, int *label, struct nn_rng *rng);
};

extern const struct nn_table_task nn_task_gesture, nn_task_motion, nn_task_gyro,
    nn_task_fusion;

/* Name of class c into buf. */
const char *nn_task_class(const struct nn_table_task *t, int c, char *buf, size_t size);
int nn_task_classes(const struct nn_table_task *t);

#endif
