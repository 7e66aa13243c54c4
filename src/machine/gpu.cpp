#include "machine/gpu.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "base/error.hpp"
#include "base/folder.hpp"
#include "base/text.hpp"
#include "values/number.hpp"

namespace smlt::machine {
namespace {

constexpr int kMostGpus = 64;

bool is_version(const std::string& word) {
  const auto is_part = [](char c) { return (c >= '0' && c <= '9') || c == '.'; };
  return word.size() <= 32 && word.find('.') != std::string::npos && word.front() != '.' &&
         std::all_of(word.begin(), word.end(), is_part);
}

}  // namespace

// "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.95.05  Release Build  (...)": the first word that is
// numbers and dots. The compiler's version follows on a line of its own.
std::string nvidia_driver_version(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string line;
  if (!std::getline(in, line)) return "";
  std::istringstream words(line);
  for (std::string word; words >> word;) {
    if (is_version(word)) return word;
  }
  return "";
}

std::optional<int64_t> num_gpus(const Environment& environment) {
  const auto found = environment.find("SM_NUM_GPUS");
  if (found == environment.end() || found->second.empty()) return {};
  const auto number = values::read_integer(found->second);
  if (!number || *number < 0)
    throw UserError("Expected a number of GPUs in SM_NUM_GPUS, found {}.", in_quotes(found->second));
  return number;
}

int gpus_of_job(const Environment& environment, const std::filesystem::path& devices) {
  if (const auto number = num_gpus(environment)) return static_cast<int>(std::min<int64_t>(*number, kMostGpus));
  int found = 0;
  for (int i = 0; i < kMostGpus; ++i) {
    if (is_there(devices / fmt::format("nvidia{}", i))) ++found;
  }
  return found;
}

}  // namespace smlt::machine
