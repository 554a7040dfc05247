/* How well pairs of one person are told from pairs of two: bench_faces MODELS PERSON[+PERSON]=PHOTO...
 *
 * Every photo is the reference once for every other: its main face against each face of the other. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "model/face.h"

enum {
    PHOTOS_MAX = 64,
    PERSONS_MAX = 8
};

typedef struct Portrait {
    const char *persons[PERSONS_MAX];
    size_t persons_count;
    const char *path;
    Image *image; /* RGB */
    Faces faces;
    FaceMark marks[FACES_MAX];
} Portrait;

static MUST Err *portrait_read(char *word, Portrait *ret)
{
    AUTO(buf_done) Buf file = BUF(64 << 20);
    AUTO(image_decoded_done) ImageDecoded decoded = {0};
    char *sign = strchr(word, '=');

    if (!sign)
        return err_new(ERR_INPUT_INVALID, "'%s' does not say who it shows", word);
    *sign = 0;
    ret->path = sign + 1;
    for (char *name = word; name && ret->persons_count < PERSONS_MAX;) {
        char *plus = strchr(name, '+');

        ret->persons[ret->persons_count++] = name;
        if (plus)
            *plus++ = 0;
        name = plus;
    }
    TRY(file_read(ret->path, &file));
    TRY(image_decode(file.bytes, file.size, &image_limits_default, NULL, &decoded));
    return image_take_rgb(decoded.image, &ret->image);
}

static bool is_shown(const Portrait *portrait, const char *person)
{
    for (size_t i = 0; i < portrait->persons_count; i++)
        if (strcmp(portrait->persons[i], person) == 0)
            return true;
    return false;
}

static MUST Err *portraits_mark(const char *folder, Portrait *portraits, int count)
{
    AUTO(models_close) Models *models = NULL;
    Model *finder, *describer;

    TRY(models_open(&(ModelsOptions){.folder = folder, .threads = 2}, &models));
    TRY(models_load(models, "blazeface", &finder));
    TRY(models_load(models, "face-embed", &describer));
    for (int i = 0; i < count; i++) {
        Portrait *portrait = &portraits[i];

        TRY(model_faces(finder, portrait->image, NULL, &portrait->faces));
        for (size_t j = 0; j < portrait->faces.count; j++)
            TRY(model_face_mark(
                describer, portrait->image, &portrait->faces.items[j], NULL, &portrait->marks[j]));
        if (portrait->faces.count == 0)
            printf("no face found in %s\n", path_name(portrait->path));
    }
    return NULL;
}

static size_t main_face(const Faces *faces)
{
    size_t main = 0;

    for (size_t i = 1; i < faces->count; i++)
        if (faces->items[i].width * faces->items[i].confidence >
            faces->items[main].width * faces->items[main].confidence)
            main = i;
    return main;
}

static double best_cosine(const Portrait *reference, const Portrait *other)
{
    const FaceMark *mark = &reference->marks[main_face(&reference->faces)];
    double best = -1;

    for (size_t i = 0; i < other->faces.count; i++)
        best = MAX(best, face_cosine(mark, &other->marks[i]));
    return best;
}

static void pairs_measure(const Portrait *portraits, int count)
{
    static double same[PHOTOS_MAX * PHOTOS_MAX], different[PHOTOS_MAX * PHOTOS_MAX];
    size_t same_count = 0, different_count = 0;
    double least = 2, most = -2, won = 0;

    for (int i = 0; i < count; i++)
        for (int j = 0; j < count; j++) {
            if (i == j || portraits[i].persons_count > 1 || !portraits[i].faces.count)
                continue;

            double cosine = best_cosine(&portraits[i], &portraits[j]);
            if (is_shown(&portraits[j], portraits[i].persons[0]))
                least = MIN(least, same[same_count++] = cosine);
            else
                most = MAX(most, different[different_count++] = cosine);
        }
    for (size_t i = 0; i < same_count; i++)
        for (size_t j = 0; j < different_count; j++)
            won += same[i] > different[j] ? 1 : same[i] == different[j] ? 0.5 : 0;
    printf(
        "%zu pairs of one person: cosine %.3f at least, identity %.2f\n", same_count, least,
        face_likeness(least));
    printf(
        "%zu pairs of strangers: cosine %.3f at most, identity %.2f\n", different_count, most,
        face_likeness(most));
    printf("area under the curve %.4f\n", won / (double)MAX(same_count * different_count, 1u));
}

static MUST Err *portraits_measure(const char *folder, int count, char **words)
{
    static Portrait portraits[PHOTOS_MAX];

    image_start(2);
    count = MIN(count, PHOTOS_MAX);
    for (int i = 0; i < count; i++)
        TRY(portrait_read(words[i], &portraits[i]));
    TRY(portraits_mark(folder, portraits, count));
    pairs_measure(portraits, count);
    return NULL;
}

int main(int argc, char **argv)
{
    AUTO(err_free) Err *err = argc > 2 ? portraits_measure(argv[1], argc - 2, argv + 2) : NULL;

    if (err)
        fprintf(stderr, "%s\n", err_message(err));
    return err ? 1 : 0;
}
