// Loss curves beside the grid: of the cell under the pointer or the focus, or of
// all that are selected.
import {withCurve} from '/page/task_facts.js';
import {CurvesView, mostCurves} from '/page/viewer/curves.js';
import {make} from '/page/viewer/dom.js';
import {visible} from '/page/viewer/text.js';

export class CurvesPanel {
  // `tasks`: those of the job (tasks.js); `points`: placing.js.
  constructor(tasks, points) {
    Object.assign(this, {tasks, points});
    this.view = new CurvesView();
    this.element = make('aside', {class: 'curves-panel', 'aria-label': 'Loss curves'}, make('h2', {}, 'Loss curves'), this.view.element);
  }

  // `indices`: the tasks, `selected` whether they are a selection.
  draw(indices, selected) {
    const some = indices.slice(0, mostCurves);
    const known = some.map((index) => [index, this.tasks.at(index)]).filter(([, task]) => task?.result?.measures?.curve);
    const sign = `${known.map(([index]) => index)} ${some.length} ${selected}`;
    if (sign === this.sign) return;
    this.sign = sign;
    this.tasks.wantAlso(this, selected ? some : []);
    const named = ([index, task]) => withCurve(task, `#${index} ${(this.points.labelsOf(index) ?? task.labels ?? []).map(visible).join(', ')}`);
    const note = selected ? `${known.length} of ${indices.length} selected` : some.length === 0 ? 'Point at a cell, or select some.' : known.length === 0 ? `Task ${some[0]} has none yet.` : `Task ${some[0]}`;
    if (known.length === 0) this.view.element.replaceChildren(make('p', {class: 'hint'}, note));
    else { this.view.isNarrow = true; this.view.show(known.map(named), note); }
  }
}
