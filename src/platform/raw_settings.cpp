#include "platform/raw_settings.hpp"

#include <map>

#include "base/byte_order_mark.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "platform/config_file.hpp"
#include "settings/command_line.hpp"
#include "settings/settings.hpp"
#include "values/json.hpp"
#include "values/python.hpp"

namespace smlt::platform {
namespace json = boost::json;
namespace {

constexpr std::string_view kVariable = "SM_HP_";

// What SageMaker adds for itself, folded (platform 5).
bool is_reserved(const std::string& name) {
  return name.starts_with("sagemaker-") || name == "-tuning-objective-metric" || name == "default-user-module-name";
}

std::vector<settings::RawSetting> from_object(const json::object& object, const std::string& source) {
  std::vector<settings::RawSetting> settings;
  for (const auto& member : object) {
    const json::value& value = member.value();
    settings.push_back(
        {member.key(), value.is_string() ? std::string(value.get_string()) : values::json_dumps(value), source});
  }
  return settings;
}

std::vector<settings::RawSetting> from_file(const Tree& tree) {
  constexpr const char* kFile = "hyperparameters.json";
  const auto object = read_object(tree, kFile);
  return object ? from_object(*object, kFile) : std::vector<settings::RawSetting>();
}

// A variable is in upper case by its own rules; the name is what a user would have written.
std::vector<settings::RawSetting> from_variables(const Environment& environment) {
  std::vector<settings::RawSetting> settings;
  for (auto it = environment.lower_bound(std::string(kVariable)); it != environment.end(); ++it) {
    if (!it->first.starts_with(kVariable)) break;
    const std::string name = lower_case(std::string_view(it->first).substr(kVariable.size()));
    if (!name.empty()) settings.push_back({name, it->second, it->first});
  }
  return settings;
}

std::vector<settings::RawSetting> from_hps(const Environment& environment) {
  const auto found = environment.find("SM_HPS");
  if (found == environment.end()) return {};
  const std::string_view text = without_byte_order_mark(found->second, "SM_HPS");
  return trimmed(text).empty() ? std::vector<settings::RawSetting>()
                               : from_object(values::parse_object(text, "SM_HPS"), "SM_HPS");
}

// Settings by folded name; the first to claim one keeps it.
class Collector {
 public:
  // A name that appears twice in one source is a mistake unless both values agree.
  void add(std::vector<settings::RawSetting> source) {
    const size_t first_of_source = settings_.size();
    for (settings::RawSetting& setting : source) {
      const std::string name = folded(setting.name);
      if (is_reserved(name)) continue;
      const auto [place, is_new] = places_.emplace(name, settings_.size());
      if (is_new) {
        settings_.push_back(std::move(setting));
      } else if (place->second >= first_of_source) {
        settings::check_same(settings_[place->second], setting);
      }
    }
  }

  std::vector<settings::RawSetting> take() { return std::move(settings_); }

 private:
  std::vector<settings::RawSetting> settings_;
  std::map<std::string, size_t> places_;
};

}  // namespace

std::vector<settings::RawSetting> read_raw_settings(std::span<const std::string> command_line, const Tree& tree,
                                                    const Environment& environment) {
  Collector collector;
  collector.add(settings::read_command_line(command_line));
  collector.add(from_file(tree));
  collector.add(from_variables(environment));
  collector.add(from_hps(environment));
  return collector.take();
}

std::vector<settings::RawSetting> read_reserved_settings(const Tree& tree) {
  std::vector<settings::RawSetting> settings = from_file(tree);
  std::erase_if(settings, [](const settings::RawSetting& setting) { return !is_reserved(folded(setting.name)); });
  return settings;
}

}  // namespace smlt::platform
