/* What is said over a connection to PostgreSQL: statements, prepared once, with typed values; and what its errors mean to us. */
#include <ctype.h>
#include <endian.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "db/postgres_priv.h"

/* Numbers of types, as PostgreSQL's catalogue has had them always. */
enum {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_OID = 26,
    OID_FLOAT4 = 700,
    OID_FLOAT8 = 701,
    OID_NUMERIC = 1700
};

typedef struct Prepared {
    char name[16];
    int count; /* of placeholders */
} Prepared;

/* ---- errors ---- */

static bool is_class(const char *state, const char *class)
{
    return strncmp(state, class, strlen(class)) == 0;
}

static ErrCode code_of(const char *state)
{
    static const struct {
        const char *class;
        ErrCode code;
    } rows[] = {
        {"23505", ERR_ROW_TAKEN},
        {"23P01", ERR_ROW_TAKEN},
        {"23", ERR_ROW_REFUSED},
        {"22", ERR_ROW_REFUSED},
        {"40", ERR_DATABASE_BUSY},
        {"55P03", ERR_DATABASE_BUSY},
        {"57014", ERR_DATABASE_BUSY},
        {"533", ERR_DATABASE_BUSY},
        {"53100", ERR_DISK_FULL},
        {"53200", ERR_MEMORY_SPENT},
        {"42501", ERR_DATABASE_FAILED},
        {"42", ERR_BUG},
        {"25", ERR_BUG},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        if (is_class(state, rows[i].class))
            return rows[i].code;
    return ERR_DATABASE_FAILED;
}

/* The server's first line names tables, columns and what is wrong with our SQL; where it may repeat a value, it stays out of the log. */
static MUST Err *result_err(const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *words = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *table = PQresultErrorField(result, PG_DIAG_TABLE_NAME);
    const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);

    state = state ? state : "";
    if (is_class(state, "23"))
        return err_new(
            code_of(state), "unable to carry out a statement: constraint '%s' of '%s' (%s)",
            constraint ? constraint : "not null", table ? table : "", state);
    if (is_class(state, "22") || is_class(state, "P0") || !words)
        return err_new(code_of(state), "unable to carry out a statement: SQLSTATE %s", state);
    return err_new(code_of(state), "unable to carry out a statement: %s (%s)", words, state);
}

static MUST Err *lost_err(PostgresLink *link)
{
    link->is_lost = true;
    return err_new(ERR_DATABASE_FAILED, "the connection to PostgreSQL was lost");
}

/* What RESULT says went wrong; may the transaction be tried again? */
static MUST Err *failure_read(PostgresTx *tx, const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

    if (!state || is_class(state, "57P0") || PQstatus(tx->link->handle) == CONNECTION_BAD) {
        tx->may_repeat = true;
        return lost_err(tx->link);
    }
    if (is_class(state, "40"))
        tx->may_repeat = true;
    /* a table was changed after a statement was prepared: what this connection has prepared is of no use any more */
    if (is_class(state, "0A000") || is_class(state, "26000")) {
        tx->may_repeat = tx->link->prepared > 1;
        tx->link->is_spent = true;
    }
    return result_err(result);
}

/* ---- placeholders ---- */

/* Past the text, name or comment that begins at SQL; SQL itself when none does. */
static const char *quoted_skip(const char *sql)
{
    const char *end = sql;

    if (*sql == '\'' || *sql == '"')
        end = strchr(sql + 1, *sql); /* a doubled quote begins another at once */
    else if (strncmp(sql, "--", 2) == 0)
        end = strchr(sql, '\n');
    else if (strncmp(sql, "/*", 2) == 0)
        end = strstr(sql, "*/");
    else
        return sql;
    return end ? end + 1 : sql + strlen(sql);
}

char *postgres_translate(const char *sql, int *ret_count)
{
    char *out = strdup(sql);

    if (!out)
        abort();
    *ret_count = 0;
    for (const char *at = sql; *at;) {
        const char *next = quoted_skip(at);

        if (next == at) {
            if (*at == '?' && isdigit((unsigned char)at[1])) {
                out[at - sql] = '$';
                *ret_count = MAX(*ret_count, (int)strtol(at + 1, NULL, 10));
            }
            next++;
        }
        at = next;
    }
    return out;
}

