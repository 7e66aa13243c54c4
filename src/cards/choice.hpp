#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cards/card.hpp"

namespace smlt::cards {

/// A model, and what it found in the channels of a job.
struct Finding {
  const Card& card;
  std::unique_ptr<Found> found;
};

/// The model for the data the job brought. `wanted` is the hyperparameter `model`: a name, or "auto" to decide by the
/// channels' contents. Throws a UserError that lists what was found and what the named model, or any model, would have
/// understood, and PlatformError if a file or folder cannot be read.
Finding choose_card(const std::string& wanted, const std::vector<platform::Channel>& channels);

}  // namespace smlt::cards
