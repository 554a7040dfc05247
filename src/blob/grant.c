/* Signed URLs that our own server answers, in the shape of Azure's service SAS:
 *
 *     https://shop.example/store/raw/tenant_1/shoe.jpg?sv=2026-11-01&sr=b&sp=w&se=2026-11-21T10:00:00.000Z&mb=20000000&sig=…
 *
 * sv version, sr what it is for (one blob), sp r or w, se end, mb most bytes, ct content type, fn file name, sig HMAC-SHA256 of all that and
 * the key. A query is one grant in one spelling: each name once, in this order or any, and no other.
 */
#include <ctype.h>
#include <string.h>

#include "base/base64.h"
#include "base/clock.h"
#include "blob/blob_priv.h"

enum {
    QUERY_MAX = 4096
};

static const char version[] = "2026-11-01";

/* What a query says, percent signs resolved; "" for what is absent. */
typedef struct Words {
    const char *sv, *sr, *sp, *se, *mb, *ct, *fn, *sig;
} Words;

static const struct Word {
    const char *name;
    size_t at;
} words[] = {
    {"sv", offsetof(Words, sv)}, {"sr", offsetof(Words, sr)},   {"sp", offsetof(Words, sp)},
    {"se", offsetof(Words, se)}, {"mb", offsetof(Words, mb)},   {"ct", offsetof(Words, ct)},
    {"fn", offsetof(Words, fn)}, {"sig", offsetof(Words, sig)},
};

static const char **word_at(Words *in, const struct Word *word)
{
    return (const char **)((char *)in + word->at);
}

/* No word can hold a line break, so one text stands for one grant. */
static const char *signature(const Blob *blob, const char *key, const Words *in, Arena *mem)
{
    const char *text = arena_print(
        mem, "cyclorama grant\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s", in->sv, in->sr, in->sp, in->se, key,
        in->mb, in->ct, in->fn);
    Hash mac = hash_mac(blob->secret, blob->secret_bytes, text, strlen(text));

    return base64_url_text(mac.bytes, sizeof(mac.bytes), mem);
}

static MUST Err *query_write(Words *in, Buf *query)
{
    for (size_t i = 0; i < COUNT(words); i++) {
        const char *text = *word_at(in, &words[i]);

        if (!*text)
            continue;
        TRY(buf_print(query, "%s%s=", query->size ? "&" : "", words[i].name));
        TRY(blob_percent_add(query, text, ":/"));
    }
    return NULL;
}

Err *blob_ticket(Blob *blob, const BlobGrant *grant, Arena *mem, BlobTicket *ret)
{
    if (!blob_is_served_here(blob))
        return err_new(
            ERR_INPUT_MISSING, "signed URLs need the address we are served at, and a secret");

    char *until = arena_take(mem, CLOCK_TEXT_SIZE);
    clock_text(grant->until_ms, until);
    Words in = {
        .sv = version,
        .sr = "b",
        .sp = grant->is_put ? "w" : "r",
        .se = until,
        .mb = grant->is_put && grant->most_bytes
                  ? arena_print(mem, "%lld", (long long)grant->most_bytes)
                  : "",
        .ct = grant->is_put && grant->type ? grant->type : "",
        .fn = !grant->is_put && grant->save_as ? grant->save_as : "",
        .sig = "",
    };
    in.sig = signature(blob, grant->key, &in, mem);

    AUTO(buf_done) Buf query = BUF(QUERY_MAX);
    TRY(query_write(&in, &query));

    NetHeader *headers = ARENA_ARRAY(mem, NetHeader, 3);
    if (grant->is_put) {
        headers[0] = (NetHeader){"x-ms-blob-type", "BlockBlob"};
        if (grant->type)
            headers[1] = (NetHeader){"Content-Type", arena_text(mem, grant->type)};
    }
    *ret = (BlobTicket){
        .url = arena_print(mem, "%s/%s?%s", blob->served, grant->key, buf_text(&query)),
        .method = grant->is_put ? "PUT" : "GET",
        .headers = headers,
    };
    return NULL;
}

/* ---- checking ---- */

static MUST Err *refused(const char *why)
{
    return err_new(ERR_GRANT_REFUSED, "a signed url was refused: %s", why);
}

