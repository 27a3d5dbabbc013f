/* Following faces finds what a full search of every frame finds, and the same each time. */
#include "runtime/face/follow.h"
#include "runtime/media/reader.h"
#include "tests/test.h"

enum { FRAMES = 48, FROM = 8 };         /* frame 0 of the clip is black */

#define CLIP "/usr/share/doc/opencv-doc/examples/data/Megamind.avi"

static float overlap(struct nn_box a, struct nn_box b)     /* intersection over union */
{
    float w = fminf(a.x + a.w, b.x + b.w) - fmaxf(a.x, b.x);
    float h = fminf(a.y + a.h, b.y + b.h) - fmaxf(a.y, b.y), both;

    if (w <= 0 || h <= 0)
        return 0;
    both = w * h;
    return both / (a.w * a.h + b.w * b.h - both);
}

/* The largest face of each frame by following; NULL `full` leaves the search out. */
static int watch(struct nn_face *followed, struct nn_face *full, struct nn_err *err)
{
    struct nn_reader *r = nn_reader_open(CLIP, err);
    struct nn_detector *d = r ? nn_detector_new(NULL, NULL, err) : NULL;
    struct nn_face found[NN_MAX_FACES];
    struct nn_follow f = { .count = 0 };
    const struct nn_image *img;
    int ret = d ? 0 : -1, n;
    int64_t pts;

    for (int i = 0; i < FRAMES && !ret; i++) {
        if (nn_reader_next(r, &img, &pts, err) != 1 ||
            (n = nn_follow(&f, d, img, i == 0, found, err)) < 0) {
            ret = -1;
            break;
        }
        followed[i] = n ? found[0] : (struct nn_face){ .score = -1 };
        if (full && (n = nn_detect(d, img, found, err)) >= 0)
            full[i] = n ? found[0] : (struct nn_face){ .score = -1 };
    }
    nn_detector_free(d);
    nn_reader_close(r);
    return ret;
}

int main(void)
{
    static struct nn_face once[FRAMES], twice[FRAMES], full[FRAMES];
    struct nn_err err = { 0 };
    int seen = 0, agree = 0;

    if (access(CLIP, R_OK))
        SKIP("no opencv-doc");
    CHECK_OK(watch(once, full, &err), &err);
    CHECK_OK(watch(twice, NULL, &err), &err);
    CHECK(!memcmp(once, twice, sizeof once));
    for (int i = FROM; i < FRAMES; i++) {
        int there = full[i].score >= 0;
        seen += there;
        agree += there && once[i].score >= 0 && overlap(full[i].box, once[i].box) > 0.4f;
    }
    printf("full search sees a face in %d of %d frames, following agrees in %d\n", seen,
           FRAMES - FROM, agree);
    CHECK(seen > (FRAMES - FROM) * 8 / 10);
    CHECK(agree >= seen * 9 / 10);
    return test_done();
}
