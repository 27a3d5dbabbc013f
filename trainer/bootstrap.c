#include "trainer/bootstrap.h"

#include <stdlib.h>

#include "common/progress.h"
#include "common/rng.h"
#include "common/stop.h"
#include "trainer/metrics.h"

const char *const nn_score_names[NN_SCORES] = { "accuracy", "macro_f1", "nll" };

void nn_scores_of(const struct nn_verdicts *v, const int32_t *index, int64_t n,
                  double out[NN_SCORES])
{
    struct nn_confusion m = { 0 };
    double sum = 0;

    for (int64_t i = 0; i < n; i++) {
        int64_t k = index ? index[i] : i;
        m.count[v->label[k]][v->said[k]]++;
        sum += v->nll[k];
    }
    out[NN_SCORE_ACCURACY] = nn_confusion_accuracy(&m);
    out[NN_SCORE_MACRO_F1] = nn_confusion_macro_f1(&m);
    out[NN_SCORE_NLL] = n ? sum / (double)n : 0;
}

int nn_bootstrap(const struct nn_verdicts *v, int m, int64_t n, int resamples, uint64_t seed,
                 double *out, struct nn_err *err)
{
    int32_t *index = malloc((size_t)(n > 0 ? n : 1) * sizeof *index);
    struct nn_progress p;
    int ret = index ? 0 : nn_fail_mem(err, "resamples");

    nn_progress_start(&p, "resampling", resamples);
    for (int b = 0; b < resamples && !ret; b++) {
        struct nn_rng rng;
        nn_rng_seed(&rng, seed, (uint64_t)b);
        for (int64_t i = 0; i < n; i++)
            index[i] = (int32_t)nn_rng_below(&rng, (uint32_t)n);
        for (int k = 0; k < m; k++) {
            double score[NN_SCORES];
            nn_scores_of(&v[k], index, n, score);
            for (int s = 0; s < NN_SCORES; s++)
                out[((size_t)k * NN_SCORES + (size_t)s) * (size_t)resamples + (size_t)b] = score[s];
        }
        nn_progress_update(&p, b, NULL);
        ret = nn_check_stop("resampling", err);
    }
    nn_progress_stop(&p);
    free(index);
    return ret;
}
