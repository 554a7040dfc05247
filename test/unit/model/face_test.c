/* Promises of faces; on real portraits where they and the networks are at hand. */
#include "base/file.h"
#include "model/face.h"
#include "test.h"

TEST(likeness_is_even_from_strangers_to_the_same_picture)
{
    CHECK(face_likeness(0.5) == 0 && face_likeness(0.8) == 0 && face_likeness(1) > 0.999);
    CHECK(face_likeness(0.925) < FACE_ALIKE && face_likeness(0.935) > FACE_ALIKE);
}

static Models *models_at_hand(void)
{
    const char *named = getenv("CYCLORAMA_MODELS");
    Models *models = NULL;

    CHECK_OK(models_open(&(ModelsOptions){.folder = named ? named : ".models"}, &models));
    for (size_t i = 0; i < 2; i++) {
        const ModelRow *row = models_find(models, i ? "face-embed" : "blazeface");

        if (!row || models_state(models, row) != MODEL_STATE_INSTALLED) {
            models_close(models);
            test_skip("no networks for faces; run 'cyclorama models fetch blazeface face-embed'");
        }
    }
    return models;
}

/* The surest face of the portrait NAME beside this clone. */
static FaceMark mark_of(Models *models, const char *name)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(buf_done) Buf file = BUF(32 << 20);
    AUTO(image_decoded_done) ImageDecoded decoded = {0};
    AUTO(image_free) Image *rgb = NULL;
    Model *finder, *describer;
    FaceMark mark;
    Faces faces;

    CHECK_OK(models_load(models, "blazeface", &finder));
    CHECK_OK(models_load(models, "face-embed", &describer));
    CHECK_OK(file_read(path_join(mem, TEST_SOURCE "/../../shared/photos/faces", name), &file));
    CHECK_OK(image_decode(file.bytes, file.size, &image_limits_default, NULL, &decoded));
    CHECK_OK(image_take_rgb(decoded.image, &rgb));
    CHECK_OK(model_faces(finder, rgb, NULL, &faces));
    CHECK_INT(faces.count, 1);
    CHECK_OK(model_face_mark(describer, rgb, &faces.items[0], NULL, &mark));
    return mark;
}

TEST(one_person_is_told_from_two_on_portraits)
{
    if (!folder_exists(TEST_SOURCE "/../../shared/photos/faces"))
        test_skip("no ../shared beside this clone");

    AUTO(models_close) Models *models = models_at_hand();
    FaceMark speech = mark_of(models, "obama-2009-speech.jpg");
    FaceMark portrait = mark_of(models, "obama-2012-portrait.jpg");
    FaceMark kennedy = mark_of(models, "kennedy-portrait.jpg");

    CHECK(face_likeness(face_cosine(&speech, &portrait)) > FACE_ALIKE);
    CHECK(face_likeness(face_cosine(&kennedy, &portrait)) < FACE_ALIKE);
    CHECK(face_likeness(face_cosine(&kennedy, &speech)) < FACE_ALIKE);
}

TEST(a_picture_of_nothing_has_no_face)
{
    AUTO(models_close) Models *models = models_at_hand();
    AUTO(image_free) Image *grey = NULL;
    Model *finder;
    Faces faces;

    CHECK_OK(image_flat(300, 200, (Colour){128, 128, 128, 255}, &grey));
    CHECK_OK(models_load(models, "blazeface", &finder));
    CHECK_OK(model_faces(finder, grey, NULL, &faces));
    CHECK_INT(faces.count, 0);
}
