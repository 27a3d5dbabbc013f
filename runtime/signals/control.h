/*
 * control.h - what somebody outside asks for, by an address: OSC, a key, a program.
 *
 *   /neonnoir/signal/pulse/bpm 72          a signal that is fed from outside (the dots of its name
 *                                          are slashes); those that are seen or derived are not
 *   /neonnoir/chain/0/bloom/amount 0.5     a parameter, overruling its links from now on;
 *                                          the number counts the effects of the file, all scenes
 *   /neonnoir/chain/0/bloom/amount         without a value: released, its links move it again
 *   /neonnoir/release                      all parameters
 *   /neonnoir/scene 1 | "rain"             that scene, by number or name
 *   /neonnoir/scene/next
 *   /neonnoir/patch "rage"                 another patch; the caller's to do, as are
 *   /neonnoir/patch/next, /neonnoir/patch/previous
 *
 * /next, /previous and /release are buttons: 0 does nothing, so that letting go is not a press.
 */
#ifndef NN_RUNTIME_SIGNALS_CONTROL_H
#define NN_RUNTIME_SIGNALS_CONTROL_H

#include "runtime/signals/patch.h"

enum { NN_ADDRESS = 128 };

struct nn_control {
    enum { NN_CONTROL_NONE, NN_CONTROL_NUMBER, NN_CONTROL_TEXT } kind;  /* of the value */
    char address[NN_ADDRESS], text[NN_ADDRESS];
    float value;                            /* finite */
};

enum nn_asked {
    NN_ASKED_NOTHING,                       /* no such address, or a value it cannot have */
    NN_ASKED_DONE,
    NN_ASKED_PATCH,                         /* c->text is wanted */
    NN_ASKED_NEXT, NN_ASKED_PREVIOUS        /* patches */
};

/* Does what is asked for, at t seconds; values are clamped to their limits. */
enum nn_asked nn_control_apply(const struct nn_control *c, struct nn_patch *p,
                               struct nn_bus *bus, double t);

/* The address of signal s, and of parameter k of link i. */
void nn_control_signal(const struct nn_patch *p, int s, char out[NN_ADDRESS]);
void nn_control_param(const struct nn_patch *p, int i, int k, char out[NN_ADDRESS]);

#endif
