// What damage does to files, at random but repeatably.
#ifndef ATELIER_TESTS_FUZZ_MUTATION_H_
#define ATELIER_TESTS_FUZZ_MUTATION_H_

#include <cstdint>
#include <string>
#include <vector>

namespace atelier {

/// The mutant of `seeds[which]` that `number` names: some of flipped bits,
/// cuts, pieces doubled, left out or taken from another seed, and numbers
/// replaced by those at the edges of their types. Same arguments, same bytes.
std::string Mutant(const std::vector<std::string>& seeds, size_t which,
                   uint32_t number);

}  // namespace atelier

#endif  // ATELIER_TESTS_FUZZ_MUTATION_H_
