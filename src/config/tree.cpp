#include "config/tree.hpp"

#include <unistd.h>

#include <string_view>
#include <system_error>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"

namespace smlt::config {
namespace fs = std::filesystem;
namespace {

constexpr size_t kLargestConfigFile = size_t{16} << 20;

fs::path path_from(const Environment& environment, const std::string& variable, const fs::path& otherwise) {
  const auto found = environment.find(variable);
  return found == environment.end() || found->second.empty() ? otherwise : fs::path(found->second);
}

}  // namespace

Environment captured_environment() {
  Environment environment;
  for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const size_t equals = text.find('=');
    if (equals != std::string_view::npos) environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

Tree read_tree(const Environment& environment) {
  Tree tree;
  tree.base = path_from(environment, "SAGEMAKER_BASE_DIR", "/opt/ml");
  tree.config = tree.base / "input" / "config";
  tree.data = tree.base / "input" / "data";
  tree.model = path_from(environment, "SM_MODEL_DIR", tree.base / "model");
  tree.output = tree.base / "output";
  tree.output_data = path_from(environment, "SM_OUTPUT_DATA_DIR", tree.output / "data");
  tree.checkpoints = tree.base / "checkpoints";
  return tree;
}

std::string read_config_file(const Tree& tree, const std::string& name) {
  const fs::path path = tree.config / name;
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) return "";
  // Checked before it is opened: opening a named pipe would wait for its writer.
  if (!error && status.type() != fs::file_type::regular) {
    throw UserError("Expected a file, found something else at {}.", in_quotes(path.native(), 200));
  }
  return read_file(path, kLargestConfigFile);
}

}  // namespace smlt::config
