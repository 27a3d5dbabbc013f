/* test_live_log.c - what a show's log says is read back to the bit; broken and foreign logs. */
#include "runtime/record.h"
#include "test.h"

static const char *const words =
    "{\"name\":\"x\",\"chain\":[{\"effect\":\"bloom\"},{\"effect\":\"glitch\"}]}";

enum { FRAMES = 40 };

static struct nn_player player;

static void see(struct nn_seen *s, int n)
{
    memset(s, 0, sizeof *s);
    s->looks = n / 3 + 1;
    s->t = n / 30.0;
    s->cut_t = 0.1;
    s->cuts = 1;
    s->faces.count = 2;
    for (int i = 0; i < 2; i++) {
        struct nn_track *f = &s->faces.track[i];
        f->id = 7 + i;
        f->box = (struct nn_box){ 10.25f + (float)n, 20, 30, 30 };
        f->presence = 0.75f;
        f->has_mood = 1;
        f->mood[NN_HAPPY] = 1.0f / (float)(n + 1);
        f->points = 5;
        f->point[4][1] = 33.125f;
        f->pose[2] = -12;
    }
}

/* Frame n as it would be played. */
static struct nn_log_frame play(int n)
{
    struct nn_log_frame f = { .number = 2 * n + 1, .pts = 100 + 512 * n, .t = n / 30.0,
                              .level = n % 7, .latency_ms = 20,
                              .hash = 0x0123456789abcdefu * (unsigned)n };

    for (int s = 0; s < NN_SIGNALS; s++)
        player.bus.value[s] = s % 3 ? 0.5f : (float)n / 7;
    player.drive.value[0][0] = (float)n / FRAMES;
    player.drive.value[1][0] = n % 5 ? 0.25f : 0;
    player.drive.who = (struct nn_person){ .presence = 0.5f, .face = { 1, 2, 3, (float)n },
                                           .points = 5, .pose = { 1, -2, 3 }, .beat = 0.125f };
    f.ms[NN_STAGE_WRITE] = 3.5f;
    return f;
}

static int write_log(const char *path, struct nn_err *err)
{
    struct nn_log_head head = { .w = 64, .h = 48, .time_base = { 1, 1000 },
                                .frame_rate = { 30, 1 }, .seed = 0xfedcba9876543210u,
                                .input = "film.mp4", .program = "test" };
    struct nn_recorder *r = nn_recorder_open(path, &head, err);
    struct nn_seen seen;

    if (!r)
        return -1;
    nn_recorder_patch(r, player.patch, "patches/x.json", words, 0, 0);
    for (int n = 0; n < FRAMES; n++) {
        struct nn_log_frame f = play(n);
        if (n % 3 == 0) {
            see(&seen, n);
            nn_recorder_seen(r, &seen);
        }
        if (n == 20)
            nn_recorder_event(r, n / 30.0, "scene 2");
        nn_recorder_frame(r, &player, &f);
    }
    return nn_recorder_close(r, FRAMES, 3, 14, err);
}

static void check_frame(const struct nn_log *l, int n)
{
    struct nn_log_frame want = play(n);

    CHECK(l->frame.number == want.number && l->frame.pts == want.pts && l->frame.hash == want.hash);
    CHECK(!memcmp(&l->frame.t, &want.t, sizeof want.t) && l->frame.level == want.level);
    CHECK(!memcmp(l->value, player.bus.value, sizeof l->value));
    CHECK(!memcmp(l->drive.value[0], player.drive.value[0], 2 * sizeof *l->drive.value));
    CHECK(l->drive.who.points == 5 && l->drive.who.presence == 0.5f && l->drive.who.beat == 0.125f);
    CHECK(!memcmp(&l->drive.who.face, &player.drive.who.face, sizeof(struct nn_box)));
    CHECK(!memcmp(l->drive.who.pose, player.drive.who.pose, sizeof l->drive.who.pose));
    CHECK(l->seen.faces.count == 2 && l->seen.faces.track[1].id == 8);
    CHECK(l->seen.faces.track[0].box.x == 10.25f + (float)(n / 3 * 3));
}

/* How many frames of a log are good; -1: it is refused. */
static int frames_of(const char *path, int *cut, struct nn_err *err)
{
    struct nn_log l;
    int got = nn_log_open(&l, path, NULL, err), n = 0;

    while (!got && (got = nn_log_next(&l, err)) > 0) {
        if (got == NN_LOG_FRAME)
            n++;
        got = 0;
    }
    *cut = l.cut;
    nn_log_release(&l);
    return got < 0 ? -1 : n;
}

