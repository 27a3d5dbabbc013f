/*
 * osc.h - Open Sound Control 1.0 over UDP, in and out (control.h has the addresses).
 *
 * In: a thread of its own receives by liblo and keeps the newest value of each address in a
 * box of fixed size, from which the renderer takes all at once, before a frame. However
 * much comes, nothing queues, the renderer never waits, memory stays the same: when more
 * than NN_OSC_BOX addresses came since the last frame, the oldest is forgotten. Only
 * addresses below /neonnoir/ are kept, with their first argument (f d i h T F s S, or none).
 * Time tags of bundles are not waited for.
 *
 * Out: bundles of at most NN_OSC_DATAGRAM bytes, written without allocating and sent
 * without waiting; what the network does not take is lost, as is UDP's way.
 */
#ifndef NN_RUNTIME_SIGNALS_OSC_H
#define NN_RUNTIME_SIGNALS_OSC_H

#include <stddef.h>

#include "runtime/signals/control.h"

enum { NN_OSC_BOX = 256, NN_OSC_DATAGRAM = 1400 };

struct nn_osc_stats {
    int64_t messages;           /* that came */
    int64_t foreign;            /* of other addresses, or values we cannot take */
    int64_t forgotten;          /* for want of room */
};

struct nn_osc_in;
/* Listens on a UDP port; 0: one that is free. Free with nn_osc_in_close(). NULL and `err`. */
struct nn_osc_in *nn_osc_in_open(int port, struct nn_err *err);
void nn_osc_in_close(struct nn_osc_in *o);      /* NULL is fine */
int nn_osc_in_port(const struct nn_osc_in *o);
/* Moves what came since the last call into out[], oldest first; returns how many. Never
 * waits: while the thread is at the box, there is nothing. */
int nn_osc_in_take(struct nn_osc_in *o, struct nn_control out[NN_OSC_BOX]);
struct nn_osc_stats nn_osc_in_stats(struct nn_osc_in *o);
/* A packet that came another way, as if it had come from the network. */
void nn_osc_in_feed(struct nn_osc_in *o, const void *packet, size_t size);

struct nn_osc_out;
/* "HOST:PORT", "[::1]:9000" or a port of this machine. Free with nn_osc_out_close(). */
struct nn_osc_out *nn_osc_out_open(const char *to, struct nn_err *err);
void nn_osc_out_close(struct nn_osc_out *o);    /* NULL is fine */
/* The state of a frame: all signals, all values of parameters (value[i] of link i), the
 * scene's number; and, when it is another one or a second has passed, the patch's name. */
void nn_osc_out_frame(struct nn_osc_out *o, const struct nn_patch *p, const struct nn_bus *bus,
                      float value[NN_MAX_CHAIN][NN_MAX_PARAMS], double t);

#endif
