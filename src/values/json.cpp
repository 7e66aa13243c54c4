#include "values/json.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cstdint>
#include <set>
#include <system_error>

#include "base/error.hpp"
#include "base/text.hpp"
#include "values/python.hpp"

namespace smlt::values {
namespace json = boost::json;
namespace {

// Builds the value as boost::json::parser does, but reads reals exactly and remembers a repeated key of the outermost
// object. basic_parser calls the functions by these names; false would end the parse.
class Builder {
 public:
  // NOLINTBEGIN(readability-identifier-naming): basic_parser reads them by these names.
  static constexpr std::size_t max_object_size = SIZE_MAX;
  static constexpr std::size_t max_array_size = SIZE_MAX;
  static constexpr std::size_t max_key_size = SIZE_MAX;
  static constexpr std::size_t max_string_size = SIZE_MAX;
  // NOLINTEND(readability-identifier-naming)

  Builder() { stack_.reset(); }
  json::value release() { return stack_.release(); }
  const std::string& repeated_key() const { return repeated_key_; }

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) { return enter(); }
  bool on_object_end(std::size_t count, json::error_code&) {
    --depth_;
    return stack_.push_object(count), true;
  }
  bool on_array_begin(json::error_code&) { return enter(); }
  bool on_array_end(std::size_t count, json::error_code&) {
    --depth_;
    return stack_.push_array(count), true;
  }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
    if (depth_ == 1) key_.append(part.data(), part.size());
    return stack_.push_chars(part), true;
  }
  bool on_key(json::string_view part, std::size_t, json::error_code&) {
    if (depth_ == 1) remember_key(part);
    return stack_.push_key(part), true;
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) { return stack_.push_chars(part), true; }
  bool on_string(json::string_view part, std::size_t, json::error_code&) { return stack_.push_string(part), true; }
  bool on_number_part(json::string_view part, json::error_code&) {
    return number_.append(part.data(), part.size()), true;
  }
  bool on_int64(int64_t value, json::string_view, json::error_code&) {
    number_.clear();
    return stack_.push_int64(value), true;
  }
  bool on_uint64(uint64_t value, json::string_view, json::error_code&) {
    number_.clear();
    return stack_.push_uint64(value), true;
  }
  bool on_double(double value, json::string_view part, json::error_code&) {
    number_.append(part.data(), part.size());
    std::from_chars(number_.data(), number_.data() + number_.size(), value);  // leaves `value` when out of range
    number_.clear();
    return stack_.push_double(value), true;
  }
  bool on_bool(bool value, json::error_code&) { return stack_.push_bool(value), true; }
  bool on_null(json::error_code&) { return stack_.push_null(), true; }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  bool enter() { return ++depth_, true; }

  void remember_key(json::string_view part) {
    key_.append(part.data(), part.size());
    if (!keys_.insert(key_).second) repeated_key_ = key_;
    key_.clear();
  }

  json::value_stack stack_;
  int depth_ = 0;
  std::string number_;
  std::string key_;
  std::string repeated_key_;
  std::set<std::string> keys_;
};

struct Parse {
  std::optional<json::value> value;  // nullopt if the text is not JSON
  std::string problem;
  std::string repeated_key;
};

Parse parse(std::string_view text) {
  json::parse_options options;
  options.max_depth = 32;
  json::basic_parser<Builder> parser(options);
  json::error_code error;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
  if (!error && used < text.size()) error = json::error::extra_data;
  if (error) return {std::nullopt, fmt::format("{} near byte {}", error.message(), used), ""};
  return {parser.handler().release(), "", parser.handler().repeated_key()};
}

[[noreturn]] void refuse(std::string_view key, const char* expected, const json::value& found,
                         const std::string& where) {
  throw UserError("Expected {} for {} in {}, found {}.", expected, in_quotes(key), where, in_quotes(json_dumps(found)));
}

}  // namespace

std::optional<json::value> parse_value(std::string_view text) { return parse(text).value; }

json::object parse_object(std::string_view text, const std::string& where) {
  Parse parsed = parse(text);
  if (!parsed.value && !is_utf8(text)) {
    throw UserError("Expected UTF-8 in {}, found bytes of another encoding; save it as UTF-8.", where);
  }
  if (!parsed.value)
    throw UserError("Expected a JSON object in {}, found text that is not JSON: {}.", where, parsed.problem);
  if (!parsed.value->is_object()) {
    throw UserError("Expected a JSON object in {}, found {}.", where, in_quotes(json_dumps(*parsed.value)));
  }
  if (!parsed.repeated_key.empty()) {
    throw UserError("Expected every name once in {}, found {} twice; keep one.", where, in_quotes(parsed.repeated_key));
  }
  return std::move(parsed.value->get_object());
}

std::string text_at(const json::object& object, std::string_view key, const std::string& otherwise,
                    const std::string& where) {
  const json::value* found = object.if_contains(key);
  if (found == nullptr || found->is_null()) return otherwise;
  if (!found->is_string()) refuse(key, "a string", *found, where);
  return std::string(found->get_string());
}

std::vector<std::string> texts_at(const json::object& object, std::string_view key, const std::string& where) {
  const json::value* found = object.if_contains(key);
  if (found == nullptr || found->is_null()) return {};
  if (!found->is_array()) refuse(key, "a list of strings", *found, where);
  std::vector<std::string> texts;
  for (const json::value& item : found->get_array()) {
    if (!item.is_string()) refuse(key, "a list of strings", *found, where);
    texts.emplace_back(item.get_string());
  }
  return texts;
}

}  // namespace smlt::values
