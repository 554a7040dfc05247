/* What S3, Azure and their signatures promise beyond every store; vectors from the S3 API reference. */
#include "base/clock.h"
#include "blob/remote_priv.h"
#include "blob/s3_priv.h"
#include "blob/sigv4.h"
#include "harness/stores.h"

/* ---- signatures: "Authenticating Requests (AWS Signature Version 4)", its examples ---- */

static SigV4 example_sign(void)
{
    return (SigV4){
        .key_id = "AKIAIOSFODNN7EXAMPLE",
        .key_secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        .region = "us-east-1",
        .now_ms = 1369353600000, /* 24 May 2013 */
    };
}

static const char empty_payload[] =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

static void check_signature(const SigV4Request *request, const char *want)
{
    AUTO(arena_free) Arena *mem = arena_new();
    SigV4 sign = example_sign();
    const char *made = sigv4_authorization(&sign, request, mem);

    CHECK(
        strncmp(
            made,
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
            "SignedHeaders=",
            98) == 0);
    CHECK_TEXT(strstr(made, "Signature=") + 10, want);
}

TEST(requests_are_signed_as_amazon_s_examples_are)
{
    const NetHeader get[] = {
        {"host", "examplebucket.s3.amazonaws.com"},
        {"range", "bytes=0-9"},
        {"x-amz-content-sha256", empty_payload},
        {"x-amz-date", "20130524T000000Z"},
        {NULL, NULL},
    };
    check_signature(
        &(SigV4Request){"GET", "/test.txt", "", get, empty_payload},
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");

    static const char payload[] =
        "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
    const NetHeader put[] = {
        {"date", "Fri, 24 May 2013 00:00:00 GMT"},
        {"host", "examplebucket.s3.amazonaws.com"},
        {"x-amz-content-sha256", payload},
        {"x-amz-date", "20130524T000000Z"},
        {"x-amz-storage-class", "REDUCED_REDUNDANCY"},
        {NULL, NULL},
    };
    check_signature(
        &(SigV4Request){"PUT", "/test%24file.text", "", put, payload},
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");

    const NetHeader list[] = {
        {"host", "examplebucket.s3.amazonaws.com"},
        {"x-amz-content-sha256", empty_payload},
        {"x-amz-date", "20130524T000000Z"},
        {NULL, NULL},
    };
    check_signature(
        &(SigV4Request){"GET", "/", "lifecycle=", list, empty_payload},
        "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
    check_signature(
        &(SigV4Request){"GET", "/", "max-keys=2&prefix=J", list, empty_payload},
        "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(urls_are_signed_as_amazon_s_example_is)
{
    AUTO(arena_free) Arena *mem = arena_new();
    SigV4 sign = example_sign();
    const NetHeader headers[] = {{"host", "examplebucket.s3.amazonaws.com"}, {NULL, NULL}};
    const SigV4Request request = {"GET", "/test.txt", "", headers, "UNSIGNED-PAYLOAD"};

    CHECK_TEXT(
        sigv4_query(&sign, &request, 86400, mem),
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-"
        "east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-"
        "SignedHeaders=host&X-Amz-Signature="
        "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

/* ---- signed URLs of outside stores ---- */

enum {
    ROOM = 64 * 1024
};

/* Use TICKET as anybody would; the status. */
static int used(Given *given, const BlobTicket *ticket, const char *body, Buf *into)
{
    NetReply reply;
    NetRequest request = {
        .method = ticket->method,
        .url = ticket->url,
        .headers = ticket->headers,
        .body = body,
        .body_bytes = body ? (int64_t)strlen(body) : 0,
        .into = into,
    };

    CHECK_OK(net_send(given->net, &request, given->mem, &reply));
    return reply.status;
}

/* The URL with its last letter of WHAT's value changed. */
static const char *tampered(Given *given, const char *url, const char *what)
{
    char *copy = arena_text(given->mem, url);
    char *at = strstr(copy, what);

    CHECK(at);
    at += strlen(what);
    *at = *at == 'A' ? 'B' : 'A';
    return copy;
}

static BlobTicket granted(Given *given, BlobGrant grant)
{
    BlobTicket ticket;

    if (!grant.key)
        grant.key = "raw/t1/shoe.jpg";
    if (!grant.until_ms)
        grant.until_ms = clock_now_ms() + 60 * 1000;
    CHECK_OK(blob_grant(given->blob, &grant, given->mem, &ticket));
    return ticket;
}

static void signed_urls_work(Given *given)
{
    AUTO(buf_done) Buf body = BUF(ROOM);
    BlobFacts facts;
    BlobTicket put = granted(given, (BlobGrant){.is_put = true, .type = "image/jpeg"});
    int status = used(given, &put, "shoe", NULL);

    CHECK(status == 200 || status == 201);
    CHECK_OK(blob_head(given->blob, "raw/t1/shoe.jpg", NULL, given->mem, &facts));
    CHECK_INT(facts.bytes, 4);
    CHECK_TEXT(facts.type, "image/jpeg");

    BlobTicket get = granted(given, (BlobGrant){.save_as = "Schuh \xc3\xbc.jpg"});
    NetReply reply;
    CHECK_OK(
        net_send(given->net, &(NetRequest){.url = get.url, .into = &body}, given->mem, &reply));
    CHECK_INT(reply.status, 200);
    CHECK_TEXT(buf_text(&body), "shoe");
    CHECK_TEXT(
        net_reply_header(&reply, "content-disposition"),
        "attachment; filename=\"Schuh __.jpg\"; filename*=UTF-8''Schuh%20%C3%BC.jpg");
}

TEST_BLOB_ON(STORE_S3, a_signed_url_works_for_anybody_s3)
{
    signed_urls_work(given);
}

TEST_BLOB_ON(STORE_AZURE, a_signed_url_works_for_anybody_azure)
{
    signed_urls_work(given);
}

static void signed_urls_are_narrow(Given *given, const char *signature)
{
    BlobTicket put = granted(given, (BlobGrant){.is_put = true, .type = "image/jpeg"});
    BlobTicket get = granted(given, (BlobGrant){.is_put = false});
    CHECK_OK(blob_put(given->blob, &(BlobPut){.key = "raw/t1/shoe.jpg"}, "shoe", 4, NULL));
    CHECK_OK(blob_put(given->blob, &(BlobPut){.key = "raw/t1/xhoe.jpg"}, "other", 5, NULL));

    BlobTicket other = get;
    other.url = tampered(given, get.url, signature);
    CHECK_INT(used(given, &other, NULL, NULL), 403);
    other.url = arena_print(
        given->mem, "%.*sxhoe%s", (int)(strstr(get.url, "shoe") - get.url), get.url,
        strstr(get.url, "shoe") + 4);
    CHECK_INT(used(given, &other, NULL, NULL), 403);
    other = get;
    other.method = "PUT";
    other.headers = put.headers;
    CHECK_INT(used(given, &other, "evil", NULL), 403);
    other = put;
    other.url = tampered(given, put.url, signature);
    CHECK_INT(used(given, &other, "evil", NULL), 403);

    clock_hold(clock_now_ms() - 10 * 60 * 1000);
    BlobTicket old = granted(given, (BlobGrant){.is_put = false});
    clock_hold(0);
    CHECK_INT(used(given, &old, NULL, NULL), 403);
    CHECK_INT(used(given, &get, NULL, NULL), 200);
}

TEST_BLOB_ON(STORE_S3, a_signed_url_is_good_for_nothing_else_s3)
{
    signed_urls_are_narrow(given, "X-Amz-Signature=");
}

TEST_BLOB_ON(STORE_AZURE, a_signed_url_is_good_for_nothing_else_azure)
{
    signed_urls_are_narrow(given, "sig=");
}

TEST_BLOB_ON(STORE_S3, a_clock_that_is_off_or_a_wrong_secret_is_refused_s3)
{
    BlobSetup setup = given->setup;
    AUTO(blob_close) Blob *other = NULL;

    setup.key_secret = "wrong";
    CHECK_OK(blob_open(&setup, &other));
    AUTO(err_free) Err *wrong = blob_check(other, NULL);
    CHECK(wrong && err_code(wrong) == ERR_UPSTREAM_REFUSED);
    CHECK(strstr(err_message(wrong), "SignatureDoesNotMatch"));

    clock_hold(clock_now_ms() - 20 * 60 * 1000);
    AUTO(err_free) Err *late = blob_check(given->blob, NULL);
    clock_hold(0);
    CHECK(late && err_code(late) == ERR_UPSTREAM_REFUSED);
}

TEST_BLOB_ON(STORE_AZURE, a_wrong_secret_is_refused_azure)
{
    BlobSetup setup = given->setup;
    AUTO(blob_close) Blob *other = NULL;
    char *connection = arena_text(given->mem, setup.connection);

    strstr(connection, "AccountKey=")[11] = 'F';
    setup.connection = connection;
    CHECK_OK(blob_open(&setup, &other));
    AUTO(err_free) Err *wrong = blob_check(other, NULL);
    CHECK(wrong && err_code(wrong) == ERR_UPSTREAM_REFUSED);
}

/* ---- forms ---- */

/* FORM filled in with BODY as the file, as multipart; the status. */
static int form_used(Given *given, const BlobForm *form, const char *body)
{
    const char *text = "";
    const NetHeader headers[] = {
        {"Content-Type", "multipart/form-data; boundary=xXxXx"}, {NULL, NULL}};
    NetReply reply;

    for (const NetHeader *field = form->fields; field->name; field++)
        text = arena_print(
            given->mem, "%s--xXxXx\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n",
            text, field->name, field->value);
    text = arena_print(
        given->mem,
        "%s--xXxXx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n%s\r\n"
        "--xXxXx--\r\n",
        text, body);
    CHECK_OK(net_send(
        given->net,
        &(NetRequest){
            .url = form->url,
            .headers = headers,
            .body = text,
            .body_bytes = (int64_t)strlen(text)},
        given->mem, &reply));
    return reply.status;
}

TEST_BLOB_ON(STORE_S3, a_form_holds_the_size_and_the_key)
{
    BlobGrant grant = {
        .key = "raw/t1/form.jpg",
        .is_put = true,
        .until_ms = clock_now_ms() + 60 * 1000,
        .most_bytes = 8,
        .type = "image/jpeg",
    };
    BlobForm form;
    BlobFacts facts;

    CHECK_OK(blob_grant_form(given->blob, &grant, given->mem, &form));
    CHECK(form_used(given, &form, "123456789") >= 400);
    CHECK_INT(form_used(given, &form, "12345678"), 204);
    CHECK_OK(blob_head(given->blob, grant.key, NULL, given->mem, &facts));
    CHECK_INT(facts.bytes, 8);
    CHECK_TEXT(facts.type, "image/jpeg");

    NetHeader fields[16];
    size_t count = 0;
    for (; form.fields[count].name; count++)
        fields[count] = form.fields[count];
    fields[count] = (NetHeader){NULL, NULL};
    CHECK_TEXT(fields[0].name, "key");
    fields[0].value = "raw/t2/stolen.jpg";
    CHECK_INT(form_used(given, &(BlobForm){form.url, fields}, "x"), 403);
}

/* ---- uploads in parts ---- */

TEST_BLOB_ON(STORE_S3, a_sweep_ends_uploads_that_nobody_goes_on_with)
{
    AUTO(buf_done) Buf body = BUF(ROOM);
    NetReply reply;
    int64_t gone;

    CHECK_OK(s3_ask(
        given->blob, &(S3Ask){.method = "POST", .key = "raw/a", .query = "uploads="}, given->mem,
        &body, &reply));
    CHECK_INT(reply.status, 200);
    CHECK_OK(blob_sweep(given->blob, 60 * 60 * 1000, NULL, &gone));
    CHECK_INT(gone, 0);
    CHECK_OK(blob_sweep(given->blob, 0, NULL, &gone));
    CHECK_INT(gone, 1);
    CHECK_OK(blob_sweep(given->blob, 0, NULL, &gone));
    CHECK_INT(gone, 0);
}

TEST_BLOB_ON(STORE_S3, a_writer_that_is_dropped_takes_its_upload_with_it)
{
    static unsigned char mebibyte[1 << 20];
    AUTO(blob_writer_free) BlobWriter *writer = NULL;
    int64_t gone;

    CHECK_OK(blob_writer_open(given->blob, &(BlobPut){.key = "raw/a"}, &writer));
    for (int i = 0; i < 10; i++)
        CHECK_OK(blob_writer_add(writer, mebibyte, sizeof(mebibyte)));
    blob_writer_free(TAKE(writer));
    CHECK_OK(blob_sweep(given->blob, 0, NULL, &gone));
    CHECK_INT(gone, 0);
}

TEST_BLOB_ON(STORE_S3, keys_may_live_below_a_prefix)
{
    BlobSetup setup = given->setup;
    AUTO(blob_close) Blob *inner = NULL;
    BlobFacts facts;
    BlobPage page;

    setup.store = arena_print(given->mem, "%s/outputs/shop", setup.store);
    CHECK_OK(blob_open(&setup, &inner));
    CHECK_OK(blob_put(inner, &(BlobPut){.key = "raw/a"}, "x", 1, NULL));
    CHECK_OK(blob_put(inner, &(BlobPut){.key = "raw/b"}, "x", 1, NULL));
    CHECK_OK(blob_head(given->blob, "outputs/shop/raw/a", NULL, given->mem, &facts));
    CHECK_OK(blob_list(inner, &(BlobQuery){.prefix = "raw/", .most = 1}, given->mem, &page));
    CHECK_INT(page.count, 1);
    CHECK_TEXT(page.rows[0].key, "raw/a");
    CHECK_TEXT(page.next, "raw/a");
}

/* ---- settings ---- */

TEST(setups_of_outside_stores_that_cannot_work_are_refused)
{
    AUTO(net_close) NetClient *net = NULL;
    CHECK_OK(net_open(&(NetSetup){.agent = "test"}, &net));
    const struct {
        BlobSetup setup;
        ErrCode code;
    } rows[] = {
        {{.store = "s3:bucket", .net = net}, ERR_INPUT_MISSING},
        {{.store = "s3:", .net = net, .key_id = "a", .key_secret = "b"}, ERR_INPUT_INVALID},
        {{.store = "s3:Bucket", .net = net, .key_id = "a", .key_secret = "b"}, ERR_INPUT_INVALID},
        {{.store = "s3:bucket/a b", .net = net, .key_id = "a", .key_secret = "b"},
         ERR_INPUT_INVALID},
        {{.store = "s3:bucket", .net = net, .key_id = "a", .key_secret = "b", .endpoint = "host"},
         ERR_INPUT_INVALID},
        {{.store = "azure:", .net = net}, ERR_INPUT_INVALID},
        {{.store = "azure:A", .net = net, .connection = "AccountName=a;AccountKey=YQ=="},
         ERR_INPUT_INVALID},
        {{.store = "azure:", .net = net, .connection = "AccountName=a;AccountKey=?"},
         ERR_INPUT_INVALID},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(blob_close) Blob *blob = NULL;
        AUTO(err_free) Err *err = blob_open(&rows[i].setup, &blob);

        CHECK(err);
        CHECK_TEXT(err_name(err_code(err)), err_name(rows[i].code));
    }
}

TEST(stores_say_where_they_are)
{
    AUTO(net_close) NetClient *net = NULL;
    CHECK_OK(net_open(&(NetSetup){.agent = "test"}, &net));
    const struct {
        BlobSetup setup;
        const char *place;
    } rows[] = {
        {{.store = "s3:bucket",
          .net = net,
          .key_id = "a",
          .key_secret = "b",
          .region = "eu-west-1"},
         "s3:bucket at https://bucket.s3.eu-west-1.amazonaws.com"},
        {{.store = "s3://my.bucket/x", .net = net, .key_id = "a", .key_secret = "b", .region = ""},
         "s3:my.bucket/x/ at https://s3.us-east-1.amazonaws.com"},
        {{.store = "s3:bucket",
          .net = net,
          .key_id = "a",
          .key_secret = "b",
          .endpoint = "https://minio.example:9000/"},
         "s3:bucket at https://minio.example:9000"},
        {{.store = "azure://", .net = net, .connection = "AccountName=shop;AccountKey=YQ=="},
         "azure: at https://shop.blob.core.windows.net/"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(blob_close) Blob *blob = NULL;

        CHECK_OK(blob_open(&rows[i].setup, &blob));
        CHECK_TEXT(blob_place(blob), rows[i].place);
    }
}

TEST(xml_is_read_as_far_as_stores_write_it)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *text = "<A><B>1 &lt; 2 &amp;amp; &quot;3&quot;</B><B>two</B><C/></A>", *at = text;

    CHECK_TEXT(remote_xml_text(text, "B", mem), "1 < 2 &amp; \"3\"");
    CHECK_TEXT(remote_xml_text(text, "D", mem), "");
    CHECK_TEXT(remote_xml_next(at, "B", mem, &at), "1 &lt; 2 &amp;amp; &quot;3&quot;");
    CHECK_TEXT(remote_xml_next(at, "B", mem, &at), "two");
    CHECK(!remote_xml_next(at, "B", mem, &at));
    CHECK_INT(remote_time_ms("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777000);
    CHECK_INT(remote_time_ms("1994-11-06T08:49:37.000Z"), 784111777000);
    CHECK_INT(remote_time_ms("yesterday"), 0);
}
