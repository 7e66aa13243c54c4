#include "program/arguments.hpp"

#include <algorithm>
#include <string_view>

#include "base/error.hpp"
#include "base/text.hpp"

namespace smlt {
namespace {

constexpr std::string_view kDashes = "--";

bool is_called(std::string_view argument, std::string_view name) {
  return argument.starts_with("-") && folded(argument.substr(0, argument.find('='))) == folded(name);
}

std::optional<std::string> value_in(std::string_view argument) {
  const size_t equals = argument.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  return std::string(argument.substr(equals + 1));
}

Arguments::iterator find_called(Arguments& arguments, std::string_view name) {
  return std::find_if(arguments.begin(), arguments.end(),
                      [&](const std::string& argument) { return is_called(argument, name); });
}

}  // namespace

std::optional<std::string> take_option(Arguments& arguments, const std::string& name) {
  std::optional<std::string> last;
  for (auto option = find_called(arguments, name); option != arguments.end(); option = find_called(arguments, name)) {
    std::optional<std::string> value = value_in(*option);
    auto end = option + 1;
    if (!value && end != arguments.end() && !end->starts_with(kDashes)) value = *end++;
    if (!value || value->empty()) {
      throw UserError("Option {} on the command line has no value; write {} VALUE or {}=VALUE.", in_quotes(name), name,
                      name);
    }
    last = std::move(value);
    arguments.erase(option, end);
  }
  return last;
}

bool take_flag(Arguments& arguments, const std::string& name) {
  bool is_set = false;
  for (auto flag = find_called(arguments, name); flag != arguments.end(); flag = find_called(arguments, name)) {
    const std::string value = folded(value_in(*flag).value_or("true"));
    if (value != "true" && value != "false") {
      throw UserError("Expected {} alone, or with =true or =false, found {}.", name, in_quotes(*flag));
    }
    is_set = value == "true";
    arguments.erase(flag);
  }
  return is_set;
}

void refuse_options(const Arguments& arguments) {
  for (const std::string& argument : arguments) {
    if (!argument.starts_with(kDashes)) continue;
    throw UserError("Unknown option {}; see sagemaker-libtorch --help.", in_quotes(argument));
  }
}

}  // namespace smlt
