/* Who stands before this door, and whose things are asked for. */
#include "door/lumiku/lumiku_priv.h"

Err *lumiku_of(Call *call, const char *id, CatalogueOf *ret)
{
    const char *tenant_id;

    TRY(desk_tenant(call, NULL, &tenant_id));
    *ret = (CatalogueOf){tenant_id, LUMIKU_DOOR, id};
    return NULL;
}

Err *lumiku_buyer(Call *call, Buyer *ret)
{
    const Caller *caller = desk_caller(call);
    const char *tenant_id;

    TRY(desk_tenant(call, NULL, &tenant_id));
    const BuyerWish wish = {
        .tenant_id = tenant_id,
        .user_id = caller->user_id ? caller->user_id : caller->key_id,
        .has_key = caller->key_id != NULL,
    };
    return shop_buyer(desk_of(call)->studio, &wish, call_arena(call), ret);
}
