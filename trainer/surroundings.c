/* Where and with what a run is trained: surroundings.json, an entry each time it starts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "common/fs.h"
#include "common/json.h"
#include "trainer/record.h"
#include "trainer/torch.h"

enum { MOST = 1 << 20 };

/* "AMD EPYC 7003", as /proc/cpuinfo calls it. */
static void processor(char name[128])
{
    FILE *f = fopen("/proc/cpuinfo", "r");
    char line[256];

    strcpy(name, "unknown");
    while (f && fgets(line, sizeof line, f)) {
        const char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) && strncmp(line, "Model", 5))
            continue;
        if (colon && colon[1]) {
            snprintf(name, 128, "%.120s", colon + 2);
            name[strcspn(name, "\n")] = 0;
            break;
        }
    }
    if (f)
        fclose(f);
}

static cJSON *entry(const char *snapshot, int64_t seed, int processes)
{
    char text[200];
    struct utsname u = { .sysname = "" };
    time_t now = time(NULL);
    struct tm tm;
    cJSON *e = cJSON_CreateObject();

    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
    cJSON_AddStringToObject(e, "started", text);
    if (snapshot)
        cJSON_AddStringToObject(e, "snapshot", snapshot);
    cJSON_AddNumberToObject(e, "seed", (double)seed);
    cJSON_AddStringToObject(e, "torch", nn_torch_describe(text, sizeof text));
    cJSON_AddNumberToObject(e, "processes", processes);
    processor(text);
    cJSON_AddStringToObject(e, "processor", text);
    uname(&u);
    snprintf(text, sizeof text, "%.60s %.60s %.60s", u.sysname, u.release, u.machine);
    cJSON_AddStringToObject(e, "system", text);
    cJSON_AddStringToObject(e, "compiler", __VERSION__);
    cJSON_AddStringToObject(e, "device", "CPU");
    return e;
}

int nn_record_surroundings(struct nn_catalog *cat, const struct nn_run *run, const char *snapshot,
                           int64_t seed, int processes, struct nn_err *err)
{
    char path[NN_PATH], *old = NULL, *text;
    cJSON *all = NULL;
    size_t size;
    int ret;

    if (nn_run_path(cat, run->name, "surroundings.json", path, err))
        return -1;
    if (nn_exists(path) && (old = nn_file_read(path, MOST, &size, NULL)))
        all = cJSON_Parse(old);
    free(old);
    if (!cJSON_IsArray(all)) {
        cJSON_Delete(all);
        all = cJSON_CreateArray();
    }
    cJSON_AddItemToArray(all, entry(snapshot, seed, processes));
    text = cJSON_Print(all);
    cJSON_Delete(all);
    ret = text ? nn_file_write(path, text, strlen(text), err) : nn_fail_mem(err, "surroundings");
    cJSON_free(text);
    return ret;
}
