#include "settings/knob.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "base/text.hpp"
#include "values/list.hpp"

namespace smlt::settings {

Knob::Knob(std::string name, Type type, Value default_value)
    : name_(std::move(name)), type_(type), default_(std::move(default_value)) {}

Knob& Knob::help(std::string sentence) {
  help_ = std::move(sentence);
  return *this;
}

Knob& Knob::alias(std::string name) {
  aliases_.push_back(std::move(name));
  return *this;
}

Knob& Knob::at_least(double minimum) {
  minimum_ = minimum;
  minimum_excluded_ = false;
  return *this;
}

Knob& Knob::at_most(double maximum) {
  maximum_ = maximum;
  maximum_excluded_ = false;
  return *this;
}

Knob& Knob::above(double minimum) {
  minimum_ = minimum;
  minimum_excluded_ = true;
  return *this;
}

Knob& Knob::below(double maximum) {
  maximum_ = maximum;
  maximum_excluded_ = true;
  return *this;
}

Knob& Knob::tunable() {
  tunable_ = true;
  return *this;
}

Knob& Knob::may_grow() {
  growable_ = true;
  return *this;
}

Knob& Knob::no_effect_on_result() {
  affects_result_ = false;
  return *this;
}

Knob& Knob::script_option() {
  script_option_ = true;
  return *this;
}

bool Knob::is_called(std::string_view name) const {
  const std::string wanted = folded(name);
  if (folded(name_) == wanted) return true;
  for (const std::string& alias : aliases_) {
    if (folded(alias) == wanted) return true;
  }
  return false;
}

namespace {

// " of at least 1 and below 10", or "" for a knob without limits.
std::string range_of(const Knob& knob) {
  const bool has_minimum = std::isfinite(knob.minimum());
  const bool has_maximum = std::isfinite(knob.maximum());
  if (has_minimum && has_maximum && !knob.minimum_excluded() && !knob.maximum_excluded()) {
    return fmt::format(" from {} to {}", knob.minimum(), knob.maximum());
  }
  std::string range;
  if (has_minimum) range += (knob.minimum_excluded() ? " above " : " of at least ") + fmt::format("{}", knob.minimum());
  if (has_minimum && has_maximum) range += " and";
  if (has_maximum) range += (knob.maximum_excluded() ? " below " : " of at most ") + fmt::format("{}", knob.maximum());
  return range;
}

}  // namespace

std::string Knob::accepts() const {
  switch (type_) {
    case Type::kBoolean:
      return "true or false";
    case Type::kInteger:
      return "an integer" + range_of(*this);
    case Type::kReal:
      return "a finite number" + range_of(*this);
    case Type::kChoice:
      return choices_.size() == 1 ? choices_.front() : "one of " + listed(choices_);
    case Type::kText:
      return "a text";
    case Type::kList:
      return "a list such as [a,b]";
  }
  return "";
}

Knob boolean(std::string name, bool default_value) { return {std::move(name), Knob::Type::kBoolean, default_value}; }

Knob integer(std::string name, int64_t default_value) { return {std::move(name), Knob::Type::kInteger, default_value}; }

Knob real(std::string name, double default_value) { return {std::move(name), Knob::Type::kReal, default_value}; }

Knob choice(std::string name, std::string default_value, std::vector<std::string> choices) {
  Knob knob(std::move(name), Knob::Type::kChoice, std::move(default_value));
  knob.choices_ = std::move(choices);
  return knob;
}

Knob text(std::string name, std::string default_value) {
  return {std::move(name), Knob::Type::kText, std::move(default_value)};
}

Knob list(std::string name, std::vector<std::string> default_value) {
  return {std::move(name), Knob::Type::kList, std::move(default_value)};
}

std::string to_text(const Value& value) {
  if (const bool* truth = std::get_if<bool>(&value)) return *truth ? "true" : "false";
  if (const int64_t* number = std::get_if<int64_t>(&value)) return fmt::format("{}", *number);
  if (const double* number = std::get_if<double>(&value)) return fmt::format("{}", *number);
  if (const std::string* words = std::get_if<std::string>(&value)) return *words;
  return values::write_list(std::get<std::vector<std::string>>(value));
}

}  // namespace smlt::settings
