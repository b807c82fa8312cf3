// One picture, large: beside what is known of it, and against another picture
// with a slider between the two.

class Lightbox {
  // `page` is {results, pictures, input, grid}.
  constructor(page) {
    this.page = page;
    this.results = page.results;
    this.against = '';  // The value of what is compared; stays from cell to cell.
    this.heading = element('h2', {tabindex: -1});
    this.stage = element('div', {class: 'stage'});
    this.facts = element('div', {class: 'facts'});
    const close = element('button', {
      type: 'button', class: 'close', 'aria-label': 'Close', click: () => this.element.close(),
    }, '×');
    const walk = (sign, label, sight) => element('button', {
      type: 'button', 'aria-label': label, click: () => this.step(0, sign),
    }, sight);
    this.element = element('dialog', {
      class: 'lightbox', 'aria-label': 'Picture',
      keydown: (event) => this.onKey(event),
      click: (event) => { if (event.target === this.element) this.element.close(); },
      close: () => this.page.grid.focus(this.task),
    }, element('header', {}, walk(-1, 'Previous picture', '‹'),
        walk(1, 'Next picture', '›'), this.heading, close),
    element('div', {class: 'body'}, this.stage, this.facts));
  }

  open(task) {
    this.show(task);
    if (!this.element.open) this.element.showModal();
    this.heading.focus();
  }

  show(task) {
    this.task = task;
    this.heading.textContent = taskTitle(this.results, task);
    this.draw();
  }

  draw() {
    const choices = this.choices();
    const other = choices.find((choice) => choice.value === this.against);
    this.drawStage(other);
    this.drawFacts(choices, other);
  }

  // What a picture may be held against: [{value, text, urls, task}].
  choices() {
    const inputs = this.results.inputsOf(this.task).map((input, i, all) => ({
      // By place: "the style" stays chosen where another cell has another style.
      value: `${input.role} ${all.slice(0, i).filter((one) => one.role === input.role).length}`,
      text: `${input.role}: ${input.name}`, urls: this.page.input(input),
    }));
    const cells = this.results.tasks
        .filter((task) => task !== this.task && !gapText(task))
        .map((task) => ({
          value: `task ${task.index}`, text: taskTitle(this.results, task), task,
          urls: this.page.pictures(task),
        }));
    return [...inputs, ...cells].filter((choice) => shownUrl(choice.urls));
  }

  drawStage(other) {
    const gap = gapText(this.task);
    const urls = this.page.pictures(this.task);
    const title = taskTitle(this.results, this.task);
    if (gap || !shownUrl(urls)) {
      this.stage.replaceChildren(element('p', {class: 'why'}, gap || 'no picture here'));
    } else if (other) {
      this.stage.replaceChildren(...beforeAndAfter(
          largePicture(other.urls, other.text), largePicture(urls, title), other.text, title));
    } else {
      this.stage.replaceChildren(largePicture(urls, title));
    }
  }

  drawFacts(choices, other) {
    const {task, results} = this;
    const against = chooser('Compare with', [{value: '', text: 'nothing'}, ...choices],
        other ? this.against : '', (value) => {
          this.against = value;
          this.draw();
          this.facts.querySelector('select').focus();
        });
    const of = (isWanted) => this.figures(results.figures.filter(isWanted), other?.task);
    const isMeasured = (figure) => !isCost(figure);
    const made = [against];
    if (!gapText(task)) made.push(...this.fullLink());
    else made.push(element('p', {class: 'why'}, gapText(task)));
    made.push(
        element('h3', {}, 'Measures'), of((figure) => isMeasured(figure) && !isLayerMeasure(figure)),
        element('h3', {}, 'Losses and time'), of(isCost),
        element('h3', {}, 'Loss by iteration'), curveChart(task.curve, other?.task?.curve));
    if (results.figures.some(isLayerMeasure)) {
      made.push(element('details', {}, element('summary', {}, 'Measures of each layer'),
          of(isLayerMeasure)));
    }
    made.push(element('details', {}, element('summary', {}, 'Parameters and origin'),
        pairs(originOf(task))));
    this.facts.replaceChildren(...made);
  }

  fullLink() {
    const {full} = this.page.pictures(this.task);
    if (!full) return [];
    const {width_px: width, height_px: height} = record(this.task.result);
    return [element('p', {}, element('a', {href: full, target: '_blank', rel: 'noopener'},
        width ? `Full picture (${width} × ${height})` : 'Full picture'))];
  }

  // Names and values; with the other picture's beside them where there is one.
  figures(names, other) {
    const {task} = this;
    const shown = names.filter(
        (name) => isNumber(task.figures[name]) || isNumber(other?.figures[name]));
    if (shown.length === 0) return element('p', {class: 'absent'}, 'absent');
    const value = (of, name) => figureText(name, of.figures[name]) || 'absent';
    return element('table', {class: 'facts-table'}, element('tbody', {}, shown.map(
        (name) => element('tr', {title: MEASURES[name] ?? null},
            element('th', {scope: 'row'}, figureTitle(name)),
            element('td', {}, value(task, name)),
            other ? element('td', {class: 'other'}, value(other, name)) : null))));
  }

  step(down, across) {
    let next = this.page.grid.next(this.task, down, across);
    // At the end of a row, the next in reading order.
    if (next === this.task && across !== 0) next = this.page.grid.inOrder(this.task, across);
    if (next && next !== this.task) this.show(next);
  }

  onKey(event) {
    // A control has its arrows to itself.
    if (event.target.matches('input, select') || hasModifier(event)) return;
    const step = ARROWS[event.key];
    if (!step) return;
    event.preventDefault();
    this.step(...step);
  }
}

// Losses, times and memory: of the render, not of its picture.
function isCost(figure) {
  return figure.endsWith('_loss') ||
      ['seconds', 'iterations', 'seconds_per_iteration', 'peak_memory_bytes'].includes(figure);
}

function originOf(task) {
  const result = record(task.result);
  return [
    ...Object.entries(task.parameters),
    ...['worker', 'profile', 'engine_version', 'image_digest'].map(
        (name) => [name, text(result[name])]),
    ['render_key', text(task.render_key)],
  ].filter((pair) => pair[1] !== '');
}

function shownUrl(urls) { return urls?.full || urls?.thumbnail || ''; }

// The thumbnail at once, and the full picture in its place when it is there:
// a report may have been sent without its pictures.
function largePicture(urls, title) {
  const image = element('img',
      {src: urls.thumbnail || urls.full, alt: title, draggable: 'false'});
  if (urls.thumbnail && urls.full) {
    const full = new Image();
    full.addEventListener('load', () => { image.src = urls.full; });
    full.src = urls.full;
  }
  return image;
}

// Two pictures of which a slider shows one left, one right of a line.
function beforeAndAfter(before, after, beforeTitle, afterTitle) {
  after.classList.add('after');
  const box = element('div', {class: 'split'}, before, after,
      element('span', {class: 'handle', 'aria-hidden': 'true'}));
  const divider = element('input', {
    type: 'range', min: 0, max: 100, step: 0.5, value: 50, class: 'split-range',
    'aria-label': `Between ${beforeTitle} and ${afterTitle}`,
    input: () => box.style.setProperty('--split', `${divider.value}%`),
  });
  box.append(divider);
  return [box, element('p', {class: 'split-names'},
      element('span', {}, `◂ ${beforeTitle}`), element('span', {}, `${afterTitle} ▸`))];
}

function pairs(entries) {
  return element('dl', {class: 'pairs'}, entries.map(([name, value]) => [
    element('dt', {}, name), element('dd', {}, value)]));
}
