#pragma once

#include <memory>
#include <string>

#include "model/model.hpp"

namespace smlt {

/// The registered model of that name (models/registry.inc) with the job's settings. Throws AlgorithmError for any other
/// name.
std::unique_ptr<model::Model> make_model(const std::string& name, const settings::Settings& settings);

}  // namespace smlt
