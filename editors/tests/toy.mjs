#!/usr/bin/env node
// A language server that answers at once: what is left of the time from a key to its squiggle is the editor's own. It knows one
// error, a letter right behind a digit, and looks at nothing else.
let rest = Buffer.alloc(0);
const texts = new Map();

function send(message) {
  const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
  process.stdout.write(`Content-Length: ${body.length}\r\n\r\n`);
  process.stdout.write(body);
}

/** The errors of a text. */
function faults(text) {
  return text.split('\n').flatMap((line, at) =>
    [...line.matchAll(/\d[a-z]/g)].map(({ index }) => ({
      range: { start: { line: at, character: index }, end: { line: at, character: index + 2 } },
      severity: 1,
      message: 'a letter behind a digit',
    })),
  );
}

/** A text after a change. Of whole texts the editor waits before it sends the next. */
function changed(text, { range, text: put }) {
  if (!range) return put;
  const lines = text.split('\n');
  const offset = ({ line, character }) => lines.slice(0, line).reduce((sum, one) => sum + one.length + 1, 0) + character;
  return text.slice(0, offset(range.start)) + put + text.slice(offset(range.end));
}

function publish(uri, text) {
  texts.set(uri, text);
  send({ method: 'textDocument/publishDiagnostics', params: { uri, diagnostics: faults(text) } });
}

function answer({ id, method, params }) {
  if (method === 'initialize') return send({ id, result: { capabilities: { textDocumentSync: 2 }, serverInfo: { name: 'toy', version: '0' } } });
  if (method === 'textDocument/didOpen') return publish(params.textDocument.uri, params.textDocument.text);
  if (method === 'textDocument/didChange') {
    const { uri } = params.textDocument;
    return publish(uri, params.contentChanges.reduce(changed, texts.get(uri) ?? ''));
  }
  if (method === 'exit') process.exit(0);
  if (id !== undefined) send({ id, result: null });
}

process.stdin.on('data', (chunk) => {
  rest = Buffer.concat([rest, chunk]);
  for (;;) {
    const head = rest.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = Number(/Content-Length: (\d+)/i.exec(rest.subarray(0, head).toString())[1]);
    if (rest.length < head + 4 + length) return;
    const body = rest.subarray(head + 4, head + 4 + length).toString();
    rest = rest.subarray(head + 4 + length);
    answer(JSON.parse(body));
  }
});
