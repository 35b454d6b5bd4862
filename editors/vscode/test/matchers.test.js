// What the commands print, as the problem matchers read it.
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');

const { contributes } = JSON.parse(fs.readFileSync(path.join(__dirname, '..', 'package.json'), 'utf8'));

/** The problems that a matcher finds in what was printed. */
function problems(name, printed) {
  const { pattern } = contributes.problemMatchers.find((matcher) => matcher.name === name);
  const lines = printed.split('\n');
  return lines.flatMap((_, at) => {
    const matches = pattern.map(({ regexp }, step) => new RegExp(regexp).exec(lines[at + step] ?? ''));
    if (!matches.every(Boolean)) return [];
    const found = {};
    pattern.forEach((step, number) => {
      for (const part of ['file', 'line', 'column', 'message']) if (part in step) found[part] = matches[number][step[part]];
    });
    return [found];
  });
}

test('a diagnostic of `lint`', () => {
  const printed = 'error[E0102]: `x` may be absent\n  --> rules/a.parapet:3:9\n   |\n';
  assert.deepStrictEqual(problems('parapet', printed), [{ file: 'rules/a.parapet', line: '3', column: '9', message: '`x` may be absent' }]);
});

test('a failed test of `test`', () => {
  const printed = 'test zones "one (a)" ... FAILED\n\nzones "one (a)" (rules/zones.parapet:15)\n    `zones::zones` passes\n      db has one zone\n\n1 passed, 1 failed\n';
  assert.deepStrictEqual(problems('parapet-test', printed), [{ file: 'rules/zones.parapet', line: '15', message: '`zones::zones` passes' }]);
});

test('a file of `fmt --check`', () => {
  const printed = 'rules/y.parapet is not formatted\n     5 -const A=1\n       +const A = 1\n';
  assert.deepStrictEqual(problems('parapet-fmt', printed), [{ file: 'rules/y.parapet', message: 'is not formatted' }]);
});
