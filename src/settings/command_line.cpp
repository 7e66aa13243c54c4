#include "settings/command_line.hpp"

#include <algorithm>
#include <boost/program_options.hpp>
#include <set>
#include <string_view>

#include "base/error.hpp"
#include "base/text.hpp"

namespace smlt::settings {
namespace options = boost::program_options;
namespace {

// Boost gives ',' and '*' in a declared name a special meaning.
bool is_option_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_';
  };
  return !name.empty() && std::all_of(name.begin(), name.end(), allowed);
}

[[noreturn]] void refuse(const std::string& token) {
  throw UserError("Expected options such as --epochs 10 on the command line, found {}.", in_quotes(token));
}

[[noreturn]] void refuse_without_value(const std::string& option) {
  throw UserError("Option {} on the command line has no value; write --NAME VALUE or --NAME=VALUE.", in_quotes(option));
}

RawSetting setting_from(const options::option& option) {
  if (option.position_key >= 0) refuse(option.value.empty() ? "" : option.value.front());
  const std::string& value = option.value.front();
  // Boost would take `--lr` in `--epochs --lr 0.1` as the value of epochs.
  const bool is_next_option = option.original_tokens.size() > 1 && value.starts_with("--");
  if (is_next_option) refuse_without_value("--" + option.string_key);
  return {option.string_key, value, "command line"};
}

// Every name that the tokens use, declared as an option with one value: the knobs are not known yet.
options::options_description declared(std::span<const std::string> tokens) {
  std::set<std::string> names;
  for (const std::string& token : tokens) {
    if (!token.starts_with("--")) continue;
    const std::string name = token.substr(2, token.find('=') - 2);
    if (!is_option_name(name)) refuse(token);
    names.insert(name);
  }
  options::options_description description;
  for (const std::string& name : names) description.add_options()(name.c_str(), options::value<std::string>());
  return description;
}

}  // namespace

std::vector<RawSetting> read_command_line(std::span<const std::string> tokens) {
  namespace style = options::command_line_style;
  constexpr int kLongOptions = style::allow_long | style::long_allow_next | style::long_allow_adjacent;
  const options::options_description description = declared(tokens);
  std::vector<RawSetting> settings;
  try {
    const std::vector<std::string> arguments(tokens.begin(), tokens.end());
    const auto parsed = options::command_line_parser(arguments).options(description).style(kLongOptions).run();
    for (const options::option& option : parsed.options) settings.push_back(setting_from(option));
  } catch (const options::error_with_option_name& error) {
    refuse_without_value(error.get_option_name());
  }
  return settings;
}

}  // namespace smlt::settings
