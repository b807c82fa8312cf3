// Selecting cells by a box that is drawn with the mouse.
import {make} from '/page/viewer/dom.js';

const LEAST_PX = 6;  // Less is a click.
const EDGE_PX = 28;

export class BoxDrag {
  constructor(grid) {
    this.grid = grid;
    this.frame = make('div', {class: 'marquee', hidden: true});
    grid.box.append(this.frame);
    const {element} = grid;
    element.addEventListener('pointerdown', (event) => this.begin(event));
    element.addEventListener('pointermove', (event) => this.move(event));
    element.addEventListener('pointerup', (event) => this.end(event));
    element.addEventListener('pointercancel', () => this.forget());
    // What ends a drag is no click.
    element.addEventListener('click', (event) => {
      if (!this.isOver) return;
      event.stopPropagation();
      event.preventDefault();
    }, {capture: true});
  }

  // The pointer's position in the grid, whatever is scrolled.
  at(event) {
    const box = this.grid.box.getBoundingClientRect();
    return {
      x: event.clientX - box.left + this.grid.element.scrollLeft,
      y: event.clientY - box.top + this.grid.position,
      insideX: event.clientX - box.left, insideY: event.clientY - box.top,
    };
  }

  begin(event) {
    if (event.pointerType !== 'mouse' || event.button !== 0 || !this.grid.placing) return;
    if (event.target === this.grid.element) return;  // Its scroll bars.
    this.from = this.at(event);
  }

  move(event) {
    if (!this.from) return;
    const to = this.at(event);
    if (!this.isDrawn) {
      if (Math.hypot(to.x - this.from.x, to.y - this.from.y) < LEAST_PX) return;
      this.isDrawn = true;
      this.grid.element.setPointerCapture(event.pointerId);
      this.frame.hidden = false;
    }
    event.preventDefault();
    const {element} = this.grid;
    if (to.insideY > element.clientHeight - EDGE_PX) element.scrollTop += EDGE_PX;
    if (to.insideY < this.grid.top) element.scrollTop -= EDGE_PX;
    if (to.insideX > element.clientWidth - EDGE_PX) element.scrollLeft += EDGE_PX;
    if (to.insideX < this.grid.left) element.scrollLeft -= EDGE_PX;
    const x = Math.min(this.from.x, to.x) - element.scrollLeft;
    const y = Math.min(this.from.y, to.y) - this.grid.position;
    this.frame.style.transform = `translate(${x}px, ${y}px)`;
    this.frame.style.width = `${Math.abs(to.x - this.from.x)}px`;
    this.frame.style.height = `${Math.abs(to.y - this.from.y)}px`;
  }

  end(event) {
    const {from, isDrawn} = this;
    this.forget();
    if (!isDrawn) return;
    this.isOver = true;
    setTimeout(() => { this.isOver = false; });  // Its click has been by then.
    const cell = ({x, y}) => [this.grid.down.at(y - this.grid.top), this.grid.across.at(x - this.grid.left)];
    this.grid.hears.box(cell(from), cell(this.at(event)), event.shiftKey || event.ctrlKey || event.metaKey);
  }

  forget() {
    this.from = null;
    this.isDrawn = false;
    this.frame.hidden = true;
  }
}
