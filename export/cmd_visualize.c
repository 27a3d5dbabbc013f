/* neonnoir export visualize: what a network looks for, and what it sees. */
#include <stdio.h>
#include <string.h>

#include "common/json.h"
#include "export/cmds.h"
#include "export/poster.h"
#include "export/sleeve.h"
#include "runtime/onnx/onnx.h"

enum { LAYERS = 3 };            /* whose maps are shown unless --layer names one */

static struct {
    const char *out, *layer, *features, *sleeve, *preview;
    struct nn_sleeve cup;
    struct nn_normal normal;        /* std 0: as the model says */
    int64_t max_memory;
    int json;
} o = { .max_memory = NN_ENGINE_MEMORY, .cup = { .top = 86, .bottom = 69.5, .height = 62 } };

const struct nn_opt nn_export_visualize_opts[] = {
    { "output", 'o', NN_OPT_TEXT, "FILE.png", "the kernels, or with --features the maps too",
      &o.out,
      0, 0 },
    { "layer", 0, NN_OPT_TEXT, "NAME|N", "another layer than the first (N from 0)", &o.layer, 0,
      0 },
    { "features", 0, NN_OPT_TEXT, "IMAGE", "what the first layers (or --layer) make of it",
      &o.features, 0, 0 },
    { "mean", 0, NN_OPT_REAL, "X", "of the picture's values 0..1, with --std", &o.normal.mean, -1e4,
      1e4 },
    { "std", 0, NN_OPT_REAL, "X", "their deviation; 0: both as the model says", &o.normal.std, 0,
      1e4 },
    { "sleeve", 0, NN_OPT_TEXT, "FILE.svg", "a coffee cup's sleeve to print and cut out", &o.sleeve,
      0, 0 },
    { "preview", 0, NN_OPT_TEXT, "FILE.png", "the sleeve's sheet as a picture", &o.preview, 0, 0 },
    { "top-mm", 0, NN_OPT_REAL, "MM", "the cup's diameter at the sleeve's upper edge", &o.cup.top,
      20, 400 },
    { "bottom-mm", 0, NN_OPT_REAL, "MM", "and at its lower edge", &o.cup.bottom, 20, 400 },
    { "height-mm", 0, NN_OPT_REAL, "MM", "height between the two, upright", &o.cup.height, 20,
      400 },
    { "max-memory", 0, NN_OPT_SIZE, "SIZE", "for the model's weights and values", &o.max_memory,
      1 << 20, 0x1p40 },
    { "json", 0, NN_OPT_FLAG, NULL, "print JSON", &o.json, 0, 0 },
    { 0 },
};

static void add_plates(cJSON *j, const struct nn_plates *p, int maps)
{
    cJSON *list;

    cJSON_AddStringToObject(j, "layer", p->layer);
    cJSON_AddStringToObject(j, "shape", p->shape);
    cJSON_AddStringToObject(j, "shows", p->note);
    list = cJSON_AddArrayToObject(j, maps ? "maps" : "kernels");
    for (int i = 0; i < p->n; i++) {
        cJSON *one = cJSON_CreateObject();
        cJSON_AddNumberToObject(one, "index", p->plate[i].index);
        cJSON_AddNumberToObject(one, "strength", p->plate[i].strength);
        cJSON_AddItemToArray(list, one);
    }
}

static int report_json(const char *model, const struct nn_plates *k, const struct nn_features *f,
                       struct nn_err *err)
{
    cJSON *root = cJSON_CreateObject(), *list, *one;

    cJSON_AddStringToObject(root, "model", model);
    add_plates(root, k, 0);
    if (f) {
        cJSON_AddStringToObject(root, "input", f->how);
        list = cJSON_AddArrayToObject(root, "features");
        for (int i = 0; i < f->n; i++) {
            add_plates(one = cJSON_CreateObject(), &f->layer[i], 1);
            cJSON_AddItemToArray(list, one);
        }
    }
    if (o.out)
        cJSON_AddStringToObject(root, "picture", o.out);
    if (o.sleeve)
        cJSON_AddStringToObject(root, "sleeve", o.sleeve);
    if (o.preview)
        cJSON_AddStringToObject(root, "preview", o.preview);
    return nn_json_print(root, err);
}

