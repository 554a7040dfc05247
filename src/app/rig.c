/* What a render works with. */
#include "app/rig.h"

#include <string.h>
#include <unistd.h>

#include "app/plan.h"
#include "app/providers.h"
#include "base/crew.h"
#include "base/file.h"
#include "model/model.h"
#include "watch/watch.h"

int rig_cores(const Settings *settings)
{
    return settings->threads ? (int)settings->threads : crew_cores();
}

/* Three quarters of the machine's memory: the rest belongs to whoever else is on it. */
int64_t rig_memory_mb(const Settings *settings)
{
    int64_t machine_mb = (int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE) / (1 << 20);

    return settings->memory_mb ? settings->memory_mb : machine_mb * 3 / 4;
}

const char *rig_cache_folder(const Settings *settings, Arena *mem)
{
    return path_join(mem, settings->data, "cache");
}

static void cache_open(const RigWish *wish, Rig *rig)
{
    const Settings *settings = wish->settings;
    AUTO(arena_free) Arena *mem = arena_new();
    const char *folder = rig_cache_folder(settings, mem);

    if (!wish->has_cache || !settings->cache_mb)
        return;
    AUTO(err_free) Err *err = step_cache_open(folder, settings->cache_mb << 20, &rig->cache);
    if (err)
        watch_err("cache.closed", err, folder);
}

/* A program that asks nobody has no need to look like one that could. */
static MUST Err *vendors_start(const RigWish *wish, Rig *rig)
{
    const Settings *settings = wish->settings;

    rig->is_vendor_only = settings->provider_fallback == PROVIDER_FALLBACK_NONE;
    providers_warn(settings);
    if (!wish->net)
        TRY(net_open(
            &(NetSetup){.allowed = *settings->allowed_hosts ? settings->allowed_hosts : NULL},
            &rig->net));
    return providers_open(
        &(ProvidersWish){
            .settings = settings,
            .net = wish->net ? wish->net : rig->net,
            .journal = wish->journal,
            .hook_url = wish->hook_url,
        },
        &rig->vendors);
}

Err *rig_start(const RigWish *wish, Rig *ret)
{
    AUTO(rig_done) Rig rig = {0};
    int cores = rig_cores(wish->settings);

    rig.jobs = plan_jobs(&(JobsWish){
        .asked = wish->jobs,
        .photos = wish->photos,
        .cores = cores,
        .memory_mb = rig_memory_mb(wish->settings),
    });
    rig.threads = MAX(cores / rig.jobs, 1);
    image_start(rig.threads);
    if (!wish->is_for_later)
        TRY(image_open());
    TRY(rig_models(wish->settings, rig.threads, &rig.models));
    if (wish->has_vendors)
        TRY(vendors_start(wish, &rig));
    cache_open(wish, &rig);
    *ret = rig;
    rig = (Rig){0};
    return NULL;
}

void rig_done(Rig *rig)
{
    vendors_close(rig->vendors);
    net_close(rig->net);
    step_cache_close(rig->cache);
    models_close(rig->models);
    if (rig->jobs > 0) /* else it never began, or was handed over */
        image_stop();
    *rig = (Rig){0};
}

Err *rig_models(const Settings *settings, int threads, Models **ret)
{
    ModelLicences licences;
    Err *err = model_licences_parse(settings->model_licences, &licences);

    if (err) {
        AUTO(arena_free) Arena *mem = arena_new();
        const Field *field = shape_find(&settings_shape, "model_licences");

        return conf_err_called(err, field, conf_variable(field, mem));
    }
    return models_open(
        &(ModelsOptions){
            .folder = settings->models,
            .runtime = *settings->runtime ? settings->runtime : NULL,
            .threads = threads,
            .licences = licences,
        },
        ret);
}
