#pragma once

#include <boost/program_options/variables_map.hpp>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <utility>

namespace smlt::examples {

using Options = boost::program_options::variables_map;

/// The main function of a program that writes a data set: reads `OUT [--NAME N]...` with the defaults of `numbers`,
/// makes the folder OUT and calls `write`. Prints `usage` for --help, and one sentence if something went wrong. Returns
/// the exit code.
int run_generator(int argc, char** argv, const char* usage,
                  std::initializer_list<std::pair<const char*, const char*>> numbers,
                  void (*write)(const std::filesystem::path& out, const Options& given));

/// The option --`name`. Throws UserError unless it is a whole number from `least` to `most`.
int64_t whole_number(const Options& given, const std::string& name, int64_t least, int64_t most);

/// The option --seed.
uint64_t seed(const Options& given);

}  // namespace smlt::examples
