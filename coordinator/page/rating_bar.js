// Stars for the picture that is open, and which of those side by side is the
// worst; one set after another until somebody stops.
import {setAttribute, setText} from '/page/dom.js';
import {make, refill} from '/page/viewer/dom.js';
import {formatNumber} from '/page/viewer/text.js';

export class RatingBar {
  // `hears`: refused(error or nothing), show(indices) side by side, candidates()
  // to judge, none(count) are left to judge after so many,
  // stopped().
  constructor(ratings, hears) {
    Object.assign(this, {ratings, hears});
    this.open = null;
    this.set = [];
    this.isJudging = false;
    this.count = 0;
    this.buttons = [1, 2, 3, 4, 5].map((stars) => make('button', {
      type: 'button', 'aria-label': stars === 1 ? '1 star' : `${stars} stars`, title: `${stars} (0 takes it back)`,
      onclick: () => this.give(this.own === stars ? 0 : stars),
    }, '★'));
    this.stars = make('span', {class: 'stars-choice', role: 'group', 'aria-label': 'Your stars'}, this.buttons);
    this.says = make('span', {class: 'count', role: 'status'});
    this.worst = make('span', {class: 'worst', role: 'group', 'aria-label': 'Which is the worst?'});
    this.stopButton = make('button', {type: 'button', onclick: () => this.stop()}, 'Stop');
    this.element = make('div', {class: 'bar rating-bar', hidden: true}, this.stars, this.worst, this.stopButton, this.says);
  }

  get own() { return this.ratings.at(this.open)?.own_stars ?? 0; }

  // The open task, and all that are side by side with it, where they have pictures.
  draw(open, set) {
    this.open = open;
    this.set = set;
    const {ratings} = this;
    this.element.hidden = !ratings.isOffered || open === null;
    if (this.element.hidden) return;
    if (ratings.at(open) === undefined) this.read(open);
    this.stars.hidden = this.isJudging || !ratings.mayRate;
    this.stopButton.hidden = !this.isJudging;
    const {own} = this;
    this.buttons.forEach((button, i) => {
      setAttribute(button, 'aria-pressed', String(own === i + 1));
      button.classList.toggle('given', i < own);
    });
    const rating = ratings.at(open);
    setText(this.says, this.isJudging ? `${this.count} judged` : !rating ? '' : [
      rating.people > 0 && `${formatNumber(rating.mean_stars)} of ${rating.people === 1 ? '1 person' : `${rating.people} people`}`,
      Number(rating.times_shown) > 0 && `the worst ${rating.times_worst} of ${rating.times_shown} times`].filter(Boolean).join(', '));
    this.drawWorst();
  }

  drawWorst() {
    const sign = `${this.set} ${this.isJudging}`;
    this.worst.hidden = this.set.length < 2 || !this.ratings.mayRate;
    if (sign === this.worstSign) return;
    this.worstSign = sign;
    refill(this.worst, make('span', {}, 'Which is the worst?'), this.set.map((index, i) => make('button', {
      type: 'button', class: 'chip', title: this.isJudging ? `Task ${index} (${i + 1})` : `Task ${index}`, onclick: () => this.judge(index),
    }, `Task ${index}`)));
  }

  async read(index) {
    if (this.reading === index) return;
    this.reading = index;
    await this.doing(() => this.ratings.read(index));
    this.reading = undefined;
  }

  // What is asked for, and what became of it.
  async doing(act) {
    this.hears.refused();
    try {
      await act();
    } catch (error) {
      setText(this.says, `Not done: ${error.message}`);
      this.hears.refused(error);
      return false;
    }
    if (this.open !== null) this.draw(this.open, this.set);
    return true;
  }

  give(stars) {
    const {open} = this;
    return this.doing(() => this.ratings.give(open, stars));
  }

  async judge(worst) {
    const {set} = this;
    if (this.isBusy) return;
    this.isBusy = true;  // A second click judges nothing else.
    if (await this.doing(() => this.ratings.judge(set, worst))) {
      this.count += 1;
      if (this.isJudging) await this.goOn();
    }
    this.isBusy = false;
  }

  // Shows sets to judge until somebody stops, or there is none any more.
  async begin() {
    this.isJudging = true;
    this.count = 0;
    await this.goOn();
  }

  async goOn() {
    let set = null;
    const isRead = await this.doing(async () => { set = await this.ratings.next(this.hears.candidates()); });
    if (!this.isJudging || !isRead) return;
    if (set === null) {
      this.stop();
      return this.hears.none(this.count);
    }
    this.hears.show(set);
  }

  stop() {
    this.isJudging = false;
    this.hears.stopped();
  }

  // Whether a key was one of its.
  key(key) {
    if (this.element.hidden || !this.ratings.mayRate || !/^[0-5]$/.test(key)) return false;
    if (!this.isJudging) this.give(Number(key));
    else if (this.set[Number(key) - 1] !== undefined) this.judge(this.set[Number(key) - 1]);
    return true;
  }
}
