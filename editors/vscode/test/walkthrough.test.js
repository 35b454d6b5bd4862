// What *Begin with Parapet* names is there.
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');

const root = path.join(__dirname, '..');
const { contributes } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));

test('each step has its page, which is packaged', () => {
  const packaged = fs.readFileSync(path.join(root, '.vscodeignore'), 'utf8').split('\n');
  assert.ok(packaged.includes('!walkthrough/*.md'));
  for (const { steps } of contributes.walkthroughs) {
    for (const step of steps) assert.match(fs.readFileSync(path.join(root, step.media.markdown), 'utf8'), /^# /, step.id);
  }
});

test('each step names commands and settings that there are', () => {
  const commands = contributes.commands.map(({ command }) => command);
  const settings = Object.keys(contributes.configuration.properties);
  const text = JSON.stringify(contributes.walkthroughs);
  const named = (pattern) => [...text.matchAll(pattern)].map(([, name]) => name);
  for (const command of named(/command:(parapet\.\w+)/g)) assert.ok(commands.includes(command), command);
  for (const command of named(/onCommand:(parapet\.\w+)/g)) assert.ok(commands.includes(command), command);
  for (const setting of named(/onSettingChanged:(parapet[.\w]+)/g)) assert.ok(settings.includes(setting), setting);
});
