// The inventories that the settings name. Nothing here knows VS Code, so that it is tested without.
'use strict';

const path = require('node:path');
const { written } = require('./server');

/** The inventories of a setting for the server, with `~` and `${env:NAME}` written out; what is no path is left out. */
function inventoriesOf(setting, environment, folder) {
  const named = (Array.isArray(setting) ? setting : []).filter((name) => typeof name === 'string' && name.trim());
  return named.map((name) => written(name, environment, folder));
}

/** What is bound, with what a person picks: relative to the folder what is in it, and nothing twice. */
function withPicked(setting, picked, folder) {
  const bound = Array.isArray(setting) ? setting : [];
  return [...new Set([...bound, ...picked.map((file) => named(file, folder))])];
}

function named(file, folder) {
  if (!folder) return file;
  const relative = path.relative(folder, file);
  const isOutside = path.isAbsolute(relative) || relative.split(path.sep)[0] === '..';
  return isOutside ? file : relative.split(path.sep).join('/') || '.';
}

module.exports = { inventoriesOf, withPicked };
