// A landscape, painted from back to front.
#include "deploy/samples/plate.h"
#include "deploy/samples/samples.h"
#include "deploy/samples/scene_parts.h"

namespace atelier::samples {

Image DrawScene() {
  constexpr int kSamplesPerSide = 3;
  Plate plate(kSceneWidth, kSceneHeight, kSamplesPerSide);
  PaintSky(plate);
  PaintMountains(plate);
  PaintHills(plate);
  PaintCastle(plate);
  PaintGroves(plate);
  PaintBridge(plate);
  PaintLake(plate);
  PaintMeadow(plate);
  PaintGrass(plate);
  PaintHouse(plate);
  PaintFlowers(plate);
  PaintOak(plate);
  return plate.Develop();
}

}  // namespace atelier::samples
