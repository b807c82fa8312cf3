#include "coordinator/state/canonical.h"

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/render/description.h"

namespace atelier {
namespace {

// Keys once named the engine's version, which now travels beside them. What was
// the last such line stays, so that stored keys keep their meaning.
std::string Headed(absl::string_view text) {
  return absl::StrCat("algorithm=7\n", text);
}

std::string Scoped(absl::string_view scope, std::string description) {
  if (scope.empty()) return description;
  // A digest: no scope can be written so that it reads as another's.
  return absl::StrCat("scope=", HexDigest(scope), "\n", description);
}

}  // namespace

std::string CanonicalDescription(const Render& render) {
  return Headed(CanonicalText(render));
}

RenderKey KeyOf(const Render& render, absl::string_view scope) {
  return RenderKey(HexDigest(Scoped(scope, CanonicalDescription(render))));
}

ResumeKey ResumeKeyOf(const Render& render, absl::string_view scope) {
  return ResumeKey(
      HexDigest(Scoped(scope, Headed(CanonicalText(render, "iterations")))));
}

}  // namespace atelier
