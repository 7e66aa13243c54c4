#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace smlt::http {

/// Cuts a body of lines that arrives bit by bit into parts of whole lines.
class LineCutter {
 public:
  struct Part {
    std::string text;        // whole lines with their line feeds; the last of the body may have none
    int64_t first_line = 1;  // its number in the body, from 1
  };

  void put(std::string_view text);

  /// All whole lines that are there, if they have at least `least` bytes and there is one.
  std::optional<Part> take(size_t least);

  /// What is left when the body is complete, if anything.
  std::optional<Part> take_rest();

  size_t unfinished() const { return text_.size() - whole_; }  // bytes after the last line feed
  size_t capacity() const { return text_.capacity(); }

 private:
  std::string text_;
  size_t whole_ = 0;   // bytes of it that are whole lines
  int64_t lines_ = 0;  // in the parts taken so far
};

}  // namespace smlt::http
