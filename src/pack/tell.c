/* mail: telling a customer that a large pack is there. The row names the pack and the address; the link is made when the letter is written. */
#include <string.h>

#include "base/clock.h"
#include "pack/pack_priv.h"
#include "watch/watch.h"

enum {
    ATTEMPTS_MOST = 8, /* some two hours */
    RETRY_FIRST_MS = 30 * 1000
};

Err *pack_tell(DbTx *tx, const Pack *pack)
{
    AUTO(value_free) Value *payload = value_object();
    Id job;

    value_set(payload, "kind", value_of_text("export_ready"));
    value_set(payload, "to", value_of_text(pack->email));
    return job_enqueue(
        tx,
        &(JobOrder){
            .queue = pack_mail_work.queue,
            .tenant_id = pack->tenant_id,
            .subject = pack->id,
            .key = pack->id,
            .payload = payload},
        &job);
}

static const char *megabytes(int64_t bytes, Arena *mem)
{
    return bytes < 10000000 ? arena_print(mem, "%.1f MB", (double)bytes / 1e6)
                            : arena_print(mem, "%.0f MB", (double)bytes / 1e6);
}

static const char *day_of(int64_t wall_ms, Arena *mem)
{
    char text[CLOCK_TEXT_SIZE];

    clock_text(wall_ms, text);
    return arena_text_n(mem, text, strlen("2026-11-21"));
}

typedef struct Words {
    const char *subject, *hello, *facts, *left, *until;
} Words;

static Words words_of(const Pack *pack, const Project *project, Arena *mem)
{
    const char *of =
        project->name && *project->name ? arena_print(mem, " of “%s”", project->name) : "";

    return (Words){
        .subject = arena_print(mem, "Your pictures%s are ready", of),
        .hello = arena_print(mem, "Your pictures%s are packed and ready to download.", of),
        .facts = arena_print(
            mem, "%jd files, %s.", (intmax_t)(pack->done - pack->failed),
            megabytes(pack->bytes, mem)),
        .left = pack->failed
                    ? arena_print(
                          mem, "%jd files could not be made; metadata.json in the ZIP says why.",
                          (intmax_t)pack->failed)
                    : "",
        .until = arena_print(
            mem, "The link works until %s. Whoever has it can download the ZIP.",
            day_of(pack->expires_ms, mem)),
    };
}

static const char *text_of(const Words *words, const char *url, Arena *mem)
{
    return arena_print(
        mem, "%s\n\n%s\n\n%s%s%s%s\n", words->hello, url, words->facts, *words->left ? " " : "",
        words->left, arena_print(mem, "\n%s", words->until));
}

static const char *html_of(const Words *words, const char *url, Arena *mem)
{
    return arena_print(
        mem,
        "<!doctype html><html lang=\"en\"><body style=\"font:16px/1.5 "
        "sans-serif;color:#222;max-width:32em\"><p>%s</p><p><a href=\"%s\" "
        "style=\"display:inline-block;padding:.6em "
        "1.2em;background:#1a1a1a;color:#fff;border-radius:6px;text-decoration:none\">Download the "
        "ZIP</a></p><p>%s %s</p><p style=\"color:#666\">%s</p></body></html>",
        mail_html(words->hello, mem), mail_html(url, mem), words->facts, words->left, words->until);
}

static Err *mail_do(void *studio_any, JobLease *lease, const Job *job)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const Studio *studio = studio_any;
    Project project;
    Pack pack;
    Link link;

    TRY(pack_find(studio, job->tenant_id, job->subject, mem, &pack));
    if (pack.state != PACK_COMPLETED || !studio->mailer)
        return NULL;
    TRY(project_find(&studio->shelf, pack.tenant_id, pack.project_id, mem, &project));
    TRY(pack_link(studio, pack.tenant_id, pack.id, mem, &link));
    Words words = words_of(&pack, &project, mem);
    TRY(mail_send(
        studio->mailer,
        &(Mail){
            .to = value_text(value_get(job->payload, "to")),
            .subject = words.subject,
            .text = text_of(&words, link.url, mem),
            .html = html_of(&words, link.url, mem),
            .key = pack.id},
        job_lease_cancel(lease)));
    watch(WATCH_INFO, "mail.sent", WATCH_TEXT("export", pack.id));
    return NULL;
}

/* There is nothing to write of once the pack has gone. */
static Err *mail_take_up(void *studio, DbTx *tx, const Job *job, JobAnew *ret)
{
    AUTO(arena_free) Arena *mem = arena_new();
    bool is_gone;
    Pack pack;

    (void)studio;
    TRY(err_expect(
        pack_get(tx, job->tenant_id, job->subject, mem, &pack), ERR_NOT_FOUND, &is_gone));
    *ret = is_gone || pack.state != PACK_COMPLETED ? JOB_ANEW_NEVER : JOB_ANEW_HERE;
    return NULL;
}

const JobKind pack_mail_work = {
    .queue = "mail",
    .summary = "Write to a customer that something is ready",
    .attempts_most = ATTEMPTS_MOST,
    .retry_first_ms = RETRY_FIRST_MS,
    .work = mail_do,
    .take_up = mail_take_up,
};
