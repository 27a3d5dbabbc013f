/* cmd_latent.c - a walk through a generator's latent space as a film. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fs.h"
#include "common/json.h"
#include "common/progress.h"
#include "common/stop.h"
#include "export/cmds.h"
#include "runtime/effects/srgb.h"
#include "runtime/gan/enlarge.h"
#include "runtime/gan/walk.h"
#include "runtime/media/writer.h"

static struct {
    const char *out, *curves;
    struct nn_opt_list direction;
    double seconds, fps, speed, reach;
    int64_t size, seed;
    int loop, json;
} o = { .seconds = 12, .fps = 24, .speed = 0.25, .reach = 1, .size = 512, .seed = 1 };

const struct nn_opt nn_export_latent_opts[] = {
    { "out", 'o', NN_OPT_TEXT, "FILM", "to write: .mp4, .mov or .mkv", &o.out, 0, 0 },
    { "seconds", 0, NN_OPT_REAL, "S", "that it lasts", &o.seconds, 0.1, 36000 },
    { "fps", 0, NN_OPT_REAL, "N", "frames a second", &o.fps, 1, 240 },
    { "size", 0, NN_OPT_INT, "PIXELS", "of its sides", &o.size, 16, 8192 },
    { "seed", 's', NN_OPT_INT, "N", "of the way", &o.seed, 0, 9007199254740992.0 },
    { "speed", 0, NN_OPT_REAL, "N", "points of the space passed in a second", &o.speed, 0, 100 },
    { "reach", 0, NN_OPT_REAL, "X", "0: stays at one point, 1: goes anywhere", &o.reach, 0, 1 },
    { "direction", 0, NN_OPT_LIST, "NAME[=X]", "a direction or condition of the model, X times; "
      "without X it swings from -1 to 1 and back; again for more", &o.direction, 0, 0 },
    { "loop", 0, NN_OPT_FLAG, NULL, "let the last frame lead to the first", &o.loop, 0, 0 },
    { "curves", 0, NN_OPT_TEXT, "FILE", "write distance and strengths of all frames as CSV",
      &o.curves, 0, 0 },
    { "json", 0, NN_OPT_FLAG, NULL, "print JSON", &o.json, 0, 0 },
    { 0 },
};

struct push {
    char name[64];
    int direction, condition;   /* the other one is -1 */
    int swings;
    float strength;
};

struct film {
    struct nn_generator *g;
    struct nn_walk walk;
    struct nn_enlarge big;
    struct nn_arena arena;
    struct nn_image img;
    struct nn_writer *writer;
    struct nn_atomic csv;
    struct push push[32];
    int pushes;
    int64_t frames, points;     /* points: of a loop */
    float *zc, *rgb, *row, *last;
    uint32_t *tmp;
    double moved, ms;           /* ms: in the generator, of all frames */
};

/* All that could have been meant. */
static int fail_name(const struct nn_generator *g, const char *name, struct nn_err *err)
{
    char all[400];
    size_t n = 0;

    for (int i = 0; i < g->directions + g->conditions && n + 50 < sizeof all; i++)
        n += (size_t)snprintf(all + n, sizeof all - n, "%s%.40s", i ? ", " : "",
                              i < g->directions ? g->direction[i].name
                                                : g->condition[i - g->directions]);
    return nn_fail(err, NN_EUSAGE, "the model has no direction \"%.40s\"%s%s", name,
                   n ? "; there are " : " and no other", n ? all : "");
}

static int find_push(struct film *f, const char *word, struct nn_err *err)
{
    struct push *p = &f->push[f->pushes++];
    const char *is = strchr(word, '=');
    char *end = NULL;

    *p = (struct push){ .direction = -1, .condition = -1, .swings = !is };
    snprintf(p->name, sizeof p->name, "%.*s", is ? (int)(is - word) : 63, word);
    if (is)
        p->strength = strtof(is + 1, &end);
    if (is && (end == is + 1 || *end || !(fabsf(p->strength) <= 100)))
        return nn_fail(err, NN_EUSAGE, "--direction %.80s: its strength is no number", word);
    if ((p->direction = nn_generator_direction(f->g, p->name)) < 0 &&
        (p->condition = nn_generator_condition(f->g, p->name)) < 0)
        return fail_name(f->g, p->name, err);
    return 0;
}

static int open_curves(struct film *f, struct nn_err *err)
{
    if (!o.curves)
        return 0;
    if (nn_atomic_open(&f->csv, o.curves, err))
        return -1;
    fputs("frame,seconds,moved", f->csv.f);
    for (int i = 0; i < f->pushes; i++)
        fprintf(f->csv.f, ",%s", f->push[i].name);
    fputc('\n', f->csv.f);
    return 0;
}

