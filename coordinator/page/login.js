// Logging in with a token.
import {ApiError, post} from '/page/api.js';
import {element} from '/page/dom.js';

// `onLogin` is called once there is a session. `why`: what ended the last.
export function showLogin(page, root, why, onLogin) {
  page.title('Log in');
  const error = element('p', {class: 'error', role: 'alert'}, why ?? '');
  const token = element('input', {
    type: 'password', id: 'token', name: 'token', autocomplete: 'current-password', required: true, spellcheck: 'false',
  });
  const button = element('button', {type: 'submit'}, 'Log in');
  root.append(element('form', {
    class: 'login',
    submit: async (event) => {
      event.preventDefault();
      button.disabled = true;
      try {
        await post('/api/v1/session', undefined, {Authorization: `Bearer ${token.value.trim()}`});
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
  element('h1', {}, 'Log in'),
  element('label', {for: 'token'}, 'Token'), token, button, error,
  element('p', {class: 'hint'}, 'The coordinator’s own user has one in ',
      element('code', {}, '~/.config/atelier/token'), '; an admin makes others with ',
      element('code', {}, 'atelier token create'), '.')));
  token.focus();
}
