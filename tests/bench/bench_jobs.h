// Jobs as large as wanted whose renders are all different, over three tiny
// artifacts.
#ifndef ATELIER_TESTS_BENCH_BENCH_JOBS_H_
#define ATELIER_TESTS_BENCH_BENCH_JOBS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "atelier/v1/jobs.pb.h"

namespace atelier {

/// What must be in the artifact store before a job is submitted; each is its
/// own content. The last is the picture that every simulated render gives.
std::vector<std::string> BenchArtifacts();
std::string BenchPictureDigest();

/// A grid of `tasks` renders, as square as it can be.
/// REQUIRES: tasks is the product of two numbers up to 100,000.
v1::JobSpec SweepOf(int64_t tasks);

/// What a job wants of its workers that nobody else is to render.
constexpr char kWatchedTag[] = "watched";
/// The same for workers with that tag alone.
v1::JobSpec WatchedSweepOf(int64_t tasks);

/// A job of one task, different for each `number`.
v1::JobSpec SingleTask(int64_t number);

}  // namespace atelier

#endif  // ATELIER_TESTS_BENCH_BENCH_JOBS_H_
