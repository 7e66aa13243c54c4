#include "config/data_channels.hpp"

#include <initializer_list>
#include <string_view>

#include "base/error.hpp"
#include "base/text.hpp"

namespace smlt::config {
namespace {

bool always(const Channel&) { return true; }

const Channel* first_of(std::span<const Channel> channels, std::initializer_list<std::string_view> names,
                        const std::function<bool(const Channel&)>& is_wanted) {
  for (const std::string_view name : names) {
    for (const Channel& channel : channels) {
      if (channel.name == name && is_wanted(channel)) return &channel;
    }
  }
  return nullptr;
}

}  // namespace

DataChannels choose_data_channels(std::span<const Channel> channels, const char* what,
                                  const std::function<bool(const Channel&)>& holds_data) {
  const DataChannels chosen = {first_of(channels, {"training", "train"}, holds_data),
                               first_of(channels, {"validation", "test"}, holds_data)};
  if (chosen.training == nullptr) {
    throw UserError("Expected {} in a channel called 'training' or 'train', found none there.", what);
  }
  const Channel* empty = first_of(channels, {"test", "validation"}, always);
  if (chosen.evaluation == nullptr && empty != nullptr) {
    throw UserError("Expected {} to evaluate on in channel {}, found none; add them or leave the channel out.", what,
                    in_quotes(empty->name));
  }
  return chosen;
}

}  // namespace smlt::config
