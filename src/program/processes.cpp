#include "program/processes.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "machine/gpu.hpp"
#include "program/library.hpp"
#include "program/local_ranks.hpp"
#include "values/number.hpp"

namespace smlt {
namespace {

int integer(std::span<const settings::RawSetting> settings, const char* name, int otherwise) {
  const settings::RawSetting* raw = settings::find_raw(settings, name);
  if (raw == nullptr) return otherwise;
  const settings::Knob knob = settings::integer(name, otherwise).at_least(1).at_most(256);
  return static_cast<int>(std::get<int64_t>(knob.parse(raw->text, raw->source)));
}

// Values may be encoded in several ways, which knobs understand.
bool uses_mpi(const platform::Job& job) {
  const settings::RawSetting* raw = settings::find_raw(job.reserved, "sagemaker_mpi_enabled");
  return raw != nullptr &&
         std::get<bool>(settings::boolean("sagemaker_mpi_enabled", false).parse(raw->text, raw->source));
}

// GPUs count if this is the program for them and a driver is there: auto would fall back to the CPU otherwise.
int gpus_for(const platform::Job& job) {
  const settings::RawSetting* raw = settings::find_raw(job.raw, "device");
  const std::string device =
      raw == nullptr ? "auto" : std::get<std::string>(settings::text("device", "auto").parse(raw->text, raw->source));
  if (device == "cpu" || !has_cuda_part() || machine::nvidia_driver_version().empty()) return 0;
  return machine::gpus_of_job(job.environment);
}

// Jobs on a single host may share their machine with others, so each takes a port that is free.
uint16_t port_of(const Environment& environment, bool is_one_host) {
  const auto set = environment.find("MASTER_PORT");
  if (set == environment.end() || set->second.empty()) return is_one_host ? free_port() : platform::kMasterPort;
  const auto port = values::read_integer(set->second);
  if (!port || *port < 1 || *port > 65535) {
    throw UserError("Expected MASTER_PORT to be a port from 1 to 65535, found {}.", in_quotes(set->second));
  }
  return static_cast<uint16_t>(*port);
}

}  // namespace

Processes processes_of(const platform::Job& job) {
  const bool mpi = uses_mpi(job);
  const int gpus = gpus_for(job);
  const int asked =
      mpi ? integer(job.reserved, "sagemaker_mpi_num_of_processes_per_host", 1) : integer(job.raw, "processes", 1);
  Processes processes = {
      .per_host = gpus > 0 ? gpus : asked, .local_rank = local_rank(job.environment), .scales_learning_rate = mpi};
  const bool is_one_host = job.cluster.size() == 1;
  if (processes.per_host > 1 || !is_one_host) processes.port = port_of(job.environment, is_one_host);
  return processes;
}

}  // namespace smlt
