#include "codec/pickle/pickle_values.hpp"

#include "base/bytes.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"
#include "codec/pickle/pickle_reader.hpp"

namespace smlt::codec {
namespace {

using Kind = PickleValue::Kind;

size_t count_of(const PickleValue& array) {
  return array.element_size > 0 ? array.bytes.size() / array.element_size : 0;
}

std::string_view element(const PickleValue& array, size_t index) {
  return array.bytes.substr(index * array.element_size, array.element_size);
}

std::optional<int64_t> integer_of(const PickleValue& item) {
  if (item.kind == Kind::kInteger) return item.number;
  return item.kind == Kind::kArray && count_of(item) == 1 ? integer_at(item, 0) : std::nullopt;
}

// Up to the zeros that pad the element.
std::string utf8_from_utf32(std::string_view element) {
  std::string text;
  for (size_t at = 0; at + 4 <= element.size(); at += 4) {
    const auto point = static_cast<uint32_t>(from_little_endian(element.substr(at, 4)));
    if (point == 0) break;
    append_utf8(text, point > 0x10FFFF ? 0xFFFD : point);
  }
  return text;
}

}  // namespace

std::optional<int64_t> integer_at(const PickleValue& array, size_t index) {
  const bool is_signed = array.type.starts_with('i');
  const bool is_integer = (is_signed || array.type.starts_with('u')) && array.element_size <= 8;
  if (!is_integer || index >= count_of(array)) return std::nullopt;
  const std::string_view bytes = element(array, index);
  if (is_signed) return signed_from_little_endian(bytes);
  const uint64_t value = from_little_endian(bytes);
  if (value > INT64_MAX) return std::nullopt;
  return static_cast<int64_t>(value);
}

std::optional<std::string> text_at(const PickleValue& array, size_t index) {
  if (index >= count_of(array)) return std::nullopt;
  const std::string_view bytes = element(array, index);
  if (array.type.starts_with('U')) return utf8_from_utf32(bytes);
  if (array.type.starts_with('S')) return std::string(bytes.substr(0, bytes.find('\0')));
  return std::nullopt;
}

std::vector<std::optional<int64_t>> integers_of(const PickleValue& sequence) {
  std::vector<std::optional<int64_t>> found;
  for (const PickleValue* item : sequence.items) found.push_back(integer_of(*item));
  if (sequence.kind != Kind::kArray) return found;
  for (size_t i = 0; i < count_of(sequence); ++i) found.push_back(integer_at(sequence, i));
  return found;
}

std::vector<std::string> texts_of(const PickleValue& sequence) {
  std::vector<std::string> found;
  for (const PickleValue* item : sequence.items) found.emplace_back(item->is_string() ? item->bytes : "");
  if (sequence.kind != Kind::kArray) return found;
  for (size_t i = 0; i < count_of(sequence); ++i) found.push_back(text_at(sequence, i).value_or(""));
  return found;
}

std::string described(const PickleValue& value) {
  switch (value.kind) {
    case Kind::kNone:
      return "None";
    case Kind::kBoolean:
      return "a boolean";
    case Kind::kInteger:
      return "an integer";
    case Kind::kReal:
      return "a number with a fraction";
    case Kind::kBytes:
    case Kind::kText:
      return "a text";
    case Kind::kList:
      return "a list";
    case Kind::kTuple:
      return "a tuple";
    case Kind::kDict:
      return "a dictionary";
    case Kind::kArray:
      return "a numpy array of type " + in_quotes(value.type);
    case Kind::kTensor:
      return "a single tensor";
    case Kind::kOther:
      return "an object of the class " + in_quotes(value.bytes);
    default:
      return "something else";
  }
}

}  // namespace smlt::codec
