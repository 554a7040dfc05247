/* Finding runs, and the addresses of their pictures. */
#include "run/run.h"

#include <string.h>

#include "base/clock.h"
#include "run/run_priv.h"

bool run_has_ended(int state)
{
    return state == RUN_COMPLETED || state == RUN_FAILED || state == RUN_CANCELLED;
}

typedef struct FindWork {
    const char *tenant_id, *id;
    const RunQuery *query;
    Arena *mem;
    Run *ret;
    List *ret_list;
} FindWork;

static Err *find_work(DbTx *tx, void *work_any)
{
    FindWork *work = work_any;

    return run_get(tx, work->tenant_id, work->id, work->mem, work->ret);
}

Err *run_find(const Studio *studio, const char *tenant_id, const char *id, Arena *mem, Run *ret)
{
    FindWork work = {.tenant_id = tenant_id, .id = id, .mem = mem, .ret = ret};

    return db_read(studio->shelf.db, find_work, &work);
}

static Err *list_work(DbTx *tx, void *work_any)
{
    FindWork *work = work_any;
    Project project;

    TRY(project_get(tx, work->query->tenant_id, work->query->project_id, work->mem, &project));
    return run_rows(tx, work->query, work->mem, work->ret_list);
}

Err *run_list(const Studio *studio, const RunQuery *query, Arena *mem, List *ret)
{
    FindWork work = {.query = query, .mem = mem, .ret_list = ret};

    return db_read(studio->shelf.db, list_work, &work);
}

/* ---- pictures ---- */

/* "shoe.png" in a kitchen becomes "shoe-kitchen.jpg"; in MEM. */
/* What NAME ends in, behind folders of any system, without what no file may be called by: it becomes a name in ZIPs and of saved files. */
static const char *name_clean(const char *name, Arena *mem)
{
    char *clean;

    for (const char *at = name; *at; at++)
        if (*at == '/' || *at == '\\')
            name = at + 1;
    clean = arena_text(mem, name);
    for (char *at = clean; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f || strchr(":*?\"<>|", *at))
            *at = '_';
    return *clean && strcmp(clean, ".") != 0 && strcmp(clean, "..") != 0 ? clean : "picture";
}

const char *run_picture_name(const Run *run, Arena *mem)
{
    const char *name = name_clean(run->filename, mem);
    const char *dot = strrchr(name, '.');
    size_t length = dot && dot > name ? (size_t)(dot - name) : strlen(name);
    const char *ending = strrchr(run->output_key, '.');

    return arena_print(
        mem, "%.*s%s%s%s", (int)length, name, run->scene_type ? "-" : "",
        run->scene_type ? run->scene_type : "", ending ? ending : "");
}

static MUST Err *
picture_link(const Studio *studio, const Run *run, const RunLinkWish *wish, Arena *mem, Link *ret)
{
    return link_make(
        &studio->shelf,
        &(LinkWish){
            .key = run->output_key,
            .until_ms = wish->lasts_ms ? clock_now_ms() + wish->lasts_ms : 0,
            .save_as = wish->saves ? run_picture_name(run, mem) : NULL,
        },
        mem, ret);
}

Err *run_output_link(const Studio *studio, const RunLinkWish *wish, Arena *mem, Link *ret)
{
    Run run;

    TRY(run_find(studio, wish->tenant_id, wish->run_id, mem, &run));
    if (!run.output_key)
        return err_public(
            err_new(ERR_CONFLICT, "run '%s' has no picture", run.id),
            "There is no picture: this is %s.", run_state_names[run.state]);
    if (!run.asset_id)
        return err_public(
            err_new(ERR_NOT_FOUND, "the picture of run '%s' has gone", run.id),
            "The picture is no longer kept. Make it again.");
    return picture_link(studio, &run, wish, mem, ret);
}

static MUST Err *
key_url(const Studio *studio, const Run *run, const char *key, Arena *mem, const char **ret)
{
    Link link;

    *ret = NULL;
    if (!key || !run->asset_id)
        return NULL;
    TRY(link_make(&studio->shelf, &(LinkWish){.key = key}, mem, &link));
    *ret = link.url;
    return NULL;
}

Err *run_output_url(const Studio *studio, const Run *run, Arena *mem, const char **ret)
{
    return key_url(studio, run, run->output_key, mem, ret);
}

Err *run_thumb_url(const Studio *studio, const Run *run, Arena *mem, const char **ret)
{
    return key_url(studio, run, run->thumb_key ? run->thumb_key : run->output_key, mem, ret);
}
