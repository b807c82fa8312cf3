// Memory that is planned first, so that its size is known, and taken later.
#ifndef ATELIER_WORKER_ENGINE_PASS_MEMORY_H_
#define ATELIER_WORKER_ENGINE_PASS_MEMORY_H_

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace atelier::engine {

/// Bytes from Torch's allocator, whose errors give their number.
class Buffer {
 public:
  /// Grows the plan to at least this. REQUIRES: before Allocate.
  void Reserve(int64_t bytes);
  bool planned() const { return bytes_ > 0; }
  int64_t bytes() const { return bytes_; }

  void Allocate();
  /// Uses part of another buffer instead. REQUIRES: the other is allocated, and
  /// as long as first + bytes().
  void Borrow(const Buffer& lender, int64_t first);

  char* data() const;
  float* floats() const { return reinterpret_cast<float*>(data()); }

 private:
  int64_t bytes_ = 0;
  at::Tensor memory_;
};

/// One buffer whose two ends are used in turns: each step of a pass reads from
/// one end and writes to the other.
class Arena {
 public:
  /// What one step reads and writes at most.
  void Reserve(int64_t bytes) { buffer_.Reserve(bytes); }
  int64_t bytes() const { return buffer_.bytes(); }
  void Allocate();

  /// The end that was not taken last. REQUIRES: at most what was reserved.
  float* Take(int64_t bytes);
  bool Holds(const float* at) const;

 private:
  Buffer buffer_;
  bool at_front_ = false;  // Of the last Take.
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_PASS_MEMORY_H_
