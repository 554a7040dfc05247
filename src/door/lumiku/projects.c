/* Projects: catalogues of products. */
#include "door/lumiku/items.h"

enum {
    PROJECTS_PAGE_MOST = 100,
    COVERS_MOST = 4
};

/* ---- what a project says of itself ---- */

static const char *const status_names[] = {"active", "archived", NULL};

typedef struct ProjectOut {
    const char *id, *name, *description, *category, *default_template;
    int status;
    int64_t total_photos, total_processed, total_exported;
    int64_t created_at, updated_at;
    Texts cover_urls;
    List items;
    int64_t total_items;
    const char *next_cursor;
} ProjectOut;

#define PROJECT_FIELDS \
    {FIELD_TEXT(ProjectOut, id), .help = "Name of the project"}, \
        {FIELD_TEXT(ProjectOut, name), .help = "What you call it"}, \
        {FIELD_TEXT(ProjectOut, description), .help = "What it is for", .nullable = true}, \
        {FIELD_TEXT(ProjectOut, category), .help = "What kind of products are in it"}, \
        {FIELD_TEXT(ProjectOut, default_template), .name = "defaultTemplate", \
         .help = "Template its photos are made with when nothing else is said", .nullable = true}, \
        {FIELD_NAME(ProjectOut, status, status_names), .help = "Is it in use or put aside?"}, \
        {FIELD_INT(ProjectOut, total_photos), .name = "totalPhotos", .help = "Photos in it"}, \
        {FIELD_INT(ProjectOut, total_processed), .name = "totalProcessed", \
         .help = "Photos with a picture"}, \
        {FIELD_INT(ProjectOut, total_exported), .name = "totalExported", \
         .help = "Files in its exports"}, \
        {FIELD_TIME(ProjectOut, created_at), .name = "createdAt", .help = "When it was made"}, \
        {FIELD_TIME(ProjectOut, updated_at), .name = "updatedAt", \
         .help = "When it was changed last"},

typedef ProjectOut ProjectBrief;

static const Field ProjectBrief_fields[] = {
    PROJECT_FIELDS{
        FIELD_TEXTS(ProjectOut, cover_urls), .name = "coverUrls",
        .help = "Small pictures of its first photos, as many as were asked for"},
    {FIELD_END},
};
static const Shape project_brief_shape = SHAPE(ProjectBrief);

static const Field ProjectOut_fields[] = {
    PROJECT_FIELDS{
        FIELD_LIST(ProjectOut, items, &lumiku_item_shape),
        .help = "Its photos, in the order they came"},
    {FIELD_INT(ProjectOut, total_items), .name = "totalItems", .help = "How many there are"},
    {FIELD_TEXT(ProjectOut, next_cursor), .name = "nextCursor",
     .help = "Send it as `after` for the next page; null on the last", .nullable = true},
    {FIELD_END},
};

static ProjectOut out_of(const Catalogue *catalogue)
{
    return (ProjectOut){
        .id = catalogue->id,
        .name = catalogue->name,
        .description = *catalogue->description ? catalogue->description : NULL,
        .category = catalogue->category,
        .default_template = catalogue->template,
        .status = catalogue->is_archived,
        .total_photos = catalogue->photos,
        .total_processed = catalogue->processed,
        .total_exported = catalogue->exported,
        .created_at = catalogue->created_ms,
        .updated_at = catalogue->changed_ms,
    };
}

static const Shelf *shelf_of(const Call *call)
{
    return &desk_of(call)->studio->shelf;
}

/* ---- made, changed ---- */

typedef struct ProjectIn {
    const char *id, *name, *description, *category, *default_template;
    int status;
} ProjectIn;

#define ABOUT_FIELDS \
    {FIELD_TEXT(ProjectIn, description), .help = "What it is for", .optional = true, \
     .nullable = true, .max = CATALOGUE_ABOUT_LETTERS}, \
        {FIELD_TEXT(ProjectIn, category), \
         .help = "What kind of products are in it; general unless said", .optional = true, \
         .max = CATALOGUE_NAME_LETTERS}, \
    { \
        FIELD_TEXT(ProjectIn, default_template), \
            .name = "defaultTemplate", \
            .help = "Template its photos are made with when nothing else is said", \
            .optional = true, .nullable = true, .max = CATALOGUE_NAME_LETTERS \
    }

typedef ProjectIn ProjectNew;

static const Field ProjectNew_fields[] = {
    {FIELD_TEXT(ProjectIn, name), .help = "What you call it", .min = 1,
     .max = CATALOGUE_NAME_LETTERS},
    ABOUT_FIELDS,
    {FIELD_END},
};

