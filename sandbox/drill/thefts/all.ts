/** `kuramori drill all | NAME [--ablate]`: every theft against a whole house, and again without each of its defences. */
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { jsonText } from '@kuramori/program';
import { hasLitecoind } from '../../litecoin/nodes.ts';
import { takeLock } from '../../lock.ts';
import type { Defence } from './defences.ts';
import type { Drill } from './drill.ts';
import { drills } from './index.ts';
import type { Result } from './result.ts';
import { runDrill } from './run.ts';

export interface TheftOptions {
  /** `all`, or a drill's name or number. */
  readonly name: string;
  readonly ablate: boolean;
  /** Where the houses are built, and where what is done already is kept. */
  readonly folder: string;
  readonly say: (line: string) => void;
}

export function theftNames(): readonly string[] {
  return [...new Set(drills.flatMap(({ id, name }) => [id, name]))];
}

/**
 * Runs them one after the other. What is done is kept until all are: a run that was cut off goes on where it was, and the
 * next one after a whole run begins anew.
 */
export async function drillThefts({ name, ablate, folder, say }: TheftOptions): Promise<readonly Result[]> {
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  const release = takeLock(folder, 'wait until it is done, or stop it first');
  const kept = join(folder, 'done.jsonl');
  const began = Date.now();
  try {
    const done = readDone(kept);
    const named = drills.filter((one) => name === 'all' || one.name === name || one.id === name);
    const possible = named.filter(({ chain }) => chain !== 'litecoin' || hasLitecoind());
    for (const left of named.filter((one) => !possible.includes(one)))
      say(
        `${left.id} ${left.name} is left out: this machine has no litecoind (Debian’s package litecoin-node)`,
      );
    const runs = possible.flatMap((drill) =>
      [null, ...(ablate ? drill.defences : [])].map((without) => ({ drill, without })),
    );
    const results: Result[] = [];
    for (const [index, { drill, without }] of runs.entries()) {
      const key = keyOf(drill, without);
      const place = `${index + 1}/${runs.length} ${key}`;
      const step = (text: string) =>
        say(`${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s  ${place}: ${text}`);
      const known = done.get(key);
      if (known) step('done before: taken from there');
      const result = known ?? (await runDrill(drill, without, join(folder, 'house'), step));
      if (!known) {
        step(`${result.verdict}, after ${result.seconds} s`);
        appendFileSync(kept, `${jsonText({ key, result })}\n`);
      }
      results.push(result);
    }
    rmSync(kept, { force: true });
    return results;
  } finally {
    release();
  }
}

const keyOf = ({ id, name }: Drill, without: Defence | null) =>
  `${id} ${name}${without === null ? '' : ` without ${without}`}`;

function readDone(file: string): Map<string, Result> {
  if (!existsSync(file)) return new Map();
  // Our own file, between two runs of this command; a line that was torn is run again.
  const lines = readFileSync(file, 'utf8').split('\n');
  return new Map(
    lines.flatMap((line) => {
      try {
        const { key, result } = JSON.parse(line) as { key: string; result: Result };
        return [[key, result] as const];
      } catch {
        return [];
      }
    }),
  );
}
