#include "coordinator/core/canonical.h"

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/render/description.h"

namespace atelier {
namespace {

std::string WithVersion(absl::string_view text) {
  return absl::StrCat("algorithm=", kRenderAlgorithmVersion, "\n", text);
}

}  // namespace

std::string CanonicalDescription(const Render& render) {
  return WithVersion(CanonicalText(render));
}

RenderKey KeyOf(const Render& render) {
  return RenderKey(HexDigest(CanonicalDescription(render)));
}

ResumeKey ResumeKeyOf(const Render& render) {
  return ResumeKey(HexDigest(WithVersion(CanonicalText(render, "iterations"))));
}

}  // namespace atelier
