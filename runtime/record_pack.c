#include "runtime/record_pack.h"

#include <libavutil/crc.h>
#include <string.h>

const char nn_log_magic[8] = { 'N', 'N', 'L', 'O', 'G', '\r', '\n', 0x1a };

uint32_t nn_log_crc(uint8_t kind, const uint8_t *p, size_t n)
{
    const AVCRC *table = av_crc_get_table(AV_CRC_32_IEEE_LE);
    uint32_t crc = av_crc(table, UINT32_MAX, &kind, 1);

    return ~(n ? av_crc(table, crc, p, n) : crc);       /* av_crc() looks at p even for none */
}

void nn_pack_bytes(struct nn_pack *k, const void *p, size_t n)
{
    if (k->full || k->room - k->n < n) {
        k->full = 1;
        return;
    }
    memcpy(k->p + k->n, p, n);
    k->n += n;
}

void nn_pack_int(struct nn_pack *k, uint64_t v, int bytes)
{
    uint8_t b[8];

    for (int i = 0; i < bytes; i++)
        b[i] = (uint8_t)(v >> 8 * i);
    nn_pack_bytes(k, b, (size_t)bytes);
}

void nn_pack_f32(struct nn_pack *k, const float *v, int n)
{
    for (int i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, &v[i], sizeof bits);
        nn_pack_int(k, bits, 4);
    }
}

void nn_pack_f64(struct nn_pack *k, double v)
{
    uint64_t bits;

    memcpy(&bits, &v, sizeof bits);
    nn_pack_int(k, bits, 8);
}

void nn_pack_text(struct nn_pack *k, const char *s)
{
    nn_pack_int(k, strlen(s), 4);
    nn_pack_bytes(k, s, strlen(s));
}

uint64_t nn_unpack_int(struct nn_unpack *k, int bytes)
{
    uint64_t v = 0;

    if (k->bad || k->left < (size_t)bytes) {
        k->bad = 1;
        return 0;
    }
    for (int i = 0; i < bytes; i++)
        v |= (uint64_t)k->p[i] << 8 * i;
    k->p += bytes;
    k->left -= (size_t)bytes;
    return v;
}

void nn_unpack_f32(struct nn_unpack *k, float *v, int n)
{
    for (int i = 0; i < n; i++) {
        uint32_t bits = (uint32_t)nn_unpack_int(k, 4);
        memcpy(&v[i], &bits, sizeof bits);
    }
}

double nn_unpack_f64(struct nn_unpack *k)
{
    uint64_t bits = nn_unpack_int(k, 8);
    double v;

    memcpy(&v, &bits, sizeof v);
    return v;
}

size_t nn_unpack_text(struct nn_unpack *k, char *out, size_t size)
{
    size_t n = (size_t)nn_unpack_int(k, 4), take;

    if (k->bad || k->left < n) {
        k->bad = 1;
        n = 0;
    }
    take = !out ? 0 : n < size ? n : size - 1;
    if (out) {
        memcpy(out, k->p, take);
        out[take] = 0;
    }
    k->p += n;
    k->left -= n;
    return n;
}
