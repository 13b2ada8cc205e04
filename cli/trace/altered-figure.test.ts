/** A court that does not believe a trace: its export adds up in another process from itself alone, and no altered figure does. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  applyAll,
  checkExport,
  exportOf,
  investigator,
  openState,
  ruleNames,
  ruleOf,
  type Exported,
} from '@kuramori/tracer';
import { readFolder } from '@kuramori/tracer/folder';
import { dataHash, sealOf } from '../../tracer/export.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const address = (digit: number) => `0x${String(digit).repeat(40)}`;
const [thief, ann, bob, pool, token, shop] = [1, 2, 3, 4, 5, 6].map(address);

let folder: string;
const file = (name: string) => join(folder, name);
const run = async (...args: readonly string[]) => {
  const child = spawn(process.execPath, [join(root, 'cli/main.ts'), 'trace', ...args]);
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code: code as number, out, err };
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kuramori-case-'));
  const line = (at: number, from: unknown, to: unknown, value: string, contract = '', tx = at) =>
    `0x${tx},${String(from)},${String(to)},${value},${1_600_000_000 + at},${100 + at},${contract === '' ? '' : 'TOK'},${contract},0,${contract === '' ? '5,21' : ','}`;
  writeFileSync(
    file('transfers.csv'),
    [
      'hash,from,to,value,timeStamp,blockNumber,tokenSymbol,contractAddress,isError,gasPrice,gasUsed',
      line(1, bob, ann, '1000'),
      line(2, thief, ann, '3001'),
      line(3, ann, pool, '2000'),
      line(3, pool, ann, '777', token),
      line(4, ann, bob, '501', token),
      line(5, ann, shop, '900'),
      line(6, bob, shop, '5000'),
    ].join('\n'),
  );
  writeFileSync(
    file('addresses.csv'),
    `address,name_tag,label\n${thief},ml_transit_0,heist\n${pool},Pool,dex\n${shop},Shop,exchange\n`,
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Every figure and every word of a document, by its path. */
function leaves(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, one]) => leaves(one, [...path, name]));
}

function altered(document: Exported, path: readonly string[]): Exported {
  const copy: unknown = structuredClone(document);
  let at = copy as Record<string, unknown>;
  for (const name of path.slice(0, -1)) at = at[name] as Record<string, unknown>;
  const last = path.at(-1) ?? '';
  const was = at[last];
  at[last] =
    typeof was === 'number'
      ? was + 1
      : typeof was === 'boolean'
        ? !was
        : typeof was === 'string' && /^[0-9]+$/.test(was)
          ? String(BigInt(was) + 1n)
          : `${String(was)}x`;
  return copy as Exported;
}

/** As somebody who alters it on purpose would: hashes and all. */
function resealed(document: Exported): Exported {
  const hashed = { ...document, data: dataHash(document) };
  return { ...hashed, seal: sealOf(hashed) };
}

describe.each(ruleNames)('%s', (rule) => {
  it('adds up, and not with any figure altered', () => {
    const document = exportOf(applyAll(openState(readFolder(folder).case, ruleOf(rule), investigator)));
    expect(checkExport(document)).toEqual([]);
    const all = leaves(document);
    expect(all.length).toBeGreaterThan(150);
    for (const path of all) expect(checkExport(altered(document, path)), path.join('.')).not.toEqual([]);
    const figures = all.filter(([first, , field]) =>
      first === 'sums'
        ? field !== 'asset'
        : /^(?:left|arrived|received|added|passed|held)$/.test(field ?? ''),
    );
    expect(figures.length).toBeGreaterThan(50);
    for (const path of figures)
      expect(checkExport(resealed(altered(document, path))), path.join('.')).not.toEqual([]);
  });
});

it('is exported by one process and checked by others, one of which names the figure that does not hold', async () => {
  const made = await run('export', folder, '--rule', 'fifo', '--out', file('fifo.json'));
  expect(made).toMatchObject({ code: 0, err: '' });
  const document = JSON.parse(readFileSync(file('fifo.json'), 'utf8')) as Exported;
  const at = document.places.findIndex(({ account, asset }) => account === shop && asset === 'ethereum:eth');
  const received = document.places[at]?.received ?? '';
  writeFileSync(file('more.json'), JSON.stringify(altered(document, ['places', String(at), 'received'])));
  const [same, more] = await Promise.all([run('check', file('fifo.json')), run('check', file('more.json'))]);
  expect(same).toEqual({
    code: 0,
    out: `holds: every figure of ${file('fifo.json')} adds up from its steps, and traced again is the same\n`,
    err: '',
  });
  expect(more.code).toBe(1);
  expect(more.err).toContain(
    `places.${at}.received: says ${BigInt(received) + 1n}, and adds up to ${received}`,
  );
});

it('figures that add up, of steps that the rule does not take, are found by tracing again', () => {
  const of = (rule: 'fifo' | 'lifo') =>
    exportOf(applyAll(openState(readFolder(folder).case, ruleOf(rule), investigator)));
  const [wrong] = checkExport(resealed({ ...of('lifo'), rule: 'fifo' }));
  expect(wrong).toMatch(/^movements\.[0-9]+\.left: says [0-9]+, and traced again is [0-9]+$/);
});
