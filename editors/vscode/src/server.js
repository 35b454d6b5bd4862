// Where the server is. Nothing here knows VS Code, so that it is tested without.
'use strict';

const fs = require('node:fs');
const path = require('node:path');

/** The names that the binary may have. */
function names(platform) {
  return platform === 'win32' ? ['parapet.exe'] : ['parapet'];
}

/** Whether a file is there and may be run. */
function isProgram(file) {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

/** A path of the settings: `~` and `${env:NAME}` are written out; relative ones stand below the folder. */
function written(setting, environment, folder) {
  const home = environment.HOME || environment.USERPROFILE || '';
  const text = setting.trim().replace(/^~(?=$|[\\/])/, home).replace(/\$\{env:(\w+)\}/g, (_, name) => environment[name] || '');
  return path.isAbsolute(text) || !folder ? text : path.join(folder, text);
}

/**
 * Finds the server: what the setting says, else the first on the `PATH`.
 * Gives `{ path }`, or `{ problem }` in words for people.
 */
function findServer(setting, environment, platform, folder) {
  if (setting && setting.trim()) {
    const file = written(setting, environment, folder);
    return isProgram(file) ? { path: file } : { problem: `\`parapet.server.path\` says ${file}, which is no program` };
  }
  const folders = (environment.PATH || environment.Path || '').split(platform === 'win32' ? ';' : ':').filter(Boolean);
  for (const known of folders) {
    for (const name of names(platform)) {
      const file = path.join(known, name);
      if (isProgram(file)) return { path: file };
    }
  }
  return { problem: 'there is no `parapet` on the PATH' };
}

/** The tests of a text: titles, and lines from 0. */
function testsOf(text) {
  const found = [];
  text.split(/\r\n|\n|\r/).forEach((line, number) => {
    const title = /^test\s+"((?:[^"\\]|\\.)*)"/.exec(line);
    if (title) found.push({ title: unescaped(title[1]), line: number });
  });
  return found;
}

function unescaped(text) {
  return text.replace(/\\(u\{([0-9A-Fa-f]+)\}|.)/g, (_, escape, code) => {
    if (code) return String.fromCodePoint(Math.min(parseInt(code, 16), 0x10ffff));
    return { n: '\n', t: '\t', r: '\r' }[escape] || escape;
  });
}

module.exports = { findServer, testsOf, written };
