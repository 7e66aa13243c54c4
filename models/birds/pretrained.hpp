#pragma once

#include <filesystem>
#include <string>

#include "models/birds/net.hpp"

namespace smlt::models::birds {

/// Gives the trunk of `net`, which is `backbone`, the weights of a file under torchvision's names: of the whole network
/// or of the trunk alone; a classifier in it is passed over. Throws UserError that says what is missing and what has
/// another shape, and names the backbone that the file would fit.
void load_trunk(Net& net, const std::string& backbone, const std::filesystem::path& file);

}  // namespace smlt::models::birds
