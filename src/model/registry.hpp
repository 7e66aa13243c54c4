// Every registered model: the folder models/NAME defines make_NAME(settings).
#pragma once

#include <memory>

#include "model/model.hpp"

namespace smlt::models {

#define SMLT_MODEL(folder) std::unique_ptr<model::Model> make_##folder(const settings::Settings& settings);
#include "models/registry.inc"
#undef SMLT_MODEL

}  // namespace smlt::models
