#include "machine/instructions.hpp"

#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <set>
#include <sstream>
#include <vector>

#include "base/text.hpp"

namespace smlt::machine {
namespace {

struct InstructionSet {
  std::string_view name;
  std::string_view flags;  // of the kernel, by the compiler's options for it
};

constexpr std::array<InstructionSet, 12> kSets = {{{"avx2", "avx2 fma"},
                                                   {"avx512", "avx512f avx512dq avx512vl avx512bw fma"},
                                                   {"avx512_vnni", "avx512_vnni avx512vl"},
                                                   {"avx512_bf16", "avx512_bf16"},
                                                   {"amx_tile", "amx_tile amx_bf16 amx_int8"},
                                                   {"amx_fp16", "amx_tile amx_fp16"},
                                                   {"neon", "asimd"},
                                                   {"asimd", "asimd"},
                                                   {"sve", "sve"},
                                                   {"default", ""},
                                                   {"none", ""},
                                                   {"invalid_vec_isa", ""}}};

std::vector<std::string> words(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> found;
  for (std::string word; stream >> word;) found.push_back(word);
  return found;
}

// What the kernel says of the first processor: "flags" on x86, "Features" on Arm.
std::set<std::string> flags_in(const std::filesystem::path& info) {
  std::ifstream file(info);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("flags") && !line.starts_with("Features")) continue;
    const std::vector<std::string> flags = words(line.substr(line.find(':') + 1));
    return {flags.begin(), flags.end()};
  }
  return {};
}

}  // namespace

std::string architecture() {
  utsname machine{};
  return ::uname(&machine) == 0 ? machine.machine : "unknown";
}

std::string missing_instructions(std::string_view set, const std::filesystem::path& info) {
  const std::set<std::string> here = flags_in(info);
  std::vector<std::string> missing;
  for (const std::string& word : words(lower_case(set))) {
    const auto known = std::find_if(kSets.begin(), kSets.end(), [&](const auto& each) { return each.name == word; });
    const std::string flags(known == kSets.end() ? std::string_view(word) : known->flags);
    for (const std::string& flag : words(flags)) {
      if (!here.contains(flag) && std::find(missing.begin(), missing.end(), flag) == missing.end()) {
        missing.push_back(flag);
      }
    }
  }
  return missing.empty() ? "" : listed(missing);
}

bool has_bfloat16(const std::filesystem::path& info) {
  return missing_instructions("AMX_TILE", info).empty() || missing_instructions("AVX512_BF16", info).empty();
}

}  // namespace smlt::machine
