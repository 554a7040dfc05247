/* How large AV1 and HEVC data says its own frames are.
 *
 * The boxes of a HEIC or AVIF file may claim a stamp while the data inside them holds a wall; a decoder believes the data and takes
 * the memory. Only the headers are read: section 5.5 of the AV1 specification, 7.3.2.2 of H.265.
 */
#include "image/coded_priv.h"

enum {
    OBU_SEQUENCE_HEADER = 1,
    NAL_SPS = 33,
    SPS_LOOK_BYTES = 256 /* the size stands before this in any stream */
};

/* Bits from the highest; zeros past the end. */
typedef struct Bits {
    Span span;
    size_t at;
} Bits;

static uint32_t take(Bits *bits, int count)
{
    uint32_t number = 0;

    for (int i = 0; i < count; i++, bits->at++) {
        size_t byte = bits->at / 8;
        unsigned bit = byte < bits->span.size ? bits->span.at[byte] >> (7 - bits->at % 8) & 1u : 0;

        number = number << 1 | bit;
    }
    return number;
}

/* Unsigned Exp-Golomb, as H.265 and AV1's uvlc have it. */
static uint32_t take_golomb(Bits *bits)
{
    int zeros = 0;

    while (zeros < 31 && bits->at < bits->span.size * 8 && !take(bits, 1))
        zeros++;
    return ((uint32_t)1 << zeros) - 1 + take(bits, zeros);
}

static void skip_operating_points(Bits *bits)
{
    bool has_decoder_model = false;
    int delay_bits = 0;

    if (take(bits, 1)) { /* timing */
        take(bits, 32);
        take(bits, 32);
        if (take(bits, 1))
            take_golomb(bits);
        has_decoder_model = take(bits, 1);
        if (has_decoder_model) {
            delay_bits = (int)take(bits, 5) + 1;
            take(bits, 32);
            take(bits, 10);
        }
    }
    bool has_display_delay = take(bits, 1);
    int points = (int)take(bits, 5) + 1;
    for (int i = 0; i < points; i++) {
        take(bits, 12);
        if (take(bits, 5) > 7)
            take(bits, 1);
        if (has_decoder_model && take(bits, 1)) {
            take(bits, delay_bits);
            take(bits, delay_bits);
            take(bits, 1);
        }
        if (has_display_delay && take(bits, 1))
            take(bits, 4);
    }
}

static int64_t sequence_pixels(Span body)
{
    Bits bits = {.span = body};

    take(&bits, 4); /* profile, still picture */
    if (take(&bits, 1))
        take(&bits, 5); /* a reduced header has its level only */
    else
        skip_operating_points(&bits);
    int width_bits = (int)take(&bits, 4) + 1, height_bits = (int)take(&bits, 4) + 1;
    int64_t width = (int64_t)take(&bits, width_bits) + 1;
    return width * ((int64_t)take(&bits, height_bits) + 1);
}

int64_t coded_pixels_av1(Span data)
{
    int64_t most = 0;

    for (size_t at = 0; at < data.size;) {
        unsigned head = data.at[at++];
        uint64_t size = 0;

        if (head & 4)
            at++; /* extension */
        if (head & 2)
            for (int i = 0; i < 8 && at < data.size; i++) {
                unsigned byte = data.at[at++];

                size |= (uint64_t)(byte & 127) << 7 * i;
                if (!(byte & 128))
                    break;
            }
        at = MIN(at, data.size);
        if (!(head & 2) || size > data.size - at)
            size = data.size - at;
        if ((head >> 3 & 15) == OBU_SEQUENCE_HEADER && size)
            most = MAX(most, sequence_pixels((Span){data.at + at, (size_t)size}));
        at += (size_t)size;
    }
    return most;
}

static int64_t sps_pixels(Span nal)
{
    unsigned char plain[SPS_LOOK_BYTES];
    size_t size = 0;
    int zeros = 0;

    /* A 3 after two zeros was put there so that no start code appears. */
    for (size_t i = 2; i < nal.size && size < sizeof(plain); i++) {
        if (zeros >= 2 && nal.at[i] == 3) {
            zeros = 0;
            continue;
        }
        zeros = nal.at[i] ? 0 : zeros + 1;
        plain[size++] = nal.at[i];
    }

    Bits bits = {.span = {plain, size}};
    bool has_profile[8] = {false}, has_level[8] = {false};
    take(&bits, 4);
    int layers = (int)take(&bits, 3);
    take(&bits, 1);
    bits.at += 96; /* general profile, tier and level */
    for (int i = 0; i < layers; i++) {
        has_profile[i] = take(&bits, 1);
        has_level[i] = take(&bits, 1);
    }
    if (layers > 0)
        take(&bits, 2 * (8 - layers));
    for (int i = 0; i < layers; i++)
        bits.at += (has_profile[i] ? 88u : 0) + (has_level[i] ? 8u : 0);
    take_golomb(&bits);
    if (take_golomb(&bits) == 3)
        take(&bits, 1);
    int64_t width = take_golomb(&bits);
    return width * (int64_t)take_golomb(&bits);
}

int64_t coded_pixels_hevc(Span data)
{
    int64_t most = 0;

    for (size_t at = 0; at + 6 <= data.size;) {
        size_t size = MIN((size_t)span_u32(data.at + at), data.size - at - 4);

        if (size > 2 && (data.at[at + 4] >> 1 & 63) == NAL_SPS)
            most = MAX(most, sps_pixels((Span){data.at + at + 4, size}));
        at += 4 + size;
    }
    return most;
}

int64_t coded_pixels_hvcc(Span body)
{
    int64_t most = 0;
    size_t at = 23;

    for (int arrays = body.size > 22 ? body.at[22] : 0; arrays > 0; arrays--) {
        Span head = span_part(body, at, 3);

        if (!head.size)
            break;
        at += 3;
        for (unsigned nals = span_u16(head.at + 1); nals > 0; nals--) {
            Span size = span_part(body, at, 2);
            Span nal = size.size ? span_part(body, at + 2, span_u16(size.at)) : (Span){0};

            if (!nal.size)
                return most;
            if (nal.size > 2 && (head.at[0] & 63) == NAL_SPS)
                most = MAX(most, sps_pixels(nal));
            at += 2 + nal.size;
        }
    }
    return most;
}
