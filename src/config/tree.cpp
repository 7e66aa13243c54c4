#include "config/tree.hpp"

#include <unistd.h>

#include <string_view>
#include <system_error>

#include "base/byte_order_mark.hpp"
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

bool has_input(const Tree& tree) {
  std::error_code error;  // what cannot be looked at is there
  return fs::status(tree.base / "input", error).type() != fs::file_type::not_found;
}

std::string read_config_file(const Tree& tree, const std::string& name) {
  if (!has_input(tree)) return "";
  const fs::path path = tree.config / name;
  std::error_code error;
  const fs::file_type type = fs::status(path, error).type();
  std::error_code absent;  // a link that leads nowhere is there, and a mistake
  if (error == std::errc::no_such_file_or_directory && !fs::is_symlink(path, absent)) return "";
  // Checked before it is opened: opening a named pipe would wake its writer.
  if (!error && type != fs::file_type::regular) {
    throw UserError("Expected a file, found something else at {}.", in_quotes(path.native(), 200));
  }
  const std::string text = read_file(path, kLargestConfigFile);
  return std::string(without_byte_order_mark(text, in_quotes(path.native(), 200)));
}

}  // namespace smlt::config
