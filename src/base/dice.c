/* Random numbers that can be thrown again: SplitMix64 (Steele, Lea, Flood 2014). */
#include "base/dice.h"

static uint64_t bits_mixed(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

Dice dice_seeded(uint64_t seed)
{
    return (Dice){seed};
}

uint64_t dice_bits(Dice *dice)
{
    dice->state += 0x9e3779b97f4a7c15u;
    return bits_mixed(dice->state);
}

double dice_unit(Dice *dice)
{
    return (double)(dice_bits(dice) >> 11) * 0x1p-53;
}

double dice_between(Dice *dice, double low, double high)
{
    return low + (high - low) * dice_unit(dice);
}

uint64_t dice_hash(uint64_t a, uint64_t b)
{
    return bits_mixed(bits_mixed(a + 0x9e3779b97f4a7c15u) ^ (b + 0x632be59bd9b4e019u));
}
