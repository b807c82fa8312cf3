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

}  // namespace

std::string CanonicalDescription(const Render& render) {
  return Headed(CanonicalText(render));
}

RenderKey KeyOf(const Render& render) {
  return RenderKey(HexDigest(CanonicalDescription(render)));
}

ResumeKey ResumeKeyOf(const Render& render) {
  return ResumeKey(HexDigest(Headed(CanonicalText(render, "iterations"))));
}

}  // namespace atelier
