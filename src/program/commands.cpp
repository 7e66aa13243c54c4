#include "program/commands.hpp"

#include <filesystem>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "machine/threads.hpp"
#include "program/describe.hpp"
#include "program/library.hpp"

namespace smlt {

std::filesystem::path take_model_directory(Arguments& arguments, const Environment& environment) {
  const std::optional<std::string> directory = take_option(arguments, "--model-dir");
  return directory ? std::filesystem::path(*directory) : platform::read_tree(environment).model;
}

void describe(Arguments arguments, Output& output) {
  const bool json = take_flag(arguments, "--json");
  refuse_options(arguments);
  if (arguments.size() > 1) throw UserError("Expected one model to describe, found {} arguments.", arguments.size());
  if (!arguments.empty()) {
    const cards::Card& card = cards::card_named(arguments[0]);
    output.line(json ? indented(training_specification(card)) : description(card));
    return;
  }
  boost::json::object all;
  for (const cards::Card& card : cards::cards()) {
    all[card.name] = training_specification(card);
    if (!json) output.line(description(card));
  }
  if (json) output.line(indented(all));
}

void predict(Arguments arguments, const Environment& environment, Output& output) {
  const std::filesystem::path directory = take_model_directory(arguments, environment);
  refuse_options(arguments);
  if (arguments.empty()) {
    throw UserError("Expected files to predict, found none; name JPEG or PNG images, IDX or CSV files.");
  }
  const int threads = machine::compute_threads(environment);
  set_compute_threads(threads);
  check_inputs_of_compiled_code();
  open_engine().predict({directory, arguments, threads}, output);
}

}  // namespace smlt