static void report_text(const struct nn_plates *k, const struct nn_features *f)
{
    printf("%s %s: %s\n", k->layer, k->shape, k->note);
    for (int i = 0; f && i < f->n; i++)
        printf("%s %s: %s\n", f->layer[i].layer, f->layer[i].shape, f->layer[i].note);
    if (f)
        printf("input: %s\n", f->how);
    if (o.out)
        printf("%s\n", o.out);
    if (o.sleeve)
        printf("%s: print it at 100 %%, check the 50 mm bar, cut, glue\n", o.sleeve);
    if (o.preview)
        printf("%s\n", o.preview);
}

/* "…/emotion.onnx" is "emotion". */
static void model_name(const char *path, char *name, size_t size)
{
    const char *slash = strrchr(path, '/');

    snprintf(name, size, "%s", slash ? slash + 1 : path);
    if (strrchr(name, '.') && strrchr(name, '.') != name)
        *strrchr(name, '.') = 0;
}

static int write_all(const char *path, const struct nn_plates *k, const struct nn_features *f,
                     struct nn_err *err)
{
    struct nn_sleeve_art art = { .kernels = k, .features = f };
    char name[64];

    model_name(path, name, sizeof name);
    art.model = name;
    if ((o.out && nn_poster_write(o.out, name, k, f, err)) ||
        (o.sleeve && nn_sleeve_write_svg(&o.cup, &art, o.sleeve, err)) ||
        (o.preview && nn_sleeve_write_png(&o.cup, &art, o.preview, err)))
        return -1;
    if (o.json)
        return report_json(path, k, f, err);
    report_text(k, f);
    return 0;
}

/* The layers whose maps are wanted. */
static int choose_layers(const struct nn_graph *g, int kernels, int *node, struct nn_err *err)
{
    int n = 1;

    node[0] = kernels;
    if (!o.layer)
        n = nn_plates_first(g, node, LAYERS);
    if (!n || (o.layer && strcmp(g->node[kernels].op, "Conv") &&
               strcmp(g->node[kernels].op, "ConvTranspose")))
        return nn_fail(err, NN_EUNSUPPORTED, "%s makes no maps: only convolutions do",
                       o.layer ? o.layer : "the model");
    return n;
}

int nn_export_visualize(int argc, char **argv, struct nn_err *err)
{
    struct nn_engine_opts opts = { .max_memory = (size_t)o.max_memory };
    struct nn_graph *g;
    struct nn_plates k = { 0 };
    struct nn_features f = { 0 };
    int node, maps[LAYERS], n, ret = -1;

    (void)argc;
    if (!o.out && !o.sleeve && !o.preview)
        return nn_fail(err, NN_EUSAGE, "say what to make: -o FILE.png, --sleeve FILE.svg or "
                       "--preview FILE.png");
    if ((o.sleeve || o.preview) && nn_sleeve_check(&o.cup, err))
        return -1;
    if (!(g = nn_onnx_read(argv[0], err)))
        return -1;
    if (nn_onnx_infer(g, err) || (node = nn_plates_layer(g, o.layer, err)) < 0 ||
        nn_plates_kernels(&k, g, node, err))
        goto out;
    if (o.features && ((n = choose_layers(g, node, maps, err)) < 0 ||
                       nn_features_run(&f, g, o.features, o.normal.std > 0 ? &o.normal : NULL,
                                       &opts, maps, n, err)))
        goto out;
    ret = write_all(argv[0], &k, o.features ? &f : NULL, err);
out:
    if (ret)
        nn_fail_in(err, "%s", argv[0]);
    nn_plates_release(&k);
    nn_features_release(&f);
    nn_graph_free(g);
    return ret;
}
