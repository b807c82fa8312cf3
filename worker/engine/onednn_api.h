// What oneDNN 2 and 3 spell differently.
#ifndef ATELIER_WORKER_ENGINE_ONEDNN_API_H_
#define ATELIER_WORKER_ENGINE_ONEDNN_API_H_

#include <oneapi/dnnl/dnnl.hpp>

namespace atelier::engine {

#if DNNL_VERSION_MAJOR >= 3
inline dnnl::memory::dims DimsOf(const dnnl::memory::desc& desc) {
  return desc.get_dims();
}

inline void AppendRelu(dnnl::post_ops& operations) {
  operations.append_eltwise(dnnl::algorithm::eltwise_relu, 0, 0);
}
#else
inline dnnl::memory::dims DimsOf(const dnnl::memory::desc& desc) {
  return desc.dims();
}

inline void AppendRelu(dnnl::post_ops& operations) {
  operations.append_eltwise(1, dnnl::algorithm::eltwise_relu, 0, 0);
}
#endif

/// A direct 3x3 convolution of stride 1, `padding` rows and columns of zeros on
/// each side. May throw dnnl::error, as those below.
inline dnnl::convolution_forward::primitive_desc DirectConvolution(
    const dnnl::engine& engine, const dnnl::memory::desc& input,
    const dnnl::memory::desc& kernel, const dnnl::memory::desc& bias,
    const dnnl::memory::desc& output, const dnnl::memory::dims& padding,
    const dnnl::primitive_attr& attributes) {
  constexpr auto kKind = dnnl::prop_kind::forward_training;
  constexpr auto kAlgorithm = dnnl::algorithm::convolution_direct;
  const dnnl::memory::dims one = {1, 1};
  const dnnl::memory::dims undilated = {0, 0};
#if DNNL_VERSION_MAJOR >= 3
  return {engine, kKind, kAlgorithm, input,   kernel,  bias,
          output, one,   undilated,  padding, padding, attributes};
#else
  return {{kKind, kAlgorithm, input, kernel, bias, output, one, undilated,
           padding, padding},
          attributes,
          engine};
#endif
}

/// A 2x2 pool of stride 2, and its gradient.
struct PoolDescs {
  dnnl::pooling_forward::primitive_desc forward;
  dnnl::pooling_backward::primitive_desc backward;
};

inline PoolDescs PoolByTwo(const dnnl::engine& engine,
                           dnnl::algorithm algorithm,
                           const dnnl::memory::desc& input,
                           const dnnl::memory::desc& output) {
  constexpr auto kKind = dnnl::prop_kind::forward_training;
  const dnnl::memory::dims two = {2, 2};
  const dnnl::memory::dims none = {0, 0};
  PoolDescs descs;
#if DNNL_VERSION_MAJOR >= 3
  descs.forward = {engine, kKind, algorithm, input, output,
                   two,    two,   none,      none,  none};
  descs.backward = {engine, algorithm, input, output, two,
                    two,    none,      none,  none,   descs.forward};
#else
  descs.forward = {{kKind, algorithm, input, output, two, two, none, none},
                   engine};
  descs.backward = {
      {algorithm, input, output, two, two, none, none}, engine, descs.forward};
#endif
  return descs;
}

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_ONEDNN_API_H_
