#include "report/page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <optional>
#include <vector>

#include "base/file.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "report/chart.hpp"

namespace smlt::report {
namespace json = boost::json;
namespace {

constexpr const char* kStyle =
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 "
    "1rem;color:#1b1f24;background:#fff}"
    "h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}table{border-collapse:collapse}"
    "td,th{padding:.2rem .9rem .2rem 0;text-align:right;font-variant-numeric:tabular-nums;border-bottom:1px solid "
    "#d8dee4}"
    "td:first-child,th:first-child{text-align:left}svg{width:100%;height:auto}"
    "@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}td,th{border-color:#30363d}}";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&')
      out += "&amp;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

std::string cell(const json::value& value) {
  if (value.is_double()) return fmt::format("{:.6g}", value.get_double());
  return escaped(value.is_string() ? std::string(value.get_string()) : compact(value));
}

std::string two_columns(const json::object& values) {
  std::string rows;
  for (const auto& [name, value] : values)
    rows += fmt::format("<tr><td>{}</td><td>{}</td></tr>\n", escaped(name), cell(value));
  return "<table>\n" + rows + "</table>\n";
}

std::string epoch_table(std::span<const json::object> epochs) {
  if (epochs.empty()) return "<p>No epoch was completed.</p>\n";
  std::string head;
  for (const auto& [name, value] : epochs.front()) head += fmt::format("<th>{}</th>", escaped(name));
  std::string rows;
  for (const json::object& epoch : epochs) {
    rows += "<tr>";
    for (const auto& [name, value] : epochs.front()) {
      const json::value* found = epoch.if_contains(name);
      rows += fmt::format("<td>{}</td>", found != nullptr ? cell(*found) : "");
    }
    rows += "</tr>\n";
  }
  return fmt::format("<table>\n<tr>{}</tr>\n{}</table>\n", head, rows);
}

Curve curve_of(std::span<const json::object> epochs, const char* name) {
  Curve curve{name, {}};
  for (const json::object& epoch : epochs) {
    const json::value* value = epoch.if_contains(name);
    if (value != nullptr && value->is_double())
      curve.points.emplace_back(epoch.at("epoch").to_number<double>(), value->get_double());
  }
  return curve;
}

}  // namespace

void write_page(const std::filesystem::path& file, const artifact::Manifest& manifest,
                std::span<const json::object> epochs) {
  const std::vector<Curve> loss = {curve_of(epochs, "train_loss"), curve_of(epochs, "validation_loss")};
  const std::vector<Curve> accuracy = {curve_of(epochs, "validation_accuracy")};
  const std::string title = escaped("Training report: " + manifest.model);
  write_file(file,
             fmt::format("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}</title>\n"
                         "<meta name=\"viewport\" content=\"width=device-width\"><style>{1}</style></head><body>\n"
                         "<h1>{0}</h1>\n<p>sagemaker-libtorch {2}</p>\n"
                         "<h2>Exported weights</h2>\n{3}<h2>Loss</h2>\n{4}<h2>Accuracy</h2>\n{5}"
                         "<h2>Epochs</h2>\n{6}<h2>Hyperparameters</h2>\n{7}</body></html>\n",
                         title, kStyle, version(), two_columns(manifest.metrics), chart(loss), chart(accuracy),
                         epoch_table(epochs), two_columns(manifest.hyperparameters)));
}

}  // namespace smlt::report
