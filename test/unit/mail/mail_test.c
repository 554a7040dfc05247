/* Promises of letters: they arrive whole, in any letters, and nothing in them can become a header. */
#include "base/base64.h"
#include "base/value.h"
#include "harness/mailbox.h"
#include "harness/peer.h"
#include "mail/mail.h"
#include "test.h"

typedef struct Post {
    Arena *mem;
    NetClient *net;
    Mailer *mailer;
} Post;

static void post_open(Post *post, const MailSetup *setup)
{
    MailSetup with = *setup;

    *post = (Post){.mem = arena_new()};
    CHECK_OK(net_open(&(NetSetup){0}, &post->net));
    with.net = post->net;
    CHECK_OK(mail_open(&with, &post->mailer));
    CHECK(post->mailer);
}

static void post_close(Post *post)
{
    mail_close(post->mailer);
    net_close(post->net);
    arena_free(post->mem);
}

static const Mail letter = {
    .to = "ayu@toko.example",
    .subject = "Your pictures of “Sepatu” are ready",
    .text = "Here they are.\n.\nA line of a dot alone ends nothing.\n",
    .html = "<p>Here they are.</p>",
    .key = "export_01",
};

/* The text of the part that begins with MARK. */
static const char *part_of(Post *post, const char *whole, const char *mark)
{
    const char *at = strstr(whole, mark);
    AUTO(buf_done) Buf text = BUF(64 << 10);
    AUTO(buf_done) Buf lines = BUF(64 << 10);

    CHECK(at && (at = strstr(at, "\r\n\r\n")));
    for (at += 4; *at && *at != '-'; at++)
        if (*at != '\r' && *at != '\n')
            CHECK_OK(buf_add(&lines, at, 1));
    CHECK_OK(base64_read(buf_text(&lines), &text));
    return arena_text(post->mem, buf_text(&text));
}

TEST(a_letter_arrives_as_it_was_written)
{
    AUTO(mailbox_stop) Mailbox *mailbox = mailbox_start(&(MailboxSetup){.password = "p@ss word"});
    Post post;
    Arena *mem = arena_new();

    post_open(
        &post, &(MailSetup){
                   .smtp_url = arena_print(
                       mem, "smtp://shop:p%%40ss%%20word@127.0.0.1:%d", mailbox_port(mailbox)),
                   .from = "Toko Ayu <hello@toko.example>"});
    CHECK_OK(mail_send(post.mailer, &letter, NULL));
    CHECK_INT(mailbox_count(mailbox), 1);
    CHECK_TEXT(mailbox_people(mailbox, 0), "hello@toko.example ayu@toko.example");
    const char *came = mailbox_letter(mailbox, 0);
    CHECK(strstr(came, "From: \"Toko Ayu\" <hello@toko.example>\r\n"));
    CHECK(strstr(came, "To: <ayu@toko.example>\r\n"));
    CHECK(strstr(came, "Message-ID: <export_01@toko.example>\r\n"));
    CHECK(strstr(came, "Subject: =?UTF-8?B?"));
    CHECK(!strstr(came, "p@ss"));
    CHECK_TEXT(part_of(&post, came, "text/plain"), letter.text);
    CHECK_TEXT(part_of(&post, came, "text/html"), letter.html);
    post_close(&post);
    arena_free(mem);
}

TEST(what_others_wrote_becomes_no_header)
{
    AUTO(buf_done) Buf text = BUF(64 << 10);
    Mail bad = letter;
    Post post;

    post_open(&post, &(MailSetup){.smtp_url = "smtp://127.0.0.1:1", .from = "hello@toko.example"});
    bad.subject = "Hello\r\nBcc: all@world.example\r\n\r\nBuy";
    bad.text = "a\r\n.\r\nMAIL FROM:<x@y.example>\r\n";
    bad.html = NULL;
    CHECK_OK(mail_write(post.mailer, &bad, 0, &text));
    CHECK(strstr(buf_text(&text), "Subject: Hello  Bcc: all@world.example    Buy\r\n"));
    CHECK(!strstr(buf_text(&text), "\nBcc"));
    CHECK(!strstr(buf_text(&text), "MAIL FROM"));
    CHECK(strstr(buf_text(&text), "Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n"));

    static const char *const none[] = {
        "",
        "ayu",
        "@toko.example",
        "ayu@",
        "ayu@toko..example",
        "a b@c.d",
        "a@b.c>",
        "a@b.c\r\nRCPT TO:<d>",
        "\"a\"@b.example",
        "ayu@-toko.example",
        "-f@b.c",
        "a@b.c,d@e",
        "a@b@c",
    };
    for (size_t i = 0; i < COUNT(none); i++) {
        bad.to = none[i];
        AUTO(err_free) Err *err = mail_send(post.mailer, &bad, NULL);
        CHECK(err && err_code(err) == ERR_INPUT_INVALID);
    }
    post_close(&post);
}

