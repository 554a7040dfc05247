/* A letter as bytes: RFC 5322, with a plain and a decorated part (RFC 2046), and words of any letters (RFC 2047). */
#include <string.h>
#include <time.h>

#include "base/base64.h"
#include "mail/mail_priv.h"

enum {
    LINE_BYTES = 57, /* become 76 letters of base64 */
    WORD_BYTES = 39  /* of a header's word: at most 75 letters with what is around it */
};

static const char boundary[] = "=_cyclorama_part";

const char *mail_line(const char *text, Arena *mem)
{
    char *line = arena_print(mem, "%s", text);

    for (char *at = line; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *at = ' ';
    return line;
}

const char *mail_html(const char *text, Arena *mem)
{
    AUTO(buf_done) Buf html = BUF(64 << 10);
    static const char marks[] = "&<>\"'";
    static const char *const words[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};

    for (const char *at = text; *at; at++) {
        const char *mark = strchr(marks, *at);
        Err *err = mark ? buf_add_text(&html, words[mark - marks]) : buf_add(&html, at, 1);

        if (err) { /* what does not fit is left out */
            err_free(err);
            break;
        }
    }
    return arena_text(mem, buf_text(&html));
}

static bool is_plain(const char *text)
{
    for (const char *at = text; *at; at++)
        if ((unsigned char)*at >= 0x7f)
            return false;
    return strlen(text) < 60 && !strstr(text, "=?");
}

/* Words are cut between letters, never inside one of several bytes. */
static MUST Err *words_add(const char *text, Arena *mem, Buf *ret)
{
    if (is_plain(text))
        return buf_add_text(ret, text);
    for (const char *at = text; *at;) {
        size_t size = MIN(strlen(at), (size_t)WORD_BYTES);

        while (size > 1 && ((unsigned char)at[size] & 0xc0) == 0x80)
            size--;
        TRY(buf_print(
            ret, "%s=?UTF-8?B?%s?=", at == text ? "" : "\r\n ", base64_text(at, size, mem)));
        at += size;
    }
    return NULL;
}

/* A name in front of an address: quoted unless it is written as words. */
static MUST Err *from_add(const Mailer *mailer, Arena *mem, Buf *ret)
{
    const char *name = mail_line(mailer->from_name, mem);

    TRY(buf_add_text(ret, "From: "));
    if (*name && is_plain(name) && !strpbrk(name, "\"\\"))
        TRY(buf_print(ret, "\"%s\" ", name));
    else if (*name) {
        TRY(words_add(name, mem, ret));
        TRY(buf_add_text(ret, " "));
    }
    return buf_print(ret, "<%s>\r\n", mailer->from);
}

static MUST Err *
heads_add(const Mailer *mailer, const Mail *mail, int64_t now_ms, Arena *mem, Buf *ret)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)(now_ms / 1000);
    struct tm at;

    gmtime_r(&seconds, &at);
    TRY(from_add(mailer, mem, ret));
    TRY(buf_print(ret, "To: <%s>\r\nSubject: ", mail->to));
    TRY(words_add(mail_line(mail->subject, mem), mem, ret));
    return buf_print(
        ret,
        "\r\nDate: %s, %02d %s %d %02d:%02d:%02d +0000\r\nMessage-ID: <%s@%s>\r\nMIME-Version: "
        "1.0\r\n"
        "Auto-Submitted: auto-generated\r\n",
        days[at.tm_wday], at.tm_mday, months[at.tm_mon], at.tm_year + 1900, at.tm_hour, at.tm_min,
        at.tm_sec, mail->key, strchr(mailer->from, '@') + 1);
}

/* As base64, no line of it can be mistaken for anything, whatever the text says. */
static MUST Err *part_add(const char *type, const char *text, Arena *mem, Buf *ret)
{
    TRY(buf_print(
        ret, "Content-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n", type));
    for (size_t at = 0, size = strlen(text); at < size; at += LINE_BYTES)
        TRY(buf_print(
            ret, "%s\r\n", base64_text(text + at, MIN(size - at, (size_t)LINE_BYTES), mem)));
    return NULL;
}

Err *mail_write(const Mailer *mailer, const Mail *mail, int64_t now_ms, Buf *ret)
{
    AUTO(arena_free) Arena *mem = arena_new();

    TRY(mail_address_check(mail->to));
    TRY(heads_add(mailer, mail, now_ms, mem, ret));
    if (!mail->html)
        return part_add("text/plain", mail->text, mem, ret);
    TRY(buf_print(
        ret, "Content-Type: multipart/alternative; boundary=\"%s\"\r\n\r\n--%s\r\n", boundary,
        boundary));
    TRY(part_add("text/plain", mail->text, mem, ret));
    TRY(buf_print(ret, "\r\n--%s\r\n", boundary));
    TRY(part_add("text/html", mail->html, mem, ret));
    return buf_print(ret, "\r\n--%s--\r\n", boundary);
}
