#pragma once

#include <span>
#include <string>
#include <vector>

#include "config/knob.hpp"
#include "config/tree.hpp"

namespace smlt::config {

/// One value as it arrived. `source` names where from: "command line", "hyperparameters.json", "SM_HP_LR", "SM_HPS".
struct RawSetting {
  std::string name;
  std::string text;
  std::string source;
};

/// Everything the user said, before the model, and so its knobs, are known. A name is there once, under the spelling of
/// the source that won: command line, then hyperparameters.json, then SM_HP_*, then SM_HPS. What SageMaker adds for
/// itself (`sagemaker_*`, `_tuning_objective_metric`, `default_user_module_name`) is left out. SM_HPS and
/// hyperparameters.json are JSON objects; a value there that is not a string stands for its JSON text. SM_HP_BATCH_SIZE
/// speaks of `batch_size`. `command_line` holds the tokens of `--NAME VALUE` and `--NAME=VALUE`; a value may start with
/// one '-'. Throws UserError naming the file for anything that is not a JSON object, naming the option for one without
/// a value, naming a token that is no option, and naming both names where one source says two things about one
/// hyperparameter.
std::vector<RawSetting> read_raw_settings(std::span<const std::string> command_line, const Tree& tree,
                                          const Environment& environment);

/// Throws UserError naming both when two settings of one hyperparameter differ.
void check_same(const RawSetting& first, const RawSetting& second);

/// The raw setting called `name` (folded), or null.
const RawSetting* find_raw(std::span<const RawSetting> settings, std::string_view name);

/// The resolved value of every knob, with where it came from.
class Settings {
 public:
  struct Entry {
    const Knob* knob;
    Value value;
    std::string source;  // "default" when nobody said anything
  };

  /// Throws UserError for a name that no knob has, naming the nearest that one has, and for a value its knob refuses.
  /// An unknown SM_HP_* or SM_HPS name is put into `warnings` instead: the environment is inherited. `knobs` must
  /// outlive this.
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

}  // namespace smlt::config
