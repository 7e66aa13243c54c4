#include "tensor/random.hpp"

#include "base/error.hpp"

namespace smlt::tensor {
namespace {

thread_local const StepRandomness* current_randomness = nullptr;

}  // namespace

RandomScope::RandomScope(const StepRandomness& randomness) : previous_(current_randomness), randomness_(randomness) {
  current_randomness = &randomness_;
}

RandomScope::~RandomScope() { current_randomness = previous_; }

const StepRandomness& RandomScope::current() {
  if (current_randomness == nullptr) {
    throw AlgorithmError(
        "Expected random numbers to be drawn inside a training step, found a forward pass in training "
        "mode without a RandomScope; open one around it or put the network into eval mode.");
  }
  return *current_randomness;
}

}  // namespace smlt::tensor
