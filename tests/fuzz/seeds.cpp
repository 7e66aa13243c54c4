// fuzz_seeds FOLDER: writes FOLDER/idx, FOLDER/png, ...: small valid files for the fuzzers to start from.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "tests/codec/archive/made_gzip.hpp"
#include "tests/codec/archive/made_zip.hpp"
#include "tests/codec/array/made_numbers.hpp"
#include "tests/codec/image/made_jpeg.hpp"
#include "tests/codec/image/made_png.hpp"
#include "tests/codec/weights/made_weights.hpp"
#include "tests/datasets/made_cifar.hpp"

namespace {

using namespace smlt::test;
namespace fs = std::filesystem;

void write(const fs::path& path, const std::string& content) { std::ofstream(path, std::ios::binary) << content; }

void write_idx_seeds(const fs::path& folder) {
  using namespace std::string_literals;
  const std::string labels = "\0\0\x08\x01\0\0\0\x03\x07\x02\xFF"s;
  const std::string images = "\0\0\x08\x03\0\0\0\x02\0\0\0\x01\0\0\0\x03"s + "abcdef";
  write(folder / "labels", labels);
  write(folder / "images", images);
  write(folder / "labels.gz", made_gzip(labels));
  write(folder / "images.gz", made_gzip(images));
  write(folder / "members.gz", made_gzip(images.substr(0, 9)) + made_gzip("") + made_gzip(images.substr(9)));
}

void write_png_seeds(const fs::path& folder) {
  for (const int color_type : {0, 2, 3, 4, 6}) {
    for (const int bit_depth : {1, 2, 4, 8, 16}) {
      if (color_type == 3 ? bit_depth > 8 : color_type != 0 && bit_depth < 8) continue;
      for (const bool is_interlaced : {false, true}) {
        MadePng png{9, 9, bit_depth, color_type, {}, is_interlaced};
        png.samples.assign(81 * png.samples_per_pixel(), 1);
        if (color_type == 3) png.palette = "abcdef", png.transparency = "\x07";
        write(folder / ("type" + std::to_string(color_type) + "-bits" + std::to_string(bit_depth) +
                        (is_interlaced ? "-interlaced" : "") + ".png"),
              made_png(png));
      }
    }
  }
  const size_t header = 8 + 25;  // the signature and IHDR
  write(folder / "exif.png", made_png({2, 1, 8, 0, {1, 2}}).insert(header, png_chunk("eXIf", exif_segment(6, true))));
}

void write_jpeg_seeds(const fs::path& folder) {
  const std::pair<J_COLOR_SPACE, J_COLOR_SPACE> spaces[] = {{JCS_GRAYSCALE, JCS_GRAYSCALE},
                                                            {JCS_RGB, JCS_YCbCr},
                                                            {JCS_RGB, JCS_RGB},
                                                            {JCS_CMYK, JCS_CMYK},
                                                            {JCS_CMYK, JCS_YCCK}};
  for (const auto& [given, stored] : spaces) {
    for (const bool is_progressive : {false, true}) {
      MadeJpeg jpeg{20, 12, given, stored, slow_samples(20, 12, components_of(given)), 70, is_progressive};
      jpeg.app1 = exif_segment(6, is_progressive);
      write(folder / ("space" + std::to_string(stored) + (is_progressive ? "-progressive" : "") + ".jpg"),
            made_jpeg(jpeg));
    }
  }
}

void write_cifar_seeds(const fs::path& folder) {
  for (size_t i = 0; i < kPickles.size(); ++i) write(folder / "pickle" / ("batch" + std::to_string(i)), kPickles[i]);
  write(folder / "pickle/arrays", kPickleOfArrays);
  write(folder / "pickle/meta",
        made_cifar_meta({"plane", "car", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}));
  for (const size_t classes : {size_t{10}, size_t{100}}) {
    const MadeCifar made{.rows = 1, .classes = classes};
    write(folder / "pickle" / ("rows" + std::to_string(classes)), made.pickle());
    write(folder / "cifar" / ("rows" + std::to_string(classes)), made.binary());
  }
  const std::string archive = made_tar({{"folder/file", "content"}, {"empty", ""}});
  write(folder / "tar/plain", archive);
  write(folder / "tar/gzip", made_gzip(archive));
  write(folder / "tar/long", made_tar({{"x", std::string(120, 'n')}}, 'L') + archive);
  write(folder / "tar/pax", made_tar({{"x", "15 path=a/file\n10 size=7\n"}}, 'x') + archive);
}

void write_weights_seeds(const fs::path& folder) {
  write(folder / "torch_file/zip", made_torch_file(kTorchPickled));
  write(folder / "torch_file/checkpoint", made_torch_file(kTorchCheckpointPickled));
  write(folder / "torch_file/old", kOldTorchFile);
  write(folder / "safetensors/two",
        made_safetensors(R"({"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                         R"("b":{"dtype":"U8","shape":[],"data_offsets":[8,9]}})",
                         "123456789"));
}

void write_csv_seeds(const fs::path& folder) {
  write(folder / "pandas.csv", "0,1\n-1.2345678901234567,0.5\n2,1e-05\n");
  write(folder / "plain.csv", "1,2,3\r\n4,5.5,-6\r\n\r\n");
  write(folder / "quoted.csv", "\xEF\xBB\xBF\"a, b\",\"c\n\"\"d\"\"\"\n\"1\", +2.5 \n");
}

std::string plain_npy(const std::string& type, const std::string& shape, const std::string& data) {
  return made_npy("{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }", data);
}

void write_array_seeds(const fs::path& folder) {
  using namespace std::string_literals;
  const std::string pair = plain_npy("<f4", "(2,)", "abcdefgh");
  write(folder / "npy/pair", pair);
  write(folder / "npy/version3", made_npy("{'shape': (), 'descr': '>i2', 'fortran_order': True}", "ab", 3));
  write(folder / "npy/header", "\x06\x01" + pair);
  write(folder / "npz/stored", made_zip({{"arr_0.npy", pair}}));
  for (const char* format : {"csr", "csc", "coo"}) {
    const bool is_coo = format == "coo"s;
    const std::string indices = plain_npy("<i4", "(2,)", "\0\0\0\0\1\0\0\0"s);
    const std::string starts = plain_npy("<i4", "(3,)", "\0\0\0\0\1\0\0\0\2\0\0\0"s);
    const std::string archive = made_zip({{"format.npy", plain_npy("|S3", "()", format)},
                                          {"shape.npy", plain_npy("<i4", "(2,)", "\2\0\0\0\2\0\0\0"s)},
                                          {"data.npy", pair},
                                          {is_coo ? "row.npy" : "indices.npy", indices},
                                          {is_coo ? "col.npy" : "indptr.npy", is_coo ? indices : starts}},
                                         /*is_deflated=*/true);
    write(folder / "npz" / format, archive);
  }
}

// The first byte says in which pieces the target reads the rest.
void write_http_seeds(const fs::path& folder) {
  write(folder / "get",
        "!GET /ping?a=b HTTP/1.1\r\nHost: a\r\n\r\nHEAD http://a/%70ing HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  write(folder / "length",
        "\x07POST /invocations HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Type: text/csv; "
        "charset=utf-8\r\n\r\nabc");
  write(folder / "chunked",
        "\x01POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: "
        "100-continue\r\n\r\n3;n=\"v\"\r\nabc\r\nA\r\n0123456789\r\n"
        "0\r\nTrailer: b\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
  write(folder / "parts",
        "\x03POST /a HTTP/1.1\r\nHost: a\r\nContent-Type: text/csv\r\nTransfer-Encoding: "
        "chunked\r\n\r\n5\r\n1,2\n3\r\n4\r\n,4\n5\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
  write(folder / "both",
        " POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  write(folder / "folded",
        "\x05POST / HTTP/1.1\r\nHost: a\r\nA: b\r\n c\r\nContent-Length: 2, 2\r\n\r\nab\r\nGET / HTTP/1.1\r\nHost: "
        "a\r\n\r\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "Usage: fuzz_seeds FOLDER\n";
    return 1;
  }
  const fs::path folder = argv[1];
  for (const char* format : {"idx", "jpeg", "png", "pickle", "torch_file", "safetensors", "cifar", "tar", "csv", "npy",
                             "npz", "json_numbers", "csv_numbers", "http"})
    fs::create_directories(folder / format);
  write_idx_seeds(folder / "idx");
  write_jpeg_seeds(folder / "jpeg");
  write_png_seeds(folder / "png");
  write_cifar_seeds(folder);
  write_weights_seeds(folder);
  write_csv_seeds(folder / "csv");
  write_array_seeds(folder);
  write(folder / "json_numbers/lists", "[[1, 2.5], [-3e-7, NaN]]\n[true, Infinity]");
  write(folder / "json_numbers/deep", "[[[0.10000000149011612]], [[123456789012345678901]]]");
  write(folder / "csv_numbers/rows", "1,-2.5e3\r\nnan,\"inf\" # note\n\n,+3\n");
  write(folder / "csv_numbers/column", "\xEF\xBB\xBFtrue\n0.10000000149011612\n");
  write_http_seeds(folder / "http");
}
