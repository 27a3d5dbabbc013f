#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/signals/osc.h"

/* liblo allocates for each message; a frame must not, so these few bytes are written here,
 * as "The Open Sound Control 1.0 Specification" (Wright, 2002) has them. */
struct nn_osc_out {
    int fd;
    uint8_t datagram[NN_OSC_DATAGRAM];
    size_t n;
    char name[64];              /* of the patch, as last said */
    double said;
};

static const uint8_t head[16] = { '#', 'b', 'u', 'n', 'd', 'l', 'e', 0, [15] = 1 };  /* at once */

/* Splits "HOST:PORT"; brackets keep the colons of IPv6. */
static int split(const char *to, char host[256], char port[8], struct nn_err *err)
{
    const char *colon = strrchr(to, ':'), *p = colon ? colon + 1 : to;
    size_t n = colon ? (size_t)(colon - to) : 0;
    long v;
    char *end;

    v = strtol(p, &end, 10);
    if (end == p || *end || v < 1 || v > 65535 || n >= 256)
        return nn_fail(err, NN_EUSAGE, "--osc-out is HOST:PORT, not '%.100s'", to);
    snprintf(port, 8, "%ld", v);
    if (n > 1 && *to == '[' && to[n - 1] == ']') {
        to++;
        n -= 2;
    }
    snprintf(host, 256, "%.*s", n ? (int)n : 9, n ? to : "127.0.0.1");
    return 0;
}

struct nn_osc_out *nn_osc_out_open(const char *to, struct nn_err *err)
{
    struct addrinfo want = { .ai_socktype = SOCK_DGRAM, .ai_family = AF_UNSPEC }, *found = NULL;
    struct nn_osc_out *o = calloc(1, sizeof *o);
    char host[256], port[8];
    int why;

    if (!o) {
        nn_fail_mem(err, "OSC");
        return NULL;
    }
    o->fd = -1;
    if (split(to, host, port, err))
        goto fail;
    if ((why = getaddrinfo(host, port, &want, &found))) {
        nn_fail(err, NN_EIO, "OSC: %s: %s", to, gai_strerror(why));
        goto fail;
    }
    for (const struct addrinfo *a = found; a && o->fd < 0; a = a->ai_next) {
        o->fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
        if (o->fd >= 0 && connect(o->fd, a->ai_addr, a->ai_addrlen)) {
            close(o->fd);
            o->fd = -1;
        }
    }
    if (o->fd < 0) {
        nn_fail_errno(err, "OSC cannot send to %s", to);
        goto fail;
    }
    freeaddrinfo(found);
    return o;
fail:
    if (found)
        freeaddrinfo(found);
    nn_osc_out_close(o);
    return NULL;
}

void nn_osc_out_close(struct nn_osc_out *o)
{
    if (o && o->fd >= 0)
        close(o->fd);
    free(o);
}

static void flush(struct nn_osc_out *o)
{
    if (o->n > sizeof head)         /* nobody listening is no error: they may come later */
        (void)!send(o->fd, o->datagram, o->n, MSG_DONTWAIT | MSG_NOSIGNAL);
    memcpy(o->datagram, head, sizeof head);
    o->n = sizeof head;
}

/* Zero-ended and filled up to four bytes. */
static size_t padded(const char *s)
{
    return strlen(s) / 4 * 4 + 4;
}

static void put_word(uint8_t *to, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* One message of the bundle; its argument's bytes, zeroed, are the caller's to fill. */
static uint8_t *message(struct nn_osc_out *o, const char *address, char type, size_t bytes)
{
    size_t name = padded(address), size = name + 4 + bytes;
    uint8_t *to;

    if (o->n + 4 + size > sizeof o->datagram)
        flush(o);
    to = o->datagram + o->n;
    memset(to, 0, 4 + size);
    put_word(to, (uint32_t)size);
    memcpy(to + 4, address, strlen(address));
    to[4 + name] = ',';
    to[5 + name] = (uint8_t)type;
    o->n += 4 + size;
    return to + 8 + name;
}

static void put_float(struct nn_osc_out *o, const char *address, float v)
{
    uint32_t bits;

    memcpy(&bits, &v, sizeof bits);
    put_word(message(o, address, 'f', 4), bits);
}

void nn_osc_out_frame(struct nn_osc_out *o, const struct nn_patch *p, const struct nn_bus *bus,
                      float value[NN_MAX_CHAIN][NN_MAX_PARAMS], double t)
{
    char address[NN_ADDRESS];

    o->n = 0;
    flush(o);
    if (strcmp(o->name, p->name) || t < o->said || t - o->said >= 1) {
        memcpy(o->name, p->name, sizeof o->name);
        o->said = t;
        memcpy(message(o, "/neonnoir/patch", 's', padded(p->name)), p->name, strlen(p->name));
    }
    put_word(message(o, "/neonnoir/scene", 'i', 4), (uint32_t)p->change.now);
    for (int s = 0; s < NN_SIGNALS + p->owns; s++) {
        nn_control_signal(p, s, address);
        put_float(o, address, bus->value[s]);
    }
    for (int i = 0; i < p->count; i++)
        for (int k = 0; k < nn_effect_params(p->link[i].effect); k++) {
            nn_control_param(p, i, k, address);
            put_float(o, address, value[i][k]);
        }
    flush(o);
}
