/* cmd_morph.c - neonnoir morph: what is asked for, and what is not possible. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/json.h"
#include "runtime/morph/morph.h"

static struct nn_morph_opts o = { .seconds = 3, .fps = 25, .at = -1, .exaggerate = -1 };

static int ends_in(const char *path, const char *const *ends)
{
    const char *dot = strrchr(path, '.');

    for (; dot && *ends; ends++)
        if (!strcasecmp(dot, *ends))
            return 1;
    return 0;
}

static int is_film(const char *path)
{
    static const char *const films[] = { ".mp4", ".m4v", ".mov", ".mkv", ".avi", ".webm", ".mpg",
                                         ".mts", ".ogv", NULL };
    return ends_in(path, films);
}

static int parse_size(struct nn_err *err)
{
    char rest;

    if (o.size && (sscanf(o.size, "%5dx%5d%c", &o.w, &o.h, &rest) != 2 || o.w < 16 || o.h < 16 ||
                   o.w > 4096 || o.h > 4096))
        return nn_fail(err, NN_EUSAGE, "--size %s: WIDTHxHEIGHT, 16 to 4096 each", o.size);
    return 0;
}

static int check_films(struct nn_err *err)
{
    if (o.at >= 0 || o.sheet || o.size || o.whole || o.back || o.landmarks.count)
        return nn_fail(err, NN_EUSAGE, "a film keeps its size and length: --at, --sheet, --size, "
                       "--whole, --back and --landmarks are for two pictures");
    if (!o.output || !is_film(o.output))
        return nn_fail(err, NN_EUSAGE, "what comes of a film is one: -o OUT.mp4");
    if (!o.to == (o.exaggerate < 0))
        return nn_fail(err, NN_EUSAGE, "a film takes either a picture whose face it gets, or "
                       "--exaggerate");
    return 0;
}

static int check_pictures(struct nn_err *err)
{
    if (!o.to)
        return nn_fail(err, NN_EUSAGE, "a morph goes from one picture to another: name two");
    if (o.exaggerate >= 0 || o.signal)
        return nn_fail(err, NN_EUSAGE, "--exaggerate and --signal need a film");
    if (!o.output && !o.sheet && !o.points)
        return nn_fail(err, NN_EUSAGE, "nothing to write: -o OUT.mp4, -o OUT.png, --sheet or "
                       "--points");
    if (o.output && !o.film && o.at < 0)
        return nn_fail(err, NN_EUSAGE, "%s: a picture of a morph needs to know of which moment: "
                       "--at 0.5", o.output);
    if (o.landmarks.count > 2)
        return nn_fail(err, NN_EUSAGE, "--landmarks is given once or twice, for the first and the "
                       "second picture");
    return 0;
}

static int report(const struct nn_morph_report *r, struct nn_err *err)
{
    cJSON *root;

    if (!o.json) {
        if (o.output)
            printf("%s: %d x %d, %lld %s\n", o.output, r->w, r->h, (long long)r->frames,
                   r->frames == 1 ? "frame" : "frames");
        if (r->empty)
            printf("%lld frames without a face stayed as they were\n", (long long)r->empty);
        return 0;
    }
    root = cJSON_CreateObject();
    if (o.output)
        cJSON_AddStringToObject(root, "output", o.output);
    cJSON_AddNumberToObject(root, "width", r->w);
    cJSON_AddNumberToObject(root, "height", r->h);
    cJSON_AddNumberToObject(root, "frames", (double)r->frames);
    cJSON_AddNumberToObject(root, "without_face", (double)r->empty);
    if (*r->note)
        cJSON_AddStringToObject(root, "consent", r->note);
    return nn_json_print(root, err);
}

static int morph(int argc, char **argv, struct nn_err *err)
{
    struct nn_morph_report r = { .note = "" };
    int film = is_film(argv[0]);

    o.from = argv[0];
    o.to = argc > 1 ? argv[1] : NULL;
    o.film = o.output && is_film(o.output);
    if (parse_size(err) || (film ? check_films(err) : check_pictures(err)) ||
        (film ? nn_morph_film(&o, &r, err) : nn_morph_pictures(&o, &r, err)))
        return -1;
    return report(&r, err);
}

static const struct nn_opt opts[] = {
    { "output", 'o', NN_OPT_TEXT, "FILE", "a film, or with --at a picture (.png)", &o.output, 0,
      0 },
    { "at", 0, NN_OPT_REAL, "T", "one moment of the morph, 0 the first picture, 1 the second",
      &o.at, 0, 1 },
    { "sheet", 0, NN_OPT_TEXT, "PNG", "five steps side by side", &o.sheet, 0, 0 },
    { "seconds", 0, NN_OPT_REAL, "S", "from the first picture to the second", &o.seconds, 0.1,
      600 },
    { "fps", 0, NN_OPT_REAL, "F", "frames a second", &o.fps, 1, 240 },
    { "size", 0, NN_OPT_TEXT, "WxH", "of the frame; else as large as the first picture allows",
      &o.size, 0, 0 },
    { "back", 0, NN_OPT_FLAG, NULL, "and back again", &o.back, 0, 0 },
    { "whole", 0, NN_OPT_FLAG, NULL, "the pictures as they are, not cut so that the faces meet",
      &o.whole, 0, 0 },
    { "face-only", 0, NN_OPT_FLAG, NULL, "the second's face in the first's head and frame",
      &o.face_only, 0, 0 },
    { "exaggerate", 0, NN_OPT_REAL, "X", "of a film: its faces' expressions times X; 0 neutral, "
      "2 a caricature", &o.exaggerate, 0, 3 },
    { "signal", 0, NN_OPT_TEXT, "NAME", "of a film: what says how much (face.joy, ...); else all "
      "of it", &o.signal, 0, 0 },
    { "landmarks", 0, NN_OPT_LIST, "JSON", "points of the first picture's face; again: of the "
      "second's", &o.landmarks, 0, 0 },
    { "points", 0, NN_OPT_TEXT, "PNG", "draw the points that were found, to check them", &o.points,
      0, 0 },
    { "i-have-consent", 0, NN_OPT_TEXT, "\"NAME: WHY\"", "whose face is used, and what they agreed "
      "to; else PICTURE.consent.json says it", &o.said, 0, 0 },
    { "face-model", 0, NN_OPT_TEXT, "FILE", "detector of faces; else one that is found",
      &o.face_model, 0, 0 },
    { "threads", 0, NN_OPT_INT, "N", "at most; 0: one for each core", &o.threads, 0, 256 },
    { "json", 0, NN_OPT_FLAG, NULL, "print JSON", &o.json, 0, 0 },
    { 0 },
};

const struct nn_cmd nn_morph_cmds[] = {
    { "", "A [B]", "from one face to another, or an expression made stronger",
      "neonnoir morph ana.jpg ben.jpg -o morph.mp4 --seconds 4 --back\n"
      "  neonnoir morph ana.jpg ben.jpg -o half.png --at 0.5 --sheet steps.png\n"
      "  neonnoir morph clip.mp4 ben.jpg --signal face.angry -o rage.mp4\n"
      "  neonnoir morph clip.mp4 --exaggerate 1.6 -o more.mp4", opts, 1, 2, morph },
    { 0 },
};
