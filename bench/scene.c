/* One empty set, SIDE pixels square, on THREADS threads: scene SCENE.json SIDE THREADS OUT.png */
#include "scene/scene.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"

enum {
    FILE_BYTES_MAX = 64 << 20
};

static MUST Err *scene_shoot(char **words)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(buf_done) Buf text = BUF(FILE_BYTES_MAX), file = BUF(FILE_BYTES_MAX);
    AUTO(value_free) Value *json = NULL;
    AUTO(scene_shot_done) SceneShot shot = {0};
    const Scene *scene;
    int side = (int)strtol(words[1], NULL, 10);
    SceneView view = {
        .width_px = side,
        .height_px = side,
        .threads = (int)strtol(words[2], NULL, 10),
        .quality = SCENE_NORMAL,
    };
    const ImageEncoding encoding = {.format = IMAGE_PNG, .effort = 1};

    TRY(file_read(words[0], &text));
    TRY(value_parse(buf_text(&text), text.size, &json));
    TRY(scene_read(json, mem, &scene));
    TRY(scene_render(scene, &view, &shot));
    TRY(image_encode(shot.picture, &encoding, &file));
    return file_write(words[3], file.bytes, file.size);
}

int main(int argc, char **argv)
{
    if (argc != 5)
        return 2;
    image_start(1);
    AUTO(err_free) Err *err = image_open();
    if (!err)
        err = scene_shoot(argv + 1);
    if (err)
        fprintf(stderr, "%s\n", err_message(err));
    return err != NULL;
}
