#pragma once

#include "image/image_store.hpp"
#include "models/birds/net.hpp"

namespace smlt::models::birds {

/// What the trunk of `net` makes of all images, as they are evaluated: float `[images, F]`, with packed convolutions in
/// training mode and as exported in eval mode. While the trunk is frozen, and the images are not augmented, that stays
/// the same and is computed once.
at::Tensor features_of(Net& net, const image::ImageStore& images);

}  // namespace smlt::models::birds
