/* Opening and closing what a server works with. */
#include "app/house.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

#include "app/records.h"
#include "app/version.h"
#include "base/clock.h"
#include "base/file.h"
#include "door/hook/hook.h"
#include "door/store/store.h"
#include "gallery/gallery.h"
#include "image/image.h"
#include "model/model.h"
#include "pack/pack.h"
#include "watch/watch.h"

enum {
    LOOKS_WAITED_FOR = 512, /* uploads in line for a look at their next photo */
    EASELS_WAITED_FOR = 64, /* pictures from words in line, before a caller is told to come again */
    KINDS_MOST = 30
};

static const char *store_name(const Settings *settings, Arena *mem)
{
    if (*settings->store_url)
        return settings->store_url;
    return *settings->azure_storage_connection_string ? "azure://"
                                                      : path_join(mem, settings->data, "store");
}

static const char *text_or_null(const char *text)
{
    return *text ? text : NULL;
}

static MUST Err *store_open(const HouseWish *wish, House *house)
{
    const char *secret = wish->app->settings.signing_key;

    if (!*secret)
        TRY(secret_of_house(house->db, "links", wish->app->mem, &secret));
    return house_store_open(wish, house->net, secret, &house->blob);
}

Err *house_store_open(const HouseWish *wish, NetClient *net, const char *secret, Blob **ret)
{
    const Settings *settings = &wish->app->settings;

    return blob_open(
        &(BlobSetup){
            .store = store_name(settings, wish->app->mem),
            .net = net,
            .served = arena_print(wish->app->mem, "%s" STORE_PATH, wish->public_url),
            .secret = secret,
            .secret_bytes = strlen(secret),
            .endpoint = text_or_null(settings->s3_endpoint),
            .region = text_or_null(settings->s3_region),
            .key_id = text_or_null(settings->s3_access_key),
            .key_secret = text_or_null(settings->s3_secret_key),
            .connection = text_or_null(settings->azure_storage_connection_string),
        },
        ret);
}

static MUST Err *telemetry_open(const HouseWish *wish, House *house)
{
    char host[256] = "";

    gethostname(host, sizeof(host) - 1);
    return telemetry_start(
        &(TelemetrySetup){
            .net = house->net,
            .otlp_endpoint = wish->app->settings.otlp_endpoint,
            .otlp_headers = wish->app->settings.otlp_headers,
            .sentry_dsn = wish->app->settings.sentry_dsn,
            .service = "cyclorama",
            .version = version_program,
            .instance = arena_print(wish->app->mem, "%s/%d", host, (int)getpid()),
        },
        &house->telemetry);
}

static MUST Err *mailer_open(const Settings *settings, House *house)
{
    return mail_open(
        &(MailSetup){
            .net = house->net,
            .smtp_url = text_or_null(settings->smtp_url),
            .from = text_or_null(settings->mail_from),
            .sendgrid_key = text_or_null(settings->sendgrid_api_key),
            .sendgrid_url = text_or_null(settings->sendgrid_base_url),
        },
        &house->mailer);
}

enum {
    SSO_BYTES_MAX = 256 * 1024,
    SSO_PATIENCE_MS = 5000
};

/* A document of the issuer of tokens. Its address is the operator's, so it may lie in the operator's own network. */
static Err *sso_fetch(void *net, const char *url, Buf *into)
{
    AUTO(arena_free) Arena *mem = arena_new();
    NetReply reply;

    TRY(net_send(
        net,
        &(NetRequest){
            .url = url, .into = into, .most_bytes = SSO_BYTES_MAX, .total_ms = SSO_PATIENCE_MS},
        mem, &reply));
    return net_reply_check(&reply, "the issuer of tokens");
}

static MUST Err *accounts_start(const Settings *settings, House *house)
{
    const SsoSetup sso = {
        .issuer = text_or_null(settings->jwt_issuer),
        .audience = text_or_null(settings->jwt_audience),
        .keys_url = text_or_null(settings->jwt_keys_url),
        .tenant_claim = settings->jwt_tenant_claim,
        .role_claim = settings->jwt_role_claim,
        .tenant_id = text_or_null(settings->jwt_tenant),
        .is_open = settings->jwt_open,
        .fetch = sso_fetch,
        .fetch_context = house->net,
    };

    return accounts_open(
        &(AccountsSetup){
            .db = house->db,
            .redis_url = text_or_null(settings->redis_url),
            .user_a_minute = settings->user_rate,
            .tenant_a_minute = settings->tenant_rate,
            .sso = sso.issuer ? &sso : NULL,
        },
        &house->accounts);
}

static int64_t limit_of(int64_t set, int64_t times)
{
    return set > 0 ? set * times : -1;
}

static ArtPresets budgets_of(const Settings *settings)
{
    const int64_t micro_usd = 1000000;

    return (ArtPresets){
        .user_micro_usd = limit_of(settings->budget_user_usd, micro_usd),
        .user_tokens = limit_of(settings->budget_user_tokens, 1),
        .organisation_micro_usd = limit_of(settings->budget_organisation_usd, micro_usd),
        .organisation_tokens = limit_of(settings->budget_organisation_tokens, 1),
        .alert_percent = settings->budget_alert_percent,
        .downgrade_percent = settings->budget_downgrade_percent,
    };
}

