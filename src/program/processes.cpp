#include "program/processes.hpp"

#include <algorithm>
#include <cstdlib>

#include "base/error.hpp"
#include "base/text.hpp"
#include "machine/gpu.hpp"
#include "program/local_ranks.hpp"

namespace smlt {
namespace {

int integer(std::span<const settings::RawSetting> settings, const char* name, int otherwise) {
  const settings::RawSetting* raw = settings::find_raw(settings, name);
  if (raw == nullptr) return otherwise;
  const settings::Knob knob = settings::integer(name, otherwise).at_least(1).at_most(256);
  return static_cast<int>(std::get<int64_t>(knob.parse(raw->text, raw->source)));
}

// "true", or as estimators encode it: "\"True\"".
bool uses_mpi(const platform::Job& job) {
  const settings::RawSetting* raw = settings::find_raw(job.reserved, "sagemaker_mpi_enabled");
  return raw != nullptr && lower_case(raw->text).find("true") != std::string::npos;
}

bool is_on_cpu(const platform::Job& job) {
  const settings::RawSetting* raw = settings::find_raw(job.raw, "device");
  return raw != nullptr && raw->text == "cpu";
}

// Jobs on a single host may share their machine with others, so each takes a port that is free.
uint16_t port_of(const Environment& environment, bool is_one_host) {
  constexpr uint16_t kPort = 7777;  // as in AWS's own images (platform 3)
  const auto set = environment.find("MASTER_PORT");
  if (set == environment.end() || set->second.empty()) return is_one_host ? free_port() : kPort;
  const int port = std::atoi(set->second.c_str());
  if (port < 1 || port > 65535) {
    throw UserError("Expected MASTER_PORT to be a port from 1 to 65535, found {}.", in_quotes(set->second));
  }
  return static_cast<uint16_t>(port);
}

}  // namespace

Processes processes_of(const platform::Job& job) {
  const bool mpi = uses_mpi(job);
  const int gpus = is_on_cpu(job) ? 0 : machine::gpus_of_job(job.environment);
  const int asked =
      mpi ? integer(job.reserved, "sagemaker_mpi_num_of_processes_per_host", 1) : integer(job.raw, "processes", 1);
  return {.per_host = gpus > 1 ? gpus : asked,
          .local_rank = local_rank(job.environment),
          .port = port_of(job.environment, job.cluster.size() == 1),
          .scales_learning_rate = mpi};
}

}  // namespace smlt
