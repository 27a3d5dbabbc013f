/* record_pack.h - numbers to little-endian bytes and back, with bounds. Internal to record*.c. */
#ifndef NN_RUNTIME_RECORD_PACK_H
#define NN_RUNTIME_RECORD_PACK_H

#include <stddef.h>
#include <stdint.h>

extern const char nn_log_magic[8];

/* CRC-32 of IEEE 802.3 over `kind` and n bytes. */
uint32_t nn_log_crc(uint8_t kind, const uint8_t *p, size_t n);

/* Where bytes go; what does not fit is left out and noted. */
struct nn_pack {
    uint8_t *p;
    size_t n, room;
    int full;
};
void nn_pack_bytes(struct nn_pack *k, const void *p, size_t n);
void nn_pack_int(struct nn_pack *k, uint64_t v, int bytes);
void nn_pack_f32(struct nn_pack *k, const float *v, int n);
void nn_pack_f64(struct nn_pack *k, double v);
void nn_pack_text(struct nn_pack *k, const char *s);

/* Where they come from; past the end everything is 0, and `bad` is set. */
struct nn_unpack {
    const uint8_t *p;
    size_t left;
    int bad;
};
uint64_t nn_unpack_int(struct nn_unpack *k, int bytes);
void nn_unpack_f32(struct nn_unpack *k, float *v, int n);
double nn_unpack_f64(struct nn_unpack *k);
/* Into `out`, cut to its size; NULL: passed over. Returns the text's length. */
size_t nn_unpack_text(struct nn_unpack *k, char *out, size_t size);

#endif
