/* cmd_synth.c - neonnoir synth: what is asked for, and what is not possible. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/synth/produce.h"

static struct {
    int64_t stills, shots, seed, threads;
    double seconds, fps, rain, fog, smoke, neon, people, cars;
    const char *video, *output, *size, *format, *mood, *place, *palette;
    int tags, json;
} o = { .shots = 1, .seed = 1, .seconds = 10, .fps = 24, .rain = -1, .fog = -1, .smoke = -1,
        .neon = -1, .people = -1, .cars = -1, .format = "png" };

static int parse_size(struct nn_synth_order *order, struct nn_err *err)
{
    const char *text = o.size ? o.size : o.video ? "1280x720" : "256x256";
    char rest;

    if (sscanf(text, "%5dx%5d%c", &order->w, &order->h, &rest) != 2 || order->w < 16 ||
        order->h < 16 || order->w > 4096 || order->h > 4096)
        return nn_fail(err, NN_EUSAGE, "--size %s: WIDTHxHEIGHT, 16 to 4096 each", text);
    return 0;
}

static int find_place(const char *name)
{
    for (int i = 0; i < NN_PLACES; i++)
        if (!strcmp(nn_synth_places[i], name))
            return i;
    return -1;
}

static int parse_look(struct nn_synth_look *l, struct nn_err *err)
{
    *l = (struct nn_synth_look){ (float)o.rain, (float)o.fog, (float)o.smoke, (float)o.neon,
                                 (float)o.people, (float)o.cars, -1, -1, -1 };
    if (o.mood && (l->mood = nn_emotion_find(o.mood)) < 0)
        return nn_fail(err, NN_EUSAGE, "--mood %s: one of " NN_EMOTION_CLASSES, o.mood);
    if (o.place && (l->place = find_place(o.place)) < 0)
        return nn_fail(err, NN_EUSAGE, "--place %s: one of street, alley, avenue, diner, "
                       "waterfront, doorway", o.place);
    if (o.palette && (l->palette = nn_synth_palette_find(o.palette)) < 0)
        return nn_fail(err, NN_EUSAGE, "--palette %s: one of electric, teal-amber, crimson, "
                       "blue-hour, sodium, jade, orchid, noir", o.palette);
    return 0;
}

static int parse(struct nn_synth_order *order, struct nn_err *err)
{
    *order = (struct nn_synth_order){ .seed = (uint64_t)o.seed, .threads = (int)o.threads,
                                      .format = o.format };
    if (!o.stills == !o.video)
        return nn_fail(err, NN_EUSAGE, "either --stills N with -o DIR, or --video FILE");
    if (o.stills && !o.output)
        return nn_fail(err, NN_EUSAGE, "--stills need a folder: -o DIR");
    if (o.video && o.output)
        return nn_fail(err, NN_EUSAGE, "--video names its file; -o is for stills");
    if (strcmp(o.format, "png") && strcmp(o.format, "jpg"))
        return nn_fail(err, NN_EUSAGE, "--format %s: png or jpg", o.format);
    order->out = o.video ? o.video : o.output;
    order->count = o.video ? o.shots : o.stills;
    order->seconds = o.video ? o.seconds : 0;
    order->rate = o.video ? o.fps : 0;
    return parse_size(order, err) || parse_look(&order->look, err) ? -1 : 0;
}

static int list_tags(struct nn_err *err)
{
    cJSON *all;

    if (!o.json) {
        for (int i = 0; i < NN_TAGS; i++)
            printf("%-24s %s\n", nn_synth_tags[i].name, nn_synth_tags[i].when);
        return 0;
    }
    all = cJSON_CreateArray();
    for (int i = 0; i < NN_TAGS; i++) {
        cJSON *one = cJSON_CreateObject();
        cJSON_AddStringToObject(one, "tag", nn_synth_tags[i].name);
        cJSON_AddStringToObject(one, "when", nn_synth_tags[i].when);
        cJSON_AddItemToArray(all, one);
    }
    return nn_json_print(all, err);
}

static void tell(const struct nn_synth_order *order, const struct nn_synth_row *rows)
{
    printf("%lld %s in %s\n", (long long)order->count,
           order->rate > 0 ? order->count == 1 ? "shot" : "shots"
                           : order->count == 1 ? "picture" : "pictures", order->out);
    for (int k = 0; k < NN_TAGS; k++) {
        int64_t count = 0;
        for (int64_t i = 0; i < order->count; i++)
            count += rows[i].truth.tag[k];
        if (count)
            printf("  %-22s %6lld\n", nn_synth_tags[k].name, (long long)count);
    }
}

static int synth(int argc, char **argv, struct nn_err *err)
{
    struct nn_synth_row *rows = NULL;
    struct nn_synth_order order;
    int ret;

    (void)argc;
    (void)argv;
    if (o.tags)
        return list_tags(err);
    if (parse(&order, err))
        return -1;
    ret = order.rate > 0 ? nn_synth_film(&order, &rows, err) : nn_synth_stills(&order, &rows, err);
    if (!ret && o.json)
        ret = nn_json_print(nn_synth_summary(&order, rows, order.count), err);
    else if (!ret)
        tell(&order, rows);
    free(rows);
    return ret;
}

#define SHARE(name, what) { #name, 0, NN_OPT_REAL, "X", what ", 0 to 1 (default: by dice)", \
                            &o.name, -1, 1 }

static const struct nn_opt opts[] = {
    { "stills", 'n', NN_OPT_INT, "N", "make N pictures, each another scene", &o.stills, 1, 1e6 },
    { "output", 'o', NN_OPT_TEXT, "DIR", "folder of the pictures, truth.csv and truth.json",
      &o.output, 0, 0 },
    { "format", 0, NN_OPT_TEXT, "F", "of pictures: png or jpg", &o.format, 0, 0 },
    { "video", 0, NN_OPT_TEXT, "FILE", "make a film instead, and FILE.truth.csv and .json",
      &o.video, 0, 0 },
    { "seconds", 0, NN_OPT_REAL, "S", "its length", &o.seconds, 0.1, 3600 },
    { "fps", 0, NN_OPT_REAL, "F", "its frames a second", &o.fps, 1, 240 },
    { "shots", 'k', NN_OPT_INT, "K", "its scenes, with cuts between them", &o.shots, 1, 10000 },
    { "size", 0, NN_OPT_TEXT, "WxH", "pixels (256x256; films 1280x720)", &o.size, 0, 0 },
    { "seed", 's', NN_OPT_INT, "N", "of the first scene; the next one has N + 1", &o.seed, 0,
      1e15 },
    { "mood", 'm', NN_OPT_TEXT, "M", "an emotion that the dice lean to: " NN_EMOTION_CLASSES,
      &o.mood, 0, 0 },
    { "place", 'p', NN_OPT_TEXT, "P", "street, alley, avenue, diner, waterfront, doorway",
      &o.place, 0, 0 },
    { "palette", 0, NN_OPT_TEXT, "P", "electric, teal-amber, crimson, blue-hour, sodium, jade, "
      "orchid, noir", &o.palette, 0, 0 },
    SHARE(rain, "how much it rains"),
    SHARE(fog, "how thick the fog is"),
    SHARE(smoke, "how much steam rises"),
    SHARE(neon, "how many signs there are"),
    SHARE(people, "how many people"),
    SHARE(cars, "how many cars"),
    { "threads", 0, NN_OPT_INT, "N", "at most; 0: one for each core", &o.threads, 0, 256 },
    { "tags", 0, NN_OPT_FLAG, NULL, "say which tags there are, and when each is given", &o.tags,
      0, 0 },
    { "json", 0, NN_OPT_FLAG, NULL, "print JSON", &o.json, 0, 0 },
    { 0 },
};

const struct nn_cmd nn_synth_cmds[] = {
    { "", "", "neon-noir scenes out of a seed, with true tags: stills to train with, films to "
      "test with",
      "neonnoir synth --stills 2000 --size 128x128 -o noir && neonnoir ingest images noir &&\n"
      "      neonnoir label import noir/truth.csv\n"
      "  neonnoir synth --video noir.mp4 --seconds 20 --shots 4 --mood sad --seed 7\n"
      "  neonnoir synth --tags", opts, 0, 0, synth },
    { 0 },
};
