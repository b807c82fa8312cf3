#include "worker/engine/pass_memory.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace atelier::engine {

void Buffer::Reserve(int64_t bytes) { bytes_ = std::max(bytes_, bytes); }

void Buffer::Allocate() {
  if (planned()) memory_ = at::empty({bytes_}, at::kByte);
}

void Buffer::Borrow(const Buffer& lender, int64_t first) {
  if (planned()) memory_ = lender.memory_.narrow(0, first, bytes_);
}

char* Buffer::data() const {
  return memory_.defined() ? static_cast<char*>(memory_.data_ptr()) : nullptr;
}

void Arena::Allocate() { buffer_.Allocate(); }

float* Arena::Take(int64_t bytes) {
  at_front_ = !at_front_;
  char* const front = buffer_.data();
  return reinterpret_cast<float*>(at_front_ ? front
                                            : front + buffer_.bytes() - bytes);
}

bool Arena::Holds(const float* at) const {
  const char* const byte = reinterpret_cast<const char*>(at);
  return buffer_.data() <= byte && byte < buffer_.data() + buffer_.bytes();
}

}  // namespace atelier::engine
