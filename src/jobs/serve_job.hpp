#pragma once

#include "base/output.hpp"
#include "engine/engine.hpp"

namespace smlt {

/// The model's side of an endpoint, ready to answer until the process ends. Throws UserError if there is no model that
/// can be served.
Endpoint serve_job(const ServeRequest& request, Output& log);

}  // namespace smlt
