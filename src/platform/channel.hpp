#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "platform/tree.hpp"

namespace smlt::platform {

/// One input channel of the job.
struct Channel {
  std::string name;
  std::filesystem::path path;
  std::string content_type;         // "" if the job does not say
  std::string input_mode = "File";  // File | FastFile | Pipe
  std::string distribution = "FullyReplicated";

  /// False for the channels that SageMaker's SDK adds for itself (platform 2).
  bool is_data() const { return name != "code" && name != "sm_drivers"; }
};

/// The channels of inputdataconfig.json, sorted by name; every key but the name is optional (platform 3). A variable
/// SM_CHANNEL_<NAME> replaces that channel's path, or adds a channel. If the file is absent and no variable is set (a
/// plain `docker run -v`), the directories under input/data are the channels, except dot names, `code`, `sm_drivers`
/// and `*-manifest`. Throws UserError if the file is not such a JSON object.
std::vector<Channel> read_channels(const Tree& tree, const Environment& environment);

}  // namespace smlt::platform
