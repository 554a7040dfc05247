/* house.h - what a process of the server works with: database, store, outside, accounts, models; opened in order, closed in reverse.
 */
#pragma once

#include "account/account.h"
#include "app/command.h"
#include "app/rig.h"
#include "art/art.h"
#include "errand/errand.h"
#include "run/run.h"
#include "telemetry/telemetry.h"

typedef struct House {
    Db *db;
    NetClient *net;
    Blob *blob;
    Accounts *accounts;
    Errands *errands;
    Rig rig;
    Telemetry *telemetry;
    Mailer *mailer; /* NULL for none */
    Studio studio;
    ArtPresets budgets; /* of who has none of its own */
    Turns *easels;      /* of the built-in studio */
    Turns *looks;       /* of photos that come */
    ArtRoom art;
} House;

typedef struct HouseWish {
    App *app;
    const char *public_url; /* what signed addresses begin with */
} HouseWish;

/* Everything. Texts live in the app's arena, and RET must stay where it is. */
MUST Err *house_open(const HouseWish *wish, House *ret);
void house_close(House *house);
DEFINE_AUTO_DONE(House, house_close);

/* The store of the settings alone. SECRET signs the addresses of a folder, 32 letters at least. */
MUST Err *house_store_open(const HouseWish *wish, NetClient *net, const char *secret, Blob **ret);

/* Where the signed addresses lead that are handed out: "https://bucket.example"; in MEM. */
MUST Err *house_store_origin(const House *house, Arena *mem, const char **ret);

/* The work of every room, in one list, NULL-ended; in MEM. */
const JobKind *const *house_kinds(Arena *mem);

/* Workers of this process; *RET is NULL when SETTINGS want none. */
MUST Err *house_crew_start(House *house, const Settings *settings, JobCrew **ret);
