/* What `cyclorama render` promises, on the real program. */
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "image/image.h"
#include "program.h"
#include "test.h"

static const char plain[] = "{\"name\": \"plain\", \"steps\": ["
                            "{\"step\": \"place\", \"width_px\": 200, \"height_px\": 200},"
                            "{\"step\": \"encode\", \"format\": \"jpeg\"}]}";

/* Slow enough to be caught in the middle. */
static const char slow[] = "{\"name\": \"slow\", \"steps\": ["
                           "{\"step\": \"place\", \"width_px\": 900, \"height_px\": 900},"
                           "{\"step\": \"encode\", \"format\": \"webp\", \"effort\": 6}]}";

static void check_says(const char *text, const char *part)
{
    if (!strstr(text, part))
        test_fail(__FILE__, __LINE__, "'%s' does not say '%s'", text, part);
}

static int64_t summed(const Value *lines, const char *name)
{
    const Value *last = value_at(lines, value_count(lines) - 1);

    return value_int(value_get(value_get(last, "summary"), name));
}

static Hash picture_hash(const Desk *desk, const char *name)
{
    AUTO(buf_done) Buf bytes = BUF(1 << 24);

    CHECK_OK(file_read(desk_path(desk, name), &bytes));
    return hash_bytes(bytes.bytes, bytes.size);
}

TEST(a_hundred_mixed_photos_are_finished_and_each_bad_one_is_named)
{
    AUTO(desk_clear) Desk desk = desk_new();
    static const char *const bad[] = {"in/p007.png", "in/p050.jpg", "in/p099.webp"};

    desk_draw_many(&desk, "in", 97);
    unlink(desk_path(&desk, "in/p007.png"));
    desk_draw(&desk, "in/p097.png", 97);
    desk_put(&desk, "in/p007.png", "");
    desk_put(&desk, "in/p050.jpg", "this is no photo");
    desk_put(&desk, "in/p099.webp", "RIFF\x10");
    desk_put(&desk, "plain.json", plain);

    Ran ran = desk_run(&desk, "render in -o out --recipe plain.json");
    CHECK_INT(ran.status, 1);
    check_says(ran.err, "97 of 100 pictures made, 3 failed");
    for (size_t i = 0; i < COUNT(bad); i++)
        check_says(ran.err, arena_print(desk.mem, "  %s: ", bad[i]));
    CHECK_INT(lines_count(desk_text(&desk, "out/.cyclorama.jsonl")), 97);
    CHECK(file_exists(desk_path(&desk, "out/p097.jpg")));
}

TEST(jobs_and_repeats_give_the_same_bytes)
{
    AUTO(desk_clear) Desk desk = desk_new();
    static const char *const runs[] = {"1", "3", "3"};
    Hash first[6];

    desk_draw_many(&desk, "in", 6);
    desk_put(&desk, "plain.json", plain);
    for (size_t run = 0; run < COUNT(runs); run++) {
        CHECK_INT(
            desk_run(
                &desk, arena_print(
                           desk.mem, "render in -o out%zu --recipe plain.json --no-cache --jobs %s",
                           run, runs[run]))
                .status,
            0);
        for (int i = 0; i < 6; i++) {
            Hash hash = picture_hash(&desk, arena_print(desk.mem, "out%zu/p%03d.jpg", run, i));

            if (run == 0)
                first[i] = hash;
            CHECK(hash_equal(hash, first[i]));
        }
    }
    CHECK(!hash_equal(first[0], first[1]));
}

/* Start a slow run and wait until it has finished a few pictures. */
static pid_t run_to_the_middle(const Desk *desk, int photos)
{
    const struct timespec moment = {.tv_nsec = 2000000};

    desk_draw_many(desk, "in", photos);
    desk_put(desk, "slow.json", slow);
    pid_t pid = desk_start(desk, "render in -o out --recipe slow.json --jobs 2");
    while (lines_count(desk_text(desk, "out/.cyclorama.jsonl")) < 3)
        nanosleep(&moment, NULL);
    return pid;
}

