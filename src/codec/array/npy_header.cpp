#include "codec/array/npy_header.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "codec/array/shape.hpp"

namespace smlt::codec {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr size_t kLongestHeader = 10000;
constexpr size_t kAlignment = 64;     // of the first number, in bytes
constexpr size_t kDigitsToGrow = 21;  // numpy leaves room for a longer first size

// The text of a header: a Python dictionary of three literals, "{'descr': '<f4', 'fortran_order': False, 'shape':
// (2,)}".
class Literals {
 public:
  Literals(std::string_view text, std::string_view name) : rest_(text), name_(name) {}

  NpyHeader header();

 private:
  std::string text();
  std::vector<int64_t> sizes();
  int64_t size();
  bool truth();
  bool accept(std::string_view token);
  void expect(std::string_view token);
  void skip_blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size())); }
  [[noreturn]] void refuse() const;

  std::string_view rest_;
  std::string_view name_;
};

NpyHeader Literals::header() {
  NpyHeader header;
  int found = 0;
  expect("{");
  while (!accept("}")) {
    const std::string key = text();
    expect(":");
    const int bit = key == "descr" ? 1 : key == "fortran_order" ? 2 : key == "shape" ? 4 : 0;
    if (bit == 0 || (found & bit) != 0) refuse();
    found |= bit;
    if (bit == 1) header.type = text();
    if (bit == 2) header.is_fortran_order = truth();
    if (bit == 4) header.shape = sizes();
    if (accept(",")) continue;
    expect("}");
    break;
  }
  skip_blanks();
  if (found != 0b111 || !rest_.empty()) refuse();
  return header;
}

std::string Literals::text() {
  skip_blanks();
  if (rest_.starts_with('[')) {
    throw UserError("Expected an array of plain numbers in {}, found one of records; send its fields as columns.",
                    in_quotes(name_, 200));
  }
  if (!rest_.starts_with('\'') && !rest_.starts_with('"')) refuse();
  const size_t end = rest_.find_first_of("'\"\\", 1);
  if (end == std::string_view::npos || rest_[end] != rest_[0]) refuse();
  std::string text(rest_.substr(1, end - 1));
  rest_.remove_prefix(end + 1);
  return text;
}

std::vector<int64_t> Literals::sizes() {
  std::vector<int64_t> sizes;
  expect("(");
  while (!accept(")")) {
    if (sizes.size() == kMostDimensions) refuse();
    sizes.push_back(size());
    if (accept(",")) continue;
    if (sizes.size() == 1) refuse();  // "(3)" is a number to Python
    expect(")");
    break;
  }
  return sizes;
}

int64_t Literals::size() {
  skip_blanks();
  int64_t value = 0;
  const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
  if (error != std::errc() || value < 0) refuse();
  rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
  accept("L");  // Python 2 wrote long integers with it
  return value;
}

bool Literals::truth() {
  if (accept("True")) return true;
  expect("False");
  return false;
}

bool Literals::accept(std::string_view token) {
  skip_blanks();
  if (!rest_.starts_with(token)) return false;
  rest_.remove_prefix(token.size());
  return true;
}

void Literals::expect(std::string_view token) {
  if (!accept(token)) refuse();
}

void Literals::refuse() const {
  throw UserError("Expected the header that np.save writes in {}, found {} in it.", in_quotes(name_, 200),
                  rest_.empty() ? "its end" : in_quotes(rest_, 40));
}

}  // namespace

NpyHeader read_npy_header(std::string_view& bytes, std::string_view name) {
  if (!bytes.starts_with(kMagic)) {
    throw UserError("Expected an array as np.save writes it in {}, found other bytes at its start.",
                    in_quotes(name, 200));
  }
  const size_t version = bytes.size() > kMagic.size() ? static_cast<uint8_t>(bytes[kMagic.size()]) : 1;
  if (version < 1 || version > 3) {
    throw UserError("Expected version 1, 2 or 3 of numpy's format in {}, found version {}.", in_quotes(name, 200),
                    version);
  }
  const size_t length_at = kMagic.size() + 2, text_at = length_at + (version == 1 ? 2 : 4);
  const size_t length = bytes.size() < text_at ? 0 : from_little_endian(bytes.substr(length_at, text_at - length_at));
  if (length > kLongestHeader) {
    throw UserError("Expected a header of at most {} bytes in {}, found one of {}.", kLongestHeader,
                    in_quotes(name, 200), length);
  }
  if (bytes.size() < text_at + length) {
    throw UserError("Expected an array as np.save writes it in {}, found its header cut off after {} bytes.",
                    in_quotes(name, 200), bytes.size());
  }
  NpyHeader header = Literals(bytes.substr(text_at, length), name).header();
  bytes.remove_prefix(text_at + length);
  return header;
}

std::string write_npy_header(const NpyHeader& header) {
  std::string text = fmt::format("{{'descr': '{}', 'fortran_order': {}, 'shape': {}, }}", header.type,
                                 header.is_fortran_order ? "True" : "False", shape_text(header.shape));
  if (!header.shape.empty()) {
    const int64_t growing = header.is_fortran_order ? header.shape.back() : header.shape.front();
    text.append(kDigitsToGrow - fmt::formatted_size("{}", growing), ' ');
  }
  const size_t before = kMagic.size() + 4;
  text.append(kAlignment - (before + text.size() + 1) % kAlignment, ' ');
  text += '\n';
  const std::string version("\x01\0", 2);
  return std::string(kMagic) + version + to_little_endian(text.size(), 2) + text;
}

}  // namespace smlt::codec
