// What a text, or a short list, that comes from outside may look like. Every
// error is InvalidArgument and says the path, what was given and what is
// allowed.
#ifndef ATELIER_COORDINATOR_API_VIEWS_TEXT_RULES_H_
#define ATELIER_COORDINATOR_API_VIEWS_TEXT_RULES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/repeated_field.h"

namespace atelier {

/// `least` to `most` characters of UTF-8, none of them a control character or
/// the end of a line.
absl::Status CheckPrintable(absl::string_view path, absl::string_view text,
                            int least, int most);

/// 64 lower-case hex digits.
absl::Status CheckDigest(absl::string_view path, absl::string_view text);

/// A request or instance id: 16 to 64 of [0-9a-zA-Z-].
absl::Status CheckUniqueId(absl::string_view path, absl::string_view text);

/// 1 to 64 of [A-Za-z0-9._-].
absl::Status CheckWorkerName(absl::string_view path, absl::string_view text);

/// An axis or study: `least` to 64 of [a-z0-9_-].
absl::Status CheckSlug(absl::string_view path, absl::string_view text,
                       int least);

/// A term of the loss: 1 to 64 of [a-z0-9_], and neither of the names "total"
/// and "tv", whose columns are others'.
absl::Status CheckTermName(absl::string_view path, absl::string_view text);

/// What a job may ask of a worker: at most 16 slugs, each once.
absl::Status CheckTags(
    absl::string_view path,
    const google::protobuf::RepeatedPtrField<std::string>& tags);

/// -1,000 to 1,000.
absl::Status CheckPriority(absl::string_view path, int priority);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_VIEWS_TEXT_RULES_H_
