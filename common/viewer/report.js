// report.html: its data stand in the page, as client/lib/report.h writes them,
// one element for each job: {folder, measures, pictures, document}. No part of
// the viewer: a page that is served asks for its data elsewhere.
import {make, refill} from './dom.js';
import {tabsOf} from './tabs.js';
import {recordOf, textOf, visible} from './text.js';
import {Viewer} from './viewer.js';

const jobs = [...document.querySelectorAll('script.job-data')].map(
    (element) => partOf(element.textContent));
refill(document.getElementById('report'), ...tabsOf(jobs));
document.title = `${jobs.map((job) => job.name).join(', ')} · Atelier`;

// A job that cannot be shown says why, and keeps no other from being shown.
function partOf(text) {
  let data;
  try {
    data = JSON.parse(text);
  } catch (error) {
    return unreadable(error);
  }
  const about = recordOf(recordOf(data.document).job);
  const name = visible(textOf(about.name) || 'Results');
  return {
    name, title: visible(textOf(about.study)) || name,
    make: () => {
      try {
        return new Viewer(data.document, sourceOf(data)).element;
      } catch (error) {
        return unreadable(error).make();
      }
    },
  };
}

function unreadable(error) {
  return {
    name: 'unreadable', title: 'unreadable',
    make: () => make('p', {class: 'message'}, visible(error.message)),
  };
}

function sourceOf({folder, measures, pictures}) {
  const picture = (url) =>
      typeof url === 'string' && url.startsWith('data:image/') ? url : null;
  const fullPicture = (task) => relativeUrl(folder, task.file);
  return {
    measures, fullPicture,
    // One that was too large to stand here is a link.
    thumbnail: (task) => picture(pictures.tasks[task.index]) ?? fullPicture(task),
    input: (digest) => picture(pictures.inputs[digest]),
  };
}

// A file beside the report. The names are those of files in this very folder:
// whatever else a document says leads nowhere.
function relativeUrl(folder, file) {
  const parts = [...(folder ? folder.split('/') : []), file];
  const isName = (part) => typeof part === 'string' && part !== '' &&
      part !== '.' && part !== '..' && !/[/\\]/.test(part);
  if (!parts.every(isName)) return null;
  return `./${parts.map(encodeURIComponent).join('/')}`;
}
