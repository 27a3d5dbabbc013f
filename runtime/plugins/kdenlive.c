/* kdenlive.c - writes DIR/frei0r_neonnoir_NAME.xml, by which Kdenlive knows an effect, for each
 * NAME given. */
#include <stdio.h>

#include "runtime/effects/effect.h"

static void put_text(FILE *f, const char *s)
{
    for (; *s; s++)
        switch (*s) {
        case '&': fputs("&amp;", f); break;
        case '<': fputs("&lt;", f); break;
        case '>': fputs("&gt;", f); break;
        case '"': fputs("&quot;", f); break;
        default: putc(*s, f);
        }
}

static void put_param(FILE *f, const struct nn_param *p)
{
    fprintf(f, "    <parameter type=\"animated\" name=\"%s\" min=\"0\" max=\"1\" default=\"%.4g\""
            " decimals=\"3\">\n        <name>%s</name>\n        <comment>", p->name,
            ((double)p->preset - (double)p->min) / ((double)p->max - (double)p->min), p->name);
    put_text(f, p->brief);
    fprintf(f, " (%g to %g)</comment>\n    </parameter>\n", (double)p->min, (double)p->max);
}

static int describe(const char *dir, const struct nn_effect_type *fx)
{
    char path[1024];
    FILE *f;
    int bad;

    snprintf(path, sizeof path, "%s/frei0r_neonnoir_%s.xml", dir, fx->name);
    if (!(f = fopen(path, "w"))) {
        perror(path);
        return 1;
    }
    fprintf(f, "<?xml version=\"1.0\"?>\n<!DOCTYPE kpartgui>\n"
            "<effect tag=\"frei0r.neonnoir_%s\" id=\"frei0r.neonnoir_%s\" type=\"video\">\n"
            "    <name>Neon Noir: %s</name>\n    <description>", fx->name, fx->name, fx->name);
    put_text(f, fx->brief);
    fputs("</description>\n    <author>Neon Noir</author>\n", f);
    for (int i = 0; i < nn_effect_params(fx); i++)
        put_param(f, &fx->param[i]);
    if (fx->open)
        fputs("    <parameter type=\"url\" name=\"file\" default=\"\">\n"
              "        <name>file</name>\n    </parameter>\n", f);
    fputs("</effect>\n", f);
    bad = ferror(f);
    if (fclose(f) || bad) {
        perror(path);
        return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    int bad = argc < 2;

    for (int i = 2; i < argc; i++) {
        const struct nn_effect_type *fx = nn_effect_find(argv[i]);
        if (!fx)
            fprintf(stderr, "%s: no effect \"%s\"\n", argv[0], argv[i]);
        bad |= !fx || describe(argv[1], fx);
    }
    return bad;
}
