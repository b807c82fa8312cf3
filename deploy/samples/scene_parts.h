// The parts of the scene, each painted over what is there already.
#ifndef ATELIER_DEPLOY_SAMPLES_SCENE_PARTS_H_
#define ATELIER_DEPLOY_SAMPLES_SCENE_PARTS_H_

#include "deploy/samples/plate.h"
#include "deploy/samples/procedural.h"

namespace atelier::samples {

constexpr int kSceneWidth = 512;
constexpr int kSceneHeight = 384;
/// Where the land behind the lake ends.
constexpr double kWaterLine = 246;
constexpr Point kSun = {372, 70};
constexpr Rgb kHaze = {0.78, 0.80, 0.86};

/// The upper edges of the land, as y over x.
double FarHill(double x);
double CastleHill(double x);
double RightHill(double x);
double Bank(double x);

void PaintSky(Plate& plate);
void PaintMountains(Plate& plate);
void PaintHills(Plate& plate);
void PaintCastle(Plate& plate);
void PaintBridge(Plate& plate);
void PaintHouse(Plate& plate);
void PaintGroves(Plate& plate);
/// Mirrors what has been painted above it.
void PaintLake(Plate& plate);
void PaintMeadow(Plate& plate);
void PaintGrass(Plate& plate);
void PaintFlowers(Plate& plate);
/// The tree at the left edge, before everything else.
void PaintOak(Plate& plate);

}  // namespace atelier::samples

#endif  // ATELIER_DEPLOY_SAMPLES_SCENE_PARTS_H_
