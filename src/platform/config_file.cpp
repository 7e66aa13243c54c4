#include "platform/config_file.hpp"

#include <system_error>

#include "base/byte_order_mark.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "values/json.hpp"

namespace smlt::platform {
namespace fs = std::filesystem;
namespace json = boost::json;
namespace {

constexpr size_t kLargestFile = size_t{16} << 20;

}  // namespace

std::string read_config_file(const Tree& tree, const std::string& name) {
  if (!has_input(tree)) return "";
  const fs::path path = tree.config / name;
  std::error_code error;
  const fs::file_type type = fs::status(path, error).type();
  std::error_code absent;  // a dangling link exists and is a mistake
  if (error == std::errc::no_such_file_or_directory && !fs::is_symlink(path, absent)) return "";
  // Checked before it is opened: opening a named pipe would wake its writer.
  if (!error && type != fs::file_type::regular) {
    throw UserError("Expected a file, found something else at {}.", in_quotes(path.native(), 200));
  }
  const std::string text = read_file(path, kLargestFile);
  return std::string(without_byte_order_mark(text, in_quotes(path.native(), 200)));
}

std::string config_path(const Tree& tree, const std::string& name) { return printable((tree.config / name).native()); }

std::optional<json::object> read_object(const Tree& tree, const std::string& name) {
  const std::string text = read_config_file(tree, name);
  if (trimmed(text).empty()) return std::nullopt;
  return values::parse_object(text, config_path(tree, name));
}

}  // namespace smlt::platform
