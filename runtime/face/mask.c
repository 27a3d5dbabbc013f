#include "runtime/face/mask.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/face/align.h"
#include "runtime/face/detect_file.h"
#include "runtime/face/mask_edge.h"
#include "runtime/face/mask_guess.h"
#include "runtime/onnx/graph.h"

enum { LONG_SIDE = 160, PROBES = 4 };   /* fields of a guess; pixels looked at along a field */
static const double CALM = 0.07;        /* seconds: what flickers faster is smoothed away */
static const float CUT = 0.12f;         /* mean change of brightness: nothing is as it was */

static const char *const names[] = {
    "person.onnx", "selfie_segmentation.onnx", "selfie_segmentation.tflite",
    "selfie_segmenter.tflite", "selfie_segmentation_landscape.tflite",
    "MediaPipeSelfieSegmentation.onnx", NULL
};

struct nn_mask {
    int w, h, gw, gh;               /* of the frame; of the fields */
    struct nn_engine *engine;       /* NULL: a guess */
    struct nn_face_input in;
    int channels, last;             /* of its output: 1 or 2, and whether they come last */
    int logits;                     /* it was seen to give more than 0..1 */
    struct nn_mask_guess *guess;
    struct nn_mask_edge *edge;
    struct nn_pool *pool;
    float *store, *rgb[2][3], *grey, *p, *calm, *pixels;
    int now, known;                 /* which of rgb is this frame's; is the other the last's? */
    struct nn_box face;             /* where it was then */
    double t;
    uint8_t *out;
};

static int read_output(struct nn_mask *m, struct nn_err *err)
{
    const struct nn_graph *g = nn_engine_graph(m->engine);
    const struct nn_tensor *y = g->nout > 0 ? &g->tensor[g->out[0]] : NULL;
    int64_t c = y && y->ndim == 4 ? y->dim[1] : 0, last = y && y->ndim == 4 ? y->dim[3] : 0;

    if (!y || y->type != NN_F32 || y->ndim != 4 || y->dim[0] > 1 ||
        ((c < 1 || c > 2) && (last < 1 || last > 2)))
        return nn_fail(err, NN_EUNSUPPORTED, "no person segmentation that we know: its first "
                       "output must be 1 x 1 or 2 x height x width, or with them last");
    m->last = c < 1 || c > 2;
    m->channels = (int)(m->last ? last : c);
    m->gh = (int)y->dim[m->last ? 1 : 2];
    m->gw = (int)y->dim[m->last ? 2 : 3];
    if (m->gh < 16 || m->gw < 16 || m->gh > 1024 || m->gw > 1024 || !m->in.w)
        return nn_fail(err, NN_EUNSUPPORTED, "no person segmentation that we know: its sizes must "
                       "be fixed, 16 to 1024");
    return 0;
}

static int load(struct nn_mask *m, const char *path, const struct nn_engine_opts *opts,
                struct nn_err *err)
{
    if (!(m->engine = nn_face_file_load(path, opts, err)))
        return -1;
    if (nn_face_file_input(m->engine, &m->in, err) || read_output(m, err))
        return nn_fail_in(err, "%s", path);
    return 0;
}

static int make(struct nn_mask *m, const char *model, const struct nn_engine_opts *opts,
                struct nn_err *err)
{
    int side = m->w > m->h ? m->w : m->h, found;
    size_t n, pixels = 1;
    char path[NN_PATH];

    m->gw = side > LONG_SIDE ? (m->w * LONG_SIDE + side - 1) / side : m->w;
    m->gh = side > LONG_SIDE ? (m->h * LONG_SIDE + side - 1) / side : m->h;
    if ((found = nn_face_file_find(model, "NEONNOIR_MASK_MODEL", names, path, err)) < 0 ||
        (found && load(m, path, opts, err)))
        return -1;
    n = (size_t)m->gw * (size_t)m->gh;
    if (m->engine)
        pixels = 3 * (size_t)m->in.w * (size_t)m->in.h;
    m->store = calloc(9 * n + pixels, sizeof *m->store);
    m->out = calloc((size_t)m->w * (size_t)m->h, 1);
    m->guess = calloc(1, sizeof *m->guess);
    if (!m->store || !m->out || !m->guess)
        return nn_fail_mem(err, "mask");
    for (int i = 0; i < 6; i++)
        m->rgb[i / 3][i % 3] = m->store + (size_t)i * n;
    m->grey = m->store + 6 * n;
    m->p = m->grey + n;
    m->calm = m->p + n;
    m->pixels = m->calm + n;
    m->edge = nn_mask_edge_new(m->gw, m->gh, m->w, m->h, err);
    return m->edge ? 0 : -1;
}

struct nn_mask *nn_mask_new(int w, int h, const char *model, const struct nn_engine_opts *opts,
                            struct nn_pool *pool, struct nn_err *err)
{
    struct nn_mask *m = calloc(1, sizeof *m);

    if (!m) {
        nn_fail_mem(err, "mask");
        return NULL;
    }
    m->w = w;
    m->h = h;
    m->pool = pool;
    if (!make(m, model, opts, err))
        return m;
    nn_mask_free(m);
    return NULL;
}

void nn_mask_free(struct nn_mask *m)
{
    if (!m)
        return;
    nn_engine_free(m->engine);
    nn_mask_edge_free(m->edge);
    free(m->guess);
    free(m->store);
    free(m->out);
    free(m);
}

