#include "trainer/table_judge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/stop.h"
#include "runtime/engine/engine.h"
#include "trainer/torch.h"

enum { BATCH = 64 };

int64_t nn_tally_total(const struct nn_tally *t)
{
    int64_t n = 0;

    for (int i = 0; i < t->classes; i++)
        for (int j = 0; j < t->classes; j++)
            n += t->count[i][j];
    return n;
}

static double share(int64_t part, int64_t whole)
{
    return whole ? (double)part / (double)whole : 0;
}

double nn_tally_accuracy(const struct nn_tally *t)
{
    int64_t right = 0;

    for (int i = 0; i < t->classes; i++)
        right += t->count[i][i];
    return share(right, nn_tally_total(t));
}

double nn_tally_baseline(const struct nn_tally *t)
{
    return share(t->baseline, nn_tally_total(t));
}

double nn_tally_macro_f1(const struct nn_tally *t)
{
    double sum = 0;
    int occur = 0;

    for (int i = 0; i < t->classes; i++) {
        int64_t truth = 0, answer = 0;
        for (int j = 0; j < t->classes; j++) {
            truth += t->count[i][j];
            answer += t->count[j][i];
        }
        occur += truth > 0;
        sum += truth ? share(2 * t->count[i][i], truth + answer) : 0;
    }
    return occur ? sum / occur : 0;
}

double nn_tally_recall(const struct nn_tally *t)
{
    double sum = 0;
    int occur = 0;

    for (int i = 0; i < t->classes; i++) {
        int64_t truth = 0;
        for (int j = 0; j < t->classes; j++)
            truth += t->count[i][j];
        occur += truth > 0;
        sum += share(t->count[i][i], truth);
    }
    return occur ? sum / occur : 0;
}

void nn_tally_add(struct nn_tally *sum, const struct nn_tally *t)
{
    sum->classes = t->classes;
    sum->baseline += t->baseline;
    for (int i = 0; i < t->classes; i++)
        for (int j = 0; j < t->classes; j++)
            sum->count[i][j] += t->count[i][j];
}

/* Rows of one group in batches; each(arg, x, n, out) fills out (n, classes). */
static int in_batches(const struct nn_table *t, int classes, int group, float *logits,
                      int (*each)(void *arg, float *x, int64_t n, float *out, struct nn_err *err),
                      void *arg, struct nn_err *err)
{
    size_t row = (size_t)t->floats * sizeof *t->x, answer = (size_t)classes * sizeof *logits;
    float *x = malloc(BATCH * row), *out = malloc(BATCH * answer);
    int64_t from[BATCH], i = 0, n;
    int ret = x && out ? 0 : nn_fail_mem(err, "answers");

    while (!ret && i < t->n) {
        for (n = 0; i < t->n && n < BATCH; i++) {
            if (group >= 0 && t->group[i] != group)
                continue;
            memcpy(x + n * t->floats, t->x + i * t->floats, row);
            from[n++] = i;
        }
        ret = nn_check_stop("judging", err);
        if (n && !ret)
            ret = each(arg, x, n, out, err);
        for (int64_t k = 0; k < n && !ret; k++)
            memcpy(logits + from[k] * classes, out + k * classes, answer);
    }
    free(x);
    free(out);
    return ret;
}

struct ours {
    struct nn_engine *engine;
    int classes;
};

static int ask_engine(void *arg, float *x, int64_t n, float *out, struct nn_err *err)
{
    const struct ours *o = arg;
    const struct nn_value *y;
    struct nn_value in;

    if (nn_engine_input(o->engine, 0, &in))
        return nn_fail(err, NN_EARG, "the network has no input");
    in.dim[0] = n;
    in.data = x;
    if (nn_engine_run(o->engine, &in, 1, err))
        return -1;
    y = nn_engine_output(o->engine, 0);
    if (y->ndim != 2 || y->dim[0] != n || y->dim[1] != o->classes)
        return nn_fail(err, NN_EARG, "the network does not answer %d classes", o->classes);
    memcpy(out, y->data, (size_t)(n * o->classes) * sizeof *out);
    return 0;
}

