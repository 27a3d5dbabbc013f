/* neonnoir train judge: generated pictures beside those they were learnt from. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fs.h"
#include "common/json.h"
#include "common/log.h"
#include "common/progress.h"
#include "datasets/run.h"
#include "trainer/cmds.h"
#include "trainer/gan_report.h"
#include "trainer/labelled.h"
#include "trainer/safetensors.h"

enum { EDGE = 128 };        /* of pictures to be judged that are a folder: what the eyes take */

static struct {
    const char *images, *snapshot, *split, *eyes, *recognise, *to;
    int64_t count, most, seed, threads;
    double every;
    int json;
} o = { .count = 1000, .most = 5000, .seed = 1, .every = 1 };

const struct nn_opt nn_train_judge_opts[] = {
    { "images", 0, NN_OPT_TEXT, "DIR|ARCHIVE|FILM", "the pictures to judge by [a run's own]",
      &o.images, 0, 0 },
    { "snapshot", 0, NN_OPT_TEXT, "NAME", "the same out of the catalog: the faces of a snapshot",
      &o.snapshot, 0, 0 },
    { "split", 0, NN_OPT_TEXT, "NAME", "of the snapshot: train, valid, test or all [train]",
      &o.split, 0, 0 },
    { "count", 'n', NN_OPT_INT, "N", "pictures to generate", &o.count, 4, 100000 },
    { "most", 0, NN_OPT_INT, "N", "of the real pictures", &o.most, 4, 100000 },
    { "every", 0, NN_OPT_REAL, "SECONDS", "between the frames taken of a film", &o.every, 0.01,
      1e6 },
    { "recognise", 0, NN_OPT_TEXT, "EMOTION.onnx", "also how many faces show the emotion "
      "asked for, and tags their look; \"\": the bundled network", &o.recognise, 0, 0 },
    { "eyes", 0, NN_OPT_TEXT, "MODEL.onnx", "other features than the bundled eyes'", &o.eyes, 0,
      0 },
    { "seed", 0, NN_OPT_INT, "N", "of latents and random choices", &o.seed, 0, 1e9 },
    { "output", 'o', NN_OPT_TEXT, "DIR", "also samples.png, nearest.png, judge.json", &o.to, 0, 0 },
    { "threads", 't', NN_OPT_INT, "N", "0: one for each core", &o.threads, 0, 256 },
    { "json", 0, NN_OPT_FLAG, NULL, "print JSON", &o.json, 0, 0 },
    { 0 },
};

/* What is judged: a run of the catalog by its best.onnx, a model, or a folder of pictures. */
struct subject {
    char path[NN_PATH], dir[NN_PATH];   /* dir: where a run's figures go; "" for others */
    char learnt[NN_PATH];               /* a run's own pictures; "" for others */
    int64_t run, epoch;
};

static int find_subject(const char *word, struct subject *s, struct nn_err *err)
{
    struct nn_catalog *cat;
    struct nn_run run;
    int ret = -1;

    *s = (struct subject){ .run = 0 };
    if (nn_exists(word))
        return nn_path(s->path, err, "%s", word);
    if (!(cat = nn_catalog_open(nn_cli_catalog(), NN_READ, err)))
        return -1;
    if (!nn_run_find(cat, word, &run, err) &&
        !nn_run_path(cat, run.name, "best.onnx", s->path, err) &&
        !nn_run_path(cat, run.name, "judged", s->dir, err) &&
        !nn_run_path(cat, run.name, "pictures.safetensors", s->learnt, err)) {
        s->run = run.id;
        s->epoch = run.epoch;
        ret = nn_exists(s->path) ? 0
            : nn_fail(err, NN_ENOTFOUND, "%s has no best.onnx yet", run.name);
    }
    nn_catalog_close(cat);
    return ret;
}

/* A snapshot's faces, at the size that the eyes take. */
static int read_snapshot(struct nn_pictures *p, char origin[200], struct nn_err *err)
{
    struct nn_faces f;
    int ret;

    nn_faces_init(&f, p->size, p->size, 3);
    ret = nn_labelled_snapshot(&f, o.snapshot, o.split ? o.split : "train", nn_cli_catalog(),
                               origin, err);
    for (int64_t i = 0; i < f.n && (!p->most || p->n < p->most) && !ret; i++) {
        struct nn_image img = { f.w, f.h, 3, (uint8_t *)nn_faces_px(&f, i) };
        ret = nn_pictures_add(p, &img, f.name[i], err);
    }
    nn_faces_release(&f);
    return ret;
}

