// Wheel, pinch and drag on pictures, as changes of a zoom (zoom.js).
import {panned, zoomed} from '/page/zoom.js';

const WHEEL_RATE = 0.0018;
const PINCH_RATE = 0.01;  // A pinch on a touch pad comes as a wheel with Ctrl.

export class ZoomPointers {
  // `get()` and `set(zoom)`; `slide(share)`: a drag may mean another thing:
  // returns whether it did.
  constructor(element, {get, set, slide}) {
    Object.assign(this, {get, set, slide});
    this.pointers = new Map();
    element.addEventListener('wheel', (event) => this.onWheel(event), {passive: false});
    element.addEventListener('pointerdown', (event) => this.begin(event));
    element.addEventListener('pointermove', (event) => this.move(event));
    for (const name of ['pointerup', 'pointercancel']) element.addEventListener(name, (event) => this.pointers.delete(event.pointerId));
    element.addEventListener('dblclick', (event) => {
      const place = this.place(event);
      if (place) this.set(this.get().scale > 1 ? zoomed(this.get(), 1 / 64) : zoomed(this.get(), 3, place.x, place.y));
    });
  }

  // Where a pointer is in the frame below it, in shares; null beside all frames.
  place({clientX, clientY, target}) {
    const frame = target.closest?.('.frame');
    if (!frame) return null;
    const box = frame.getBoundingClientRect();
    return {x: (clientX - box.left) / box.width, y: (clientY - box.top) / box.height, width: box.width, height: box.height};
  }

  onWheel(event) {
    const place = this.place(event);
    if (!place) return;
    event.preventDefault();
    const by = event.deltaMode === 1 ? event.deltaY * 16 : event.deltaY;
    this.set(zoomed(this.get(), Math.exp(-by * (event.ctrlKey ? PINCH_RATE : WHEEL_RATE)), place.x, place.y));
  }

  begin(event) {
    const place = this.place(event);
    if (!place || (event.pointerType === 'mouse' && event.button !== 0)) return;
    this.frame = event.target.closest('.frame');
    event.currentTarget.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, {x: event.clientX, y: event.clientY});
    if (this.pointers.size === 1) this.slide(place.x);
  }

  move(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before || !this.frame) return;
    const box = this.frame.getBoundingClientRect();
    const now = {x: event.clientX, y: event.clientY};
    const others = [...this.pointers].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
    this.pointers.set(event.pointerId, now);
    if (others.length === 0) {
      if (this.slide((now.x - box.left) / box.width)) return;
      return this.set(panned(this.get(), (now.x - before.x) / box.width, (now.y - before.y) / box.height));
    }
    const [other] = others;
    const apart = (one) => Math.max(1, Math.hypot(one.x - other.x, one.y - other.y));
    const middle = {x: (now.x + other.x) / 2, y: (now.y + other.y) / 2};
    const zoom = zoomed(this.get(), apart(now) / apart(before), (middle.x - box.left) / box.width, (middle.y - box.top) / box.height);
    this.set(panned(zoom, (now.x - before.x) / 2 / box.width, (now.y - before.y) / 2 / box.height));
  }
}
