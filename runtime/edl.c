/* edl.c - markers as an edit decision list, the way DaVinci Resolve reads and writes them. */
#include <ctype.h>
#include <stdio.h>

#include "common/fs.h"
#include "runtime/markers.h"

/* Of Resolve's sixteen marker colours; micro-expressions are pink. */
static const char *const colour[NN_EMOTIONS] = {
    [NN_ANGRY] = "Red", [NN_DISGUST] = "Green", [NN_FEAR] = "Purple", [NN_HAPPY] = "Yellow",
    [NN_NEUTRAL] = "Cream", [NN_SAD] = "Blue", [NN_SURPRISE] = "Cyan",
};

/* A line's text: nothing that would end it or begin another field. */
static void put(FILE *f, const char *s)
{
    for (; *s; s++)
        fputc(*s == '|' || iscntrl((unsigned char)*s) ? ' ' : *s, f);
}

static void event(FILE *f, const struct nn_marked *of, int n, const struct nn_marker *m)
{
    char in[NN_TIMECODE_TEXT], out[NN_TIMECODE_TEXT];

    nn_timecode_text(of->tc, of->start + m->frame, in);
    nn_timecode_text(of->tc, of->start + m->frame + 1, out);     /* the first frame not in it */
    fprintf(f, "%03d  001      V     C        %s %s %s %s  \n", n, in, out, in, out);
    fprintf(f, " |C:ResolveColor%s |M:", m->micro ? "Pink" : colour[m->emotion]);
    put(f, m->name);
    fprintf(f, " |D:%lld\n\n", (long long)m->length);
}

int nn_edl_write(const struct nn_marked *of, const char *path, struct nn_err *err)
{
    struct nn_atomic a;

    if (nn_atomic_open(&a, path, err))
        return -1;
    fputs("TITLE: ", a.f);
    put(a.f, of->name);
    fprintf(a.f, "\nFCM: %s\n\n", of->tc.drop ? "DROP FRAME" : "NON-DROP FRAME");
    for (int i = 0; i < of->markers->count; i++)
        event(a.f, of, i + 1, &of->markers->marker[i]);
    return nn_atomic_commit(&a, err);
}