static int prepare(struct film *f, const char *model, struct nn_err *err)
{
    struct nn_writer_opts wo = { .time_base = { 1000, (int64_t)(o.fps * 1000 + 0.5) },
                                 .frame_rate = { (int64_t)(o.fps * 1000 + 0.5), 1000 } };
    int size = (int)o.size, all;

    if (!(f->g = nn_generator_open(model, NULL, err)))
        return -1;
    all = f->g->latent + f->g->conditions;
    f->frames = (int64_t)(o.seconds * o.fps + 0.5);
    f->frames = f->frames < 1 ? 1 : f->frames;
    f->points = (int64_t)(o.seconds * o.speed + 0.5);
    f->points = o.loop ? f->points < 3 ? 3 : f->points : 0;
    for (int i = 0; i < o.direction.count; i++)
        if (find_push(f, o.direction.value[i], err))
            return -1;
    f->zc = nn_arena_array(&f->arena, (size_t)all, sizeof *f->zc);
    f->last = nn_arena_array(&f->arena, (size_t)all, sizeof *f->last);
    f->rgb = nn_arena_array(&f->arena, 3 * (size_t)f->g->size * (size_t)f->g->size,
                            sizeof *f->rgb);
    f->row = nn_arena_array(&f->arena, 3 * (size_t)size, sizeof *f->row);
    f->tmp = nn_arena_array(&f->arena, (size_t)size, sizeof *f->tmp);
    if (!f->zc || !f->last || !f->rgb || !f->row || !f->tmp)
        return nn_fail_mem(err, "a latent film");
    if (nn_walk_init(&f->walk, f->g, (uint64_t)o.seed, f->points, &f->arena, err) ||
        nn_enlarge_init(&f->big, f->g->size, size, size, &f->arena, err) ||
        nn_image_init(&f->img, size, size, 3, err) || open_curves(f, err))
        return -1;
    return (f->writer = nn_writer_open(o.out, size, size, &wo, err)) ? 0 : -1;
}

/* The latent of frame n, and a row of the curves. */
static void place(struct film *f, int64_t n)
{
    double part = (double)n / (double)f->frames, way = 0;
    int z = f->g->latent;

    nn_walk_way(&f->walk, o.loop ? part * (double)f->points : (double)n / o.fps * o.speed,
                (float)o.reach, 1, f->zc);
    for (int i = 0; i < f->pushes; i++) {
        struct push *p = &f->push[i];
        if (p->swings)
            p->strength = (float)sin(6.283185307179586 * part);
        if (p->direction >= 0)
            nn_walk_push(&f->walk, p->direction, p->strength, f->zc);
        else
            f->zc[z + p->condition] = p->strength;
    }
    for (int i = 0; i < z; i++)
        way += (double)(f->zc[i] - f->last[i]) * (double)(f->zc[i] - f->last[i]);
    if (n)
        f->moved += sqrt(way / z);
    memcpy(f->last, f->zc, (size_t)z * sizeof *f->last);
    if (!f->csv.f)
        return;
    fprintf(f->csv.f, "%lld,%.6f,%.6f", (long long)n, (double)n / o.fps, f->moved);
    for (int i = 0; i < f->pushes; i++)
        fprintf(f->csv.f, ",%.6f", (double)f->push[i].strength);
    fputc('\n', f->csv.f);
}

static int draw(struct film *f, int64_t n, struct nn_err *err)
{
    int w = f->img.w;
    float *rgb[3] = { f->row, f->row + w, f->row + 2 * w };
    double t0 = nn_now();

    place(f, n);
    if (nn_generator_run(f->g, f->zc, f->rgb, err))
        return -1;
    f->ms += 1e3 * (nn_now() - t0);
    nn_enlarge_take(&f->big, f->rgb);
    for (int y = 0; y < f->img.h; y++) {
        for (int i = 0; i < 3; i++)
            nn_enlarge_row(&f->big, i, y, rgb[i]);
        nn_srgb_encode(rgb, w, f->img.px + (size_t)y * (size_t)w * 3, 3, f->tmp);
    }
    return nn_writer_frame(f->writer, &f->img, n, err);
}

static int walk(struct film *f, struct nn_err *err)
{
    struct nn_progress bar;
    struct nn_writer *done;
    int bad = 0;

    nn_progress_start(&bar, "latent-video", f->frames);
    for (int64_t n = 0; n < f->frames && !bad; n++) {
        bad = nn_check_stop("latent-video", err) || draw(f, n, err);
        nn_progress_update(&bar, n + 1, NULL);
    }
    nn_progress_stop(&bar);
    if (bad)
        return -1;
    done = f->writer;
    f->writer = NULL;
    return nn_writer_finish(done, err) || (f->csv.f && nn_atomic_commit(&f->csv, err)) ? -1 : 0;
}

static int report(const struct film *f, struct nn_err *err)
{
    double ms = f->ms / (double)f->frames;
    cJSON *root;

    if (!o.json) {
        printf("%s: %lld frames of %lld x %lld; the latent moved %.2f radii; %.2f ms an image\n",
               o.out, (long long)f->frames, (long long)o.size, (long long)o.size, f->moved, ms);
        return 0;
    }
    root = cJSON_CreateObject();
    cJSON_AddStringToObject(root, "film", o.out);
    cJSON_AddNumberToObject(root, "frames", (double)f->frames);
    cJSON_AddNumberToObject(root, "size", (double)o.size);
    cJSON_AddNumberToObject(root, "model_size", f->g->size);
    cJSON_AddNumberToObject(root, "moved", f->moved);
    cJSON_AddNumberToObject(root, "ms", ms);
    return nn_json_print(root, err);
}

int nn_export_latent(int argc, char **argv, struct nn_err *err)
{
    struct film f = { 0 };
    int ret;

    (void)argc;
    if (!o.out)
        return nn_fail(err, NN_EUSAGE, "say what to make: -o walk.mp4");
    ret = prepare(&f, argv[0], err) || walk(&f, err) || report(&f, err) ? -1 : 0;
    nn_writer_abort(f.writer);
    nn_atomic_abort(&f.csv);
    nn_image_release(&f.img);
    nn_generator_free(f.g);
    nn_arena_release(&f.arena);
    return ret;
}
