/* So many at once, and a line that has an end. */
#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/turns.h"
#include "test.h"

enum {
    PLACES = 2,
    COMERS = 12
};

typedef struct Room {
    Turns *turns;
    atomic_int inside, most, done;
} Room;

static void *come_in(void *room_any)
{
    Room *room = room_any;

    CHECK_OK(turns_enter(room->turns, NULL));
    int inside = atomic_fetch_add(&room->inside, 1) + 1;
    for (int most = atomic_load(&room->most);
         inside > most && !atomic_compare_exchange_weak(&room->most, &most, inside);)
        ;
    usleep(2000);
    atomic_fetch_sub(&room->inside, 1);
    atomic_fetch_add(&room->done, 1);
    turns_leave(room->turns);
    return NULL;
}

TEST(no_more_are_inside_than_there_are_places_and_all_get_in)
{
    AUTO(turns_free) Turns *turns = turns_new(PLACES, COMERS);
    Room room = {.turns = turns};
    pthread_t threads[COMERS];

    for (int i = 0; i < COMERS; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, come_in, &room), 0);
    for (int i = 0; i < COMERS; i++)
        pthread_join(threads[i], NULL);
    CHECK_INT(room.done, COMERS);
    CHECK(room.most >= 1 && room.most <= PLACES);
}

TEST(who_finds_the_line_full_is_told_to_come_again)
{
    AUTO(turns_free) Turns *turns = turns_new(1, 0);

    CHECK_OK(turns_enter(turns, NULL));
    CHECK_ERR(turns_enter(turns, NULL), ERR_RATE_LIMITED, "0 wait for a place already");
    turns_leave(turns);
    CHECK_OK(turns_enter(turns, NULL));
    turns_leave(turns);
}

TEST(who_waits_for_a_place_can_be_called_away)
{
    AUTO(turns_free) Turns *turns = turns_new(1, 1);
    Cancel cancel = CANCEL_INIT;

    CHECK_OK(turns_enter(turns, NULL));
    cancel_ask(&cancel);
    AUTO(err_free) Err *err = turns_enter(turns, &cancel);
    CHECK(err && err_code(err) == ERR_CANCELLED);
    turns_leave(turns);
    CHECK_OK(turns_enter(turns, NULL));
    turns_leave(turns);
}
