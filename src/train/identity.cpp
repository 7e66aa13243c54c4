#include "train/identity.hpp"

#include <fmt/ranges.h>

#include <cstdint>
#include <set>
#include <vector>

#include "base/error.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "values/python.hpp"

namespace smlt::train {
namespace {

std::string describe(const tensor::Net& net) {
  std::string shapes;
  int64_t values = 0;
  const tensor::NamedTensors tensors = tensor::state_dict(net);
  for (const auto& [name, tensor] : tensors) {
    shapes += fmt::format("{} {};", name, fmt::join(tensor.sizes(), "x"));
    values += tensor.numel();
  }
  return fmt::format("{} tensors with {} values, {:016x}", tensors.size(), values, fnv_hash(shapes));
}

}  // namespace

Identity identity_of(const std::string& model, const settings::Settings& settings, const tensor::Net& net,
                     const std::string& data_fingerprint) {
  if (data_fingerprint.empty())
    throw AlgorithmError("Expected model {} to say what its data is, found nothing.", model);
  Identity identity = {{"model", model}, {"network", describe(net)}, {"data", data_fingerprint}};
  for (const settings::Settings::Entry& entry : settings.entries()) {
    const settings::Knob& knob = *entry.knob;
    if (knob.name() == "model" || !knob.affects_result() || knob.is_growable() || knob.is_script_option()) continue;
    const std::string text = settings::to_text(entry.value);
    identity[knob.name()] = is_utf8(text) ? text : values::json_dumps(boost::json::value(text));
  }
  return identity;
}

std::string stem_of(const Identity& identity) {
  std::string text;
  for (const auto& [name, value] : identity) text += name + "=" + value + "\n";
  return fmt::format("{}-{:016x}", identity.at("model"), fnv_hash(text));
}

std::string differences(const Identity& checkpoint, const Identity& now) {
  std::set<std::string> names;
  for (const auto& [name, value] : checkpoint) names.insert(name);
  for (const auto& [name, value] : now) names.insert(name);
  const auto value_in = [](const Identity& identity, const std::string& name) {
    const auto found = identity.find(name);
    return found == identity.end() ? std::string("nothing") : found->second;
  };
  std::vector<std::string> found;
  for (const std::string& name : names) {
    const std::string there = value_in(checkpoint, name);
    const std::string here = value_in(now, name);
    if (there != here) found.push_back(fmt::format("{} ({} in the checkpoint, {} now)", name, there, here));
  }
  return listed(found);
}

}  // namespace smlt::train
