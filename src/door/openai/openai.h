/* openai.h - the OpenAI door: pictures as OpenAI's own API makes them, so that its clients work here unchanged. */
#pragma once

#include "http/endpoint.h"

extern const FrontDoor openai_door;
