/* tone.h - from the set's light to what a screen shows, and back. */
#pragma once

/* Khronos PBR Neutral tone mapping of a linear colour, in place; the result is linear, 0..1. */
void tone_to_display(float colour[3]);

/* The light that tone_to_display would show as COLOUR, which is held below 0.985 of white. */
void tone_from_display(float colour[3]);