/* ---- values ---- */

/* Values travel as PostgreSQL keeps them, with their types said, so that the server guesses none. */
typedef struct Values {
    int count;
    char types[ARGS_MAX + 1]; /* one letter each */
    Oid oids[ARGS_MAX];
    const char *bytes[ARGS_MAX];
    int sizes[ARGS_MAX], formats[ARGS_MAX];
    uint64_t numbers[ARGS_MAX];
} Values;

static void whole_put(Values *values, int at, uint64_t bits)
{
    values->numbers[at] = htobe64(bits);
    values->bytes[at] = (const char *)&values->numbers[at];
    values->sizes[at] = sizeof(values->numbers[at]);
}

static void arg_put(Values *values, int at, const DbArg *arg)
{
    uint64_t bits;

    values->formats[at] = 1;
    switch (arg->kind) {
    case DB_ARG_TEXT:
        values->types[at] = 't';
        values->oids[at] = OID_TEXT;
        values->bytes[at] = arg->text;
        values->sizes[at] = arg->text ? (int)strlen(arg->text) : 0;
        break;
    case DB_ARG_INT:
        values->types[at] = 'i';
        values->oids[at] = OID_INT8;
        if (arg->whole != FIELD_NONE)
            whole_put(values, at, (uint64_t)arg->whole);
        break;
    case DB_ARG_NUMBER:
        values->types[at] = 'n';
        values->oids[at] = OID_FLOAT8;
        memcpy(&bits, &arg->number, sizeof(bits));
        if (!isnan(arg->number))
            whole_put(values, at, bits);
        break;
    case DB_ARG_BYTES:
        values->types[at] = 'b';
        values->oids[at] = OID_BYTEA;
        values->bytes[at] = arg->size ? arg->bytes : "";
        values->sizes[at] = (int)arg->size;
        break;
    default:
        values->types[at] = '0';
        break;
    }
}

static MUST Err *values_put(Values *values, const DbArg *args)
{
    for (const DbArg *arg = args; arg && arg->kind != DB_ARG_END; arg++) {
        if (values->count == ARGS_MAX)
            return err_new(ERR_BUG, "a statement was given more than %d values", ARGS_MAX);
        arg_put(values, values->count++, arg);
    }
    return NULL;
}

/* ---- answers ---- */

static DbArg cell_of(const PGresult *result, int row, int column)
{
    DbArg cell = {.kind = DB_ARG_NULL};
    const char *text = PQgetvalue(result, row, column);
    char *end;

    if (PQgetisnull(result, row, column))
        return cell;
    cell.text = text;
    cell.size = (size_t)PQgetlength(result, row, column);
    cell.kind = DB_ARG_TEXT;
    switch (PQftype(result, column)) {
    case OID_BOOL:
        cell.kind = DB_ARG_INT;
        cell.whole = *text == 't';
        break;
    case OID_INT2:
    case OID_INT4:
    case OID_INT8:
    case OID_OID:
        cell.kind = DB_ARG_INT;
        cell.whole = strtoll(text, NULL, 10);
        break;
    case OID_NUMERIC: /* sums of whole numbers are of this type too */
        errno = 0;
        cell.whole = strtoll(text, &end, 10);
        cell.number = strtod(text, NULL);
        cell.kind = *end || errno ? DB_ARG_NUMBER : DB_ARG_INT;
        break;
    case OID_FLOAT4:
    case OID_FLOAT8:
        cell.kind = DB_ARG_NUMBER;
        cell.number = strtod(text, NULL);
        break;
    case OID_BYTEA:
        cell.kind = DB_ARG_BYTES;
        break;
    default:
        break;
    }
    return cell;
}

typedef struct Answer {
    PostgresTx *tx;
    const DbSink *sink;
    bool is_headed;
    int64_t changed;
    Err *err; /* the first */
} Answer;

