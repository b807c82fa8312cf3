// A job's pictures as one file, made while it is read.
#ifndef ATELIER_COORDINATOR_API_HTTP_PICTURES_ZIP_H_
#define ATELIER_COORDINATOR_API_HTTP_PICTURES_ZIP_H_

#include <string>

#include "coordinator/api/http/api_sources.h"
#include "coordinator/api/http/router.h"

namespace atelier {

/// A route with {job_id}, whose query may have `tasks` (task_ranges.h). Streams
/// a zip of the pictures that there are (task_pictures.h); memory for one piece
/// is all it takes. A picture that the store has lost has a file that says so
/// in its place; one that turns out to be damaged breaks the answer off.
HttpRoute PicturesZipRoute(std::string path, const ApiSources& sources);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_PICTURES_ZIP_H_
