/* Time codes, peaks of a curve, and the files of markers. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/fs.h"
#include "common/json.h"
#include "runtime/markers.h"
#include "tests/test.h"

static void check_label(struct nn_timecode tc, int64_t frame, const char *text)
{
    struct nn_err err = { 0 };
    char out[NN_TIMECODE_TEXT];
    int64_t back = -1;

    nn_timecode_text(tc, frame, out);
    CHECK(!strcmp(out, text));
    CHECK_OK(nn_timecode_parse(tc, text, &back, &err), &err);
    CHECK(back == frame);
}

/* Labels known from SMPTE ST 12-1's rule: 17,982 frames in ten minutes at 29.97. */
static void test_timecode(void)
{
    const struct nn_timecode pal = nn_timecode_of((struct nn_rational){ 25, 1 }, 0);
    const struct nn_timecode film = nn_timecode_of((struct nn_rational){ 24000, 1001 }, 0);
    const struct nn_timecode ntsc = nn_timecode_of((struct nn_rational){ 30000, 1001 }, 0);
    const struct nn_timecode fast = nn_timecode_of((struct nn_rational){ 60000, 1001 }, 0);
    const struct nn_timecode flat = nn_timecode_of((struct nn_rational){ 30000, 1001 }, 1);
    struct nn_err err = { 0 };
    char out[NN_TIMECODE_TEXT];
    int64_t back = 0;

    CHECK(film.nominal == 24 && !film.drop && ntsc.drop == 2 && fast.drop == 4 && !flat.drop);
    CHECK(!nn_timecode_of((struct nn_rational){ 30, 1 }, 0).drop);
    CHECK(nn_timecode_of((struct nn_rational){ 0, 1 }, 0).nominal == 25);
    check_label(pal, 90000, "01:00:00:00");
    check_label(film, 86399 * 24 + 23, "23:59:59:23");
    check_label(ntsc, 1799, "00:00:59;29");
    check_label(ntsc, 1800, "00:01:00;02");
    check_label(ntsc, 17981, "00:09:59;29");
    check_label(ntsc, 17982, "00:10:00;00");
    check_label(ntsc, 107892, "01:00:00;00");
    check_label(fast, 3600, "00:01:00;04");
    check_label(fast, 215784, "01:00:00;00");
    check_label(flat, 108000, "01:00:00:00");
    nn_timecode_text(pal, 90000 * 24, out);
    CHECK(!strcmp(out, "00:00:00:00"));
    nn_timecode_text(pal, -1, out);
    CHECK(!strcmp(out, "23:59:59:24"));
    for (int64_t f = 0; f < 2589408; f += 331) {        /* a day of 29.97, there and back */
        nn_timecode_text(ntsc, f, out);
        CHECK(!nn_timecode_parse(ntsc, out, &back, &err) && back == f);
    }
    CHECK(nn_timecode_parse(ntsc, "00:01:00;00", &back, &err) && strstr(err.msg, "leaves it out"));
    CHECK(nn_timecode_parse(pal, "00:00:00:25", &back, &err));
    CHECK(nn_timecode_parse(pal, "00:00:00:1x", &back, &err));
    CHECK(nn_timecode_parse(pal, "noon", &back, &err));
}

/* A history of 25 frames a second with a hill of emotion `e` around second `at`. */
static void hill(struct nn_history *h, int e, double at, float top)
{
    for (int64_t i = 0; i < h->count; i++) {
        double d = (h->moment[i].t - at) / 0.4;
        float v = (float)((double)top * exp(-d * d));
        h->moment[i].mood[e] = fmaxf(h->moment[i].mood[e], v);
    }
}

static void make(struct nn_history *h)
{
    for (int i = 0; i < 500; i++) {
        struct nn_moment *m = nn_history_add(h);
        m->t = i / 25.0;
        m->mood[NN_NEUTRAL] = 0.1f;
        m->mood[NN_SAD] = 0.02f * (float)(i % 3);       /* ripples are no peaks */
    }
    hill(h, NN_HAPPY, 4, 0.8f);
    hill(h, NN_ANGRY, 10, 0.9f);
    hill(h, NN_ANGRY, 11.2, 0.7f);      /* too near its stronger neighbour */
    hill(h, NN_FEAR, 15, 0.3f);         /* too weak */
}

static void test_peaks(void)
{
    struct nn_history h = { 0 };
    struct nn_markers m;
    struct nn_err err = { 0 };

    make(&h);
    CHECK_OK(nn_markers_find(&m, &h, 25, 0.5f, 1.5, &err), &err);
    CHECK(m.count == 2);
    if (m.count == 2) {
        CHECK(m.marker[0].emotion == NN_HAPPY && m.marker[1].emotion == NN_ANGRY);
        CHECK(llabs(m.marker[0].frame + m.marker[0].length / 2 - 100) <= 1);
        CHECK(m.marker[0].length > 10 && m.marker[0].length < 30);
        CHECK(fabsf(m.marker[1].strength - 0.9f) < 0.01f);
        CHECK(!strcmp(m.marker[0].name, "happy 80 %"));
    }
    nn_markers_release(&m);
    CHECK_OK(nn_markers_find(&m, &h, 25, 0.2f, 0, &err), &err);
    CHECK(m.count == 4);
    nn_markers_release(&m);
    h.count = 0;
    CHECK_OK(nn_markers_find(&m, &h, 25, 0.5f, 1.5, &err), &err);
    CHECK(m.count == 0);
    nn_markers_release(&m);
    nn_history_release(&h);
}

