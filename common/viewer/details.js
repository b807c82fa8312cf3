// What is said of a job beside its grid: what all cells share, the inputs, the
// spec, and the command that makes it again.
import {copyButton, make} from './dom.js';
import {inputsOfJob, stateCounts} from './job_model.js';
import {prettyJson, recordOf, textOf, timeText, valueText, visible} from './text.js';

// Named first, as people ask for them first.
const important = ['content', 'style', 'preset', 'size', 'iterations', 'init',
  'convention', 'content_layers', 'content_weight', 'style_layers',
  'style_weight', 'tv_weight', 'style_loss_name', 'optimizer', 'pooling',
  'weights', 'seed'];
const mostFacts = 10;

// The title of a job, how far it came, and what all of its cells have in common.
export function headerOf(job) {
  const {about} = job;
  const axes = job.axes.map(
      (axis) => `${visible(axis.name).replaceAll('_', ' ')} (${axis.labels.length})`);
  const facts = [
    stateCounts(job), axes.length > 0 && `over ${axes.join(' × ')}`,
    about.ended_at && timeText(textOf(about.ended_at)),
    about.user && `by ${visible(about.user)}`,
    about.job_id && `job ${visible(about.job_id)}`,
  ];
  return make(
      'header', {class: 'job-header'},
      make('h1', {}, job.title, about.state && make(
          'span', {class: `pill ${textOf(about.state)}`}, visible(about.state))),
      make('p', {class: 'soft'}, facts.filter(Boolean).join(' · ')),
      about.message && make('p', {class: 'message'}, visible(about.message)),
      commonLine(job));
}

// One line of what all cells have in common, the rest behind it.
function commonLine(job) {
  const isSaid = (name) => !['', null].includes(job.shared.get(name));
  const names = [...job.shared.keys()].filter(isSaid);
  if (names.length === 0) return null;
  const known = important.filter((name) => names.includes(name));
  const others = names.filter((name) => !known.includes(name));
  const entry = (name) => make('div', {}, make('dt', {}, visible(name)),
                               make('dd', {}, valueText(job.shared.get(name))));
  const rest = [...known.slice(mostFacts), ...others];
  return make(
      'div', {class: 'common'},
      make('dl', {class: 'facts', 'aria-label': 'The same for all cells'},
           known.slice(0, mostFacts).map(entry)),
      rest.length > 0 && make(
          'details', {}, make('summary', {}, `${rest.length} more that are the same for all`),
          make('dl', {class: 'facts'}, rest.map(entry))));
}

// The content images and styles; a picture that is not at hand is a name.
// `inputUrl(digest)`: a URL or null.
export function inputsView(job, inputUrl) {
  const inputs = inputsOfJob(job);
  if (inputs.length === 0) return null;
  return make('aside', {class: 'inputs', 'aria-label': 'Inputs'}, inputs.map((input) => {
    const url = inputUrl(input.digest);
    const role = input.role.replaceAll('_', ' ');
    const name = visible(input.name);
    const size = input.width_px > 0 ? `${input.width_px} × ${input.height_px}` : '';
    return make(
        'figure', {}, url ? make('img', {
          src: url, alt: `${role}: ${name}`, decoding: 'async', loading: 'lazy',
        }) : make('div', {class: 'gap'}, 'not at hand'),
        make('figcaption', {}, make('span', {class: 'role'}, role),
             make('span', {class: 'label', title: name}, name),
             size && make('span', {class: 'soft'}, size)));
  }));
}

// What makes the job again: the command, its spec, and by what it was measured.
export function makingOf(job) {
  const {about} = job;
  const spec = about.spec ? prettyJson(about.spec) : null;
  const command = textOf(about.command);
  const madeBy = job.document.made_by;
  return make(
      'div', {class: 'making'},
      command ? make('div', {class: 'snippet'},
                     make('h3', {}, 'The command that makes it again'),
                     copyButton(() => command, {class: 'copy', 'aria-label': 'Copy the command'}),
                     make('pre', {tabindex: '0'}, visible(command))) : null,
      spec ? make('details', {class: 'snippet', open: spec.length < 1500},
                  make('summary', {}, 'The spec (JSON, which is YAML, too)'),
                  copyButton(() => spec, {class: 'copy', 'aria-label': 'Copy the spec'}),
                  make('pre', {tabindex: '0'}, lines(spec))) :
             make('p', {class: 'soft'}, 'The spec: absent.'),
      make('p', {class: 'soft'}, [
        madeBy && `Made by ${visible(madeBy)}`,
        about.study && `study ${visible(about.study)}`,
        about.submitted_at && `submitted ${timeText(textOf(about.submitted_at))}`,
        measuredBy(recordOf(job.document.measured_by)),
      ].filter(Boolean).join(' · ')));
}

function lines(text) {
  return text.split('\n').map(visible).join('\n');
}

function measuredBy(by) {
  if (Object.keys(by).length === 0) return 'measures: absent';
  const weights = by.weights_digest ?
      ` by the network ${visible(by.weights_digest).slice(0, 12)}` :
      '';
  const size = by.size_px ? ` at ${visible(by.size_px)} px` : '';
  const pooling = by.pooling ? `, ${visible(by.pooling)} pooling` : '';
  const version = by.version ? `, version ${visible(by.version)}` : '';
  return `measured${weights}${size}${pooling}${version}`;
}
