/* From a status, or a vendor's own word for what went wrong, to one of our errors. */
#include <ctype.h>
#include <string.h>

#include "base/after.h"
#include "vendor/core_priv.h"

enum {
    WORDS_MOST = 300,
    CODE_MOST = 64
};

static const struct {
    int status;
    FaultKind kind;
} by_status[] = {
    {400, FAULT_INPUT},    {401, FAULT_KEY},    {402, FAULT_UNPAID},    {403, FAULT_KEY},
    {404, FAULT_MODEL},    {405, FAULT_BROKEN}, {406, FAULT_INPUT},     {408, FAULT_BUSY},
    {409, FAULT_CONFLICT}, {410, FAULT_MODEL},  {413, FAULT_TOO_LARGE}, {415, FAULT_INPUT},
    {422, FAULT_INPUT},    {425, FAULT_BUSY},   {429, FAULT_BUSY},      {503, FAULT_BUSY},
};

void fault_by_status(const LineReply *reply, VendorFault *ret)
{
    *ret = (VendorFault){
        .kind = reply->status >= 400 && reply->status < 500 ? FAULT_INPUT : FAULT_BROKEN};
    for (size_t i = 0; i < COUNT(by_status); i++)
        if (by_status[i].status == reply->status)
            ret->kind = by_status[i].kind;
}

/* What each kind is to those who asked. The public text is the code's own when it is NULL; "%s" takes the vendor's words. */
static const struct {
    ErrCode code;
    const char *spoken, *silent; /* public text with the vendor's words, and without */
} by_kind[] = {
    [FAULT_BROKEN] = {ERR_UPSTREAM_FAILED},
    [FAULT_INPUT] =
        {ERR_INPUT_INVALID, "The service refuses this: %s",
         "The service refuses one of the values. Change the words, the size or the picture."},
    [FAULT_TOO_LARGE] =
        {ERR_FILE_TOO_LARGE, "The picture is too large for the service: %s",
         "The picture is too large for the service. Send a smaller one."},
    [FAULT_MODERATED] =
        {ERR_PROMPT_REFUSED, "The service refused this by its content policy: %s", NULL},
    [FAULT_KEY] = {ERR_VENDOR_KEY_REFUSED},
    [FAULT_UNPAID] = {ERR_VENDOR_UNPAID},
    [FAULT_MODEL] = {ERR_MODEL_UNKNOWN, NULL, "The service has no model by that name."},
    [FAULT_BUSY] = {ERR_VENDOR_BUSY},
    [FAULT_QUOTA] = {ERR_VENDOR_UNPAID},
    [FAULT_CONFLICT] = {ERR_VENDOR_BUSY},
    [FAULT_EXPIRED] =
        {ERR_UPSTREAM_FAILED, NULL,
         "The finished picture was no longer there to fetch. Try again."},
    [FAULT_SLOW] =
        {ERR_UPSTREAM_TIMED_OUT, NULL,
         "The service took too long for this picture. Try again, or choose a faster quality."},
};

/* WORDS on one line, cut at a letter; NULL when they are none, or say SECRET. */
static const char *words_cleaned(const char *words, const char *secret, Arena *mem)
{
    if (!words || !*words || (secret && *secret && strstr(words, secret)))
        return NULL;

    char *clean = arena_text_n(mem, words, MIN(strlen(words), (size_t)WORDS_MOST));
    size_t length = strlen(clean);
    while (strlen(words) > length && length > 0 && ((unsigned char)words[length] & 0xc0) == 0x80)
        length--;
    clean[length] = 0;
    for (char *at = clean; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *at = ' ';
    return clean;
}

/* CODE for the log: letters that name things, no more. */
static const char *code_cleaned(const char *code, Arena *mem)
{
    if (!code || !*code)
        return "-";

    char *clean = arena_text_n(mem, code, MIN(strlen(code), (size_t)CODE_MOST));
    for (char *at = clean; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr("_-.", *at))
            *at = '_';
    return clean;
}

/* What keeps the operator from working with a vendor ("your organisation must be verified") is worth a log line. Such words are about the
 * account, not about what a customer asked for; those that speak of a key may show a part of it. */
static bool is_for_operator(FaultKind kind, const char *words)
{
    bool is_of_account = kind == FAULT_KEY || kind == FAULT_UNPAID || kind == FAULT_QUOTA;

    return is_of_account && !strcasestr(words, "key") && !strcasestr(words, "token");
}

static const char *wait_shown(int64_t ms, Arena *mem)
{
    int64_t s = MAX((ms + 999) / 1000, (int64_t)1);

    if (s == 1)
        return "a second";
    return s < 120 ? arena_print(mem, "%lld seconds", (long long)s)
                   : arena_print(mem, "%lld minutes", (long long)(s + 59) / 60);
}

Err *fault_err(const VendorLine *line, const LineReply *reply, const VendorFault *fault)
{
    const char *words = words_cleaned(fault->words, line->secret, line->mem);
    ErrCode code = by_kind[fault->kind].code;
    const char *spoken = by_kind[fault->kind].spoken, *silent = by_kind[fault->kind].silent;

    if (fault->kind == FAULT_MODEL && reply->status == 410) {
        code = ERR_MODEL_RETIRED;
        silent = NULL;
    }
    bool is_told = words && is_for_operator(fault->kind, words);
    Err *err = err_new(
        code, "'%s' answered %d (%s)%s%s", line->agent->vendor->name, reply->status,
        code_cleaned(fault->code, line->mem), is_told ? ": " : "", is_told ? words : "");
    if (fault->kind == FAULT_BUSY && fault->retry_after_ms > 0)
        return err_public(
            err_after(err, fault->retry_after_ms),
            "The service takes no more requests right now. Try again in %s.",
            wait_shown(fault->retry_after_ms, line->mem));
    if (words && spoken)
        return err_public(err, "%.*s%s", (int)strcspn(spoken, "%"), spoken, words);
    return silent ? err_public(err, "%s", silent) : err;
}

Err *line_refuse(VendorLine *line, const LineReply *reply)
{
    VendorFault fault;

    fault_by_status(reply, &fault);
    if (line->agent->vendor->fault)
        line->agent->vendor->fault(reply, line->mem, &fault);
    return fault_err(line, reply, &fault);
}
