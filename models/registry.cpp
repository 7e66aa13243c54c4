#include "models/registry.hpp"

#include "base/error.hpp"
#include "models/model.hpp"

namespace smlt::models {

std::unique_ptr<Model> make_model(const std::string& name, const config::Settings& settings) {
#define SMLT_MODEL(folder) \
  if (name == #folder) return make_##folder(settings);
#include "models/registry.inc"
#undef SMLT_MODEL
  throw AlgorithmError("Expected the name of a registered model, found '{}'.", name);
}

}  // namespace smlt::models
