// Where Node finds what the coordinator's pages import by their addresses:
//
//   node --import ./tests/browser/page_modules.mjs --test coordinator/page
import {register} from 'node:module';

const root = new URL('../../', import.meta.url).href;
const hook = `export function resolve(name, context, next) {
  const [, viewer, file] = /^\\/page\\/(viewer\\/)?([\\w.]+)$/.exec(name) ?? [];
  if (!file) return next(name, context);
  return next('${root}' + (viewer ? 'common/viewer/' : 'coordinator/page/') + file, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);
