#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "tensor/net.hpp"

namespace smlt::tensor {

/// What a file in the safetensors format holds (https://github.com/huggingface/safetensors#format): a little-endian
/// 64-bit length, a JSON header, then the values, contiguous and in the order given.
struct TensorFile {
  NamedTensors tensors;
  std::map<std::string, std::string> metadata = {{"format", "pt"}};
};

/// The file's bytes.
std::string to_safetensors(const TensorFile& file);

/// The contents of such bytes. Lengths and offsets are checked against them before anything is allocated. Throws
/// std::invalid_argument saying what does not fit. Types: F64, F32, F16, BF16, I64, I32, I16, I8, U8, BOOL.
TensorFile from_safetensors(std::string_view content);

/// The metadata alone, from the first bytes of a file; throws as `from_safetensors` does.
std::map<std::string, std::string> metadata_of(std::string_view start);

/// `to_safetensors` to a file. Throws PlatformError when it cannot be written.
void write_safetensors(const std::filesystem::path& path, const NamedTensors& tensors);

/// `from_safetensors` of a file. Throws UserError naming the file and what does not fit.
NamedTensors read_safetensors(const std::filesystem::path& path);

}  // namespace smlt::tensor
