/* Webhooks of Replicate: Standard Webhooks, HMAC-SHA256 over id, time and body by a secret that the API tells. */
#include <string.h>

#include "base/base64.h"
#include "vendor/replicate_priv.h"

enum {
    SIGNATURES_MOST = 16
};

static HookRing ring = HOOK_RING_INIT;

static Err *secret_fetch(VendorLine *line, HookKeys *ret)
{
    static const char form[] = "whsec_";
    AUTO(buf_done) Buf bytes = BUF(sizeof(ret->keys[0].bytes));
    LineReply reply;

    TRY(line_send(line, &(LineRequest){.path = "/webhooks/default/secret"}, &reply));
    const char *key = value_text(value_get(reply.json, "key"));
    AUTO(err_free) Err *err = key && strncmp(key, form, strlen(form)) == 0
                                  ? base64_read(key + strlen(form), &bytes)
                                  : NULL;
    if (err || !bytes.size)
        return err_new(ERR_UPSTREAM_FAILED, "replicate told no secret for webhooks");
    memcpy(ret->keys[0].bytes, bytes.bytes, bytes.size);
    ret->keys[0].size = bytes.size;
    ret->count = 1;
    return NULL;
}

typedef struct Signed {
    const Buf *message;
    const char *signatures; /* "v1,BASE64 v1,BASE64": several while a secret is changed */
} Signed;

static bool signature_is(const char *text, size_t length, Hash wanted)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(buf_done) Buf bytes = BUF(2 * sizeof(wanted.bytes));

    if (length < 3 || strncmp(text, "v1,", 3) != 0)
        return false; /* of another kind */
    AUTO(err_free) Err *err = base64_read(arena_text_n(mem, text + 3, length - 3), &bytes);
    return !err && bytes.size == sizeof(wanted.bytes) &&
           hash_equal_bytes(bytes.bytes, wanted.bytes, sizeof(wanted.bytes));
}

static bool signed_fits(const HookKey *key, const void *context)
{
    const Signed *said = context;
    const Hash wanted = hash_mac(key->bytes, key->size, said->message->bytes, said->message->size);
    const char *at = said->signatures;
    bool fits = false;

    for (int left = SIGNATURES_MOST; left > 0 && *at; left--) {
        size_t length = strcspn(at, " ");

        fits = signature_is(at, length, wanted) || fits;
        at += length + strspn(at + length, " ");
    }
    return fits;
}

Err *replicate_hook(VendorLine *line, const VendorHook *hook, Arena *mem, const char **ret_request)
{
    const char *id, *seconds;
    AUTO(buf_done) Buf message = BUF(hook->size + 1024);
    Signed said = {.message = &message};

    TRY(hook_header(hook, "webhook-id", &id));
    TRY(hook_header(hook, "webhook-timestamp", &seconds));
    TRY(hook_header(hook, "webhook-signature", &said.signatures));
    TRY(hook_time_check(seconds));
    TRY(buf_print(&message, "%s.%s.", id, seconds));
    TRY(buf_add(&message, hook->body, hook->size));
    TRY(hook_try(line, &(HookTrial){&ring, secret_fetch, signed_fits, &said}));

    AUTO(value_free) Value *json = NULL;
    TRY(value_parse(hook->body, hook->size, &json));
    const char *named = value_text(value_get(json, "id"));
    if (!named || !hook_request_is_sane(named))
        return err_new(ERR_INPUT_INVALID, "a webhook of replicate names no prediction");
    *ret_request = arena_text(mem, named);
    return NULL;
}
