#include "codec/array/json_member.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/text.hpp"

namespace smlt::codec {
namespace {

class MemberReader {
 public:
  MemberReader(std::string_view text, std::string_view name) : text_(text), name_(name) {}

  std::optional<std::string_view> find(std::span<const std::string_view> names) {
    std::optional<std::string_view> found;
    expect('{');
    if (!accept('}')) {
      do {
        const std::string_view key = string();
        expect(':');
        const std::string_view value = this->value();
        if (!found && std::find(names.begin(), names.end(), key) != names.end()) found = value;
      } while (accept(','));
      expect('}');
    }
    skip_blanks();
    if (at_ != text_.size()) refuse("its end");
    return found;
  }

 private:
  // Up to the comma or bracket that ends it.
  std::string_view value() {
    skip_blanks();
    const size_t first = at_;
    for (size_t depth = 0; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        string();
        --at_;
      } else if (c == '[' || c == '{') {
        ++depth;
      } else if (c == ']' || c == '}' || c == ',') {
        if (depth == 0) break;
        if (c != ',') --depth;
      }
    }
    if (at_ == first) refuse("a value");
    return text_.substr(first, at_ - first);
  }

  std::string_view string() {
    expect('"');
    const size_t first = at_;
    for (; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\') ++at_;
    }
    if (at_ >= text_.size()) at_ = text_.size(), refuse("'\"'");
    return text_.substr(first, at_++ - first);
  }

  bool accept(char c) {
    skip_blanks();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void expect(char c) {
    if (!accept(c)) refuse(in_quotes({&c, 1}));
  }

  void skip_blanks() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }

  [[noreturn]] void refuse(std::string_view expected) const {
    throw UserError("Expected {} at byte {} of the JSON object in {}, found {}.", expected, at_, in_quotes(name_, 200),
                    at_ == text_.size() ? "its end" : in_quotes(text_.substr(at_), 20));
  }

  std::string_view text_;
  std::string_view name_;
  size_t at_ = 0;
};

}  // namespace

std::optional<std::string_view> json_member(std::string_view object, std::span<const std::string_view> names,
                                            std::string_view name) {
  return MemberReader(object, name).find(names);
}

}  // namespace smlt::codec
