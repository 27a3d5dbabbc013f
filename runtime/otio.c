/* otio.c - markers as OpenTimelineIO JSON. */
#define _XOPEN_SOURCE 700       /* realpath */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fs.h"
#include "common/json.h"
#include "runtime/markers.h"

/* Of the colours that Marker knows. */
static const char *const colour[NN_EMOTIONS] = {
    [NN_ANGRY] = "RED", [NN_DISGUST] = "GREEN", [NN_FEAR] = "PURPLE", [NN_HAPPY] = "YELLOW",
    [NN_NEUTRAL] = "WHITE", [NN_SAD] = "BLUE", [NN_SURPRISE] = "CYAN",
};

static cJSON *object(cJSON *in, const char *member, const char *schema)
{
    cJSON *o = cJSON_CreateObject();

    if (member)
        cJSON_AddItemToObject(in, member, o);
    else if (in)
        cJSON_AddItemToArray(in, o);
    cJSON_AddStringToObject(o, "OTIO_SCHEMA", schema);
    return o;
}

static void moment(cJSON *in, const char *member, const struct nn_marked *of, int64_t frames)
{
    cJSON *o = object(in, member, "RationalTime.1");

    cJSON_AddNumberToObject(o, "rate", (double)of->rate.num / (double)of->rate.den);
    cJSON_AddNumberToObject(o, "value", (double)frames);
}

static void range(cJSON *in, const char *member, const struct nn_marked *of, int64_t start,
                  int64_t frames)
{
    cJSON *o = object(in, member, "TimeRange.1");

    moment(o, "start_time", of, start);
    moment(o, "duration", of, frames);
}

static void marker(cJSON *all, const struct nn_marked *of, const struct nn_marker *m)
{
    cJSON *o = object(all, NULL, "Marker.2"), *meta, *own;

    cJSON_AddStringToObject(o, "name", m->name);
    cJSON_AddStringToObject(o, "color", m->micro ? "PINK" : colour[m->emotion]);
    cJSON_AddStringToObject(o, "comment", m->note);
    range(o, "marked_range", of, m->frame, m->length);
    meta = cJSON_AddObjectToObject(o, "metadata");
    own = cJSON_AddObjectToObject(meta, "neonnoir");
    cJSON_AddStringToObject(own, "kind", m->micro ? "micro" : "peak");
    cJSON_AddNumberToObject(own, "apex", (double)m->apex);
    cJSON_AddStringToObject(own, "emotion", nn_emotions[m->emotion].name);
    cJSON_AddNumberToObject(own, "strength", (double)m->strength);
}

/* "file:///a%20b.mov" of a path. */
static void address(cJSON *in, const char *path)
{
    char *whole = realpath(path, NULL), *url;
    const char *p = whole ? whole : path;
    size_t n = 0;

    if ((url = malloc(3 * strlen(p) + 16))) {
        n += (size_t)sprintf(url, whole ? "file://" : "");
        for (; *p; p++)
            if (strchr("/-_.~", *p) || (*p >= '0' && *p <= '9') || (*p >= 'A' && *p <= 'Z') ||
                (*p >= 'a' && *p <= 'z'))
                url[n++] = *p;
            else
                n += (size_t)sprintf(url + n, "%%%02X", (unsigned char)*p);
        url[n] = 0;
        cJSON_AddStringToObject(in, "target_url", url);
    }
    free(url);
    free(whole);
}

static void film(cJSON *tracks, const struct nn_marked *of)
{
    cJSON *track = object(tracks, NULL, "Track.1"), *clip, *media;

    cJSON_AddStringToObject(track, "name", "V1");
    cJSON_AddStringToObject(track, "kind", "Video");
    clip = object(cJSON_AddArrayToObject(track, "children"), NULL, "Clip.2");
    cJSON_AddStringToObject(clip, "name", of->name);
    range(clip, "source_range", of, of->start, of->frames);
    cJSON_AddStringToObject(clip, "active_media_reference_key", "DEFAULT_MEDIA");
    media = object(cJSON_AddObjectToObject(clip, "media_references"), "DEFAULT_MEDIA",
                   "ExternalReference.1");
    range(media, "available_range", of, of->start, of->frames);
    address(media, of->path);
}

int nn_otio_write(const struct nn_marked *of, const char *path, struct nn_err *err)
{
    cJSON *root = object(NULL, NULL, "Timeline.1"), *stack, *markers;
    char *text;
    int ret = -1;

    cJSON_AddStringToObject(root, "name", of->name);
    moment(root, "global_start_time", of, of->start);
    stack = object(root, "tracks", "Stack.1");
    cJSON_AddStringToObject(stack, "name", "tracks");
    film(cJSON_AddArrayToObject(stack, "children"), of);
    markers = cJSON_AddArrayToObject(stack, "markers");
    for (int i = 0; i < of->markers->count; i++)
        marker(markers, of, &of->markers->marker[i]);
    if ((text = cJSON_Print(root)))
        ret = nn_file_write(path, text, strlen(text), err);
    else
        nn_fail_mem(err, "markers");
    cJSON_free(text);
    cJSON_Delete(root);
    return ret;
}
