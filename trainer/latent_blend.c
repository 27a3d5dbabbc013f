/*
 * latent_blend.c - what the film-maker says an emotion looks like: a direction takes others in.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trainer/latent.h"

static struct nn_latent_way *find(struct nn_latent *l, const char *name)
{
    for (int w = 0; w < l->n; w++)
        if (!strcmp(l->way[w].name, name))
            return &l->way[w];
    return NULL;
}

/* "tag/rain*0.5": the name is cut off at its strength. */
static int read_part(char *part, double *strength, struct nn_err *err)
{
    char *star = strrchr(part, '*'), *end;

    *strength = 1;
    if (!star)
        return 0;
    *strength = strtod(star + 1, &end);
    if (end == star + 1 || *end || !(*strength >= -4 && *strength <= 4))
        return nn_fail(err, NN_EUSAGE, "--blend: \"%s\" is no strength of -4 to 4", star + 1);
    *star = '\0';
    return 0;
}

int nn_latent_blend(struct nn_latent *l, const char *blend, struct nn_err *err)
{
    char text[256], *parts, *rest;
    struct nn_latent_way *to, *from;
    double strength;

    if ((size_t)snprintf(text, sizeof text, "%s", blend) >= sizeof text ||
        !(parts = strchr(text, '=')))
        return nn_fail(err, NN_EUSAGE, "--blend \"%s\": it should be like angry=tag/crimson or "
                       "sad=tag/blue-hour+brightness*-0.5", blend);
    *parts++ = '\0';
    if (!(to = find(l, text)))
        return nn_fail(err, NN_EUSAGE, "--blend: no direction \"%s\"", text);
    for (char *part = strtok_r(parts, "+", &rest); part; part = strtok_r(NULL, "+", &rest)) {
        if (read_part(part, &strength, err))
            return -1;
        if (!(from = find(l, part)) || from == to)
            return nn_fail(err, NN_EUSAGE, "--blend %s: no other direction \"%s\"", text, part);
        for (int i = 0; i < l->floats; i++)
            to->v[i] += (float)strength * from->v[i];
    }
    return 0;
}
