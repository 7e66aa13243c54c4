#include "codec/array/json_numbers.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <optional>

#include "base/error.hpp"
#include "base/text.hpp"
#include "codec/array/decimal.hpp"
#include "codec/array/shape.hpp"

namespace smlt::codec {
namespace {

constexpr int64_t kOpen = -1;  // a size that the first list of its depth has not determined yet

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// One pass over nested lists. The first list of each depth says how long the others must be, the first number (or the
// end of the first empty list) how deep they are.
class Reader {
 public:
  Reader(std::string_view body, std::string_view name, size_t before)
      : at_(body.data()), end_(at_ + body.size()), name_(name), before_(before), size_(body.size()) {}

  NumberArray read();

 private:
  void open_list();
  void close_list();
  void take_value();
  void count_value();
  float number();
  float unusual_number();
  const char* number_end() const;
  bool accept(std::string_view token);
  void skip_blanks();
  [[noreturn]] void refuse(std::string_view expected) const;
  [[noreturn]] void refuse_ragged(std::string_view what) const;

  size_t position() const { return before_ + size_ - static_cast<size_t>(end_ - at_); }

  const char* at_;
  const char* end_;
  std::string_view name_;
  size_t before_;
  size_t size_;
  size_t depth_ = 0;                                  // of open lists
  std::optional<size_t> most_depth_;                  // of the lists that hold numbers
  std::array<int64_t, kMostDimensions> counts_ = {};  // values so far in the open lists, by depth
  std::array<int64_t, kMostDimensions> sizes_ = {};   // of the lists by depth, or kOpen
  std::vector<float> values_;
};

NumberArray Reader::read() {
  sizes_.fill(kOpen);
  do {
    skip_blanks();
    if (at_ < end_ && *at_ == '[') {
      open_list();
      skip_blanks();
      if (at_ == end_ || *at_ != ']') continue;
      if (!most_depth_) most_depth_ = depth_;
      if (depth_ != *most_depth_) --depth_, refuse_ragged("an empty list");
    } else {
      take_value();
    }
    for (skip_blanks(); depth_ > 0 && at_ < end_ && *at_ == ']'; skip_blanks()) close_list();
    if (depth_ > 0 && !accept(",")) refuse("',' or ']'");
  } while (depth_ > 0);
  if (at_ != end_) refuse("the end");

  NumberArray array{NumberType::kFloat32, {sizes_.begin(), sizes_.begin() + static_cast<ptrdiff_t>(*most_depth_)}, {}};
  array.bytes.resize(values_.size() * sizeof(float));
  if (!values_.empty()) std::memcpy(array.bytes.data(), values_.data(), array.bytes.size());
  return array;
}

void Reader::open_list() {
  if (depth_ == kMostDimensions) refuse("lists at most 64 deep");
  count_value();
  if (most_depth_ && depth_ >= *most_depth_) refuse_ragged("a list");
  counts_[depth_++] = 0;
  ++at_;
}

void Reader::close_list() {
  --depth_;
  ++at_;
  int64_t& size = sizes_[depth_];
  if (size == kOpen) size = counts_[depth_];
  if (size != counts_[depth_]) {
    --at_;
    refuse_ragged(counted(counts_[depth_], "value"));
  }
}

void Reader::take_value() {
  if (!most_depth_) most_depth_ = depth_;
  const float value = number();
  count_value();
  if (depth_ != *most_depth_) refuse_ragged("a number");
  values_.push_back(value);
}

void Reader::count_value() {
  if (depth_ > 0) ++counts_[depth_ - 1];
}

// JSON's grammar allows no plus sign, no leading zeros, and digits on both sides of a point.
float Reader::number() {
  float value = 0;
  const char* const first = at_ < end_ && *at_ == '-' ? at_ + 1 : at_;
  const char* const stop = read_plain_decimal(at_, end_, value);
  const bool is_plain = stop != nullptr && is_digit(*first) && is_digit(stop[-1]) &&
                        !(*first == '0' && stop - first > 1 && is_digit(first[1])) &&
                        !(stop < end_ && (*stop == 'e' || *stop == 'E'));
  if (!is_plain) return unusual_number();
  at_ = stop;
  return value;
}

float Reader::unusual_number() {
  if (accept("true")) return 1;
  if (accept("false")) return 0;
  if (accept("NaN")) return std::numeric_limits<float>::quiet_NaN();
  if (accept("Infinity")) return std::numeric_limits<float>::infinity();
  if (accept("-Infinity")) return -std::numeric_limits<float>::infinity();
  const char* const stop = number_end();
  if (stop == nullptr) refuse(depth_ == 0 ? "nested lists of numbers" : "a number");
  const auto value = decimal_number({at_, stop});
  if (!value) refuse("a number");
  at_ = stop;
  return static_cast<float>(*value);
}

// The end of the number at `at_` by JSON's grammar; nullptr if there is none.
const char* Reader::number_end() const {
  const auto digits_end = [this](const char* from) { return std::find_if_not(from, end_, is_digit); };
  const char* at = at_ < end_ && *at_ == '-' ? at_ + 1 : at_;
  const char* stop = at < end_ && *at == '0' ? at + 1 : digits_end(at);
  if (stop == at) return nullptr;
  if (stop < end_ && *stop == '.') {
    at = stop + 1;
    stop = digits_end(at);
    if (stop == at) return nullptr;
  }
  if (stop < end_ && (*stop == 'e' || *stop == 'E')) {
    at = stop + 1;
    if (at < end_ && (*at == '+' || *at == '-')) ++at;
    stop = digits_end(at);
    if (stop == at) return nullptr;
  }
  return stop;
}

bool Reader::accept(std::string_view token) {
  if (!std::string_view(at_, end_).starts_with(token)) return false;
  at_ += token.size();
  return true;
}

void Reader::skip_blanks() {
  while (at_ < end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
}

void Reader::refuse(std::string_view expected) const {
  const std::string_view rest(at_, end_);
  const char* advice = "";
  if (rest.starts_with('{')) advice = "; send the bare lists, without an object around them";
  if (rest.starts_with("null")) advice = "; a missing number is written NaN";
  if (rest.starts_with('"')) advice = "; write numbers without quotes";
  throw UserError("Expected {} at byte {} of the JSON in {}, found {}{}.", expected, position(), in_quotes(name_, 200),
                  rest.empty() ? "its end" : in_quotes(rest, 20), advice);
}

void Reader::refuse_ragged(std::string_view what) const {
  std::string place;
  for (size_t i = 0; i < depth_; ++i) place += fmt::format("[{}]", counts_[i] - 1);
  throw UserError("Expected lists of equal length and depth in {}, found {} at {} (byte {}) unlike those before it.",
                  in_quotes(name_, 200), what, place.empty() ? "the top" : place, position());
}

class Writer {
 public:
  explicit Writer(const NumberArray& array) : array_(array), at_(array.bytes.data()) {}

  std::string write() {
    text_.reserve(array_.bytes.size() * 4);
    append(0);
    return std::move(text_);
  }

 private:
  void append(size_t depth) {
    if (depth == array_.shape.size()) {
      append_number(text_, array_.type, at_, kJsonNames);
      at_ += size_of(array_.type);
      return;
    }
    text_ += '[';
    for (int64_t i = 0; i < array_.shape[depth]; ++i) {
      if (i > 0) text_ += ", ";
      append(depth + 1);
    }
    text_ += ']';
  }

  const NumberArray& array_;
  const std::byte* at_;
  std::string text_;
};

}  // namespace

NumberArray read_json_numbers(std::string_view body, std::string_view name, size_t before) {
  return Reader(body, name, before).read();
}

std::string write_json_numbers(const NumberArray& array) { return Writer(array).write(); }

}  // namespace smlt::codec
