/* Who may do what: the rows of rights, and how a caller's role and scopes are held against them. */
#include <string.h>

#include "account/account_priv.h"

const char *const role_names[] = {"viewer", "editor", "owner", "admin", NULL};

const Right rights[] = {
    {"jobs:read", ROLE_VIEWER, "See jobs, their progress and their pictures"},
    {"jobs:write", ROLE_EDITOR, "Make, start and cancel jobs"},
    {"uploads:write", ROLE_EDITOR, "Upload photos"},
    {"brands:read", ROLE_VIEWER, "See brand profiles"},
    {"brands:write", ROLE_EDITOR, "Make and change brand profiles"},
    {"projects:read", ROLE_VIEWER, "See projects and their photos"},
    {"projects:write", ROLE_EDITOR, "Make and change projects"},
    {"batches:read", ROLE_VIEWER, "See batches"},
    {"batches:write", ROLE_EDITOR, "Make and cancel batches"},
    {"templates:read", ROLE_VIEWER, "See templates"},
    {"templates:write", ROLE_EDITOR, "Make, change and rate templates"},
    {"exports:read", ROLE_VIEWER, "See and download exports"},
    {"exports:write", ROLE_EDITOR, "Begin exports"},
    {"deliveries:read", ROLE_VIEWER, "See where pictures are delivered to"},
    {"deliveries:write", ROLE_OWNER, "Change where pictures are delivered to"},
    {"images:read", ROLE_VIEWER, "See pictures made from words, their log and what was used"},
    {"images:write", ROLE_EDITOR, "Make pictures from words, change and vary them"},
    {"budgets:read", ROLE_VIEWER, "See budgets and their alerts"},
    {"budgets:write", ROLE_OWNER, "Change budgets"},
    {"analytics:read", ROLE_VIEWER, "See how pictures do"},
    {"analytics:write", ROLE_EDITOR, "Report what shoppers did"},
    {"quota:read", ROLE_VIEWER, "See the quota"},
    {"billing:read", ROLE_VIEWER, "See usage, credits and invoices"},
    {"billing:write", ROLE_OWNER, "Buy credits"},
    {"keys:read", ROLE_OWNER, "See keys, never their secrets"},
    {"keys:write", ROLE_OWNER, "Make and revoke keys"},
    {"users:read", ROLE_OWNER, "See users"},
    {"users:write", ROLE_OWNER, "Make, change and disable users"},
    {"vendor-keys:read", ROLE_OWNER, "See which vendors' keys there are, never their secrets"},
    {"vendor-keys:write", ROLE_OWNER, "Set and drop keys for vendors"},
    {"audit:read", ROLE_OWNER, "See who did what"},
    {"tenants:admin", ROLE_ADMIN, "Make and change tenants"},
    {"queues:admin", ROLE_ADMIN, "Look after queues and dead jobs"},
    {"house:admin", ROLE_ADMIN, "See metrics and how the studio is"},
    {0},
};

static const Right *right_find(const char *scope)
{
    const Right *right = rights;

    while (right->scope && strcmp(right->scope, scope) != 0)
        right++;
    return right->scope ? right : NULL;
}

/* Does GIVEN ("jobs:read", "jobs:*", "*") hold SCOPE? */
static bool scope_holds(const char *given, const char *scope)
{
    size_t noun = strcspn(scope, ":");

    return strcmp(given, "*") == 0 || strcmp(given, scope) == 0 ||
           (strncmp(given, scope, noun) == 0 && strcmp(given + noun, ":*") == 0);
}

static bool scopes_hold(const Texts *scopes, const char *scope)
{
    bool holds = scopes->count == 0;

    for (size_t i = 0; i < scopes->count; i++)
        holds = holds || scope_holds(scopes->items[i], scope);
    return holds;
}

bool caller_may(const Caller *caller, const char *scope)
{
    const Right *right = right_find(scope);

    return right && caller->role >= right->role && scopes_hold(&caller->scopes, scope);
}

bool caller_may_grant(const Caller *caller, int role, const Texts *scopes)
{
    const Caller given = {.role = role, .scopes = *scopes};

    if (role > caller->role)
        return false;
    for (const Right *right = rights; right->scope; right++)
        if (caller_may(&given, right->scope) && !caller_may(caller, right->scope))
            return false;
    return true;
}

Err *caller_tenant(const Caller *caller, const char *tenant_id, const char **ret)
{
    if (caller->role < ROLE_ADMIN && !caller->tenant_id)
        return err_new(ERR_FORBIDDEN, "a caller without a tenant");
    if (!tenant_id && !caller->tenant_id)
        return err_field(
            err_public(
                err_new(ERR_INPUT_MISSING, "an admin names no tenant"),
                "tenant_id is missing: an admin says for which tenant."),
            "/tenant_id");
    if (tenant_id && caller->role < ROLE_ADMIN && strcmp(tenant_id, caller->tenant_id) != 0)
        return err_public(
            err_new(ERR_FORBIDDEN, "another tenant's"),
            "This key is of another tenant. Leave tenant_id out, or name your own.");
    *ret = tenant_id ? tenant_id : caller->tenant_id;
    return NULL;
}

/* ---- what a key may be given ---- */

static bool scope_is_known(const char *given)
{
    for (const Right *right = rights; right->scope; right++)
        if (scope_holds(given, right->scope))
            return true;
    return false;
}

Err *rights_check(const Texts *scopes)
{
    for (size_t i = 0; i < scopes->count; i++) {
        const char *names[COUNT(rights)], *near;
        size_t count = 0;

        if (scope_is_known(scopes->items[i]))
            continue;
        for (const Right *right = rights; right->scope; right++)
            names[count++] = right->scope;
        near = shape_nearest(scopes->items[i], names, count);
        return err_field(
            err_public(
                err_new(ERR_INPUT_INVALID, "unknown scope '%s'", scopes->items[i]),
                "There is no scope '%s'.%s%s%s", scopes->items[i], near ? " Did you mean '" : "",
                near ? near : "", near ? "'?" : ""),
            "/scopes/%zu", i);
    }
    return NULL;
}