static void test_micro(void)
{
    const struct nn_micro_event e = { .id = 1, .onset = 2, .apex = 2.12, .offset = 2.32,
                                      .region = NN_MICRO_MOUTH, .strength = 0.8f,
                                      .emotion = NN_HAPPY, .felt = 0.3f };
    struct nn_micro_event plain = e;
    struct nn_history h = { 0 };
    struct nn_markers m;
    struct nn_err err = { 0 };

    make(&h);
    CHECK_OK(nn_markers_find(&m, &h, 25, 0.5f, 1.5, &err), &err);
    plain.onset = 1;
    plain.apex = plain.offset = 1.04;
    plain.emotion = NN_NEUTRAL;
    CHECK_OK(nn_markers_micro(&m, &e, 25, &err), &err);
    CHECK_OK(nn_markers_micro(&m, &plain, 25, &err), &err);
    CHECK(m.count == 4);
    CHECK(m.marker[0].micro && m.marker[0].frame == 25 && m.marker[0].length == 1);
    CHECK(!strcmp(m.marker[0].name, "micro mouth 80 %"));
    CHECK(m.marker[1].micro && m.marker[1].frame == 50 && m.marker[1].apex == 53);
    CHECK(m.marker[1].length == 8 && m.marker[1].emotion == NN_HAPPY);
    CHECK(!strcmp(m.marker[1].name, "micro mouth, happy 80 %"));
    CHECK(!strcmp(m.marker[1].note, "320 ms, apex after 120 ms"));
    CHECK(!m.marker[2].micro && m.marker[2].apex == 100);
    nn_markers_release(&m);
    nn_history_release(&h);
}

/* What Resolve reads: an event a marker, OUT exclusive, the comment under it. */
static void test_files(void)
{
    struct nn_marker two[2] = { { 0, 5, NN_HAPPY, 0.8f, 0, 2, "happy | 80 %", "" },
                                { 1800, 1, NN_ANGRY, 0.9f, 1, 1800, "micro brows 90 %",
                                  "x \"y\"" } };
    struct nn_markers all = { two, 2, 2 };
    struct nn_marked of = { .path = "no such film.mov", .name = "film.mov",
                            .rate = { 30000, 1001 }, .start = 107892, .frames = 1900,
                            .markers = &all };
    struct nn_err err = { 0 };
    const cJSON *tracks, *marker, *clip;
    cJSON *root;
    size_t size;
    char *edl;

    of.tc = nn_timecode_of(of.rate, 0);
    CHECK_OK(nn_edl_write(&of, "build/markers.edl", &err), &err);
    edl = nn_file_read("build/markers.edl", 1 << 16, &size, &err);
    CHECK(edl && strstr(edl, "TITLE: film.mov\nFCM: DROP FRAME\n"));
    CHECK(edl && strstr(edl, "001  001      V     C        01:00:00;00 01:00:00;01 01:00:00;00 "
                        "01:00:00;01  \n |C:ResolveColorYellow |M:happy   80 % |D:5\n"));
    CHECK(edl && strstr(edl, "002  001      V     C        01:01:00;02 01:01:00;03"));
    CHECK(edl && strstr(edl, " |C:ResolveColorPink |M:micro brows 90 % |D:1\n"));
    free(edl);

    CHECK_OK(nn_otio_write(&of, "build/markers.otio", &err), &err);
    root = nn_json_read("build/markers.otio", &err);
    CHECK(root != NULL);
    tracks = cJSON_GetObjectItem(root, "tracks");
    marker = cJSON_GetArrayItem(cJSON_GetObjectItem(tracks, "markers"), 1);
    CHECK(!strcmp(cJSON_GetObjectItem(marker, "OTIO_SCHEMA")->valuestring, "Marker.2"));
    CHECK(!strcmp(cJSON_GetObjectItem(marker, "color")->valuestring, "PINK"));
    CHECK(!strcmp(cJSON_GetObjectItem(marker, "comment")->valuestring, "x \"y\""));
    marker = cJSON_GetObjectItem(cJSON_GetObjectItem(marker, "marked_range"), "start_time");
    CHECK(fabs(cJSON_GetObjectItem(marker, "value")->valuedouble - 1800) < 1e-9);
    clip = cJSON_GetArrayItem(cJSON_GetObjectItem(tracks, "children"), 0);
    clip = cJSON_GetArrayItem(cJSON_GetObjectItem(clip, "children"), 0);
    CHECK(!strcmp(cJSON_GetObjectItem(clip, "OTIO_SCHEMA")->valuestring, "Clip.2"));
    clip = cJSON_GetObjectItem(cJSON_GetObjectItem(clip, "media_references"), "DEFAULT_MEDIA");
    CHECK(!strcmp(cJSON_GetObjectItem(clip, "target_url")->valuestring, "no%20such%20film.mov"));
    cJSON_Delete(root);
    CHECK(nn_edl_write(&of, "build/none/x.edl", &err) && strstr(err.msg, "build/none"));
    remove("build/markers.edl");
    remove("build/markers.otio");
}

int main(void)
{
    test_timecode();
    test_peaks();
    test_micro();
    test_files();
    return test_done();
}
