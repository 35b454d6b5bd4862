// What the settings say of inventories.
'use strict';

const assert = require('node:assert');
const path = require('node:path');
const test = require('node:test');

const { inventoriesOf, withPicked } = require('../src/inventories');

test('paths of the setting are written out, and what is none is left out', () => {
  const of = (setting) => inventoriesOf(setting, { HOME: '/home/me', WHERE: '/data' }, path.resolve('/w'));
  assert.deepStrictEqual(of(['in', '~/all.ndjson', '${env:WHERE}/x', '/abs']), [path.resolve('/w/in'), '/home/me/all.ndjson', '/data/x', '/abs']);
  assert.deepStrictEqual(of(['', '  ', 3, null]), []);
  assert.deepStrictEqual(of('in'), []);
  assert.deepStrictEqual(of(undefined), []);
});

test('what is picked is bound relative to the folder, and once', () => {
  const folder = path.resolve('/w');
  const pick = (bound, ...files) => withPicked(bound, files.map((file) => path.resolve(file)), folder);
  assert.deepStrictEqual(pick([], '/w/in/all.ndjson', '/w/in'), ['in/all.ndjson', 'in']);
  assert.deepStrictEqual(pick(['in'], '/w/in', '/w'), ['in', '.']);
  assert.deepStrictEqual(pick([], '/other/in', '/ww/in'), [path.resolve('/other/in'), path.resolve('/ww/in')]);
  assert.deepStrictEqual(pick([], '/w/..odd'), ['..odd'], 'a name that begins with dots is no folder above');
  assert.deepStrictEqual(withPicked('wrong', ['/x'], undefined), ['/x']);
});