static const Field ProjectIn_fields[] = {
    {FIELD_TEXT(ProjectIn, id), .help = "Name of the project", .max = 64},
    {FIELD_TEXT(ProjectIn, name), .help = "What you call it", .optional = true, .min = 1,
     .max = CATALOGUE_NAME_LETTERS},
    ABOUT_FIELDS,
    {FIELD_NAME(ProjectIn, status, status_names), .help = "Is it in use or put aside?",
     .optional = true, .nullable = true},
    {FIELD_END},
};

HANDLER(project_create, ProjectNew, ProjectBrief);

const Endpoint lumiku_project_create = {
    .method = POST,
    .path = LUMIKU "/projects",
    .id = "lumiku_project_create",
    .summary = "Make a project",
    .tag = "Projects",
    .scope = "projects:write",
    .ok = 201,
    .in = SHAPE(ProjectNew),
    .out = SHAPE(ProjectBrief),
    .retried = true,
    .handle = CALLS(project_create),
};

static Err *project_create(Call *call, const ProjectNew *in, ProjectBrief *out)
{
    const CatalogueWish wish = {
        .name = in->name,
        .description = in->description,
        .category = in->category,
        .template = in->default_template,
        .once = desk_once(call),
    };
    CatalogueOf of;
    Catalogue made;

    TRY(lumiku_of(call, NULL, &of));
    TRY(catalogue_create(shelf_of(call), &of, &wish, call_arena(call), &made));
    *out = out_of(&made);
    return NULL;
}

HANDLER(project_change, ProjectIn, ProjectBrief);

const Endpoint lumiku_project_change = {
    .method = PUT,
    .path = LUMIKU "/projects/{id}",
    .id = "lumiku_project_change",
    .summary = "Change a project, or put it aside",
    .about = "What is left out stays as it is. An empty text takes a description or a template "
             "away.",
    .tag = "Projects",
    .scope = "projects:write",
    .in = SHAPE(ProjectIn),
    .out = SHAPE(ProjectBrief),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(project_change),
};

static Err *project_change(Call *call, const ProjectIn *in, ProjectBrief *out)
{
    const CatalogueWish wish = {
        .name = in->name,
        .description = in->description,
        .category = in->category,
        .template = in->default_template,
        .is_archived = in->status,
    };
    CatalogueOf of;
    Catalogue changed;

    TRY(lumiku_of(call, in->id, &of));
    TRY(catalogue_change(shelf_of(call), &of, &wish, call_arena(call), &changed));
    *out = out_of(&changed);
    return NULL;
}

/* ---- looked at ---- */

typedef struct ProjectsIn {
    const char *search, *category, *before;
    int status;
    int64_t limit, covers;
} ProjectsIn;

static const Field ProjectsIn_fields[] = {
    {FIELD_TEXT(ProjectsIn, search), .help = "In names and descriptions", .optional = true,
     .max = 200},
    {FIELD_TEXT(ProjectsIn, category), .help = "Of this category alone", .optional = true,
     .max = CATALOGUE_NAME_LETTERS},
    {FIELD_NAME(ProjectsIn, status, status_names), .help = "Those in use, or put aside, alone",
     .optional = true, .nullable = true},
    {FIELD_TEXT(ProjectsIn, before), .help = "Go on with those older than this one",
     .optional = true, .max = 64},
    {FIELD_INT(ProjectsIn, limit), .help = "How many at most", .preset = "20", .min = 1,
     .max = PROJECTS_PAGE_MOST},
    {FIELD_INT(ProjectsIn, covers), .help = "Small pictures of so many photos of each",
     .preset = "0", .max = COVERS_MOST},
    {FIELD_END},
};

typedef struct ProjectsOut {
    bool success;
    List projects;
    int64_t total;
    const char *next_cursor;
} ProjectsOut;

static const Field ProjectsOut_fields[] = {
    {FIELD_BOOL(ProjectsOut, success), .help = "Always true"},
    {FIELD_LIST(ProjectsOut, projects, &project_brief_shape), .help = "The newest first"},
    {FIELD_INT(ProjectsOut, total), .help = "How many fit, on all pages"},
    {FIELD_TEXT(ProjectsOut, next_cursor), .name = "nextCursor",
     .help = "Send it as `before` for the next page; null on the last", .nullable = true},
    {FIELD_END},
};

HANDLER(project_list_handle, ProjectsIn, ProjectsOut);

const Endpoint lumiku_project_list = {
    .method = GET,
    .path = LUMIKU "/projects",
    .id = "lumiku_project_list",
    .summary = "Look through your projects",
    .tag = "Projects",
    .scope = "projects:read",
    .in = SHAPE(ProjectsIn),
    .out = SHAPE(ProjectsOut),
    .handle = CALLS(project_list_handle),
};

