/* Webhooks of fal: signed with Ed25519 over request, user, time and the body's hash. */
#include <string.h>

#include "base/base64.h"
#include "vendor/fal_priv.h"

static HookRing ring = HOOK_RING_INIT;

/* Their keys stand beside the queue, not in it; a base URL of one's own answers for all of fal. */
static const char *keys_url(VendorLine *line)
{
    const char *base = line_base_url(line);

    if (strcmp(base, vendor_fal.base_url) == 0)
        base = "https://rest.fal.ai";
    return arena_print(line_mem(line), "%s/.well-known/jwks.json", base);
}

static Err *keys_fetch(VendorLine *line, HookKeys *ret)
{
    LineReply reply;

    TRY(line_send(line, &(LineRequest){.path = keys_url(line), .is_file = true}, &reply));
    AUTO(value_free) Value *json = NULL;
    TRY(value_parse(reply.body, reply.size, &json));
    const Value *keys = value_get(json, "keys");
    for (size_t i = 0; i < value_count(keys) && ret->count < HOOK_KEYS_MOST; i++) {
        const char *x = value_text(value_get(value_at(keys, i), "x"));
        AUTO(buf_done) Buf bytes = BUF(64);
        AUTO(err_free) Err *err = x ? base64_read(x, &bytes) : NULL;

        if (err || bytes.size != 32)
            continue; /* of another kind */
        memcpy(ret->keys[ret->count].bytes, bytes.bytes, 32);
        ret->keys[ret->count++].size = 32;
    }
    return NULL;
}

typedef struct Signed {
    const char *message;
    unsigned char signature[64];
} Signed;

static bool signed_fits(const HookKey *key, const void *context)
{
    const Signed *said = context;

    return hash_is_signed_ed25519(
        key->bytes, said->message, strlen(said->message), said->signature);
}

/* Too short or other letters leave zeroes, which sign nothing. */
static void hex_read(const char *text, unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size && text[2 * i] && text[2 * i + 1]; i++) {
        char pair[3] = {text[2 * i], text[2 * i + 1], '\0'};
        bytes[i] = (unsigned char)strtoul(pair, NULL, 16);
    }
}

Err *fal_hook(VendorLine *line, const VendorHook *hook, Arena *mem, const char **ret_request)
{
    const char *request, *user, *seconds, *signature;
    char body_hash[HASH_TEXT_SIZE];
    Signed said = {.message = NULL};

    TRY(hook_header(hook, "X-Fal-Webhook-Request-Id", &request));
    TRY(hook_header(hook, "X-Fal-Webhook-User-Id", &user));
    TRY(hook_header(hook, "X-Fal-Webhook-Timestamp", &seconds));
    TRY(hook_header(hook, "X-Fal-Webhook-Signature", &signature));
    TRY(hook_time_check(seconds));
    hash_text(hash_bytes(hook->body, hook->size), body_hash);
    said.message = arena_print(mem, "%s\n%s\n%s\n%s", request, user, seconds, body_hash);
    if (strlen(signature) == 2 * sizeof(said.signature))
        hex_read(signature, said.signature, sizeof(said.signature));
    TRY(hook_try(line, &(HookTrial){&ring, keys_fetch, signed_fits, &said}));

    AUTO(value_free) Value *json = NULL;
    TRY(value_parse(hook->body, hook->size, &json));
    const char *named = value_text(value_get(json, "request_id"));
    if (!named || !hook_request_is_sane(named))
        return err_new(ERR_INPUT_INVALID, "a webhook of fal names no request");
    *ret_request = arena_text(mem, named);
    return NULL;
}
