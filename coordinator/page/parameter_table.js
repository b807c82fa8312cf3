// The table of a render's parameters, as the coordinator has it: asked for once.
import {ApiError, get} from '/page/api.js';

let asked = null;

// {parameters, presets}, as GET /api/v1/parameters answers.
export function parameterTable() {
  asked ??= get('/api/v1/parameters').catch((error) => {
    asked = null;
    throw error.code === 404 ? new ApiError(404, 'This coordinator has no table of parameters.') : error;
  });
  return asked;
}

// By the name of the field of a render: "style_weight".
export function byWireName({parameters}) {
  return new Map(parameters.map((parameter) => [parameter.wire_name, parameter]));
}
