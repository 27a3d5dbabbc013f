/* neonnoir dataset verify: faults on stdout, exit 1 when there are any. */
#include <stdio.h>

#include "datasets/cmds.h"
#include "datasets/report.h"
#include "datasets/verify.h"

static struct {
    int deep, repair, json;
} o;

const struct nn_opt nn_dataset_verify_opts[] = {
    { "deep", 'd', NN_OPT_FLAG, NULL, "hash every file of the pool", &o.deep, 0, 0 },
    { "repair", 0, NN_OPT_FLAG, NULL, "remove orphans and temporaries", &o.repair, 0, 0 },
    { "json", 0, NN_OPT_FLAG, NULL, "print JSON", &o.json, 0, 0 },
    { 0 },
};

static void see(void *arg, int fault, const char *line)
{
    cJSON *list = arg;

    if (!list)
        printf("%s%s\n", fault ? "" : "note: ", line);
    else if (fault)
        cJSON_AddItemToArray(list, cJSON_CreateString(line));
}

static int print_json(const struct nn_verified *v, cJSON *faults, struct nn_err *err)
{
    const struct { const char *key; int64_t value; } row[] = {
        { "files", v->files }, { "bytes", v->bytes }, { "missing", v->missing },
        { "wrong", v->wrong }, { "orphans", v->orphans }, { "orphan_bytes", v->orphan_bytes },
        { "temporaries", v->temporaries }, { "removed", v->removed },
        { "incomplete", v->incomplete }, { "snapshots", v->snapshots },
    };
    cJSON *out = cJSON_CreateObject();

    cJSON_AddBoolToObject(out, "ok", v->faults == 0);
    for (unsigned i = 0; i < sizeof row / sizeof *row; i++)
        cJSON_AddNumberToObject(out, row[i].key, (double)row[i].value);
    cJSON_AddItemToObject(out, "faults", faults);
    return nn_json_print(out, err);
}

static void print_text(const struct nn_verified *v)
{
    char n[32], bytes[32];

    printf("pool       %s files, %s%s\n", nn_report_count(v->files, n),
           nn_report_bytes(v->bytes, bytes), o.deep ? ", all hashed" : "");
    printf("snapshots  %s\n", nn_report_count(v->snapshots, n));
    if (v->incomplete)
        printf("incomplete %s media; the next ingest takes them up again\n",
               nn_report_count(v->incomplete, n));
    if (v->orphans)
        printf("orphans    %s files, %s%s\n", nn_report_count(v->orphans, n),
               nn_report_bytes(v->orphan_bytes, bytes),
               o.repair ? ", removed" : ", harmless; --repair removes them");
    if (v->temporaries)
        printf("leftovers  %s temporaries of killed programs%s\n",
               nn_report_count(v->temporaries, n),
               o.repair ? ", removed" : "; --repair removes them");
    if (!v->faults)
        printf("nothing wrong\n");
}

int nn_dataset_verify(int argc, char **argv, struct nn_err *err)
{
    struct nn_catalog *cat = nn_catalog_open(nn_cli_catalog(), o.repair ? NN_WRITE : NN_READ, err);
    cJSON *faults = o.json ? cJSON_CreateArray() : NULL;
    struct nn_verify_opts opts = { o.deep, o.repair, see, faults };
    struct nn_verified v;
    int ret = -1;

    (void)argc, (void)argv;
    if (!cat || nn_verify(cat, &opts, &v, err)) {
        cJSON_Delete(faults);
    } else if (faults) {
        ret = print_json(&v, faults, err);
    } else {
        print_text(&v);
        ret = 0;
    }
    nn_catalog_close(cat);
    if (!ret && v.faults)
        return nn_fail(err, NN_EDB, "%lld fault%s in %s", (long long)v.faults,
                       v.faults == 1 ? "" : "s", nn_cli_catalog());
    return ret;
}
