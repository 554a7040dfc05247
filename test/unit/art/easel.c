/* A customer who asks for pictures. */
#include "unit/art/easel.h"

#include "base/dice.h"

static void open_with(Easel *easel, Db *db)
{
    *easel = (Easel){.presets = {-1, -1, -1, -1, 80, 90}};
    shop_open(&easel->shop, db, 1000);
    easel->room = (ArtRoom){
        .shelf = easel->shop.studio.shelf,
        .presets = &easel->presets,
        .threads = 1,
        .program = "Test 1",
    };
    CHECK_OK(model_aliases_read(NULL, easel->shop.mem, &easel->room.aliases));
    easel->caller =
        (Caller){.tenant_id = easel->shop.tenant.id, .user_id = "user_lisa", .role = ROLE_EDITOR};
}

void easel_open(Easel *easel, Db *db)
{
    open_with(easel, db);
}

void easel_open_vendor(Easel *easel, Db *db)
{
    open_with(easel, db);
    easel->stand_in = stand_in_start(0, 0);

    VendorKey keys[] = {
        {.vendor = "openai",
         .secret = "a-key",
         .base_url = arena_print(
             easel->shop.mem, "http://127.0.0.1:%d/openai/v1", stand_in_port(easel->stand_in))},
        {NULL},
    };
    CHECK_OK(vendors_open(&(VendorsSetup){.net = easel->shop.net, .keys = keys}, &easel->vendors));
    easel->room.vendors = easel->vendors;
}

void easel_close(Easel *easel)
{
    vendors_close(easel->vendors);
    shop_close(&easel->shop);
    stand_in_stop(easel->stand_in);
}

ArtWish easel_wish(const Easel *easel, const char *prompt)
{
    ArtWish wish = easel_wish_of(easel, "builtin", prompt);

    wish.size = "64x64";
    wish.quality = "low";
    return wish;
}

ArtWish easel_wish_of(const Easel *easel, const char *model, const char *prompt)
{
    return (ArtWish){
        .kind = ART_GENERATE,
        .door = "test",
        .caller = &easel->caller,
        .tenant_id = easel->shop.tenant.id,
        .model = model,
        .prompt = prompt,
        .count = 1,
        .compression = -1,
    };
}

void easel_make(Easel *easel, const ArtWish *wish, Art *ret)
{
    CHECK_OK(art_make(&easel->room, wish, easel->shop.mem, ret));
}

const char *easel_refused(Easel *easel, const ArtWish *wish)
{
    Art art;
    AUTO(err_free) Err *err = art_make(&easel->room, wish, easel->shop.mem, &art);

    if (!err)
        return "nothing";
    return arena_print(
        easel->shop.mem, "%s%s%s", err_name(err_code(err)), err_where(err) ? " " : "",
        err_where(err) ? err_where(err) : "");
}

typedef struct Spent {
    const char *tenant_id;
    int64_t credits;
} Spent;

static Err *spent_work(DbTx *tx, void *spent_any)
{
    Spent *spent = spent_any;

    return ledger_spent(tx, spent->tenant_id, 0, INT64_MAX, &spent->credits);
}

int64_t easel_spent(Easel *easel)
{
    Spent spent = {.tenant_id = easel->shop.tenant.id};

    CHECK_OK(db_read(easel->shop.db, spent_work, &spent));
    return spent.credits;
}

static void buf_end(void *buf)
{
    buf_done(buf);
}

VendorPicture easel_picture(Easel *easel, int side_px, bool has_hole, int seed)
{
    AUTO(image_free) Image *image = NULL;
    Buf *png = arena_take(easel->shop.mem, sizeof(*png));

    png->limit = 4 << 20;
    arena_keep(easel->shop.mem, buf_end, png);
    CHECK_OK(image_new(side_px, side_px, has_hole ? 4 : 3, DEPTH_8, &image));
    for (int y = 0; y < side_px; y++) {
        unsigned char *row = image_row_mut(image, y);

        for (int x = 0; x < side_px; x++)
            for (int c = 0; c < image_channels(image); c++)
                row[x * image_channels(image) + c] =
                    c < 3 ? (unsigned char)dice_hash((uint64_t)seed, (uint64_t)(y * side_px + x))
                    : x > side_px / 4 && x < side_px * 3 / 4 ? 0
                                                             : 255;
    }
    CHECK_OK(image_encode(image, &(ImageEncoding){.format = IMAGE_PNG}, png));
    return (VendorPicture){.bytes = png->bytes, .size = png->size, .type = "image/png"};
}