static MUST Err *head_give(const Answer *answer, const PGresult *result)
{
    const char *names[COLUMNS_MAX];
    int columns = PQnfields(result);

    if (columns > COLUMNS_MAX)
        return err_new(ERR_BUG, "a statement gives %d columns, too many", columns);
    for (int i = 0; i < columns; i++)
        names[i] = PQfname(result, i);
    return answer->sink->head(answer->sink->context, columns, names);
}

static MUST Err *row_give(const Answer *answer, const PGresult *result, int row)
{
    DbArg cells[COLUMNS_MAX];

    for (int i = 0; i < PQnfields(result); i++)
        cells[i] = cell_of(result, row, i);
    return answer->sink->row(answer->sink->context, cells);
}

static void rows_take(Answer *answer, const PGresult *result)
{
    if (!answer->sink || answer->err)
        return;
    if (!answer->is_headed)
        answer->err = head_give(answer, result);
    answer->is_headed = true;
    for (int row = 0; row < PQntuples(result) && !answer->err; row++)
        answer->err = row_give(answer, result, row);
}

static void result_read(Answer *answer, const PGresult *result)
{
    switch (PQresultStatus(result)) {
    case PGRES_SINGLE_TUPLE:
        rows_take(answer, result);
        break;
    case PGRES_TUPLES_OK:
    case PGRES_COMMAND_OK:
        rows_take(answer, result);
        if (strncmp(PQcmdStatus((PGresult *)result), "SELECT", 6) != 0)
            answer->changed = strtoll(PQcmdTuples((PGresult *)result), NULL, 10);
        break;
    case PGRES_PIPELINE_ABORTED: /* because of one before */
        break;
    default:
        if (!answer->err)
            answer->err = failure_read(answer->tx, result);
    }
}

/* What a command that was sent is answered. */
static void command_read(Answer *answer)
{
    PostgresLink *link = answer->tx->link;
    PGresult *result;

    PQsetSingleRowMode(link->handle);
    while (!link->is_lost && (result = PQgetResult(link->handle))) {
        result_read(answer, result);
        PQclear(result);
    }
}

static void sync_read(Answer *answer)
{
    PostgresLink *link = answer->tx->link;

    if (link->is_lost)
        return;
    PGresult *result = PQgetResult(link->handle);
    bool is_synced = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
    PQclear(result);
    if (is_synced)
        return;
    answer->tx->may_repeat = true;
    err_free(answer->err);
    answer->err = lost_err(link);
}

static bool plain_send(PGconn *handle, const char *sql)
{
    return PQsendQueryParams(handle, sql, 0, NULL, NULL, NULL, NULL, 0) && PQpipelineSync(handle);
}

/* The answer to what was said at the end of a transaction that nobody waited for. */
static MUST Err *debt_read(PostgresTx *tx)
{
    Answer answer = {.tx = tx};

    if (tx->link->has_debt) {
        tx->link->has_debt = false;
        command_read(&answer);
        sync_read(&answer);
    }
    return answer.err;
}

/* ---- statements ---- */

static void prepared_end(void *prepared_any, void *link_any)
{
    Prepared *prepared = prepared_any;
    PostgresLink *link = link_any;
    PostgresTx tx = {.link = link};
    Answer answer = {.tx = &tx};
    char sql[32];

    snprintf(sql, sizeof(sql), "DEALLOCATE %s", prepared->name);
    free(prepared);
    if (link->is_spent || link->is_lost)
        return;
    if (plain_send(link->handle, sql)) {
        command_read(&answer);
        sync_read(&answer);
    }
    link->is_spent = link->is_spent || answer.err;
    err_free(answer.err);
}

void postgres_statements_init(PostgresLink *link)
{
    link->kept.end = prepared_end;
    link->kept.context = link;
}

static Prepared *prepared_new(PostgresLink *link, int count)
{
    Prepared *prepared = calloc(1, sizeof(*prepared));

    if (!prepared)
        abort();
    snprintf(prepared->name, sizeof(prepared->name), "s%u", ++link->prepared);
    prepared->count = count;
    return prepared;
}