static MUST Err *covers_fill(Call *call, const CatalogueOf *all, int64_t count, ProjectOut *project)
{
    LumikuPage page;
    const ItemQuery query = {
        .catalogue = {.tenant_id = all->tenant_id, .door = all->door, .id = project->id},
        .state = -1,
        .favorite = -1,
        .limit = count,
    };

    TRY(lumiku_items_page(call, &query, &page));
    const char **urls = ARENA_ARRAY(call_arena(call), const char *, page.items.count + 1);
    for (size_t i = 0; i < page.items.count; i++) {
        const LumikuItem *item = &((const LumikuItem *)page.items.items)[i];
        const char *url =
            item->processed_thumbnail_url ? item->processed_thumbnail_url : item->thumbnail_url;

        if (url)
            urls[project->cover_urls.count++] = url;
    }
    project->cover_urls.items = urls;
    return NULL;
}

static Err *project_list_handle(Call *call, const ProjectsIn *in, ProjectsOut *out)
{
    Arena *mem = call_arena(call);
    CatalogueOf of;
    List found;

    TRY(lumiku_of(call, NULL, &of));
    const CatalogueQuery query = {
        .tenant_id = of.tenant_id,
        .door = of.door,
        .search = in->search,
        .category = in->category,
        .archived = in->status,
        .before = in->before,
        .limit = in->limit + 1,
    };
    TRY(catalogue_list(shelf_of(call), &query, mem, &found, &out->total));

    ProjectOut *projects = ARENA_ARRAY(mem, ProjectOut, found.count + 1);
    size_t shown = MIN(found.count, (size_t)in->limit);
    for (size_t i = 0; i < shown; i++)
        projects[i] = out_of(&((const Catalogue *)found.items)[i]);
    for (size_t i = 0; i < shown && in->covers; i++)
        TRY(covers_fill(call, &of, in->covers, &projects[i]));
    out->success = true;
    out->projects = (List){projects, shown};
    out->next_cursor = found.count > shown ? projects[shown - 1].id : NULL;
    return NULL;
}

typedef struct ProjectGet {
    const char *id, *after;
    int64_t limit;
} ProjectGet;

static const Field ProjectGet_fields[] = {
    {FIELD_TEXT(ProjectGet, id), .help = "Name of the project", .max = 64},
    {FIELD_TEXT(ProjectGet, after), .help = "Go on with the photos after this one",
     .optional = true, .max = 64},
    {FIELD_INT(ProjectGet, limit), .help = "How many photos at most; 0 for none", .preset = "100",
     .max = LUMIKU_ITEMS_MOST},
    {FIELD_END},
};

HANDLER(project_show, ProjectGet, ProjectOut);

const Endpoint lumiku_project_get = {
    .method = GET,
    .path = LUMIKU "/projects/{id}",
    .id = "lumiku_project_get",
    .summary = "See a project and its photos",
    .tag = "Projects",
    .scope = "projects:read",
    .in = SHAPE(ProjectGet),
    .out = SHAPE(ProjectOut),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(project_show),
};

static Err *project_show(Call *call, const ProjectGet *in, ProjectOut *out)
{
    LumikuPage page;
    CatalogueOf of;
    Catalogue found;

    TRY(lumiku_of(call, in->id, &of));
    TRY(catalogue_find(shelf_of(call), &of, call_arena(call), &found));
    const ItemQuery query = {
        .catalogue = of, .state = -1, .favorite = -1, .after = in->after, .limit = in->limit};
    TRY(lumiku_items_page(call, &query, &page));
    *out = out_of(&found);
    out->items = page.items;
    out->total_items = page.total;
    out->next_cursor = page.next_cursor;
    return NULL;
}

/* ---- deleted ---- */

typedef struct ProjectNamed {
    const char *id;
} ProjectNamed;

static const Field ProjectNamed_fields[] = {
    {FIELD_TEXT(ProjectNamed, id), .help = "Name of the project", .max = 64},
    {FIELD_END},
};

HANDLER(project_delete, ProjectNamed, LumikuDone);

const Endpoint lumiku_project_delete = {
    .method = DELETE,
    .path = LUMIKU "/projects/{id}",
    .id = "lumiku_project_delete",
    .summary = "Delete a project with all its photos and pictures",
    .about = "What is under way is stopped, and its credits are given back. This cannot be undone.",
    .tag = "Projects",
    .scope = "projects:write",
    .in = SHAPE(ProjectNamed),
    .out = SHAPE(LumikuDone),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(project_delete),
};

static Err *project_delete(Call *call, const ProjectNamed *in, LumikuDone *out)
{
    CatalogueOf of;

    TRY(lumiku_of(call, in->id, &of));
    TRY(shop_project_delete(desk_of(call)->studio, &of));
    out->success = true;
    return NULL;
}
