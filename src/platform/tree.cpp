#include "platform/tree.hpp"

#include <system_error>

namespace smlt::platform {
namespace fs = std::filesystem;
namespace {

fs::path path_from(const Environment& environment, const std::string& variable, const fs::path& otherwise) {
  const auto found = environment.find(variable);
  return found == environment.end() || found->second.empty() ? otherwise : fs::path(found->second);
}

}  // namespace

Tree read_tree(const Environment& environment) {
  Tree tree;
  tree.base = path_from(environment, "SAGEMAKER_BASE_DIR", "/opt/ml");
  tree.config = tree.base / "input" / "config";
  tree.data = tree.base / "input" / "data";
  tree.model = path_from(environment, "SM_MODEL_DIR", tree.base / "model");
  tree.models = tree.base / "models";
  tree.output = tree.base / "output";
  tree.output_data = path_from(environment, "SM_OUTPUT_DATA_DIR", tree.output / "data");
  tree.checkpoints = tree.base / "checkpoints";
  return tree;
}

bool has_input(const Tree& tree) {
  std::error_code error;  // what cannot be looked at counts as present
  return fs::status(tree.base / "input", error).type() != fs::file_type::not_found;
}

}  // namespace smlt::platform
