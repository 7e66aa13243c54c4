#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace smlt {

/// Counts things by kind, for a line that says what was not used.
class Tally {
 public:
  /// Counts one more of `kind`, which is printed as it is. The first example of each kind is kept.
  void add(const std::string& kind, std::string_view example);

  bool is_empty() const { return kinds_.empty(); }

  /// "3 .heic, 1 .txt, such as 'a/IMG_1.heic'": the most frequent kinds first, at most six ("2 of other kinds" after
  /// them), and an example of the first kind in quotes, cut at 200 bytes. "" if nothing has been counted.
  std::string phrase() const;

 private:
  struct Kind {
    size_t count = 0;
    std::string example;
  };
  std::map<std::string, Kind> kinds_;
};

}  // namespace smlt
