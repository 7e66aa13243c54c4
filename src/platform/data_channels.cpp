#include "platform/data_channels.hpp"

#include <algorithm>
#include <initializer_list>

#include "base/error.hpp"
#include "base/text.hpp"

namespace smlt::platform {
namespace {

const Channel* first_of(std::span<const Channel> channels, std::initializer_list<const char*> names,
                        const HoldsData& holds_data) {
  for (const char* name : names) {
    const Channel* channel = channel_named(channels, name);
    if (channel != nullptr && holds_data(*channel)) return channel;
  }
  return nullptr;
}

}  // namespace

const Channel& training_channel(std::span<const Channel> channels, const char* what, const HoldsData& holds_data) {
  if (const Channel* found = first_of(channels, {"training", "train"}, holds_data)) return *found;
  throw UserError("Expected {} in a channel called 'training' or 'train', found none there.", what);
}

const Channel* evaluation_channel(std::span<const Channel> channels, const char* what, const HoldsData& holds_data) {
  if (const Channel* found = first_of(channels, {"validation", "test"}, holds_data)) return found;
  const Channel* empty = first_of(channels, {"test", "validation"}, [](const Channel&) { return true; });
  if (empty == nullptr) return nullptr;
  throw UserError("Expected {} to evaluate on in channel {}, found none; add them or leave the channel out.", what,
                  in_quotes(empty->name));
}

const Channel* channel_named(std::span<const Channel> channels, std::string_view name) {
  const auto found = std::find_if(channels.begin(), channels.end(), [&](const auto& it) { return it.name == name; });
  return found == channels.end() ? nullptr : &*found;
}

}  // namespace smlt::platform
