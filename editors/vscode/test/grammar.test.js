// The grammar as an editor reads it.
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');

const oniguruma = require('vscode-oniguruma');
const textmate = require('vscode-textmate');

const root = path.join(__dirname, '..');

async function grammar() {
  const wasm = fs.readFileSync(require.resolve('vscode-oniguruma/release/onig.wasm'));
  await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength));
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async (scope) => {
      const file = path.join(root, 'syntaxes/parapet.tmLanguage.json');
      return scope === 'source.parapet' ? textmate.parseRawGrammar(fs.readFileSync(file, 'utf8'), file) : null;
    },
  });
  return registry.loadGrammar('source.parapet');
}

test('words have the scopes that themes colour', async () => {
  const read = await grammar();
  let stack = textmate.INITIAL;
  const scopeOf = (line, word) => {
    const { tokens, ruleStack } = read.tokenizeLine(line, stack);
    stack = ruleStack;
    const at = line.indexOf(word);
    return tokens.find((token) => token.startIndex <= at && at < token.endIndex).scopes.at(-1);
  };
  const cases = [
    ['/// Docs.', 'Docs', 'comment.line.documentation.parapet'],
    ['@severity(high) // why', 'severity', 'entity.name.function.decorator.parapet'],
    ['guardrail zones(db: AWS::RDS::DBInstance) {', 'zones', 'entity.name.function.parapet'],
    ['guardrail zones(db: AWS::RDS::DBInstance) {', 'AWS::RDS::DBInstance', 'entity.name.type.parapet'],
    ['    require db.MultiAZ ?? false // why', 'require', 'keyword.control.parapet'],
    ['    require db.MultiAZ ?? false // why', 'MultiAZ', 'variable.other.property.parapet'],
    ['    require db.MultiAZ ?? false // why', 'false', 'constant.language.parapet'],
    ['    require db.MultiAZ ?? false // why', 'why', 'comment.line.double-slash.parapet'],
    ['        else "{db.name} has // one"', 'name', 'variable.other.property.parapet'],
    ['        else "{db.name} has // one"', 'one', 'string.quoted.double.parapet'],
    ['    require 10.0.0.0/8 in MOST', '10.0.0.0/8', 'constant.numeric.address.parapet'],
    ['    require 10.0.0.0/8 in MOST', 'MOST', 'variable.other.constant.parapet'],
    ['use aws::network::{opens}', 'network', 'entity.name.namespace.parapet'],
    ['const LEAST = 90d', '90d', 'constant.numeric.parapet'],
    ['    require q.name.starts_with("a")', 'starts_with', 'entity.name.function.member.parapet'],
  ];
  for (const [line, word, scope] of cases) assert.strictEqual(scopeOf(line, word), scope, `${word} in ${line}`);
});

test('an open string ends with its line', async () => {
  const read = await grammar();
  const first = read.tokenizeLine('const A = "open {hole', textmate.INITIAL);
  const next = read.tokenizeLine('const B = 1', first.ruleStack);
  assert.ok(next.tokens[0].scopes.includes('keyword.declaration.parapet'), JSON.stringify(next.tokens[0]));
});
