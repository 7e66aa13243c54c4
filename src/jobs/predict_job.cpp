#include "jobs/predict_job.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <span>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/folder.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "codec/array/idx.hpp"
#include "codec/image/image.hpp"
#include "codec/table/csv.hpp"
#include "datasets/looks.hpp"
#include "jobs/native_net.hpp"
#include "serve/predictor.hpp"

namespace smlt {
namespace {

constexpr size_t kLargestImageFile = size_t{64} << 20;
constexpr int64_t kRowsAtOnce = 4096;  // of a table

struct Source {
  std::string path;
  std::optional<int64_t> row;  // of an IDX or CSV file, from 0, without a header
};

// "images-idx3-ubyte#7" names a row, unless a file with that exact name exists.
Source parse_source(const std::string& text) {
  const size_t hash = text.rfind('#');
  if (hash == std::string::npos || is_file(text)) return {text, std::nullopt};
  int64_t row = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + hash + 1, end, row);
  if (error != std::errc() || stop != end || row < 0) {
    throw UserError("Expected a row number from 0 after the # of {}, found {}.", in_quotes(text, 200),
                    in_quotes(text.substr(hash + 1)));
  }
  return {text.substr(0, hash), row};
}

void check_file(const Source& source) {
  if (is_file(source.path)) return;
  throw UserError("Expected a file to predict from at {}, found none there.", in_quotes(source.path, 200));
}

void print(const std::string& file, const serve::Prediction& prediction, Output& output) {
  boost::json::object line;
  line["file"] = printable(file);
  line["label"] = prediction.label;
  line["score"] = prediction.score;
  line["probabilities"] = boost::json::value_from(prediction.probabilities);
  output.line(compact(line));
}

codec::Image row_of(const codec::ByteArray& images, int64_t row) {
  const int64_t size = images.shape[1] * images.shape[2];
  const auto first = images.data.begin() + row * size;
  return {images.shape[1], images.shape[2], 1, {first, first + size}};
}

void check_row(const Source& source, int64_t rows) {
  if (*source.row < rows) return;
  throw UserError("Expected a row below {} of {}, found {}.", rows, in_quotes(source.path, 200), *source.row);
}

void predict_idx(const serve::Predictor& predictor, const Source& source, Output& output) {
  const codec::ByteArray images = codec::read_idx(source.path);
  if (images.shape.size() != 3) {
    throw UserError("Expected images (three dimensions) in {}, found {} dimensions.", in_quotes(source.path, 200),
                    images.shape.size());
  }
  if (source.row) check_row(source, images.shape[0]);
  const int64_t first = source.row.value_or(0);
  const int64_t end = source.row ? first + 1 : images.shape[0];
  for (int64_t row = first; row < end; ++row) {
    print(fmt::format("{}#{}", source.path, row), predictor.predict(row_of(images, row)), output);
  }
}

void predict_csv(const serve::Predictor& predictor, const Source& source, Output& output) {
  codec::FloatTable table;
  codec::read_csv(source.path, codec::csv_header_by_name(source.path), table);
  if (table.rows == 0) throw UserError("Expected rows in {}, found none.", in_quotes(source.path, 200));
  if (source.row) check_row(source, table.rows);
  const int64_t first = source.row.value_or(0);
  const int64_t end = source.row ? first + 1 : table.rows;
  for (int64_t row = first; row < end;) {
    const int64_t count = std::min(kRowsAtOnce, end - row);
    const auto values =
        std::span<const float>(table.values)
            .subspan(static_cast<size_t>(row * table.columns), static_cast<size_t>(count * table.columns));
    for (const serve::Prediction& prediction : predictor.predict(values, table.columns, source.path)) {
      print(fmt::format("{}#{}", source.path, row++), prediction, output);
    }
  }
}

void predict_file(const serve::Predictor& predictor, const Source& source, Output& output) {
  check_file(source);
  if (!predictor.takes_images()) {
    predict_csv(predictor, source, output);
    return;
  }
  if (datasets::look_at(source.path).idx) {
    predict_idx(predictor, source, output);
    return;
  }
  if (source.row)
    throw UserError("Expected an IDX file before the # of a row, found another: {}.", in_quotes(source.path, 200));
  const std::string bytes = read_file(source.path, kLargestImageFile);
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  const codec::Image image = codec::decode_image({data, bytes.size()}, source.path, predictor.decoded_side());
  print(source.path, predictor.predict(image), output);
}

}  // namespace

void predict_job(const PredictRequest& request, Output& output) {
  at::set_num_threads(request.threads);
  at::set_num_interop_threads(1);
  const serve::Predictor predictor(request.model_directory, {.net_of = native_net});
  for (const std::string& file : request.files) predict_file(predictor, parse_source(file), output);
}

}  // namespace smlt
