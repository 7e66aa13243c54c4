// Room report: report.html of a finished job, one self-contained page. Knows artifacts and settings.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "artifact/manifest.hpp"

namespace smlt::report {

/// Writes the page: what was trained, the curves of loss and accuracy, the table of epochs, the hyperparameters.
/// `epochs` are the objects of metrics.jsonl. No scripts and no network requests. Throws PlatformError if it cannot be
/// written.
void write_page(const std::filesystem::path& file, const artifact::Manifest& manifest,
                std::span<const boost::json::object> epochs);

}  // namespace smlt::report
