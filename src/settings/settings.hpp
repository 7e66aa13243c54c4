#pragma once

#include <span>
#include <string>
#include <vector>

#include "settings/knob.hpp"

namespace smlt::settings {

/// One value as it arrived. `source` names where from: "command line", "hyperparameters.json", "SM_HP_LR", "SM_HPS".
struct RawSetting {
  std::string name;
  std::string text;
  std::string source;
};

/// Throws UserError naming both if two settings of one hyperparameter differ.
void check_same(const RawSetting& first, const RawSetting& second);

/// The raw setting called `name` (folded), or null.
const RawSetting* find_raw(std::span<const RawSetting> settings, std::string_view name);

/// The resolved value of every knob, with where it came from.
class Settings {
 public:
  struct Entry {
    const Knob* knob;
    Value value;
    std::string source;  // "default" if nothing set it
  };

  /// Throws UserError for a name that no knob has, suggesting the nearest one, and for a value its knob refuses. An
  /// unknown SM_HP_* or SM_HPS name becomes an entry in `warnings` instead, because the environment is inherited.
  /// `knobs` must outlive this.
  Settings(std::span<const Knob> knobs, std::span<const RawSetting> raw, std::vector<std::string>& warnings);

  bool boolean(std::string_view name) const;
  int64_t integer(std::string_view name) const;
  double real(std::string_view name) const;
  const std::string& text(std::string_view name) const;  // kChoice and kText
  const std::vector<std::string>& list(std::string_view name) const;

  const std::vector<Entry>& entries() const { return entries_; }  // in the order of the knobs

 private:
  const Value& at(std::string_view name) const;  // AlgorithmError for a name that was never declared
  std::vector<Entry> entries_;
};

}  // namespace smlt::settings
