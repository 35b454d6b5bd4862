// The time from a key to its squiggle in the real VS Code, with many rules in the folder, beside a server that answers at once:
// `node keys.mjs [RULES [KEYS]]`.
import fs from 'node:fs';
import path from 'node:path';

import { keyTo, session } from './code.mjs';
import { here, parapet, workspace } from './common.mjs';

const rules = Number(process.argv[2] ?? 10_000);
const keys = Number(process.argv[3] ?? 40);
const pictures = path.join(here, 'out');
fs.mkdirSync(pictures, { recursive: true });

const folder = workspace();
for (let file = 0; file < rules / 10; file += 1) {
  const guardrails = Array.from({ length: 10 }, (_, at) => `/// Backups of database ${at}.
guardrail backups_${at}(db: AWS::RDS::DBInstance) {
    let days = db.BackupRetentionPeriod ?? ${at}
    require is_enough(days) and days < ${file + 1000}
        else "{db.name} keeps {days} days"
}
`);
  fs.writeFileSync(path.join(folder, `rules_${file}.parapet`), `use shared::is_enough\n\n${guardrails.join('\n')}`);
}

/** The times of one server, sorted. */
async function timed(binary) {
  const times = [];
  await session({ binary, folder, pictures }, async (page, { waitFor, goTo, open }) => {
    await open('main.parapet');
    await page.locator('.view-lines').first().click();
    await goTo(9, 42);
    await page.keyboard.press('End');
    await page.waitForTimeout(8_000);
    for (let tries = 0; tries < keys; tries += 1) {
      const known = await page.locator('.squiggly-error').count();
      times.push(await keyTo(page, '.squiggly-error', known, 'x'));
      await page.keyboard.press('Escape');
      await page.keyboard.press('Backspace');
      await waitFor('no squiggle', async () => (await page.locator('.squiggly-error').count()) === known);
    }
  });
  return times.sort((a, b) => a - b);
}

const at = (times, part) => times[Math.min(times.length - 1, Math.floor(times.length * part))];
try {
  const [toy, ours] = [await timed(path.join(here, 'toy.mjs')), await timed(parapet())];
  console.log(`| ${rules} rules, ${keys} keys | median | 95 % |\n| --- | --- | --- |`);
  for (const [name, times] of [['a server that answers at once', toy], ['Parapet', ours]]) {
    console.log(`| ${name} | ${at(times, 0.5)} ms | ${at(times, 0.95)} ms |`);
  }
  console.log(`| more | ${at(ours, 0.5) - at(toy, 0.5)} ms | ${at(ours, 0.95) - at(toy, 0.95)} ms |`);
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
