#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "codec/array/stored_tensor.hpp"
#include "tensor/net.hpp"

namespace smlt::tensor {

/// What a file in the safetensors format (codec/weights/safetensors.hpp) holds: the values are contiguous and in the
/// order given.
struct TensorFile {
  NamedTensors tensors;
  std::map<std::string, std::string> metadata = {{"format", "pt"}};
};

/// The file's bytes. Types: F64, F32, F16, BF16, I64, I32, I16, I8, U8, BOOL.
std::string to_safetensors(const TensorFile& file);

/// The contents of such bytes. Throws std::invalid_argument saying what does not fit.
TensorFile from_safetensors(std::string_view content);

/// Only the metadata, from the first bytes of a file; throws as `from_safetensors` does.
std::map<std::string, std::string> metadata_of(std::string_view start);

/// `to_safetensors` to a file. Throws PlatformError if it cannot be written.
void write_safetensors(const std::filesystem::path& path, const NamedTensors& tensors);

/// Copies of a file's tensors, whatever its format; tensors that share a storage there share one here.
NamedTensors tensors_of(const std::vector<codec::StoredTensor>& stored);

}  // namespace smlt::tensor