static void check_resumed(const Desk *desk, int photos, int kept)
{
    Ran ran = desk_run(desk, "render in -o out --recipe slow.json --resume --json");
    AUTO(value_free) Value *lines = lines_of_json(ran.out);

    CHECK_INT(ran.status, 0);
    CHECK_INT(summed(lines, "skipped"), kept);
    CHECK_INT(summed(lines, "done"), photos - kept);
    for (int i = 0; i < photos; i++)
        CHECK(file_exists(desk_path(desk, arena_print(desk->mem, "out/p%03d.webp", i))));
}

TEST(a_killed_run_is_resumed_with_what_is_missing_only)
{
    AUTO(desk_clear) Desk desk = desk_new();
    pid_t pid = run_to_the_middle(&desk, 16);

    kill(pid, SIGKILL);
    CHECK_INT(desk_wait(&desk, pid).status, 128 + SIGKILL);
    int kept = lines_count(desk_text(&desk, "out/.cyclorama.jsonl"));
    CHECK(kept >= 3);
    CHECK(kept < 16);
    check_resumed(&desk, 16, kept);

    /* What was resumed is what would have been made at once. */
    CHECK_INT(desk_run(&desk, "render in -o whole --recipe slow.json --no-cache").status, 0);
    CHECK(hash_equal(picture_hash(&desk, "out/p015.webp"), picture_hash(&desk, "whole/p015.webp")));
}

TEST(an_interrupted_run_keeps_what_is_finished_and_says_how_to_go_on)
{
    AUTO(desk_clear) Desk desk = desk_new();
    pid_t pid = run_to_the_middle(&desk, 16);

    kill(pid, SIGINT);
    Ran ran = desk_wait(&desk, pid);
    CHECK_INT(ran.status, 130);
    check_says(ran.err, "Add --resume to the same command to go on.");
    check_resumed(&desk, 16, lines_count(desk_text(&desk, "out/.cyclorama.jsonl")));
}

TEST(resume_makes_again_what_has_changed)
{
    AUTO(desk_clear) Desk desk = desk_new();

    desk_draw_many(&desk, "in", 4);
    desk_put(&desk, "plain.json", plain);
    CHECK_INT(desk_run(&desk, "render in -o out --recipe plain.json").status, 0);

    desk_draw(&desk, "in/p001.png", 77);
    desk_put(&desk, "out/p002.jpg", "shorter");
    unlink(desk_path(&desk, "out/p003.jpg"));
    Ran ran = desk_run(&desk, "render in -o out --recipe plain.json --resume --json");
    AUTO(value_free) Value *lines = lines_of_json(ran.out);
    CHECK_INT(summed(lines, "skipped"), 1);
    CHECK_INT(summed(lines, "done"), 3);

    Ran lower =
        desk_run(&desk, "render in -o out --recipe plain.json --resume --json --quality 41");
    AUTO(value_free) Value *all = lines_of_json(lower.out);
    CHECK_INT(summed(all, "done"), 4);
}

TEST(json_lines_say_what_became_of_each_photo_and_of_all)
{
    AUTO(desk_clear) Desk desk = desk_new();

    desk_draw_many(&desk, "in", 2);
    desk_put(&desk, "in/bad.png", "no");
    desk_put(&desk, "plain.json", plain);
    Ran ran = desk_run(&desk, "render in -o out --recipe plain.json --json --jobs 1");
    AUTO(value_free) Value *lines = lines_of_json(ran.out);

    CHECK_INT(ran.status, 1);
    CHECK_TEXT(ran.err, "");
    CHECK_INT(value_count(lines), 4);
    const Value *bad = value_at(lines, 0), *good = value_at(lines, 1);
    CHECK_TEXT(value_text(value_get(bad, "photo")), "in/bad.png");
    CHECK_TEXT(value_text(value_get(bad, "state")), "failed");
    CHECK_INT(value_kind(value_get(bad, "output")), VALUE_NULL);
    CHECK_TEXT(value_text(value_get(value_get(bad, "error"), "code")), "image_unsupported");
    CHECK(value_text(value_get(value_get(bad, "error"), "message")));
    CHECK_TEXT(value_text(value_get(good, "output")), "out/p000.jpg");
    CHECK_TEXT(value_text(value_get(good, "state")), "done");
    CHECK_INT(value_int(value_get(good, "width_px")), 200);
    CHECK(value_number(value_get(good, "seconds")) >= 0);
    CHECK(value_get(good, "cpu_seconds"));
    CHECK(value_get(value_get(good, "notes"), "encode"));
    CHECK_INT(summed(lines, "photos"), 3);
    CHECK_INT(summed(lines, "failed"), 1);
}

