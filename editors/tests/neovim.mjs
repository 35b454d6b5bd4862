// Neovim against the built server: `node neovim.mjs`. Needs `nvim` 0.7 or later.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

import { here, parapet, workspace } from './common.mjs';

const folder = workspace();
const given = ['--headless', '--clean', '-n', 'main.parapet', '-c', `luafile ${path.join(here, 'neovim.lua')}`];
const run = spawnSync('nvim', given, { cwd: folder, env: { ...process.env, SERVER: parapet() }, stdio: 'inherit', timeout: 120_000 });
fs.rmSync(folder, { recursive: true });
if (run.error) console.log(`FAIL ${run.error.message}`);
process.exit(run.status ?? 1);
