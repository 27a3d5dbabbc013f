#include "export/sign.h"

#include <math.h>
#include <string.h>

#include "runtime/draw/canvas.h"

/* A tube: straight pieces and quarter ellipses between points of a letter. */
enum { END, MOVE, LINE, ARC };      /* ARC: leaves along x, arrives along y; ARCY the other way */
#define ARCY (ARC + 1)

struct step {
    int kind;
    double u, v;
};

struct letter {
    char c;
    double width;
    struct step step[16];
};

static const struct letter letters[] = {
    { 'N', .74, { { MOVE, 0, 0 }, { LINE, 0, 1 }, { LINE, .74, 0 }, { LINE, .74, 1 } } },
    { 'E', .58, { { MOVE, .58, 1 }, { LINE, 0, 1 }, { LINE, 0, 0 }, { LINE, .58, 0 },
                  { MOVE, 0, .5 }, { LINE, .47, .5 } } },
    { 'O', .88, { { MOVE, .44, 1 }, { ARC, .88, .5 }, { ARCY, .44, 0 }, { ARC, 0, .5 },
                  { ARCY, .44, 1 } } },
    { 'I', .0, { { MOVE, 0, 0 }, { LINE, 0, 1 } } },
    { 'R', .62, { { MOVE, 0, 0 }, { LINE, 0, 1 }, { LINE, .34, 1 }, { ARC, .62, .75 },
                  { ARCY, .34, .5 }, { LINE, 0, .5 }, { MOVE, .3, .5 }, { LINE, .62, 0 } } },
};

static const char text[] = "NEON NOIR";
#define SPACE .34       /* between letters, in heights */
#define WORD .8

static const struct letter *letter_of(char c)
{
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (letters[i].c == c)
            return &letters[i];
    return NULL;
}

double nn_sign_width(void)
{
    double u = -SPACE;

    for (const char *p = text; *p; p++)
        u += *p == ' ' ? WORD - SPACE : letter_of(*p)->width + SPACE;
    return u;
}

static void trace(cairo_t *cr, const struct letter *l, double at, nn_sign_place *place,
                  const void *arg)
{
    double u = 0, v = 0, x, y;

    for (const struct step *s = l->step; s->kind != END; s++) {
        int pieces = s->kind == MOVE ? 0 : s->kind == LINE ? 12 : 20;
        place(arg, at + s->u, s->v, &x, &y);
        if (s->kind == MOVE)
            cairo_move_to(cr, x, y);
        for (int i = 1; i <= pieces; i++) {
            double t = (double)i / pieces, a = t, b = t;
            if (s->kind != LINE) {
                a = s->kind == ARC ? sin(t * acos(0)) : 1 - cos(t * acos(0));
                b = s->kind == ARC ? 1 - cos(t * acos(0)) : sin(t * acos(0));
            }
            place(arg, at + u + (s->u - u) * a, v + (s->v - v) * b, &x, &y);
            cairo_line_to(cr, x, y);
        }
        u = s->u;
        v = s->v;
    }
}

static void stroke(cairo_t *cr, unsigned rgb, double alpha, double width)
{
    cairo_set_source_rgba(cr, (rgb >> 16 & 255) / 255.0, (rgb >> 8 & 255) / 255.0,
                          (rgb & 255) / 255.0, alpha);
    cairo_set_line_width(cr, width);
    cairo_stroke_preserve(cr);
}

/* A tube is light that fades outwards: many wide, faint strokes, then the core. */
static void glow(cairo_t *cr, unsigned rgb, unsigned core, double height)
{
    for (int i = 14; i >= 1; i--)
        stroke(cr, rgb, .018 + .004 * (14 - i), height * (.075 + .045 * i));
    stroke(cr, rgb, 1, height * .085);
    stroke(cr, core, 1, height * .036);
}

void nn_sign_draw(cairo_t *cr, double height, nn_sign_place *place, const void *arg)
{
    double u = 0;
    int second = 0;

    cairo_save(cr);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    cairo_new_path(cr);
    for (const char *p = text; ; p++) {
        if (*p == ' ' || !*p) {
            glow(cr, second ? NN_CYAN : NN_MAGENTA, second ? 0xe4ffff : 0xffe2f0, height);
            cairo_new_path(cr);
            if (!*p)
                break;
            second = 1;
            u += WORD - SPACE;
            continue;
        }
        trace(cr, letter_of(*p), u, place, arg);
        u += letter_of(*p)->width + SPACE;
    }
    cairo_restore(cr);
}

static void place_straight(const void *arg, double u, double v, double *x, double *y)
{
    const double *at = arg;

    *x = at[0] + u * at[2];
    *y = at[1] - v * at[2];
}

void nn_sign_draw_at(cairo_t *cr, double x, double y, double height)
{
    double at[3] = { x, y, height };

    nn_sign_draw(cr, height, place_straight, at);
}
