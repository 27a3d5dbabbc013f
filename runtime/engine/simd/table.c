/* The set's table. */
#include "runtime/engine/simd/simd.h"
#include "runtime/engine/simd/vec.h"

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)

extern nn_run_tile NN_SIMD(nn_tile_1), NN_SIMD(nn_tile_2), NN_SIMD(nn_tile_3);
void NN_SIMD(nn_depth)(const struct nn_depth *d);
void NN_SIMD(nn_pool)(const struct nn_pooling *p);
extern nn_wino_in NN_SIMD(nn_wino_in_4), NN_SIMD(nn_wino_in_6);
extern nn_wino_out NN_SIMD(nn_wino_out_2), NN_SIMD(nn_wino_out_3), NN_SIMD(nn_wino_out_4),
    NN_SIMD(nn_wino_out_5);
extern nn_wino_in NN_SIMD(nn_wino_back_2), NN_SIMD(nn_wino_back_4);
extern nn_gram NN_SIMD(nn_gram);
void NN_SIMD(nn_norm_sums)(const float *x, int64_t pixels, int64_t channels, float *sum,
                           float *squares);
void NN_SIMD(nn_norm_apply)(const struct nn_norm *n);
void NN_SIMD(nn_norm_grad)(const struct nn_norm *n);
void NN_SIMD(nn_norm_back)(const struct nn_norm *n);
void NN_SIMD(nn_row_max)(float *y, const float *const *x, int64_t rows, int64_t n);
void NN_SIMD(nn_row_blend)(float *y, const float *const *x, const float *w, int64_t rows,
                           int64_t n);
void NN_SIMD(nn_row_round)(float *y, const float *x, int64_t n, float scale, float lo, float hi);
void NN_SIMD(nn_row_sum)(float *y, const float *x, int64_t rows, int64_t n, float scale);
extern nn_row_pair NN_SIMD(nn_row_add), NN_SIMD(nn_row_sub), NN_SIMD(nn_row_mul),
    NN_SIMD(nn_row_div);
void NN_SIMD(nn_row_clip)(float *y, const float *x, int64_t n, float lo, float hi);
void NN_SIMD(nn_row_mix)(float *y, const float *const *x, int64_t n);
void NN_SIMD(nn_row_exp)(float *y, const float *x, int64_t n);
void NN_SIMD(nn_row_sigmoid)(float *y, const float *x, int64_t n);
void NN_SIMD(nn_row_tanh)(float *y, const float *x, int64_t n);
void NN_SIMD(nn_row_affine)(float *y, const float *x, const float *a, const float *b, int64_t n);
void NN_SIMD(nn_panels)(float *y, const float *x, const float *w, const float *add, int64_t k,
                        int64_t n);

#if defined(__AVX2__) && !defined(__AVX512F__)
void NN_SIMD(nn_tile8)(const struct nn_tile8 *t);
void NN_SIMD(nn_to_u8)(uint8_t *y, const float *x, int64_t n, float scale, float zero);
#endif

extern const struct nn_simd NN_SIMD(nn_simd);
const struct nn_simd NN_SIMD(nn_simd) = {
    .name = TEXT(NN_ISA),
    .lanes = NN_LANES,
    .tile = { 0, NN_SIMD(nn_tile_1), NN_SIMD(nn_tile_2), NN_SIMD(nn_tile_3) },
    .depth = NN_SIMD(nn_depth),
    .pool = NN_SIMD(nn_pool),
    .wino_in = { [4] = NN_SIMD(nn_wino_in_4), [6] = NN_SIMD(nn_wino_in_6) },
    .wino_out = { [2] = NN_SIMD(nn_wino_out_2), NN_SIMD(nn_wino_out_3), NN_SIMD(nn_wino_out_4),
                  NN_SIMD(nn_wino_out_5) },
    .wino_back = { [2] = NN_SIMD(nn_wino_back_2), [4] = NN_SIMD(nn_wino_back_4) },
    .gram = NN_SIMD(nn_gram),
    .norm_sums = NN_SIMD(nn_norm_sums),
    .norm_apply = NN_SIMD(nn_norm_apply),
    .norm_grad = NN_SIMD(nn_norm_grad),
    .norm_back = NN_SIMD(nn_norm_back),
#if defined(__AVX2__) && !defined(__AVX512F__)
    .tile8 = NN_SIMD(nn_tile8),
    .to_u8 = NN_SIMD(nn_to_u8),
#endif
    .row_max = NN_SIMD(nn_row_max),
    .row_blend = NN_SIMD(nn_row_blend),
    .row_round = NN_SIMD(nn_row_round),
    .row_sum = NN_SIMD(nn_row_sum),
    .row_add = NN_SIMD(nn_row_add),
    .row_sub = NN_SIMD(nn_row_sub),
    .row_mul = NN_SIMD(nn_row_mul),
    .row_div = NN_SIMD(nn_row_div),
    .row_clip = NN_SIMD(nn_row_clip),
    .row_mix = NN_SIMD(nn_row_mix),
    .row_exp = NN_SIMD(nn_row_exp),
    .row_sigmoid = NN_SIMD(nn_row_sigmoid),
    .row_tanh = NN_SIMD(nn_row_tanh),
    .row_affine = NN_SIMD(nn_row_affine),
    .panels = NN_SIMD(nn_panels),
};