static void
check_picture(const Desk *desk, const char *name, ImageFormat format, int width, int height)
{
    AUTO(buf_done) Buf bytes = BUF(1 << 24);
    ImageFacts facts;

    CHECK_OK(file_read(desk_path(desk, name), &bytes));
    image_start(1);
    CHECK_OK(image_probe(bytes.bytes, bytes.size, &image_limits_default, &facts));
    CHECK_TEXT(image_format_name(facts.format), image_format_name(format));
    CHECK_INT(facts.width_px, width);
    CHECK_INT(facts.height_px, height);
}

TEST(the_ending_of_the_output_chooses_the_format)
{
    AUTO(desk_clear) Desk desk = desk_new();

    desk_draw(&desk, "a.png", 1);
    desk_put(&desk, "plain.json", plain);
    CHECK_INT(desk_run(&desk, "render a.png -o b.webp --recipe plain.json").status, 0);
    check_picture(&desk, "b.webp", IMAGE_WEBP, 200, 200);
    CHECK_INT(desk_run(&desk, "render a.png -o c.png --recipe plain.json --size 90x60").status, 0);
    check_picture(&desk, "c.png", IMAGE_PNG, 90, 60);
    CHECK_INT(
        desk_run(&desk, "render a.png -o new/out --recipe plain.json --format tiff").status, 0);
    check_picture(&desk, "new/out/a.tif", IMAGE_TIFF, 200, 200);
    CHECK(!file_exists(desk_path(&desk, ".cyclorama.jsonl")));
}

TEST(a_recipe_without_encode_takes_format_and_options_too)
{
    AUTO(desk_clear) Desk desk = desk_new();

    desk_draw(&desk, "a.png", 1);
    desk_put(
        &desk, "r.json",
        "{\"steps\": [{\"step\": \"place\", \"width_px\": 50, \"height_px\": 40}]}");
    CHECK_INT(
        desk_run(
            &desk, "render a.png -o b.jpg --recipe r.json --quality 50 --set place.width_px=60")
            .status,
        0);
    check_picture(&desk, "b.jpg", IMAGE_JPEG, 60, 40);
}

TEST(what_cannot_be_meant_is_refused_before_anything_is_made)
{
    static const struct {
        const char *words, *says;
    } rows[] = {
        {"render a.png", "-o FOLDER"},
        {"render -o out", "Something is missing."},
        {"render a.png -o out --template marketplace-whit", "Did you mean 'marketplace-white'?"},
        {"render a.png -o out --template x --recipe y", "not both"},
        {"render a.png -o out --recipe none.json", "There is no recipe file none.json"},
        {"render a.png -o out --recipe bad.json", "bad.json, at /steps/0/fill: fill must be"},
        {"render a.png -o out --recipe plain.json --set plac.fill=3", "Did you mean 'place'?"},
        {"render a.png -o out --recipe plain.json --set place.fil=3", "no option 'fil'"},
        {"render a.png -o out --recipe plain.json --size wide", "--size cannot be 'wide'"},
        {"render a.png -o out --recipe plain.json --preview", "no step 'cutout'"},
        {"render a.png -o b.heic --recipe plain.json", "HEIC pictures can be read but not written"},
        {"render a.png -o b.png --recipe plain.json --format jpg", "ends in .png"},
        {"render a.png b.png -o c.png --recipe plain.json", "2 pictures cannot all become c.png"},
        {"render *.tiff -o out --recipe plain.json", "No file matches *.tiff"},
        {"render a.png -o a.png --recipe plain.json", "take the place of one of your photos"},
        {"render a.png -o out --recipe plain.json --review ./a.png",
         "take the place of one of your photos"},
        {"render a.png -o b.png --recipe plain.json --resume", "--resume needs a folder"},
        {"render a.png -o out --qality 5", "Did you mean --quality?"},
        {"rendr a.png -o out", "Did you mean 'render'?"},
    };
    AUTO(desk_clear) Desk desk = desk_new();

    desk_draw(&desk, "a.png", 1);
    desk_draw(&desk, "b.png", 2);
    desk_put(&desk, "plain.json", plain);
    desk_put(&desk, "bad.json", "{\"steps\": [{\"step\": \"place\", \"fill\": 900}]}");
    for (size_t i = 0; i < COUNT(rows); i++) {
        Ran ran = desk_run(&desk, rows[i].words);

        CHECK_INT(ran.status, 2);
        check_says(ran.err, rows[i].says);
        CHECK_INT(lines_count(ran.err), 1);
        CHECK(!file_exists(desk_path(&desk, "out/a.jpg")));
    }
}

