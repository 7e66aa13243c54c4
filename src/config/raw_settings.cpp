#include <map>

#include "base/byte_order_mark.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "config/command_line.hpp"
#include "config/json.hpp"
#include "config/python.hpp"
#include "config/settings.hpp"

namespace smlt::config {
namespace json = boost::json;
namespace {

constexpr std::string_view kVariable = "SM_HP_";

// What SageMaker adds for itself, folded (platform 5).
bool is_reserved(const std::string& name) {
  return name.starts_with("sagemaker-") || name == "-tuning-objective-metric" || name == "default-user-module-name";
}

std::vector<RawSetting> from_object(const json::object& object, const std::string& source) {
  std::vector<RawSetting> settings;
  for (const auto& member : object) {
    const json::value& value = member.value();
    settings.push_back({member.key(), value.is_string() ? std::string(value.get_string()) : json_dumps(value), source});
  }
  return settings;
}

std::vector<RawSetting> from_file(const Tree& tree) {
  constexpr const char* kFile = "hyperparameters.json";
  const auto object = read_object(tree, kFile);
  return object ? from_object(*object, kFile) : std::vector<RawSetting>();
}

// A variable is in upper case by its own rules; the name is what a user would have written.
std::vector<RawSetting> from_variables(const Environment& environment) {
  std::vector<RawSetting> settings;
  for (auto it = environment.lower_bound(std::string(kVariable)); it != environment.end(); ++it) {
    if (!it->first.starts_with(kVariable)) break;
    std::string name = it->first.substr(kVariable.size());
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (!name.empty()) settings.push_back({name, it->second, it->first});
  }
  return settings;
}

std::vector<RawSetting> from_hps(const Environment& environment) {
  const auto found = environment.find("SM_HPS");
  if (found == environment.end()) return {};
  const std::string_view text = without_byte_order_mark(found->second, "SM_HPS");
  return trimmed(text).empty() ? std::vector<RawSetting>() : from_object(parse_object(text, "SM_HPS"), "SM_HPS");
}

// Settings by folded name; the first to claim one keeps it.
class Collector {
 public:
  // A name twice in one source is a mistake unless both say the same.
  void add(std::vector<RawSetting> source) {
    const size_t first_of_source = settings_.size();
    for (RawSetting& setting : source) {
      const std::string name = folded(setting.name);
      if (is_reserved(name)) continue;
      const auto [place, is_new] = places_.emplace(name, settings_.size());
      if (is_new) {
        settings_.push_back(std::move(setting));
      } else if (place->second >= first_of_source) {
        check_same(settings_[place->second], setting);
      }
    }
  }

  std::vector<RawSetting> take() { return std::move(settings_); }

 private:
  std::vector<RawSetting> settings_;
  std::map<std::string, size_t> places_;
};

}  // namespace

void check_same(const RawSetting& first, const RawSetting& second) {
  if (first.text == second.text) return;
  throw UserError("{} (from {}) and {} (from {}) are one hyperparameter but differ, {} and {}; keep one of them.",
                  in_quotes(first.name), printable(first.source), in_quotes(second.name), printable(second.source),
                  in_quotes(first.text), in_quotes(second.text));
}

std::vector<RawSetting> read_raw_settings(std::span<const std::string> command_line, const Tree& tree,
                                          const Environment& environment) {
  Collector collector;
  collector.add(read_command_line(command_line));
  collector.add(from_file(tree));
  collector.add(from_variables(environment));
  collector.add(from_hps(environment));
  return collector.take();
}

const RawSetting* find_raw(std::span<const RawSetting> settings, std::string_view name) {
  const std::string wanted = folded(name);
  for (const RawSetting& setting : settings) {
    if (folded(setting.name) == wanted) return &setting;
  }
  return nullptr;
}

}  // namespace smlt::config
