// The two pictures that come with Atelier, drawn by this folder's own code.
#ifndef ATELIER_DEPLOY_SAMPLES_SAMPLES_H_
#define ATELIER_DEPLOY_SAMPLES_SAMPLES_H_

#include "common/image/image.h"

namespace atelier::samples {

/// 512x384: a castle, a bridge and a house by a lake before mountains. Large
/// shapes and fine detail (tiles, windows, leaves, ripples).
Image DrawScene();

/// 512x400: a night sky in thick, swirling brush strokes of few colours.
Image DrawPainting();

}  // namespace atelier::samples

#endif  // ATELIER_DEPLOY_SAMPLES_SAMPLES_H_
