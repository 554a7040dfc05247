/* A letter on its way to a mail server, by SMTP. */
#include "net/mail.h"

#include <string.h>

#include "net/net_priv.h"

enum {
    PATIENCE_MS = 60 * 1000,
    CONNECT_MS = 10 * 1000
};

typedef struct Mailing {
    const NetMail *mail;
    Arena *mem;
    CURL *easy;
    struct curl_slist *to;
    size_t at; /* bytes of the letter that were handed over */
    const char *url, *shown, *user, *password;
    bool is_here;
} Mailing;

static void mailing_done(Mailing *mailing)
{
    curl_slist_free_all(mailing->to);
    curl_easy_cleanup(mailing->easy);
    arena_free(mailing->mem);
}
DEFINE_AUTO_DONE(Mailing, mailing_done);

/* ---- whom to ask ---- */

static const char *part_of(CURLU *url, CURLUPart part, unsigned flags, Arena *mem)
{
    char *text = NULL;

    if (curl_url_get(url, part, &text, flags) != CURLUE_OK)
        return NULL;
    const char *kept = arena_text(mem, text);
    curl_free(text);
    return kept;
}

/* Name and password leave the address, which may be spoken of then. */
static bool server_split(CURLU *url, const char *server, Mailing *mailing)
{
    Arena *mem = mailing->mem;

    if (curl_url_set(url, CURLUPART_URL, server, 0) != CURLUE_OK)
        return false;
    mailing->user = part_of(url, CURLUPART_USER, CURLU_URLDECODE, mem);
    mailing->password = part_of(url, CURLUPART_PASSWORD, CURLU_URLDECODE, mem);
    const char *scheme = part_of(url, CURLUPART_SCHEME, 0, mem);
    const char *host = part_of(url, CURLUPART_HOST, 0, mem);
    const char *port = part_of(url, CURLUPART_PORT, CURLU_DEFAULT_PORT, mem);

    if (!scheme || !host || !port || (strcmp(scheme, "smtp") != 0 && strcmp(scheme, "smtps") != 0))
        return false;
    mailing->url = arena_print(mem, "%s://%s:%s", scheme, host, port);
    mailing->shown = arena_print(mem, "%s:%s", host, port);
    mailing->is_here = strcmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 ||
                       strcmp(host, "[::1]") == 0;
    return true;
}

static MUST Err *server_read(const char *server, Mailing *mailing)
{
    CURLU *url = curl_url();

    if (!url)
        abort();
    bool is_good = server_split(url, server, mailing);
    curl_url_cleanup(url);
    if (is_good)
        return NULL;
    return err_public(
        err_new(ERR_INPUT_INVALID, "the mail server's address cannot be used"),
        "The mail server's address must be like smtp://name:password@host:587 or "
        "smtps://host:465.");
}

Err *net_mail_check(const char *server)
{
    AUTO(mailing_done) Mailing mailing = {.mem = arena_new()};

    return server_read(server, &mailing);
}

/* ---- what curl asks for ---- */

static size_t letter_give(char *to, size_t one, size_t room, void *mailing_any)
{
    Mailing *mailing = mailing_any;
    size_t size = MIN(one * room, mailing->mail->letter_bytes - mailing->at);

    if (size)
        memcpy(to, (const char *)mailing->mail->letter + mailing->at, size);
    mailing->at += size;
    return size;
}

static int still_wished(
    void *mailing_any, curl_off_t down_all, curl_off_t down, curl_off_t up_all, curl_off_t up)
{
    const Mailing *mailing = mailing_any;

    (void)down_all;
    (void)down;
    (void)up_all;
    (void)up;
    return mailing->mail->cancel && cancel_is_asked(mailing->mail->cancel);
}

static size_t talk_drop(char *bytes, size_t one, size_t size, void *context)
{
    (void)bytes;
    (void)context;
    return one * size;
}

/* ---- what curl is told ---- */

static void mailing_tell(NetClient *client, Mailing *mailing)
{
    const NetMail *mail = mailing->mail;
    CURL *easy = mailing->easy;
    bool must_hide = mailing->password && !mailing->is_here;

    mailing->to = curl_slist_append(NULL, arena_print(mailing->mem, "<%s>", mail->to));
    if (!mailing->to)
        abort();
    curl_easy_setopt(easy, CURLOPT_URL, mailing->url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(
        easy, CURLOPT_USE_SSL, must_hide ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_TRY);
    if (mailing->user)
        curl_easy_setopt(easy, CURLOPT_USERNAME, mailing->user);
    if (mailing->password)
        curl_easy_setopt(easy, CURLOPT_PASSWORD, mailing->password);
    curl_easy_setopt(easy, CURLOPT_MAIL_FROM, arena_print(mailing->mem, "<%s>", mail->from));
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, mailing->to);
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)mail->letter_bytes);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, letter_give);
    curl_easy_setopt(easy, CURLOPT_READDATA, mailing);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, talk_drop);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, still_wished);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, mailing);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(
        easy, CURLOPT_TIMEOUT_MS, (long)(mail->total_ms ? mail->total_ms : PATIENCE_MS));
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    if (client->ca_file)
        curl_easy_setopt(easy, CURLOPT_CAINFO, client->ca_file);
}

/* What a server says is for nobody's eyes: it may repeat what it was told. */
static MUST Err *mailing_err(const Mailing *mailing, CURLcode result)
{
    long said = 0;

    curl_easy_getinfo(mailing->easy, CURLINFO_RESPONSE_CODE, &said);
    if (result == CURLE_ABORTED_BY_CALLBACK)
        return cancel_check(mailing->mail->cancel);
    if (result == CURLE_OPERATION_TIMEDOUT)
        return err_new(ERR_UPSTREAM_TIMED_OUT, "mail server '%s' took too long", mailing->shown);
    return err_new(
        result == CURLE_LOGIN_DENIED || (said >= 500 && said < 600) ? ERR_UPSTREAM_REFUSED
                                                                    : ERR_UPSTREAM_FAILED,
        "mail server '%s' answered %ld: %s", mailing->shown, said, curl_easy_strerror(result));
}

Err *net_mail_send(NetClient *client, const NetMail *mail)
{
    AUTO(mailing_done) Mailing mailing = {.mail = mail, .mem = arena_new()};

    TRY(cancel_check(mail->cancel));
    TRY(server_read(mail->server, &mailing));
    mailing.easy = curl_easy_init();
    if (!mailing.easy)
        abort();
    mailing_tell(client, &mailing);
    CURLcode result = curl_easy_perform(mailing.easy);
    return result == CURLE_OK ? NULL : mailing_err(&mailing, result);
}