/* Mean colours of w x h fields of the picture from a fixed number of its pixels. */
static void shrink(const struct nn_image *img, int w, int h, float *const plane[3])
{
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            int sum[3] = { 0 };
            for (int k = 0; k < PROBES * PROBES; k++) {
                int64_t px = ((int64_t)(x * PROBES + k % PROBES) * 2 + 1) * img->w /
                             (2 * PROBES * w);
                int64_t py = ((int64_t)(y * PROBES + k / PROBES) * 2 + 1) * img->h /
                             (2 * PROBES * h);
                const uint8_t *p = img->px + (py * img->w + px) * 3;
                for (int c = 0; c < 3; c++)
                    sum[c] += p[c];
            }
            for (int c = 0; c < 3; c++)
                plane[c][y * w + x] = (float)sum[c] / (255 * PROBES * PROBES);
        }
}

static float likelihood(const struct nn_mask *m, const float *y, int i)
{
    int n = m->gw * m->gh;
    float a = m->channels == 1 ? 0 : m->last ? y[2 * i] : y[i];
    float b = m->channels == 1 ? y[i] : m->last ? y[2 * i + 1] : y[n + i];

    b = m->logits ? 1 / (1 + expf(a - b)) : b;
    return b > 0 ? fminf(b, 1) : 0;         /* what is no number is nobody */
}

static int ask(struct nn_mask *m, const struct nn_image *img, struct nn_err *err)
{
    int w = m->in.w, h = m->in.h, n = m->gw * m->gh;
    const struct nn_value *out;
    const float *y;

    if (m->in.last) {
        float *p = m->pixels;
        for (int i = 0; i < w * h; i++)
            for (int c = 0; c < 3; c++) {
                int64_t px = ((int64_t)(i % w) * 2 + 1) * img->w / (2 * w);
                int64_t py = ((int64_t)(i / w) * 2 + 1) * img->h / (2 * h);
                *p++ = (float)img->px[(py * img->w + px) * 3 + c] / 255;
            }
    } else {
        float *const plane[3] = { m->pixels, m->pixels + w * h, m->pixels + 2 * w * h };
        shrink(img, w, h, plane);
    }
    if (nn_face_file_run(m->engine, &m->in, w, h, m->pixels, err))
        return -1;
    out = nn_engine_output(m->engine, 0);
    y = out->data;
    for (int i = 0; i < n * m->channels && !m->logits; i++)
        m->logits = y[i] < -0.01f || y[i] > 1.01f;
    for (int i = 0; i < n; i++)
        m->p[i] = likelihood(m, y, i);
    return 0;
}

/* The last mask goes along with the face; then what is new is taken up softly. */
static void calm(struct nn_mask *m, const struct nn_box *face, double dt)
{
    float share = (float)(1 - exp(-dt / CALM));
    int dx = (int)lroundf(face->x + face->w / 2 - m->face.x - m->face.w / 2);
    int dy = (int)lroundf(face->y + face->h / 2 - m->face.y - m->face.h / 2);
    int n = m->gw * m->gh;

    for (int i = 0; i < n && m->known; i++) {
        int x = i % m->gw - dx, y = i / m->gw - dy;
        float old = x >= 0 && y >= 0 && x < m->gw && y < m->gh ? m->calm[y * m->gw + x] : m->p[i];
        m->p[i] = old + share * (m->p[i] - old);
    }
    memcpy(m->calm, m->p, (size_t)n * sizeof *m->p);
}

/* Whether the frame before says anything about this one. */
static int goes_on(const struct nn_mask *m, const struct nn_box *face)
{
    float *const *a = m->rgb[m->now], *const *b = m->rgb[!m->now], sum = 0;
    int n = m->gw * m->gh;

    if (fabsf(face->x - m->face.x) + fabsf(face->y - m->face.y) > face->w)
        return 0;
    for (int i = 0; i < n; i++)
        sum += fabsf(a[1][i] - b[1][i]);
    return sum / (float)n < CUT;
}

const uint8_t *nn_mask_next(struct nn_mask *m, const struct nn_image *img,
                            const struct nn_person *who, double t, struct nn_err *err)
{
    float kx = (float)m->gw / (float)m->w, ky = (float)m->gh / (float)m->h;
    struct nn_box face = { who->face.x * kx, who->face.y * ky, who->face.w * kx, who->face.h * ky };
    float lean = who->points ? nn_face_lean(who->point) : 0;
    float *const *rgb;

    if (!(who->presence > 0) || !(who->face.w > 0)) {
        m->known = 0;
        return NULL;
    }
    m->now = !m->now;
    rgb = m->rgb[m->now];
    shrink(img, m->gw, m->gh, rgb);
    m->known = m->known && goes_on(m, &face);
    if (!m->known)
        memset(m->guess, 0, sizeof *m->guess);
    if (!m->engine)
        nn_mask_guess(m->guess, m->gw, m->gh, (const float *const *)rgb,
                      m->known ? (const float *const *)m->rgb[!m->now] : NULL, &face, lean, m->p);
    else if (ask(m, img, err))
        return NULL;
    calm(m, &face, t - m->t);
    for (int i = 0; i < m->gw * m->gh; i++)
        m->grey[i] = .299f * rgb[0][i] + .587f * rgb[1][i] + .114f * rgb[2][i];
    nn_mask_edge_draw(m->edge, m->p, m->grey, img, 255 * fminf(1, who->presence), m->pool, m->out);
    m->face = face;
    m->t = t;
    m->known = 1;
    return m->out;
}
