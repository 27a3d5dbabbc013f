/*
 * mailbox.h - the newest value from one thread to another: nothing queues, nobody waits for
 * the reader, no lock is held.
 *
 * Three slots: one is the writer's, one the reader's, one lies in the box. To post is to
 * exchange the writer's slot for the one in the box, to take is to exchange the reader's,
 * each by one atomic exchange; a value that nobody took is overwritten and counted.
 *
 *   writer:  fill(nn_mailbox_back(&m)); nn_mailbox_post(&m);
 *   reader:  if ((v = nn_mailbox_take(&m, 0.05))) use(v);      until its next take
 */
#ifndef NN_RUNTIME_MAILBOX_H
#define NN_RUNTIME_MAILBOX_H

#include <stdatomic.h>
#include <stdint.h>

struct nn_mailbox {
    void *slot[3];
    int back, front;            /* the writer's and the reader's own */
    _Atomic uint32_t box;       /* the third slot's index | FRESH | CLOSED */
    _Atomic uint32_t bell;      /* changes with every post and with closing */
    atomic_int asleep;          /* the reader may wait for the bell */
    _Atomic int64_t missed;
};

/* The slots stay the caller's, who also says what is in them. */
void nn_mailbox_init(struct nn_mailbox *m, void *a, void *b, void *c);

/* The writer's: the slot to fill next. Its content is an old value or the first. */
void *nn_mailbox_back(const struct nn_mailbox *m);
/* The writer's: returns 1 when the value before was never taken, else 0. Never waits. */
int nn_mailbox_post(struct nn_mailbox *m);
/* Anybody's: no more values will come; whoever waits wakes up. */
void nn_mailbox_close(struct nn_mailbox *m);

/* The reader's: the newest value that was not taken yet, waited for at most `seconds` (0:
 * not at all); NULL: there is none. A closed box gives its last value first. */
void *nn_mailbox_take(struct nn_mailbox *m, double seconds);

/* Anybody's: whether it is closed, and how many values were overwritten unread. */
int nn_mailbox_closed(const struct nn_mailbox *m);
int64_t nn_mailbox_missed(const struct nn_mailbox *m);

#endif