TEST(a_mail_server_that_will_not_have_it_is_told_from_one_that_cannot_now)
{
    static const struct {
        int status;
        ErrCode code;
    } rows[] = {{451, ERR_UPSTREAM_FAILED}, {550, ERR_UPSTREAM_REFUSED}};
    Arena *mem = arena_new();

    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(mailbox_stop) Mailbox *mailbox =
            mailbox_start(&(MailboxSetup){.refuse = 1, .status = rows[i].status});
        Post post;

        post_open(
            &post, &(MailSetup){
                       .smtp_url = arena_print(mem, "smtp://127.0.0.1:%d", mailbox_port(mailbox)),
                       .from = "hello@toko.example"});
        AUTO(err_free) Err *err = mail_send(post.mailer, &letter, NULL);
        CHECK(err);
        CHECK_TEXT(err_name(err_code(err)), err_name(rows[i].code));
        CHECK_OK(mail_send(post.mailer, &letter, NULL));
        CHECK_INT(mailbox_count(mailbox), 1);
        post_close(&post);
    }
    AUTO(mailbox_stop) Mailbox *shut = mailbox_start(&(MailboxSetup){.password = "right"});
    Post post;
    post_open(
        &post,
        &(MailSetup){
            .smtp_url = arena_print(mem, "smtp://shop:wrong@127.0.0.1:%d", mailbox_port(shut)),
            .from = "hello@toko.example"});
    AUTO(err_free) Err *err = mail_send(post.mailer, &letter, NULL);
    CHECK(err && err_code(err) == ERR_UPSTREAM_REFUSED);
    CHECK(!strstr(err_message(err), "wrong") && !strstr(err_message(err), "ayu"));
    post_close(&post);
    arena_free(mem);
}

typedef struct Asked {
    char key[100], body[4096];
    int status;
} Asked;

static bool sendgrid_answer(void *asked_any, const PeerAsked *asked)
{
    Asked *kept = asked_any;

    CHECK_TEXT(asked->target, "/v3/mail/send");
    snprintf(kept->key, sizeof(kept->key), "%s", peer_header(asked, "Authorization"));
    snprintf(kept->body, sizeof(kept->body), "%s", asked->body);
    return peer_reply(asked, kept->status == 202 ? "202 Accepted" : "401 Unauthorized", "", "");
}

TEST(sendgrid_is_asked_where_there_is_no_mail_server)
{
    Asked asked = {.status = 202};
    AUTO(peer_stop) Peer *peer = peer_start(sendgrid_answer, &asked);
    AUTO(value_free) Value *body = NULL;
    Arena *mem = arena_new();
    Post post;

    post_open(
        &post, &(MailSetup){
                   .sendgrid_key = "SG.secret",
                   .sendgrid_url = arena_print(mem, "http://127.0.0.1:%d", peer_port(peer)),
                   .from = "Toko <hello@toko.example>"});
    CHECK_OK(mail_send(post.mailer, &letter, NULL));
    CHECK_TEXT(asked.key, "Bearer SG.secret");
    CHECK_OK(value_parse(asked.body, strlen(asked.body), &body));
    CHECK_TEXT(value_text(value_get(body, "subject")), letter.subject);
    CHECK_TEXT(value_text(value_get(value_get(body, "from"), "name")), "Toko");
    CHECK_TEXT(
        value_text(value_get(
            value_at(value_get(value_at(value_get(body, "personalizations"), 0), "to"), 0),
            "email")),
        letter.to);
    CHECK_INT(value_count(value_get(body, "content")), 2);
    asked.status = 401;
    AUTO(err_free) Err *err = mail_send(post.mailer, &letter, NULL);
    CHECK(err && err_code(err) == ERR_UPSTREAM_REFUSED);
    CHECK(!strstr(err_message(err), "SG."));
    post_close(&post);
    arena_free(mem);
}

TEST(without_a_server_nobody_is_written_to_and_a_bad_one_is_told_at_once)
{
    AUTO(mail_close) Mailer *mailer = NULL;

    CHECK_OK(mail_open(&(MailSetup){.smtp_url = "", .from = ""}, &mailer));
    CHECK(!mailer);
    CHECK_ERR(
        mail_open(&(MailSetup){.smtp_url = "smtp://127.0.0.1"}, &mailer), ERR_INPUT_MISSING,
        "mail has no sender");
    CHECK_ERR(
        mail_open(&(MailSetup){.smtp_url = "http://127.0.0.1", .from = "a@b.example"}, &mailer),
        ERR_INPUT_INVALID, "the mail server's address cannot be used");
}
