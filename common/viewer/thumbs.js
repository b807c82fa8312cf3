// Inputs as small pictures beside the label that stands for them.
import {make} from './dom.js';
import {visible} from './text.js';

// options: {job, input(digest): URL or null}. A function of an axis (its place)
// and a label (its place in it): an element with the pictures that are this
// value of the axis, or null where it is none or none is at hand.
export function thumbsOfAxes({job, input}) {
  return (axis, label) => {
    const inputs = job.axes[axis]?.inputs?.[label] ?? [];
    const pictures = inputs.map(({digest, name, role}) => ({
      url: input(digest), title: `${role.replaceAll('_', ' ')}: ${visible(name)}`,
    })).filter(({url}) => url);
    if (pictures.length === 0) return null;
    return make('span', {class: 'thumbs'}, pictures.map(({url, title}) => make(
        'img', {src: url, alt: '', title, decoding: 'async', draggable: 'false'})));
  };
}
