/* posters.c - a film's time line with a still of every shot. */
#include <stdlib.h>

#include "runtime/media/source.h"
#include "runtime/run.h"

/* The poster of each shot, which only the end of the film tells, from a second reading. */
static int fetch(const struct nn_player *p, struct nn_source *source, const struct nn_shot *shot,
                 int shots, struct nn_image *poster, struct nn_err *err)
{
    struct nn_source_frame f;
    int found = 0;

    for (int64_t n = 0; found < shots && nn_source_next(source, &f, err) > 0; n++)
        for (int i = 0; i < shots; i++) {
            const struct nn_image *img = f.img;
            int w = img->w > 960 ? 960 : img->w, h = (img->h * w + img->w / 2) / img->w;
            if (p->history.moment[shot[i].poster].number != n)
                continue;
            if (nn_image_init(&poster[i], w, h > 0 ? h : 1, 3, err))
                return -1;
            nn_image_crop(img, (struct nn_box){ 0, 0, (float)img->w, (float)img->h }, &poster[i]);
            found++;
        }
    return 0;
}

int nn_timeline_film(const struct nn_player *p, struct nn_source *source,
                     const struct nn_shot *shot, int shots, const char *title, const char *path,
                     struct nn_err *err)
{
    struct nn_image *poster = calloc((size_t)shots, sizeof *poster);
    int ret = -1;

    if (!poster)
        return nn_fail_mem(err, "posters");
    if (!nn_source_rewind(source, err) && !fetch(p, source, shot, shots, poster, err))
        ret = nn_timeline_write(p, shot, poster, shots, title, path, err);
    for (int i = 0; i < shots; i++)
        nn_image_release(&poster[i]);
    free(poster);
    return ret;
}
