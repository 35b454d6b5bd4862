// What the tests of all editors share: the binary, a fresh workspace, and how results are told.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const here = path.dirname(fileURLToPath(import.meta.url));
export const root = path.join(here, '../..');

/** The built binary: `PARAPET`, else the newest of cargo's. */
export function parapet() {
  const target = process.env.CARGO_TARGET_DIR ?? path.join(root, 'target');
  const built = ['release', 'debug'].map((profile) => path.join(target, profile, 'parapet')).filter(fs.existsSync);
  const newest = built.sort((a, b) => fs.statSync(b).mtimeMs - fs.statSync(a).mtimeMs)[0];
  const binary = process.env.PARAPET ?? newest;
  if (!binary) throw new Error('there is no binary: run `cargo build`, or set PARAPET');
  return path.resolve(binary);
}

export const SHARED = `/// Whether a number of days is enough.
pub fn is_enough(days: Int) -> Bool = days >= 7
`;

export const MAIN = `use shared::is_enough

/// Databases keep backups.
///
/// # Fix
/// Set \`BackupRetentionPeriod\`.
@severity(high)
guardrail backups(db: AWS::RDS::DBInstance) {
    let days = db.BackupRetentionPeriod ?? 0
    require is_enough(days)
        else "{db.name} keeps {days} days"
}

test "short and long" {
    given short = AWS::RDS::DBInstance { BackupRetentionPeriod: 3 }
    given long = AWS::RDS::DBInstance { BackupRetentionPeriod: 30 }
    expect backups fails on short with "short keeps 3 days"
    expect backups passes on long
}
`;

/** Three databases; the first keeps its backups too shortly. */
const INVENTORY = [3, 10, 30]
  .map((days) => ({ type: 'AWS::RDS::DBInstance', id: `db-${days}`, account: '1', region: 'eu-west-1', properties: { BackupRetentionPeriod: days } }))
  .map((record) => `${JSON.stringify(record)}\n`)
  .join('');

/** A database that keeps its backups too shortly, which line 5 says. */
const TEMPLATE = `Resources:
  Short:
    Type: AWS::RDS::DBInstance
    Properties:
      BackupRetentionPeriod: 3
      MultiAZ: true
`;

/** A folder with these rules, an inventory and a template, which nobody else has. */
export function workspace() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'parapet-editor-'));
  fs.writeFileSync(path.join(folder, 'shared.parapet'), SHARED);
  fs.writeFileSync(path.join(folder, 'main.parapet'), MAIN);
  fs.writeFileSync(path.join(folder, 'inventory.ndjson'), INVENTORY);
  fs.writeFileSync(path.join(folder, 'template.yaml'), TEMPLATE);
  return folder;
}
