/* cyclorama work: workers alone. */
#include "app/command.h"
#include "app/tend.h"
#include "image/image.h"
#include "watch/watch.h"

static Err *work(App *app, const void *options, const Texts *words, Exit *exit)
{
    AUTO(house_close) House house = {0};
    AUTO(tend_stop) Tending *tending = NULL;
    Settings settings = app->settings;
    JobCrew *crew;

    (void)options;
    (void)words;
    if (settings.workers < 0)
        return err_field(
            err_public(
                err_new(ERR_INPUT_INVALID, "work without workers"),
                "--workers must be 0 or more here: this command does nothing but work."),
            "/workers");
    TRY(house_open(
        &(HouseWish){app, *settings.public_url ? settings.public_url : "http://127.0.0.1"},
        &house));
    TRY(image_open());
    TRY(house_crew_start(&house, &settings, &crew));
    Err *err = tend_start(&house, &tending);
    if (err) {
        job_crew_stop(crew, 0);
        return err;
    }
    fprintf(app->out, "Cyclorama works, %d pictures at once\n", house.rig.jobs);
    fflush(app->out);

    cancel_wait(app->cancel, -1);
    watch_line(WATCH_INFO, "work.stopping", NULL);
    job_crew_stop(crew, settings.drain_seconds * 1000);
    *exit = EXIT_DONE;
    return NULL;
}

const Command command_work = {
    .name = "work",
    .summary = "Run workers alone, beside servers on the same database",
    .usage = "[options]",
    .about =
        (const char *const[]){
            "Takes jobs from the database that it shares with 'cyclorama serve', makes the "
            "pictures and keeps them in the shared "
            "store. Run it on as many machines as there is work for; one that dies loses nothing, "
            "others take over "
            "what it had in hand.",
            NULL},
    .examples =
        (const Example[]){
            {"DATABASE_URL=postgresql://cyclorama@db/cyclorama cyclorama work",
             "as many pictures at once as this machine can"},
            {0}},
    .options = SHAPE(NoOptions),
    .is_server = true,
    .asks_vendors = true,
    .run = work,
};
