#pragma once

#include <filesystem>
#include <string>

#include "models/birds/net.hpp"

namespace smlt::models::birds {

/// Loads the weights of a file under torchvision's names, of the whole network or only the trunk, into the trunk of
/// `net`, which is `backbone`. They become fp32 whatever the file's type; a classifier in the file is ignored. A
/// training script's checkpoint works too (tensor/state_dict.hpp). Throws a UserError that says what is missing and
/// what has another shape, which keys the file has, and which backbone it would fit.
void load_trunk(Net& net, const std::string& backbone, const std::filesystem::path& file);

}  // namespace smlt::models::birds
