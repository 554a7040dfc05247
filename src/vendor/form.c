/* multipart/form-data (RFC 7578), as vendors want pictures. */
#include <string.h>

#include "base/base64.h"
#include "base/chance.h"
#include "vendor/vendor_priv.h"

enum {
    FORM_BYTES_MOST = VENDOR_IMAGES_MOST * (50 << 20) + (1 << 20)
};

void form_init(Form *form)
{
    unsigned char random[15];
    static const char letters[] = "0123456789abcdefghijklmnopqrstuv";

    *form = (Form){.body = BUF(FORM_BYTES_MOST)};
    chance_bytes(random, sizeof(random));
    snprintf(form->boundary, sizeof(form->boundary), "cyclorama-");
    for (size_t i = 0; i < sizeof(random); i++)
        form->boundary[10 + i] = letters[random[i] % 32];
    form->boundary[10 + sizeof(random)] = 0;
}

void form_done(Form *form)
{
    buf_done(&form->body);
}

Err *form_text(Form *form, const char *name, const char *text)
{
    if (!text)
        return NULL;
    TRY(buf_print(
        &form->body, "--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n", form->boundary,
        name));
    TRY(buf_add_text(&form->body, text));
    return buf_add_text(&form->body, "\r\n");
}

Err *form_number(Form *form, const char *name, int64_t number)
{
    char text[24];

    snprintf(text, sizeof(text), "%lld", (long long)number);
    return form_text(form, name, text);
}

/* "image/png" is "png". */
static const char *ending_of(const char *type)
{
    const char *slash = type ? strchr(type, '/') : NULL;

    if (!slash)
        return "bin";
    return strcmp(slash + 1, "jpeg") == 0 ? "jpg" : slash + 1;
}

Err *form_picture(Form *form, const char *name, const VendorPicture *picture)
{
    TRY(buf_print(
        &form->body,
        "--%s\r\nContent-Disposition: form-data; name=\"%s\"; filename=\"picture.%s\"\r\n"
        "Content-Type: %s\r\n\r\n",
        form->boundary, name, ending_of(picture->type),
        picture->type ? picture->type : "application/octet-stream"));
    TRY(buf_add(&form->body, picture->bytes, picture->size));
    return buf_add_text(&form->body, "\r\n");
}

Err *line_send_form(VendorLine *line, LineRequest request, Form *form, LineReply *ret)
{
    size_t before = form->body.size;

    TRY(buf_print(&form->body, "--%s--\r\n", form->boundary));
    request.type = arena_print(line_mem(line), "multipart/form-data; boundary=%s", form->boundary);
    request.body = form->body.bytes;
    request.body_bytes = form->body.size;
    Err *err = line_send(line, &request, ret);
    form->body.size = before;
    return err;
}
