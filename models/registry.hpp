// What the folder of each registered model defines: NAME_card() in card.cpp, make_NAME(settings) in NAME.cpp.
#pragma once

#include <memory>

#include "models/card.hpp"

namespace smlt::models {

class Model;

#define SMLT_MODEL(folder) \
  Card folder##_card();    \
  std::unique_ptr<Model> make_##folder(const config::Settings& settings);
#include "models/registry.inc"
#undef SMLT_MODEL

}  // namespace smlt::models
