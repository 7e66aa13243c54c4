#pragma once

#include "image/image_store.hpp"
#include "models/birds/net.hpp"

namespace smlt::models::birds {

/// The trunk features of all images, prepared as for evaluation: float `[images, F]`, with packed convolutions in
/// training mode and as exported in eval mode. While the trunk is frozen and images are not augmented, the features
/// stay the same and are computed once.
at::Tensor features_of(Net& net, const image::ImageStore& images);

}  // namespace smlt::models::birds
