/* A customer who asks for pictures. */
#include "unit/art/easel.h"

void easel_open(Easel *easel, Db *db)
{
    *easel = (Easel){.presets = {-1, -1, -1, -1, 80, 90}};
    shop_open(&easel->shop, db, 100);
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

void easel_close(Easel *easel)
{
    shop_close(&easel->shop);
}

ArtWish easel_wish(const Easel *easel, const char *prompt)
{
    return (ArtWish){
        .kind = ART_GENERATE,
        .door = "test",
        .caller = &easel->caller,
        .tenant_id = easel->shop.tenant.id,
        .model = "builtin",
        .prompt = prompt,
        .count = 1,
        .size = "64x64",
        .quality = "low",
        .compression = -1,
    };
}

void easel_make(Easel *easel, const ArtWish *wish, Art *ret)
{
    CHECK_OK(art_make(&easel->room, wish, easel->shop.mem, ret));
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