/* One statement and what has to go before it, sent together. */
typedef struct Message {
    const char *begin; /* or NULL */
    char *prepare;     /* SQL to be prepared, or NULL */
    const Prepared *statement;
    const Values *values;
} Message;

static bool message_send(PGconn *handle, const Message *message)
{
    const Values *values = message->values;
    const char *name = message->statement->name;

    return (!message->begin ||
            PQsendQueryParams(handle, message->begin, 0, NULL, NULL, NULL, NULL, 0)) &&
           (!message->prepare ||
            PQsendPrepare(handle, name, message->prepare, values->count, values->oids)) &&
           PQsendQueryPrepared(
               handle, name, values->count, values->bytes, values->sizes, values->formats, 0) &&
           PQpipelineSync(handle);
}

/* *RET_PREPARED: the server knows the statement now, whatever became of it then. */
static void message_exchange(Answer *answer, const Message *message, bool *ret_prepared)
{
    PostgresTx *tx = answer->tx;
    const DbSink *sink = answer->sink;

    if (!message_send(tx->link->handle, message)) {
        tx->may_repeat = true;
        answer->err = lost_err(tx->link);
        return;
    }
    answer->sink = NULL;
    for (int before = !!message->begin + !!message->prepare; before > 0; before--)
        command_read(answer);
    *ret_prepared = message->prepare && !answer->err;
    answer->sink = sink;
    command_read(answer);
    sync_read(answer);
}

static MUST Err *count_check(int takes, int given)
{
    if (takes == given)
        return NULL;
    return err_new(ERR_BUG, "a statement takes %d values and was given %d", takes, given);
}

Err *postgres_ask(DbTx *tx_any, const DbAsk *ask)
{
    PostgresTx *tx = (PostgresTx *)tx_any;
    Values values = {0};
    int count;

    TRY(values_put(&values, ask->args));
    TRY(debt_read(tx));

    Prepared *prepared = kept_find(&tx->link->kept, ask->sql, values.types);
    AUTO(free) char *translated = prepared ? NULL : postgres_translate(ask->sql, &count);
    TRY(count_check(prepared ? prepared->count : count, values.count));

    AUTO(free) Prepared *made = prepared ? NULL : prepared_new(tx->link, count);
    Message message = {
        .begin = tx->begin,
        .prepare = translated,
        .statement = prepared ? prepared : made,
        .values = &values,
    };
    Answer answer = {.tx = tx, .sink = ask->sink};
    bool is_prepared = false;

    tx->begin = NULL;
    message_exchange(&answer, &message, &is_prepared);
    if (is_prepared)
        kept_add(&tx->link->kept, ask->sql, values.types, TAKE(made));
    if (!answer.err && ask->changed)
        *ask->changed = answer.changed;
    return answer.err;
}

static MUST Err *plain_do(PostgresTx *tx, const char *sql)
{
    Answer answer = {.tx = tx};

    TRY(debt_read(tx));
    if (!plain_send(tx->link->handle, sql)) {
        tx->may_repeat = true;
        return lost_err(tx->link);
    }
    command_read(&answer);
    sync_read(&answer);
    return answer.err;
}

Err *postgres_end(PostgresTx *tx, const char *sql)
{
    return tx->begin ? NULL : plain_do(tx, sql);
}

void postgres_leave(PostgresTx *tx)
{
    PostgresLink *link = tx->link;

    if (tx->begin || link->is_lost)
        return;
    link->has_debt = plain_send(link->handle, "ROLLBACK");
    link->is_spent = link->is_spent || !link->has_debt;
}

/* Several statements in one text need the simple protocol, which pipelines do not have. */
Err *postgres_script(DbTx *tx_any, const char *sql)
{
    PostgresTx *tx = (PostgresTx *)tx_any;
    PGconn *handle = tx->link->handle;
    Err *err = NULL;

    if (tx->begin)
        TRY(plain_do(tx, TAKE(tx->begin)));
    PQexitPipelineMode(handle);
    PGresult *result = PQexec(handle, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        err = failure_read(tx, result);
    PQclear(result);
    if (!PQenterPipelineMode(handle) && !err)
        err = lost_err(tx->link);
    return err;
}
