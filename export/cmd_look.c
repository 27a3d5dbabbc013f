/* neonnoir export look: the colours of footage as a table for other footage. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fs.h"
#include "common/json.h"
#include "export/cmds.h"
#include "export/look_sheet.h"
#include "trainer/gan_data.h"

static struct {
    const char *out, *on, *sheet, *title;
    struct nn_opt_list from;
    struct nn_grade_opts s;
    double every;
    int64_t size, seed;
    int json;
} o = { .s = { .strength = 0.8, .smooth = 0.1, .lightness = 0.6 }, .every = 0.5, .size = 33,
        .seed = 1 };

const struct nn_opt nn_export_look_opts[] = {
    { "output", 'o', NN_OPT_TEXT, "LOOK.cube", "where to write (must be given)", &o.out, 0, 0 },
    { "from", 0, NN_OPT_LIST, "FILM", "what it is to grade, else ordinary footage; repeatable",
      &o.from, 0, 0 },
    { "strength", 0, NN_OPT_REAL, "X", "1 goes all the way", &o.s.strength, 0, 2 },
    { "lightness", 0, NN_OPT_REAL, "X", "how much of its lightness is taken over, too",
      &o.s.lightness, 0, 1 },
    { "smooth", 0, NN_OPT_REAL, "X", "how far a colour asks its neighbours (Oklab)", &o.s.smooth,
      0.02, 0.5 },
    { "size", 0, NN_OPT_INT, "N", "entries along a side: 17, 33, 65", &o.size, 2, 129 },
    { "title", 0, NN_OPT_TEXT, "TEXT", "in the file [name of the first]", &o.title, 0, 0 },
    { "every", 0, NN_OPT_REAL, "SECONDS", "between two frames of a film; 0: all", &o.every, 0,
      3600 },
    { "on", 0, NN_OPT_TEXT, "FILM", "other footage, to show before and after", &o.on, 0, 0 },
    { "sheet", 0, NN_OPT_TEXT, "FILE.png", "draw that", &o.sheet, 0, 0 },
    { "seed", 0, NN_OPT_INT, "N", "of the samples", &o.seed, 0, 1e9 },
    { "json", 0, NN_OPT_FLAG, NULL, "print JSON", &o.json, 0, 0 },
    { 0 },
};

enum { EDGE = 64 };             /* of the frames that colours are drawn from */

/* Files and folders, or a collection's name or a query of the catalog. */
static int gather(struct nn_gan_data *d, const char *const *source, int n, struct nn_err *err)
{
    struct nn_catalog *cat;
    int ret = 0;

    nn_gan_data_init(d, EDGE);
    for (int i = 0; i < n && !ret; i++) {
        if (nn_exists(source[i])) {
            ret = nn_gan_data_add(d, source[i], o.every, 0, err);
        } else if (!(cat = nn_catalog_open(nn_cli_catalog(), NN_READ, err))) {
            ret = nn_fail(err, NN_ENOTFOUND, "%s: no such file, and no catalog %s to look in",
                          source[i], nn_cli_catalog());
        } else {
            ret = nn_gan_data_clips(d, cat, source[i], o.every, err);
            nn_catalog_close(cat);
        }
    }
    if (!ret && !d->n)
        ret = nn_fail(err, NN_EUNSUPPORTED, "%s: no picture", source[0]);
    return ret;
}

/* Every other frame is learnt from, the rest held out; a single one is both. */
static int draw(struct nn_gan_data *d, struct nn_colours *learnt, struct nn_colours *held,
                struct nn_err *err)
{
    size_t frame = (size_t)EDGE * EDGE * 3;
    int64_t half = (d->n + 1) / 2, rest = d->n - half;
    uint8_t *px = malloc((size_t)d->n * frame);
    int ret = -1;

