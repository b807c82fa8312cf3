// The viewer: a job's results as a page. What a page calls is at the end.

// How many common parameters a title names.
const TITLE_PARAMETERS = 6;

// One document's part of the page.
function resultsPage(document_, urls) {
  const results = new Results(document_);
  const page = {
    results,
    pictures: (task) => urls.pictures?.(task) ?? {},
    input: (input) => urls.input?.(input) ?? {},
  };
  page.open = (task) => page.lightbox.open(task);
  page.grid = new Grid(page);
  page.lightbox = new Lightbox(page);
  return element('article', {class: 'results'}, heading(results), element('div', {class: 'beside'},
      inputsOf(page), page.grid.element), tableSection(page), againSection(results), page.lightbox.element);
}

function heading(results) {
  const {job} = results;
  const common = results.common;
  const chips = common.slice(0, TITLE_PARAMETERS).map(([name, value]) => element(
      'li', {}, element('span', {}, name.replaceAll('_', ' ')), ` ${value}`));
  const rest = common.slice(TITLE_PARAMETERS);
  return element('header', {class: 'heading'},
      element('h1', {}, results.name),
      element('p', {class: 'summary'}, summary(results)),
      job.message ? element('p', {class: 'why'}, text(job.message)) : null,
      chips.length === 0 ? null : element('ul', {class: 'chips', 'aria-label': 'Common to all'}, chips),
      rest.length === 0 ? null : element('details', {}, element('summary', {},
          `${rest.length} more parameters that all share`), pairs(rest)));
}

function summary(results) {
  const {job, tasks} = results;
  const states = new Map();
  for (const task of tasks) states.set(task.state, (states.get(task.state) ?? 0) + 1);
  const words = [counted(tasks.length, 'task')];
  if (states.size > 1 || !states.has('succeeded')) {
    words.push([...states].map(([state, count]) => `${count} ${state}`).join(', '));
  }
  const varied = results.axes.map((axis) => `${axis.name.replaceAll('_', ' ')} (${axis.labels.length})`);
  if (varied.length > 0) words.push(`over ${varied.join(' × ')}`);
  const ended = new Date(text(job.ended_at));
  if (!Number.isNaN(ended.getTime())) words.push(ended.toISOString().slice(0, 16).replace('T', ' ') + ' UTC');
  if (job.user) words.push(text(job.user));
  return words.join(' · ');
}

function inputsOf(page) {
  const inputs = page.results.allInputs;
  if (inputs.length === 0) return null;
  return element('aside', {class: 'inputs', 'aria-label': 'Inputs'}, inputs.map((input) => {
    const source = shownUrl(page.input(input));
    return element('figure', {}, source ?
      element('img', {src: source, alt: `${input.role}: ${input.name}`, loading: 'lazy', draggable: 'false'}) :
      element('div', {class: 'gap'}, 'not at hand'),
    element('figcaption', {}, element('b', {}, input.role), ` ${input.name}`));
  }));
}

function tableSection(page) {
  const {results} = page;
  const by = record(results.document.measured_by);
  const how = Object.keys(by).length === 0 ? 'Measures: absent.' :
    `Measured by one network for all, at ${text(by.size_px)} px, ${text(by.pooling)} pooling, weights ${text(by.weights_digest).slice(0, 12)}, version ${text(by.version)}.`;
  return element('section', {'aria-label': 'Numbers'}, element('h2', {}, 'Numbers'),
      new Table(page).element, element('p', {class: 'note'}, how,
          ' Losses of terms are before their weights, the total after them. Best of each column in bold.'));
}

// What makes these results again.
function againSection(results) {
  const {job} = results;
  const parts = [];
  if (job.command) parts.push(element('h3', {}, 'Command'), copyable(text(job.command), 'the command'));
  if (job.spec) {
    const spec = typeof job.spec === 'string' ? job.spec : JSON.stringify(job.spec, null, 2);
    parts.push(element('h3', {}, 'Spec'), copyable(spec, 'the spec'));
  }
  const origin = [['job', text(job.job_id)], ['study', text(job.study)], ['made by', text(results.document.made_by)]]
      .filter((pair) => pair[1] !== '');
  return element('section', {class: 'again', 'aria-label': 'Make it again'}, element('h2', {}, 'Make it again'),
      parts.length > 0 ? parts : element('p', {class: 'absent'}, 'absent'), pairs(origin));
}

// Several documents: a tab each. A tab's page is made when it is first looked at.
function tabbed(parts) {
  const panels = parts.map((part, i) => element('div', {
    role: 'tabpanel', id: `panel-${i}`, 'aria-labelledby': `tab-${i}`, hidden: true}));
  const tabs = parts.map((part, i) => element('button', {
    type: 'button', role: 'tab', id: `tab-${i}`, 'aria-controls': `panel-${i}`,
    click: () => choose(i),
    keydown: (event) => {
      const step = {ArrowLeft: -1, ArrowRight: 1}[event.key];
      if (step) choose((i + step + parts.length) % parts.length).focus();
    },
  }, part.title));
  function choose(chosen) {
    tabs.forEach((tab, i) => {
      tab.setAttribute('aria-selected', String(i === chosen));
      tab.tabIndex = i === chosen ? 0 : -1;
      panels[i].hidden = i !== chosen;
    });
    if (!panels[chosen].hasChildNodes()) panels[chosen].append(parts[chosen].make());
    return tabs[chosen];
  }
  choose(0);
  // Paper has no tabs.
  addEventListener('beforeprint', () => parts.forEach((part, i) => {
    if (!panels[i].hasChildNodes()) panels[i].append(part.make());
  }));
  return [element('nav', {class: 'tabs', role: 'tablist', 'aria-label': 'Studies'}, tabs), ...panels];
}

// Shows results under `root`. `reports`: for each document
//   {document,           // of results.json, parsed
//    pictures(task),     // {thumbnail, full} of a task of it, each a URL or absent
//    input(input)}       // the same of an input, {digest, name, role}
function showResults(root, reports) {
  const parts = reports.map((report) => ({
    title: text(record(record(report.document).job).study) || text(record(record(report.document).job).name) || 'results',
    make: () => {
      const {document: results} = report;
      if (record(results).format === 'atelier-results') return resultsPage(results, report);
      return element('p', {class: 'why'}, 'these are no results that this page can read');
    },
  }));
  root.replaceChildren(...(parts.length === 1 ? [parts[0].make()] : tabbed(parts)));
}

globalThis.atelierViewer = {showResults};