static int ask_torch(void *arg, float *x, int64_t n, float *out, struct nn_err *err)
{
    return nn_torch_eval(arg, x, n, 0, out, err);
}

int nn_table_answers(const struct nn_graph *g, const struct nn_table *t, int classes, int group,
                     float *logits, struct nn_err *err)
{
    struct ours o = { nn_engine_new(g, NULL, err), classes };
    int ret = o.engine ? in_batches(t, classes, group, logits, ask_engine, &o, err) : -1;

    nn_engine_free(o.engine);
    return ret;
}

int nn_table_verify(const struct nn_graph *g, const struct nn_table *t, int classes,
                    double *difference, struct nn_err *err)
{
    struct nn_torch_opts opts = { .threads = 1 };
    struct nn_torch *torch = nn_torch_new(g, &opts, err);
    size_t n = (size_t)(t->n * classes);
    float *a = malloc(n * sizeof *a), *b = malloc(n * sizeof *b);
    int ret = -1;

    *difference = 0;
    if (!a || !b)
        nn_fail_mem(err, "answers");
    else if (torch && !nn_table_answers(g, t, classes, -1, a, err) &&
             !in_batches(t, classes, -1, b, ask_torch, torch, err))
        ret = 0;
    for (size_t i = 0; i < n && !ret; i++) {
        double d = fabs((double)a[i] - b[i]);
        if (!(d <= *difference))        /* no number is the largest difference of all */
            *difference = d;
    }
    nn_torch_free(torch);
    free(a);
    free(b);
    return ret;
}

static int largest(const double *v, int n)
{
    int best = 0;

    for (int i = 1; i < n; i++)
        if (v[i] > v[best])
            best = i;
    return best;
}

/* The class that most rows (or events) outside `group` have. */
static int most_frequent(const struct nn_table *t, int classes, int group, int of_events)
{
    double count[NN_TABLE_CLASSES] = { 0 };

    for (int64_t i = 0; i < t->n; i++) {
        int begins = !of_events || (t->event[i] >= 0 && (!i || t->event[i] != t->event[i - 1]));
        if (begins && t->group[i] != group)
            count[t->label[i]]++;
    }
    return largest(count, classes);
}

static void tell(struct nn_tally *m, int truth, const double *score, int usual)
{
    m->count[truth][largest(score, m->classes)]++;
    m->baseline += truth == usual;
}

int nn_table_judge(const struct nn_table *t, int classes, int group, const float *logits,
                   struct nn_left_out *out, struct nn_err *err)
{
    int usual = most_frequent(t, classes, group, 0), event = most_frequent(t, classes, group, 1);
    double sum[NN_TABLE_CLASSES] = { 0 };

    if (classes > NN_TABLE_CLASSES)
        return nn_fail(err, NN_EARG, "%d classes", classes);
    memset(out, 0, sizeof *out);
    out->row.classes = out->event.classes = classes;
    for (int64_t i = 0; i < t->n; i++) {
        double score[NN_TABLE_CLASSES];
        if (t->group[i] != group)
            continue;
        for (int c = 0; c < classes; c++) {
            score[c] = logits[i * classes + c];
            sum[c] += t->event[i] >= 0 ? score[c] : 0;
        }
        tell(&out->row, t->label[i], score, usual);
        if (t->event[i] >= 0 && (i + 1 == t->n || t->event[i + 1] != t->event[i])) {
            tell(&out->event, t->label[i], sum, event);
            memset(sum, 0, sizeof sum);
        }
    }
    return 0;
}

struct nn_spread nn_spread_of(const double *v, int n)
{
    struct nn_spread s = { 0, 0, n ? v[0] : 0 };

    for (int i = 0; i < n; i++) {
        s.mean += v[i] / n;
        s.least = fmin(s.least, v[i]);
    }
    for (int i = 0; i < n && n > 1; i++)
        s.deviation += (v[i] - s.mean) * (v[i] - s.mean) / (n - 1);
    s.deviation = sqrt(s.deviation);
    return s;
}