TEST(a_photo_that_is_not_there_fails_by_itself)
{
    AUTO(desk_clear) Desk desk = desk_new();

    desk_draw(&desk, "a.png", 1);
    desk_put(&desk, "plain.json", plain);
    Ran ran = desk_run(&desk, "render none.png a.png -o out --recipe plain.json");
    CHECK_INT(ran.status, 1);
    check_says(ran.err, "none.png: There is no such file. Check the name.");
    CHECK(file_exists(desk_path(&desk, "out/a.jpg")));
}

TEST(a_picture_whose_place_is_a_folder_fails_by_itself)
{
    AUTO(desk_clear) Desk desk = desk_new();

    desk_draw_many(&desk, "in", 3);
    CHECK_OK(folder_make(desk_path(&desk, "out/p000.jpg")));
    desk_put(&desk, "plain.json", plain);
    Ran ran = desk_run(&desk, "render in -o out --recipe plain.json --jobs 1");
    CHECK_INT(ran.status, 1);
    check_says(ran.err, "2 of 3 pictures made, 1 failed");
}

TEST(a_closed_output_folder_stops_the_run_at_once)
{
    AUTO(desk_clear) Desk desk = desk_new();

    if (geteuid() == 0)
        test_skip("no folder is closed to root");
    desk_draw_many(&desk, "in", 3);
    desk_put(&desk, "out/.cyclorama.jsonl", "");
    desk_put(&desk, "plain.json", plain);
    CHECK_INT(chmod(desk_path(&desk, "out"), 0555), 0);
    Ran ran = desk_run(&desk, "render in -o out --recipe plain.json --jobs 1");
    CHECK_INT(chmod(desk_path(&desk, "out"), 0755), 0);
    CHECK_INT(ran.status, 1);
    check_says(ran.err, "0 of 3 pictures made, 1 failed");
    check_says(ran.err, "the others would fail in the same way");
}

TEST(a_photo_with_a_very_long_name_is_made)
{
    AUTO(desk_clear) Desk desk = desk_new();
    const char *stem = arena_print(desk.mem, "%0251d", 0);

    desk_draw(&desk, arena_print(desk.mem, "in/%s.png", stem), 1);
    desk_put(&desk, "plain.json", plain);
    Ran ran = desk_run(&desk, "render in -o out --recipe plain.json --format webp");
    CHECK_INT(ran.status, 0);
    CHECK(file_exists(desk_path(&desk, arena_print(desk.mem, "out/%.250s.webp", stem))));
}

TEST(quiet_says_only_what_failed)
{
    AUTO(desk_clear) Desk desk = desk_new();

    desk_draw(&desk, "a.png", 1);
    desk_put(&desk, "plain.json", plain);
    Ran ran = desk_run(&desk, "render a.png -o out --recipe plain.json -q");
    CHECK_INT(ran.status, 0);
    CHECK_TEXT(ran.err, "");
    CHECK_TEXT(ran.out, "");
}

TEST(memory_does_not_grow_with_the_number_of_photos)
{
    AUTO(desk_clear) Desk desk = desk_new();
    enum {
        SLACK_KB = 16 * 1024
    };

    desk_draw_many(&desk, "few", 4);
    desk_draw_many(&desk, "many", 100);
    desk_put(&desk, "plain.json", plain);
    Ran few = desk_run(&desk, "render few -o out1 --recipe plain.json --jobs 2 --no-cache");
    Ran many = desk_run(&desk, "render many -o out2 --recipe plain.json --jobs 2 --no-cache");
    CHECK_INT(few.status, 0);
    CHECK_INT(many.status, 0);
    CHECK(many.peak_kb < few.peak_kb + SLACK_KB);
}

