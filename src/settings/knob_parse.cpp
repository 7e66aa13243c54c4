// Knob::parse: one reader for the encodings in which SageMaker's clients send a value (platform 5).
#include <algorithm>
#include <array>
#include <optional>

#include "base/error.hpp"
#include "base/text.hpp"
#include "settings/knob.hpp"
#include "values/json.hpp"
#include "values/list.hpp"
#include "values/number.hpp"

namespace smlt::settings {
namespace {

// Removes the quotes of JSON strings: V2's PyTorch estimator encodes once, `set_hyperparameters` twice.
std::string unwrapped(const std::string& raw) {
  constexpr int kMostLevels = 3;
  std::string text(trimmed(raw));
  for (int level = 0; level < kMostLevels && text.starts_with('"'); ++level) {
    const auto parsed = values::parse_value(text);
    if (!parsed || !parsed->is_string()) break;
    text = std::string(trimmed(parsed->get_string()));
  }
  return text;
}

bool means_default(std::string_view text) { return text.empty() || text == "null" || text == "None"; }

std::optional<Value> read_boolean(std::string_view text) {
  constexpr std::array<std::string_view, 4> kTrue = {"true", "1", "yes", "on"};
  constexpr std::array<std::string_view, 4> kFalse = {"false", "0", "no", "off"};
  const std::string word = folded(text);
  if (std::find(kTrue.begin(), kTrue.end(), word) != kTrue.end()) return true;
  if (std::find(kFalse.begin(), kFalse.end(), word) != kFalse.end()) return false;
  return std::nullopt;
}

bool is_in_range(const Knob& knob, double value) {
  const bool above = knob.minimum_excluded() ? value > knob.minimum() : value >= knob.minimum();
  const bool below = knob.maximum_excluded() ? value < knob.maximum() : value <= knob.maximum();
  return above && below;
}

template <typename T>
std::optional<Value> within(const Knob& knob, std::optional<T> value) {
  if (!value || !is_in_range(knob, static_cast<double>(*value))) return std::nullopt;
  return Value(*value);
}

std::optional<Value> read_choice(const Knob& knob, std::string_view text) {
  for (const std::string& choice : knob.choices()) {
    if (choice == text) return choice;
  }
  for (const std::string& choice : knob.choices()) {
    if (folded(choice) == folded(text)) return choice;
  }
  return std::nullopt;
}

std::optional<Value> read(const Knob& knob, const std::string& text) {
  switch (knob.type()) {
    case Knob::Type::kBoolean:
      return read_boolean(text);
    case Knob::Type::kInteger:
      return within(knob, values::read_integer(text));
    case Knob::Type::kReal:
      return within(knob, values::read_real(text));
    case Knob::Type::kChoice:
      return read_choice(knob, text);
    case Knob::Type::kText:
      return text;
    case Knob::Type::kList:
      if (auto elements = values::read_list(text)) return Value(std::move(*elements));
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

Value Knob::parse(const std::string& raw, const std::string& source) const {
  const std::string text = unwrapped(raw);
  if (means_default(text)) return default_;
  if (std::optional<Value> value = read(*this, text)) return std::move(*value);
  throw UserError("Hyperparameter {} (from {}) must be {}, but it is {}.", name_, printable(source), accepts(),
                  in_quotes(raw));
}

}  // namespace smlt::settings