    if (!px)
        return nn_fail_mem(err, "colours");
    for (int64_t i = 0; i < d->n; i++)
        memcpy(px + (size_t)(i / 2 + (i % 2 ? half : 0)) * frame, d->px + (size_t)i * frame, frame);
    if (!nn_colours_take(learnt, px, half * EDGE * EDGE, (uint64_t)o.seed, err) &&
        !nn_colours_take(held, rest ? px + (size_t)half * frame : px,
                         (rest ? rest : half) * EDGE * EDGE, (uint64_t)o.seed + 1, err))
        ret = 0;
    free(px);
    return ret;
}

struct says {
    int64_t frames;
    double before, after;       /* distances of the held-out halves */
    struct nn_grade_figures f;
};

static int report(const struct says *s, struct nn_err *err)
{
    cJSON *j;

    if (!o.json) {
        printf("%s: %lld by the side, from %lld frames\n"
               "colours move        %.3f on average (Oklab)\n"
               "held-out frames     %.3f apart before, %.3f after\n"
               "greys rise at least %.2f; neighbours part at most %.2f times as far\n",
               o.out, (long long)o.size, (long long)s->frames, s->f.mean, s->before, s->after,
               s->f.slope, s->f.stretch);
        return 0;
    }
    j = cJSON_CreateObject();
    cJSON_AddStringToObject(j, "look", o.out);
    cJSON_AddNumberToObject(j, "frames", (double)s->frames);
    cJSON_AddNumberToObject(j, "moves", s->f.mean);
    cJSON_AddNumberToObject(j, "distance_before", s->before);
    cJSON_AddNumberToObject(j, "distance_after", s->after);
    cJSON_AddNumberToObject(j, "grey_slope", s->f.slope);
    cJSON_AddNumberToObject(j, "stretch", s->f.stretch);
    return nn_json_print(j, err);
}

static void entitle(struct nn_cube *c, const char *source)
{
    const char *slash = strrchr(source, '/');

    snprintf(c->title, sizeof c->title, "%s", o.title ? o.title : slash ? slash + 1 : source);
    for (char *p = c->title; *p; p++)
        if (*p == '"' || (unsigned char)*p < ' ')
            *p = '\'';
}

int nn_export_look(int argc, char **argv, struct nn_err *err)
{
    struct nn_colours learnt = { 0 }, held = { 0 }, from = { 0 }, other = { 0 };
    struct nn_gan_data d = { 0 }, given = { 0 };
    struct nn_cube c = { 0 };
    struct says s = { 0 };
    int ret = -1;

    if (!o.out || (o.sheet && !strcmp(o.sheet, o.out)))
        return nn_fail(err, NN_EUSAGE, "name the file to write: -o LOOK.cube");
    if (o.on && !o.sheet)
        return nn_fail(err, NN_EUSAGE, "--on is shown by --sheet FILE.png");
    o.s.size = (int)o.size;
    o.s.seed = (uint64_t)o.seed;
    if (gather(&d, (const char *const *)argv, argc, err) || draw(&d, &learnt, &held, err))
        goto out;
    if (o.from.count ? gather(&given, o.from.value, o.from.count, err) ||
                       draw(&given, &from, &other, err)
                     : nn_colours_ordinary(&from, o.s.seed, err) ||
                       nn_colours_ordinary(&other, o.s.seed + 1, err))
        goto out;
    s.frames = d.n;
    s.before = nn_colours_distance(&other, &held, o.s.seed);
    if (nn_grade_learn(&from, &learnt, &o.s, &c, &s.f, err))
        goto out;
    entitle(&c, argv[0]);
    nn_colours_grade(&other, &c);
    s.after = nn_colours_distance(&other, &held, o.s.seed);
    if ((o.sheet && nn_look_sheet(o.sheet, c.title, &learnt, &c, o.on, err)) ||
        nn_cube_write(&c, o.out, err))
        goto out;
    ret = report(&s, err);
out:
    nn_cube_release(&c);
    nn_colours_release(&learnt);
    nn_colours_release(&held);
    nn_colours_release(&from);
    nn_colours_release(&other);
    nn_gan_data_release(&d);
    nn_gan_data_release(&given);
    return ret;
}
