#include "platform/data_channels.hpp"

#include "base/error.hpp"
#include "base/text.hpp"

namespace smlt::platform {

DataChannels choose_data_channels(std::span<const Channel> channels, const char* what,
                                  const std::function<bool(const std::filesystem::path&)>& holds_data) {
  const DataChannels chosen = {first_channel(channels, {"training", "train"}, holds_data),
                               first_channel(channels, {"validation", "test"}, holds_data)};
  if (chosen.training == nullptr) {
    throw UserError("Expected {} in a channel called 'training' or 'train', found none there.", what);
  }
  const Channel* empty = first_channel(channels, {"test", "validation"});
  if (chosen.evaluation == nullptr && empty != nullptr) {
    throw UserError("Expected {} to evaluate on in channel {}, found none; add them or leave the channel out.", what,
                    in_quotes(empty->name));
  }
  return chosen;
}

}  // namespace smlt::platform
