/* Who did what, in the database. */
#include "account/account_priv.h"
#include "base/clock.h"

enum {
    DETAIL_BYTES = 64 * 1024
};

static const Field AuditRow_fields[] = {
    {FIELD_TEXT(AuditRow, id), .help = "Id"},
    {FIELD_TEXT(AuditRow, tenant_id), .help = "Tenant it befell", .optional = true},
    {FIELD_TEXT(AuditRow, action), .help = "What was done"},
    {FIELD_TEXT(AuditRow, subject), .help = "Id of what it was done to", .optional = true},
    {FIELD_TEXT(AuditRow, address), .help = "Where from", .optional = true},
    {FIELD_TEXT(AuditRow, actor), .help = "Key, user, or house"},
    {FIELD_TEXT(AuditRow, tenant_name), .help = "What the tenant is called", .optional = true},
    {FIELD_TEXT(AuditRow, actor_name), .help = "Who did it", .optional = true},
    {FIELD_TEXT(AuditRow, subject_name), .help = "What it was done to", .optional = true},
    {FIELD_VALUE(AuditRow, detail), .help = "More of it", .optional = true},
    {FIELD_INT(AuditRow, at_ms), .help = "When, milliseconds since 1970"},
    {FIELD_END},
};
const Shape audit_row_shape = SHAPE(AuditRow);

#define AUDIT_COLUMNS "id, tenant_id, actor, action, subject, address, detail, at_ms"

static const char *actor_of(const Caller *caller)
{
    if (caller && caller->key_id)
        return caller->key_id;
    return caller && caller->user_id ? caller->user_id : "house";
}

Err *audit_add(DbTx *tx, const Audit *audit)
{
    AUTO(buf_done) Buf detail = BUF(DETAIL_BYTES);
    const Id id = id_new("audit");

    if (audit->detail)
        TRY(value_write(audit->detail, VALUE_COMPACT, &detail));
    return db_run(
        tx, "INSERT INTO audit (" AUDIT_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        DB_ARGS(
            DB_TEXT(id.text), DB_TEXT(audit->tenant_id), DB_TEXT(actor_of(audit->caller)),
            DB_TEXT(audit->action), DB_TEXT(audit->subject), DB_TEXT(audit->address),
            DB_TEXT(audit->detail ? buf_text(&detail) : NULL), DB_INT(clock_now_ms())),
        NULL);
}

/* After every id of an audit, in any locale. */
static const char past_all[] = "audiu";

/* Whom it speaks of may have another name by now, or be there no more. */
#define SQL_LIST \
    "SELECT a.id AS id, a.tenant_id AS tenant_id, a.actor AS actor, a.action AS action," \
    " a.subject AS subject, a.address AS address, a.detail AS detail, a.at_ms AS at_ms," \
    " t.name AS tenant_name, COALESCE(u.email, k.name) AS actor_name," \
    " COALESCE(st.name, su.email, sk.name) AS subject_name FROM audit a" \
    " LEFT JOIN tenants t ON t.id = a.tenant_id LEFT JOIN users u ON u.id = a.actor" \
    " LEFT JOIN api_keys k ON k.id = a.actor LEFT JOIN tenants st ON st.id = a.subject" \
    " LEFT JOIN users su ON su.id = a.subject LEFT JOIN api_keys sk ON sk.id = a.subject"

Err *audit_list(
    DbTx *tx, const char *tenant_id, const char *before, int64_t limit, Arena *mem, List *ret)
{
    if (tenant_id)
        return db_all(
            tx, SQL_LIST " WHERE a.tenant_id = ?1 AND a.id < ?2 ORDER BY a.id DESC LIMIT ?3",
            DB_ARGS(DB_TEXT(tenant_id), DB_TEXT(before ? before : past_all), DB_INT(limit)),
            &audit_row_shape, mem, ret);
    return db_all(
        tx, SQL_LIST " WHERE a.id < ?1 ORDER BY a.id DESC LIMIT ?2",
        DB_ARGS(DB_TEXT(before ? before : past_all), DB_INT(limit)), &audit_row_shape, mem, ret);
}