/* The pictures that a run keeps, and their conditions, as trainer/gan_data.h says. */
static int read_run(struct nn_pictures *p, const struct subject *s, char origin[200],
                    struct nn_err *err)
{
    struct nn_arrays file;
    const struct nn_array *px;
    size_t bytes = 3 * (size_t)p->size * (size_t)p->size;
    struct nn_image img = { 0 };
    char name[32];
    int ret;

    if (nn_arrays_read(s->learnt, &file, err))
        return -1;
    px = nn_arrays_find(&file, "pictures");
    if (!px || strcmp(px->type, "U8") || px->ndim != 4 || px->dim[1] != p->size ||
        px->dim[2] != p->size || px->dim[3] != 3)
        ret = nn_fail(err, NN_EFORMAT, "%s has no pictures of %d pixels", s->learnt, p->size);
    else
        ret = nn_image_init(&img, p->size, p->size, 3, err);
    for (int64_t i = 0; !ret && i < px->dim[0] && (!p->most || p->n < p->most); i++) {
        /* Of more than are wanted, some from everywhere. */
        int64_t from = p->most && px->dim[0] > p->most ? i * px->dim[0] / p->most : i;
        memcpy(img.px, (const char *)px->data + (size_t)from * bytes, bytes);
        snprintf(name, sizeof name, "picture %lld", (long long)from);
        ret = nn_pictures_add(p, &img, name, err);
    }
    nn_image_release(&img);
    nn_arrays_release(&file);
    snprintf(origin, 200, "the pictures it learnt from");
    return ret;
}

/* At the size of the generated ones: what a generator of that size could know of them. */
static int read_real(struct nn_pictures *p, int size, const struct subject *s, char origin[200],
                     struct nn_err *err)
{
    nn_pictures_init(p, size);
    p->most = o.most;
    snprintf(origin, 200, "%.180s", o.images ? o.images : "");
    return o.images ? nn_pictures_read(p, o.images, o.every, err)
         : o.snapshot ? read_snapshot(p, origin, err) : read_run(p, s, origin, err);
}

static int tell(struct nn_gan_report *r, struct nn_sampler *g, struct nn_pool *pool,
                struct nn_err *err)
{
    struct nn_engine_opts opts = { .pool = pool };
    struct nn_recogniser *net;
    int64_t each = o.count < 200 ? o.count : 200;
    int ret;

    if (!o.recognise)
        return 0;
    if (!(net = nn_recogniser_new(*o.recognise ? o.recognise : NULL, &opts, err)))
        return -1;
    ret = nn_told(g, net, each, r->seed + 1000, &r->told, err);
    nn_recogniser_free(net);
    if (!ret && !r->told.emotions && !r->told.tags)
        nn_warn("%s has no condition that is an emotion or a tag: nothing to recognise", r->model);
    return ret;
}

/* Conditions as the run's pictures have them; free(*row). */
static int read_conditions(struct nn_sampler *g, const char *path, float **row, struct nn_err *err)
{
    struct nn_arrays file;
    const struct nn_array *c;
    int ret = 0;

    if (nn_arrays_read(path, &file, err))
        return -1;
    c = nn_arrays_find(&file, "conditions");
    if (c && !strcmp(c->type, "F32") && c->ndim == 2 && c->dim[1] == g->c && c->dim[0] > 0 &&
        c->dim[0] < UINT32_MAX) {
        if ((*row = malloc(c->bytes))) {
            memcpy(*row, c->data, c->bytes);
            g->row = *row;
            g->rows = c->dim[0];
        } else {
            ret = nn_fail_mem(err, "conditions");
        }
    }
    nn_arrays_release(&file);
    return ret;
}

/* A folder of pictures has neither latent nor condition. */
static int make_fake(struct nn_gan_report *r, const struct subject *s, struct nn_eyes *eyes,
                     struct nn_pool *pool, struct nn_err *err)
{
    const char *path = s->path;
    struct nn_sampler *g;
    float *row = NULL;
    int ret;

