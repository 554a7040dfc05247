/* Letters: whom they come from, and how they leave. */
#include "mail/mail.h"

#include <ctype.h>
#include <string.h>

#include "base/clock.h"
#include "base/value.h"
#include "mail/mail_priv.h"
#include "net/mail.h"

static const char sendgrid_own[] = "https://api.sendgrid.com";

enum {
    ADDRESS_BYTES_MAX = 254,
    LETTER_BYTES_MAX = 256 << 10
};

/* ---- addresses ---- */

static bool domain_is_good(const char *domain)
{
    size_t length = strlen(domain);

    if (!length || strspn(
                       domain, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"
                               ".") != length)
        return false;
    return domain[0] != '.' && domain[0] != '-' && domain[length - 1] != '.' &&
           domain[length - 1] != '-' && !strstr(domain, "..");
}

/* RFC 5321's, without its quoted kind: no blank, bracket or line end can be in it. */
static bool address_is_good(const char *address)
{
    const char *at = strchr(address, '@');

    if (!at || at == address || strlen(address) > ADDRESS_BYTES_MAX || address[0] == '-')
        return false;
    for (const char *letter = address; letter < at; letter++)
        if (!isalnum((unsigned char)*letter) && !strchr("!#$%&'*+/=?^_`{|}~.-", *letter))
            return false;
    return domain_is_good(at + 1);
}

Err *mail_address_check(const char *address)
{
    if (address_is_good(address))
        return NULL;
    return err_public(
        err_new(ERR_INPUT_INVALID, "an e-mail address cannot be used"),
        "This e-mail address cannot be used. Write it like ayu@toko.example.");
}

/* "Shop <shop@shop.example>" */
static MUST Err *from_read(const char *from, Mailer *mailer)
{
    const char *open = strrchr(from, '<');
    size_t length = strlen(from);

    if (!open) {
        mailer->from = arena_text(mailer->mem, from);
    } else {
        size_t name = (size_t)(open - from);

        while (name > 0 && from[name - 1] == ' ')
            name--;
        if (from[length - 1] != '>')
            return mail_address_check("");
        mailer->from = arena_text_n(mailer->mem, open + 1, length - (size_t)(open - from) - 2);
        mailer->from_name = arena_text_n(mailer->mem, from, name);
    }
    return mail_address_check(mailer->from);
}

/* ---- opening ---- */

static const char *given(const char *text, Arena *mem)
{
    return text && *text ? arena_text(mem, text) : NULL;
}

Err *mail_open(const MailSetup *setup, Mailer **ret)
{
    AUTO(mail_close) Mailer *mailer = calloc(1, sizeof(*mailer));

    if (!mailer)
        abort();
    mailer->mem = arena_new();
    mailer->net = setup->net;
    mailer->from_name = "";
    mailer->smtp_url = given(setup->smtp_url, mailer->mem);
    mailer->sendgrid_key = given(setup->sendgrid_key, mailer->mem);
    mailer->sendgrid_url = given(setup->sendgrid_url, mailer->mem);
    if (!mailer->sendgrid_url)
        mailer->sendgrid_url = sendgrid_own;
    if (!mailer->smtp_url && !mailer->sendgrid_key) {
        *ret = NULL;
        return NULL;
    }
    if (!setup->from || !*setup->from)
        return err_public(
            err_new(ERR_INPUT_MISSING, "mail has no sender"),
            "MAIL_FROM must say from which address mail is sent, such as "
            "\"Shop <shop@shop.example>\".");
    TRY(from_read(setup->from, mailer));
    if (mailer->smtp_url)
        TRY(net_mail_check(mailer->smtp_url));
    *ret = TAKE(mailer);
    return NULL;
}

void mail_close(Mailer *mailer)
{
    if (!mailer)
        return;
    arena_free(mailer->mem);
    free(mailer);
}

/* ---- sending ---- */

static Value *address_value(const char *address, const char *name)
{
    Value *value = value_object();

    value_set(value, "email", value_of_text(address));
    if (name && *name)
        value_set(value, "name", value_of_text(name));
    return value;
}

static void content_add(Value *contents, const char *type, const char *text)
{
    Value *content = value_object();

    value_set(content, "type", value_of_text(type));
    value_set(content, "value", value_of_text(text));
    value_add(contents, content);
}

/* https://www.twilio.com/docs/sendgrid/api-reference/mail-send */
static Value *sendgrid_body(const Mailer *mailer, const Mail *mail, Arena *mem)
{
    Value *body = value_object(), *people = value_list(), *to = value_list();
    Value *person = value_object(), *contents = value_list(), *args = value_object();

    value_add(to, address_value(mail->to, NULL));
    value_set(person, "to", to);
    value_add(people, person);
    value_set(body, "personalizations", people);
    value_set(body, "from", address_value(mailer->from, mailer->from_name));
    value_set(body, "subject", value_of_text(mail_line(mail->subject, mem)));
    content_add(contents, "text/plain", mail->text);
    if (mail->html)
        content_add(contents, "text/html", mail->html);
    value_set(body, "content", contents);
    value_set(args, "key", value_of_text(mail->key));
    value_set(body, "custom_args", args);
    return body;
}

static MUST Err *sendgrid_send(const Mailer *mailer, const Mail *mail, const Cancel *cancel)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(value_free) Value *body = sendgrid_body(mailer, mail, mem);
    AUTO(buf_done) Buf text = BUF(LETTER_BYTES_MAX);
    const NetHeader headers[] = {
        {"Authorization", arena_print(mem, "Bearer %s", mailer->sendgrid_key)},
        {"Content-Type", "application/json"},
        {NULL},
    };
    NetReply reply;

    TRY(value_write(body, VALUE_COMPACT, &text));
    TRY(net_send(
        mailer->net,
        &(NetRequest){
            .url = arena_print(mem, "%s/v3/mail/send", mailer->sendgrid_url),
            .headers = headers,
            .body = text.bytes,
            .body_bytes = (int64_t)text.size,
            .most_bytes = LETTER_BYTES_MAX,
            .cancel = cancel,
        },
        mem, &reply));
    return net_reply_check(&reply, "SendGrid");
}

static MUST Err *smtp_send(const Mailer *mailer, const Mail *mail, const Cancel *cancel)
{
    AUTO(buf_done) Buf letter = BUF(LETTER_BYTES_MAX);

    TRY(mail_write(mailer, mail, clock_now_ms(), &letter));
    return net_mail_send(
        mailer->net, &(NetMail){
                         .server = mailer->smtp_url,
                         .from = mailer->from,
                         .to = mail->to,
                         .letter = letter.bytes,
                         .letter_bytes = letter.size,
                         .cancel = cancel,
                     });
}

Err *mail_send(Mailer *mailer, const Mail *mail, const Cancel *cancel)
{
    TRY(mail_address_check(mail->to));
    return mailer->smtp_url ? smtp_send(mailer, mail, cancel) : sendgrid_send(mailer, mail, cancel);
}
