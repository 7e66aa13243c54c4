#include "jobs/make_model.hpp"

#include "base/error.hpp"
#include "model/registry.hpp"

namespace smlt {

std::unique_ptr<model::Model> make_model(const std::string& name, const settings::Settings& settings) {
#define SMLT_MODEL(folder) \
  if (name == #folder) return models::make_##folder(settings);
#include "models/registry.inc"
#undef SMLT_MODEL
  throw AlgorithmError("Expected the name of a registered model, found '{}'.", name);
}

}  // namespace smlt
