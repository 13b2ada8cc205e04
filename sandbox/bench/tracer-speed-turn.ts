/**
 * One turn: transfers loaded by one of two ways, and traced under each rule. A program of its own for `tracer-speed.ts`, so
 * that neither has the other's heap. Times are of the thread's own processor: others on the machine, and the engine's own
 * helpers that collect garbage, count for nothing.
 */
import { createHash } from 'node:crypto';
import { openLoader, ruleNames, traceColumns, type Streamed } from '@kuramori/tracer';
import { z } from 'zod';
import { tracePlain } from './plain-tracer.ts';
import { serviceNames, syntheticTransfers, thief } from './synthetic-transfers.ts';

const chunk = 50_000;
const [sources, services] = [new Set([thief]), new Set(serviceNames)];

export type Turn = z.input<typeof Turn>;
export const Turn = z.strictObject({
  way: z.enum(['columns', 'map']),
  transfers: z.int().positive(),
  seed: z.int().nonnegative(),
});
export const Turned = z.strictObject({
  loadMs: z.number(),
  /** Of each rule. `bytes`: of all that is in memory after it, the transfers with it. `digest`: of every figure found. */
  rules: z.array(
    z.strictObject({
      rule: z.enum(ruleNames),
      ms: z.number(),
      bytes: z.number(),
      tainted: z.int(),
      digest: z.string(),
    }),
  ),
});

/** A way's own memory of transfers, and its trace: taint by row, and what an account holds. */
interface Way {
  readonly load: (some: readonly Streamed[]) => void;
  readonly loaded: () => void;
  readonly trace: (rule: (typeof ruleNames)[number]) => Found;
}
interface Found {
  readonly rows: number;
  /** The trace with its lots, so that none of it is gone before the memory is read. */
  readonly kept: object;
  readonly carried: (row: number) => number;
  readonly accounts: () => Iterable<readonly [name: string, units: number, taint: number]>;
}

const ways: Readonly<Record<z.infer<typeof Turn>['way'], (expected: number) => Way>> = {
  columns: (expected) => {
    const loader = openLoader(sources, services, expected);
    let loaded: ReturnType<typeof loader.done> | null = null;
    return {
      load: (some) => some.forEach(loader.add),
      loaded: () => void (loaded = loader.done()),
      trace: (rule) => {
        if (!loaded) throw new Error('tracer-speed: traced before it was loaded');
        const { accounts, slotAccount, rows, slots } = loaded;
        const traced = traceColumns(loaded, rule);
        const { carried, holdings } = traced;
        return {
          rows,
          kept: traced,
          carried: (row) => carried[row] ?? 0,
          accounts: function* () {
            for (let slot = 0; slot < slots; slot += 1)
              yield [
                accounts[slotAccount[slot] ?? 0] ?? '',
                holdings[slot * 2] ?? 0,
                holdings[slot * 2 + 1] ?? 0,
              ] as const;
          },
        };
      },
    };
  },
  map: () => {
    const all: Streamed[] = [];
    return {
      load: (some) => void all.push(...some),
      loaded: () => undefined,
      trace: (rule) => {
        const traced = tracePlain(all, rule, sources, services);
        const { carried, holdings } = traced;
        return {
          rows: all.length,
          kept: traced,
          carried: (row) => Number(carried[row]),
          accounts: function* () {
            for (const [name, { units, taint }] of holdings)
              yield [name, Number(units), Number(taint)] as const;
          },
        };
      },
    };
  },
};

function digestOf({ rows, carried, accounts }: Found): { readonly tainted: number; readonly digest: string } {
  const hash = createHash('sha256');
  const page = new Float64Array(65_536);
  let tainted = 0;
  for (let row = 0; row < rows; row += 1) {
    const taint = carried(row);
    if (taint > 0) tainted += 1;
    page[row % page.length] = taint;
    if (row % page.length === page.length - 1 || row === rows - 1) hash.update(page);
  }
  const lines: string[] = [];
  for (const [name, units, taint] of accounts()) if (units > 0) lines.push(`${name} ${units} ${taint}`);
  for (const line of lines.sort()) hash.update(line);
  return { tainted, digest: hash.digest('hex') };
}

const cpuMs = () => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

function bytesNow(): number {
  if (!gc) throw new Error('tracer-speed: run it with --expose-gc');
  gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function turn({ way: name, transfers, seed }: z.output<typeof Turn>): z.output<typeof Turned> {
  const say = (line: string) => void process.stderr.write(`${name}: ${line}\n`);
  const begin = ways[name];
  // Compiled before it is measured.
  const warm = begin(0);
  for (const some of syntheticTransfers(Math.min(transfers, 200_000), seed + 1, chunk)) warm.load(some);
  warm.loaded();
  for (const rule of ruleNames) warm.trace(rule);

  const before = bytesNow();
  const way = begin(transfers);
  let [loadMs, rows, told] = [0, 0, Date.now()];
  for (const some of syntheticTransfers(transfers, seed, chunk)) {
    const began = cpuMs();
    way.load(some);
    loadMs += cpuMs() - began;
    rows += some.length;
    if (Date.now() - told > 5_000) {
      told = Date.now();
      say(`${rows.toLocaleString('en')} of ${transfers.toLocaleString('en')} transfers loaded`);
    }
  }
  const began = cpuMs();
  way.loaded();
  loadMs += cpuMs() - began;
  const rules = ruleNames.map((rule) => {
    const start = cpuMs();
    const found = way.trace(rule);
    const ms = cpuMs() - start;
    const bytes = bytesNow() - before;
    say(`${rule}: ${Math.round(ms).toLocaleString('en')} ms`);
    return { rule, ms, bytes, ...digestOf(found) };
  });
  return { loadMs, rules };
}

if (import.meta.main)
  process.stdout.write(JSON.stringify(turn(Turn.parse(JSON.parse(process.argv[2] ?? '')))));
