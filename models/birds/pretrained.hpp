#pragma once

#include <filesystem>
#include <string>

#include "models/birds/net.hpp"

namespace smlt::models::birds {

/// Gives the trunk of `net`, which is `backbone`, the weights of a file under torchvision's names, in fp32 whatever the
/// file's type: of the whole network or of the trunk alone; a classifier in it is ignored. A checkpoint of a training
/// script does too (tensor/state_dict.hpp). Throws UserError that says what is missing and what has another shape,
/// which keys the file has, and which backbone it would fit.
void load_trunk(Net& net, const std::string& backbone, const std::filesystem::path& file);

}  // namespace smlt::models::birds
