#pragma once

#include <ATen/ATen.h>
#include <c10/core/DeviceGuard.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "cluster/group.hpp"
#include "tests/catch.hpp"
#include "tests/cluster/port.hpp"

namespace smlt::tests {

// Ranks of one host sum through shared memory, those of several through gloo.
enum class On { kOneHost, kSeveralHosts };

inline cluster::Place place_of(int rank, int size, uint16_t port, On on = On::kOneHost) {
  cluster::Place place;
  place.rank = rank;
  place.size = size;
  place.port = port;
  place.names.clear();
  for (int i = 1; i <= size; ++i) place.names.push_back("algo-" + std::to_string(i));
  if (on == On::kOneHost) return place;
  place.hosts.clear();
  for (int i = 1; i <= size; ++i) place.hosts.push_back("127.0.0." + std::to_string(i));
  return place;
}

inline cluster::JoinOptions options(std::atomic<int>& failures) {
  cluster::JoinOptions options;
  options.on_failure = [&failures](const Ending&) { ++failures; };
  options.watch.interval = std::chrono::milliseconds(100);
  options.patience.give_up = std::chrono::seconds(30);
  return options;
}

inline Output& no_output() {
  static Output output(-1);
  return output;
}

// Runs `work` as every rank of a job, each on a thread of its own.
inline void run_ranks(int size, const std::function<void(cluster::Group&)>& work, On on = On::kOneHost,
                      bool on_gpus = false) {
  const uint16_t port = free_port();
  std::atomic<int> failures = 0;
  std::vector<std::string> errors(static_cast<size_t>(size));
  {
    std::vector<std::jthread> threads;
    for (int rank = 0; rank < size; ++rank) {
      threads.emplace_back([&, rank] {
        try {
          cluster::JoinOptions its_own = options(failures);
          if (on_gpus) its_own.device = c10::Device(c10::kCUDA, static_cast<c10::DeviceIndex>(rank));
          const c10::DeviceGuard guard(its_own.device);
          cluster::Group group = cluster::Group::join(place_of(rank, size, port, on), its_own, no_output(), {});
          work(group);
          group.barrier();
          group.leave();
        } catch (const std::exception& e) {
          errors[static_cast<size_t>(rank)] = e.what();
        }
      });
    }
  }
  for (const std::string& error : errors) CHECK(error.empty());
  CHECK(failures == 0);
}

}  // namespace smlt::tests
