// The card of every registered model: the folder models/NAME/card defines NAME_card().
#pragma once

#include "cards/card.hpp"

namespace smlt::models {

#define SMLT_MODEL(folder) cards::Card folder##_card();
#include "models/registry.inc"
#undef SMLT_MODEL

}  // namespace smlt::models
