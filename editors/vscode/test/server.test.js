// What needs no VS Code.
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const test = require('node:test');

const { findServer, testsOf } = require('../src/server');

function program(folder, name = 'parapet') {
  const file = path.join(folder, name);
  fs.writeFileSync(file, '#!/bin/sh\n');
  fs.chmodSync(file, 0o755);
  return file;
}

test('the server is the first on the path, or what the setting says', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'parapet-'));
  const empty = fs.mkdtempSync(path.join(os.tmpdir(), 'parapet-'));
  const file = program(folder);
  const find = (setting, environment, workspace) => findServer(setting, environment, 'linux', workspace);
  assert.deepStrictEqual(find('', { PATH: `${empty}:${folder}` }), { path: file });
  assert.match(find('', { PATH: empty }).problem, /no `parapet` on the PATH/);
  assert.deepStrictEqual(find(file, { PATH: '' }), { path: file });
  assert.deepStrictEqual(find('~/parapet', { HOME: folder }), { path: file });
  assert.deepStrictEqual(find('${env:WHERE}/parapet', { WHERE: folder }), { path: file });
  assert.deepStrictEqual(find('parapet', {}, folder), { path: file });
  assert.match(find(`${empty}/parapet`, { PATH: folder }).problem, /is no program/, 'the setting counts alone');
  fs.rmSync(folder, { recursive: true });
  fs.rmSync(empty, { recursive: true });
});

test('tests of a text have titles and lines', () => {
  const text = 'const A = 1\r\n\ntest "a \\"b\\"" {\n}\n  test "not an item" {\ntest "c"{\n';
  assert.deepStrictEqual(testsOf(text), [{ title: 'a "b"', line: 2 }, { title: 'c', line: 5 }]);
});
