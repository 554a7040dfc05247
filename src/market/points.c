/* Maps of points: pieces, gaps and what is enclosed. */
#include "market/points.h"

void points_size(int width, int height, int side, int *ret_width, int *ret_height)
{
    int longer = width > height ? width : height;

    longer = MAX(longer, side);
    *ret_width = MAX((int)((int64_t)width * side / longer), 1);
    *ret_height = MAX((int)((int64_t)height * side / longer), 1);
}

void pieces_done(Pieces *pieces)
{
    free(pieces->labels);
    free(pieces->items);
    *pieces = (Pieces){0};
}

/* ---- pieces ---- */

typedef struct Labelling {
    const uint8_t *map;
    uint8_t wanted;
    int width, height;
    int *labels, *stack;
} Labelling;

static bool is_wanted(const Labelling *work, int x, int y)
{
    return x >= 0 && y >= 0 && x < work->width && y < work->height &&
           work->map[y * work->width + x] == work->wanted;
}

static Piece piece_follow(const Labelling *work, int start, int number)
{
    Piece piece = {work->width, work->height, 0, 0, 0, 0, false};
    int depth = 0;

    work->stack[depth++] = start;
    work->labels[start] = number;
    while (depth > 0) {
        int at = work->stack[--depth], x = at % work->width, y = at / work->width, inside = 0;

        piece.left = MIN(piece.left, x);
        piece.top = MIN(piece.top, y);
        piece.right = MAX(piece.right, x);
        piece.bottom = MAX(piece.bottom, y);
        piece.points++;
        for (int i = 0; i < 9; i++) {
            int to_x = x + i % 3 - 1, to_y = y + i / 3 - 1, to = to_y * work->width + to_x;

            if (!is_wanted(work, to_x, to_y))
                continue;
            inside++;
            if (work->labels[to])
                continue;
            work->labels[to] = number;
            work->stack[depth++] = to;
        }
        piece.rim += inside < 9;
    }
    return piece;
}

Err *points_label(const uint8_t *map, uint8_t wanted, int width, int height, Pieces *ret)
{
    size_t count = (size_t)width * (size_t)height;
    AUTO(pieces_done) Pieces pieces = {.labels = calloc(count, sizeof(int))};
    AUTO(free) int *stack = malloc(count * sizeof(int));
    Labelling work = {map, wanted, width, height, pieces.labels, stack};
    int room = 0;

    if (!pieces.labels || !stack)
        return err_new(ERR_MEMORY_SPENT, "no memory to tell pieces apart");
    for (int at = 0; at < (int)count; at++) {
        if (map[at] != wanted || pieces.labels[at])
            continue;
        if (pieces.count == room) {
            room = MAX(room * 2, 64);
            Piece *larger = realloc(pieces.items, (size_t)room * sizeof(Piece));

            if (!larger)
                return err_new(ERR_MEMORY_SPENT, "no memory for pieces");
            pieces.items = larger;
        }
        pieces.items[pieces.count] = piece_follow(&work, at, pieces.count + 1);
        pieces.count++;
    }
    *ret = pieces;
    pieces = (Pieces){0};
    return NULL;
}

/* ---- growing, closing ---- */

/* Running reach along a line of COUNT points STRIDE apart: 1 within RADIUS of a 1. */
static void line_grow(const uint8_t *from, uint8_t *to, int count, int stride, int radius)
{
    int last = -radius - 1, next = 0;

    for (int i = 0; i < count; i++) {
        for (; next < count && next <= i + radius; next++)
            if (from[(ptrdiff_t)next * stride])
                last = next;
        to[(ptrdiff_t)i * stride] = last >= i - radius;
        /* LAST is the last one up to I + RADIUS, so it is also the nearest from the left. */
    }
}

static MUST Err *square_grow(uint8_t *points, int width, int height, int radius)
{
    AUTO(free) uint8_t *half = malloc((size_t)width * (size_t)height);

    if (!half)
        return err_new(ERR_MEMORY_SPENT, "no memory to grow a map");
    for (int y = 0; y < height; y++)
        line_grow(points + (ptrdiff_t)y * width, half + (ptrdiff_t)y * width, width, 1, radius);
    for (int x = 0; x < width; x++)
        line_grow(half + x, points + x, height, width, radius);
    return NULL;
}

Err *points_grow(
    const uint8_t *map, uint8_t wanted, int width, int height, int radius, uint8_t *ret)
{
    for (int at = 0; at < width * height; at++)
        ret[at] = map[at] == wanted;
    return square_grow(ret, width, height, radius);
}

/* 1 for what the border cannot reach over points that are 0. */
static MUST Err *enclosed_fill(uint8_t *points, int width, int height)
{
    AUTO(pieces_done) Pieces open = {0};

    TRY(points_label(points, 0, width, height, &open));
    for (int at = 0; at < width * height; at++) {
        const Piece *piece = open.labels[at] ? &open.items[open.labels[at] - 1] : NULL;

        if (piece && piece->left > 0 && piece->top > 0 && piece->right < width - 1 &&
            piece->bottom < height - 1)
            points[at] = 1;
    }
    return NULL;
}

Err *points_close(uint8_t *map, int width, int height, int radius)
{
    int count = width * height;
    AUTO(free) uint8_t *closed = malloc((size_t)count);

    if (!closed)
        return err_new(ERR_MEMORY_SPENT, "no memory to close a map");
    TRY(points_grow(map, COVER_PRODUCT, width, height, radius, closed));
    TRY(enclosed_fill(closed, width, height));
    for (int at = 0; at < count; at++)
        closed[at] = !closed[at];
    TRY(square_grow(closed, width, height, radius));
    for (int at = 0; at < count; at++)
        if (!closed[at])
            map[at] = COVER_PRODUCT;
    return NULL;
}
