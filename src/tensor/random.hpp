// Room tensor: what every model needs and LibTorch lacks: the network's base class, counter-based random numbers,
// dropout, and images as tensors. Knows the codecs' plain arrays; nothing about jobs, models or files.
#pragma once

#include <cstdint>
#include <span>

namespace smlt::tensor {

/// Random numbers here are a function of their purpose, never of a generator that threads share: the same seed gives
/// the same bits however a batch is sharded, and resuming needs no state.
///
/// `mixed` is the finaliser of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
constexpr uint64_t mixed(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

/// The `counter`th number of the stream `key`.
constexpr uint64_t random_bits(uint64_t key, uint64_t counter) {
  return mixed(key + (counter + 1) * 0x9E3779B97F4A7C15u);
}

/// A separate stream for each list of parts (seed, purpose, epoch, step, ...).
constexpr uint64_t stream_key(std::span<const uint64_t> parts) {
  uint64_t key = 0;
  for (const uint64_t part : parts) key = random_bits(key, part);
  return key;
}

/// What random numbers are drawn for: parts of a stream's key.
enum class Purpose : uint64_t { kShuffle = 1, kDropout = 2, kAugment = 3, kSplit = 4 };

/// Where the random numbers of a training step come from. `RandomScope` makes it current on this thread for the
/// duration of a forward pass; `first_row` is the global number, in the batch, of the first row this thread works on.
struct StepRandomness {
  uint64_t seed = 0;
  uint64_t epoch = 0;
  uint64_t step = 0;
  int64_t first_row = 0;
};

class RandomScope {
 public:
  explicit RandomScope(const StepRandomness& randomness);
  ~RandomScope();
  RandomScope(const RandomScope&) = delete;
  RandomScope& operator=(const RandomScope&) = delete;

  /// Throws AlgorithmError outside any scope: the model draws random numbers although no step is running.
  static const StepRandomness& current();

 private:
  const StepRandomness* previous_;
  StepRandomness randomness_;
};

}  // namespace smlt::tensor
