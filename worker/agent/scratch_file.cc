#include "worker/agent/scratch_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "absl/memory/memory.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace atelier {

absl::StatusOr<std::unique_ptr<ScratchFile>> ScratchFile::Make(
    absl::string_view folder) {
  std::string name = absl::StrCat(folder, "/scratch-XXXXXX");
  const int descriptor = mkostemp(name.data(), O_CLOEXEC);
  if (descriptor < 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("create ", name));
  }
  auto file = absl::WrapUnique(new ScratchFile(descriptor));
  if (unlink(name.c_str()) == 0) return file;
  return absl::ErrnoToStatus(errno, absl::StrCat("unlink ", name));
}

ScratchFile::ScratchFile(int descriptor)
    : descriptor_(descriptor),
      path_(absl::StrCat("/proc/self/fd/", descriptor)) {}

ScratchFile::~ScratchFile() { close(descriptor_); }

}  // namespace atelier
