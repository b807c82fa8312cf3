// Which picture a task shows: its result, or on the way there the last preview at
// or before an iteration, in the smallest size that suffices.
import {artifactUrl} from '/page/api.js';

const THUMBNAILS_PX = [128, 256, 512];

// All previews that are known of a task, by iteration.
export function previewsOf(task) {
  const found = new Map();
  for (const list of [task?.result?.previews, task?.previews]) {
    for (const {iteration, digest} of list ?? []) found.set(Number(iteration), digest);
  }
  return [...found].map(([iteration, digest]) => ({iteration, digest})).sort((a, b) => a.iteration - b.iteration);
}

// {digest, iteration, isPreview} of a task at an iteration, or null where there
// is none; at null, the end, the result or the last preview. What ended has its
// result from its last iteration on. A result without previews is all that there
// is of its task, whatever the iteration.
export function pictureAt(task, iteration) {
  const previews = previewsOf(task);
  const result = task?.result;
  if (result?.image_digest) {
    const end = Number(result.iterations ?? 0);
    if (iteration === null || iteration >= end || previews.length === 0) {
      return {digest: result.image_digest, iteration: end, isPreview: false};
    }
  }
  const last = previews.findLast((one) => iteration === null || one.iteration <= iteration);
  return last ? {...last, isPreview: true} : null;
}

// For a picture of `px` CSS pixels; 0 where only the whole picture is enough.
export function thumbnailPx(px, ratio = 1) {
  return THUMBNAILS_PX.find((one) => one >= px * Math.min(ratio, 2)) ?? 0;
}

// `px` as thumbnailPx says.
export function pictureUrl({digest, isPreview}, jobId, taskIndex, px = 0) {
  const url = artifactUrl(digest, jobId, taskIndex);
  if (isPreview) return `${url}&kind=ARTIFACT_KIND_PREVIEW`;
  return px > 0 ? `${url}&thumbnail_px=${px}` : url;
}

// Those of an iteration to walk through: of all these tasks, by iteration.
export function stopsOf(tasks) {
  const stops = new Set();
  for (const task of tasks) {
    for (const {iteration} of previewsOf(task)) stops.add(iteration);
  }
  return [...stops].sort((a, b) => a - b);
}
