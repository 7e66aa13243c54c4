// convert-numbers FROM TO: bodies of the format FROM (npy, npz, json or csv) on standard input, as bodies of the format
// TO (npy, json or csv) on standard output. Each follows its length in 8 bytes; after a length of 2^64 - 1 comes the
// sentence of a refusal instead. For test_numbers.py.
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <iostream>
#include <optional>
#include <string>

#include "codec/array/json_numbers.hpp"
#include "codec/array/npy.hpp"
#include "codec/array/npz.hpp"
#include "codec/table/csv_numbers.hpp"

using namespace smlt::codec;

namespace {

NumberArray read(const std::string& format, const std::string& body) {
  if (format == "npy") return read_npy(body, "body");
  if (format == "npz") return read_npz(body, "body");
  if (format == "json") return read_json_numbers(body, "body");
  return read_csv_numbers(body, "body");
}

std::string written(const std::string& format, const NumberArray& array) {
  if (format == "npy") return write_npy(array);
  if (format == "json") return write_json_numbers(array);
  return write_csv_numbers(array);
}

std::optional<std::string> next_body() {
  uint64_t length = 0;
  if (!std::cin.read(reinterpret_cast<char*>(&length), sizeof length)) return std::nullopt;
  std::string body(length, '\0');
  std::cin.read(body.data(), static_cast<std::streamsize>(length));
  return body;
}

void put(uint64_t length) { std::cout.write(reinterpret_cast<const char*>(&length), sizeof length); }

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 1;
  while (const auto body = next_body()) {
    std::string answer;
    try {
      answer = written(argv[2], read(argv[1], *body));
    } catch (const std::exception& error) {
      put(UINT64_MAX);
      answer = error.what();
    }
    put(answer.size());
    std::cout << answer;
  }
}