/* Vendors can call back where others reach us, and only an operator knows where that is. */
static const char *hook_url(const HouseWish *wish)
{
    const char *url = wish->app->settings.public_url;
    size_t length = strlen(url);

    while (length > 0 && url[length - 1] == '/')
        length--;
    return length ? arena_print(wish->app->mem, "%.*s" HOOK_PATH "/", (int)length, url) : NULL;
}

Err *house_open(const HouseWish *wish, House *ret)
{
    const Settings *settings = &wish->app->settings;
    AUTO(house_close) House house = {0};

    TRY(records_open(wish->app, &house.db));
    TRY(net_open(&(NetSetup){.allowed = text_or_null(settings->allowed_hosts)}, &house.net));
    TRY(telemetry_open(wish, &house));
    TRY(store_open(wish, &house));
    TRY(accounts_start(settings, &house));
    TRY(mailer_open(settings, &house));
    TRY(errands_open(house.db, settings->master_key, &house.errands));
    TRY(rig_start(
        &(RigWish){
            .settings = settings,
            .jobs = MAX(settings->workers, 0),
            .photos = 1000,
            .has_cache = true,
            .is_for_later = true,
            .has_vendors = true,
            .net = house.net,
            .journal = errands_journal(house.errands),
            .hook_url = hook_url(wish)},
        &house.rig));
    house.looks = turns_new(MAX(house.rig.jobs, 1), LOOKS_WAITED_FOR);
    house.studio = (Studio){
        .shelf = {house.db, house.blob, house.looks},
        .net = house.net,
        .models = house.rig.models,
        .vendors = house.rig.vendors,
        .is_vendor_only = house.rig.is_vendor_only,
        .cache = house.rig.cache,
        .threads = house.rig.threads,
        .program = version_maker,
        .is_upscaled = settings->upscale_enabled,
        .has_tier_keys = settings->tier_keys,
        .mailer = house.mailer,
        .kinds = house_kinds(wish->app->mem),
    };
    house.easels = turns_new(MAX(house.rig.jobs, 1), EASELS_WAITED_FOR);
    house.art = (ArtRoom){
        .shelf = house.studio.shelf,
        .accounts = house.accounts,
        .vendors = house.rig.vendors,
        .models = house.rig.models,
        .cache = house.rig.cache,
        .easels = house.easels,
        .threads = house.rig.threads,
        .program = version_maker,
    };
    TRY(model_aliases_read(
        text_or_null(settings->model_aliases), wish->app->mem, &house.art.aliases));
    house.budgets = budgets_of(settings);
    *ret = house;
    ret->art.presets = &ret->budgets;
    house = (House){0};
    return NULL;
}

void house_close(House *house)
{
    turns_free(house->easels);
    turns_free(house->looks);
    rig_done(&house->rig);
    mail_close(house->mailer);
    errands_close(house->errands);
    accounts_close(house->accounts);
    blob_close(house->blob);
    telemetry_stop(house->telemetry);
    net_close(house->net);
    db_close(house->db);
    *house = (House){0};
}

const JobKind *const *house_kinds(Arena *mem)
{
    static const JobKind *const *const rooms[] = {run_kinds, gallery_kinds, pack_kinds};
    const JobKind **kinds = ARENA_ARRAY(mem, const JobKind *, KINDS_MOST + 1);
    size_t count = 0;

    for (size_t i = 0; i < COUNT(rooms); i++)
        for (const JobKind *const *kind = rooms[i]; *kind; kind++) {
            assert(count < KINDS_MOST);
            kinds[count++] = *kind;
        }
    return kinds;
}

Err *house_crew_start(House *house, const Settings *settings, JobCrew **ret)
{
    *ret = NULL;
    if (settings->workers < 0)
        return NULL;
    const char *lack = run_lack(&house->studio);
    if (lack)
        watch(WATCH_WARN, "work.lacks", WATCH_TEXT("text", lack));
    return job_crew_start(
        &(JobCrewSetup){
            .db = house->db,
            .kinds = house->studio.kinds,
            .context = &house->studio,
            .heavy = house->rig.jobs,
        },
        ret);
}

Err *house_store_origin(const House *house, Arena *mem, const char **ret)
{
    const BlobGrant grant = {.key = "outputs/origin", .until_ms = clock_now_ms() + 60000};
    BlobTicket ticket;

    TRY(blob_grant(house->blob, &grant, mem, &ticket));
    const char *host = strstr(ticket.url, "://");
    if (!host)
        return err_new(ERR_BUG, "a signed address without a host");
    host += strlen("://");
    *ret = arena_text_n(mem, ticket.url, (size_t)(host - ticket.url) + strcspn(host, "/?"));
    return NULL;
}
