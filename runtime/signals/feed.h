/*
 * feed.h - signals played from a recording: a CSV file made elsewhere, or by --signals.
 *
 * The first line names the columns: "seconds" is needed and rises from row to row ("frame"
 * is passed over), the others are signals of the table or of the patch. An empty cell says
 * nothing. Between two values of a column the signal goes straight from one to the other; a
 * phase (unit "turns") goes forward through its wrap; whole numbers (faces, scenes) and gaps
 * of more than NN_FEED_GAP seconds hold the earlier value. Before its first value a column
 * leaves the signal alone, behind its last it holds that.
 */
#ifndef NN_RUNTIME_SIGNALS_FEED_H
#define NN_RUNTIME_SIGNALS_FEED_H

#include "runtime/signals/patch.h"

#define NN_FEED_GAP 1.0
enum { NN_FEED_COLUMNS = 128 };

struct nn_feed;

/* A file of at most 256 MiB, read whole. Errors name the line. Free with nn_feed_free(). */
struct nn_feed *nn_feed_open(const char *path, struct nn_err *err);
void nn_feed_free(struct nn_feed *f);           /* NULL is fine */

/* Says by a warning which columns are no signals, of the table or of `p` (may be NULL), and
 * what they may have meant. Returns how many. */
int nn_feed_check(const struct nn_feed *f, const struct nn_patch *p);
/* Puts the signals as of t seconds on the bus. t may jump either way. */
void nn_feed_play(struct nn_feed *f, const struct nn_patch *p, struct nn_bus *bus, double t);

#endif
