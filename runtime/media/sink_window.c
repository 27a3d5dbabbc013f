/*
 * sink_window.c - frames on the screen, by SDL2.
 *
 * "window" opens a window as large as the frames, or as the display allows; with
 * opts->fullscreen it fills display opts->display without its borders, the frame as large
 * as fits. F11 goes there and back. All of one window is done by the thread that opened it.
 */
#define SDL_MAIN_HANDLED
#include <SDL.h>
#include <string.h>

#include "runtime/media/outlet.h"

struct window {
    SDL_Window *window;
    SDL_Renderer *renderer;
    SDL_Texture *texture;
    int started;
};

static int is_window(const char *word)
{
    return !strcmp(word, "window");
}

static int fails(const char *what, struct nn_err *err)
{
    return nn_fail(err, NN_EUNSUPPORTED, "cannot %s: %s", what, SDL_GetError());
}

static int start_sdl(struct nn_err *err)
{
    SDL_SetMainReady();
    SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");      /* Ctrl-C is ours (common/stop.h) */
    SDL_SetHint(SDL_HINT_RENDER_SCALE_QUALITY, "linear");
    SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "0");
    return SDL_Init(SDL_INIT_VIDEO) ? fails("open a window, there is no display", err) : 0;
}

static int create(struct window *w, const struct nn_sink_opts *o, struct nn_err *err)
{
    Uint32 flags = SDL_WINDOW_RESIZABLE | (o->fullscreen ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0);
    int displays = SDL_GetNumVideoDisplays(), at = (int)SDL_WINDOWPOS_CENTERED_DISPLAY(o->display);
    SDL_Rect room = { 0, 0, o->w, o->h };
    double scale;

    if (o->display < 0 || o->display >= displays)
        return nn_fail(err, NN_ENOTFOUND, "no display %d for the window; there are %d", o->display,
                       displays);
    SDL_GetDisplayUsableBounds(o->display, &room);
    scale = SDL_min(1.0, SDL_min((double)room.w / o->w, (double)room.h / o->h));
    w->window = SDL_CreateWindow("Neon Noir", at, at, SDL_max(1, (int)(o->w * scale)),
                                 SDL_max(1, (int)(o->h * scale)), flags);
    if (!w->window)
        return fails("open a window", err);
    if (!(w->renderer = SDL_CreateRenderer(w->window, -1, SDL_RENDERER_PRESENTVSYNC)) ||
        SDL_RenderSetLogicalSize(w->renderer, o->w, o->h))
        return fails("draw in the window", err);
    w->texture = SDL_CreateTexture(w->renderer, SDL_PIXELFORMAT_RGB24, SDL_TEXTUREACCESS_STREAMING,
                                   o->w, o->h);
    return w->texture ? 0 : fails("draw in the window", err);
}

static int open_window(struct nn_sink *s, struct nn_err *err)
{
    struct window *w = s->state = SDL_calloc(1, sizeof *w);

    if (!w)
        return nn_fail_mem(err, "window");
    if (start_sdl(err))
        return -1;
    w->started = 1;
    if (create(w, &s->opts, err))
        return -1;
    if (s->opts.fullscreen)
        SDL_ShowCursor(SDL_DISABLE);
    return 0;
}

static int frame(struct nn_sink *s, const struct nn_image *img, int64_t pts, struct nn_err *err)
{
    struct window *w = s->state;

    (void)pts;
    if (SDL_UpdateTexture(w->texture, NULL, img->px, img->w * 3) ||
        SDL_RenderClear(w->renderer) || SDL_RenderCopy(w->renderer, w->texture, NULL, NULL))
        return fails("draw in the window", err);
    SDL_RenderPresent(w->renderer);
    return 0;
}

static void toggle_fullscreen(struct window *w)
{
    int full = SDL_GetWindowFlags(w->window) & SDL_WINDOW_FULLSCREEN_DESKTOP;

    SDL_SetWindowFullscreen(w->window, full ? 0 : SDL_WINDOW_FULLSCREEN_DESKTOP);
    SDL_ShowCursor(full ? SDL_ENABLE : SDL_DISABLE);
}

static int key(struct nn_sink *s)
{
    SDL_Event e;

    while (SDL_PollEvent(&e)) {
        if (e.type == SDL_QUIT)
            return NN_KEY_CLOSE;
        if (e.type != SDL_KEYDOWN || e.key.repeat)
            continue;
        if (e.key.keysym.sym == SDLK_F11)
            toggle_fullscreen(s->state);
        else if (e.key.keysym.sym > 0 && e.key.keysym.sym < 127)
            return (int)e.key.keysym.sym;
    }
    return 0;
}

static void end(struct nn_sink *s)
{
    struct window *w = s->state;

    if (!w)
        return;
    if (w->texture)
        SDL_DestroyTexture(w->texture);
    if (w->renderer)
        SDL_DestroyRenderer(w->renderer);
    if (w->window)
        SDL_DestroyWindow(w->window);
    if (w->started)
        SDL_QuitSubSystem(SDL_INIT_VIDEO);
    SDL_free(w);
}

static int finish(struct nn_sink *s, struct nn_err *err)
{
    (void)err;
    end(s);
    return 0;
}

const struct nn_outlet_type nn_outlet_window = { is_window, 0, 0, open_window, frame, key, finish,
                                                 end };
