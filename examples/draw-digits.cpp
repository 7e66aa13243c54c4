// draw-digits OUT [--train N] [--test N] [--seed S]: draws handwritten-looking digits and stores them in OUT as MNIST
// is stored, in four IDX files: a data set for machines without a network.
#include <unistd.h>

#include <boost/program_options.hpp>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <system_error>

#include "base/error.hpp"
#include "base/output.hpp"
#include "base/text.hpp"
#include "codec/idx.hpp"
#include "digit_picture.hpp"

namespace smlt::examples {
namespace {

namespace fs = std::filesystem;
namespace options = boost::program_options;

constexpr const char* kUsage = "usage: draw-digits OUT [--train N] [--test N] [--seed S]";
constexpr int64_t kMostDigits = 1'000'000;

void write_set(const fs::path& folder, const std::string& name, int64_t count, uint64_t seed) {
  codec::ByteArray images{{count, kField, kField}, {}};
  codec::ByteArray labels{{count}, {}};
  Random random(seed);
  for (int64_t i = 0; i < count; ++i) {
    const auto digit = static_cast<int>(random.uniform(0, 10));
    const Picture picture = draw_digit(digit, random);
    images.data.insert(images.data.end(), picture.begin(), picture.end());
    labels.data.push_back(static_cast<uint8_t>(digit));
  }
  codec::write_idx(folder / (name + "-images-idx3-ubyte"), images);
  codec::write_idx(folder / (name + "-labels-idx1-ubyte"), labels);
}

int64_t number(const options::variables_map& given, const std::string& name, int64_t least, int64_t most) {
  const auto& text = given[name].as<std::string>();
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && value >= least && value <= most) return value;
  throw UserError("Expected a whole number from {} to {} for --{}, found {}.", least, most, name, in_quotes(text));
}

options::variables_map read_options(int argc, char** argv) {
  options::options_description offered;
  const auto text = [](const char* value) { return options::value<std::string>()->default_value(value); };
  offered.add_options()("help", "")("out", options::value<std::string>()->default_value(""))("train", text("12000"))(
      "test", text("2000"))("seed", text("1"));
  options::positional_options_description positions;
  positions.add("out", 1);
  namespace style = options::command_line_style;
  constexpr int kLongOptions = style::allow_long | style::long_allow_next | style::long_allow_adjacent;
  options::variables_map given;
  options::store(
      options::command_line_parser(argc, argv).options(offered).positional(positions).style(kLongOptions).run(), given);
  return given;
}

void draw(const options::variables_map& given) {
  const fs::path folder = given["out"].as<std::string>();
  if (folder.empty()) throw UserError("Expected a folder for the digits, found none; {}.", kUsage);
  const int64_t train_count = number(given, "train", 1, kMostDigits);
  const int64_t test_count = number(given, "test", 1, kMostDigits);
  const auto seed = static_cast<uint64_t>(number(given, "seed", 0, std::numeric_limits<int64_t>::max()));
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw UserError("Cannot create the folder {}: {}.", in_quotes(folder.native(), 200), error.message());
  write_set(folder, "train", train_count, 2 * seed);
  write_set(folder, "t10k", test_count, 2 * seed + 1);
}

int run(int argc, char** argv) {
  Output errors(STDERR_FILENO);
  try {
    const options::variables_map given = read_options(argc, argv);
    if (given.count("help") > 0) {
      Output(STDOUT_FILENO).line(kUsage);
    } else {
      draw(given);
    }
    return 0;
  } catch (const options::error& error) {
    errors.line("{}; {}.", error.what(), kUsage);
  } catch (const std::exception& error) {
    errors.line(error.what());
  }
  return 1;
}

}  // namespace
}  // namespace smlt::examples

int main(int argc, char** argv) { return smlt::examples::run(argc, argv); }
