/* The promise that the flow meets all that the documents promise. Runs last. */
#include "shop.h"

/* What cannot be met here, and why. */
static const char *const excused[] = {
    /* needs a disk that is full */
    "store_put never said disk_full",
    /* a folder's own addresses refuse it when it is sent; those of S3 and Azure take anything */
    "opal_upload_complete never said file_too_large",
    /* no status of the stand-in's OpenAI means that it refuses for no reason */
    "artgen_generate never said upstream_refused",
    "artgen_edit never said upstream_refused",
    "artgen_variation never said upstream_refused",
    /* a variation has no words that would tell the stand-in to leave us unsure */
    "openai_vary never said vendor_unsure",
};

TEST(every_endpoint_and_every_error_of_the_documents_was_met)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(buf_done) Buf left = BUF(64 * 1024);
    const char *unseen = flow_unseen(mem);

    if (!unseen)
        test_skip("only a part of the flow was run");
    for (size_t length; *unseen; unseen += length + (unseen[length] == '\n')) {
        bool is_excused = false;

        length = strcspn(unseen, "\n");
        for (size_t i = 0; i < COUNT(excused); i++)
            is_excused |= strlen(excused[i]) == length && strncmp(excused[i], unseen, length) == 0;
        if (!is_excused)
            CHECK_OK(buf_print(&left, "\n#   %.*s", (int)length, unseen));
    }
    if (left.size)
        test_fail(__FILE__, __LINE__, "no test met:%s", buf_text(&left));
}
