// Draws the sample pictures: draw_samples DIR.
#include <fstream>
#include <iostream>
#include <string>

#include "common/image/image.h"
#include "deploy/samples/samples.h"

namespace {

bool Write(const std::string& path, const atelier::Image& image) {
  const auto bytes = atelier::Encode(
      image, "png", "Drawn for Atelier by deploy/samples/draw_samples.cc");
  if (!bytes.ok()) {
    std::cerr << path << ": " << bytes.status().message() << "\n";
    return false;
  }
  std::ofstream file(path, std::ios::binary);
  file << *bytes;
  file.close();
  if (!file.good()) std::cerr << path << ": cannot be written\n";
  return file.good();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: draw_samples DIR (which must exist)\n";
    return 2;
  }
  const absl::Status started = atelier::InitialiseImages(argv[0]);
  if (!started.ok()) {
    std::cerr << started.message() << "\n";
    return 1;
  }
  const std::string folder = argv[1];
  const bool ok =
      Write(folder + "/content.png", atelier::samples::DrawScene()) &&
      Write(folder + "/style.png", atelier::samples::DrawPainting());
  return ok ? 0 : 1;
}