static void test_round(const char *path)
{
    struct nn_err err = { 0 };
    struct nn_log l;
    int got, n = 0, events = 0, patches = 0;

    CHECK_OK(write_log(path, &err), &err);
    CHECK_OK(nn_log_open(&l, path, NULL, &err), &err);
    CHECK(l.head.w == 64 && l.head.h == 48 && l.head.seed == 0xfedcba9876543210u);
    CHECK(!strcmp(l.head.input, "film.mp4") && l.head.time_base.den == 1000);
    while ((got = nn_log_next(&l, &err)) > 0) {
        if (got == NN_LOG_FRAME)
            check_frame(&l, n++);
        events += got == NN_LOG_EVENT && !strcmp(l.event, "scene 2") && n == 20;
        patches += got == NN_LOG_PATCH && !strcmp(l.json, words) && l.effects == 2 &&
                   !strcmp(l.effect[1], "glitch") && !strcmp(l.patch_path, "patches/x.json");
    }
    CHECK_OK(got, &err);
    CHECK(n == FRAMES && events == 1 && patches == 1 && !l.cut);
    nn_log_release(&l);
}

static char *slurp(const char *path, long *size)
{
    FILE *f = fopen(path, "rb");
    char *bytes = malloc(1 << 20);

    *size = f && bytes ? (long)fread(bytes, 1, 1 << 20, f) : 0;
    if (f)
        fclose(f);
    return bytes;
}

static void spill(const char *path, const char *bytes, long size)
{
    FILE *f = fopen(path, "wb");

    if (f) {
        fwrite(bytes, 1, (size_t)size, f);
        fclose(f);
    }
}

/* Cut anywhere, it is good up to there; a flipped bit anywhere is found. */
static void test_broken(const char *path)
{
    struct nn_err err = { 0 };
    long size;
    char *bytes = slurp(path, &size);
    int before = -1, cut, flaws = 0, falls = 0, n;

    for (long at = 0; at < size; at += 13) {
        spill(path, bytes, at);
        n = frames_of(path, &cut, &err);
        falls += n < before;
        before = n > before ? n : before;
    }
    CHECK(!falls && before >= FRAMES - 1);
    for (long at = 0; at < size; at += 31) {
        bytes[at] ^= 16;
        spill(path, bytes, size);
        n = frames_of(path, &cut, &err);
        flaws += n == FRAMES && !cut;
        bytes[at] ^= 16;
    }
    CHECK(flaws == 0 || flaws == 1);        /* the end's own record may be lost unnoticed */
    spill(path, "RIFF....WAVEfmt ", 16);
    CHECK(frames_of(path, &cut, &err) == -1 && strstr(err.msg, "no log of a live show"));
    spill(path, "NNLOG\r\n\x1a\0\0\0\0\0\0\0\0\0", 17);   /* a record of nothing */
    CHECK(frames_of(path, &cut, &err) == -1 && strstr(err.msg, "no head"));
    free(bytes);
}

static void test_hash(void)
{
    struct nn_image a, b;
    struct nn_err err = { 0 };

    CHECK_OK(nn_image_init(&a, 7, 5, 3, &err), &err);
    CHECK_OK(nn_image_init(&b, 5, 7, 3, &err), &err);
    CHECK(nn_picture_hash(&a) != nn_picture_hash(&b));
    nn_image_release(&b);
    CHECK_OK(nn_image_init(&b, 7, 5, 3, &err), &err);
    CHECK(nn_picture_hash(&a) == nn_picture_hash(&b));
    for (size_t i = 0; i < nn_image_size(&a); i++) {
        b.px[i] = 1;
        CHECK(nn_picture_hash(&a) != nn_picture_hash(&b));
        b.px[i] = 0;
    }
    nn_image_release(&a);
    nn_image_release(&b);
}

int main(void)
{
    char dir[256], path[300];
    struct nn_err err = { 0 };
    cJSON *root = cJSON_Parse(words);

    player.patch = root ? nn_patch_parse(root, &err) : NULL;
    cJSON_Delete(root);
    if (!player.patch || !test_scratch(dir, sizeof dir))
        return 1;
    snprintf(path, sizeof path, "%s/a.nnlog", dir);
    test_round(path);
    test_broken(path);
    test_hash();
    unlink(path);
    CHECK(nn_recorder_open("/nowhere/a.nnlog", &(struct nn_log_head){ .w = 1 }, &err) == NULL);
    CHECK(strstr(err.msg, "/nowhere/a.nnlog"));
    rmdir(dir);
    nn_patch_free(player.patch);
    return test_done();
}
