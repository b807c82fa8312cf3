#include "client/lib/parameters.h"

#include <filesystem>
#include <utility>

#include "common/weights/weight_file.h"

namespace atelier {

RenderDraft Merge(RenderDraft base, const RenderDraft& over) {
  if (over.patch.init.has_value()) base.patch.init_digest.reset();
  return {Merge(std::move(base.patch), over.patch)};
}

std::string PrintParameter(const Parameter& parameter, const Render& render,
                           const InputNames& names) {
  return PrintParameter(parameter, render,
                        [&names](const Parameter& input, int position,
                                 const std::string& digest) {
                          return names.Of(input.wire_name, position, digest);
                        });
}

void ResolvePaths(const std::string& folder, RenderDraft& draft) {
  ForEachInput(draft.patch, [&](const Parameter& input, int /*position*/,
                                std::string& path) {
    if (input.file == FileKind::kNetwork && IsNetworkName(path)) return;
    path = (std::filesystem::path(folder) / path).lexically_normal().string();
  });
}

}  // namespace atelier
