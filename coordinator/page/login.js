// Logging in with a token.
import {ApiError, post} from '/page/api.js';
import {make} from '/page/viewer/dom.js';

// `onLogin` is called once there is a session. `why`: what ended the last.
export function showLogin(page, root, why, onLogin) {
  page.title('Log in');
  const error = make('p', {class: 'error', role: 'alert'}, why ?? '');
  const token = make('input', {
    type: 'password', id: 'token', name: 'token', autocomplete: 'current-password', required: true, spellcheck: 'false',
  });
  const button = make('button', {type: 'submit', class: 'primary'}, 'Log in');
  root.append(make('form', {
    class: 'login',
    onsubmit: async (event) => {
      event.preventDefault();
      const given = token.value.trim();
      if (!/^[\x21-\x7e]+$/.test(given)) {
        error.textContent = 'A token has letters, digits and _ only; was more copied than the token?';
        return token.select();
      }
      button.disabled = true;
      try {
        await post('/api/v1/session', undefined, {Authorization: `Bearer ${given}`});
        onLogin();
      } catch (problem) {
        if (!(problem instanceof ApiError)) throw problem;
        error.textContent = problem.message;
        token.select();
      } finally {
        button.disabled = false;
      }
    },
  },
  make('h1', {}, 'Log in'),
  make('label', {for: 'token'}, 'Token'), token, button, error,
  make('p', {class: 'hint'}, 'The coordinator’s own user has one in ',
      make('code', {}, '~/.config/atelier/token'), '; an admin makes others with ',
      make('code', {}, 'atelier token create'), '. ', make('code', {}, 'atelier login-link'), ' prints a link that logs in once.')));
  token.focus();
}
