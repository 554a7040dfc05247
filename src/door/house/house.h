/* house.h - what operators and engineers ask of any server: is it well, what are its numbers, what can it do. */
#pragma once

#include "http/endpoint.h"

extern const FrontDoor house_door; /* its context is a Desk */
