// Bundles the extension, and writes down whose code is in the bundle and under which licence.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const esbuild = require('esbuild');

const root = path.join(__dirname, '..');

/** The folder of the package that a file belongs to. */
function packageOf(file) {
  const parts = file.split('node_modules/');
  if (parts.length < 2) return undefined;
  const name = parts.at(-1).split('/').slice(0, parts.at(-1).startsWith('@') ? 2 : 1).join('/');
  return [...parts.slice(0, -1), name].join('node_modules/');
}

function notice(folder) {
  const known = JSON.parse(fs.readFileSync(path.join(root, folder, 'package.json'), 'utf8'));
  const file = fs.readdirSync(path.join(root, folder)).find((name) => /^licen[cs]e/i.test(name));
  if (!file) throw new Error(`${known.name} says no licence`);
  const text = fs.readFileSync(path.join(root, folder, file), 'utf8').trim();
  return `${known.name} ${known.version} (${known.license})\n\n${text}\n`;
}

const { metafile } = esbuild.buildSync({
  absWorkingDir: root,
  entryPoints: ['src/extension.js'],
  outfile: 'dist/extension.js',
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  external: ['vscode'],
  minify: true,
  metafile: true,
});
const folders = [...new Set(Object.keys(metafile.inputs).map(packageOf).filter(Boolean))].sort();
fs.writeFileSync(path.join(root, 'dist/NOTICES.txt'), folders.map(notice).join('\n----\n\n'));
fs.copyFileSync(path.join(root, '../../LICENSE'), path.join(root, 'LICENSE'));
