/* Pages, and the scripts and styles they stand on. */
#include "door/web/web.h"

#include "door/desk.h"

extern const Embedded embedded_web[], embedded_web_assets[];

static const char *policy_of(const void *desk)
{
    return ((const Desk *)desk)->page_policy;
}

const char *web_policy(const char *store_origin, Arena *mem)
{
    return arena_print(
        mem,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data: %s; "
        "connect-src 'self' %s; font-src 'self'; manifest-src 'self'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'",
        store_origin, store_origin);
}

static const Page page = {.rows = embedded_web, .name = "index.html", .policy = policy_of};
static const Page missing = {
    .rows = embedded_web, .name = "index.html", .policy = policy_of, .status = 404};
static const Page icon = {.rows = embedded_web, .name = "icon.svg"};
static const Page assets = {.rows = embedded_web_assets, .is_lasting = true};

/* Rows of the studio's pages: nobody but a browser asks for them, so they stand in no document. */
#define PAGE(id_, path_) \
    { \
        .id = "web_" id_, .method = GET, .kind = ENDPOINT_PAGE, .path = path_, \
        .summary = "A page", .page = &page, .hidden = true, .is_view = true \
    }

static const Endpoint home = PAGE("home", "/");
static const Endpoint first_run = PAGE("first_run", "/first-run");
static const Endpoint sign_in = PAGE("sign_in", "/sign-in");
static const Endpoint dashboard = PAGE("dashboard", "/dashboard");
static const Endpoint upload = PAGE("upload", "/upload");
static const Endpoint templates = PAGE("templates", "/templates");
static const Endpoint recipe = PAGE("recipe", "/recipe");
static const Endpoint batches = PAGE("batches", "/batches");
static const Endpoint batch = PAGE("batch", "/batches/{id}");
static const Endpoint projects = PAGE("projects", "/projects");
static const Endpoint project = PAGE("project", "/projects/{id}");
static const Endpoint jobs = PAGE("jobs", "/jobs");
static const Endpoint studio = PAGE("studio", "/studio");
static const Endpoint generate = PAGE("generate", "/generate");
static const Endpoint brands = PAGE("brands", "/brands");
static const Endpoint billing = PAGE("billing", "/billing");
static const Endpoint settings = PAGE("settings", "/settings");
static const Endpoint admin = PAGE("admin", "/admin");
static const Endpoint admin_account = PAGE("admin_account", "/admin/accounts/{id}");
static const Endpoint audit = PAGE("audit", "/audit");
static const Endpoint admin_queues = PAGE("admin_queues", "/admin/queues");

static const Endpoint nowhere = {
    .id = "web_missing",
    .method = GET,
    .kind = ENDPOINT_PAGE,
    .path = "/{path*}",
    .summary = "The page for addresses where there is nothing",
    .page = &missing,
    .hidden = true,
    .is_view = true,
};

static const Endpoint asset = {
    .id = "web_asset",
    .method = GET,
    .kind = ENDPOINT_PAGE,
    .path = "/assets/{file}",
    .summary = "Script, style or words of a page",
    .page = &assets,
    .hidden = true,
};

static const Endpoint favicon = {
    .id = "web_icon",
    .method = GET,
    .kind = ENDPOINT_PAGE,
    .path = "/icon.svg",
    .summary = "The studio's sign",
    .page = &icon,
    .hidden = true,
};

const FrontDoor web_door = {
    .name = "web",
    .title = "Cyclorama: the web studio",
    .version = "1.0",
    .about = "Pages for people.",
    .endpoints =
        (const Endpoint *const[]){&home,         &first_run, &sign_in, &dashboard,     &upload,
                                  &templates,    &recipe,    &batches, &batch,         &projects,
                                  &project,      &jobs,      &studio,  &generate,      &brands,
                                  &billing,      &settings,  &admin,   &admin_account, &audit,
                                  &admin_queues, &nowhere,   &asset,   &favicon,       NULL},
};
