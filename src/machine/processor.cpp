#include "machine/processor.hpp"

#include <sys/utsname.h>

#include <fstream>

#include "base/text.hpp"

namespace smlt::machine {

std::string processor_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("model name")) return printable(trimmed(line.substr(line.find(':') + 1)));
  }
  utsname machine{};
  return ::uname(&machine) == 0 ? machine.machine : "unknown";
}

}  // namespace smlt::machine