static int hex_value(char digit)
{
    return isdigit((unsigned char)digit)    ? digit - '0'
           : isxdigit((unsigned char)digit) ? tolower((unsigned char)digit) - 'a' + 10
                                            : -1;
}

/* TEXT with %41 made A, or NULL when that cannot be or would be a control character. */
static const char *percent_read(const char *text, size_t length, Arena *mem)
{
    char *plain = arena_take(mem, length + 1), *to = plain;

    for (size_t i = 0; i < length; i++) {
        int letter = (unsigned char)text[i];

        if (letter == '%') {
            int high = length - i > 2 ? hex_value(text[i + 1]) : -1;
            int low = high >= 0 ? hex_value(text[i + 2]) : -1;

            if (low < 0)
                return NULL;
            letter = high * 16 + low;
            i += 2;
        }
        if (letter < ' ' || letter == 0x7f)
            return NULL;
        *to++ = (char)letter;
    }
    return plain;
}

static MUST Err *query_read(const char *query, Arena *mem, Words *ret)
{
    for (size_t i = 0; i < COUNT(words); i++)
        *word_at(ret, &words[i]) = NULL;

    while (*query) {
        size_t pair = strcspn(query, "&"), name = strcspn(query, "=&");
        const struct Word *word = NULL;

        for (size_t i = 0; i < COUNT(words); i++)
            if (strlen(words[i].name) == name && memcmp(words[i].name, query, name) == 0)
                word = &words[i];
        if (!word || name == pair)
            return refused("it has a parameter that none has");
        if (*word_at(ret, word))
            return refused("it has a parameter twice");

        const char *text = percent_read(query + name + 1, pair - name - 1, mem);
        if (!text || !*text)
            return refused("it has a parameter that cannot be read");
        *word_at(ret, word) = text;
        query += pair + (query[pair] == '&');
    }
    for (size_t i = 0; i < COUNT(words); i++)
        if (!*word_at(ret, &words[i]))
            *word_at(ret, &words[i]) = "";
    return NULL;
}

/* The moment that clock_text wrote as TEXT, -1 when it wrote no such thing. */
static int64_t moment_read(const char *text)
{
    struct tm parts = {0};
    char again[CLOCK_TEXT_SIZE];
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &parts);

    if (!rest || strlen(text) != CLOCK_TEXT_SIZE - 1)
        return -1;
    int64_t moment_ms = (int64_t)timegm(&parts) * 1000 + strtol(rest + 1, NULL, 10);
    if (moment_ms < 0)
        return -1;
    clock_text(moment_ms, again);
    return strcmp(text, again) == 0 ? moment_ms : -1;
}

Err *blob_grant_verify(const Blob *blob, const BlobClaim *claim, Arena *mem, BlobGrant *ret)
{
    Words in;

    if (!blob_is_served_here(blob))
        return refused("none are given for this store");
    AUTO(err_free) Err *no_key = blob_key_check(claim->key);
    if (no_key)
        return refused("its path is no key");
    if (strlen(claim->query) > QUERY_MAX)
        return refused("its query is too long");
    TRY(query_read(claim->query, mem, &in));

    /* The signature comes first: nothing unsigned is believed, not even to say what is wrong with it. */
    const char *want = signature(blob, claim->key, &in, mem);
    if (strlen(in.sig) != strlen(want) || !hash_equal_bytes(in.sig, want, strlen(want)))
        return refused("its signature is not ours");
    if (strcmp(in.sv, version) != 0 || strcmp(in.sr, "b") != 0)
        return refused("it is of another version");

    bool is_put = strcmp(in.sp, "w") == 0;
    bool is_fitting = is_put
                          ? strcmp(claim->method, "PUT") == 0
                          : strcmp(claim->method, "GET") == 0 || strcmp(claim->method, "HEAD") == 0;
    if (!is_fitting)
        return refused("it is for another method");

    int64_t until_ms = moment_read(in.se);
    if (until_ms <= claim->now_ms)
        return refused("it has expired");

    *ret = (BlobGrant){
        .key = arena_text(mem, claim->key),
        .is_put = is_put,
        .until_ms = until_ms,
        .most_bytes = *in.mb ? strtoll(in.mb, NULL, 10) : 0,
        .type = *in.ct ? in.ct : NULL,
        .save_as = *in.fn ? in.fn : NULL,
    };
    return NULL;
}
