/*
 * stop.h - Ctrl-C as a question that loops ask, instead of a sudden end.
 *
 * After nn_stop_catch() the first SIGINT or SIGTERM only sets a flag: work
 * finishes its unit, saves, and returns NN_EINTR. A second one kills.
 */
#ifndef NN_COMMON_STOP_H
#define NN_COMMON_STOP_H

struct nn_err;

void nn_stop_catch(void);
/* Non-zero once the user has asked to stop. */
int nn_stopping(void);
/* Returns -1 with NN_EINTR and `what` when stopping, else 0. */
int nn_check_stop(const char *what, struct nn_err *err);

#endif
