// A task of a job once more: the spec of a job of that task alone, which is
// rendered whether or not its result is there. As “atelier rerun” does it.
import {givenIn} from '/page/parameter_values.js';
import {digestsIn} from '/page/new_spec.js';
import {clipped} from '/page/viewer/text.js';

const MOST_NAME = 128;

export function rerunSpec(spec, {index, render}) {
  const base = Object.fromEntries(givenIn(render));
  // Resolved, 0 says that its loss draws nothing; written, it is no value.
  if (base.resample_every === 0) delete base.resample_every;
  const again = `, task ${index} again`;
  const used = digestsIn([base, spec.measure]);
  return {
    name: `${clipped(spec.name, MOST_NAME - again.length)}${again}`, base, no_cache: true,
    images: spec.images.filter(({digest}) => used.has(digest)), networks: spec.networks.filter(({weights_digest: digest}) => used.has(digest)),
    ...(spec.measure && {measure: spec.measure}),
  };
}
