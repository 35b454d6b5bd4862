// Which documents start the server, where no rules do.
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');

const { LANGUAGES, mayBeTemplate } = require('../src/templates');

test('templates, plans, states and configuration may be judged, and other documents are not', () => {
  assert.ok(mayBeTemplate('a.yaml', 'Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n'));
  assert.ok(mayBeTemplate('a.json', '{"terraform_version": "1.9.0", "planned_values": {}}'));
  assert.ok(mayBeTemplate('a.tfstate', '{"version": 4, "terraform_version": "1.9.0", "resources": []}'));
  assert.ok(mayBeTemplate('main.tf.json', '{}'));
  for (const other of ['', '{}', 'name: build\njobs:\n  Resources: 3\n', '"AWS::SQS::Queue"']) assert.ok(!mayBeTemplate('a.json', other), other);
});

test('their languages wake the extension', () => {
  const { activationEvents } = JSON.parse(fs.readFileSync(path.join(__dirname, '..', 'package.json'), 'utf8'));
  for (const language of LANGUAGES) assert.ok(activationEvents.includes(`onLanguage:${language}`), language);
});
