/* How well pairs of one person are told from pairs of two: bench_faces MODELS PERSON[+PERSON]=PHOTO...
 *
 * Every photo is the reference once for every other: its main face against each face of the other. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "model/face.h"
#include "recipe/check.h"

enum {
    PHOTOS_MAX = 64,
    PERSONS_MAX = 8
};

typedef struct Portrait {
    const char *persons[PERSONS_MAX];
    size_t persons_count;
    const char *path;
    Image *image;
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
    ret->image = TAKE(decoded.image);
    return NULL;
}

static bool is_shown(const Portrait *portrait, const char *person)
{
    for (size_t i = 0; i < portrait->persons_count; i++)
        if (strcmp(portrait->persons[i], person) == 0)
            return true;
    return false;
}

static MUST Err *pairs_measure(const char *folder, const Portrait *portraits, int count)
{
    static double same[PHOTOS_MAX * PHOTOS_MAX], different[PHOTOS_MAX * PHOTOS_MAX];
    AUTO(models_close) Models *models = NULL;
    size_t same_count = 0, different_count = 0;
    double least = 2, most = -2, won = 0;

    TRY(models_open(&(ModelsOptions){.folder = folder, .threads = 2}, &models));
    for (int i = 0; i < count; i++)
        for (int j = 0; j < count; j++) {
            CheckWish wish = {models,       portraits[i].image,   portraits[j].image,
                              CHECK_PERSON, check_limits_default, 2,
                              NULL};
            CheckResult result;

            if (i == j || portraits[i].persons_count > 1)
                continue;
            TRY(check_pictures(&wish, &result));
            if (is_shown(&portraits[j], portraits[i].persons[0]))
                least = MIN(least, same[same_count++] = result.cosine);
            else
                most = MAX(most, different[different_count++] = result.cosine);
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
    return NULL;
}

static MUST Err *portraits_measure(const char *folder, int count, char **words)
{
    static Portrait portraits[PHOTOS_MAX];

    TRY(image_start(2));
    count = MIN(count, PHOTOS_MAX);
    for (int i = 0; i < count; i++)
        TRY(portrait_read(words[i], &portraits[i]));
    return pairs_measure(folder, portraits, count);
}

int main(int argc, char **argv)
{
    AUTO(err_free) Err *err = argc > 2 ? portraits_measure(argv[1], argc - 2, argv + 2) : NULL;

    if (err)
        fprintf(stderr, "%s\n", err_message(err));
    return err ? 1 : 0;
}
