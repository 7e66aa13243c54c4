#include "generator.hpp"

#include <unistd.h>

#include <boost/program_options.hpp>
#include <charconv>
#include <limits>
#include <system_error>

#include "base/error.hpp"
#include "base/output.hpp"
#include "base/text.hpp"

namespace smlt::examples {
namespace {

namespace fs = std::filesystem;
namespace options = boost::program_options;

Options read_options(int argc, char** argv, std::initializer_list<std::pair<const char*, const char*>> numbers) {
  options::options_description offered;
  const auto text = [](const char* value) { return options::value<std::string>()->default_value(value); };
  offered.add_options()("help", "")("out", text(""));
  for (const auto& [name, value] : numbers) offered.add_options()(name, text(value));
  options::positional_options_description positions;
  positions.add("out", 1);
  namespace style = options::command_line_style;
  constexpr int kLongOptions = style::allow_long | style::long_allow_next | style::long_allow_adjacent;
  Options given;
  options::store(
      options::command_line_parser(argc, argv).options(offered).positional(positions).style(kLongOptions).run(), given);
  return given;
}

fs::path made_folder(const Options& given, const char* usage) {
  const fs::path folder = given["out"].as<std::string>();
  if (folder.empty()) throw UserError("Expected a folder for the data set, found none; {}.", usage);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw UserError("Cannot create the folder {}: {}.", in_quotes(folder.native(), 200), error.message());
  return folder;
}

}  // namespace

int run_generator(int argc, char** argv, const char* usage,
                  std::initializer_list<std::pair<const char*, const char*>> numbers,
                  void (*write)(const fs::path& out, const Options& given)) {
  Output errors(STDERR_FILENO);
  try {
    const Options given = read_options(argc, argv, numbers);
    if (given.count("help") > 0) {
      Output(STDOUT_FILENO).line(usage);
    } else {
      write(made_folder(given, usage), given);
    }
    return 0;
  } catch (const options::error& error) {
    errors.line("{}; {}.", error.what(), usage);
  } catch (const std::exception& error) {
    errors.line(error.what());
  }
  return 1;
}

int64_t whole_number(const Options& given, const std::string& name, int64_t least, int64_t most) {
  const auto& text = given[name].as<std::string>();
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && value >= least && value <= most) return value;
  throw UserError("Expected a whole number from {} to {} for --{}, found {}.", least, most, name, in_quotes(text));
}

uint64_t seed(const Options& given) {
  return static_cast<uint64_t>(whole_number(given, "seed", 0, std::numeric_limits<int64_t>::max()));
}

}  // namespace smlt::examples