TEST(log_lines_are_json_and_name_the_source_line_of_a_failure)
{
    AUTO(desk_clear) Desk desk = desk_new();

    desk_put(&desk, "bad.png", "no");
    desk_put(&desk, "plain.json", plain);
    desk_put(&desk, ".env", "CYCLORAMA_LOG_LEVEL=info\n");
    Ran ran = desk_run(&desk, "render bad.png -o out --recipe plain.json --json");
    AUTO(value_free) Value *lines = lines_of_json(ran.err);

    CHECK_INT(value_count(lines), 2);
    CHECK_TEXT(value_text(value_get(value_at(lines, 0), "event")), "photo.failed");
    CHECK_TEXT(value_text(value_get(value_at(lines, 0), "subject")), "bad.png");
    CHECK(value_int(value_get(value_at(lines, 0), "line")) > 0);
    CHECK_TEXT(value_text(value_get(value_at(lines, 1), "event")), "render.done");
}

TEST(a_missing_model_stops_the_run_at_once_and_says_what_to_do)
{
    AUTO(desk_clear) Desk desk = desk_new();

    desk_put(&desk, "cutout.json", "{\"steps\": [{\"step\": \"cutout\"}]}");
    desk_draw_many(&desk, "in", 9);
    desk_flatten(&desk, "in/p000.png");
    Ran ran = desk_run(&desk, "render in -o out --recipe cutout.json --jobs 1");
    CHECK_INT(ran.status, 1);
    check_says(ran.err, "cyclorama models fetch");
    check_says(ran.err, "the others would fail in the same way");
    CHECK_INT(lines_count(desk_text(&desk, "out/.cyclorama.jsonl")), 0);
}

TEST(a_cutout_is_rgba_at_the_photos_own_size_and_reports_its_model)
{
    AUTO(desk_clear) Desk desk = desk_new();
    const char *folder = models_folder_found();
    AUTO(buf_done) Buf bytes = BUF(1 << 24);
    ImageFacts facts;

    if (!folder)
        test_skip("no models: set CYCLORAMA_MODELS");
    const char *models[] = {arena_print(desk.mem, "CYCLORAMA_MODELS=%s", folder), NULL};
    desk_draw(&desk, "a.png", 1);
    desk_flatten(&desk, "a.png");
    Ran ran = desk_run_with(&desk, "render a.png --recipe cutout -o b.png --json", models);
    CHECK_INT(ran.status, 0);
    AUTO(value_free) Value *lines = lines_of_json(ran.out);
    CHECK(value_get(value_get(value_at(lines, 0), "notes"), "cutout"));

    CHECK_OK(file_read(desk_path(&desk, "b.png"), &bytes));
    image_start(1);
    CHECK_OK(image_probe(bytes.bytes, bytes.size, &image_limits_default, &facts));
    CHECK_INT(facts.width_px, 320);
    CHECK_INT(facts.height_px, 240);
    CHECK(facts.has_alpha);
}

TEST(a_terminal_gets_a_bar_with_failures_above_it)
{
    AUTO(desk_clear) Desk desk = desk_new();
    const char *terminal[] = {"TERM=xterm", "NO_COLOR=1", NULL};

    desk_draw_many(&desk, "in", 3);
    desk_put(&desk, "in/bad.png", "no");
    desk_put(&desk, "plain.json", plain);
    const char *seen =
        desk_run_on_terminal(&desk, "render in -o out --recipe plain.json --jobs 1", terminal, 60);
    check_says(seen, "\r\x1b[Kin/bad.png: ");
    check_says(seen, "4/4");
    check_says(seen, "1 failed");
    check_says(seen, "\r\x1b[K3 of 4 pictures made, 1 failed");
    CHECK(!strstr(seen, "\x1b[3"));
    CHECK(!strstr(seen, "p001.png ->"));
}
