// Several parts of a page, a tab for each.
import {make} from './dom.js';

// parts: [{title, make()}]. A part's element is made when it is first looked at,
// or when the page is printed: paper has no tabs. Of one part there is no tab.
export function tabsOf(parts) {
  if (parts.length === 1) return [parts[0].make()];
  const panels = parts.map((part) => make(
      'div', {role: 'tabpanel', 'aria-label': part.title}));
  const tabs = parts.map((part, i) => make('button', {
    type: 'button', role: 'tab', onclick: () => choose(i),
  }, part.title));
  const show = (i) => {
    if (!panels[i].hasChildNodes()) panels[i].append(parts[i].make());
  };
  const choose = (chosen) => {
    tabs.forEach((tab, i) => {
      tab.setAttribute('aria-selected', i === chosen);
      tab.setAttribute('tabindex', i === chosen ? '0' : '-1');
      // Not `hidden`: all parts are printed.
      panels[i].classList.toggle('other-tab', i !== chosen);
    });
    show(chosen);
  };
  choose(0);
  addEventListener('beforeprint', () => parts.forEach((_, i) => show(i)));
  const walk = (event) => {
    const step = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (!step) return;
    event.preventDefault();
    const next = (tabs.indexOf(event.target) + step + tabs.length) % tabs.length;
    choose(next);
    tabs[next].focus();
  };
  return [
    make('nav', {'aria-label': 'Jobs'}, make(
        'div', {class: 'tabs', role: 'tablist', onkeydown: walk}, tabs)),
    ...panels,
  ];
}
