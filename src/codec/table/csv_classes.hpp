#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace smlt::codec {

/// What the first column of one or more CSV files says about classes: numbers or names, the same in every row. A name
/// is held once, whatever the number of its rows.
class CsvClasses {
 public:
  static constexpr size_t kLongestName = 256;  // bytes
  static constexpr size_t kMostNames = 100'000;

  bool are_numbers() const { return kind_ == Kind::kNumbers; }
  bool are_names() const { return kind_ == Kind::kNames; }

  /// The first row has a number. Not to be called if it has a name.
  void take_numbers() { kind_ = Kind::kNumbers; }

  /// The number of a name. A new name gets the next number; nullopt for a new one after `close`, and for more than
  /// `kMostNames`.
  std::optional<int64_t> number_of(std::string_view name);

  /// Sorts the names by their bytes and accepts no new one from now on. Returns the new number of each old one.
  std::vector<int64_t> close();
  bool is_closed() const { return is_closed_; }

  /// By their numbers; empty if the classes are numbers.
  const std::vector<std::string>& names() const { return names_; }

 private:
  enum class Kind { kUnknown, kNumbers, kNames };
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  Kind kind_ = Kind::kUnknown;
  bool is_closed_ = false;
  std::vector<std::string> names_;
  std::unordered_map<std::string, int64_t, Hash, std::equal_to<>> numbers_;
};

}  // namespace smlt::codec
