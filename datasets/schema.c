#include "datasets/schema.h"

#include <stdio.h>

#include "common/emotion.h"
#include "datasets/db.h"

/* Embeds a file of the source tree as a zero-terminated string. */
#define EMBED(name, file)                                                   \
    __asm__(".section .rodata\n"                                            \
            ".global " #name "\n" #name ":\n.incbin \"" file "\"\n.byte 0\n" \
            ".previous\n");                                                 \
    extern const char name[]

EMBED(nn_schema_sql_1, "datasets/schema.sql");
EMBED(nn_schema_sql_2, "datasets/migrate-2.sql");

/* migrations[i] leads to version i + 1. */
static const char *const migrations[] = { nn_schema_sql_1, nn_schema_sql_2 };
enum { VERSION = sizeof migrations / sizeof *migrations };

static const struct { const char *parent, *name, *description; } collections[] = {
    { NULL, "Neon Noir", "everything that the collective shoots and plays" },
    { "Neon Noir", "Chaotic Beauty", "colour out of control, movement, sparks" },
    { "Neon Noir", "Smoke & Mirrors", "silhouettes, haze, reflections, doubt" },
};

static const struct { const char *namespace, *name, *description; } tags[] = {
    { "texture", "rain-soaked-skin-tones", "wet skin under coloured light" },
    { "texture", "smoky-silhouettes", "a figure dark against haze or smoke" },
    { "texture", "eyes-full-of-static", "noise, flicker or a screen mirrored in the eyes" },
    { "texture", "neon-in-the-rain", "neon signs seen through rain or its drops" },
    { "texture", "wet-asphalt", "a street that mirrors the lights" },
    { "texture", "film-grain", "visible grain or sensor noise" },
    { "texture", "lens-flare", "streaks and ghosts of a light in the lens" },
    { "texture", "reflections", "a second picture in glass, water or chrome" },
    { "light", "neon", "saturated tubes are the main light" },
    { "light", "low-key", "mostly shadow, one hard source" },
    { "light", "backlit", "the source stands behind the subject" },
    { "light", "flicker", "the light itself is unsteady" },
    { "light", "silhouette", "no detail in the subject, only its outline" },
    { "light", "daylight", "sun or open sky" },
    { "mood", "chaotic", "too much at once" },
    { "mood", "melancholy", "slow, heavy, alone" },
    { "mood", "tense", "something is about to happen" },
    { "mood", "dreamlike", "time and place are uncertain" },
    { "mood", "tender", "close and careful" },
    { "mood", "menacing", "the danger looks back" },
    { "shot", "close-up", "a face fills the frame" },
    { "shot", "medium", "from the waist up" },
    { "shot", "wide", "the place matters more than the person" },
    { "shot", "over-the-shoulder", "past one person at another" },
    { "shot", "insert", "a detail: a hand, an object, a sign" },
    { "motion", "static", "the camera stands still" },
    { "motion", "handheld", "the camera breathes" },
    { "motion", "slow", "slowed down, or hardly any movement" },
    { "motion", "fast", "quick pans, running, cuts on movement" },
};

int nn_schema_version(void)
{
    return VERSION;
}

int nn_schema_migrate(struct nn_catalog *cat, int from, struct nn_err *err)
{
    char sql[64];

    for (int v = from; v < VERSION; v++)
        if (nn_db_exec(cat, migrations[v], err))
            return nn_fail_in(err, "migration to version %d", v + 1);
    snprintf(sql, sizeof sql, "PRAGMA user_version = %d", VERSION);
    return nn_db_exec(cat, sql, err);
}

static int add_tag(struct nn_catalog *cat, const char *namespace, const char *name,
                   const char *description, struct nn_err *err)
{
    return nn_db_run(cat, err, "INSERT INTO tag(namespace, name, description) VALUES (?, ?, ?)",
                     "sss", namespace, name, description);
}

int nn_schema_fill(struct nn_catalog *cat, struct nn_err *err)
{
    char text[80];

    for (unsigned i = 0; i < sizeof collections / sizeof *collections; i++)
        if (nn_db_run(cat, err,
                      "INSERT INTO collection(parent, name, description) VALUES "
                      "((SELECT id FROM collection WHERE name = ?), ?, ?)", "sss",
                      collections[i].parent, collections[i].name, collections[i].description))
            return -1;
    for (unsigned i = 0; i < sizeof tags / sizeof *tags; i++)
        if (add_tag(cat, tags[i].namespace, tags[i].name, tags[i].description, err))
            return -1;
    for (int i = 0; i < NN_EMOTIONS; i++) {
        snprintf(text, sizeof text, "a face that shows %s", nn_emotions[i].signal);
        if (add_tag(cat, "emotion", nn_emotions[i].name, text, err))
            return -1;
    }
    return nn_db_run(cat, err, "INSERT INTO meta(key, value) VALUES "
                     "('made', strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),"
                     " ('made-by', 'neonnoir')", "");
}
