// What a result's metadata says of it.
#ifndef ATELIER_WORKER_AGENT_RENDER_DESCRIPTION_H_
#define ATELIER_WORKER_AGENT_RENDER_DESCRIPTION_H_

#include <string>

#include "common/render/params.h"

namespace atelier {

/// The render as one line of JSON with sorted keys: parameters, layers and
/// input digests, never the time, the worker or the job. Equal renders, equal
/// text. Fields that do not apply are left out.
std::string DescribeRender(const Render& render);

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_RENDER_DESCRIPTION_H_
