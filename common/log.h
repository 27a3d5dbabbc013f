/*
 * log.h - what a person reads while a command works: stderr, one line each.
 *
 * Results go to stdout and never through here. Levels: 0 quiet (errors only),
 * 1 normal, 2 verbose. Safe from several threads; a running progress bar is
 * cleared before a line and redrawn by its next update.
 */
#ifndef NN_COMMON_LOG_H
#define NN_COMMON_LOG_H

#include "common/err.h"

void nn_log_level(int level);

/* Level 1: "what happened". */
void nn_info(const char *fmt, ...) NN_PRINTF(1, 2);
/* Level 1, with "warning: " before it: the work goes on without something. */
void nn_warn(const char *fmt, ...) NN_PRINTF(1, 2);
/* Level 2. */
void nn_debug(const char *fmt, ...) NN_PRINTF(1, 2);

/* For progress bars alone: draws `line` in place of the current one when
 * stderr is a terminal; NULL clears it. */
void nn_log_status(const char *line);
/* Whether stderr is a terminal that can hold a status line. */
int nn_log_is_terminal(void);

#endif
