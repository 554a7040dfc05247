/* dice.h - random numbers that can be thrown again: the same seed gives the same row of numbers on every machine. */
#pragma once

#include <stdint.h>

typedef struct Dice {
    uint64_t state;
} Dice;

Dice dice_seeded(uint64_t seed);
uint64_t dice_bits(Dice *dice);
double dice_unit(Dice *dice); /* 0 <= x < 1 */
double dice_between(Dice *dice, double low, double high);

/* A well-mixed number from two, for "the noise at pixel (x, y)" with no state. */
uint64_t dice_hash(uint64_t a, uint64_t b);
