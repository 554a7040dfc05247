/* The thumbnails that travel in the program show the templates as they are now: `make gallery` draws them anew. */
#include <string.h>

#include "app/previews.h"
#include "base/file.h"
#include "test.h"

TEST(share_gallery_is_up_to_date)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(buf_done) Buf text = BUF(1 << 20);
    AUTO(value_free) Value *drawn = NULL;

    CHECK_OK(file_read(TEST_SOURCE "/../share/gallery/previews.json", &text));
    CHECK_OK(value_parse((const char *)text.bytes, text.size, &drawn));
    for (const char *const *name = template_names(mem); *name; name++) {
        const char *state;

        CHECK_OK(previews_state(*name, mem, &state));
        CHECK_TEXT(value_text(value_get(drawn, *name)), state);
    }
}