    if (nn_is_dir(path)) {
        nn_pictures_init(&r->fake, EDGE);
        r->fake.most = o.count;
        return nn_pictures_read(&r->fake, path, o.every, err);
    }
    if (!(g = nn_sampler_new(path, pool, err)))
        return -1;
    nn_pictures_init(&r->fake, g->size);
    ret = g->c && *s->learnt && nn_exists(s->learnt) ? read_conditions(g, s->learnt, &row, err) : 0;
    ret = ret || nn_sampler_pictures(g, o.count, r->seed, NULL, &r->fake, err) ||
          nn_smooth(g, eyes, o.count < 200 ? o.count : 200, r->seed, &r->smooth, err) ||
          tell(r, g, pool, err) ? -1 : 0;
    nn_sampler_free(g);
    free(row);
    return ret;
}

/* The run remembers, so that `train compare` and `train show` have the figures. */
static int remember(const struct subject *s, const struct nn_gan_report *r, struct nn_err *err)
{
    const struct { const char *name; double value; } all[] = {
        { "fid", r->fid }, { "kid", r->kid.value }, { "precision", r->manifold.precision },
        { "recall", r->manifold.recall }, { "diversity", r->diversity[1] },
        { "copied", r->nearest.copied }, { "path_length", r->smooth.length },
    };
    struct nn_catalog *cat = nn_catalog_open(nn_cli_catalog(), NN_WRITE, err);
    int ret = cat ? nn_gan_report_write(r, s->dir, err) : -1;

    for (size_t i = 0; i < sizeof all / sizeof *all && !ret; i++)
        ret = nn_run_metric(cat, s->run, s->epoch, "judged", all[i].name, all[i].value, err);
    nn_catalog_close(cat);
    return ret;
}

static int judge(struct nn_gan_report *r, const struct subject *s, struct nn_err *err)
{
    struct nn_pool *pool = nn_pool_new((int)o.threads, err);
    struct nn_eyes *eyes = pool ? nn_eyes_new(o.eyes, pool, err) : NULL;
    double start = nn_now();
    char origin[200];
    int ret = -1;

    if (!eyes || (o.to && nn_mkdirs(o.to, err)) ||
        make_fake(r, s, eyes, pool, err) ||
        read_real(&r->real, r->fake.size, s, origin, err))
        goto out;
    r->on = origin;
    r->eyes = nn_eyes_id(eyes);
    if (r->real.n < 4 || r->fake.n < 4) {
        nn_fail(err, NN_EUSAGE, "%lld pictures beside %lld are too few to judge by",
                (long long)r->fake.n, (long long)r->real.n);
        goto out;
    }
    if (nn_eyes_pictures(eyes, &r->real, &r->seen[0], err) ||
        nn_eyes_pictures(eyes, &r->fake, &r->seen[1], err) || nn_gan_report_measure(r, pool, err))
        goto out;
    r->seconds = nn_now() - start;
    if ((o.to && nn_gan_report_write(r, o.to, err)) || (s->run && remember(s, r, err)))
        goto out;
    if (o.json)
        ret = nn_json_print(nn_gan_report_json(r), err);
    else {
        nn_gan_report_print(r);
        ret = 0;
    }
out:
    nn_eyes_free(eyes);
    nn_pool_free(pool);
    return ret;
}

int nn_train_judge(int argc, char **argv, struct nn_err *err)
{
    struct nn_gan_report *r;
    struct subject s;
    int ret = -1;

    (void)argc;
    if (o.images && o.snapshot)
        return nn_fail(err, NN_EUSAGE, "--images and --snapshot are two ways to say one thing");
    if (!(r = calloc(1, sizeof *r)))
        return nn_fail_mem(err, "figures");
    r->model = argv[0];
    r->seed = (uint64_t)o.seed;
    if (find_subject(argv[0], &s, err))
        ret = -1;
    else if (!o.images && !o.snapshot && (!*s.learnt || !nn_exists(s.learnt)))
        nn_fail(err, NN_EUSAGE, "say with --images or --snapshot which pictures it learnt from");
    else
        ret = judge(r, &s, err);
    nn_gan_report_release(r);
    free(r);
    return ret;
}
