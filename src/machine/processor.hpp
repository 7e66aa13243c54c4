#pragma once

#include <string>

namespace smlt::machine {

/// What the kernel calls the processor ("AMD EPYC 7R13 Processor"), or the architecture if it gives no name.
std::string processor_name();

}  // namespace smlt::machine
