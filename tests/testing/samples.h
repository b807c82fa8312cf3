// The bundled pictures, where the tests find them.
#ifndef ATELIER_TESTS_TESTING_SAMPLES_H_
#define ATELIER_TESTS_TESTING_SAMPLES_H_

#include <string>

namespace atelier {

/// `name` is "content" or "style".
inline std::string SamplePath(const std::string& name) {
  return std::string(ATELIER_SOURCE_DIR) + "/deploy/samples/" + name + ".png";
}

}  // namespace atelier

#endif  // ATELIER_TESTS_TESTING_SAMPLES_H_
