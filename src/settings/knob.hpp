#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <variant>
#include <vector>

namespace smlt::settings {

using Value = std::variant<bool, int64_t, double, std::string, std::vector<std::string>>;

/// A hyperparameter, declared once. Parsing, validation, `describe`, the README's table and the report derive from
/// this. Made by the functions below and refined by chained setters:
///
///     real("lr", 0.01).above(0).tunable().help("Learning rate.")
class Knob {
 public:
  enum class Type { kBoolean, kInteger, kReal, kChoice, kText, kList };

  Knob(std::string name, Type type, Value default_value);

  Knob& help(std::string sentence);
  Knob& alias(std::string name);
  Knob& at_least(double minimum);
  Knob& at_most(double maximum);
  Knob& above(double minimum);  // excluded
  Knob& below(double maximum);  // excluded
  Knob& tunable();              // offered to the tuner
  Knob& no_effect_on_result();  // may differ between a checkpoint and the run that continues from it
  Knob& may_grow();             // a run that continues from a checkpoint may raise it: epochs
  Knob& script_option();        // a path or fact that the tutorials' scripts take as an option: not described

  const std::string& name() const { return name_; }  // canonical spelling: the tutorial's
  const std::vector<std::string>& aliases() const { return aliases_; }
  Type type() const { return type_; }
  const Value& default_value() const { return default_; }
  const std::string& help() const { return help_; }
  const std::vector<std::string>& choices() const { return choices_; }
  double minimum() const { return minimum_; }
  double maximum() const { return maximum_; }
  bool minimum_excluded() const { return minimum_excluded_; }
  bool maximum_excluded() const { return maximum_excluded_; }
  bool is_tunable() const { return tunable_; }
  bool affects_result() const { return affects_result_; }
  bool is_growable() const { return growable_; }
  bool is_script_option() const { return script_option_; }

  /// `-` and `_` are equivalent; case does not matter.
  bool is_called(std::string_view name) const;

  /// What the knob accepts, for help and error sentences: "an integer of at least 1", "one of auto, cpu and cuda".
  std::string accepts() const;

  /// Reads any of the encodings in which values arrive (platform 5, rules 1 to 7): trimmed; JSON strings unwrapped up
  /// to three levels; true/True/1/yes/on; 10, 10.0, "10", +10, 1e3 as integers; null, None and empty mean the default;
  /// lists as JSON, Python repr or comma-separated. Throws UserError with name, raw value, source and `accepts()`.
  Value parse(const std::string& raw, const std::string& source) const;

 private:
  friend Knob choice(std::string name, std::string default_value, std::vector<std::string> choices);

  std::string name_;
  std::vector<std::string> aliases_;
  Type type_;
  Value default_;
  std::string help_;
  std::vector<std::string> choices_;
  double minimum_ = -std::numeric_limits<double>::infinity();
  double maximum_ = std::numeric_limits<double>::infinity();
  bool minimum_excluded_ = false;
  bool maximum_excluded_ = false;
  bool tunable_ = false;
  bool affects_result_ = true;
  bool growable_ = false;
  bool script_option_ = false;
};

Knob boolean(std::string name, bool default_value);
Knob integer(std::string name, int64_t default_value);
Knob real(std::string name, double default_value);
Knob choice(std::string name, std::string default_value, std::vector<std::string> choices);
Knob text(std::string name, std::string default_value);
Knob list(std::string name, std::vector<std::string> default_value);

/// As a user would write it: "0.01", "true", "[a,b]"; the shortest text that parses to an equal value.
std::string to_text(const Value& value);

}  // namespace smlt::settings
