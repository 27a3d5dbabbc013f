/* report.c - truth as CSV for the catalog, as JSON with every box. */
#include <stdlib.h>
#include <string.h>

#include "common/fs.h"
#include "runtime/synth/produce.h"

static const char *level(float v)
{
    return v < -0.25f ? "low" : v > 0.25f ? "high" : "middle";
}

int nn_synth_write_csv(const struct nn_synth_row *row, int64_t n, const char *path,
                       struct nn_err *err)
{
    struct nn_atomic a;

    if (nn_atomic_open(&a, path, err))
        return -1;
    fputs("file,start,end,seed,tags,valence,arousal,mood,place,palette,rain,fog,smoke,signs,people,"
          "cars,warm,red\n", a.f);
    for (int64_t i = 0; i < n; i++) {
        const struct nn_synth_truth *t = &row[i].truth;
        fprintf(a.f, "%s,%lld,%lld,%llu,", row[i].file, (long long)row[i].start,
                (long long)row[i].end, (unsigned long long)row[i].seed);
        for (int k = 0; k < NN_TAGS; k++)
            if (t->tag[k])
                fprintf(a.f, "%s ", nn_synth_tags[k].name);
        fprintf(a.f, "mood/%s valence/%s arousal/%s palette/%s,", nn_emotions[t->mood].name,
                level(t->valence), level(t->arousal), nn_synth_palette_name(t->palette));
        fprintf(a.f, "%.4f,%.4f,%s,%s,%s,%.4f,%.4f,%.4f,%d,%d,%d,%.4f,%.4f\n", (double)t->valence,
                (double)t->arousal, nn_emotions[t->mood].name, nn_synth_places[t->place],
                nn_synth_palette_name(t->palette), (double)t->rain, (double)t->fog,
                (double)t->smoke, t->signs, t->people, t->cars, (double)t->warm, (double)t->red);
    }
    return nn_atomic_commit(&a, err);
}

/* Four digits are enough, and read well. */
static void number(cJSON *to, const char *name, float v)
{
    char text[32];

    snprintf(text, sizeof text, "%.4f", (double)v);
    cJSON_AddRawToObject(to, name, text);
}

static cJSON *thing_json(const struct nn_synth_thing *g)
{
    static const char *const kinds[] = { "sign", "person", "car" };
    const float box[4] = { g->box.x, g->box.y, g->box.w, g->box.h };
    cJSON *one = cJSON_CreateObject(), *list;

    cJSON_AddStringToObject(one, "kind", kinds[g->kind]);
    list = cJSON_AddArrayToObject(one, "box");
    for (int i = 0; i < 4; i++) {
        char text[32];
        snprintf(text, sizeof text, "%.1f", (double)box[i]);
        cJSON_AddItemToArray(list, cJSON_CreateRaw(text));
    }
    number(one, "visible", g->visible);
    if (g->hue >= 0)
        cJSON_AddStringToObject(one, "hue", nn_synth_hues[g->hue]);
    if (g->text[0])
        cJSON_AddStringToObject(one, g->kind == NN_THING_SIGN ? "text" : "with", g->text);
    return one;
}

static cJSON *row_json(const struct nn_synth_order *o, const struct nn_synth_row *row)
{
    const struct nn_synth_truth *t = &row->truth;
    cJSON *one = cJSON_CreateObject(), *list;
    char seed[24];

    cJSON_AddStringToObject(one, "file", row->file);
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)row->seed);
    cJSON_AddRawToObject(one, "seed", seed);
    if (row->end) {
        cJSON_AddNumberToObject(one, "start", (double)row->start);
        cJSON_AddNumberToObject(one, "end", (double)row->end);
        number(one, "start_seconds", (float)((double)row->start / o->rate));
        number(one, "end_seconds", (float)((double)row->end / o->rate));
    }
    list = cJSON_AddArrayToObject(one, "tags");
    for (int k = 0; k < NN_TAGS; k++)
        if (t->tag[k])
            cJSON_AddItemToArray(list, cJSON_CreateString(nn_synth_tags[k].name));
    cJSON_AddStringToObject(one, "mood", nn_emotions[t->mood].name);
    number(one, "valence", t->valence);
    number(one, "arousal", t->arousal);
    cJSON_AddStringToObject(one, "place", nn_synth_places[t->place]);
    cJSON_AddStringToObject(one, "palette", nn_synth_palette_name(t->palette));
    number(one, "rain", t->rain);
    number(one, "fog", t->fog);
    number(one, "smoke", t->smoke);
    number(one, "warm", t->warm);
    number(one, "red", t->red);
    cJSON_AddNumberToObject(one, "signs", t->signs);
    cJSON_AddNumberToObject(one, "people", t->people);
    cJSON_AddNumberToObject(one, "cars", t->cars);
    list = cJSON_AddArrayToObject(one, "things");
    for (int i = 0; i < t->things; i++)
        cJSON_AddItemToArray(list, thing_json(&t->thing[i]));
    return one;
}

int nn_synth_write_json(const struct nn_synth_order *o, const struct nn_synth_row *row, int64_t n,
                        const char *path, struct nn_err *err)
{
    struct nn_atomic a;

    if (nn_atomic_open(&a, path, err))
        return -1;
    fprintf(a.f, "{\"width\": %d, \"height\": %d, \"rate\": %.6g, \"pictures\": [\n", o->w, o->h,
            o->rate);
    for (int64_t i = 0; i < n; i++) {       /* a row a line: thousands of them are no tree */
        cJSON *one = row_json(o, &row[i]);
        char *text = cJSON_PrintUnformatted(one);
        cJSON_Delete(one);
        if (!text) {
            nn_atomic_abort(&a);
            return nn_fail_mem(err, path);
        }
        fprintf(a.f, "%s%s\n", text, i + 1 < n ? "," : "");
        cJSON_free(text);
    }
    fputs("]}\n", a.f);
    return nn_atomic_commit(&a, err);
}

cJSON *nn_synth_summary(const struct nn_synth_order *o, const struct nn_synth_row *row, int64_t n)
{
    cJSON *root = cJSON_CreateObject(), *tags, *moods;
    int64_t mood[NN_EMOTIONS] = { 0 };
    double valence = 0, arousal = 0;

    cJSON_AddStringToObject(root, "output", o->out);
    cJSON_AddNumberToObject(root, o->rate > 0 ? "shots" : "pictures", (double)n);
    tags = cJSON_AddObjectToObject(root, "tags");
    for (int k = 0; k < NN_TAGS; k++) {
        int64_t count = 0;
        for (int64_t i = 0; i < n; i++)
            count += row[i].truth.tag[k];
        cJSON_AddNumberToObject(tags, nn_synth_tags[k].name, (double)count);
    }
    for (int64_t i = 0; i < n; i++) {
        mood[row[i].truth.mood]++;
        valence += (double)row[i].truth.valence / (double)n;
        arousal += (double)row[i].truth.arousal / (double)n;
    }
    moods = cJSON_AddObjectToObject(root, "moods");
    for (int k = 0; k < NN_EMOTIONS; k++)
        cJSON_AddNumberToObject(moods, nn_emotions[k].name, (double)mood[k]);
    number(root, "mean_valence", (float)valence);
    number(root, "mean_arousal", (float)arousal);
    return root;
}
