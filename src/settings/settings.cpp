#include "settings/settings.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/text.hpp"

namespace smlt::settings {
namespace {

constexpr size_t kLongestName = 256;  // of a hyperparameter, the API's limit (platform 3)

bool is_from_variable(const RawSetting& setting) { return setting.source.starts_with("SM_HP"); }

// hyperparameters.json is one source, all SM_HP_* together are another.
bool is_same_source(const RawSetting& a, const RawSetting& b) {
  const auto is_own_variable = [](const RawSetting& setting) { return setting.source.starts_with("SM_HP_"); };
  return a.source == b.source || (is_own_variable(a) && is_own_variable(b));
}

// The known name, in its own spelling, nearest to `name`; "" if none is close.
std::string suggestion(std::span<const Knob> knobs, const std::string& name) {
  if (name.size() > kLongestName) return "";
  std::vector<std::string> spelled;
  for (const Knob& knob : knobs) {
    spelled.push_back(knob.name());
    spelled.insert(spelled.end(), knob.aliases().begin(), knob.aliases().end());
  }
  std::vector<std::string> compared;
  compared.reserve(spelled.size());
  for (const std::string& known : spelled) compared.push_back(folded(known));
  const auto found = std::find(compared.begin(), compared.end(), nearest(folded(name), compared));
  return found == compared.end() ? "" : spelled[static_cast<size_t>(found - compared.begin())];
}

std::string unknown(std::span<const Knob> knobs, const RawSetting& setting) {
  const std::string near = suggestion(knobs, setting.name);
  return fmt::format("Unknown hyperparameter {} (from {}); {}`sagemaker-libtorch describe` lists them all.",
                     in_quotes(setting.name), printable(setting.source),
                     near.empty() ? "" : fmt::format("did you mean {}? ", in_quotes(near)));
}

template <typename T>
const T& as(const Value& value, std::string_view name) {
  if (const T* found = std::get_if<T>(&value)) return *found;
  throw AlgorithmError("Setting {} was read as a type that it does not have.", in_quotes(name));
}

}  // namespace

void check_same(const RawSetting& first, const RawSetting& second) {
  if (first.text == second.text) return;
  throw UserError("{} (from {}) and {} (from {}) are one hyperparameter but differ, {} and {}; keep one of them.",
                  in_quotes(first.name), printable(first.source), in_quotes(second.name), printable(second.source),
                  in_quotes(first.text), in_quotes(second.text));
}

const RawSetting* find_raw(std::span<const RawSetting> settings, std::string_view name) {
  const std::string wanted = folded(name);
  for (const RawSetting& setting : settings) {
    if (folded(setting.name) == wanted) return &setting;
  }
  return nullptr;
}

Settings::Settings(std::span<const Knob> knobs, std::span<const RawSetting> raw, std::vector<std::string>& warnings) {
  for (const Knob& knob : knobs) entries_.push_back({&knob, knob.default_value(), "default"});
  std::vector<const RawSetting*> chosen(knobs.size(), nullptr);
  for (const RawSetting& setting : raw) {
    const auto found =
        std::find_if(knobs.begin(), knobs.end(), [&](const Knob& k) { return k.is_called(setting.name); });
    const auto i = static_cast<size_t>(found - knobs.begin());
    if (found == knobs.end()) {
      if (!is_from_variable(setting)) throw UserError("{}", unknown(knobs, setting));
      warnings.push_back(unknown(knobs, setting));
    } else if (chosen[i] == nullptr) {
      chosen[i] = &setting;
      entries_[i].value = found->parse(setting.text, setting.source);
      entries_[i].source = setting.source;
    } else if (is_same_source(*chosen[i], setting)) {
      check_same(*chosen[i], setting);  // two aliases of one knob
    }
  }
}

bool Settings::boolean(std::string_view name) const { return as<bool>(at(name), name); }

int64_t Settings::integer(std::string_view name) const { return as<int64_t>(at(name), name); }

double Settings::real(std::string_view name) const { return as<double>(at(name), name); }

const std::string& Settings::text(std::string_view name) const { return as<std::string>(at(name), name); }

const std::vector<std::string>& Settings::list(std::string_view name) const {
  return as<std::vector<std::string>>(at(name), name);
}

const Value& Settings::at(std::string_view name) const {
  for (const Entry& entry : entries_) {
    if (entry.knob->is_called(name)) return entry.value;
  }
  throw AlgorithmError("Setting {} was never declared.", in_quotes(name));
}

}  // namespace smlt::settings
