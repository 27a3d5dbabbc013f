/*
 * tonemap.h - high dynamic range to standard: PQ and HLG frames as an SDR display shows them.
 *
 * Code values to light by the transfer functions of ITU-R BT.2100-2 (HLG for a display of
 * 1000 cd/m2, system gamma 1.2); BT.2020 primaries to BT.709 by the matrix of BT.2087-0;
 * the brightest channel through the EETF of BT.2390-10 (5.4.1) from the film's peak to 203
 * cd/m2, the reference white of BT.2408, the others in the same proportion, so that hues
 * stay; light to code values by the inverse of BT.1886 (gamma 2.4). Frames of BT.2020
 * primaries alone go the same way without the EETF.
 */
#ifndef NN_RUNTIME_MEDIA_TONEMAP_H
#define NN_RUNTIME_MEDIA_TONEMAP_H

#include <libavutil/frame.h>
#include <stdint.h>

enum { NN_TONE_SIZE = 4096 };

struct nn_tonemap {
    int transfer;                       /* AVCOL_TRC_*; 0: the tables are not made */
    float peak;                         /* cd/m2 of the film's brightest */
    float light[NN_TONE_SIZE];          /* code value to light: cd/m2, of HLG the scene's, 0..1 */
    float gain[NN_TONE_SIZE];           /* of the brightest channel's root: to the display's 0..1 */
    float ootf[NN_TONE_SIZE];           /* HLG: of the scene luminance's root: to cd/m2 */
    uint8_t code[NN_TONE_SIZE];         /* of the root of 0..1: 8 bits */
};

/* "PQ", "HLG", "BT.2020"; NULL: a frame of this kind needs nothing. AVCOL_TRC_*, AVCOL_PRI_*. */
const char *nn_tonemap_name(int transfer, int primaries);

/* Makes the tables for a frame, where they are not yet those. */
void nn_tonemap_prepare(struct nn_tonemap *t, const AVFrame *f);

/* n pixels of 16 bits to 8-bit RGB. */
void nn_tonemap_row(const struct nn_tonemap *t, const uint16_t *red, const uint16_t *green,
                    const uint16_t *blue, uint8_t *to, int n);

#endif
